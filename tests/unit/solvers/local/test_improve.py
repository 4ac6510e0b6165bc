"""The local search on problems whose best plan can be seen."""

from __future__ import annotations

from typing import Any

import pytest

from solvers.check import judge
from solvers.local import improve
from solvers.plan import Assignment, Objective, Plan
from solvers.problem import Problem


def problem(**changes: Any) -> Problem:
    """Six half hours of two people in two rooms, dear to overlap, cheap early, on a day of four hours."""
    people = ["p", "q"]
    loops = [
        {
            "key": f"c{index}",
            "sessions": [
                {
                    "key": "s",
                    "minutes": 30,
                    "grid": 15,
                    "room": {},
                    "delay_cost": 1,
                    "seats": [{"key": "lead", "pool": [people[index % 2]]}],
                }
            ],
        }
        for index in range(6)
    ]
    pairs = [
        {"one": f"c{one}/s", "other": f"c{other}/s", "overlap": 1000, "touching": 1}
        for one in range(6)
        for other in range(one)
    ]
    return Problem.model_validate(
        {
            "start": 0,
            "end": 240,
            "people": [{"key": key, "open": [(0, 240)]} for key in people],
            "rooms": [{"key": key, "open": [(0, 240)]} for key in ("m", "n")],
            "loops": loops,
            "pair_costs": pairs,
            "levels": [{"weights": {"unscheduled": 1}}, {"weights": {"start_cost": 1, "pair_cost": 1}}],
            **changes,
        }
    )


def test_finds_the_best_row() -> None:
    """Six half hours one after another cost 2 * (0 + 1 + ... + 5) for waiting and 5 for touching: the least."""
    asked = problem()
    plan = improve(asked, Plan(), seconds=600, work=6000)
    judgement = judge(asked, plan)
    assert judgement.lawful
    assert (0, 35) == judgement.objective.levels


def test_same_seed_same_plan() -> None:
    """With a limit in steps the seed alone decides."""
    one, other = (improve(problem(), Plan(), seconds=600, seed=5, work=400) for _ in range(2))
    assert one == other


def test_stops_at_what_costs_nothing() -> None:
    """A plan without cost at any level ends the search, whatever the time."""
    asked = problem(levels=[{"weights": {"unscheduled": 1}}])
    plan = improve(asked, Plan(), seconds=600)
    assert (0,) == judge(asked, plan).objective.levels


def test_tells_of_better_plans() -> None:
    """Each plan told of is lawful with the objective that is told, better than the one before; the last is returned."""
    asked = problem()
    told: list[tuple[Plan, Objective]] = []
    plan = improve(asked, Plan(), seconds=600, work=3000, on_better=lambda *both: told.append(both))
    assert told
    assert plan == told[-1][0]
    assert [judge(asked, each).objective for each, _ in told] == [objective for _, objective in told]
    levels = [objective.levels for _, objective in told]
    assert levels == sorted(set(levels), reverse=True)


def test_leaves_out_what_does_not_fit() -> None:
    """Where one person has two hours for three sessions of 50 minutes, the one of least priority is left out."""
    loops = [
        {
            "key": f"c{index}",
            "priority": priority,
            "sessions": [{"key": "s", "minutes": 50, "seats": [{"key": "lead", "pool": ["p"]}], "grid": 5}],
        }
        for index, priority in enumerate([2, 1, 3])
    ]
    asked = problem(end=120, loops=loops, pair_costs=[])
    plan = improve(asked, Plan(), seconds=600, work=2000)
    assert {"c0", "c2"} == {each.loop for each in plan.assignments}
    assert judge(asked, plan).lawful


def test_keeps_what_is_booked() -> None:
    """A session that may not move stays, and the others go around it."""
    asked = problem()
    loops = [loop.model_dump() for loop in asked.loops]
    loops[0]["sessions"][0]["placed"] = {"start": 105, "people": {"lead": "p"}, "room": "n"}
    asked = problem(loops=loops)
    booked = Plan(
        assignments=(Assignment(loop="c0", session="s", start=105, people={"lead": "p"}, room="n"),)
    )
    plan = improve(asked, booked, seconds=600, work=4000)
    judgement = judge(asked, plan)
    assert judgement.lawful
    assert 0 == judgement.objective.levels[0]
    assert judgement.objective.levels < judge(asked, booked).objective.levels


def test_refuses_an_unlawful_plan() -> None:
    """What is to be improved must be lawful."""
    wrong = Plan(assignments=(Assignment(loop="c0", session="s", start=0, people={"lead": "p"}, room=None),))
    with pytest.raises(ValueError, match=r"not lawful: c0/s needs a room and has none\."):
        improve(problem(), wrong)


def test_refuses_what_it_does_not_serve() -> None:
    """A problem it does not suit is refused with the reason."""
    walks = [{"one": "east", "other": "west", "minutes": 5}]
    with pytest.raises(ValueError, match="does not serve walks"):
        improve(problem(walks=walks), Plan())
