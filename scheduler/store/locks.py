"""What a transaction locks before it looks, so that what it saw is still true when it writes.

On SQLite there is nothing to do: BEGIN IMMEDIATE has locked the whole file. On PostgreSQL every transaction takes its
locks in one order (a text, the bookings it changes, then resources by name), so no two can wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from scheduler.store.tables import resources


def lock_resources(connection: Connection, names: Iterable[str]) -> None:
    """Wait until no other transaction may change claims on these, and keep it so to the end of this one.

    Called once in a transaction, with every resource that it is going to claim.
    """
    ordered = sorted(set(names))
    if connection.dialect.name != "postgresql" or not ordered:
        return
    connection.execute(insert(resources).on_conflict_do_nothing(), [{"resource": name} for name in ordered])
    connection.execute(
        select(resources.c.resource)
        .where(resources.c.resource.in_(ordered))
        .order_by(resources.c.resource)
        .with_for_update()
    ).all()


def lock_text(connection: Connection, text: str) -> None:
    """Wait until no other transaction has locked the same text, and keep it locked to the end of this one."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(key(text))))


def key(text: str) -> int:
    """The number of an advisory lock; equal for equal texts on every machine."""
    return int.from_bytes(blake2b(f"slotwright {text}".encode(), digest_size=8).digest(), signed=True)
