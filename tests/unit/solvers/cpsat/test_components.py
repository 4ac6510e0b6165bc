"""Which loops can be solved apart, and what the whole is when they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers.cpsat import solve
from solvers.cpsat.components import groups, part_of
from solvers.cpsat.options import options
from solvers.plan import Infeasible, Optimal
from solvers.problem import DEFAULT_LEVELS, Level, Problem

Make = Callable[..., Problem]
SUMS = (Level(weights={"unscheduled": 1}), Level(weights={"worst_off": 1}), Level(weights={"earliness": 1}))


def loop(key: str, pool: str, **more: Any) -> dict[str, Any]:
    """A loop of one session of an hour on the hour, with one of these people."""
    seats = [{"key": "lead", "pool": list(pool)}]
    return {"key": key, "sessions": [{"key": "s", "minutes": 60, "grid": 60, "seats": seats, **more}]}


def people(keys: str) -> list[dict[str, Any]]:
    """People who are always free."""
    return [{"key": key} for key in keys]


def apart(whole: Problem) -> list[str]:
    """The groups, each as its keys in order."""
    return ["".join(sorted(group)) for group in groups(whole, options(whole))]


def test_shared_people_and_rooms_tie_loops(problem: Make) -> None:
    """Loops are together if they share somebody or a room, also by way of others."""
    whole = problem(
        loop("a", "p"),
        loop("b", "q", room={"building": "east"}),
        loop("c", "pr"),
        loop("d", "s", room={}),
        loop("e", "r"),
        people=people("pqrs"),
        rooms=[{"key": "m", "building": "east"}, {"key": "n"}],
        levels=SUMS,
    )
    assert ["ace", "bd"] == apart(whole)


def test_who_is_never_free_ties_nobody(problem: Make) -> None:
    """Somebody who can serve at no start is no reason to keep loops together, unless stand-ins are counted."""
    loops = [
        loop("a", "pr", placed={"start": 0, "people": {"lead": "p"}}),
        loop("b", "qr"),
    ]
    whole = problem(*loops, people=people("pqr"), levels=SUMS)
    assert ["a", "b"] == apart(whole)
    fragile = Level(weights={"fragile": 1})
    assert ["ab"] == apart(whole.model_copy(update={"levels": (*SUMS, fragile)}))


def test_price_on_a_pair_ties_its_loops(problem: Make) -> None:
    """Two loops with a price between them are together, and the price goes with their part."""
    costs = [{"one": "a/s", "other": "c/s", "overlap": 1}]
    whole = problem(
        loop("a", "p"), loop("b", "q"), loop("c", "r"), people=people("pqr"), pair_costs=costs, levels=SUMS
    )
    assert ["ac", "b"] == apart(whole)
    parts = [part_of(whole, group) for group in groups(whole, options(whole))]
    assert [whole.pair_costs, ()] == [part.pair_costs for part in parts]


def test_loop_that_cannot_be_held_is_nowhere_alone(problem: Make) -> None:
    """A loop without any possible start makes no part of its own."""
    whole = problem(loop("a", "p"), loop("b", "q", starts=[]), people=people("pq"), levels=SUMS)
    assert ["ab"] == apart(whole)


@pytest.mark.parametrize(
    ("levels", "count"),
    [
        ([], 2),
        ([{"worst_off": 1}], 2),
        ([{"worst_off": 3, "earliness": 0}, {"earliness": 1, "load_spread": 0}], 2),
        ([{"worst_off": 1, "earliness": 1}], 1),
        ([{"worst_off": 1}, {"worst_off": 1}], 1),
        ([{"load_spread": 1}], 1),
    ],
)
def test_levels_that_tie_all_loops(problem: Make, levels: list[dict[str, int]], count: int) -> None:
    """Sums over loops, and the worst-off candidate alone on one level, leave parts apart; anything else does not."""
    weighed = [{"weights": each} for each in levels]
    whole = problem(loop("a", "p"), loop("b", "q"), people=people("pq"), levels=weighed)
    assert count == len(apart(whole))


def test_default_levels_spread_load(problem: Make) -> None:
    """With the levels a problem has unless told otherwise, all loops are together."""
    whole = problem(loop("a", "p"), loop("b", "q"), people=people("pq"), levels=DEFAULT_LEVELS)
    assert ["ab"] == apart(whole)


def test_parts_may_use_the_time_of_the_worst_off(problem: Make) -> None:
    """Below the worst-off candidate's level, a part that could be over sooner uses the time up to the worst of all."""
    dear = [(0, 180, 5)]
    whole = problem(
        {**loop("a", "p", start_costs=dear), "mandatory": True},
        {**loop("b", "q", starts=[(240, 241)]), "mandatory": True},
        people=people("pq"),
        levels=(Level(weights={"worst_off": 1}), Level(weights={"start_cost": 1})),
    )
    verdict = solve(whole, workers=1)
    assert isinstance(verdict, Optimal)
    assert (5, 0) == verdict.objective.levels
    assert 180 <= min(each.start for each in verdict.plan.assignments)


def test_part_without_a_plan_is_a_whole_without_one(problem: Make) -> None:
    """If a part has no lawful plan, the whole has none."""
    loops = [loop("a", "p"), *({**loop(key, "q", starts=[(60, 61)]), "mandatory": True} for key in "bc")]
    assert isinstance(solve(problem(*loops, people=people("pq"), levels=SUMS), workers=1), Infeasible)
