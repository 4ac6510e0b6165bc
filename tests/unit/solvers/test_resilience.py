"""What a loop survives, in small days."""

from __future__ import annotations

from typing import Any

import pytest

from solvers.plan import Assignment, Plan
from solvers.problem import Problem
from solvers.resilience import Loss, Resilience, resilience

DAY = [[0, 1440]]


def _session(key: str, *pool: str, **rest: Any) -> dict[str, Any]:
    return {"key": key, "minutes": 60, "seats": [{"key": "lead", "pool": pool}], **rest}


def _problem(*loops: dict[str, Any], **parts: Any) -> Problem:
    people = [{"key": key, "open": DAY} for key in ("ann", "bob", "cem", "dan")]
    rooms = [{"key": key, "open": DAY} for key in ("r", "s")]
    values = {"start": 0, "end": 1440, "people": people, "rooms": rooms, "loops": loops, **parts}
    return Problem.model_validate(values)


def _held(name: str, start: int, room: str | None = None, **people: str) -> Assignment:
    loop, session = name.split("/")
    return Assignment(loop=loop, session=session, start=start, people=people, room=room)


def _ask(problem: Problem, *held: Assignment, **rest: Any) -> Resilience:
    return resilience(problem, Plan(assignments=held), "a", deterministic_time=10, **rest)


def _told(loss: Loss) -> tuple[str, bool | None, tuple[str, ...]]:
    return loss.key, loss.survives, loss.changed


def test_some_losses_are_survived() -> None:
    """People come first, then rooms; a loss nobody can make good is named, and its session stays unsaid."""
    problem = _problem({"key": "a", "sessions": [_session("x", "ann", "bob", room={}), _session("y", "cem")]})
    found = _ask(problem, _held("a/x", 60, "r", lead="ann"), _held("a/y", 120, lead="cem"))
    assert [("ann", True, ("x",)), ("cem", False, ()), ("r", True, ("x",))] == [
        _told(loss) for loss in found.losses
    ]
    assert (2, ("cem",)) == (found.survived, found.fatal)
    assert [_held("a/x", 60, "r", lead="bob"), _held("a/y", 120, lead="cem")] == list(
        found.losses[0].plan.assignments if found.losses[0].plan is not None else ()
    )


def test_people_may_be_swapped_within_the_loop() -> None:
    """Bob leaves y for x, and Cem takes his place: two sessions change, as nobody is met twice."""
    problem = _problem({"key": "a", "sessions": [_session("x", "ann", "bob"), _session("y", "bob", "cem")]})
    found = _ask(problem, _held("a/x", 60, lead="ann"), _held("a/y", 120, lead="bob"))
    assert ("ann", True, ("x", "y")) == _told(found.losses[0])
    assert found.losses[0].least


def test_as_few_sessions_change_as_can() -> None:
    """Any four of five people could lead the four sessions; with Ann lost only her session changes."""
    everybody = ["ann", "bob", "cem", "dan", "eva"]
    problem = _problem(
        {"key": "a", "sessions": [_session(key, *everybody) for key in "wxyz"]},
        people=[{"key": key, "open": DAY} for key in everybody],
    )
    leads = zip("wxyz", everybody, strict=False)
    held = [_held(f"a/{key}", 60 * hour, lead=lead) for hour, (key, lead) in enumerate(leads)]
    loss = _ask(problem, *held).losses[0]
    assert (("ann", True, ("w",)), True) == (_told(loss), loss.least)


def test_other_loops_keep_what_they_have() -> None:
    """Nobody is taken from another loop, even if that could be held with somebody else."""
    problem = _problem(
        {"key": "b", "sessions": [_session("x", "bob", "dan")]},
        {"key": "a", "sessions": [_session("x", "ann", "bob")]},
    )
    other = _held("b/x", 90, lead="bob")
    assert ("ann",) == _ask(problem, other, _held("a/x", 60, lead="ann")).fatal
    (loss,) = _ask(problem, other, _held("a/x", 150, lead="ann")).losses
    assert loss.plan == Plan(assignments=(other, _held("a/x", 150, lead="bob")))


def test_a_loss_touches_the_loop_alone() -> None:
    """Who is lost to the loop keeps what they do in another, which counts towards nothing of the loop."""
    problem = _problem(
        {"key": "a", "sessions": [_session("x", "ann", "bob", room={"among": ["r", "s"]})]},
        {"key": "b", "sessions": [_session("x", "ann", room={"among": ["r"]})]},
    )
    other = _held("b/x", 300, "r", lead="ann")
    found = _ask(problem, _held("a/x", 60, "r", lead="ann"), other)
    assert [("ann", True, ("x",)), ("r", True, ("x",))] == [_told(loss) for loss in found.losses]
    assert all(loss.plan is not None and loss.plan.assignments[1] == other for loss in found.losses)


