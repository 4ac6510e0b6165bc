"""What a loop survives, against trying every way to seat and house it at its times without the lost one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, event, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from solvers.check import judge
from solvers.exhaustive import every_lawful
from solvers.plan import Assignment, Plan
from solvers.problem import Loop, Problem, Session
from solvers.resilience import Loss, resilience

QUIET = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def _ways(problem: Problem, session: Session, was: Assignment) -> Iterator[Assignment]:
    """Everything that could be seated and taken at the session's time, lawful or not."""
    rooms = [None] if session.room is None else [room.key for room in problem.rooms]
    sittings = product(*([None, *seat.pool] for seat in session.seats))
    for sitting, room in product(sittings, rooms):
        people = {
            seat.key: person
            for seat, person in zip(session.seats, sitting, strict=True)
            if person is not None
        }
        yield was.model_copy(update={"people": people, "room": room})


def _fewest_changes(problem: Problem, plan: Plan, loop: Loop, lost: Loss) -> int | None:
    """In how many sessions a lawful plan without the lost one differs at least; None if there is none."""
    was = {each.session: each for each in plan.assignments if each.loop == loop.key}
    others = tuple(each for each in plan.assignments if each.loop != loop.key)
    ways = [list(_ways(problem, session, was[session.key])) for session in loop.sessions]
    least: int | None = None
    for part in product(*ways):
        changes = sum(each != was[each.session] for each in part)
        if lost.kind == "person":
            uses = {key for each in part for key in each.people.values()}
        else:
            uses = {each.room for each in part if each.room is not None}
        if lost.key in uses or (least is not None and changes >= least):
            continue
        violations = judge(problem, Plan(assignments=(*others, *part))).violations
        ours = {f"{loop.key}/{session.key}" for session in loop.sessions}
        if all(each.rule == "placed" and each.who[0] in ours for each in violations):
            least = changes
    return least


def _agrees(data: DataObject, problems: SearchStrategy[Problem]) -> None:
    problem = data.draw(problems)
    lawful = [plan for plan in every_lawful(problem) if plan.assignments]
    assume(lawful)
    plan = data.draw(st.sampled_from(lawful))
    loop = next(each for each in problem.loops if each.key == plan.assignments[0].loop)
    note(problem.model_dump_json(exclude_defaults=True))
    found = resilience(problem, plan, loop.key, seconds=600, deterministic_time=60)
    held = [each for each in plan.assignments if each.loop == loop.key]
    used = {key for each in held for key in (*each.people.values(), each.room) if key is not None}
    assert used == {loss.key for loss in found.losses}
    for loss in found.losses:
        expected = _fewest_changes(problem, plan, loop, loss)
        event(f"{loss.kind}: {expected} changes")
        assert (expected is not None, expected or 0) == (loss.survives, len(loss.changed))
        if loss.plan is not None:
            assert loss.least
            _is_plan_b(problem, plan, loop, loss)


def _is_plan_b(problem: Problem, plan: Plan, loop: Loop, loss: Loss) -> None:
    """The plan B is lawful, keeps all times and every other loop, and differs where it says."""
    assert loss.plan is not None
    assert {"placed"} >= {each.rule for each in judge(problem, loss.plan).violations}
    changed = []
    for was, now in zip(plan.assignments, loss.plan.assignments, strict=True):
        assert (was.loop, was.session, was.start) == (now.loop, now.session, now.start)
        assert was == now or was.loop == loop.key
        changed += [was.session] if was != now else []
    assert sorted(changed) == sorted(loss.changed)


@settings(QUIET, max_examples=12)
@given(data=st.data())
def test_survives_what_trying_everything_survives(
    data: DataObject, problems: SearchStrategy[Problem]
) -> None:
    """A loss is survived exactly when some way to hold the loop is lawful, with as few changes as any has."""
    _agrees(data, problems)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(5))
def test_survives_what_trying_everything_survives_at_length(
    part: int, problems: SearchStrategy[Problem]
) -> None:
    """The same on many more problems."""

    @seed(part)
    @settings(QUIET, max_examples=300, derandomize=False)
    @given(data=st.data())
    def holds(data: DataObject) -> None:
        _agrees(data, problems)

    holds()
