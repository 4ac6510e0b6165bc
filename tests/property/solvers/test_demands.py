"""What is called impossible before solving is impossible: no lawful plan holds the loop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, event, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn, SearchStrategy

from solvers.demands import impossible_demands
from solvers.exhaustive import every_lawful
from solvers.problem import Loop, Problem

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def _hurried(draw: DrawFn, problem: Problem) -> Problem:
    """The problem with little time, so that some of its loops cannot have enough."""

    def less(loop: Loop) -> Loop:
        window = sorted(
            draw(st.lists(st.integers(problem.start - 5, problem.end + 5), min_size=2, max_size=2))
        )
        changes = [
            {"earliest": window[0]},
            {"latest": window[1]},
            {"earliest": window[0], "latest": window[1]},
            {"earliest": window[1], "latest": window[0]},
            {"min_gap": draw(st.integers(0, 90)), "max_gap": None},
        ]
        return loop.model_copy(update={"mandatory": draw(st.booleans()), **draw(st.sampled_from(changes))})

    shorter = draw(st.integers(0, problem.horizon.minutes - 1))
    return problem.model_copy(
        update={
            "end": problem.end - draw(st.sampled_from([0, shorter])),
            "loops": tuple(less(loop) if draw(st.booleans()) else loop for loop in problem.loops),
        }
    )


def _are_impossible(problem: Problem) -> None:
    note(problem.model_dump_json(exclude_defaults=True))
    named = {path[1] for path in _paths(problem)}
    event("impossible" if named else "nothing found")
    loops = {loop.key for index, loop in enumerate(problem.loops) if index in named}
    held = {each.loop for plan in every_lawful(problem) for each in plan.assignments}
    assert loops.isdisjoint(held)
    if any(loop.mandatory and loop.key in loops for loop in problem.loops):
        assert [] == list(every_lawful(problem))


def _paths(problem: Problem) -> Iterator[tuple[str | int, ...]]:
    return (each.path for each in impossible_demands(problem))


@settings(QUIET, max_examples=15)
@given(data=st.data())
def test_what_is_impossible_is_impossible(data: DataObject, problems: SearchStrategy[Problem]) -> None:
    """A loop with an impossible demand is in no lawful plan, and a mandatory one leaves none."""
    _are_impossible(data.draw(_hurried(data.draw(problems))))


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(5))
def test_what_is_impossible_is_impossible_at_length(part: int, problems: SearchStrategy[Problem]) -> None:
    """The same on many more problems."""

    @seed(part)
    @settings(QUIET, max_examples=400, derandomize=False)
    @given(problem=problems.flatmap(_hurried))
    def holds(problem: Problem) -> None:
        _are_impossible(problem)

    holds()
