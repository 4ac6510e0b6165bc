"""Time off between sessions."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import breaks
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


def lunch(make: Make, window: list[tuple[int, int]], **loop: object) -> Problem:
    """Two half hours with a break of 40 minutes in the window."""
    sessions = [{"key": key, "minutes": 30} for key in "xy"]
    rest = {"key": "lunch", "minutes": 40, "window": window}
    return make({"key": "a", "sessions": sessions, "breaks": [rest], **loop})


def test_break_lies_between_sessions(problem: Make, held: Hold, allows: Allows) -> None:
    """Between two sessions around the window the break needs its minutes in one piece."""
    small = lunch(problem, [(100, 200)])
    assert allows(breaks, small, held("a/x", 90), held("a/y", 160))
    assert not allows(breaks, small, held("a/x", 91), held("a/y", 160))
    assert not allows(breaks, small, held("a/x", 120), held("a/y", 189))


def test_break_is_in_one_span_of_the_window(problem: Make, held: Hold, allows: Allows) -> None:
    """Two short pieces of a window do not make a break."""
    small = lunch(problem, [(100, 130), (160, 200)])
    assert allows(breaks, small, held("a/x", 100), held("a/y", 200))
    assert not allows(breaks, small, held("a/x", 60), held("a/y", 199))


def test_break_is_due_only_around_the_window(problem: Make, held: Hold, allows: Allows) -> None:
    """A day whose sessions all lie before the window, or all after it, needs no break."""
    small = lunch(problem, [(100, 130)])
    assert allows(breaks, small, held("a/x", 40), held("a/y", 70))
    assert not allows(breaks, small, held("a/x", 40), held("a/y", 71))
    assert allows(breaks, small, held("a/x", 130), held("a/y", 160))
    assert not allows(breaks, small, held("a/x", 70), held("a/y", 130))


def test_break_looks_at_one_day(problem: Make, held: Hold, allows: Allows) -> None:
    """Sessions on two days lie around no window."""
    small = lunch(problem, [(100, 130)], days=[(0, 300), (300, 600)])
    assert allows(breaks, small, held("a/x", 70), held("a/y", 300))
    assert not allows(breaks, small, held("a/x", 70), held("a/y", 270))
