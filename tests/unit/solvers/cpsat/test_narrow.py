"""Fewer choices: what stays has no other, what may change has all, and nobody loses what a level has reached."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.narrow import Neighbourhood, narrow, tightened, without_late
from solvers.cpsat.options import options
from solvers.plan import Assignment, Plan
from solvers.problem import Problem
from solvers.timeline import SpanSet

Make = Callable[..., Problem]
Held = Callable[..., Assignment]

SESSION = {
    "key": "s",
    "minutes": 30,
    "grid": 30,
    "seats": [{"key": "lead", "pool": ["p", "q"]}],
    "room": {},
}


def three(make: Make) -> Problem:
    """Three candidates, two interviewers and two rooms."""
    return make(
        *({"key": key, "sessions": [SESSION]} for key in "abc"),
        people=[{"key": "p"}, {"key": "q"}],
        rooms=[{"key": "m"}, {"key": "n"}],
    )


def test_what_stays_has_no_other_choice(problem: Make, held: Held) -> None:
    """Outside the neighbourhood a held loop is where it was, and one that was left out stays out."""
    whole = options(three(problem))
    plan = Plan(assignments=(held("a/s", 60, "m", lead="p"), held("b/s", 90, "n", lead="q")))
    part = narrow(whole, plan, Neighbourhood("any", frozenset("b")))
    assert ["a", "b"] == [loop.key for loop in part.loops]
    fixed = part.choices["a", "s"]
    assert (SpanSet((2, 3)), {"lead": {"p": SpanSet((2, 3))}}, {"m": SpanSet((2, 3))}) == (
        fixed.ticks,
        fixed.seats,
        fixed.rooms,
    )
    assert part.loops[0].mandatory
    assert whole.choices["b", "s"] == part.choices["b", "s"]


def test_one_part_may_change_by_itself(problem: Make, held: Held) -> None:
    """With starts and people kept, every room that is free at the start may be taken."""
    whole = options(three(problem))
    plan = Plan(assignments=(held("a/s", 60, "m", lead="p"),))
    part = narrow(whole, plan, Neighbourhood("where", frozenset("a"), frozenset(("start", "people"))))
    choice = part.choices["a", "s"]
    assert ({"m", "n"}, {"p"}, 1) == (
        set(choice.rooms or ()),
        set(choice.seats["lead"]),
        choice.ticks.minutes,
    )


def test_worst_off_reached_is_a_latest_end_for_all(problem: Make) -> None:
    """What the worst-off candidate has reached, nobody may exceed; other levels say nothing of ends."""
    small = three(problem)
    assert small == tightened(small, (0,))
    assert [180, 180, 180] == [loop.latest for loop in tightened(small, (0, 3)).loops]


def test_late_loops_are_taken_out(problem: Make, held: Held) -> None:
    """In the shorter time only the loops that still fit are left."""
    plan = Plan(assignments=(held("a/s", 60, "m", lead="p"), held("b/s", 180, "n", lead="q")))
    shorter = options(tightened(three(problem), (0, 3)))
    assert plan.assignments[:1] == without_late(shorter, plan).assignments
