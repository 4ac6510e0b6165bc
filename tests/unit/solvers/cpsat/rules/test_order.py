"""The order of a loop."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import order
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


SESSIONS = [{"key": key, "minutes": 30} for key in "xyz"]


def test_fixed_order(problem: Make, held: Hold, allows: Allows) -> None:
    """In a fixed order each session ends before the next starts."""
    small = problem({"key": "a", "sessions": SESSIONS})
    assert allows(order, small, held("a/x", 0), held("a/y", 30), held("a/z", 90))
    assert not allows(order, small, held("a/x", 0), held("a/y", 29), held("a/z", 90))
    assert not allows(order, small, held("a/x", 60), held("a/y", 0), held("a/z", 90))


def test_free_order(problem: Make, held: Hold, allows: Allows) -> None:
    """In a free order sessions only do not overlap, and keep the pairs that are asked."""
    small = problem({"key": "a", "sessions": SESSIONS, "order": "free", "before": [("z", "x")]})
    assert allows(order, small, held("a/z", 0), held("a/x", 60), held("a/y", 30))
    assert not allows(order, small, held("a/z", 0), held("a/x", 60), held("a/y", 31))
    assert not allows(order, small, held("a/z", 60), held("a/x", 0), held("a/y", 30))
