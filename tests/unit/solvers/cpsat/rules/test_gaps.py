"""How close together the sessions of a day are."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import gaps
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


DAYS = [(0, 300), (300, 600)]


def three(make: Make, **loop: object) -> Problem:
    """A loop of three half hours."""
    return make({"key": "a", "sessions": [{"key": key, "minutes": 30} for key in "xyz"], **loop})


def test_min_gap(problem: Make, held: Hold, allows: Allows) -> None:
    """Sessions keep the least gap in either order."""
    for kind in ("fixed", "free"):
        small = three(problem, min_gap=15, order=kind)
        assert allows(gaps, small, held("a/x", 0), held("a/y", 45), held("a/z", 90))
        assert not allows(gaps, small, held("a/x", 0), held("a/y", 44), held("a/z", 90))
    small = three(problem, min_gap=15, order="free")
    assert allows(gaps, small, held("a/x", 45), held("a/y", 0), held("a/z", 90))
    assert not allows(gaps, small, held("a/x", 44), held("a/y", 0), held("a/z", 90))


def test_min_gap_ends_with_the_day(problem: Make, held: Hold, allows: Allows) -> None:
    """Nothing is kept between the last session of a day and the first of the next."""
    for kind in ("fixed", "free"):
        small = three(problem, min_gap=15, days=DAYS, order=kind)
        assert allows(gaps, small, held("a/x", 270), held("a/y", 300), held("a/z", 345))
        assert not allows(gaps, small, held("a/x", 230), held("a/y", 270), held("a/z", 345))


def test_max_gap(problem: Make, held: Hold, allows: Allows) -> None:
    """The next session of the day follows within the largest gap, whichever it is."""
    for kind in ("fixed", "free"):
        small = three(problem, max_gap=20, order=kind)
        assert allows(gaps, small, held("a/x", 0), held("a/y", 50), held("a/z", 100))
        assert not allows(gaps, small, held("a/x", 0), held("a/y", 50), held("a/z", 101))
    small = three(problem, max_gap=20, order="free")
    assert allows(gaps, small, held("a/z", 0), held("a/x", 50), held("a/y", 100))
    assert not allows(gaps, small, held("a/z", 0), held("a/x", 51), held("a/y", 100))


def test_max_gap_ends_with_the_day(problem: Make, held: Hold, allows: Allows) -> None:
    """The last session of a day is followed whenever it may."""
    for kind in ("fixed", "free"):
        small = three(problem, max_gap=20, days=DAYS, order=kind)
        assert allows(gaps, small, held("a/x", 0), held("a/y", 30), held("a/z", 500))
        assert not allows(gaps, small, held("a/x", 0), held("a/y", 60), held("a/z", 500))
