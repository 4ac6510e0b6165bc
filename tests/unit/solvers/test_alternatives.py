"""The best plans that truly differ, one question at a time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from solvers.alternatives import alternatives
from solvers.problem import Problem

HOUR, DAY = 60, 1440


def problem(**changes: Any) -> Problem:
    """Two hour-long sessions in order on one of three days, from 0 to 10 o'clock, by two people."""
    days = [[day * DAY, (day + 1) * DAY] for day in range(3)]
    open_ = [[start, start + 10 * HOUR] for start, _ in days]
    loop = {
        "key": "c",
        "days": days,
        "max_days": 1,
        "sessions": [
            {"key": key, "minutes": HOUR, "grid": 15, "seats": [{"key": "s", "pool": ["ann", "bob"]}]}
            for key in ("x", "y")
        ],
    }
    return Problem.model_validate(
        {
            "start": 0,
            "end": 3 * DAY,
            "people": [{"key": "ann", "open": open_}, {"key": "bob", "open": open_}],
            "loops": [{**loop, **changes}],
            "levels": [{"weights": {"earliness": 1}}],
        }
    )


def test_the_earlier_of_equals() -> None:
    """Of plans that cost the same the one that begins first is taken, and the next is as far away as asked."""
    found = alternatives(problem(), "c", 3, 5 * HOUR, workers=1)
    assert [(0, 2), (5 * HOUR, 7), (DAY, 26)] == [
        (option.start, option.objective.levels[0]) for option in found.options
    ]
    assert ("enough", True) == (found.ended, all(option.proved for option in found.options))


def test_no_two_are_closer_than_asked() -> None:
    """Every pair of options begins at least `apart` minutes from each other, and there is no room for another."""
    found = alternatives(problem(), "c", 100, 200, workers=1)
    starts = sorted(option.start for option in found.options)
    assert "exhausted" == found.ended
    assert all(later - earlier >= 200 for earlier, later in pairwise(starts))
    assert 9 == len(starts)


def test_a_free_order_may_begin_with_any_session() -> None:
    """The begin of a loop is the first of its sessions, whichever that is."""
    asked = problem(order="free", before=[["y", "x"]])
    assert [0] == [option.start for option in alternatives(asked, "c", 1, HOUR, workers=1).options]


def test_begins_that_the_problem_permits() -> None:
    """What the loop says of its begins stays in force."""
    asked = problem(begins=[[30, 31], [DAY + 45, DAY + 61]])
    found = alternatives(asked, "c", 5, 15, workers=1)
    assert [30, DAY + 45, DAY + 60] == [option.start for option in found.options]


def test_several_days() -> None:
    """A loop that may take two days is looked for by the day on which it begins."""
    busy = problem(max_days=2, min_gap=9 * HOUR)
    found = alternatives(busy, "c", 2, 10 * HOUR, workers=1)
    assert [(0, 25), (DAY, 49)] == [(option.start, option.objective.levels[0]) for option in found.options]


def test_nothing_fits() -> None:
    """Without any plan the reasons say what stands in the way, if it is plain."""
    found = alternatives(problem(available=[[0, 30]]), "c", 3, 15, workers=1)
    assert ((), "exhausted") == (found.options, found.ended)
    assert ("c/x: no permitted start lies in the time of the loop",) == found.reasons


def test_time_runs_out() -> None:
    """What is not proved is not called proved: no option, and not `exhausted`."""
    found = alternatives(problem(), "c", 3, 15, workers=1, seconds=0.0)
    assert ((), "time") == (found.options, found.ended)


def test_the_others_of_the_problem_stay() -> None:
    """The search is for one loop; the others are scheduled beside it by the problem's own levels."""
    asked = problem()
    other = asked.loops[0].model_copy(update={"key": "d"})
    both = asked.model_copy(update={"loops": (*asked.loops, other)})
    (option,) = alternatives(both, "c", 1, HOUR, workers=1).options
    assert {"c"} == {each.loop for each in option.plan.assignments}


@pytest.mark.parametrize(("k", "apart", "loop"), [(0, 15, "c"), (1, 0, "c"), (1, 15, "d")])
def test_questions_without_sense(k: int, apart: int, loop: str) -> None:
    """They are refused."""
    with pytest.raises(ValueError, match=r"at least one|no loop"):
        alternatives(problem(), loop, k, apart)


def test_progress_is_told() -> None:
    """After each region, with ever more of them searched."""
    told: list[int] = []
    found = alternatives(
        problem(), "c", 2, HOUR, workers=1, on_progress=lambda step: told.append(step.searches)
    )
    assert list(range(1, found.searches + 1)) == told
