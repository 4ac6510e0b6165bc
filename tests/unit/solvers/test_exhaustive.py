"""Every lawful plan of problems small enough to list them by hand."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from solvers import exhaustive
from solvers.check import judge
from solvers.plan import Assignment, Plan
from solvers.problem import Problem


def _problem(*loops: dict[str, Any], **changes: Any) -> Problem:
    people = [{"key": key, "open": [[0, 120]]} for key in ("ann", "bob")]
    rooms = [{"key": key, "open": [[0, 120]]} for key in ("r", "s")]
    values = {"start": 0, "end": 120, "people": people, "rooms": rooms, "loops": loops, **changes}
    return Problem.model_validate(values)


def _loop(key: str = "a", **session: Any) -> dict[str, Any]:
    return {"key": key, "sessions": [{"key": "x", "minutes": 60, "grid": 60, **session}]}


def _listed(problem: Problem) -> list[list[tuple[Any, ...]]]:
    return [
        [(each.loop, each.start, *each.people.values(), each.room) for each in plan.assignments]
        for plan in exhaustive.every_lawful(problem)
    ]


LEAD = {"key": "lead", "pool": ["ann", "bob"]}
EXTRA = {"key": "extra", "pool": ["bob"], "kind": "optional"}


def test_starts_and_nothing() -> None:
    """A loop is left out, or held at each start."""
    assert [[], [("a", 0, None)], [("a", 60, None)]] == _listed(_problem(_loop()))


def test_mandatory() -> None:
    """A mandatory loop is held in every plan."""
    assert [[("a", 0, None)], [("a", 60, None)]] == _listed(_problem({**_loop(), "mandatory": True}))


def test_grid_before_the_horizon() -> None:
    """Starts lie on the grid of an anchor outside the horizon, and among the starts."""
    problem = _problem(_loop(anchor=-50, grid=20))
    assert [[], *([("a", start, None)] for start in (10, 30, 50))] == _listed(problem)
    problem = _problem(_loop(anchor=-50, grid=20, starts=[[11, 31]]))
    assert [[], [("a", 30, None)]] == _listed(problem)


def test_every_minute_of_the_horizon() -> None:
    """Without a coarser grid every minute from the first to the last that fits is a start."""
    problem = _problem(_loop(grid=1), start=7, end=69)
    assert [[], *([("a", start, None)] for start in (7, 8, 9))] == _listed(problem)
    problem = _problem(_loop(grid=20, anchor=3), start=7, end=90)
    assert [[], [("a", 23, None)]] == _listed(problem)


def test_seats_and_rooms() -> None:
    """Every seating is listed, with optional seats empty too, and every room; nobody sits twice."""
    problem = _problem(_loop(seats=[LEAD, EXTRA], room={}, starts=[[0, 1]]))
    sittings = (("bob", "ann"), ("ann",), ("bob",))
    held = [("a", 0, *people, room) for people, room in product(sittings, "rs")]
    assert [[], *([each] for each in held)] == _listed(problem)


def test_two_loops() -> None:
    """Loops that share somebody are not held together."""
    problem = _problem(*(_loop(key, seats=[{**LEAD, "pool": ["ann"]}]) for key in "ab"))
    assert [
        [],
        [("b", 0, "ann", None)],
        [("b", 60, "ann", None)],
        [("a", 0, "ann", None)],
        [("a", 0, "ann", None), ("b", 60, "ann", None)],
        [("a", 60, "ann", None)],
        [("a", 60, "ann", None), ("b", 0, "ann", None)],
    ] == _listed(problem)


def test_agrees_with_judging_everything() -> None:
    """Choosing among the ways of each loop loses no plan that judging all combinations finds."""
    problem = _problem(
        {**_loop("a", seats=[LEAD], room={}), "mandatory": True},
        _loop("b", seats=[LEAD, EXTRA]),
        walks=[{"one": "east", "other": "west", "minutes": 5}],
    )
    people: list[dict[str, str]] = [
        {**lead, **extra}
        for lead in ({}, {"lead": "ann"}, {"lead": "bob"})
        for extra in ({}, {"extra": "bob"})
    ]
    ways = [
        [
            None,
            *(
                Assignment(loop=loop, session="x", start=start, people=sitting, room=room)
                for start in (0, 60)
                for sitting in people
                for room in (None, "r", "s")
            ),
        ]
        for loop in "ab"
    ]
    plans = [
        Plan(assignments=tuple(each for each in chosen if each is not None)) for chosen in product(*ways)
    ]
    lawful = {plan for plan in plans if judge(problem, plan).lawful}
    assert len(lawful) > 10
    assert lawful == set(exhaustive.every_lawful(problem))


def test_best_is_lexicographic() -> None:
    """The first level decides before the second, however much the second would save."""
    early = _loop(start_costs=[[0, 1, 1], [60, 61, 0]])
    problem = _problem(
        early,
        levels=[
            {"weights": {"unscheduled": 1}},
            {"weights": {"start_cost": 1}},
            {"weights": {"earliness": 9}},
        ],
    )
    best = exhaustive.best(problem)
    assert best is not None
    assert [60] == [each.start for each in best.assignments]
    best = exhaustive.best(problem.model_copy(update={"levels": problem.levels[::-1]}))
    assert best == Plan()


def test_first_of_equals() -> None:
    """Of plans that cost the same the one that is listed first is best."""
    assert Plan() == exhaustive.best(_problem(_loop(), levels=[]))


def test_no_lawful_plan() -> None:
    """A problem without a lawful plan has no best one."""
    problem = _problem({**_loop(starts=[]), "mandatory": True})
    assert [] == list(exhaustive.every_lawful(problem))
    assert exhaustive.best(problem) is None


def test_limits() -> None:
    """Too many ways are refused, of one session, one loop and all together, and as many as the limit are not."""
    one = _problem(_loop(seats=[LEAD], room={}))
    assert 9 == len(list(exhaustive.every_lawful(one, limit=9)))
    with pytest.raises(ValueError, match="the problem has 9 ways to judge, which is more than 8"):
        exhaustive.every_lawful(one, limit=8)
    with pytest.raises(ValueError, match="session a/x has 8 ways to judge, which is more than 7"):
        exhaustive.best(one, limit=7)
    with pytest.raises(ValueError, match="session a/x has 16 ways"):
        exhaustive.best(_problem(_loop(seats=[LEAD, EXTRA], room={})), limit=7)
    two = _problem({"key": "a", "sessions": [{"key": key, "minutes": 30, "grid": 30} for key in "xy"]})
    with pytest.raises(ValueError, match="loop a has 16 ways to judge, which is more than 15"):
        exhaustive.every_lawful(two, limit=15)
