"""The way between buildings."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import walks
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


def two_loops(make: Make) -> Problem:
    """Two loops of one and two sessions, a room in each of two buildings ten minutes apart, and one nowhere."""
    session = {"minutes": 30, "room": {}, "seats": [{"key": "lead", "pool": ["p", "q"]}]}
    return make(
        {"key": "a", "sessions": [{"key": "x", **session}, {"key": "y", **session}], "order": "free"},
        {"key": "b", "sessions": [{"key": "x", **session}]},
        people=[{"key": "p"}, {"key": "q"}],
        rooms=[
            {"key": "m", "building": "east"},
            {"key": "n", "building": "west"},
            {"key": "e", "building": "east"},
            {"key": "o"},
        ],
        walks=[{"one": "west", "other": "east", "minutes": 10}],
    )


def test_candidate_walks(problem: Make, held: Hold, allows: Allows) -> None:
    """A candidate has time to walk, in both directions and orders, and none to stay in a building."""
    small = two_loops(problem)
    for one, other in (("m", "n"), ("n", "m")):
        assert allows(walks, small, held("a/x", 0, one, lead="p"), held("a/y", 40, other, lead="q"))
        assert not allows(walks, small, held("a/x", 0, one, lead="p"), held("a/y", 39, other, lead="q"))
        assert not allows(walks, small, held("a/y", 0, one, lead="p"), held("a/x", 39, other, lead="q"))
    for other in ("e", "o"):
        assert allows(walks, small, held("a/x", 0, "m", lead="p"), held("a/y", 30, other, lead="q"))


def test_interviewer_walks(problem: Make, held: Hold, allows: Allows) -> None:
    """An interviewer has time to walk from one candidate to another; different people do not matter."""
    small = two_loops(problem)
    first = (held("a/x", 0, "m", lead="p"), held("a/y", 100, "m", lead="q"))
    assert allows(walks, small, *first, held("b/x", 40, "n", lead="p"))
    assert not allows(walks, small, *first, held("b/x", 39, "n", lead="p"))
    assert allows(walks, small, *first, held("b/x", 39, "n", lead="q"))
    assert not allows(walks, small, *first, held("b/x", 61, "n", lead="q"))
