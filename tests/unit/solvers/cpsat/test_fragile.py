"""Each reason why nobody, or no room, could stand in, just kept and just broken: the judge's count and CP-SAT's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ortools.sat.python import cp_model

from solvers.check import judge
from solvers.cpsat import fragile
from solvers.cpsat.variables import Variables
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Case = tuple[dict[str, Any], list[tuple[Any, ...]], int]

LEAD = {"key": "lead", "pool": ["p", "q"]}
HELD = ("a/x", 100, None, {"lead": "p"})
IN_M = ("a/x", 100, "m", {"lead": "p"})
WALK = [{"one": "east", "other": "west", "minutes": 20}]
BUILDINGS = [{"key": "m", "building": "east"}, {"key": "n", "building": "west"}]
TWO_EAST = [*BUILDINGS, {"key": "o", "building": "east"}]


def _loop(key: str, *sessions: dict[str, Any], **rules: Any) -> dict[str, Any]:
    given = sessions or ({},)
    each = [
        {"key": name, "minutes": 60, "seats": [LEAD], **session}
        for name, session in zip("xyz", given, strict=False)
    ]
    return {"key": key, "sessions": each, **rules}


def _q(**values: Any) -> dict[str, Any]:
    """A problem of one session, led by p or by q, who has this time."""
    return {"people": [{"key": "p"}, {"key": "q", **values}]}


def _busy(start: int, **values: Any) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """Besides the session led by p there is one that q leads, which nobody else could."""
    alone = {"seats": [{"key": "lead", "pool": ["q"]}]}
    return {"loops": [_loop("a"), _loop("b", alone)], **_q(**values)}, [
        HELD,
        ("b/x", start, None, {"lead": "q"}),
    ]


def _in_rooms(*others: dict[str, Any], rooms: list[dict[str, Any]], **session: Any) -> dict[str, Any]:
    return {"loops": [_loop("a", {"room": {}, **session}), *others], "rooms": rooms}


def _both_in_rooms(gap: int, rooms: list[dict[str, Any]], **loop: Any) -> Case:
    """One candidate in m, and later in a room that could be no other but m."""
    needs = [{"room": {}, "seats": []}, {"room": {"among": ["m"]}, "seats": []}]
    parts = {"loops": [_loop("a", *needs, **loop)], "rooms": rooms, "walks": WALK}
    return parts, [("a/x", 100, "m", {}), ("a/y", 160 + gap, "m", {})], 1


CASES: dict[str, Case] = {
    "somebody else": ({}, [HELD], 0),
    "nothing held": ({}, [], 0),
    "nobody else": ({"loops": [_loop("a", {"seats": [{**LEAD, "pool": ["p"]}]})]}, [HELD], 1),
    "blocked": (_q(blocked=[[159, 200]]), [HELD], 1),
    "blocked after": (_q(blocked=[[160, 200]]), [HELD], 0),
    "blocked in the buffer": (_q(blocked=[[169, 200]], buffer_after=10), [HELD], 1),
    "blocked after the buffer": (_q(blocked=[[170, 200]], buffer_after=10), [HELD], 0),
    "unknown": (_q(unknown=[[90, 101]]), [HELD], 1),
    "unknown before": (_q(unknown=[[90, 100]]), [HELD], 0),
    "not open": (_q(open=[[101, 300]]), [HELD], 1),
    "just open": (_q(open=[[100, 160]]), [HELD], 0),
    "busy": (*_busy(159), 2),
    "busy after": (*_busy(160), 1),
    "busy before": (*_busy(41), 2),
    "busy in the buffer": (*_busy(174, buffer_before=15), 2),
    "busy after the buffer": (*_busy(175, buffer_before=15), 1),
    "counted out": (*_busy(300, limits=[{"start": 0, "end": 301, "sessions": 1}]), 2),
    "counted": (*_busy(300, limits=[{"start": 0, "end": 301, "sessions": 2}]), 1),
    "counted elsewhere": (*_busy(300, limits=[{"start": 0, "end": 300, "sessions": 1}]), 1),
    "counted before": (*_busy(300, limits=[{"start": 101, "end": 301, "sessions": 1}]), 1),
    "minutes out": (*_busy(300, limits=[{"start": 0, "end": 301, "minutes": 119}]), 2),
    "minutes": (*_busy(300, limits=[{"start": 0, "end": 301, "minutes": 120}]), 1),
    "full already": (_q(limits=[{"start": 0, "end": 900, "sessions": 1, "already_sessions": 1}]), [HELD], 1),
    "full already and not held": (
        _q(limits=[{"start": 0, "end": 1440, "sessions": 1, "already_sessions": 1}]),
        [],
        0,
    ),
    "minutes already": (
        _q(limits=[{"start": 0, "end": 900, "minutes": 80, "already_minutes": 21}]),
        [HELD],
        1,
    ),
    "room left": (_q(limits=[{"start": 0, "end": 900, "minutes": 80, "already_minutes": 20}]), [HELD], 0),
    "in another seat": (
        {"loops": [_loop("a", {"seats": [LEAD, {"key": "extra", "pool": ["q"], "kind": "optional"}]})]},
        [("a/x", 100, None, {"lead": "p", "extra": "q"})],
        1,
    ),
    "optional seats do not count": (
        {"loops": [_loop("a", {"seats": [LEAD, {"key": "extra", "pool": ["r"], "kind": "optional"}]})]},
        [("a/x", 100, None, {"lead": "p", "extra": "r"})],
        0,
    ),
    "met in another session": (
        {"loops": [_loop("a", {}, {})]},
        [HELD, ("a/y", 300, None, {"lead": "q"})],
        2,
    ),
    "met twice": (
        {"loops": [_loop("a", {}, {}, meets_once=False)]},
        [HELD, ("a/y", 300, None, {"lead": "q"})],
        0,
    ),
    "met twice too soon": (
        {
            "loops": [_loop("a", {}, {}, meets_once=False)],
            "people": [{"key": "p"}, {"key": "q", "buffer_after": 10}],
        },
        [HELD, ("a/y", 169, None, {"lead": "q"})],
        1,
    ),
    "booked for good": (
        {"loops": [_loop("a", {"placed": {"start": 100, "people": {"lead": "p"}, "room": "m"}, "room": {}})]}
        | {"rooms": BUILDINGS},
        [IN_M],
        0,
    ),
    "no other room": (_in_rooms(rooms=[{"key": "m"}]), [IN_M], 1),
    "another room": (_in_rooms(rooms=[{"key": "m"}, {"key": "n"}]), [IN_M], 0),
    "another room too small": (
        _in_rooms(rooms=[{"key": "m", "seats": 4}, {"key": "n", "seats": 3}], room={"seats": 4}),
        [IN_M],
        1,
    ),
    "another room closed": (_in_rooms(rooms=[{"key": "m"}, {"key": "n", "open": [[0, 159]]}]), [IN_M], 1),
    "another room blocked": (_in_rooms(rooms=[{"key": "m"}, {"key": "n", "blocked": [[0, 101]]}]), [IN_M], 1),
    "another room unknown": (_in_rooms(rooms=[{"key": "m"}, {"key": "n", "unknown": [[0, 101]]}]), [IN_M], 1),
    "another room taken": (
        _in_rooms(_loop("b", {"room": {"among": ["n"]}, "seats": []}), rooms=[{"key": "m"}, {"key": "n"}]),
        [IN_M, ("b/x", 159, "n", {})],
        2,
    ),
    "another room taken later": (
        _in_rooms(_loop("b", {"room": {"among": ["n"]}, "seats": []}), rooms=[{"key": "m"}, {"key": "n"}]),
        [IN_M, ("b/x", 160, "n", {})],
        1,
    ),
    "another room taken in the buffer": (
        _in_rooms(
            _loop("b", {"room": {"among": ["n"]}, "seats": []}),
            rooms=[{"key": "m"}, {"key": "n", "buffer_after": 10}],
        ),
        [IN_M, ("b/x", 169, "n", {})],
        2,
    ),
    "the candidate would walk": (*_both_in_rooms(19, BUILDINGS)[:2], 2),
    "the candidate can walk": _both_in_rooms(20, BUILDINGS),
    "the candidate need not walk": _both_in_rooms(0, TWO_EAST),
    "one room throughout": (*_both_in_rooms(20, BUILDINGS, same_room=True)[:2], 2),
    "p would walk": (
        _in_rooms(_loop("b", {"room": {"among": ["m"]}}), rooms=BUILDINGS) | {"walks": WALK},
        [IN_M, ("b/x", 179, "m", {"lead": "p"})],
        2,
    ),
    "p can walk": (
        _in_rooms(_loop("b", {"room": {"among": ["m"]}}), rooms=BUILDINGS) | {"walks": WALK},
        [IN_M, ("b/x", 180, "m", {"lead": "p"})],
        1,
    ),
    "q would walk": (
        _in_rooms(_loop("b", {"room": {"among": ["n"]}, "seats": [{**LEAD, "pool": ["q"]}]}), rooms=TWO_EAST)
        | {"walks": WALK},
        [IN_M, ("b/x", 179, "n", {"lead": "q"})],
        3,
    ),
    "q would walk past another session": (
        {
            "loops": [
                _loop("a", {"room": {"among": ["m"]}}),
                _loop("b", {"room": {"among": ["n"]}, "minutes": 5, "seats": [{**LEAD, "pool": ["q"]}]}),
                _loop("c", {"minutes": 5, "seats": [{**LEAD, "pool": ["q"]}]}),
            ],
            "rooms": BUILDINGS,
            "walks": WALK,
        },
        [IN_M, ("b/x", 80, "n", {"lead": "q"}), ("c/x", 90, None, {"lead": "q"})],
        5,
    ),
    "q can walk": (
        _in_rooms(_loop("b", {"room": {"among": ["n"]}, "seats": [{**LEAD, "pool": ["q"]}]}), rooms=TWO_EAST)
        | {"walks": WALK},
        [IN_M, ("b/x", 180, "n", {"lead": "q"})],
        2,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_reason(problem: Make, held: Hold, case: str) -> None:
    """The judge counts the seats and rooms without a stand-in, and no solution with the plan has fewer."""
    parts, sessions, expected = CASES[case]
    values = {"loops": [_loop("a")], "people": [{"key": "p"}, {"key": "q"}, {"key": "r"}], **parts}
    whole = problem(*values.pop("loops"), **values)
    plan = Plan(
        assignments=tuple(held(name, start, room, **people) for name, start, room, people in sessions)
    )
    judgement = judge(whole, plan)
    assert ((), expected) == (judgement.violations, judgement.objective.units["fragile"])
    variables = Variables(whole)
    units = fragile.build(variables)
    variables.fix(plan)
    variables.model.minimize(units)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert cp_model.OPTIMAL == solver.solve(variables.model)
    assert expected == solver.value(units)
