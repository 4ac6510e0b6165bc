"""The audit: who changed which booking when, from what to what, in rows that are sealed one to the next.

The digest of a row covers everything that it says and the digest of the row before it, so that no row can be changed,
added or taken out without every later one disagreeing; the head of the audit keeps the last digest, so that the end
cannot be cut off either, and the last row of each booking keeps the digest of its document, so that a booking cannot be
changed without a row. Whoever can rewrite the whole database can seal it anew: a digest that was noted outside, such as
one printed by `slotwright audit --verify`, finds that too.

Of a booking's fields the audit repeats what says nothing about people: states, times, rooms, counts. Of the others it
holds only that they changed, and the digest of the whole document before and after. The reason is kept in the words
that the booking gave, which may name somebody; the audit is as private as the bookings themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from scheduler.booking.booking import Booking
from scheduler.errors import StoreError
from scheduler.store.tables import audit, audit_head, bookings

IMPERSONAL = frozenset({
    *("state", "revision", "room", "room_state", "route", "told_room", "asked_at", "reservations", "repairs", "shown"),
    *("interview.slot_id", "interview.span", "interview.zone", "interview.online_meeting"),
})  # fmt: skip
"""The fields of a booking whose values are repeated in the audit."""

_SAID = tuple(column.name for column in audit.columns if column.name != "digest")
_AT_ONCE = 2_000
_LOCK_HEAD = select(audit_head.c.entries, audit_head.c.digest).with_for_update()
_APPEND = insert(audit)
_MOVE_HEAD = update(audit_head)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change of a booking.

    Args:
        entry: its number, from 1.
        at: UTC second.
        who: on whose behalf the process ran; empty for what was done before there was an audit.
        was: the state before, empty for a new booking; `state` is the one after.
        changes: what changed, by the name of the field: its value before and after, or None for fields whose values
        are about people.
        before: digest of the booking's document before, empty for a new one; `after` is the one after.
        digest: the seal of this row and all before it.
    """

    entry: int
    booking_id: str
    at: int
    who: str
    was: str
    state: str
    changes: Mapping[str, tuple[Any, Any] | None]
    before: str
    after: str
    reason: str
    digest: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is wrong; `entry` is the number of the row, and `booking_id` may be empty."""

    entry: int
    booking_id: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying came to.

    Args:
        entries: how many rows were read.
        digest: the seal of the last one, to be noted outside; empty for none.
        broken: None when every row is as it was written.
    """

    entries: int
    digest: str
    broken: Broken | None


def record(
    connection: Connection, booking: Booking, *, before: str | None, after: str, at: int, who: str
) -> None:
    """Append what happened to a booking.

    It locks the head of the audit to the end of the transaction, so it comes after every other lock.

    Args:
        before: the booking's document before, None for a new one; `after` is the one after.
        at: UTC second.

    Raises:
        StoreError: the head of the audit is gone.
    """
    head = connection.execute(_LOCK_HEAD).first()
    if head is None:
        raise StoreError(
            "The audit has lost its head, so nothing can be added to it; put a backup of the database in its place."
        )
    old = None if before is None else json.loads(before)
    row = {
        "entry_id": head.entries + 1,
        "booking_id": booking.booking_id,
        "at": at,
        "who": who,
        "was": "" if old is None else old["state"],
        "state": booking.state.value,
        "changes": json.dumps(_changes(old or {}, json.loads(after)), separators=(",", ":"), sort_keys=True),
        "before": "" if before is None else _digest(before),
        "after": _digest(after),
        "reason": booking.reason,
        "previous": head.digest,
    }
    row["digest"] = _seal(row)
    connection.execute(_APPEND, row)
    connection.execute(_MOVE_HEAD, {"entries": row["entry_id"], "digest": row["digest"]})


def entries(connection: Connection, booking_id: str | None) -> tuple[AuditEntry, ...]:
    """What happened to a booking, or to all of them, oldest first."""
    wanted = select(audit).order_by(audit.c.entry_id)
    if booking_id is not None:
        wanted = wanted.where(audit.c.booking_id == booking_id)
    return tuple(
        AuditEntry(
            entry=row.entry_id,
            booking_id=row.booking_id,
            at=row.at,
            who=row.who,
            was=row.was,
            state=row.state,
            changes={
                name: None if pair is None else (pair[0], pair[1])
                for name, pair in json.loads(row.changes).items()
            },
            before=row.before,
            after=row.after,
            reason=row.reason,
            digest=row.digest,
        )
        for row in connection.execute(wanted)
    )


