"""A PostgreSQL server: connections that come back, time limits, advisory locks."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, QueuePool, create_engine, func, select
from sqlalchemy.exc import DBAPIError

from scheduler.errors import StoreError
from scheduler.store.failures import Failure
from scheduler.store.locks import key

try:
    import psycopg
    from psycopg import conninfo
except ImportError as missing:
    raise StoreError(
        "A PostgreSQL database needs the driver psycopg; install it with `pip install 'slotwright[postgres]'`."
    ) from missing

OLDEST = 15
SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
LOCK_SECONDS = 30
"""How long a statement waits for what another transaction has locked."""
STATEMENT_SECONDS = 60
"""How long a statement may take, and how long a transaction may sit idle before the server gives its locks away."""

_DEFAULTS = {
    "application_name": "slotwright",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_LIMITS = (
    f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={STATEMENT_SECONDS}s"
    f" -c idle_in_transaction_session_timeout={STATEMENT_SECONDS}s"
)
_MIGRATING = "migration"
_UNREACHABLE = (
    "check that the server runs and has a connection to spare, and the host, the database's name, the user and the"
    " password"
)
_BUSY = "another process has been changing it for too long, try again once it ends"
_EXTENSION = "btree_gist"
_NO_EXTENSION = (
    "have an administrator install the server's contrib modules and run"
    f" CREATE EXTENSION {_EXTENSION} in this database"
)
_GRANT = "grant the role CREATE on the database and its schema, and every right on our tables"
_REMEDIES = {
    "25006": "connect to the primary server, as a role that may write",
    "3F000": _GRANT,
    "42501": _GRANT,
    "53100": "free some space on the server's disk",
    "53300": "let some connections end, or raise max_connections",
    "55P03": _BUSY,
    "57014": _BUSY,
}
# Deadlock and serialization (class 40), a claim that only the constraint saw (23P01: looking again names its holder),
# too many connections, a server that stops, starts or takes over (57P0x), a broken connection (class 08).
_PASSING = re.compile(r"40...|23P01|53300|57P0[123]|08...")
# The server said that it did not commit; whatever else is said at that moment may come after the fact.
_UNDONE = re.compile(r"40...|23...|25...|53...|55...|57014")


class PostgresServer:
    """A database of a server, by its URL in libpq's form.

    Raises:
        StoreError: the URL cannot be read.
    """

    def __init__(self, url: str) -> None:
        scheme, found, rest = url.partition("://")
        try:
            given = conninfo.conninfo_to_dict(f"postgresql://{rest}")
        except psycopg.ProgrammingError:
            given = None
        if given is None or f"{scheme}{found}" not in SCHEMES:
            # The driver's own words would repeat the URL, password and all.
            raise StoreError(
                "The database URL cannot be read; write it as postgresql://user:password@host:port/name, with"
                " special characters of the password as %XX."
            ) from None
        options = f"{_LIMITS} {given.pop('options', '')}".strip()
        self._conninfo = conninfo.make_conninfo("", **{**_DEFAULTS, **given, "options": options})
        name, host = given.get("dbname"), given.get("host")
        self._name = " ".join(
            ["PostgreSQL database", *([f'"{name}"'] if name else []), *([f"on {host}"] if host else [])]
        )
        self._engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            isolation_level="READ COMMITTED",  # each look after a lock must see what was committed meanwhile
            poolclass=QueuePool,
            pool_pre_ping=True,
            hide_parameters=True,
        )
        # Rights live in a session of their own, so that they never wait for a transaction's connection nor it for them.
        # All of a process share it: were it one for each, many that have a right could leave none to work with.
        self._sessions = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            isolation_level="AUTOCOMMIT",
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
        )
        self._rights = threading.Lock()
        self._held: set[int] = set()
        self._session: Connection | None = None

    @property
    def name(self) -> str:
        """How sentences call it."""
        return self._name

    @property
    def engine(self) -> Engine:
        """Connections to the server."""
        return self._engine

    def reading(self, connection: Connection) -> Connection:
        """Without a transaction, which would take two round trips and see no more of one moment."""
        return connection.execution_options(isolation_level="AUTOCOMMIT", reads=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """`prepare` locks inside the migration's own transaction."""
        yield

    def prepare(self, connection: Connection) -> None:
        """Wait for other migrations, and see that the server is new enough and keeps every character."""
        connection.execute(select(func.pg_advisory_xact_lock(key(_MIGRATING))))
        version, encoding = connection.execute(
            select(
                func.current_setting("server_version_num"),
                func.current_setting("server_encoding"),
            )
        ).one()
        if int(version) < OLDEST * 10_000:
            raise StoreError(
                f"The {self._name} is on a server of version {int(version) // 10_000};"
                f" use PostgreSQL {OLDEST} or newer."
            )
        if encoding != "UTF8":
            raise StoreError(
                f"The {self._name} stores text as {encoding}; create it again with ENCODING 'UTF8'."
            )

    @contextmanager
    def right(self, booking_id: str) -> Iterator[bool]:
        """An advisory lock: the server drops it with the session, and the session ends with the process."""
        number = key(f"booking {booking_id}")
        with self._rights:
            # A session that has a lock gets it again, so that threads of one process are kept apart here.
            mine = number not in self._held and self._take(number)
        try:
            yield mine
        finally:
            if mine:
                self._give_back(number)

    def judge(self, error: DBAPIError) -> Failure:
        """By SQLSTATE (PostgreSQL manual, appendix A); an error without one is a connection that never was or broke."""
        state = getattr(error.orig, "sqlstate", None)
        said = error.orig.diag.message_primary if isinstance(error.orig, psycopg.Error) else None
        text = said or " ".join(str(error.orig).split())
        lost = error.connection_invalidated or state is None
        remedy = _REMEDIES.get(state or "", _UNREACHABLE if lost else "look into the server's log")
        return Failure(
            text=text,
            remedy=_NO_EXTENSION if _EXTENSION in text else remedy,
            passing=(lost and isinstance(error.orig, psycopg.OperationalError))
            or _PASSING.fullmatch(state or "") is not None,
            undone=_UNDONE.fullmatch(state or "") is not None,
        )

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()
        self._sessions.dispose()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._conninfo)

    def _take(self, number: int) -> bool:
        """Lock it in the session of rights, which is lent from the first right to the last."""
        if self._session is None:
            self._session = self._sessions.connect()
        try:
            mine = bool(self._session.scalar(select(func.pg_try_advisory_lock(number))))
        except DBAPIError:
            self._end_session()
            raise
        if mine:
            self._held.add(number)
        self._return_session()
        return mine

    def _give_back(self, number: int) -> None:
        with self._rights:
            self._held.discard(number)
            if self._session is None:
                return
            try:
                self._session.execute(select(func.pg_advisory_unlock(number)))
            except DBAPIError:
                self._end_session()  # a session that cannot say so gives the lock back by ending
            else:
                self._return_session()

    def _end_session(self) -> None:
        """Every right of this process goes with it, which whoever has one notices when they save."""
        assert self._session is not None
        self._session.invalidate()
        self._session.close()
        self._session = None

    def _return_session(self) -> None:
        if self._session is not None and not self._held:
            self._session.close()
            self._session = None
