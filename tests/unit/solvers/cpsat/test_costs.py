"""Prices of a start, at the edges of what has one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ortools.sat.python import cp_model

from solvers.check import judge
from solvers.cpsat import objective
from solvers.cpsat.variables import Variables
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

LEVELS = [{"weights": {"start_cost": 1}}]


@pytest.mark.parametrize("mandatory", [True, False])
@pytest.mark.parametrize(("start", "steps"), [(0, 0), (15, 1), (45, 3)])
def test_delay_on_the_grid(
    problem: Callable[..., Problem],
    held: Callable[..., Assignment],
    start: int,
    steps: int,
    mandatory: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Each grid step since the horizon's start costs once, also for a loop that must be scheduled."""
    session = {"key": "x", "minutes": 30, "grid": 15, "delay_cost": 7}
    whole = problem({"key": "a", "sessions": [session], "mandatory": mandatory}, levels=LEVELS)
    plan = Plan(assignments=(held("a/x", start),))
    assert 7 * steps == judge(whole, plan).objective.units["start_cost"] == _least(whole, plan)


def test_delay_off_the_grid(problem: Callable[..., Problem], held: Callable[..., Assignment]) -> None:
    """When the first permitted start lies after the horizon's, the way to it counts as a started step."""
    session = {"key": "x", "minutes": 30, "grid": 15, "anchor": 1, "delay_cost": 7}
    whole = problem({"key": "a", "sessions": [session]}, levels=LEVELS)
    plan = Plan(assignments=(held("a/x", 16),))
    assert 14 == judge(whole, plan).objective.units["start_cost"] == _least(whole, plan)


def test_delay_of_what_is_left_out(problem: Callable[..., Problem]) -> None:
    """A session that is not held waits for nothing, even if its first possible start is late."""
    session = {"key": "x", "minutes": 30, "grid": 15, "starts": [(600, 700)], "delay_cost": 7}
    whole = problem({"key": "a", "sessions": [session]}, levels=LEVELS)
    assert 0 == judge(whole, Plan()).objective.units["start_cost"] == _least(whole, Plan())


def _least(whole: Problem, plan: Plan) -> int:
    variables = Variables(whole)
    (level,) = objective.build(variables)
    variables.fix(plan)
    variables.model.minimize(level)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert cp_model.OPTIMAL == solver.solve(variables.model)
    return solver.value(level)
