"""How fragile a plan is, counted by its definition: every replacement is put into the plan and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, assume, event, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from solvers.check import judge
from solvers.cpsat import solve
from solvers.exhaustive import best, every_lawful
from solvers.plan import Assignment, Infeasible, Optimal, Plan
from solvers.problem import Level, Problem

Plans = Callable[[Problem], SearchStrategy[Plan]]

QUIET = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def dull(problem: Problem, plan: Plan) -> int:
    """The units of `fragile` of a lawful plan, by trying out who and what could take over."""
    sessions = {(loop.key, session.key): session for loop, session in problem.sessions()}
    total = 0
    for each in plan.assignments:
        session = sessions[each.loop, each.session]
        for seat in session.seats:
            if seat.kind == "required" and seat.key in each.people:
                others = (person for person in seat.pool if person != each.people[seat.key])
                changed = (
                    each.model_copy(update={"people": {**each.people, seat.key: person}}) for person in others
                )
                total += not any(_lawful(problem, plan, each, other) for other in changed)
        if each.room is not None:
            rooms = (room.key for room in problem.rooms if room.key != each.room)
            changed = (each.model_copy(update={"room": room}) for room in rooms)
            total += not any(_lawful(problem, plan, each, other) for other in changed)
    return total


def _lawful(problem: Problem, plan: Plan, was: Assignment, now: Assignment) -> bool:
    changed = Plan(assignments=tuple(now if each is was else each for each in plan.assignments))
    return all(each.rule == "placed" for each in judge(problem, changed).violations)


def _lawful_plans(problem: Problem) -> Iterator[Plan]:
    """Lawful plans that hold something."""
    return (plan for plan in every_lawful(problem) if plan.assignments)


def _counts_as_defined(data: DataObject, problems: SearchStrategy[Problem]) -> None:
    problem = data.draw(problems)
    lawful = list(_lawful_plans(problem))
    assume(lawful)
    for plan in data.draw(st.lists(st.sampled_from(lawful), min_size=1, max_size=3)):
        expected = dull(problem, plan)
        event(f"{expected} units")
        assert expected == judge(problem, plan).objective.units["fragile"]


@settings(QUIET, max_examples=15)
@given(data=st.data())
def test_counted_as_defined(data: DataObject, problems: SearchStrategy[Problem]) -> None:
    """The direct count is the number of seats and rooms for which every replacement breaks a rule."""
    _counts_as_defined(data, problems)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_counted_as_defined_at_length(part: int, problems: SearchStrategy[Problem]) -> None:
    """The same on many more plans."""

    @seed(part)
    @settings(QUIET, max_examples=200, derandomize=False)
    @given(data=st.data())
    def holds(data: DataObject) -> None:
        _counts_as_defined(data, problems)

    holds()


def _weighing(problem: Problem) -> Problem:
    """The problem with as many candidates as can be, held as safely as can be."""
    levels = (Level(weights={"unscheduled": 1}), Level(weights={"fragile": 1}))
    return problem.model_copy(update={"levels": levels})


def _solver_agrees(drawn: Problem) -> None:
    problem = _weighing(drawn)
    note(problem.model_dump_json(exclude_defaults=True))
    expected = best(problem)
    verdict = solve(problem, seconds=600, workers=1, deterministic_time=60)
    if expected is None:
        assert isinstance(verdict, Infeasible)
        return
    assert isinstance(verdict, Optimal)
    event(f"{verdict.objective.units['fragile']} units")
    assert judge(problem, expected).objective.levels == verdict.objective.levels


@settings(QUIET, max_examples=12)
@given(data=st.data())
def test_solver_finds_the_safest_plan(data: DataObject, problems: SearchStrategy[Problem]) -> None:
    """The least fragile plan that CP-SAT proves is the least fragile of all lawful plans."""
    _solver_agrees(data.draw(problems))


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(5))
def test_solver_finds_the_safest_plan_at_length(part: int, problems: SearchStrategy[Problem]) -> None:
    """The same on many more problems."""

    @seed(part)
    @settings(QUIET, max_examples=300, derandomize=False)
    @given(problem=problems)
    def holds(problem: Problem) -> None:
        _solver_agrees(problem)

    holds()
