"""Caps on a person."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import limits
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


def one_limit(make: Make, **limit: object) -> Problem:
    """Two loops of one session that either of two people leads; one of them has a limit from 100 to 200."""
    loops = [
        {
            "key": key,
            "sessions": [{"key": "s", "minutes": minutes, "seats": [{"key": "lead", "pool": ["p", "q"]}]}],
        }
        for key, minutes in (("a", 30), ("b", 45))
    ]
    return make(*loops, people=[{"key": "p", "limits": [{"start": 100, "end": 200, **limit}]}, {"key": "q"}])


def test_sessions_that_start_inside_count(problem: Make, held: Hold, allows: Allows) -> None:
    """Of sessions that start in the span, no more than the limit are the person's."""
    small = one_limit(problem, sessions=2, already_sessions=1)
    assert not allows(limits, small, held("a/s", 100, lead="p"), held("b/s", 199, lead="p"))
    assert allows(limits, small, held("a/s", 99, lead="p"), held("b/s", 199, lead="p"))
    assert allows(limits, small, held("a/s", 100, lead="p"), held("b/s", 200, lead="p"))
    assert allows(limits, small, held("a/s", 100, lead="p"), held("b/s", 199, lead="q"))


def test_minutes_count_whole(problem: Make, held: Hold, allows: Allows) -> None:
    """A session that starts in the span counts with all its minutes."""
    small = one_limit(problem, minutes=75)
    assert allows(limits, small, held("a/s", 100, lead="p"), held("b/s", 199, lead="p"))
    small = one_limit(problem, minutes=74)
    assert not allows(limits, small, held("a/s", 100, lead="p"), held("b/s", 199, lead="p"))


def test_exceeded_limit_allows_nothing_more(problem: Make, held: Hold, allows: Allows) -> None:
    """What is booked already may exceed a limit; then nothing is added, and nothing else is forbidden."""
    small = one_limit(problem, sessions=1, already_sessions=3)
    assert allows(limits, small)
    assert allows(limits, small, held("a/s", 300, lead="p"))
    assert not allows(limits, small, held("a/s", 150, lead="p"))
