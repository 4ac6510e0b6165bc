"""The rooms and people that were imported, and the last look at what the directory shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select

from scheduler.directory.catalogue import RoomRecord
from scheduler.directory.comparison import Look
from scheduler.planning.members import Member
from scheduler.store.database import Database
from scheduler.store.tables import catalogue
from scheduler.store.transactions import reads, writes
from scheduler.store.upsert import keep

_ROOM: Final = TypeAdapter(RoomRecord)
_LOOK: Final = TypeAdapter(Look)
_ROOMS, _PEOPLE, _LOOKS, _LAST = "room", "person", "look", "last"


class Catalogue:
    """Kept in the same database as the bookings; every method raises StoreError.

    Args:
        clock: UTC seconds.
    """

    def __init__(self, database: Database, *, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    @property
    def database(self) -> Database:
        """Where it is kept."""
        return self._database

    @reads
    def rooms(self, connection: Connection) -> tuple[RoomRecord, ...]:
        """Every imported room, by address."""
        return tuple(_ROOM.validate_json(document) for document in _documents(connection, _ROOMS))

    @writes
    def keep_rooms(self, connection: Connection, records: Sequence[RoomRecord]) -> None:
        """Write all of these rooms, each in place of its older self, or none."""
        documents = {record.address: _ROOM.dump_json(record).decode() for record in records}
        self._keep(connection, _ROOMS, documents)

    @writes
    def remove_rooms(self, connection: Connection, addresses: Collection[str]) -> None:
        """Forget these rooms; one that is not there is no error."""
        _remove(connection, _ROOMS, addresses)

    @reads
    def people(self, connection: Connection) -> tuple[Member, ...]:
        """Everybody who was imported, by address."""
        return tuple(Member.model_validate_json(document) for document in _documents(connection, _PEOPLE))

    @writes
    def keep_people(self, connection: Connection, members: Sequence[Member]) -> None:
        """Write all of these people, each in place of their older self, or nobody."""
        documents = {member.address: member.model_dump_json(by_alias=True) for member in members}
        self._keep(connection, _PEOPLE, documents)

    @writes
    def remove_people(self, connection: Connection, addresses: Collection[str]) -> None:
        """Forget these people; somebody who is not there is no error."""
        _remove(connection, _PEOPLE, addresses)

    @reads
    def last_look(self, connection: Connection) -> Look | None:
        """What the directory showed when it was last looked at, or None."""
        found = list(_documents(connection, _LOOKS))
        return _LOOK.validate_json(found[0]) if found else None

    @writes
    def keep_look(self, connection: Connection, look: Look) -> None:
        """Remember what the directory showed, in place of the look before."""
        self._keep(connection, _LOOKS, {_LAST: _LOOK.dump_json(look).decode()})

    def _keep(self, connection: Connection, kind: str, documents: dict[str, str]) -> None:
        now = self._clock()
        rows: list[dict[str, object]] = [
            {"kind": kind, "key": key, "document": document, "kept_at": now}
            for key, document in documents.items()
        ]
        keep(connection, catalogue, rows)


def _documents(connection: Connection, kind: str) -> Sequence[str]:
    rows = select(catalogue.c.document).where(catalogue.c.kind == kind).order_by(catalogue.c.key)
    return connection.scalars(rows).all()


def _remove(connection: Connection, kind: str, keys: Collection[str]) -> None:
    connection.execute(delete(catalogue).where(catalogue.c.kind == kind, catalogue.c.key.in_(sorted(keys))))