@contextmanager
def one_moment(connection: Connection) -> Iterator[None]:
    """Let every statement see the same moment; on SQLite each transaction that reads does anyway."""
    if connection.dialect.name != "postgresql":
        yield
        return
    # The connection of a reader is without a transaction of its own; the pool ends this one if it is left open.
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    yield
    connection.exec_driver_sql("COMMIT")


def verify(connection: Connection) -> Verdict:
    """Read every row again and name the first that is not as it was written; the caller sees to `one_moment`."""
    number, digest = 0, ""
    documents: dict[str, str] = {}
    states: dict[str, str] = {}
    for row in _rows(connection):
        wrong = _wrong(row, number, digest, documents, states)
        if wrong is not None:
            return Verdict(number, digest, wrong)
        number, digest = row.entry_id, row.digest
        documents[row.booking_id], states[row.booking_id] = row.after, row.state
    return Verdict(
        number, digest, _cut_off(connection, number, digest) or _unseen(connection, documents, number)
    )


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    last = None
    while True:
        wanted = select(audit).order_by(audit.c.entry_id).limit(_AT_ONCE)
        # Whatever the number of the first row is now, it must be read.
        batch = connection.execute(wanted if last is None else wanted.where(audit.c.entry_id > last)).all()
        if not batch:
            return
        yield from batch
        last = batch[-1].entry_id


def _wrong(
    row: Row[Any], number: int, digest: str, documents: Mapping[str, str], states: Mapping[str, str]
) -> Broken | None:
    if row.entry_id != number + 1:
        return Broken(number + 1, "", f"it is missing; row {row.entry_id} comes after row {number}")
    if row.previous != digest:
        return Broken(row.entry_id, row.booking_id, "it does not follow the row before it")
    if row.digest != _seal(dict(row._mapping)):  # noqa: SLF001 - public; the underscore keeps it apart from columns
        return Broken(row.entry_id, row.booking_id, "it does not say what was written")
    # Only a row that was sealed by somebody else gets here with a false past.
    if (row.was, row.before) != (states.get(row.booking_id, ""), documents.get(row.booking_id, "")):
        return Broken(row.entry_id, row.booking_id, "it does not go on from the booking's last row")
    return None


def _cut_off(connection: Connection, number: int, digest: str) -> Broken | None:
    head = connection.execute(select(audit_head.c.entries, audit_head.c.digest)).first()
    if head is None:
        return Broken(number + 1, "", "the head of the audit is gone, so nobody knows whether rows follow")
    if head.entries > number:
        return Broken(number + 1, "", f"it is missing; there were {head.entries} rows")
    if (head.entries, head.digest) != (number, digest):
        return Broken(number, "", "the head of the audit knows of another last row")
    return None


def _unseen(connection: Connection, documents: Mapping[str, str], number: int) -> Broken | None:
    left = dict(documents)
    for booking_id, document in connection.execute(
        select(bookings.c.booking_id, bookings.c.document).order_by(bookings.c.booking_id)
    ):
        if left.pop(booking_id, None) != _digest(document):
            return Broken(number + 1, booking_id, "the booking was changed without a row")
    if left:
        return Broken(number + 1, min(left), "the booking was removed without a row")
    return None


def _seal(row: Mapping[str, Any]) -> str:
    # A damaged file may hold what was never written, such as bytes, which then has some seal and never the right one.
    return _digest(json.dumps([row[name] for name in _SAID], separators=(",", ":"), default=repr))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any] | None]:
    before, after = _flat(old), _flat(new)
    return {
        name: [before.get(name), value] if name in IMPERSONAL else None
        for name, value in after.items()
        if (before.get(name) != value if old else value not in (None, "", [], False, 0))
    }


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    interview = document.get("interview", {})
    return {name: value for name, value in document.items() if name != "interview"} | {
        f"interview.{name}": value for name, value in interview.items()
    }
