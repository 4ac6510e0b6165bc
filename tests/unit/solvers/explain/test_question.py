"""What is asked beside a plan: the time of others is promised where that says all, and they stay loops elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers.explain import beside, conflict, why_not
from solvers.explain.question import Question, ask
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Make = Callable[..., Any]


@pytest.fixture
def around(problem: Callable[..., Problem], loop: Make, at: Make) -> Callable[..., Problem]:
    """Sam's problem beside a plan in which kim meets ana on the first day at 9; lee is left out."""

    def make(ana: dict[str, Any], **parts: Any) -> Problem:
        loops = [loop(key, ["ana"], **parts.get(key, {})) for key in ("sam", "kim", "lee")]
        more = {name: value for name, value in parts.items() if name not in ("sam", "kim")}
        room = "m" if "rooms" in more else None
        held = Assignment(loop="kim", session="talk", start=at(0, 9), people={"lead": "ana"}, room=room)
        whole = problem(*loops, people=[{"key": "ana", **ana}], **more)
        return beside(whole, Plan(assignments=(held,)), "sam")

    return make


def test_what_the_plan_holds_stays(around: Callable[..., Problem], at: Make) -> None:
    """Kim keeps her place and her interviewer, lee is not asked about, and sam begins when ana is free again."""
    asked = around({})
    assert ["sam", "kim"] == [loop.key for loop in asked.loops]
    question = ask(asked, "sam")
    assert (1, {"ana"}) == (len(question.problem.loops), set(question.people))
    miss = why_not(asked, "sam", at(0, 9))
    assert ({"pool", "promised"}, 60) == ({fact.kind for fact in miss.facts}, miss.after)


def test_promises_count_towards_limits(around: Callable[..., Problem]) -> None:
    """An interviewer who may do one interview and is promised has none left for sam."""
    asked = around({"limits": [{"start": 0, "end": 7200, "sessions": 1}]})
    found = conflict(asked, "sam")
    assert {"pool", "promised", "person_limit"} == {fact.kind for fact in found.facts}


@pytest.mark.parametrize(("minutes", "loops"), [(0, 1), (45, 2)])
def test_walks_from_fixed_rooms(around: Callable[..., Problem], minutes: int, loops: int) -> None:
    """With walks to other buildings a fixed loop is more than blocked time, so it stays a loop."""
    rooms = [{"key": "m", "building": "east"}, {"key": "n", "building": "west"}]
    need = {"session": {"room": {"building": "west"}}}
    kim = {"session": {"room": {"building": "east"}}}
    walks = [{"one": "east", "other": "west", "minutes": minutes}]
    asked = around({}, sam=need, kim=kim, rooms=rooms, walks=walks)
    question: Question = ask(asked, "sam")
    assert loops == len(question.problem.loops)
    miss = why_not(asked, "sam", 600)
    assert ("forbidden" if minutes else "legal") == miss.outcome
    assert miss.after == (60 if minutes else None)


def test_no_such_loop(around: Callable[..., Problem]) -> None:
    """A loop that is not there is refused by name."""
    asked = around({})
    with pytest.raises(ValueError, match="there is no loop kit"):
        conflict(asked, "kit")
    with pytest.raises(ValueError, match="there is no loop kit"):
        beside(asked, Plan(), "kit")
