"""How far a start is from legal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solvers.explain import why_not
from solvers.problem import Problem

Make = Callable[..., Any]


def test_legal(problem: Callable[..., Problem], loop: Make, at: Make) -> None:
    """A legal start has nothing in its way."""
    miss = why_not(problem(loop("sam", ["ana"]), people=[{"key": "ana"}]), "sam", at(0, 9))
    assert ("legal", (), None) == (miss.outcome, miss.facts, miss.fewest)


def test_all_blockers_of_one_start(
    problem: Callable[..., Problem], loop: Make, hours: Make, at: Make
) -> None:
    """Each person's reason is told, and the candidate's; what is busy at another time is not."""
    people = [
        {"key": "ana", "blocked": [hours(0, 10, 11), hours(0, 15, 16)]},
        {"key": "ben", "unknown": [hours(0, 10.5, 12)]},
    ]
    asked = problem(loop("sam", ["ana", "ben"], available=[hours(0, 10.5, 17)]), people=people)
    miss = why_not(asked, "sam", at(0, 10))
    assert {
        ("pool", ("ana", "ben")),
        ("available", ()),
        ("person_blocked", ("ana",)),
        ("person_unknown", ("ben",)),
    } == {(fact.kind, fact.people) for fact in miss.facts}
    assert (2, None, 60) == (miss.fewest, miss.before, miss.after)


def test_off_the_grid(problem: Callable[..., Problem], loop: Make, at: Make) -> None:
    """A start between the permitted ones is near to two, and nothing can be lifted for it."""
    miss = why_not(problem(loop("sam", ["ana"]), people=[{"key": "ana"}]), "sam", at(0, 10) + 10)
    assert (None, 10, 20) == (miss.lift, miss.before, miss.after)
    assert "grid" in {fact.kind for fact in miss.context}


def test_a_loop_of_two_sessions(problem: Callable[..., Problem], hours: Make, at: Make) -> None:
    """What forbids a later session is found as well, and so are the nearest legal beginnings."""
    people = [{"key": "ana"}, {"key": "ben", "blocked": [hours(0, 11, 13)]}]
    sessions = [
        {"key": key, "minutes": 60, "grid": 30, "seats": [{"key": "lead", "pool": [person]}]}
        for key, person in (("one", "ana"), ("two", "ben"))
    ]
    asked = problem({"key": "sam", "sessions": sessions, "max_gap": 0}, people=people)
    miss = why_not(asked, "sam", at(0, 11))
    assert {"ben"} == {key for fact in miss.facts if fact.kind == "person_blocked" for key in fact.people}
    assert (1, 120, 60) == (miss.fewest, miss.before, miss.after)
