"""Who and what is alike, and the order in which they are first used."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from ortools.sat.python import cp_model

from solvers.cpsat.options import options
from solvers.cpsat.symmetry import Alike, add, alike, in_turn
from solvers.cpsat.variables import Variables
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Make = Callable[..., Problem]
Held = Callable[..., Assignment]


def loop(key: str, **more: Any) -> dict[str, Any]:
    """A loop of one session, in any room, with p, q or r."""
    seats = [{"key": "lead", "pool": ["p", "q", "r"]}]
    return {"key": key, "sessions": [{"key": "s", "minutes": 60, "seats": seats, "room": {}, **more}]}


PEOPLE = [{"key": key} for key in "pqr"]
ROOMS = [{"key": key} for key in "lmn"]


def test_all_that_are_equal_are_alike(problem: Make) -> None:
    """People and rooms with nothing to tell them apart are of one kind."""
    assert Alike((("p", "q", "r"),), (("l", "m", "n"),)) == alike(
        problem(loop("a"), people=PEOPLE, rooms=ROOMS)
    )


@pytest.mark.parametrize(
    "more",
    [
        {"load": 1},
        {"buffer_after": 5},
        {"blocked": [(0, 5)]},
        {"soft": [(0, 5)]},
        {"limits": [{"start": 0, "end": 9}]},
    ],
)
def test_people_who_differ_are_not_alike(problem: Make, more: dict[str, Any]) -> None:
    """Anything of a person tells them from others."""
    people = [*PEOPLE[:2], {"key": "r", **more}]
    assert (("p", "q"),) == alike(problem(loop("a"), people=people)).people


@pytest.mark.parametrize(
    "more", [{"seats": 1}, {"building": "east"}, {"step_free": True}, {"features": ["tv"]}]
)
def test_rooms_that_differ_are_not_alike(problem: Make, more: dict[str, Any]) -> None:
    """Anything of a room tells it from others."""
    rooms = [*ROOMS[:2], {"key": "n", **more}]
    assert (("l", "m"),) == alike(problem(loop("a"), people=PEOPLE, rooms=rooms)).rooms


@pytest.mark.parametrize(
    ("more", "people", "rooms"),
    [
        ({"room": {"among": ["l", "n"]}}, (("p", "q", "r"),), (("l", "n"),)),
        ({"room_costs": [("l", 3), ("m", 3), ("n", 4)]}, (("p", "q", "r"),), (("l", "m"),)),
        ({"seats": [{"key": "lead", "pool": ["p", "q"]}]}, (("p", "q"),), (("l", "m", "n"),)),
        ({"placed": {"start": 0, "people": {"lead": "p"}, "room": "m"}}, (("q", "r"),), (("l", "n"),)),
    ],
)
def test_what_sessions_say_tells_apart(
    problem: Make,
    more: dict[str, Any],
    people: tuple[tuple[str, ...], ...],
    rooms: tuple[tuple[str, ...], ...],
) -> None:
    """A pool, a need, a price or a booking that names one of two and not the other tells them apart."""
    whole = problem(loop("a"), loop("b", **more), people=PEOPLE, rooms=ROOMS)
    assert Alike(people, rooms) == alike(whole)


def test_one_twin_of_each_plan_is_left(problem: Make, held: Held) -> None:
    """Of all ways to share three alike people among three sessions one of each pattern is allowed, and is the twin."""
    whole = problem(*map(loop, "abc"), people=PEOPLE, rooms=ROOMS)
    allowed = set()
    twins = set()
    for people in product("pqr", repeat=3):
        plan = Plan(
            assignments=tuple(
                held(f"{key}/s", 100 * number, "l", lead=person)
                for number, (key, person) in enumerate(zip("abc", people, strict=True))
            )
        )
        variables = Variables(whole)
        add(variables, alike(whole))
        variables.fix(plan)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        if solver.solve(variables.model) == cp_model.OPTIMAL:
            allowed.add(plan)
        twins.add(in_turn(options(whole).choices, alike(whole), plan))
    assert 5 == len(allowed)
    assert twins == allowed
