"""What stands already for bookings that are asked for: the same request, or the same slots, from an earlier time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy import Connection, and_, bindparam, or_, select

from scheduler.booking.booking import Booking
from scheduler.booking.states import ENDED
from scheduler.store.ledger import Claim
from scheduler.store.tables import bookings

BOOKING = TypeAdapter(Booking)
"""Bookings as the text they are kept as."""

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


def earlier_than(connection: Connection, asked: Sequence[Booking]) -> tuple[Booking, ...]:
    """The bookings that were made with these keys, or else stand for these slots, or are these very ones."""
    keyed = tuple(
        booking
        for key in sorted({booking.key.text for booking in asked if booking.key is not None})
        for booking in _keyed(connection, key)
    )
    if keyed:
        return keyed
    found = connection.execute(
        _LIVING,
        {
            "bookings": [booking.booking_id for booking in asked],
            "slots": [booking.interview.slot_id for booking in asked],
        },
    )
    return tuple(BOOKING.validate_json(row.document) for row in found)


def _keyed(connection: Connection, text: str) -> Iterator[Booking]:
    """The bookings that were asked for with the key, in any state.

    Keys are looked for in the documents: a quotation mark inside of a text is escaped there, so that nothing else looks
    like one. SQLite's LIKE does not tell small letters from capitals, so that what it finds is looked at again.
    """
    like_it = f'"key":{{"text":{to_json(text).decode()},'
    rows = connection.execute(
        select(bookings.c.document).where(bookings.c.document.contains(like_it, autoescape=True))
    )
    for row in rows:
        booking = BOOKING.validate_json(row.document)
        if booking.key is not None and booking.key.text == text:
            yield booking
