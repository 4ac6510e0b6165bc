"""Rows about energy: bounds that nothing but adding up minutes gives, and no lawful plan lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ortools.sat.python import cp_model

from solvers.cpsat import energy
from solvers.cpsat.model import build
from solvers.cpsat.relaxation import relaxed
from solvers.cpsat.variables import Linear, Variables
from solvers.problem import Problem

Make = Callable[..., Problem]


def least(model: cp_model.CpModel, cost: Linear) -> int:
    """The optimum of the model without its clock."""
    model.minimize(cost)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(relaxed(model)) == cp_model.OPTIMAL
    return round(solver.objective_value)


def crowd(make: Make, count: int, **parts: Any) -> Problem:
    """Candidates who each need two half hours of one of the two rooms, open from 9."""
    sessions = [{"key": key, "minutes": 30, "grid": 30, "room": {}} for key in "xy"]
    loops = [{"key": f"c{number}", "sessions": sessions, "mandatory": True} for number in range(count)]
    rooms = [{"key": key, "open": [(540, 1080)]} for key in "mn"]
    return make(*loops, **{"rooms": rooms, **parts})


def bound(problem: Problem) -> int:
    """The bound of the first level."""
    model = build(problem)
    return least(model.variables.model, model.levels[0])


def test_last_candidate_waits_for_the_rooms(problem: Make) -> None:
    """Seven hours in two rooms from 9 are not over before 13 o'clock."""
    assert 13 == bound(crowd(problem, 7, levels=[{"weights": {"worst_off": 1}}]))


def test_not_all_candidates_are_early(problem: Make) -> None:
    """Two end by 10, two by 11, two by 12, one by 13."""
    small = crowd(problem, 7, levels=[{"weights": {"earliness": 1}}])
    assert 10 * 2 + 11 * 2 + 12 * 2 + 13 == bound(small)


def test_people_are_energy_as_rooms_are(problem: Make) -> None:
    """One interviewer for four half hours is done at 11 at the earliest, and with a pause of 30 after each at 13."""
    session = {"key": "s", "minutes": 30, "grid": 30, "seats": [{"key": "lead", "pool": ["p"]}]}
    loops = [{"key": f"c{number}", "sessions": [session], "mandatory": True} for number in range(4)]
    for buffer, expected in ((0, 11), (30, 13)):
        small = problem(
            *loops,
            people=[{"key": "p", "open": [(540, 1080)], "buffer_after": buffer}],
            levels=[{"weights": {"worst_off": 1}}],
        )
        assert expected == bound(small)


def test_pieces_too_short_for_a_session_count_for_nothing(problem: Make) -> None:
    """A room free for 50 minutes, and for 50 more, holds two half hours and not three."""
    rooms = [
        {"key": "m", "open": [(540, 590), (600, 650)], "seats": 0},
        {"key": "n", "open": [(540, 1080)], "seats": 9},
    ]
    small = crowd(problem, 2, rooms=rooms, levels=[{"weights": {"room_fit": 1}}])
    assert 2 * 9 == bound(small)


@pytest.mark.parametrize(("open_", "changes"), [((540, 660), 0), ((540, 630), 1)])
def test_rooms_hold_whole_loops_only(problem: Make, open_: tuple[int, int], changes: int) -> None:
    """Of three loops of an hour, two rooms with an hour and a half each hold but two without a change."""
    rooms = [{"key": key, "open": [open_]} for key in "mn"]
    variables = Variables(crowd(problem, 3, rooms=rooms))
    rooms_used = sum(sum(variables.uses(loop).values()) for loop in variables.loops)
    for name, taken in variables.takes.items():
        variables.model.add_exactly_one([*taken.values(), ~variables.is_scheduled(name)])
    energy.add(variables)
    assert 3 + changes == least(variables.model, rooms_used)
