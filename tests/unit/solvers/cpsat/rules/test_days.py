"""On how many days a loop is held."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import days
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


def test_max_days(problem: Make, held: Hold, allows: Allows) -> None:
    """A loop is held on no more days than asked."""
    sessions = [{"key": key, "minutes": 30} for key in "xyz"]
    small = problem(
        {"key": "a", "sessions": sessions, "days": [(0, 300), (300, 600), (600, 900)], "max_days": 2}
    )
    assert allows(days, small, held("a/x", 0), held("a/y", 60), held("a/z", 600))
    assert not allows(days, small, held("a/x", 0), held("a/y", 300), held("a/z", 600))
