"""Which rooms would do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.directory.rooms import Room
from scheduler.planning.request import RoomNeed
from scheduler.planning.rooms import suitable, unsuitable

ROOM = Room(
    "room@x.example",
    "Room",
    seats=6,
    building="Herengracht",
    equipment=frozenset({"video", "whiteboard"}),
    step_free=True,
)


def need(**wanted: object) -> RoomNeed:
    """A need, with nothing else asked."""
    return RoomNeed.model_validate(wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"building": "herengracht"},
        {"equipment": ["Video"]},
        {"step_free": True},
        {"among": ["room@x.example"]},
    ],
)
def test_a_room_that_fits(wanted: dict[str, object]) -> None:
    """Names are compared without regard to case."""
    assert unsuitable(ROOM, need(**wanted), 6) is None


@pytest.mark.parametrize(
    ("room", "wanted", "reason"),
    [
        (ROOM, {}, "seats fewer than 7"),
        (replace(ROOM, seats=None), {}, "does not say how many it seats"),
        (replace(ROOM, seats=9, building=None), {"building": "Herengracht"}, "not in Herengracht"),
        (replace(ROOM, seats=9), {"equipment": ["phone", "video"]}, "has no phone"),
        (replace(ROOM, seats=9, step_free=None), {"step_free": True}, "not known to be step-free"),
        (replace(ROOM, seats=9, reserved=True), {}, "cannot be booked by anyone"),
        (replace(ROOM, seats=9), {"among": ["other@x.example"]}, "not among the rooms named"),
    ],
)
def test_a_room_that_does_not_fit(room: Room, wanted: dict[str, object], reason: str) -> None:
    """What the directory does not say is never taken as there."""
    assert reason == unsuitable(room, need(**wanted), 7)


def test_the_others_are_counted_by_reason() -> None:
    """A person who asked for too much sees what to give up."""
    rooms = [replace(ROOM, address=f"{seats}@x.example", seats=seats) for seats in (2, 3, 8)]
    fitting, others = suitable(rooms, need(), 4)
    assert (["8@x.example"], "2 seats fewer than 4") == ([room.address for room in fitting], others)
