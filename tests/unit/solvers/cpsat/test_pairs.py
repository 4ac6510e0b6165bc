"""Prices on pairs: each kind alone, on both sides of where it begins and ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ortools.sat.python import cp_model

from solvers.check import judge
from solvers.cpsat.pairs import cost_of_pairs
from solvers.cpsat.variables import Variables
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]


def pair(make: Make, room: dict[str, object] | None = None, **prices: int) -> Problem:
    """Two loops of an hour each, `a/x` in a room, `b/x` in one too unless told otherwise, with these prices."""
    needs = {"room": {}} if room is None else room
    return make(
        {"key": "a", "sessions": [{"key": "x", "minutes": 60, "room": {}}]},
        {"key": "b", "sessions": [{"key": "x", "minutes": 60, **needs}]},
        rooms=[{"key": "m"}, {"key": "n"}],
        pair_costs=[{"one": "a/x", "other": "b/x", **prices}],
        levels=[{"weights": {"pair_cost": 1}}],
    )


def least(problem: Problem, *held: Assignment) -> int:
    """The least value of the expression with the plan fixed, which has to be what the judge counts."""
    plan = Plan(assignments=held)
    variables = Variables(problem)
    total = cost_of_pairs(variables)
    variables.fix(plan)
    variables.model.minimize(total)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert cp_model.OPTIMAL == solver.solve(variables.model)
    found = solver.value(total)
    assert judge(problem, plan).objective.units["pair_cost"] == found
    return found


@pytest.mark.parametrize(("start", "shared"), [(40, 0), (41, 1), (70, 30), (100, 60), (159, 1), (160, 0)])
def test_overlap(problem: Make, held: Hold, start: int, shared: int) -> None:
    """Each shared minute costs."""
    whole = pair(problem, overlap=3)
    assert 3 * shared == least(whole, held("a/x", 100, "m"), held("b/x", start, "n"))


@pytest.mark.parametrize(("start", "cost"), [(39, 0), (40, 5), (41, 0), (159, 0), (160, 5), (161, 0)])
def test_touching(problem: Make, held: Hold, start: int, cost: int) -> None:
    """An end at the other's start costs, on both sides."""
    assert cost == least(pair(problem, touching=5), held("a/x", 100, "m"), held("b/x", start, "n"))


@pytest.mark.parametrize(
    ("start", "room", "cost"), [(40, "m", 0), (160, "m", 0), (161, "m", 9), (160, "n", 9), (400, "m", 9)]
)
def test_apart(problem: Make, held: Hold, start: int, room: str, cost: int) -> None:
    """Only touching in one room is free, whichever comes first."""
    assert cost == least(pair(problem, apart=9), held("a/x", 100, "m"), held("b/x", start, room))


def test_apart_when_left_out(problem: Make, held: Hold) -> None:
    """What is left out is apart, and so is what could not be held at all."""
    assert 9 == least(pair(problem, apart=9), held("a/x", 100, "m"))
    hopeless = pair(problem, room={"room": {"seats": 10}}, apart=9)
    assert 9 == least(hopeless, held("a/x", 100, "m"))


def test_apart_without_a_room(problem: Make, held: Hold) -> None:
    """A session that needs no room is in no room with anything."""
    whole = pair(problem, room={}, apart=9)
    assert 9 == least(whole, held("a/x", 100, "m"), held("b/x", 160))


@pytest.mark.parametrize(
    ("start", "room", "cost"),
    [
        (100, "n", 0),
        (101, "n", 4),
        (101, "m", 0),
        (170, "n", 4),
        (170, "m", 0),
        (171, "n", 0),
        (99, "n", 4),
        (30, "n", 4),
        (29, "n", 0),
    ],
)
def test_rushed(problem: Make, held: Hold, start: int, room: str, cost: int) -> None:
    """Starting in another room after the other started, and at most ten minutes after it ended, costs."""
    whole = pair(problem, rushed=4, rushed_within=10)
    assert cost == least(whole, held("a/x", 100, "m"), held("b/x", start, room))


def test_rushed_without_a_room(problem: Make, held: Hold) -> None:
    """No room is another place than any room."""
    whole = pair(problem, room={}, rushed=4, rushed_within=10)
    assert 4 == least(whole, held("a/x", 100, "m"), held("b/x", 165))


def test_prices_on_one_pair_add_up(problem: Make, held: Hold) -> None:
    """The same two sessions may be named twice, in either order."""
    whole = pair(problem, apart=9)
    costs = [cost.model_dump() for cost in whole.pair_costs]
    costs.append({"one": "b/x", "other": "a/x", "apart": 1, "touching": 2})
    both = Problem.model_validate(whole.model_dump() | {"pair_costs": costs})
    assert 10 == least(both, held("a/x", 100, "m"), held("b/x", 300, "m"))
    assert 2 == least(both, held("a/x", 100, "m"), held("b/x", 160, "m"))
