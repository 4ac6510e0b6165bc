"""What would beat a best plan: single changes, each solved again."""

from __future__ import annotations

from typing import Any

from solvers.check import judge
from solvers.explain.changes import grant
from solvers.improvements import Improvement, improvements
from solvers.problem import Problem

HOUR, DAY = 60, 1440


def problem(**person: Any) -> Problem:
    """One hour with one person, who is open from 8 to 16 o'clock on two days."""
    open_ = [[day * DAY + 8 * HOUR, day * DAY + 16 * HOUR] for day in range(2)]
    session = {
        "key": "x",
        "minutes": HOUR,
        "grid": 30,
        "seats": [{"key": "s", "pool": ["ann"]}],
        "room": {},
    }
    return Problem.model_validate(
        {
            "start": 0,
            "end": 2 * DAY,
            "people": [{"key": "ann", "open": open_, **person}],
            "rooms": [{"key": "room", "open": [[0, 2 * DAY]], "blocked": [[8 * HOUR, 9 * HOUR]]}],
            "loops": [
                {
                    "key": "c",
                    "sessions": [session],
                    "days": [[0, DAY], [DAY, 2 * DAY]],
                    "max_days": 1,
                    "mandatory": True,
                }
            ],
            "levels": [{"weights": {"earliness": 1, "tentative": 1}}],
        }
    )


def told(found: tuple[Improvement, ...]) -> list[tuple[str, str | None, int]]:
    """Kind, whose and what is reached."""
    return [(each.change.kind, each.change.person or each.change.room, each.levels[0]) for each in found]


def test_the_entry_that_costs_most_comes_first() -> None:
    """Freed of the morning the person can at 9; the room alone opens nothing, because the person is busy then."""
    asked = problem(blocked=[[8 * HOUR, 12 * HOUR], [13 * HOUR, 14 * HOUR]])
    assert [("hour", "ann", 10)] == told(improvements(asked, "c", (13,)))


def test_each_is_what_the_changed_problem_allows() -> None:
    """The plan of an improvement is lawful once the change is made, and costs what is said."""
    asked = problem(blocked=[[8 * HOUR, 12 * HOUR]])
    for each in improvements(asked, "c", (13,)):
        judgement = judge(grant(asked, each.change), each.plan)
        assert ((), each.levels) == (judgement.violations, judgement.objective.levels)


def test_a_room_that_is_taken() -> None:
    """A room is named like a person."""
    assert [("room_hour", "room", 9)] == told(improvements(problem(), "c", (10,)))


def test_tentative_time_counts_as_taken() -> None:
    """Time that is only soft is named like any other, and freed of its price."""
    asked = problem(soft=[[9 * HOUR, 13 * HOUR]])
    found = improvements(asked, "c", (14,))
    assert [("room_hour", "room", 9), ("hour", "ann", 10)] == told(found)


def test_a_cap_that_binds() -> None:
    """One session more than somebody gives."""
    capped = problem(limits=[{"start": 0, "end": DAY, "sessions": 1, "already_sessions": 1}])
    assert ("limit", "ann", 10) == told(improvements(capped, "c", (33,)))[0]


def test_nothing_beats_the_best() -> None:
    """Where nobody's entry is in the way there is nothing to tell, and few problems are solved to know it."""
    assert () == improvements(problem(), "c", (9,), searches=3)


def test_the_time_is_for_all_searches() -> None:
    """Without time nothing is searched, and before each search that is made it is told."""
    asked = problem(blocked=[[8 * HOUR, 12 * HOUR]])
    told_of: list[None] = []
    assert () == improvements(asked, "c", (13,), seconds=0.0, on_search=lambda: told_of.append(None))
    assert [] == told_of
    improvements(asked, "c", (13,), searches=2, on_search=lambda: told_of.append(None))
    assert 2 == len(told_of)
