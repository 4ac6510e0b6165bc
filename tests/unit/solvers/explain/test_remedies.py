"""What would help: each change solved again, with its price and the starts it opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest

from solvers.check import judge
from solvers.explain import PRICES, Budget, ChangeKind, Remedy, conflict, grant, remedies
from solvers.problem import Problem
from solvers.timeline import SpanSet

Make = Callable[..., Any]


def _of(found: tuple[Remedy, ...], *kinds: ChangeKind) -> Remedy:
    return next(remedy for remedy in found if remedy.kinds == kinds)


def test_an_hour_an_equal_person_and_another_day(
    problem: Callable[..., Problem], loop: Make, hours: Make
) -> None:
    """One hour, somebody of a shared pool, somebody else and another day each help, and open what they say."""
    people = [{"key": "ana", "blocked": [hours(0, 9, 17)]}, {"key": "ben"}, {"key": "cas"}]
    sam = loop("sam", ["ana"], available=[hours(0, 9, 17)])
    asked = problem(sam, loop("kim", ["ana", "ben"]), people=people)
    found = remedies(asked, "sam")
    assert (1, hours(0, 9, 10)) == (_of(found, "hour").opens, _of(found, "hour").changes[0].spans.edges)
    assert (15, "ben") == (_of(found, "equal_person").opens, _of(found, "equal_person").changes[0].person)
    assert (15, "cas") == (_of(found, "other_person").opens, _of(found, "other_person").changes[0].person)
    assert 15 == _of(found, "candidate_day").opens
    assert sorted(remedy.price for remedy in found) == [remedy.price for remedy in found]


def test_the_plan_is_lawful_with_the_change(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """The plan of a remedy is lawful in the problem in which it is granted, and not without."""
    people = [{"key": "ana", "blocked": [hours(0, 9, 120)]}]
    asked = problem(loop("sam", ["ana"]), people=people)
    for remedy in remedies(asked, "sam"):
        granted = reduce(grant, remedy.changes, asked)
        assert judge(granted, remedy.plan).lawful
        assert not judge(asked, remedy.plan).lawful


def test_neither_of_two_helps_alone(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """Where few single changes help, pairs are offered as well, but none with a change that is enough."""
    asked = problem(loop("sam", ["ana"]), people=[{"key": "ana", "blocked": [hours(0, 9, 120)]}])
    pairs = [remedy for remedy in remedies(asked, "sam") if len(remedy.changes) == 2]
    assert pairs
    for change in (change for remedy in pairs for change in remedy.changes):
        assert "forbidden" == conflict(grant(asked, change), "sam").outcome


def test_an_hour_with_its_buffers(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """Whoever needs time around an interview frees that as well."""
    ana = {"key": "ana", "blocked": [hours(0, 0, 120)], "buffer_before": 15, "buffer_after": 30}
    found = remedies(problem(loop("sam", ["ana"]), people=[ana]), "sam")
    assert hours(0, 8.75, 10.5) == _of(found, "hour").changes[0].spans.edges


@pytest.mark.parametrize(
    ("kind", "more", "parts"),
    [
        ("hours", {"minutes": 8.5 * 60}, {}),
        ("minutes", {"minutes": 8.25 * 60}, {}),
        ("room_building", {"session": {"room": {"building": "west"}}}, {}),
        ("room_seats", {"session": {"room": {"seats": 9}}}, {}),
        ("room_features", {"session": {"room": {"features": ["screen"]}}}, {}),
        ("room_named", {"session": {"room": {"among": ["taken"]}}}, {}),
        ("starts", {"session": {"starts": [(0, 60)]}}, {}),
        ("begins", {"begins": [(0, 60)]}, {}),
        ("candidate_hour", {"earliest": 4 * 1440 + 16 * 60 + 30}, {}),
        ("known", {}, {"unknown": [(0, 7200)]}),
        ("buffer", {"minutes": 7.5 * 60}, {"buffer_before": 31, "blocked": [(0, 540), (1440, 7200)]}),
        ("limit", {}, {"limits": [{"start": 0, "end": 7200, "sessions": 2, "already_sessions": 2}]}),
        ("no_break", {"breaks": [{"key": "noon", "minutes": 30, "window": [(0, 7200)]}]}, {}),
    ],
)
def test_every_single_change(
    problem: Callable[..., Problem],
    loop: Make,
    kind: ChangeKind,
    more: dict[str, Any],
    parts: dict[str, Any],
) -> None:
    """What one thing forbids, the change of that thing opens."""
    more = {name: int(value) if name == "minutes" else value for name, value in more.items()}
    if kind == "no_break":
        more = {
            "minutes": 60,
            "breaks": [{"key": "noon", "minutes": 60, "window": [(540, 600)]}],
            "latest": 600,
        }
    rooms = [
        {"key": "taken", "building": "east", "seats": 2, "blocked": [(0, 7200)]},
        {"key": "free", "building": "east", "seats": 4},
    ]
    asked = problem(loop("sam", ["ana"], **more), people=[{"key": "ana", **parts}], rooms=rooms)
    found = remedies(asked, "sam", most=20)
    assert kind in {kinds for remedy in found for kinds in remedy.kinds}
    assert PRICES[kind] == _of(found, kind).price


def test_over_what_is_tentative(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """Time that counts as busy only because it is tentative is the cheapest to give up, if the caller says so."""
    people = [{"key": "ana", "blocked": [hours(0, 9, 120)]}]
    asked = problem(loop("sam", ["ana"]), people=people)
    found = remedies(asked, "sam", extra={"ana": SpanSet.of([hours(1, 9, 11)])})
    assert (("tentative",), 3) == (found[0].kinds, found[0].opens)


def test_two_together(problem: Callable[..., Problem], loop: Make, hours: Make) -> None:
    """When two people lack the same hour, nothing single about their time helps, but both hours do."""
    people = [{"key": key, "blocked": [hours(0, 9, 120)]} for key in ("ana", "ben")]
    seats = [{"key": key, "pool": [person]} for key, person in (("lead", "ana"), ("second", "ben"))]
    asked = problem(loop("sam", ["ana"], session={"seats": seats}), people=people)
    found = remedies(asked, "sam")
    assert {2} == {len(remedy.changes) for remedy in found}
    assert ("hour", "hour") in {remedy.kinds for remedy in found}
    assert {"ana", "ben"} == {change.person for change in _of(found, "hour", "hour").changes}


def test_nothing_to_mend(problem: Callable[..., Problem], loop: Make) -> None:
    """A loop that can be scheduled needs no remedy."""
    assert () == remedies(problem(loop("sam", ["ana"]), people=[{"key": "ana"}]), "sam")


def test_without_any_room(problem: Callable[..., Problem]) -> None:
    """Where no room is free for either interview, one without a room does not help, but both do: one remedy."""
    session = {"minutes": 60, "grid": 30, "seats": [{"key": "lead", "pool": ["ana"]}], "room": {}}
    sam = {"key": "sam", "sessions": [{**session, "key": key} for key in ("x", "y")], "meets_once": False}
    asked = problem(sam, people=[{"key": "ana"}], rooms=[{"key": "r", "seats": 1, "blocked": [(0, 7200)]}])
    found = remedies(asked, "sam", most=20, budget=Budget(seconds=60, decisions=120))
    assert {None} == {each.room for each in _of(found, "no_rooms").plan.assignments}
    assert () == tuple(each for each in found if each.kinds == ("no_room",))
