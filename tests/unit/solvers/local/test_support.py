"""Which problems the local search serves."""

from __future__ import annotations

from typing import Any

import pytest

from solvers.local import suits, unsupported
from solvers.problem import Problem

SESSION: dict[str, Any] = {"key": "s", "minutes": 30, "seats": [{"key": "lead", "pool": ["p"]}]}


def problem(session: dict[str, Any] | None = None, **changes: Any) -> Problem:
    """One session of an hour's day, with changes."""
    loop = {"key": "c", "sessions": [{**SESSION, **(session or {})}], **changes.pop("loop", {})}
    return Problem.model_validate(
        {
            "start": 0,
            "end": 60,
            "people": [{"key": "p", "open": [(0, 60)]}, {"key": "q", "open": [(0, 60)]}],
            "rooms": [{"key": "m", "open": [(0, 60)], "building": "east"}],
            "loops": [loop],
            **changes,
        }
    )


def test_serves_decided_single_sessions() -> None:
    """One session a loop, one person a seat: served, with the default levels."""
    assert suits(problem())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (problem(loop={"sessions": [SESSION, {**SESSION, "key": "t"}]}), "loop c has several sessions"),
        (problem({"seats": [{"key": "lead", "pool": ["p", "q"]}]}), "loop c has a seat that is not decided"),
        (
            problem({"seats": [{"key": "lead", "pool": ["p"], "kind": "optional"}]}),
            "loop c has a seat that is not decided",
        ),
        (
            problem({"seats": [{"key": key, "pool": ["p"]} for key in ("lead", "second")]}),
            "loop c needs somebody twice",
        ),
        (
            problem(loop={"breaks": [{"key": "rest", "minutes": 10, "window": [(0, 60)]}]}),
            "loop c has breaks",
        ),
        (
            problem(walks=[{"one": "east", "other": "west", "minutes": 5}]),
            "walks between buildings",
        ),
        (
            problem(
                people=[
                    {"key": "p", "open": [(0, 60)], "limits": [{"start": 0, "end": 60, "sessions": 1}]},
                    {"key": "q", "open": [(0, 60)]},
                ]
            ),
            "limits of people",
        ),
        (
            problem(levels=[{"weights": {"load_spread": 1, "unscheduled": 1}}]),
            "load_spread is weighed before it is settled which loops are held",
        ),
        (problem(levels=[{"weights": {"fragile": 1}}]), "the term fragile"),
    ],
)
def test_names_what_it_does_not_serve(changed: Problem, reason: str) -> None:
    """Each rule and term that the search does not count is a reason not to use it."""
    assert reason == unsupported(changed)


def test_refuses_tables_that_are_too_large() -> None:
    """A horizon of years by the minute is too large, and is refused before any table is made."""
    assert not suits(problem(end=2**35))
