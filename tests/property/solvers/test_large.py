"""The means that are kept for many loops, turned on tiny problems: they find and prove what trying every plan shows."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

import solvers.cpsat
from solvers.check import judge
from solvers.exhaustive import best
from solvers.plan import Infeasible, Optimal
from solvers.problem import Problem

QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def all_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every problem is bounded by its relaxation, aimed at that bound, and searched part by part."""
    monkeypatch.setattr(sys.modules["solvers.cpsat.solve"], "_FEW_LOOPS", 0)


def agrees_with_every_plan(problem: Problem) -> None:
    """The verdict is the one that trying every plan gives, whatever was bounded or improved on the way."""
    note(problem.model_dump_json(exclude_defaults=True))
    expected = best(problem)
    verdict = solvers.cpsat.solve(problem, seconds=600, workers=1, deterministic_time=60)
    if expected is None:
        assert isinstance(verdict, Infeasible)
        return
    assert isinstance(verdict, Optimal)
    assert judge(problem, expected).objective.levels == verdict.objective.levels
    assert () == judge(problem, verdict.plan).violations


@pytest.mark.usefixtures("all_is_large")
@settings(QUIET, max_examples=6)
@given(data=st.data())
def test_best_of_all_plans(problems: SearchStrategy[Problem], data: DataObject) -> None:
    """What is bounded and improved part by part ends where trying every plan ends."""
    agrees_with_every_plan(data.draw(problems))


@pytest.mark.nightly
@pytest.mark.usefixtures("all_is_large")
@pytest.mark.parametrize("part", range(10))
def test_best_of_all_plans_at_length(part: int, problems: SearchStrategy[Problem]) -> None:
    """The same on many more problems."""

    @seed(part)
    @settings(QUIET, max_examples=200, derandomize=False)
    @given(problem=problems)
    def holds(problem: Problem) -> None:
        agrees_with_every_plan(problem)

    holds()


@pytest.mark.usefixtures("all_is_large")
@settings(QUIET, max_examples=4)
@given(data=st.data())
def test_same_plan_twice(problems: SearchStrategy[Problem], data: DataObject) -> None:
    """With one worker and the same seed the same problem gives the same verdict."""
    problem = data.draw(problems)
    one, other = (
        solvers.cpsat.solve(problem, seconds=600, workers=1, seed=7, deterministic_time=60).model_dump(
            exclude={"seconds"}
        )
        for _ in range(2)
    )
    assert one == other
