"""The next step of a booking, from nothing but the booking itself.

A process that died left a booking in some state; asking this function again is the whole of recovery.
"""

from __future__ import annotations

from scheduler.booking.booking import Booking
from scheduler.booking.states import TABLE, Step


def next_step(booking: Booking) -> Step | None:
    """What to do now; None when the booking rests."""
    steps = TABLE[booking.state].steps
    if not steps:
        return None
    *before, last = steps
    return next((step for step in before if _has_something_to_do(step, booking)), last)


def _has_something_to_do(step: Step, booking: Booking) -> bool:
    match step:
        case Step.REMOVE_RESERVATION:
            return booking.own_reservation is not None
        case Step.REMOVE_EARLIER:
            return booking.earlier is not None
        case Step.REMOVE_INVITATION:
            return booking.invitation is not None
        case _:
            return True
