"""A working week in a few words: days are counted from 0, hours are UTC, everybody works from 9 to 17."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers.problem import Problem

DAYS = 5


def _at(day: int, hour: float) -> int:
    return day * 1440 + round(hour * 60)


def _hours(day: int, start: float, end: float) -> tuple[int, int]:
    return _at(day, start), _at(day, end)


def _problem(*loops: dict[str, Any], **parts: Any) -> Problem:
    open_ = {"open": [_hours(day, 9, 17) for day in range(DAYS)]}
    people = [{**open_, **each} for each in parts.pop("people", [])]
    rooms = [{**open_, **each} for each in parts.pop("rooms", [])]
    values = {"start": 0, "end": DAYS * 1440, "people": people, "rooms": rooms, "loops": loops, **parts}
    return Problem.model_validate(values)


def _loop(key: str, pool: list[str], minutes: int = 60, **more: Any) -> dict[str, Any]:
    session = {"key": "talk", "minutes": minutes, "grid": 30, "seats": [{"key": "lead", "pool": pool}]}
    return {"key": key, "sessions": [{**session, **more.pop("session", {})}], **more}


@pytest.fixture(scope="session")
def problem() -> Callable[..., Problem]:
    """Make a problem of loops over five days."""
    return _problem


@pytest.fixture(scope="session")
def loop() -> Callable[..., dict[str, Any]]:
    """Make a loop of one session of an hour that needs one of these people."""
    return _loop


@pytest.fixture(scope="session")
def at() -> Callable[[int, float], int]:
    """The minute of an hour on a day."""
    return _at


@pytest.fixture(scope="session")
def hours() -> Callable[[int, float, float], tuple[int, int]]:
    """The span between two hours of a day."""
    return _hours
