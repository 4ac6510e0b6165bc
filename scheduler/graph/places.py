"""The rooms, workspaces and room lists of the directory (api/place-list)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from scheduler.directory.rooms import Room, RoomList
from scheduler.graph.gate import Gate
from scheduler.graph.paging import numbered_pages
from scheduler.graph.paths import query
from scheduler.graph.wire.places import RoomRow


@dataclass(frozen=True, slots=True)
class Listed:
    """Places in Graph's order, one per address, and what the rows without an address are called."""

    rooms: tuple[Room, ...]
    without_address: tuple[str, ...]


def read_rooms(gate: Gate) -> Listed:
    """Every room that the directory shows; hidden ones it does not.

    Raises:
        CallFailed: the list could not be read to its end.
    """
    return _places(gate, "/places/microsoft.graph.room", "reading the list of rooms")


def read_workspaces(gate: Gate) -> Listed:
    """Every workspace that the directory shows: desks that are booked together (resources/workspace).

    Raises:
        CallFailed: the list could not be read to its end.
    """
    return _places(gate, "/places/microsoft.graph.workspace", "reading the list of workspaces")


def read_room_lists(gate: Gate) -> tuple[RoomList, ...]:
    """Every list of rooms that has an address, by which alone its rooms can be asked for.

    Raises:
        CallFailed: the list could not be read to its end.
    """
    path = _path("/places/microsoft.graph.roomlist")
    rows = numbered_pages(gate, path, doing="reading the room lists")
    found = (_row(item) for item in rows)
    named = ((_address(row), row.display_name) for row in found if row is not None)
    return tuple(RoomList(address, name or address) for address, name in named if address)


def read_rooms_of_list(gate: Gate, address: str) -> Listed:
    """The rooms of one list.

    Raises:
        NotThere: there is no such list.
        CallFailed: it could not be read to its end.
    """
    path = f"/places/{quote(address, safe='@')}/microsoft.graph.roomlist/rooms"
    return _places(gate, path, f"reading the rooms of the list {address}")


def _places(gate: Gate, path: str, doing: str) -> Listed:
    rooms: dict[str, Room] = {}
    without_address: list[str] = []
    for item in numbered_pages(gate, _path(path), doing=doing):
        row = _row(item)
        if row is None or not _address(row):
            without_address.append(row.display_name if row is not None else "")
        else:
            rooms.setdefault(_address(row), _room(row))
    return Listed(tuple(rooms.values()), tuple(without_address))


def _path(path: str) -> Callable[[int, int], str]:
    return lambda top, skip: path + query(top=str(top), skip=str(skip))


def _row(item: Any) -> RoomRow | None:
    try:
        return RoomRow.model_validate(item)
    except ValidationError:
        return None


def _address(row: RoomRow) -> str:
    return row.email_address.strip().lower()


def _room(row: RoomRow) -> Room:
    devices = (row.audio_device_name, row.video_device_name, row.display_device_name, row.display_device)
    return Room(
        address=_address(row),
        name=row.display_name or _address(row),
        seats=row.capacity if row.capacity is not None and row.capacity > 0 else None,
        building=row.building or None,
        floor=row.floor_number,
        equipment=frozenset(text for raw in (*row.tags, *devices) if (text := raw.strip().lower())),
        step_free=row.is_wheel_chair_accessible,
        reserved=row.booking_type.strip().lower() == "reserved",
    )
