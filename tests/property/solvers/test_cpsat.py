"""CP-SAT against every lawful plan of tiny problems: the same feasibility, the same objective at every level."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, event, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from solvers.check import judge
from solvers.cpsat import solve
from solvers.exhaustive import best
from solvers.plan import Infeasible, Optimal
from solvers.problem import Problem

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def agrees_with_every_plan(problem: Problem) -> None:
    """The verdict of CP-SAT is the one that trying every plan gives."""
    note(problem.model_dump_json(exclude_defaults=True))
    expected = best(problem)
    verdict = solve(problem, seconds=600, workers=1, deterministic_time=60)
    if expected is None:
        event("infeasible")
        assert isinstance(verdict, Infeasible)
        return
    event(f"{len(expected.assignments)} sessions")
    assert isinstance(verdict, Optimal)
    assert judge(problem, expected).objective.levels == verdict.objective.levels
    assert judge(problem, verdict.plan).objective == verdict.objective
    assert () == judge(problem, verdict.plan).violations


@settings(QUIET, max_examples=60)
@given(data=st.data())
def test_best_of_all_plans(problems: SearchStrategy[Problem], data: DataObject) -> None:
    """What CP-SAT proves of a tiny problem is what trying every plan shows, infeasible ones included."""
    agrees_with_every_plan(data.draw(problems))


@pytest.mark.campaign
@pytest.mark.parametrize("part", range(10))
def test_best_of_all_plans_at_length(part: int, problems: SearchStrategy[Problem]) -> None:
    """The same on many more problems, in parts that each end before a hanging test would be suspected."""

    @seed(part)
    @settings(QUIET, max_examples=300, derandomize=False)
    @given(problem=problems)
    def holds(problem: Problem) -> None:
        agrees_with_every_plan(problem)

    holds()


@settings(QUIET, max_examples=10)
@given(data=st.data())
def test_same_plan_twice(problems: SearchStrategy[Problem], data: DataObject) -> None:
    """With one worker and the same seed the same problem gives the same verdict."""
    problem = data.draw(problems)
    one, other = (
        solve(problem, seconds=600, workers=1, seed=7, deterministic_time=60).model_dump(exclude={"seconds"})
        for _ in range(2)
    )
    assert one == other
