"""Many single sessions with prices on pairs are annealed before, or instead of, an exact model."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from solvers.check import judge
from solvers.cpsat import Progress, solve
from solvers.local import suits
from solvers.plan import Feasible, Optimal
from solvers.problem import Problem

HOURS = 8


def meetings(count: int) -> Problem:
    """So many half hours in two rooms, any two of which should not overlap, and wait at a price."""
    loops: list[dict[str, Any]] = [
        {
            "key": f"m{number:02}",
            "sessions": [{"key": "x", "minutes": 30, "grid": 30, "room": {}, "delay_cost": 1}],
        }
        for number in range(count)
    ]
    pairs = [
        {"one": f"{one['key']}/x", "other": f"{other['key']}/x", "overlap": 3}
        for one, other in combinations(loops, 2)
    ]
    rooms = [{"key": key, "open": [(0, 60 * HOURS)]} for key in "rs"]
    levels = [{"weights": {"unscheduled": 1}}, {"weights": {"pair_cost": 1, "start_cost": 1}}]
    values = {"start": 0, "end": 60 * HOURS, "rooms": rooms, "loops": loops, "pair_costs": pairs}
    return Problem.model_validate({**values, "levels": levels})


@pytest.mark.parametrize("count", [22, 102], ids=["a model follows", "no model is made"])
def test_a_better_plan_than_the_first(count: int) -> None:
    """Everything that fits is held, lawfully and one after the other where there is time; nothing false is proved."""
    problem = meetings(count)
    assert suits(problem)
    seen: list[Progress] = []
    verdict = solve(problem, seconds=1, workers=1, seed=1, on_progress=seen.append)
    assert isinstance(verdict, Feasible | Optimal)
    judgement = judge(problem, verdict.plan)
    assert ((), verdict.objective) == (judgement.violations, judgement.objective)
    fits = min(count, 2 * 2 * HOURS)
    assert count - fits == verdict.objective.units["unscheduled"]
    if isinstance(verdict, Feasible):
        assert verdict.bound <= verdict.objective.levels[verdict.level]
    # Of the half hours that share a time with another one there are no more than there must be.
    twice = max(0, fits - 2 * HOURS)
    assert twice * 30 * 3 == verdict.objective.units["pair_cost"]
    assert seen


@pytest.mark.campaign
def test_the_same_plan_twice() -> None:
    """With a limit of work the annealing, too, gives the same plan for the same seed."""
    one, other = (
        solve(meetings(22), seconds=600, workers=1, seed=3, deterministic_time=0.1).model_dump(
            exclude={"seconds"}
        )
        for _ in range(2)
    )
    assert one == other