def test_loops_that_are_left_out_stay_out() -> None:
    """A loop that the plan leaves out is not scheduled by a plan B."""
    problem = _problem(
        {"key": "a", "sessions": [_session("x", "ann", "bob")]},
        {"key": "b", "sessions": [_session("x", "bob")]},
    )
    (loss,) = _ask(problem, _held("a/x", 60, lead="ann")).losses
    assert loss.plan == Plan(assignments=(_held("a/x", 60, lead="bob"),))


def test_booked_for_good() -> None:
    """A session that may not move keeps its time, but not whom it lost."""
    placed = {"start": 60, "people": {"lead": "ann"}}
    problem = _problem({"key": "a", "sessions": [_session("x", "ann", "bob", placed=placed)]})
    (loss,) = _ask(problem, _held("a/x", 60, lead="ann")).losses
    assert ("ann", True, ("x",)) == _told(loss)


def test_optional_seats_stay_filled_if_they_can() -> None:
    """Losing an optional person is survived, and of plans that change as little the fuller one is chosen."""
    seats = [
        {"key": "lead", "pool": ["ann", "bob"]},
        {"key": "extra", "pool": ["cem", "dan"], "kind": "optional"},
    ]
    problem = _problem({"key": "a", "sessions": [_session("x") | {"seats": seats}]})
    full = _held("a/x", 60, lead="ann", extra="cem")
    by_key = {loss.key: loss.plan for loss in _ask(problem, full).losses}
    assert by_key["cem"] == Plan(assignments=(_held("a/x", 60, lead="ann", extra="dan"),))
    assert by_key["ann"] is not None
    assert {"lead", "extra"} == set(by_key["ann"].assignments[0].people)


def test_no_time_is_no_answer() -> None:
    """Without time nothing is claimed, unless it needs none: there is no other room."""
    problem = _problem({"key": "a", "sessions": [_session("x", "ann", "bob", room={"among": ["r"]})]})
    found = _ask(problem, _held("a/x", 60, "r", lead="ann"), seconds=0.0)
    assert [("ann", None, ()), ("r", False, ())] == [_told(loss) for loss in found.losses]
    assert (0, ("r",)) == (found.survived, found.fatal)


def test_only_lawful_plans_that_hold_the_loop() -> None:
    """An unlawful plan, and one without the loop, are refused in a sentence."""
    problem = _problem({"key": "a", "sessions": [_session("x", "ann")]})
    with pytest.raises(ValueError, match="the plan is not lawful: In a/x seat lead is empty"):
        _ask(problem, _held("a/x", 60))
    with pytest.raises(ValueError, match="the plan does not hold a"):
        _ask(problem)
    with pytest.raises(ValueError, match="the plan does not hold b"):
        resilience(problem, Plan(assignments=(_held("a/x", 60, lead="ann"),)), "b")


def test_a_stand_in_needs_no_search() -> None:
    """Who can be replaced with nothing else changed is replaced without any work of the solver."""
    problem = _problem(
        {"key": "a", "sessions": [_session(key, "ann", "bob", "cem", room={}) for key in "xy"]}
    )
    held = _held("a/x", 60, "r", lead="ann"), _held("a/y", 120, "r", lead="bob")
    found = resilience(problem, Plan(assignments=held), "a", deterministic_time=1e-9)
    assert [("ann", True, ("x",)), ("bob", True, ("y",)), ("r", True, ("x", "y"))] == [
        _told(loss) for loss in found.losses
    ]
    assert all(loss.least for loss in found.losses)


def test_an_empty_seat_of_a_changed_session_is_filled_if_it_can() -> None:
    """A session that changes anyway is held as full as it can be, so that a stand-in alone is not enough."""
    seats = [
        {"key": "lead", "pool": ["ann", "bob"]},
        {"key": "extra", "pool": ["cem", "dan"], "kind": "optional"},
    ]
    problem = _problem({"key": "a", "sessions": [_session("x") | {"seats": seats}]})
    (loss,) = _ask(problem, _held("a/x", 60, lead="ann")).losses
    assert loss.plan is not None
    assert {"lead", "extra"} == set(loss.plan.assignments[0].people)
