"""A SQLite file: pragmas, immediate transactions, operating-system locks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError

from scheduler.errors import StoreError
from scheduler.store.failures import Failure

BUSY_SECONDS = 30
"""How long a transaction waits for the one that is writing."""

_REMEDIES = {
    sqlite3.SQLITE_ERROR: "its tables are not as they were made, so put a backup in its place",
    sqlite3.SQLITE_FULL: "free some space on its disk",
    sqlite3.SQLITE_READONLY: "let this user write the file and its folder",
    sqlite3.SQLITE_PERM: "let this user read and write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "check the path, its permissions and the free space",
    sqlite3.SQLITE_BUSY: f"another process has been writing for {BUSY_SECONDS} seconds, try again once it ends",
    sqlite3.SQLITE_LOCKED: "another process is changing it, try again once it ends",
    sqlite3.SQLITE_CORRUPT: "put a backup in its place",
    sqlite3.SQLITE_NOTADB: "check the path, or put a backup in its place",
    sqlite3.SQLITE_IOERR: "check its disk and the free space",
}
_NO_TEXT = "Could not decode to UTF-8"


class SqliteFile:
    """A file, with a folder of locks beside it.

    Every transaction that may write is BEGIN IMMEDIATE: a read that later wants to write would otherwise fail under
    contention (sqlite.org/lang_transaction), and the overlap trigger needs the write lock before it looks. One that
    only reads never waits for a writer (sqlite.org/wal).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._locks = path.with_name(f"{path.name}.locks")
        self._engine = create_engine(
            "sqlite+pysqlite://", creator=self._connect, poolclass=QueuePool, hide_parameters=True
        )
        event.listen(self._engine, "begin", _begin)

    @property
    def name(self) -> str:
        """How sentences call it."""
        return f"database {self._path}"

    @property
    def engine(self) -> Engine:
        """Connections to the file."""
        return self._engine

    def reading(self, connection: Connection) -> Connection:
        """Its transactions do not ask for the write lock."""
        return connection.execution_options(reads=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folders, and hold the lock of migrations."""
        self._locks.mkdir(parents=True, exist_ok=True)
        with FileLock(self._locks / "migration"):
            yield

    def prepare(self, connection: Connection) -> None:
        """Any file that SQLite opens will do."""

    @contextmanager
    def right(self, booking_id: str) -> Iterator[bool]:
        """A file lock: the operating system drops it when its holder dies, however it dies."""
        lock = FileLock(self._locks / booking_id)
        try:
            self._locks.mkdir(exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise StoreError(
                f"Booking {booking_id} cannot be locked ({error}); let this user write the folder {self._locks}."
            ) from error
        try:
            yield True
        finally:
            lock.release()

    def judge(self, error: DBAPIError) -> Failure:
        """Nothing passes by itself here: waiting for another writer is SQLite's own, and a disk stays full.

        A failed commit has left nothing behind, except perhaps when the disk failed under it.
        """
        code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        text = str(error.orig).partition("\n")[0]
        if text.startswith(_NO_TEXT):
            code, text = (
                sqlite3.SQLITE_CORRUPT,
                "text of it is not UTF-8",
            )  # its own words would repeat the value
        return Failure(
            text=text,
            remedy=_REMEDIES.get(code, "check the path, its permissions and the free space"),
            passing=False,
            undone=code != sqlite3.SQLITE_IOERR,
        )

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
