"""The list of rooms: pages without links, and values in every spelling seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduler.directory.rooms import Room, RoomList
from scheduler.graph.errors import BadAnswer


def row(number: int, **more: Any) -> dict[str, Any]:
    """A room as Graph lists it."""
    return {"emailAddress": f"room-{number}@contoso.test", "displayName": f"Room {number}"} | more


def test_pages_are_counted_not_linked(play: Callable[..., Any]) -> None:
    """Two hundred and one rooms take three pages by number, although no page links to the next."""
    everything = [row(number) for number in range(201)]

    def answer(asked: Any) -> Any:
        options = dict(part.split("=") for part in asked.query.split("&"))
        skip = int(options["$skip"])
        return 200, {"value": everything[skip : skip + int(options["$top"])]}

    stage = play(answer)
    assert 201 == len(stage.graph.rooms())
    assert ["$top=100&$skip=0", "$top=100&$skip=100", "$top=100&$skip=200"] == [
        asked.query for asked in stage.asked
    ]
    assert {"/v1.0/places/microsoft.graph.room"} == {asked.path for asked in stage.asked}


def test_a_server_that_ignores_skip_ends(play: Callable[..., Any]) -> None:
    """Full pages without end are a bad answer, not an endless loop."""
    page = {"value": [row(number) for number in range(100)]}
    with pytest.raises(BadAnswer):
        play(lambda _: (200, page)).graph.rooms()


def test_every_spelling(play: Callable[..., Any]) -> None:
    """Numbers as text, either spelling of wheelchair access, nulls and device names are all understood."""
    stage = play(
        [
            (
                200,
                {
                    "value": [
                        row(
                            1,
                            emailAddress="Room-1@Contoso.test",
                            capacity="50",
                            building="HQ",
                            floorNumber=2,
                            tags=["Whiteboard", None, " "],
                            videoDeviceName="Surface Hub",
                            audioDeviceName=None,
                            isWheelchairAccessible=True,
                            bookingType="Standard",
                        ),
                        row(
                            2,
                            capacity=None,
                            building=None,
                            tags=None,
                            isWheelChairAccessible=False,
                            bookingType="reserved",
                        ),
                        row(
                            3,
                            capacity=0,
                            floorNumber=1.5,
                            displayName=None,
                            isWheelChairAccessible="maybe",
                        ),
                        row(4, emailAddress=None),
                        row(5, emailAddress=" "),
                        None,
                        row(2, displayName="Again"),
                        row(6, capacity="many"),
                    ]
                },
            )
        ]
    )
    expected = (
        Room(
            "room-1@contoso.test",
            "Room 1",
            seats=50,
            building="HQ",
            floor=2,
            equipment=frozenset({"whiteboard", "surface hub"}),
            step_free=True,
        ),
        Room("room-2@contoso.test", "Room 2", step_free=False, reserved=True),
        Room("room-3@contoso.test", "room-3@contoso.test"),
        Room("room-6@contoso.test", "Room 6"),
    )
    assert expected == stage.graph.rooms()
    assert ("Room 4", "Room 5", "") == stage.graph.rooms_without_address


def test_workspaces_have_their_own_list(play: Callable[..., Any]) -> None:
    """Workspaces are read in pages by number as well."""
    stage = play([(200, {"value": [row(1, capacity=12)]})])
    assert (Room("room-1@contoso.test", "Room 1", seats=12),) == stage.graph.workspaces()
    assert "/v1.0/places/microsoft.graph.workspace" == stage.asked[0].path


def test_room_lists(play: Callable[..., Any]) -> None:
    """A list without an address is left out, because its rooms could not be asked for; one without a name has that."""
    rows = [
        {"emailAddress": "HQ@contoso.test", "displayName": "HQ"},
        {"displayName": "Lost"},
        {"emailAddress": "annex@contoso.test"},
    ]
    stage = play([(200, {"value": rows})])
    assert (
        RoomList("hq@contoso.test", "HQ"),
        RoomList("annex@contoso.test", "annex@contoso.test"),
    ) == stage.graph.room_lists()


def test_rooms_of_a_list(play: Callable[..., Any]) -> None:
    """They are asked for by the list's address."""
    stage = play([(200, {"value": [row(1)]})])
    assert 1 == len(stage.graph.rooms_of_list("hq/1@contoso.test"))
    assert stage.asked[0].path.lower().endswith("hq/1@contoso.test/microsoft.graph.roomlist/rooms")


@pytest.mark.parametrize(
    ("answer", "purpose"),
    [
        ((200, {"userPurpose": "Equipment"}), "equipment"),
        ((200, {"userPurpose": None}), None),
        ((403, {"error": {"code": "ErrorAccessDenied", "message": "no"}}), None),
        ((404, {"error": {"code": "ErrorInvalidUser", "message": "no"}}), None),
    ],
)
def test_what_a_mailbox_is_for(play: Callable[..., Any], answer: Any, purpose: str | None) -> None:
    """What may not be known is None, not an error."""
    assert purpose == play([answer]).graph.purpose("a@contoso.test")
