"""The best truly different plans against every lawful plan of tiny problems."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, event, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from solvers.alternatives import alternatives
from solvers.check import judge
from solvers.exhaustive import every_lawful
from solvers.problem import Problem

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MANY = 6


def by_exhaustion(problem: Problem, loop: str, apart: int) -> list[tuple[tuple[int, ...], int]]:
    """Repeatedly the least cost, then the earliest begin, of all plans that begin far enough from the chosen ones."""
    cheapest: dict[int, tuple[int, ...]] = {}
    for plan in every_lawful(problem):
        starts = [each.start for each in plan.assignments if each.loop == loop]
        if starts:
            levels = judge(problem, plan).objective.levels
            cheapest[min(starts)] = min(levels, cheapest.get(min(starts), levels))
    chosen: list[tuple[tuple[int, ...], int]] = []
    while cheapest and len(chosen) < MANY:
        start, levels = min(cheapest.items(), key=lambda each: (each[1], each[0]))
        chosen.append((levels, start))
        cheapest = {begin: cost for begin, cost in cheapest.items() if abs(begin - start) >= apart}
    return chosen


def agrees_with_every_plan(problem: Problem, apart: int) -> None:
    """The options are those that trying every plan gives, and each is proved."""
    note(problem.model_dump_json(exclude_defaults=True))
    loop = problem.loops[0].key
    expected = by_exhaustion(problem, loop, apart)
    event(f"{len(expected)} options")
    found = alternatives(problem, loop, MANY, apart, seconds=600, workers=1, deterministic_time=60)
    assert expected == [(option.objective.levels, option.start) for option in found.options]
    assert all(option.proved for option in found.options)
    assert ("enough" if len(expected) == MANY else "exhausted") == found.ended
    for option in found.options:
        judgement = judge(problem, option.plan)
        assert ((), option.objective) == (judgement.violations, judgement.objective)


APART = st.sampled_from([1, 15, 16, 40, 10_000])


@settings(QUIET, max_examples=10)
@given(data=st.data(), apart=APART)
def test_best_of_what_is_left(problems: SearchStrategy[Problem], data: DataObject, apart: int) -> None:
    """Cost and begin of every option are what trying every plan gives, infeasible problems included."""
    agrees_with_every_plan(data.draw(problems), apart)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(4))
def test_best_of_what_is_left_at_length(part: int, problems: SearchStrategy[Problem]) -> None:
    """The same on many more problems."""

    @seed(part)
    @settings(QUIET, max_examples=250, derandomize=False)
    @given(problem=problems, apart=APART)
    def holds(problem: Problem, apart: int) -> None:
        agrees_with_every_plan(problem, apart)

    holds()
