"""What is said of sessions that follow each other proves more than their times and rooms alone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from ortools.sat.python import cp_model

from solvers.cpsat.chains import chains
from solvers.cpsat.model import build
from solvers.cpsat.variables import Variables
from solvers.plan import Assignment, Plan
from solvers.problem import Problem
from solvers.timeline import SpanSet

Make = Callable[..., Problem]


def hours(make: Make, count: int, starts: list[tuple[int, int]], **parts: Any) -> Problem:
    """So many loops of an hour, all with Ann, in one room, beginning in `starts`; each pair costs 1 if apart."""
    keys = "abcdefgh"[:count]
    session = {
        "key": "x",
        "minutes": 60,
        "grid": 60,
        "starts": starts,
        "seats": [{"key": "lead", "pool": ["ann"]}],
        "room": {},
    }
    return make(
        *({"key": key, "sessions": [session], "mandatory": True} for key in keys),
        people=[{"key": "ann"}],
        pair_costs=[{"one": f"{a}/x", "other": f"{b}/x", "apart": 1} for a, b in combinations(keys, 2)],
        levels=[{"weights": {"pair_cost": 1}}],
        **{"rooms": [{"key": "m"}], **parts},
    )


def relaxed(problem: Problem) -> int:
    """The most pairs that follow each other by the linear relaxation alone."""
    model = build(problem)
    (level,) = model.levels
    model.variables.model.minimize(level)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.stop_after_root_propagation = True
    solver.solve(model.variables.model)
    return len(problem.pair_costs) - round(solver.best_objective_bound)


def fixed(problem: Problem, *held: Assignment) -> int:
    """The least cost of the plan in the whole model."""
    model = build(problem)
    model.variables.fix(Plan(assignments=held))
    (level,) = model.levels
    model.variables.model.minimize(level)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert cp_model.OPTIMAL == solver.solve(model.variables.model)
    return solver.value(level)


def test_a_chain_has_one_pair_less_than_sessions(problem: Make) -> None:
    """Four sessions of one person make three pairs at most, which takes no search to prove."""
    assert 3 == relaxed(hours(problem, 4, [(0, 1440)]))


def test_each_time_has_a_chain_of_its_own(problem: Make) -> None:
    """With room for two sessions in the morning and two in the afternoon, four make two pairs at most."""
    assert 2 == relaxed(hours(problem, 4, [(480, 541), (780, 841)]))


def without_seats(problem: Problem) -> Problem:
    """The problem with nobody in it."""
    loops = (
        loop.model_copy(update={"sessions": (loop.sessions[0].model_copy(update={"seats": ()}),)})
        for loop in problem.loops
    )
    return problem.model_copy(update={"loops": tuple(loops)})


def test_only_one_of_two_follows(problem: Make) -> None:
    """In two pairs of sessions that fill their room, each pair follows each other one way at most."""
    whole = hours(problem, 4, [(0, 240)])
    pairs = tuple(
        cost for cost in whole.pair_costs if (cost.one, cost.other) in {("a/x", "b/x"), ("c/x", "d/x")}
    )
    assert 2 == len(pairs) == relaxed(without_seats(whole).model_copy(update={"pair_costs": pairs}))


def test_two_neighbours_at_most(problem: Make) -> None:
    """Whoever they are with, of four pairs of one session with others only two can follow each other."""
    whole = hours(problem, 5, [(0, 1440)])
    pairs = tuple(cost for cost in whole.pair_costs if "a/x" in {cost.one, cost.other})
    assert 2 == relaxed(without_seats(whole).model_copy(update={"pair_costs": pairs}))


@pytest.mark.parametrize(
    ("starts", "apart"),
    [
        ((0, 60, 120, 180), 3),
        ((600, 660, 720, 780), 3),
        ((0, 60, 600, 660), 4),
        ((0, 120, 600, 780), 6),
    ],
)
def test_no_plan_is_refused(
    problem: Make, held: Callable[..., Assignment], starts: tuple[int, ...], apart: int
) -> None:
    """Chains may lie in the morning, in the afternoon, or in both."""
    whole = hours(problem, 4, [(0, 181), (600, 781)])
    plan = [held(f"{key}/x", start, "m", lead="ann") for key, start in zip("abcd", starts, strict=True)]
    assert apart == fixed(whole, *plan)


def test_sessions_that_meet_at_one_minute_alone(problem: Make, held: Callable[..., Assignment]) -> None:
    """Two sessions with one start each, an hour apart, follow each other."""
    whole = hours(problem, 2, [(0, 1440)])
    loops = []
    for start, loop in zip((60, 120), whole.loops, strict=True):
        only = loop.sessions[0].model_copy(update={"starts": SpanSet((start, start + 1))})
        loops.append(loop.model_copy(update={"sessions": (only,)}))
    plan = [held("a/x", 60, "m", lead="ann"), held("b/x", 120, "m", lead="ann")]
    assert 0 == fixed(whole.model_copy(update={"loops": tuple(loops)}), *plan)


def test_only_what_can_follow_has_a_literal(problem: Make) -> None:
    """Grids that never meet, rooms that differ and rooms that need a pause leave nothing to decide."""
    one, other = ("a", "x"), ("b", "x")

    def found(whole: Problem) -> int:
        return len(chains(Variables(whole), [(one, other)]))

    whole = hours(problem, 2, [(0, 1440)])
    assert 2 == found(whole)
    assert 0 == found(hours(problem, 2, [(0, 1440)], rooms=[{"key": "m", "buffer_after": 5}]))
    first, second = whole.loops
    late = second.sessions[0].model_copy(update={"anchor": 30})
    assert 0 == found(
        whole.model_copy(update={"loops": (first, second.model_copy(update={"sessions": (late,)}))})
    )
    evening = second.sessions[0].model_copy(update={"starts": first.sessions[0].starts.shift(1380)})
    last = second.model_copy(update={"sessions": (evening,)})
    assert 1 == found(whole.model_copy(update={"loops": (first, last)}))
