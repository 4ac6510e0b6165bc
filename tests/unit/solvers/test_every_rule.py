"""Every rule of a lawful plan by itself: a plan that just keeps it, and one that breaks nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ortools.sat.python import cp_model

from solvers.check import RULES, RuleName, judge
from solvers.cpsat.model import build
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Held = tuple[str, int, dict[str, str], str | None]
DAY = [[0, 600]]
LEAD = {"key": "lead", "pool": ["p", "q"]}
BOTH = {"key": "two", "pool": ["p", "q"]}
NEW = {"key": "new", "pool": ["q"], "kind": "trainee", "beside": "extra"}
EXTRA = {"key": "extra", "pool": ["p"], "kind": "optional"}
P, Q = {"lead": "p"}, {"lead": "q"}
NOON = {"key": "noon", "minutes": 30, "window": [[100, 160]]}
BUILDINGS = [{"key": "m", "building": "east"}, {"key": "n", "building": "west"}]
WALK = [{"one": "east", "other": "west", "minutes": 20}]


def x(start: int, people: dict[str, str] | None = None, room: str | None = None, *, of: str = "a/x") -> Held:
    """A session is held."""
    return of, start, people or {}, room


def y(start: int, people: dict[str, str] | None = None, room: str | None = None) -> Held:
    """The second session of the loop is held."""
    return x(start, people, room, of="a/y")


def b(start: int, people: dict[str, str] | None = None, room: str | None = None) -> Held:
    """The session of the other loop is held."""
    return x(start, people, room, of="b/x")


def _loop(key: str, *sessions: dict[str, Any], **rules: Any) -> dict[str, Any]:
    each = [{"key": name, "minutes": 60, **values} for name, values in zip("xyz", sessions, strict=False)]
    return {"key": key, "sessions": each, **rules}


def one(people: Any = None, rooms: Any = None, rules: Any = None, **session: Any) -> dict[str, Any]:
    """A problem of one session."""
    return {"loops": [_loop("a", session, **(rules or {}))]} | _resources(people, rooms)


def two(session: Any = None, people: Any = None, rooms: Any = None, **rules: Any) -> dict[str, Any]:
    """A problem of one loop of two sessions."""
    return {"loops": [_loop("a", session or {}, session or {}, **rules)]} | _resources(people, rooms)


def pair(people: Any = None, rooms: Any = None, **session: Any) -> dict[str, Any]:
    """A problem of two loops of one session each."""
    return {"loops": [_loop(key, session) for key in "ab"]} | _resources(people, rooms)


def _resources(people: Any, rooms: Any) -> dict[str, Any]:
    found = {"people": [{"key": "p"}, {"key": "q"}], "rooms": [{"key": "m"}, {"key": "n"}]}
    changed = {"people": people, "rooms": rooms}
    return found | {name: each for name, each in changed.items() if each is not None}


def _person(**values: Any) -> list[dict[str, Any]]:
    return [{"key": "p", **values}, {"key": "q"}]


def _room(**values: Any) -> list[dict[str, Any]]:
    return [{"key": "m", **values}, {"key": "n"}]


CASES: dict[RuleName, tuple[dict[str, Any], list[Held], list[Held]]] = {
    "reference": (one(seats=[EXTRA]), [x(0, {"extra": "p"})], [x(0, {"extra": "nobody"})]),
    "repeated": (one(), [x(0)], [x(0), x(0)]),
    "partial": (two(), [x(0), y(60)], [x(0)]),
    "mandatory": (one(rules={"mandatory": True}), [x(0)], []),
    "placed": (
        one(seats=[LEAD], placed={"start": 60, "people": P}),
        [x(60, P)],
        [x(60, Q)],
    ),
    "horizon": (one(), [x(540)], [x(541)]),
    "starts": (one(starts=[[30, 41]]), [x(40)], [x(41)]),
    "grid": (one(grid=15, anchor=5), [x(20)], [x(30)]),
    "seat_empty": (one(seats=[LEAD]), [x(0, P)], [x(0)]),
    "seat_pool": (one(seats=[LEAD], people=[*_person(), {"key": "r"}]), [x(0, P)], [x(0, {"lead": "r"})]),
    "seat_twice": (
        one(seats=[LEAD, BOTH]),
        [x(0, {"lead": "p", "two": "q"})],
        [x(0, {"lead": "p", "two": "p"})],
    ),
    "trainee": (one(seats=[EXTRA, NEW]), [x(0, {"extra": "p", "new": "q"})], [x(0, {"new": "q"})]),
    "person_open": (one(_person(open=[[0, 100]]), seats=[LEAD]), [x(40, P)], [x(41, P)]),
    "person_blocked": (
        one(_person(blocked=[[110, 120]], buffer_after=10), seats=[LEAD]),
        [x(40, P)],
        [x(41, P)],
    ),
    "person_unknown": (
        one(_person(unknown=[[110, 120]], buffer_before=10), seats=[LEAD]),
        [x(130, P)],
        [x(129, P)],
    ),
    "person_apart": (
        pair(_person(buffer_before=10, buffer_after=5), seats=[LEAD]),
        [x(0, P), b(70, P)],
        [x(0, P), b(69, P)],
    ),
    "person_walk": (
        pair(rooms=BUILDINGS, seats=[LEAD], room={}) | {"walks": WALK},
        [x(0, P, "m"), b(80, P, "n")],
        [x(0, P, "m"), b(79, P, "n")],
    ),
    "person_limit": (
        pair(_person(limits=[{"start": 0, "end": 300, "minutes": 100}]), seats=[LEAD]),
        [x(0, P), b(300, P)],
        [x(0, P), b(299, P)],
    ),
    "room_missing": (one(room={}), [x(0, room="m")], [x(0)]),
    "room_unasked": (one(), [x(0)], [x(0, room="m")]),
    "room_unsuited": (
        one(rooms=[{"key": "m", "seats": 4}, {"key": "n", "seats": 3}], room={"seats": 4}),
        [x(0, room="m")],
        [x(0, room="n")],
    ),
    "room_open": (one(rooms=_room(open=[[40, 600]]), room={}), [x(40, room="m")], [x(39, room="m")]),
    "room_blocked": (
        one(rooms=_room(blocked=[[70, 80]], buffer_after=10), room={}),
        [x(0, room="m")],
        [x(1, room="m")],
    ),
    "room_unknown": (one(rooms=_room(unknown=[[60, 80]]), room={}), [x(0, room="m")], [x(1, room="m")]),
    "room_apart": (
        pair(rooms=_room(buffer_after=15), room={}),
        [x(0, room="m"), b(75, room="m")],
        [x(0, room="m"), b(74, room="m")],
    ),
    "overlap": (two(order="free"), [x(60), y(0)], [x(60), y(1)]),
    "order": (two(order="free", before=[["x", "y"]]), [x(0), y(60)], [x(60), y(0)]),
    "min_gap": (two(order="free", min_gap=10), [x(70), y(0)], [x(69), y(0)]),
    "max_gap": (two(max_gap=10), [x(0), y(70)], [x(0), y(71)]),
    "walk": (
        two({"room": {}}, rooms=BUILDINGS) | {"walks": WALK},
        [x(0, room="m"), y(80, room="n")],
        [x(0, room="m"), y(79, room="n")],
    ),
    "available": (one(rules={"available": [[0, 100], [110, 180]]}), [x(40)], [x(41)]),
    "earliest": (one(rules={"earliest": 100}), [x(100)], [x(99)]),
    "latest": (one(rules={"latest": 100}), [x(40)], [x(41)]),
    "begins": (two(order="free", begins=[[30, 61]]), [x(200), y(60)], [x(200), y(61)]),
    "day": (one(rules={"days": [[0, 100], [100, 300]]}), [x(40)], [x(41)]),
    "max_days": (
        two(days=[[0, 200], [200, 400]], max_days=1),
        [x(200), y(300)],
        [x(0), y(300)],
    ),
    "break": (two(breaks=[NOON]), [x(40), y(130)], [x(40), y(129)]),
    "same_room": (
        two({"room": {}}, same_room=True),
        [x(0, room="m"), y(60, room="m")],
        [x(0, room="m"), y(60, room="n")],
    ),
    "meets_once": (two({"seats": [LEAD]}, meets_once=True), [x(0, P), y(60, Q)], [x(0, P), y(60, P)]),
}
IN_PLANS_ALONE = {"repeated", "partial"}
"""A model has each session once, and those of a loop all or not at all, so that it cannot break these rules."""


def _problem(values: dict[str, Any]) -> Problem:
    open_ = {name: [{"open": DAY, **each} for each in values[name]] for name in ("people", "rooms")}
    return Problem.model_validate({"start": 0, "end": 600, **values, **open_})


def _plan(held: list[Held]) -> Plan:
    return Plan(
        assignments=tuple(
            Assignment(loop=name[0], session=name[-1], start=start, people=people, room=room)
            for name, start, people, room in held
        )
    )


def _is_possible(problem: Problem, plan: Plan) -> bool:
    model = build(problem)
    model.variables.fix(plan)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model.variables.model)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return bool(status == cp_model.OPTIMAL)


@pytest.mark.parametrize("rule", CASES)
def test_just_kept_and_just_broken(rule: RuleName) -> None:
    """The judge names this rule and no other, and the whole model has the one plan and not the other."""
    values, kept, broken = CASES[rule]
    problem = _problem(values)
    assert [] == [each.text for each in judge(problem, _plan(kept)).violations]
    assert {rule} == {each.rule for each in judge(problem, _plan(broken)).violations}
    assert _is_possible(problem, _plan(kept))
    if rule not in IN_PLANS_ALONE:
        assert not _is_possible(problem, _plan(broken))


def test_no_rule_is_forgotten() -> None:
    """There is a pair of plans for each rule."""
    assert list(RULES) == list(CASES)
