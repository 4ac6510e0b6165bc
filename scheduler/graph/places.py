"""The rooms of the directory (api/place-list)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from scheduler.directory.rooms import Room
from scheduler.graph.gate import Gate
from scheduler.graph.paging import numbered_pages
from scheduler.graph.paths import query
from scheduler.graph.wire.places import RoomRow


@dataclass(frozen=True, slots=True)
class RoomList:
    """Rooms in Graph's order, one per address, and how many rows were left out for want of an address."""

    rooms: tuple[Room, ...]
    without_address: int


def read_rooms(gate: Gate) -> RoomList:
    """Every room that the directory shows; hidden ones it does not.

    Raises:
        CallFailed: the list could not be read to its end.
    """
    rooms: dict[str, Room] = {}
    without_address = 0
    for item in numbered_pages(gate, _path, doing="reading the list of rooms"):
        room = _room(item)
        if room is None:
            without_address += 1
        else:
            rooms.setdefault(room.address, room)
    return RoomList(tuple(rooms.values()), without_address)


def _path(top: int, skip: int) -> str:
    return "/places/microsoft.graph.room" + query(top=str(top), skip=str(skip))


def _room(item: Any) -> Room | None:
    try:
        row = RoomRow.model_validate(item)
    except ValidationError:
        return None
    address = row.email_address.strip().lower()
    if not address:
        return None
    devices = (row.audio_device_name, row.video_device_name, row.display_device_name, row.display_device)
    return Room(
        address=address,
        name=row.display_name or address,
        seats=row.capacity if row.capacity is not None and row.capacity > 0 else None,
        building=row.building or None,
        floor=row.floor_number,
        equipment=frozenset(text for raw in (*row.tags, *devices) if (text := raw.strip().lower())),
        step_free=row.is_wheel_chair_accessible,
        reserved=row.booking_type.strip().lower() == "reserved",
    )
