"""Problems that are refused before a model is built."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from solvers.cpsat import magnitude, solve
from solvers.problem import Problem

Make = Callable[..., Problem]


def test_sums_beyond_64_bits_are_refused(problem: Make) -> None:
    """A level that could cost more than can be counted is named."""
    session = {"key": "s", "minutes": 30, "start_costs": [(0, 1440, 10**9)] * 10}
    dear = problem({"key": "a", "sessions": [session]}, levels=[{"weights": {"start_cost": 10**9}}])
    with pytest.raises(ValueError, match="level 1 could cost"):
        solve(dear)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({}, "2 seats with pools of up to 3 are 5 choices"),
        ({"rooms": 4}, "2 sessions in any of 4 rooms are 8 choices"),
        ({"walks": 30}, "30 walks between any two of 2 sessions are 30 choices"),
    ],
)
def test_too_many_choices_are_refused(
    problem: Make, monkeypatch: pytest.MonkeyPatch, part: dict[str, int], named: str
) -> None:
    """What is largest is named, and a problem of just the size that fits passes."""
    sessions = [
        {"key": "x", "minutes": 30, "seats": [{"key": "lead", "pool": ["p", "q", "r"]}], "room": {}},
        {"key": "y", "minutes": 30, "seats": [{"key": "lead", "pool": ["p", "q"]}], "room": {}},
    ]
    large = problem(
        {"key": "a", "sessions": sessions},
        people=[{"key": key} for key in "pqr"],
        rooms=[{"key": f"m{number}"} for number in range(part.get("rooms", 0))],
        walks=[
            {"one": "here", "other": f"there{number}", "minutes": 1} for number in range(part.get("walks", 0))
        ],
    )
    choices = 5 + 2 * part.get("rooms", 0) + part.get("walks", 0)
    monkeypatch.setattr(magnitude, "MOST_CHOICES", choices)
    magnitude.refuse_excess(large)
    monkeypatch.setattr(magnitude, "MOST_CHOICES", choices - 1)
    with pytest.raises(ValueError, match=named):
        magnitude.refuse_excess(large)
