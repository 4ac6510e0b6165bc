"""Places: rooms and room lists (api/place-list.md). No nextLink is ever sent, as in the real service."""

from __future__ import annotations

from typing import Any

from scheduler.emulator.access import PLACES
from scheduler.emulator.envelope import Answer, GraphFailure
from scheduler.emulator.service import Call, Operation
from scheduler.emulator.state import Mailbox
from scheduler.emulator.tenant import Room, RoomList

_OPTIONS = ("select", "top", "skip", "count", "filter")
_FILTERABLE = frozenset({
    "bookingType",
    "building",
    "capacity",
    "displayName",
    "emailAddress",
    "floorNumber",
    "isWheelChairAccessible",
    "nickname",
    "tags",
})  # fmt: skip
_ROOM_PROPERTIES = (
    *("id", "placeId", "displayName", "emailAddress", "capacity", "building", "floorNumber", "floorLabel"),
    *("label", "nickname", "bookingType", "tags", "isWheelChairAccessible", "phone", "audioDeviceName"),
    *("videoDeviceName", "displayDeviceName", "address", "geoCoordinates", "parentId", "teamsEnabledState"),
)
_ROOMS_ONLY = (
    *("bookingType", "audioDeviceName", "videoDeviceName", "teamsEnabledState"),
    *("building", "floorNumber", "floorLabel"),
)
"""Properties of a room that a workspace has not (resources/workspace)."""
_LIST_PROPERTIES = ("id", "displayName", "emailAddress", "address", "geoCoordinates", "phone")


def _wire_room(call: Call, mailbox: Mailbox, room: Room) -> dict[str, Any]:
    return {
        "id": mailbox.object_id,
        "placeId": call.world.ids.named_uuid("place", room.address.casefold()),
        "displayName": mailbox.name,
        "emailAddress": room.address,
        "capacity": room.capacity,
        "building": room.building,
        "floorNumber": room.floor,
        "floorLabel": room.floor_label,
        "label": room.label,
        "nickname": room.nickname,
        "bookingType": room.booking_type,
        "tags": list(room.tags),
        "isWheelChairAccessible": room.wheelchair,
        "phone": None,
        "audioDeviceName": room.audio_device,
        "videoDeviceName": room.video_device,
        "displayDeviceName": room.display_device,
        "address": None,
        "geoCoordinates": None,
        "parentId": None,
        "teamsEnabledState": "unknown",
    }


def _wire_list(call: Call, room_list: RoomList) -> dict[str, Any]:
    return {
        "id": room_list.id or call.world.ids.named_uuid("roomlist", room_list.address.casefold()),
        "displayName": room_list.name or room_list.address.partition("@")[0],
        "emailAddress": room_list.address,
        "address": None,
        "geoCoordinates": None,
        "phone": None,
    }


def _listed(call: Call, kind: str = "room") -> list[dict[str, Any]]:
    return [
        _wire_room(call, mailbox, mailbox.spec)
        for mailbox in call.world.mailboxes.values()
        if isinstance(mailbox.spec, Room)
        and mailbox.spec.kind == kind
        and not mailbox.spec.hidden
        and (mailbox.spec.appears_after is None or mailbox.spec.appears_after <= call.now)
    ]


def list_rooms(call: Call) -> Answer:
    """Rooms of the address list."""
    return _places(call, "room", _listed(call))


def list_workspaces(call: Call) -> Answer:
    """Workspaces of the address list."""
    return _places(call, "workspace", _listed(call, "workspace"))


def list_room_lists(call: Call) -> Answer:
    """Room lists."""
    lists = [_wire_list(call, room_list) for room_list in call.world.tenant.room_lists]
    return call.collection(
        "places/microsoft.graph.roomList",
        lists,
        call.query(*_OPTIONS),
        filterable=_FILTERABLE,
        known=_LIST_PROPERTIES,
        size=100,
        linked=False,
    )


def list_rooms_of_list(call: Call) -> Answer:
    """Rooms of one list, which must be named by its e-mail address."""
    wanted = call.path["place"].casefold()
    for room_list in call.world.tenant.room_lists:
        if room_list.address.casefold() == wanted:
            members = {address.casefold() for address in room_list.rooms}
            rooms = [room for room in _listed(call) if room["emailAddress"].casefold() in members]
            return _places(call, "room", rooms)
    raise _not_found(call.path["place"])


def get_place(call: Call) -> Answer:
    """A room or room list by id or e-mail address."""
    wanted = call.path["place"].casefold()
    lists = [_wire_list(call, room_list) for room_list in call.world.tenant.room_lists]
    workspaces = [_of_kind(place, "workspace") for place in _listed(call, "workspace")]
    for kind, places in (("room", _listed(call)), ("workspace", workspaces), ("roomList", lists)):
        for place in places:
            if wanted in {place["id"].casefold(), place["emailAddress"].casefold()}:
                context = call.context("places/$entity")
                kind_of_place = f"#microsoft.graph.{kind}"
                return Answer(200, {"@odata.context": context, "@odata.type": kind_of_place, **place})
    raise _not_found(call.path["place"])


def _of_kind(place: dict[str, Any], kind: str) -> dict[str, Any]:
    absent = _ROOMS_ONLY if kind == "workspace" else ()
    return {name: value for name, value in place.items() if name not in absent}


def _places(call: Call, kind: str, places: list[dict[str, Any]]) -> Answer:
    return call.collection(
        f"places/microsoft.graph.{kind}",
        [_of_kind(place, kind) for place in places],
        call.query(*_OPTIONS),
        filterable=_FILTERABLE,
        known=_ROOM_PROPERTIES,
        size=100,
        linked=False,
    )


def _not_found(place: str) -> GraphFailure:
    return GraphFailure(404, "ErrorItemNotFound", f"The place '{place}' does not exist.")


OPERATIONS = (
    Operation("listRooms", "GET", "/places/microsoft.graph.room", list_rooms, PLACES, "outlook"),
    Operation("listRoomLists", "GET", "/places/microsoft.graph.roomlist", list_room_lists, PLACES, "outlook"),
    Operation(
        "listRoomsOfList",
        "GET",
        "/places/<place>/microsoft.graph.roomlist/rooms",
        list_rooms_of_list,
        PLACES,
        "outlook",
    ),
    Operation(
        "listWorkspaces", "GET", "/places/microsoft.graph.workspace", list_workspaces, PLACES, "outlook"
    ),
    Operation("getPlace", "GET", "/places/<place>", get_place, PLACES, "outlook"),
)
