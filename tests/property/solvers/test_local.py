"""Local search on tiny problems of single sessions, against every lawful plan of each."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers.check import judge
from solvers.exhaustive import best
from solvers.local import improve, unsupported
from solvers.plan import Plan
from solvers.problem import Level, Problem

Q = 15
LEVELS: tuple[list[Level] | None, ...] = (
    None,
    [
        Level(weights={"unscheduled": 1}),
        Level(
            weights={
                "pair_cost": 1,
                "start_cost": 1,
                "room_cost": 2,
                "tentative": 1,
                "room_fit": 1,
                "earliness": 1,
                "moved": 3,
                "load_spread": 1,
            }
        ),
    ],
    [Level(weights={"unscheduled": 50, "pair_cost": 1, "worst_off": 7})],
)


def tiny(seed: int, most: int = 3) -> Problem:
    """A problem of one to so many sessions, with everything the local search serves."""
    rng = Random(seed)  # noqa: S311 - drawing examples is no cryptography
    quarters = rng.randint(5, 9)
    rooms = ["m", "n"][: rng.randint(1, 2)]
    sessions = [session(rng, quarters, rooms) for _ in range(rng.randint(1, most))]
    loops = [loop(rng, quarters, f"l{index}", each) for index, each in enumerate(sessions)]
    return Problem.model_validate(
        {
            "start": 0,
            "end": Q * quarters,
            "people": [
                {
                    "key": key,
                    "open": [(0, Q * quarters)],
                    "blocked": spans(rng, quarters),
                    "soft": spans(rng, quarters),
                    "buffer_before": rng.choice([0, 0, 15, 10]),
                    "load": rng.randint(0, 60),
                }
                for key in "pqr"
            ],
            "rooms": [
                {
                    "key": key,
                    "open": [(0, Q * quarters)],
                    "soft": spans(rng, quarters),
                    "seats": rng.randint(2, 5),
                    "buffer_after": rng.choice([0, 0, 15]),
                }
                for key in rooms
            ],
            "loops": loops,
            "pair_costs": [
                price(rng, f"l{one}/s", f"l{other}/s")
                for one in range(len(loops))
                for other in range(one)
                for _ in range(rng.choice([0, 1, 1, 2]))
            ],
            **({} if (levels := rng.choice(LEVELS)) is None else {"levels": levels}),
        }
    )


def spans(rng: Random, quarters: int) -> list[tuple[int, int]]:
    """One span or none."""
    starts = [Q * rng.randrange(quarters) for _ in range(rng.randint(0, 1))]
    return [(start, start + Q * rng.randint(1, 2)) for start in starts]


def session(rng: Random, quarters: int, rooms: list[str]) -> dict[str, Any]:
    """A session whose people are decided."""
    people = rng.sample("pqr", rng.randint(0, 2))
    values: dict[str, Any] = {
        "key": "s",
        "minutes": rng.choice([15, 15, 30, 40]),
        "grid": rng.choice([15, 30]),
        "seats": [{"key": key, "pool": [key]} for key in people],
        "delay_cost": rng.choice([0, 1, 3]),
        "start_costs": [(*span, rng.randint(0, 9)) for span in spans(rng, quarters)],
    }
    if rng.random() < 0.8:
        values["room"] = {"seats": rng.choice([0, 2, 3])}
        values["room_costs"] = [(rooms[0], rng.randint(0, 5))]
    if rng.random() < 0.2:
        values["placed"] = {
            "start": 30,
            "people": {key: key for key in people},
            "room": rooms[-1] if "room" in values else None,
            "movable": True,
            "price": 2,
        }
    return values


def loop(rng: Random, quarters: int, key: str, session: dict[str, Any]) -> dict[str, Any]:
    """A loop of the one session."""
    values: dict[str, Any] = {"key": key, "sessions": [session], "priority": rng.choice([1, 1, 2])}
    if rng.random() < 0.3:
        noon = Q * (quarters // 2)
        values["days"] = [(0, noon), (noon, Q * quarters)]
    for limit in ("begins", "available"):
        if rng.random() < 0.2:
            values[limit] = [(Q * rng.randint(0, 2), Q * quarters - 10)]
    if rng.random() < 0.1:
        values["earliest"], values["latest"] = 14, Q * quarters - 14
    return values


def price(rng: Random, one: str, other: str) -> dict[str, Any]:
    """Prices on two sessions, some of them far above the others."""
    return {
        "one": one,
        "other": other,
        "overlap": rng.choice([0, 1, 5, 10**6]),
        "touching": rng.choice([0, 10, 30]),
        "apart": rng.choice([0, 0, 20]),
        "rushed": rng.choice([0, 3, 10]),
        "rushed_within": rng.choice([0, 15, 20]),
    }


def reached(problem: Problem, work: int) -> bool:
    """Whether the search finds a best plan; that what it finds is lawful and no better is asserted."""
    expected = best(problem)
    assert expected is not None
    judgement = judge(problem, improve(problem, Plan(), seconds=600, work=work))
    assert () == judgement.violations
    levels = judge(problem, expected).objective.levels
    assert levels <= judgement.objective.levels
    return levels == judgement.objective.levels


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=8)
@given(seed=st.integers(0, 10**6), work=st.sampled_from([1, 64, 500]))
def test_lawful_and_not_worse(seed: int, work: int) -> None:
    """However little is spent, and from whatever lawful plan, the plan returned is lawful and not worse."""
    problem = tiny(seed)
    assert unsupported(problem) is None
    first = improve(problem, Plan(), seconds=600, work=work, seed=seed)
    second = improve(problem, first, seconds=600, work=work, seed=seed + 1)
    judgements = [judge(problem, plan) for plan in (Plan(), first, second)]
    assert [()] * 3 == [judgement.violations for judgement in judgements]
    levels = [judgement.objective.levels for judgement in judgements]
    assert sorted(levels, reverse=True) == levels


def test_mostly_the_best_plan() -> None:
    """With a few thousand steps nearly every tiny problem is solved to the optimum that trying every plan gives."""
    assert 11 <= sum(reached(tiny(seed), 2000) for seed in range(12))


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_mostly_the_best_plan_at_length(part: int) -> None:
    """The same on 40 problems in each part."""
    assert 36 <= sum(reached(tiny(seed, 4), 4000) for seed in range(100 + 40 * part, 140 + 40 * part))
