"""Look at bookings, and on the way finish or undo what a crash left half done."""

from __future__ import annotations

from scheduler.app.drive import Driver
from scheduler.app.drive_loop import drive_loop, loop_of
from scheduler.app.ports import Ledger
from scheduler.booking.booking import Booking
from scheduler.booking.loop import unsettled
from scheduler.booking.states import RESTING, State
from scheduler.errors import NotFound


def one(booking_id: str, ledger: Ledger) -> Booking:
    """The booking of that id.

    Raises:
        NotFound: there is none.
    """
    booking = ledger.booking(booking_id.strip())
    if booking is None:
        raise NotFound(
            "booking", f"there is no booking {booking_id.strip()!r}", "run `slotwright show` to see them all"
        )
    return booking


def unfinished(booking: Booking) -> bool:
    """Whether Graph has to be asked to know how the booking stands."""
    return booking.state not in RESTING or booking.state is State.PENDING or unsettled(booking)


def bring_up_to_date(booking: Booking, ledger: Ledger, driver: Driver, *, wait: bool = False) -> Booking:
    """The booking after every step that can be taken now, with the loop that it is a session of if that is unfinished.

    One that another living process is working on is returned as it stands.

    Raises:
        GraphError: Graph failed; the booking can be brought up to date later.
    """
    if booking.place is not None:
        # Another session of its loop may have been brought up to date since this one was read, and this one with it.
        booking = ledger.booking(booking.booking_id) or booking
        if unfinished(booking):
            loop = drive_loop(loop_of(booking, ledger), ledger, driver, wait=wait)
            booking = next(each for each in loop.members if each.booking_id == booking.booking_id)
            if not loop.finished:
                return booking
    if not unfinished(booking):
        return booking
    with ledger.working_on(booking.booking_id) as mine:
        if not mine:
            return booking
        current = ledger.booking(booking.booking_id) or booking
        return driver.drive(driver.look_again(current), wait=wait)
