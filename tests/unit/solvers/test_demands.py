"""Each impossible demand, and beside it the same demand just possible."""

from __future__ import annotations

from typing import Any

import pytest

from solvers.demands import impossible_demands
from solvers.problem import Problem

LEAD = {"key": "lead", "pool": ["ann", "bob"]}
DAYS = [[0, 100], [200, 320]]
IN_R = {"room": {}, "placed": {"start": 0, "room": "r", "people": {"lead": "ann"}}}


def _found(*sessions: dict[str, Any], **loop: Any) -> list[str]:
    """What is impossible about one loop, which must be held, of sessions of an hour in ten hours."""
    each = [
        {"key": key, "minutes": 60, **session}
        for key, session in zip("wxyz", sessions or ({},), strict=False)
    ]
    values = {
        "start": 0,
        "end": 600,
        "people": [{"key": key, "open": []} for key in ("ann", "bob")],
        "rooms": [{"key": "r", "open": []}],
        "loops": [{"key": "a", "sessions": each, "mandatory": True, **loop}],
    }
    return list(map(str, impossible_demands(Problem.model_validate(values))))


def _booked(**changes: Any) -> dict[str, Any]:
    return {"seats": [LEAD], "placed": {"start": 30, "people": {"lead": "ann"}, **changes}}


@pytest.mark.parametrize(
    ("impossible", "possible", "sentence"),
    [
        (
            ({"minutes": 601},),
            ({"minutes": 600},),
            "loops.0.sessions.0.minutes: 601 minutes are more than the horizon's 600",
        ),
        (
            ({"grid": 700, "anchor": 541},),
            ({"grid": 700, "anchor": 540},),
            (
                "loops.0.sessions.0.grid: "
                "no start on the grid of 700 minutes from 541 leaves 60 minutes before the horizon ends at 600"
            ),
        ),
        (
            ({"grid": 15, "starts": [[-50, 0], [31, 45], [541, 900]]},),
            ({"grid": 15, "starts": [[-50, 0], [31, 46], [541, 900]]},),
            (
                "loops.0.sessions.0.starts: "
                "none of them lies on the grid of 15 minutes from 0 and leaves 60 minutes in the horizon"
            ),
        ),
        (
            ({"grid": 15, "anchor": 5, "starts": [[-50, 1]]},),
            ({"grid": 15, "anchor": 5, "starts": [[-50, 6]]},),
            (
                "loops.0.sessions.0.starts: "
                "none of them lies on the grid of 15 minutes from 5 and leaves 60 minutes in the horizon"
            ),
        ),
        (
            ({"grid": 15, "starts": [[541, 600]]},),
            ({"grid": 15, "starts": [[540, 600]]},),
            (
                "loops.0.sessions.0.starts: "
                "none of them lies on the grid of 15 minutes from 0 and leaves 60 minutes in the horizon"
            ),
        ),
        (
            (_booked(start=541),),
            (_booked(start=540),),
            "loops.0.sessions.0.placed.start: 541 is no permitted start, and it may not move",
        ),
        (
            ({**_booked(), "grid": 20},),
            ({**_booked(), "grid": 15},),
            "loops.0.sessions.0.placed.start: 30 is no permitted start, and it may not move",
        ),
        (
            ({**_booked(), "starts": [[0, 30]]},),
            ({**_booked(), "starts": [[30, 31]]},),
            "loops.0.sessions.0.placed.start: 30 is no permitted start, and it may not move",
        ),
        (
            (_booked(people={}),),
            ({**_booked(people={}), "seats": [{**LEAD, "kind": "optional"}]},),
            "loops.0.sessions.0.placed.people: seat lead is required, and it may not change",
        ),
        (
            ({**_booked(people={"lead": "ann", "two": "ann"}), "seats": [LEAD, {**LEAD, "key": "two"}]},),
            ({**_booked(people={"lead": "ann", "two": "bob"}), "seats": [LEAD, {**LEAD, "key": "two"}]},),
            "loops.0.sessions.0.placed.people: ann sits in 2 seats, and it may not change",
        ),
        (
            (_booked(room="r"),),
            (_booked(),),
            "loops.0.sessions.0.placed.room: r, where none is asked for, and it may not change",
        ),
        (
            ({**_booked(), "room": {}},),
            ({**_booked(room="r"), "room": {}},),
            "loops.0.sessions.0.placed.room: no room, where one is needed, and it may not change",
        ),
    ],
)
def test_of_a_session(impossible: Any, possible: Any, sentence: str) -> None:
    """A session that cannot be held at all, or not as it is booked for good."""
    assert [sentence] == _found(*impossible)
    assert [] == _found(*possible)


@pytest.mark.parametrize(
    ("impossible", "possible", "sentence"),
    [
        (
            {"earliest": 300, "latest": 300},
            {"earliest": 300, "latest": 420},
            "loops.0.latest: ends the candidate's time at 300, not after 300, where it starts",
        ),
        (
            {"earliest": 481},
            {"earliest": 480},
            "loops.0.sessions: the sessions take 120 minutes with their gaps, and the loop's time holds 119",
        ),
        (
            {"latest": 119},
            {"latest": 120},
            "loops.0.sessions: the sessions take 120 minutes with their gaps, and the loop's time holds 119",
        ),
        (
            {"earliest": 100, "latest": 229, "min_gap": 10},
            {"earliest": 100, "latest": 230, "min_gap": 10},
            "loops.0.sessions: the sessions take 130 minutes with their gaps, and the loop's time holds 129",
        ),
        (
            {"days": [[0, 59], [200, 259]]},
            {"days": [[0, 60], [200, 260]]},
            "loops.0.sessions.0.minutes: 60 minutes are more than any day of the loop has, which is 59",
        ),
        (
            {"days": [[0, 100], [200, 300]], "max_days": 1},
            {"days": [[0, 100], [200, 300]], "max_days": 2},
            "loops.0.max_days: the sessions take 120 minutes with their gaps, and the loop's time holds 100",
        ),
        (
            {"days": DAYS, "max_days": 1, "min_gap": 1},
            {"days": DAYS, "max_days": 1},
            "loops.0.max_days: the sessions take 121 minutes with their gaps, and the loop's time holds 120",
        ),
        (
            {"days": DAYS, "latest": 219, "earliest": 1},
            {"days": DAYS, "latest": 221, "earliest": 0},
            "loops.0.sessions: the sessions take 120 minutes with their gaps, and the loop's time holds 118",
        ),
    ],
)
def test_of_two_sessions_in_a_loop(
    impossible: dict[str, Any], possible: dict[str, Any], sentence: str
) -> None:
    """Two sessions of an hour each that do not fit into the loop's time by a minute."""
    assert [sentence] == _found({}, {}, **impossible)
    assert [] == _found({}, {}, **possible)


def test_loops_that_may_be_left_out() -> None:
    """Nothing is impossible about a loop that need not be held, but what contradicts itself."""
    assert [] == _found({}, {}, latest=119, mandatory=False)
    assert [] == _found({"grid": 15, "starts": [[1, 15]]}, mandatory=False)
    assert 1 == len(_found({"minutes": 601}, mandatory=False))
    assert 1 == len(_found(earliest=5, latest=5, mandatory=False))
    assert 1 == len(_found({**_booked(people={}), "seats": [LEAD]}, mandatory=False))


def test_calendars_do_not_matter() -> None:
    """People, rooms and candidates without time are no mistake of the problem, and what may move neither."""
    assert [] == _found({"seats": [LEAD], "room": {}}, available=[])
    assert [] == _found({**IN_R, "seats": [LEAD], "placed": {"start": 1000, "movable": True}})
