"""Two looks at a directory are compared by address."""

from __future__ import annotations

from dataclasses import replace

from scheduler.directory.comparison import Difference, Differences, Look, Seen, differences
from scheduler.directory.rooms import Room

ROOM = Room("a@x.example", "Aula", 6, "Main", 2, frozenset({"screen"}), step_free=True)
BEFORE = Look(0, (Seen("room", ROOM), Seen("room", replace(ROOM, address="b@x.example"))))


def test_nothing_changed() -> None:
    """The order of the rows is no difference."""
    assert Differences((), (), ()) == differences(BEFORE, Look(60, BEFORE.seen[::-1]))


def test_new_and_gone() -> None:
    """Who came and who went, by address."""
    after = Look(60, (Seen("room", ROOM), Seen("workspace", replace(ROOM, address="c@x.example"))))
    assert Differences(("c@x.example",), ("b@x.example",), ()) == differences(BEFORE, after)


def test_every_changed_fact() -> None:
    """Name, seats, building, floor, equipment, access, booking type and kind are each told with both values."""
    other = Room("a@x.example", "Saal", None, None, None, frozenset(), step_free=None, reserved=True)
    found = differences(BEFORE, Look(60, (Seen("workspace", other), BEFORE.seen[1])))
    assert (
        Difference("a@x.example", "kind", "room", "workspace"),
        Difference("a@x.example", "name", "Aula", "Saal"),
        Difference("a@x.example", "seats", "6", "unknown"),
        Difference("a@x.example", "building", "Main", "unknown"),
        Difference("a@x.example", "floor", "2", "unknown"),
        Difference("a@x.example", "equipment", "screen", "none"),
        Difference("a@x.example", "step-free", "yes", "unknown"),
        Difference("a@x.example", "booking", "by invitation", "first come, first served"),
    ) == found.changed
