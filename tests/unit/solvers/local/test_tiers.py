"""How the objective is cut into tiers."""

from __future__ import annotations

from typing import Any

from solvers.local.count import Count, in_steps
from solvers.local.ground import survey
from solvers.local.tiers import Tier, tiers_of
from solvers.problem import Problem


def tiers(prices: list[dict[str, int]], levels: list[dict[str, int]]) -> list[Tier]:
    """The tiers of a problem of two sessions with these prices on the pair."""
    values: dict[str, Any] = {
        "start": 0,
        "end": 60,
        "loops": [
            {"key": key, "sessions": [{"key": "s", "minutes": 10, "grid": 5, "delay_cost": 2}]}
            for key in "ab"
        ],
        "pair_costs": [{"one": "a/s", "other": "b/s", **price} for price in prices],
        "levels": [{"weights": level} for level in levels],
    }
    ground = survey(Problem.model_validate(values))
    return tiers_of(ground, Count(ground))


def test_far_apart_amounts_are_apart() -> None:
    """A price a million times the others of its level is a tier above them; prices of one magnitude are one tier."""
    found = tiers([{"overlap": 10**7}, {"overlap": 1, "touching": 100}], [{"pair_cost": 1, "start_cost": 1}])
    assert [5.0 * 10**7, 2.0] == [tier.unit for tier in found]
    assert [[0], [1]] == [tier.overlap.tolist() for tier in found]
    assert [[], [1]] == [tier.touching.tolist() for tier in found]
    assert [{}, {"start_cost": 1}] == [tier.weights for tier in found]


def test_each_level_has_its_own() -> None:
    """Levels are never joined, and one in which nothing can be paid has no tier."""
    found = tiers([], [{"unscheduled": 1}, {"room_cost": 5}, {"start_cost": 3}])
    assert [1.0, 6.0] == [tier.unit for tier in found]
    assert [True, False] == [tier.attendance_only for tier in found]


def test_steps() -> None:
    """Descending values are cut where one is more than the ratio times the next."""
    assert [[1000], [10, 5, 1]] == in_steps([5, 1000, 10, 1, 5], 50)
    assert [] == in_steps([], 50)
