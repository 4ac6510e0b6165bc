"""Prices on pairs in CP-SAT: for every lawful plan of tiny problems what the judge counts, and the same best plan.

The problems are about sessions one straight after the other: few people who sit in many sessions, one or two rooms,
gaps in the day. What the model adds to be strong must refuse no plan and raise no price.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from ortools.sat.python import cp_model

from solvers.check import judge
from solvers.cpsat import solve
from solvers.cpsat.model import build
from solvers.exhaustive import every_lawful
from solvers.plan import Optimal, Plan
from solvers.problem import Problem

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
Q = 15


@st.composite
def _tight_problems(draw: DrawFn) -> Problem:
    """Three or four sessions, in loops of one or two, over one to two hours in one or two rooms."""
    shape = draw(st.sampled_from([(1, 1, 1), (2, 1), (1, 1, 1, 1), (2, 2), (3,)]))
    rooms = ["m", "n"][: 1 if sum(shape) == 4 else draw(st.integers(1, 2))]
    starts = {3: 8 if len(rooms) == 1 else 5, 4: 4}[sum(shape)]
    grid = draw(st.sampled_from([Q, Q, Q, 2 * Q]))
    end = grid * starts

    def minute() -> int:
        return draw(st.integers(0, end // Q)) * Q

    def closed() -> list[tuple[int, int]]:
        start = minute()
        return [(start, start + Q)] if draw(st.booleans()) else []

    def session(key: str) -> dict[str, Any]:
        pools = st.sampled_from([["p"], ["p"], ["q"], ["p", "q"]])
        seats = [{"key": "lead", "pool": draw(pools)}]
        if draw(st.integers(0, 3)) == 0:
            kind = draw(st.sampled_from(["required", "optional"]))
            seats.append({"key": "second", "pool": ["r"], "kind": kind})
        return {
            "key": key,
            "minutes": Q * draw(st.sampled_from([1, 1, 2])) + draw(st.sampled_from([0, 0, 0, 1])),
            "grid": grid,
            "anchor": draw(st.sampled_from([0, 0, 0, 1])),
            "seats": seats,
            **({"room": {}} if draw(st.integers(0, 7)) else {}),
        }

    loops = [
        {
            "key": "abcd"[number],
            "sessions": [session("xyz"[each]) for each in range(count)],
            "order": draw(st.sampled_from(["fixed", "free"])),
            "meets_once": False,
            "mandatory": draw(st.integers(0, 3)) == 0,
        }
        for number, count in enumerate(shape)
    ]
    names = [f"{loop['key']}/{each['key']}" for loop in loops for each in loop["sessions"]]
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    costs = []
    for one, other in draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=6)):
        kind = draw(st.sampled_from(["apart", "apart", "apart", "rushed", "touching", "overlap"]))
        costs.append({"one": one, "other": other, kind: draw(st.integers(1, 9))})
        if kind == "rushed":
            costs[-1]["rushed_within"] = draw(st.sampled_from([0, 1, Q]))
    levels = [{"weights": {"unscheduled": 1}}, {"weights": {"pair_cost": 1}}]
    return Problem.model_validate(
        {
            "start": 0,
            "end": end,
            "people": [{"key": key, "open": [(0, end)], "blocked": closed()} for key in "pqr"],
            "rooms": [
                {
                    "key": key,
                    "open": [(0, end)],
                    "blocked": closed(),
                    "buffer_after": draw(st.sampled_from([0, 0, 0, 0, Q])),
                }
                for key in rooms
            ],
            "loops": loops,
            "pair_costs": costs,
            "levels": levels[draw(st.integers(0, 1)) :],
        }
    )


def _cost_of(problem: Problem, plan: Plan) -> int | None:
    """The least value of the last level in the whole model with the plan fixed; None if the model refuses it."""
    model = build(problem)
    model.variables.fix(plan)
    level = model.levels[-1]
    if not isinstance(level, int):
        model.variables.model.minimize(level)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model.variables.model)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return solver.value(level) if status == cp_model.OPTIMAL else None


def agrees(problem: Problem, turn: int) -> None:
    """Some lawful plans, and the best, cost in the model what the judge counts."""
    note(problem.model_dump_json(exclude_defaults=True))
    judged = [(judge(problem, plan).objective.levels, plan) for plan in every_lawful(problem)]
    verdict = solve(problem, seconds=600, workers=1, deterministic_time=60)
    event("feasible" if judged else "infeasible")
    if not judged:
        assert verdict.kind == "infeasible"
        return
    assert isinstance(verdict, Optimal)
    assert min(levels for levels, _ in judged) == verdict.objective.levels
    judged.sort(key=lambda each: each[0][-1])
    for levels, plan in [*judged[:2], *judged[turn :: -(-len(judged) // 4)]]:
        assert levels[-1] == _cost_of(problem, plan)


@settings(QUIET, max_examples=4)
@given(problem=_tight_problems(), turn=st.integers(0, 50))
def test_every_plan_costs_what_the_judge_counts(problem: Problem, turn: int) -> None:
    """No lawful plan is refused by what makes prices on pairs strong, and its least cost is the judge's."""
    agrees(problem, turn)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_every_plan_costs_what_the_judge_counts_at_length(part: int) -> None:
    """The same on many more problems, in parts that each end before a hanging test would be suspected."""

    @seed(part)
    @settings(QUIET, max_examples=100, derandomize=False)
    @given(problem=_tight_problems(), turn=st.integers(0, 50))
    def holds(problem: Problem, turn: int) -> None:
        agrees(problem, turn)

    holds()
