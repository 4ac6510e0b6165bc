"""What is kept about the connection to a tenant: who signed in, what was tested, what is switched on, what was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from scheduler.calendars.disclosure import Disclosure
from scheduler.store.database import Database
from scheduler.store.locks import lock_text
from scheduler.store.sealing import Seal
from scheduler.store.tables import accounts, connections, disclosures, switches
from scheduler.store.transactions import reads, writes
from scheduler.store.upsert import keep
from solvers.timeline import Span

_KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether people of a tenant may connect; `switched_at` is a UTC second."""

    enabled: bool
    who: str
    switched_at: int


class Person(NamedTuple):
    """Somebody who signed in; the first two never become somebody else, an address may."""

    tenant_id: str
    object_id: str
    address: str


class Connections:
    """Kept in the same database as the bookings; every method raises StoreError.

    Args:
        clock: UTC seconds.
        seal: encrypts the tokens. It is asked each time, so that keys which were exchanged meanwhile are used, and only
            when there are tokens, because most commands have nobody's to read.
    """

    def __init__(self, database: Database, *, clock: Callable[[], int], seal: Callable[[], Seal]) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal

    @property
    def database(self) -> Database:
        """Where it is kept."""
        return self._database

    # Accounts

    def tokens(self, address: str) -> str | None:
        """The token cache of somebody who signed in, or None."""
        sealed = self._tokens(address)
        return None if sealed is None else self._seal().open(sealed)

    @reads
    def _tokens(self, connection: Connection, address: str) -> str | None:
        row = connection.execute(select(accounts.c.tokens).where(accounts.c.address == address)).first()
        return None if row is None else str(row.tokens)

    def keep_account(self, person: Person, tokens: str, document: str) -> None:
        """Keep somebody's token cache, and what may be shown of the account.

        Whoever had the address before is forgotten.
        """
        self._keep_account(person, self._seal().close(tokens), document)

    @writes
    def _keep_account(self, connection: Connection, person: Person, sealed: str, document: str) -> None:
        connection.execute(delete(accounts).where(accounts.c.address == person.address))
        row = {**person._asdict(), "tokens": sealed, "document": document, "kept_at": self._clock()}
        keep(connection, accounts, [row])

    def keep_tokens(self, address: str, tokens: str) -> bool:
        """Replace the token cache of an account; one that was forgotten meanwhile stays so, which is False."""
        return self._keep_tokens(address, self._seal().close(tokens))

    @writes
    def _keep_tokens(self, connection: Connection, address: str, sealed: str) -> bool:
        this = accounts.c.address == address
        kept = update(accounts).where(this).values(tokens=sealed, kept_at=self._clock())
        return connection.execute(kept).rowcount > 0

    @reads
    def accounts(self, connection: Connection) -> tuple[tuple[str, str], ...]:
        """Everybody who signed in: the address, and the document that was kept."""
        rows = connection.execute(
            select(accounts.c.address, accounts.c.document).order_by(accounts.c.address)
        )
        return tuple((str(row.address), str(row.document)) for row in rows)

    @writes
    def forget(self, connection: Connection, address: str | None = None) -> int:
        """Forget an account, or all; returns how many that were."""
        chosen = delete(accounts)
        every = chosen if address is None else chosen.where(accounts.c.address == address)
        return connection.execute(every).rowcount

    @writes
    def renew_seals(self, connection: Connection, seal: Callable[[], Seal]) -> int:
        """Seal everything with the first key, all or nothing; returns how many accounts that were.

        Args:
            seal: gives the new seal, while nobody else exchanges keys.
        """
        lock_text(connection, _KEYS)
        made = seal()
        rows = connection.execute(select(accounts).order_by(accounts.c.address)).all()
        for row in rows:
            this = (accounts.c.address == row.address) & (accounts.c.tokens == row.tokens)
            connection.execute(update(accounts).where(this).values(tokens=made.renew(row.tokens)))
        return len(rows)

    @writes
    def while_keys_rest(self, connection: Connection, work: Callable[[], None]) -> None:
        """Do something while nobody else exchanges keys."""
        lock_text(connection, _KEYS)
        work()

    # Tests

    @writes
    def keep_test(self, connection: Connection, fingerprint: str, document: str) -> None:
        """Keep the report of a test of the connection that these settings make."""
        row = {"fingerprint": fingerprint, "document": document, "tested_at": self._clock()}
        keep(connection, connections, [row])

    @reads
    def test(self, connection: Connection, fingerprint: str) -> tuple[int, str] | None:
        """When the connection of these settings was last tested (UTC second), and the report; None for never."""
        found = select(connections.c.tested_at, connections.c.document)
        row = connection.execute(found.where(connections.c.fingerprint == fingerprint)).first()
        return None if row is None else (int(row.tested_at), str(row.document))

    # The switch

    @writes
    def switch(self, connection: Connection, tenant_id: str, *, enabled: bool, who: str) -> None:
        """Let people of a tenant connect, or not."""
        row = {"tenant_id": tenant_id, "enabled": int(enabled), "who": who, "switched_at": self._clock()}
        keep(connection, switches, [row])

    @reads
    def switched(self, connection: Connection, tenant_id: str) -> Switch | None:
        """Whether people of a tenant may connect; None when nobody ever decided it."""
        row = connection.execute(select(switches).where(switches.c.tenant_id == tenant_id)).first()
        return None if row is None else Switch(bool(row.enabled), str(row.who), int(row.switched_at))

    # Disclosures

    @writes
    def disclose(self, connection: Connection, seen: Sequence[Disclosure]) -> None:
        """Write down what was read of whom; what is written twice says nothing wrong."""
        if not seen:
            return
        now = self._clock()
        rows = [
            {
                "read_at": now,
                "request": each.request,
                "mailbox": each.mailbox,
                "fields": ",".join(each.fields),
                "start_minute": each.window.start if each.window else None,
                "end_minute": each.window.end if each.window else None,
            }
            for each in seen
        ]
        connection.execute(insert(disclosures), rows)

    @reads
    def disclosed(self, connection: Connection, mailbox: str | None = None) -> tuple[Disclosure, ...]:
        """What was read, of everybody or of one mailbox, in order."""
        chosen = select(disclosures).order_by(disclosures.c.disclosure_id)
        if mailbox is not None:
            chosen = chosen.where(disclosures.c.mailbox == mailbox)
        return tuple(
            Disclosure(
                int(row.read_at),
                str(row.request),
                str(row.mailbox),
                tuple(str(row.fields).split(",")),
                Span(row.start_minute, row.end_minute) if row.start_minute is not None else None,
            )
            for row in connection.execute(chosen)
        )
