"""Who sits where: required, optional and trainee seats, nobody twice."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.rules import seats
from solvers.plan import Assignment
from solvers.problem import Problem

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]
Allows = Callable[..., bool]


def one_session(make: Make, *seats: dict[str, object], **loop: object) -> Problem:
    """A loop with one session that has these seats, and three people."""
    session = {"key": "s", "minutes": 30, "seats": seats}
    people = [{"key": key} for key in "pqr"]
    return make({"key": "a", "sessions": [session], **loop}, people=people)


def test_required_seat_is_filled(problem: Make, held: Hold, allows: Allows) -> None:
    """A held session has somebody in a required seat, and a session that is not held has nobody."""
    small = one_session(problem, {"key": "lead", "pool": ["p", "q"]})
    assert allows(seats, small, held("a/s", 0, lead="p"))
    assert not allows(seats, small, held("a/s", 0))
    assert allows(seats, small)


def test_optional_seat_may_stay_empty(problem: Make, held: Hold, allows: Allows) -> None:
    """An optional seat is filled or not."""
    small = one_session(problem, {"key": "extra", "pool": ["p"], "kind": "optional"})
    assert allows(seats, small, held("a/s", 0))
    assert allows(seats, small, held("a/s", 0, extra="p"))


def test_nobody_sits_twice(problem: Make, held: Hold, allows: Allows) -> None:
    """One person does not fill two seats of a session."""
    small = one_session(problem, {"key": "lead", "pool": ["p", "q"]}, {"key": "second", "pool": ["p", "q"]})
    assert allows(seats, small, held("a/s", 0, lead="p", second="q"))
    assert not allows(seats, small, held("a/s", 0, lead="p", second="p"))


def test_trainee_sits_beside_somebody(problem: Make, held: Hold, allows: Allows) -> None:
    """A trainee seat is filled only if the seat beside it is."""
    small = one_session(
        problem,
        {"key": "extra", "pool": ["p"], "kind": "optional"},
        {"key": "new", "pool": ["q"], "kind": "trainee", "beside": "extra"},
    )
    assert allows(seats, small, held("a/s", 0, extra="p", new="q"))
    assert allows(seats, small, held("a/s", 0, extra="p"))
    assert not allows(seats, small, held("a/s", 0, new="q"))


def test_people_are_met_once(problem: Make, held: Hold, allows: Allows) -> None:
    """Nobody is in two sessions of a loop, unless the loop does not mind."""
    sessions = [{"key": key, "minutes": 30, "seats": [{"key": "lead", "pool": ["p", "q"]}]} for key in "xy"]
    for meets_once in (True, False):
        small = problem(
            {"key": "a", "sessions": sessions, "meets_once": meets_once}, people=[{"key": "p"}, {"key": "q"}]
        )
        assert allows(seats, small, held("a/x", 0, lead="p"), held("a/y", 30, lead="q"))
        assert (not meets_once) == allows(seats, small, held("a/x", 0, lead="p"), held("a/y", 30, lead="p"))


def test_booked_optional_seat_stays_filled(problem: Make, held: Hold, allows: Allows) -> None:
    """In a session that must stay, an optional seat that is booked is not given up."""
    session = {
        "key": "s",
        "minutes": 30,
        "seats": [{"key": "extra", "pool": ["p"], "kind": "optional"}],
        "placed": {"start": 60, "people": {"extra": "p"}},
    }
    small = problem({"key": "a", "sessions": [session]}, people=[{"key": "p"}])
    assert allows(seats, small, held("a/s", 60, extra="p"))
    assert not allows(seats, small, held("a/s", 60))
