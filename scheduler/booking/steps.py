"""The next step of a booking, from nothing but the booking itself.

A process that died left a booking in some state; asking this function again is the whole of recovery.
"""

from __future__ import annotations

from enum import Enum

from scheduler.booking.booking import Booking, Role
from scheduler.booking.states import RESTING, State


class Step(Enum):
    """One thing to do, each with at most one write to Graph."""

    RECHECK = "read availability again"
    WRITE_INVITATION = "invite the people"
    ROUTE = "decide the room's route"
    WRITE_RESERVATION = "reserve the room"
    PROVE = "look at the room"
    TELL_PLACE = "name the room in the invitation"
    REMOVE_RESERVATION = "free the room"
    REMOVE_INVITATION = "uninvite the people"
    RELEASE = "give the claims back"


def next_step(booking: Booking) -> Step | None:
    """What to do now; None when the booking rests."""
    match booking.state:
        case State.CLAIMED:
            return Step.RECHECK
        case State.INVITING:
            return Step.WRITE_INVITATION
        case State.INVITED:
            return Step.ROUTE
        case State.RESERVING:
            return Step.WRITE_RESERVATION
        case State.PROVING:
            return Step.PROVE
        case State.TELLING:
            return Step.TELL_PLACE
        case State.FREEING:
            return Step.REMOVE_RESERVATION
        case State.CANCELLING | State.UNDOING:
            if booking.event(Role.RESERVATION) is not None:
                return Step.REMOVE_RESERVATION
            if booking.event(Role.INVITATION) is not None:
                return Step.REMOVE_INVITATION
            return Step.RELEASE
        case state:
            assert state in RESTING
            return None
