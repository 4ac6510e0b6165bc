"""Give the seat of an interviewer who leaves to another one."""

from __future__ import annotations

from scheduler.app.changing import Wish, make
from scheduler.app.drive import Driver
from scheduler.app.ports import Ledger
from scheduler.booking import change
from scheduler.booking.booking import Booking
from scheduler.booking.events import Guest, GuestKind
from scheduler.errors import InputError


def swap_person(
    booking: Booking,
    ledger: Ledger,
    driver: Driver,
    *,
    leaving: str,
    joining: str,
    name: str = "",
    wait: bool,
) -> Booking:
    """Let one interviewer come in the place of another; time and room stay, and nobody else is written to.

    Args:
        leaving: address of who leaves, and is told so once.
        joining: address of who comes, and is invited once, with the same weight.
        name: how the newcomer is called; the address if it is empty.

    Raises:
        InputError: one of the two cannot leave or come, or the booking cannot be changed now.
        NotChanged: the newcomer is not free; the booking is as it was.
        GraphError: Graph failed midway; `show` goes on from there.
    """
    gone, new = leaving.strip().lower(), joining.strip().lower()
    if "@" not in new:
        raise InputError(
            "joining", f"{joining!r} is not an e-mail address", "name a colleague by their address"
        )

    def made(current: Booking) -> bool:
        invited = _invited(current)
        return new in invited and gone not in invited and gone != current.interview.organizer

    def begun(current: Booking) -> Booking:
        _require_exchangeable(current, gone, new)
        kind = next(guest.kind for guest in current.interview.guests if guest.address == gone)
        return change.replaced(
            current, gone, Guest(new, name or new, kind), reason=f"{new} comes in the place of {gone}"
        )

    return make(booking, Wish(made, begun), ledger, driver, wait=wait)


def _invited(booking: Booking) -> set[str]:
    return {guest.address for guest in booking.interview.guests}


def _require_exchangeable(booking: Booking, gone: str, new: str) -> None:
    interview, booking_id = booking.interview, booking.booking_id
    if gone == interview.organizer:
        raise InputError(
            "leaving", f"{gone} organizes {booking_id}", "cancel it and book it with another organizer"
        )
    if gone not in _invited(booking):
        raise InputError("leaving", f"{gone} is not invited to {booking_id}", "name somebody who is")
    if gone not in interview.busy:
        raise InputError(
            "leaving", f"{gone} is the candidate of {booking_id}", "cancel it and book another interview"
        )
    if new in {*_invited(booking), interview.organizer}:
        raise InputError("joining", f"{new} is invited to {booking_id} already", "name somebody else")
    rooms = {guest.address for guest in interview.guests if guest.kind is GuestKind.RESOURCE}
    if new in rooms or (booking.room is not None and new == booking.room.address):
        raise InputError("joining", f"{new} is a room", "name a colleague")
