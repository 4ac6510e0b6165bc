"""Give a booking whose room said no another one."""

from __future__ import annotations

from scheduler.app.drive import Driver
from scheduler.app.ports import Ledger
from scheduler.booking.booking import Booking, RoomChoice, RoomState
from scheduler.booking.states import State
from scheduler.errors import InputError, WorldError


def change_room(
    booking: Booking, ledger: Ledger, driver: Driver, *, address: str | None, wait: bool
) -> Booking:
    """Take the named room, or the best of those that were free when the slot was found.

    The people are not invited again: the reservation has a life of its own.

    Raises:
        InputError: the booking has its room, or has ended, or no room is left to take, or somebody else works on it.
        WorldError: the room is no longer free; the booking is unchanged.
        GraphError: Graph failed.
    """
    with ledger.working_on(booking.booking_id) as mine:
        current = ledger.booking(booking.booking_id) or booking
        if not mine or current.state is not State.ROOM_DECLINED:
            raise InputError(
                "booking",
                f"{current.booking_id} is {current.state.value} and needs no other room",
                "only a booking whose room declined takes another",
            )
        room = _choose(current, address)
        in_the_way = driver.obstacles(current, [room.address])
        if in_the_way:
            raise WorldError(f"{in_the_way[room.address]}; name another room, or cancel the booking.")
        after = current.to(
            State.INVITED,
            room=room,
            alternatives=tuple(other for other in current.alternatives if other.address != room.address),
            route=None,
            room_state=RoomState.PLANNED,
            reason=f"trying {room.name}",
        )
        ledger.save(after, claim=room.address)
        return driver.drive(after, wait=wait)


def _choose(booking: Booking, address: str | None) -> RoomChoice:
    if address is not None:
        wanted = address.strip().lower()
        known = next((room for room in booking.alternatives if room.address == wanted), None)
        return known or RoomChoice(wanted, wanted)
    if not booking.alternatives:
        raise InputError("room", "no other room was free when the slot was found", "name one by its address")
    return booking.alternatives[0]
