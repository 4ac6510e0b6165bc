"""When a loop may begin."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import begins
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]

SESSIONS = [{"key": key, "minutes": 30} for key in "xy"]


def test_fixed_order(problem: Make, held: Hold, allows: Allows) -> None:
    """In a fixed order the first session starts when the loop may begin, and the others when they like."""
    small = problem({"key": "a", "sessions": SESSIONS, "begins": [(60, 90)]})
    assert allows(begins, small, held("a/x", 60), held("a/y", 300))
    assert allows(begins, small, held("a/x", 89), held("a/y", 119))
    assert not allows(begins, small, held("a/x", 59), held("a/y", 89))
    assert not allows(begins, small, held("a/x", 90), held("a/y", 120))


def test_free_order(problem: Make, held: Hold, allows: Allows) -> None:
    """In a free order whichever session comes first starts when the loop may begin."""
    small = problem({"key": "a", "sessions": SESSIONS, "order": "free", "begins": [(60, 90)]})
    assert allows(begins, small, held("a/x", 300), held("a/y", 60))
    assert allows(begins, small, held("a/x", 60), held("a/y", 300))
    assert not allows(begins, small, held("a/x", 60), held("a/y", 0))
    assert not allows(begins, small, held("a/x", 300), held("a/y", 90))
