"""A loop that is booked as one: how it stands, and what is to be done next, from nothing but its bookings.

All sessions are booked, or what was booked is undone, or a person said that the rest is kept. A process that died left
the bookings somewhere; asking `next_move` again is the whole of recovery.

| course       | what is done, in this order                                                                     |
|--------------|-------------------------------------------------------------------------------------------------|
| `booking`    | everybody's availability is read again for all sessions, before anybody is told of any; then    |
|              | each session is taken to where it rests, the earliest first, and a room that declined is        |
|              | replaced by one that was free as well; in the end `settled`. When a session is lost: `undoing`, |
|              | unless people know of a session already and a person said to keep those that stand              |
| `settled`    | nothing; whatever happens to a session from here on concerns that session alone                 |
| `undoing`    | each session is removed, the latest first; then `undone`                                        |
| `cancelling` | likewise, because a person asked; then `cancelled`                                              |
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum

from scheduler.booking.booking import Booking, Course, Place
from scheduler.booking.states import ENDED, RESTING, State


class Standing(Enum):
    """How a loop stands, for people."""

    BOOKING = "booking"
    CONFIRMED = "confirmed"
    PENDING = "pending"  # all sessions stand, and some room waits for somebody's approval
    PARTIAL = "partial"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


OPEN = frozenset({Course.BOOKING, Course.UNDOING, Course.CANCELLING})
"""Courses that lead somewhere: there is something left to do with the loop as a whole."""

UNTOLD = frozenset({State.CLAIMED, State.INVITING, State.UNDOING})
"""States of a booking that nobody has heard of, as far as is known; ended ones beside them."""

_LOST = frozenset({State.UNDOING, State.UNDONE})
_WITHDRAWN = frozenset({State.CANCELLING, State.CANCELLED})
_ROOMLESS = frozenset({State.FREEING, State.ROOM_DECLINED})
_REMOVING = frozenset({State.CANCELLING, State.UNDOING})


class Act(Enum):
    """What may be done with a loop."""

    RECHECK = "read availability again"
    DRIVE = "take the session to where it rests"
    REHOUSE = "try another room that was free as well"
    REMOVE = "begin to remove the session"
    DECIDE = "give the loop another course"


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to do.

    Args:
        member: whose turn it is, by its place in the loop.
        to: for REMOVE, the state that begins it.
        course: for DECIDE, the new course, with `why`.
    """

    act: Act
    member: int = 0
    to: State | None = None
    course: Course | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """The bookings of one loop, in order of time; there is at least one, and each has its place."""

    members: tuple[Booking, ...]

    @property
    def place(self) -> Place:
        """What the first booking says of the whole loop."""
        return place_of(self.members[0])

    @property
    def standing(self) -> Standing:
        """How it stands."""
        course = self.place.course
        if course is not Course.SETTLED:
            return Standing(course.value)
        if all(stands(booking) for booking in self.members):
            waits = any(booking.state is State.PENDING for booking in self.members)
            return Standing.PENDING if waits else Standing.CONFIRMED
        if all(booking.state in ENDED for booking in self.members):
            asked = all(booking.state is State.CANCELLED for booking in self.members)
            return Standing.CANCELLED if asked else Standing.UNDONE
        return Standing.PARTIAL

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do with the loop as a whole."""
        return self.place.course not in OPEN


def place_of(booking: Booking) -> Place:
    """The place of a booking that is known to be one of a loop."""
    assert booking.place is not None
    return booking.place


def unsettled(booking: Booking) -> bool:
    """Whether the loop that the booking speaks for has something left to do."""
    place = booking.place
    return place is not None and place.members[0] == booking.booking_id and place.course in OPEN


def steered(booking: Booking, course: Course, why: str) -> Booking:
    """The first booking of a loop with the loop's new course; the booking itself is as it was."""
    return replace(booking, place=replace(place_of(booking), course=course, why=why))


def stands(booking: Booking) -> bool:
    """Whether the session will take place with a room, if it was to have one, as far as anybody can know."""
    return booking.state not in _LOST | _WITHDRAWN | _ROOMLESS


def lost(booking: Booking) -> bool:
    """Whether the session cannot be had as it was asked for; one that a person cancelled is not lost."""
    return booking.state in _LOST or (booking.state is State.ROOM_DECLINED and not booking.alternatives)


def next_move(loop: Loop, waiting: Collection[str] = ()) -> Move | None:
    """What to do now; None when the loop rests, or when only those are left that wait for their rooms.

    Args:
        waiting: ids of bookings that are not to be driven now, because their rooms have not answered.
    """
    match loop.place.course:
        case Course.BOOKING:
            return _booking(loop, waiting)
        case Course.UNDOING | Course.CANCELLING:
            return _removing(loop)
        case _:
            return None


def _booking(loop: Loop, waiting: Collection[str]) -> Move | None:
    failed = [booking for booking in loop.members if lost(booking)]
    told = any(booking.state not in UNTOLD | ENDED for booking in loop.members)
    if failed and not (told and loop.place.keep):
        return Move(Act.DECIDE, course=Course.UNDOING, why=why_lost(failed))
    for number, booking in enumerate(loop.members):
        if booking.state is State.CLAIMED:
            return Move(Act.RECHECK, number)
    for number, booking in enumerate(loop.members):
        if booking.booking_id in waiting:
            continue
        if booking.state not in RESTING:
            return Move(Act.DRIVE, number)
        if booking.state is State.ROOM_DECLINED and booking.alternatives:
            return Move(Act.REHOUSE, number)
    if any(booking.state not in RESTING for booking in loop.members):
        return None
    return Move(Act.DECIDE, course=Course.SETTLED, why=why_lost(failed))


def _removing(loop: Loop) -> Move:
    undoing = loop.place.course is Course.UNDOING
    for number, booking in reversed(list(enumerate(loop.members))):
        if booking.state in _REMOVING:
            return Move(Act.DRIVE, number)
        if booking.state not in ENDED:
            quietly = undoing and booking.state in UNTOLD
            return Move(Act.REMOVE, number, to=State.UNDOING if quietly else State.CANCELLING)
    course = Course.UNDONE if undoing else Course.CANCELLED
    return Move(Act.DECIDE, course=course, why=loop.place.why)


def why_lost(failed: Collection[Booking]) -> str:
    """Which sessions could not be had, and why; empty if there is none."""
    return "; ".join(f"{place_of(booking).session}: {booking.reason}" for booking in failed)
