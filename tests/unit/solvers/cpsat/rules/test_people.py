"""Nobody is in two places."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import people
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


def test_buffer_between_two_sessions_is_the_larger(problem: Make, held: Hold, allows: Allows) -> None:
    """Two sessions of one person keep the larger of their buffers, not the sum; other people do not care."""
    loops = [
        {
            "key": key,
            "sessions": [{"key": "s", "minutes": 30, "seats": [{"key": "lead", "pool": ["p", "q"]}]}],
        }
        for key in "ab"
    ]
    small = problem(*loops, people=[{"key": "p", "buffer_before": 10, "buffer_after": 15}, {"key": "q"}])
    first = held("a/s", 100, lead="p")
    assert allows(people, small, first, held("b/s", 145, lead="p"))
    assert not allows(people, small, first, held("b/s", 144, lead="p"))
    assert allows(people, small, first, held("b/s", 55, lead="p"))
    assert not allows(people, small, first, held("b/s", 56, lead="p"))
    assert allows(people, small, first, held("b/s", 100, lead="q"))
