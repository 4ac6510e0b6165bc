"""Decisions about one session alone, which need no solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers.explain.deciding import Budget, Decider, starts_alone
from solvers.plan import Plan
from solvers.problem import Problem

Make = Callable[..., Any]


def test_somebody_else_where_a_limit_is_reached(
    problem: Callable[..., Problem], loop: Make, hours: Make, at: Make
) -> None:
    """Who may do no more that day is passed over for who may."""
    full = {"start": at(0, 0), "end": at(1, 0), "sessions": 1, "already_sessions": 1}
    people = [{"key": "ana", "limits": [full]}, {"key": "ben", "blocked": [hours(1, 0, 120)]}]
    asked = problem(loop("sam", ["ana", "ben"], available=[hours(0, 9, 10), hours(1, 9, 10)]), people=people)
    found = {each.start: each.people["lead"] for each in starts_alone(asked, asked.loops[0])}
    assert {at(0, 9): "ben", at(1, 9): "ana"} == found


def test_seats_that_compete_for_people(problem: Callable[..., Problem], loop: Make, at: Make) -> None:
    """Whoever fits two seats takes the one that nobody else can fill."""
    seats = [{"key": "lead", "pool": ["ana", "ben"]}, {"key": "second", "pool": ["ana"]}]
    people = [{"key": "ana"}, {"key": "ben"}]
    asked = problem(loop("sam", ["ana"], session={"seats": seats}), people=people)
    first = next(starts_alone(asked, asked.loops[0]))
    assert (at(0, 9), {"lead": "ben", "second": "ana"}) == (first.start, first.people)


@pytest.mark.parametrize("sessions", [1, 2])
def test_starts_are_counted(problem: Callable[..., Problem], loop: Make, hours: Make, sessions: int) -> None:
    """Of one session every start is counted; of two as many as asked for, and whether these are all is said."""
    sam = loop("sam", ["ana"], available=[hours(0, 9, 12)])
    sam["sessions"] = [{**sam["sessions"][0], "key": str(number)} for number in range(sessions)]
    asked = problem({**sam, "meets_once": False}, people=[{"key": "ana"}])
    every = {1: 5, 2: 3}[sessions]
    begins, complete = Decider(Budget()).begins(asked, "sam", 20)
    assert (every, True) == (len(begins), complete)
    begins, complete = Decider(Budget()).begins(asked, "sam", 2)
    assert ((5, True) if sessions == 1 else (2, False)) == (len(begins), complete)


def test_parts_of_a_budget(problem: Callable[..., Problem], loop: Make) -> None:
    """A part has its share of the decisions that are left, and then knows nothing more."""
    asked = problem(loop("sam", ["ana"]), people=[{"key": "ana"}])
    decider = Decider(Budget(decisions=3))
    assert isinstance(decider.decide(asked), Plan)
    half = decider.part(0.5)
    assert isinstance(half.decide(asked), Plan)
    assert ("unknown", True) == (half.decide(asked), half.spent)
