"""The one ask that opens most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solvers.explain import value_of_hours
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Make = Callable[..., Any]


def test_the_hour_that_lets_most_fit(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """An hour that two candidates could use comes before one that opens more starts, but for one of them."""
    people = [{"key": "ana", "blocked": [hours(0, 9, 120)]}, {"key": "ben", "blocked": [hours(0, 9, 120)]}]
    asked = problem(
        loop("sam", ["ana"], available=[hours(0, 9, 11)]),
        loop("kim", ["ana"], available=[hours(0, 10, 17)]),
        loop("lee", ["ben"], available=[hours(0, 10, 17)], session={"minutes": 15, "grid": 15}),
        people=people,
    )
    first, *others = value_of_hours(asked, Plan())
    assert ("ana", hours(0, 10, 11), ("sam", "kim"), 2) == (
        first.person,
        first.spans.edges,
        first.loops,
        first.opens,
    )
    assert [("ben", ("lee",), 4)] == [(each.person, each.loops, each.opens) for each in others]


def test_more_starts_for_a_loop_that_fits(
    problem: Callable[..., Problem], loop: Make, hours: Make, at: Make
) -> None:
    """A scheduled candidate is asked about by name, and gains starts but no place."""
    people = [{"key": "ana", "blocked": [hours(0, 10, 12)]}]
    asked = problem(loop("sam", ["ana"], available=[hours(0, 9, 12)]), people=people)
    held = Assignment(loop="sam", session="talk", start=at(0, 9), people={"lead": "ana"})
    (best,) = value_of_hours(asked, Plan(assignments=(held,)), loops=["sam"])
    assert (hours(0, 10, 11), (), 2) == (best.spans.edges, best.loops, best.opens)
