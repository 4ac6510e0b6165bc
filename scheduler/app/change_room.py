"""Give a booking another room; nobody is invited again, because the reservation has a life of its own."""

from __future__ import annotations

from scheduler.app.changing import Wish, make
from scheduler.app.drive import Driver
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import refuse_unusable, rooms_of
from scheduler.booking import change
from scheduler.booking.booking import Booking, RoomChoice
from scheduler.booking.states import State
from scheduler.errors import InputError


def change_room(
    booking: Booking,
    calendars: Calendars,
    ledger: Ledger,
    driver: Driver,
    *,
    address: str | None,
    wait: bool,
) -> Booking:
    """Take the named room, or the best of those that were free when the slot was found.

    The new room is reserved and proved before the invitation names it and the present one is freed. When it cannot be
    had, the booking stays as it was.

    Raises:
        InputError: it is the room that the booking has, or none is left to take, or it is not in the catalogue, or the
            booking cannot be changed now.
        NotChanged: the room could not be had; the booking is as it was.
        GraphError: Graph failed midway; `show` goes on from there.
    """
    wanted = None if address is None else address.strip().lower()

    def made(current: Booking) -> bool:
        return current.before is not None and current.room is not None and current.room.address == wanted

    def begun(current: Booking) -> Booking:
        room = _choose(current, wanted, calendars, ledger)
        return change.rehoused(current, room, reason=f"trying {room.name}")

    return make(booking, Wish(made, begun), ledger, driver, wait=wait)


def _choose(booking: Booking, wanted: str | None, calendars: Calendars, ledger: Ledger) -> RoomChoice:
    if wanted is None:
        if not booking.alternatives:
            raise InputError(
                "room", "no other room was free when the slot was found", "name one by its address"
            )
        return booking.alternatives[0]
    if (
        booking.room is not None
        and booking.room.address == wanted
        and booking.state is not State.ROOM_DECLINED
    ):
        raise InputError("room", f"{booking.booking_id} has {booking.room.name} already", "name another room")
    known = next((room for room in booking.alternatives if room.address == wanted), None)
    if known is not None:
        return known
    rooms = rooms_of(calendars, ledger)
    listed = next((room for room in rooms.rooms if room.address == wanted), None)
    # Without a catalogue a room that Places hides may be named all the same.
    if listed is not None or rooms.imported:
        refuse_unusable(wanted, rooms, "room")
    return RoomChoice(wanted, wanted if listed is None else listed.name)
