"""Look at bookings, and on the way finish or undo what a crash left half done."""

from __future__ import annotations

from scheduler.app.drive import Driver
from scheduler.app.ports import Ledger
from scheduler.booking.booking import Booking
from scheduler.booking.states import RESTING, State
from scheduler.errors import InputError


def one(booking_id: str, ledger: Ledger) -> Booking:
    """The booking of that id.

    Raises:
        InputError: there is none.
    """
    booking = ledger.booking(booking_id.strip())
    if booking is None:
        raise InputError(
            "booking", f"there is no booking {booking_id.strip()!r}", "run `slotwright show` to see them all"
        )
    return booking


def unfinished(booking: Booking) -> bool:
    """Whether Graph has to be asked to know how the booking stands."""
    return booking.state not in RESTING or booking.state is State.PENDING


def bring_up_to_date(booking: Booking, ledger: Ledger, driver: Driver, *, wait: bool = False) -> Booking:
    """The booking after every step that can be taken now.

    One that another living process is working on is returned as it stands.

    Raises:
        GraphError: Graph failed; the booking can be brought up to date later.
    """
    if not unfinished(booking):
        return booking
    with ledger.working_on(booking.booking_id) as mine:
        if not mine:
            return booking
        current = ledger.booking(booking.booking_id) or booking
        return driver.drive(driver.look_again(current), wait=wait)
