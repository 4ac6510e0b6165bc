"""Tiny problems and plans, written as plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers.check import Judgement, judge
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Broken = list[tuple[str, tuple[str, ...], int]]


def _person(key: str) -> dict[str, Any]:
    return {"key": key, "open": [[0, 1440]]}


def _judge(parts: dict[str, Any], held: tuple[tuple[Any, ...], ...]) -> Judgement:
    values = {"start": 0, "end": 1440, "people": [_person("ann"), _person("bob")], **parts}
    assignments = []
    for name, start, *rest in held:
        people = rest[0] if rest else {}
        room = rest[1] if len(rest) > 1 else None
        loop, session = name.split("/")
        assignments.append(Assignment(loop=loop, session=session, start=start, people=people, room=room))
    return judge(Problem.model_validate(values), Plan(assignments=tuple(assignments)))


@pytest.fixture
def judged() -> Callable[..., Judgement]:
    """Judge sessions, each (loop/session, start, people, room), of a day with Ann and Bob unless said otherwise."""

    def judged(*held: tuple[Any, ...], **problem: Any) -> Judgement:
        return _judge(problem, held)

    return judged


@pytest.fixture
def broken() -> Callable[..., Broken]:
    """The rules that sessions break, as (rule, who, by); every violation is told in a sentence."""

    def broken(*held: tuple[Any, ...], **problem: Any) -> Broken:
        violations = _judge(problem, held).violations
        for each in violations:
            assert each.text.endswith(".")
            assert all(key.rpartition("/")[2] in each.text for key in each.who)
        return [(each.rule, each.who, each.by) for each in violations]

    return broken
