"""Cancel a booking: both events out of the calendars, then the claims back."""

from __future__ import annotations

from scheduler.app.drive import Driver
from scheduler.app.holding import holding
from scheduler.app.ports import Ledger
from scheduler.booking.booking import Booking
from scheduler.booking.states import ENDED, State


def cancel(booking: Booking, ledger: Ledger, driver: Driver, *, comment: str) -> Booking:
    """Cancel, or finish a cancellation that was cut short; cancelling twice is harmless.

    Args:
        comment: what the invited people are told.

    Raises:
        Busy: another process is working on the booking at this moment.
        GraphError: Graph failed midway; cancelling again, or `show`, goes on from there.
    """
    with holding(booking.booking_id, ledger):
        current = ledger.booking(booking.booking_id) or booking
        if current.state in ENDED:
            return current
        if current.state is not State.CANCELLING:
            current = current.to(State.CANCELLING, reason=comment)
            ledger.save(current)
        return driver.drive(current, wait=False)
