"""The smallest set of facts that forbids a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solvers.explain import Budget, beside, conflict
from solvers.explain.conflict import explain
from solvers.explain.deciding import Decider
from solvers.explain.question import ask
from solvers.plan import Assignment, Plan
from solvers.problem import Problem
from solvers.timeline import SpanSet

Make = Callable[..., Any]


def test_one_day_and_nobody_free(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """Only one day is offered, one of two is busy all of it and the other away: told by day, and nothing else is."""
    people = [
        {"key": "ana", "blocked": [hours(3, 8, 12), hours(3, 12, 18), hours(1, 9, 10)]},
        {"key": "ben", "blocked": [hours(2, 0, 48)]},
        {"key": "cas", "blocked": [hours(3, 9, 17)]},
    ]
    asked = problem(loop("sam", ["ana", "ben"], available=[hours(3, 9, 17)]), people=people)
    found = conflict(asked, "sam")
    assert ("forbidden", True, ("sam",)) == (found.outcome, found.minimal, found.loops)
    assert ["pool", "available", "person_blocked", "person_blocked"] == [fact.kind for fact in found.facts]
    busy = found.facts[2:]
    assert [("ana",), ("ben",)] == [fact.people for fact in busy]
    assert [(hours(3, 9, 17),)] * 2 == [fact.whole for fact in busy]
    assert SpanSet.of([hours(3, 8, 18)]) == busy[0].spans


def test_only_the_entry_that_matters(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """Of a day that is not busy throughout, only the stretch that is in the way is told."""
    people = [{"key": "ana", "blocked": [hours(0, 9, 10), hours(0, 13, 14)]}]
    asked = problem(loop("sam", ["ana"], available=[hours(0, 12.5, 14)]), people=people)
    found = conflict(asked, "sam")
    assert [SpanSet.of([hours(0, 13, 14)])] == [
        fact.spans for fact in found.facts if fact.kind == "person_blocked"
    ]


def test_what_others_hold_is_told_apart(
    problem: Callable[..., Problem], loop: Make, hours: Make, at: Make
) -> None:
    """Beside a plan, the time that its loops hold is a promise, not a busy calendar."""
    people = [{"key": "ana", "blocked": [hours(0, 10, 17)]}]
    sam, kim = (loop(key, ["ana"], available=[hours(0, 9, 17)]) for key in ("sam", "kim"))
    held = Assignment(loop="kim", session="talk", start=at(0, 9), people={"lead": "ana"})
    asked = beside(problem(sam, kim, people=people), Plan(assignments=(held,)), "sam")
    found = conflict(asked, "sam")
    assert found.minimal
    assert {"promised": hours(0, 9, 10), "person_blocked": hours(0, 10, 17)} == {
        fact.kind: fact.spans.edges for fact in found.facts if fact.people and fact.kind != "pool"
    }


def test_two_loops_that_exclude_each_other(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """Of three loops that must be held, those two are named that share one person's only hour."""
    people = [{"key": "ana"}, {"key": "ben"}]
    loops = [
        loop("sam", ["ana"], available=[hours(0, 9, 10)], mandatory=True),
        loop("kim", ["ben"], available=[hours(0, 9, 10)], mandatory=True),
        loop("lee", ["ana"], available=[hours(0, 9, 10)], mandatory=True),
    ]
    found = conflict(problem(*loops, people=people), None)
    assert (("sam", "lee"), True) == (found.loops, found.minimal)
    assert {"pool", "available"} == {fact.kind for fact in found.facts}


def test_solvable(problem: Callable[..., Problem], loop: Make) -> None:
    """A loop that can be scheduled has no conflict."""
    assert "solvable" == conflict(problem(loop("sam", ["ana"]), people=[{"key": "ana"}]), "sam").outcome


def test_a_budget_that_does_not_last(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """What the budget leaves open is said: nothing decided, or not proved that every fact is needed."""
    people = [{"key": "ana", "blocked": [hours(0, 0, 120)]}]
    asked = problem(loop("sam", ["ana"]), people=people)
    assert "unknown" == conflict(asked, "sam", budget=Budget(decisions=0)).outcome
    begun = conflict(asked, "sam", budget=Budget(decisions=2))
    assert ("forbidden", False) == (begun.outcome, begun.minimal)


def test_too_long_for_the_time(problem: Callable[..., Problem], loop: Make) -> None:
    """When nothing that could be lifted is in the way, structure is told instead."""
    asked = problem(loop("sam", ["ana"], minutes=6 * 1440), people=[{"key": "ana"}])
    found = conflict(asked, "sam")
    assert ((), True) == (found.facts, found.minimal)
    assert ["minutes", "grid", "horizon"] == [fact.kind for fact in found.context]


def _no_room(problem: Callable[..., Problem], loop: Make) -> Problem:
    """Thirty people with entries of their own, and rooms that are taken all the time."""
    names = [f"p{number}" for number in range(30)]
    people = [
        {"key": name, "blocked": [(540 + 15 * number, 570 + 15 * number)]}
        for number, name in enumerate(names)
    ]
    rooms = [{"key": key, "blocked": [(0, 7200)]} for key in ("r", "s")]
    return problem(loop("sam", names, session={"room": {}}), people=people, rooms=rooms)


def test_of_many_facts_most_are_gone_at_once(problem: Callable[..., Problem], loop: Make) -> None:
    """Thirty busy people are not in the way where there is no room, which takes few decisions to find."""
    told: list[None] = []
    found = conflict(
        _no_room(problem, loop), "sam", budget=Budget(seconds=60, on_decision=lambda: told.append(None))
    )
    assert (["room", "room_blocked", "room_blocked"], True) == (
        [fact.kind for fact in found.facts],
        found.minimal,
    )
    assert 30 > len(told)


def test_a_budget_that_ends_early_tells_what_is_proved(problem: Callable[..., Problem], loop: Make) -> None:
    """Cut short, the fewest facts are told of which it is proved that they forbid the loop, not all there are."""
    found = conflict(_no_room(problem, loop), "sam", budget=Budget(seconds=60, decisions=3))
    assert ("forbidden", False) == (found.outcome, found.minimal)
    assert {"room", "room_blocked", "room_hours"} >= {fact.kind for fact in found.facts}


def test_a_similar_loop_is_forbidden_by_the_same(problem: Callable[..., Problem], loop: Make) -> None:
    """The facts of one conflict are tried first for the next loop, and told only if they forbid it as well."""
    asked = _no_room(problem, loop)
    first = explain(ask(asked, "sam"), Decider(Budget(seconds=60)))
    told: list[None] = []
    decider = Decider(Budget(seconds=60, on_decision=lambda: told.append(None)))
    again = explain(ask(asked, "sam"), decider, like=first.pieces)
    assert (first.pieces, True) == (again.pieces, again.minimal)
    other = problem(loop("sam", ["ana"]), people=[{"key": "ana", "blocked": [(0, 7200)]}])
    found = explain(ask(other, "sam"), Decider(Budget(seconds=60)), like=first.pieces)
    assert ({"pool", "person_blocked"}, True) == ({fact.kind for fact in found.pieces}, found.minimal)
