"""Why loops that a plan leaves out do not fit, all of them in one time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solvers.explain import explain_missing
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Make = Callable[..., Any]


def _three(problem: Callable[..., Problem], loop: Make, hours: Make) -> Problem:
    """Kim's loop takes the one hour of Ana that sam and lee could use as well."""
    people = [{"key": "ana", "blocked": [hours(0, 10, 17)]}]
    return problem(
        *(loop(key, ["ana"], available=[hours(0, 9, 17)]) for key in ("sam", "kim", "lee")), people=people
    )


def test_each_and_all(problem: Callable[..., Problem], loop: Make, hours: Make, at: Make) -> None:
    """Every loop is explained beside the plan with what helps it, and an hour that helps both is asked for."""
    asked = _three(problem, loop, hours)
    held = Assignment(loop="kim", session="talk", start=at(0, 9), people={"lead": "ana"})
    found = explain_missing(asked, Plan(assignments=(held,)), seconds=60)
    assert ["sam", "lee"] == [each.loop for each in found.left_out]
    for each in found.left_out:
        assert each.explanation.conflict.minimal
        assert {"pool", "available", "promised", "person_blocked"} == {
            fact.kind for fact in each.explanation.conflict.facts
        }
        assert "hour" in {kind for remedy in each.explanation.remedies for kind in remedy.kinds}
    assert ("ana", ("sam", "lee")) == (found.asks[0].person, found.asks[0].loops)
    assert () == found.unexplained


def test_one_alone_has_remedies_for_asks(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """Of a single loop the hours are among its remedies, and are not told twice."""
    people = [{"key": "ana", "blocked": [hours(0, 0, 120)]}]
    found = explain_missing(problem(loop("sam", ["ana"]), people=people), Plan(), seconds=60)
    assert (1, ()) == (len(found.left_out), found.asks)


def test_no_time(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """Without time nothing is explained, and that is said."""
    found = explain_missing(_three(problem, loop, hours), Plan(), seconds=0.0)
    assert ((), (), ("sam", "kim", "lee")) == (found.left_out, found.asks, found.unexplained)
