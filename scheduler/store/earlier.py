"""What stands already for bookings that are asked for: the same request, or the same slots, from an earlier time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter
from sqlalchemy import Connection, and_, bindparam, insert, or_, select

from scheduler.booking.booking import Booking
from scheduler.booking.states import ENDED
from scheduler.errors import Impossible
from scheduler.store.ledger import Claim
from scheduler.store.tables import bookings, keys

BOOKING = TypeAdapter(Booking)
"""Bookings as the text they are kept as."""

_ANSWERED = (
    select(keys.c.body, keys.c.booking_id, bookings.c.document)
    .join(bookings, bookings.c.booking_id == keys.c.booking_id)
    .where(keys.c.key == bindparam("key"))
)
_LIVING = (
    select(bookings.c.document)
    .where(
        or_(
            bookings.c.booking_id.in_(bindparam("bookings", expanding=True)),
            and_(
                bookings.c.slot_id.in_(bindparam("slots", expanding=True)),
                *(bookings.c.state != state.value for state in ENDED),
            ),
        )
    )
    .order_by(bookings.c.created_at, bookings.c.booking_id)
)


def wanted_by(asked: Sequence[Booking]) -> Mapping[str, tuple[Claim, ...]]:
    """What each of these would claim, by its id."""
    wanted = {}
    for booking in asked:
        interview = booking.interview
        rooms = (booking.room.address,) if booking.room is not None else ()
        wanted[booking.booking_id] = tuple(Claim(each, interview.span) for each in (*interview.busy, *rooms))
    return wanted


def answered(connection: Connection, asked: Sequence[Booking]) -> tuple[Booking, ...]:
    """The bookings that these keys were answered with before, in any state.

    Raises:
        Impossible: a key was used for another request.
    """
    found = []
    for key in [booking.key for booking in asked if booking.key is not None]:
        row = connection.execute(_ANSWERED, {"key": key.text}).first()
        if row is None:
            continue
        if row.body != key.body:
            raise Impossible(
                "key",
                f"{key.text!r} was used before, with another request, for {row.booking_id}",
                "use a new key for a new request",
            )
        found.append(BOOKING.validate_json(row.document))
    return tuple(found)


def remember_keys(connection: Connection, asked: Sequence[Booking], given: Sequence[Booking]) -> None:
    """Keep that these keys were answered with the first of these bookings."""
    rows = [
        {"key": booking.key.text, "body": booking.key.body, "booking_id": given[0].booking_id}
        for booking in asked
        if booking.key is not None
    ]
    if rows:
        connection.execute(insert(keys), rows)


def living(connection: Connection, asked: Sequence[Booking]) -> tuple[Booking, ...]:
    """The living bookings that stand for these slots, or are these very ones."""
    found = connection.execute(
        _LIVING,
        {
            "bookings": [booking.booking_id for booking in asked],
            "slots": [booking.interview.slot_id for booking in asked],
        },
    )
    return tuple(BOOKING.validate_json(row.document) for row in found)


def answer(asked: Sequence[Booking], found: Sequence[Booking]) -> bool:
    """Whether what stands is an answer to what was asked for: not if it belongs to another loop."""
    wanted, first = asked[0].place, found[0].place
    return wanted is None or (first is not None and first.loop_id == wanted.loop_id)
