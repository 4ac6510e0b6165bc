"""A problem in a few words, and the question whether one rule alone allows a plan of it."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from ortools.sat.python import cp_model

from solvers.cpsat.variables import Variables
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

DAY = (0, 1440)
"""The horizon of every small problem: a day from minute 0."""

Allows = Callable[..., bool]


def _problem(*loops: dict[str, Any], **parts: Any) -> Problem:
    open_ = {"open": [(-1440, 2880)]}
    people = [{**open_, **each} for each in parts.pop("people", [])]
    rooms = [{**open_, **each} for each in parts.pop("rooms", [])]
    return Problem.model_validate(
        {"start": DAY[0], "end": DAY[1], "people": people, "rooms": rooms, "loops": loops, **parts}
    )


def _held(name: str, start: int, room: str | None = None, **people: str) -> Assignment:
    loop, session = name.split("/")
    return Assignment(loop=loop, session=session, start=start, people=people, room=room)


def _allows(rule: ModuleType, problem: Problem, *held: Assignment) -> bool:
    variables = Variables(problem)
    rule.add(variables)
    variables.fix(Plan(assignments=held))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(variables.model)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return bool(status == cp_model.OPTIMAL)


@pytest.fixture(scope="session")
def problem() -> Callable[..., Problem]:
    """Make a problem of loops over one day in which people and rooms are open unless said otherwise."""
    return _problem


@pytest.fixture(scope="session")
def held() -> Callable[..., Assignment]:
    """Make an assignment: `loop/session`, start, room, and people by seat."""
    return _held


@pytest.fixture(scope="session")
def allows() -> Allows:
    """Whether a model with only this rule has a solution with just these sessions held."""
    return _allows
