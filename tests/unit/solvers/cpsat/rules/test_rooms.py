"""Every session that needs a room has one of its own."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import rooms
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


def two_loops(make: Make, **loop: object) -> Problem:
    """Two loops with two sessions each that need a room, and two rooms."""
    sessions = [{"key": key, "minutes": 30, "room": {}} for key in "xy"]
    return make(
        *({"key": key, "sessions": sessions, **loop} for key in "ab"),
        rooms=[{"key": "m", "buffer_after": 5}, {"key": "n"}],
    )


def test_room_is_there_and_not_shared(problem: Make, held: Hold, allows: Allows) -> None:
    """A held session has a room, and two at a time have two, with the room's buffer between them."""
    small = two_loops(problem)
    assert not allows(rooms, small, held("a/x", 0), held("a/y", 60, "n"))
    assert allows(rooms, small, held("a/x", 0, "m"), held("a/y", 35, "m"))
    assert not allows(rooms, small, held("a/x", 0, "m"), held("a/y", 34, "m"))
    assert allows(rooms, small, held("a/x", 0, "n"), held("a/y", 30, "n"))
    others = (held("b/x", 0, "n"), held("b/y", 60, "n"))
    assert allows(rooms, small, held("a/x", 0, "m"), held("a/y", 60, "m"), *others)
    assert not allows(rooms, small, held("a/x", 20, "n"), held("a/y", 100, "m"), *others)


def test_same_room(problem: Make, held: Hold, allows: Allows) -> None:
    """A loop that asks for it keeps to one room."""
    small = two_loops(problem, same_room=True)
    assert allows(rooms, small, held("a/x", 0, "m"), held("a/y", 60, "m"))
    assert not allows(rooms, small, held("a/x", 0, "m"), held("a/y", 60, "n"))
