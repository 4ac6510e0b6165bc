"""Which rooms would do, and why the others would not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from scheduler.directory.rooms import Room
from scheduler.planning.request import RoomNeed


def unsuitable(room: Room, need: RoomNeed, seats: int) -> str | None:
    """Why the room cannot be proposed, as a short phrase; None when it can.

    What the directory does not say counts as not there, because nobody should arrive at a room that does not fit.
    """
    wanted = {name.strip().casefold() for name in need.equipment}
    missing = sorted(wanted - room.equipment)
    if need.among and room.address not in need.among:
        return "not among the rooms named"
    if room.reserved:
        return "cannot be booked by anyone"
    if room.withheld:
        return room.withheld
    if room.seats is None:
        return "does not say how many it seats"
    if room.seats < seats:
        return f"seats fewer than {seats}"
    if need.building is not None and (room.building or "").casefold() != need.building.strip().casefold():
        return f"not in {need.building.strip()}"
    if missing:
        return f"has no {', '.join(missing)}"
    if need.step_free and room.step_free is not True:
        return "not known to be step-free"
    return None


def suitable(rooms: Iterable[Room], need: RoomNeed, seats: int) -> tuple[tuple[Room, ...], str]:
    """The rooms that would do, by address, and one phrase that counts the others by reason."""
    fitting, reasons = [], Counter[str]()
    for room in sorted(rooms, key=lambda room: room.address):
        reason = unsuitable(room, need, seats)
        if reason is None:
            fitting.append(room)
        else:
            reasons[reason] += 1
    counted = ", ".join(
        f"{count} {reason}" for reason, count in sorted(reasons.items(), key=lambda r: (-r[1], r[0]))
    )
    return tuple(fitting), counted
