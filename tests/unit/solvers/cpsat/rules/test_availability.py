"""People and rooms are used when they are free."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import availability
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


def test_person_and_room_are_free(problem: Make, held: Hold, allows: Allows) -> None:
    """Of two people and two rooms, those that are blocked at the start are not used."""
    session = {
        "key": "s",
        "minutes": 30,
        "seats": [{"key": "lead", "pool": ["p", "q"]}],
        "room": {},
    }
    small = problem(
        {"key": "a", "sessions": [session]},
        people=[{"key": "p", "blocked": [(100, 200)]}, {"key": "q"}],
        rooms=[{"key": "m", "unknown": [(300, 400)], "buffer_after": 10}, {"key": "n"}],
    )
    assert allows(availability, small, held("a/s", 70, "m", lead="p"))
    assert not allows(availability, small, held("a/s", 71, "m", lead="p"))
    assert allows(availability, small, held("a/s", 71, "m", lead="q"))
    assert allows(availability, small, held("a/s", 260, "m", lead="p"))
    assert not allows(availability, small, held("a/s", 261, "m", lead="p"))
    assert allows(availability, small, held("a/s", 261, "n", lead="p"))
