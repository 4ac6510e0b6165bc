"""A meeting room as the directory describes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """One bookable place; None means the directory does not say, which is never read as yes.

    Keyed by address, because Graph's room ids change (resources/room).

    Args:
        address: the room's mailbox, lower case.
        name: display name.
        seats: how many people fit.
        building: as the directory spells it.
        floor: floor number.
        equipment: tags and device names, lower case.
        step_free: whether a wheelchair user can get in.
        reserved: bookingType `reserved`: first come, first served, so it cannot be booked at all.
        withheld: why this installation does not book it, as a phrase; empty when it does.
    """

    address: str
    name: str
    seats: int | None = None
    building: str | None = None
    floor: int | None = None
    equipment: frozenset[str] = frozenset()
    step_free: bool | None = None
    reserved: bool = False
    withheld: str = ""

    @property
    def closed(self) -> str:
        """Why nobody may book it, as a phrase; empty when it can be booked."""
        return "is first come, first served" if self.reserved else self.withheld


@dataclass(frozen=True, slots=True)
class RoomList:
    """A list of rooms that an administrator keeps (resources/roomList); its address tells it apart."""

    address: str
    name: str
