"""What differs between two plans, and why."""

from __future__ import annotations

from typing import Any

from solvers.changes import Change, changes
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

ANN = {"key": "ann", "open": [[0, 600]]}
BOB = {"key": "bob", "open": [[0, 600]]}


def loop(key: str, *sessions: str, **rules: Any) -> dict[str, Any]:
    """A loop of hours with Ann or Bob."""
    pool = {"seats": [{"key": "lead", "pool": ["ann", "bob"]}]}
    return {"key": key, "sessions": [{"key": each, "minutes": 60, **pool} for each in sessions], **rules}


def problem(*loops: dict[str, Any], people: tuple[dict[str, Any], ...] = (ANN, BOB)) -> Problem:
    """Ten hours from minute 0."""
    return Problem.model_validate({"start": 0, "end": 600, "people": people, "loops": loops})


def held(name: str, start: int, lead: str) -> Assignment:
    """A session with its only seat filled."""
    key, session = name.split("/")
    return Assignment(loop=key, session=session, start=start, people={"lead": lead})


def plan(*assignments: Assignment) -> Plan:
    """A plan."""
    return Plan(assignments=assignments)


def told(change: Change) -> tuple[str, str, list[str]]:
    """Which session, the cause, and the rules that its earlier place breaks."""
    return f"{change.loop}/{change.session}", change.cause, [each.rule for each in change.why]


def test_equal_plans_differ_in_nothing() -> None:
    """The same plan is lawful still, and costs the same."""
    same = plan(held("a/x", 0, "ann"))
    found = changes(problem(loop("a", "x")), same, same)
    assert () == found.changes
    assert found.now == found.then


def test_somebody_is_busy_now() -> None:
    """A session moves because the person it was held with is blocked; the earlier plan has no cost any more."""
    busy = problem(loop("a", "x"), people=({**ANN, "blocked": [[0, 60]]}, BOB))
    found = changes(busy, plan(held("a/x", 0, "ann")), plan(held("a/x", 60, "ann")))
    (change,) = found.changes
    assert ("a/x", "impossible", ["person_blocked"]) == told(change)
    assert ("a/x", "ann") == change.why[0].who
    assert found.then is None


def test_a_loop_that_no_longer_fits_as_a_whole() -> None:
    """Sessions that are lawful one by one, but not together under the present rules, name the rule between them."""
    then = plan(held("a/x", 0, "ann"), held("a/y", 120, "bob"))
    now = plan(held("a/x", 0, "ann"), held("a/y", 60, "bob"))
    found = changes(problem(loop("a", "x", "y", max_gap=0)), then, now)
    assert [("a/y", "impossible", ["max_gap"])] == [told(each) for each in found.changes]


def test_somebody_else_has_the_place() -> None:
    """A session whose person now serves another candidate at that time was displaced by that one."""
    then = plan(held("a/x", 0, "ann"))
    now = plan(held("a/x", 60, "ann"), held("b/x", 0, "ann"))
    found = changes(problem(loop("a", "x"), loop("b", "x")), then, now)
    assert [("a/x", "displaced", ["person_apart"]), ("b/x", "added", [])] == [
        told(each) for each in found.changes
    ]
    assert {"a/x", "b/x", "ann"} == set(found.changes[0].why[0].who)


def test_it_could_stay_but_another_place_is_better() -> None:
    """Where nothing forbids the earlier place, the present plan costs less."""
    found = changes(problem(loop("a", "x")), plan(held("a/x", 300, "ann")), plan(held("a/x", 0, "ann")))
    assert [("a/x", "better", [])] == [told(each) for each in found.changes]
    assert found.then is not None
    assert found.now.levels < found.then.levels


def test_a_session_that_is_gone() -> None:
    """A candidate whom the present problem does not know stands at the end, with the reference that is missing."""
    then = plan(held("gone/x", 0, "ann"), held("a/x", 60, "ann"))
    found = changes(problem(loop("a", "x")), then, plan(held("a/x", 0, "bob")))
    assert [("a/x", "better", []), ("gone/x", "impossible", ["reference"])] == [
        told(each) for each in found.changes
    ]
    assert found.changes[1].now is None


def test_left_out_for_another() -> None:
    """A candidate who is left out in favour of another is told who has the place."""
    short = tuple({**each, "open": [[0, 60]]} for each in (ANN,))
    only_ann = [
        {"key": key, "sessions": [{"key": "x", "minutes": 60, "seats": [{"key": "lead", "pool": ["ann"]}]}]}
        for key in "ab"
    ]
    found = changes(
        problem(*only_ann, people=short), plan(held("a/x", 0, "ann")), plan(held("b/x", 0, "ann"))
    )
    assert [("a/x", "displaced", ["person_apart"]), ("b/x", "added", [])] == [
        told(each) for each in found.changes
    ]
