"""How fragile a plan is that breaks rules, and what is not counted; lawful plans are in cpsat/test_fragile.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solvers.check import Judgement

LEAD = {"key": "lead", "pool": ["ann", "bob"]}
SESSION: dict[str, Any] = {"key": "x", "minutes": 60, "seats": [LEAD]}


def _units(judgement: Judgement) -> int:
    return judgement.objective.units["fragile"]


def test_empty_seats_and_missing_rooms_hang_on_nobody(judged: Callable[..., Judgement]) -> None:
    """A required seat that is empty and a room that is missing break rules, but nobody has to be replaced."""
    loops = [{"key": "a", "sessions": [{**SESSION, "room": {}}]}]
    assert 0 == _units(judged(("a/x", 100), loops=loops))


def test_rooms_of_sessions_without_need(judged: Callable[..., Judgement]) -> None:
    """A room that was not asked for need not be replaced."""
    loops = [{"key": "a", "sessions": [SESSION]}]
    rooms = [{"key": "r", "open": [[0, 1440]]}]
    assert 0 == _units(judged(("a/x", 100, {"lead": "ann"}, "r"), loops=loops, rooms=rooms))


def test_somebody_unknown_can_be_replaced(judged: Callable[..., Judgement]) -> None:
    """In the place of somebody who is nobody, anybody of the pool who has time could sit."""
    loops = [{"key": "a", "sessions": [SESSION]}]
    assert 0 == _units(judged(("a/x", 100, {"lead": "zoe"}), loops=loops))
    people = [{"key": key, "open": [[0, 100]]} for key in ("ann", "bob")]
    assert 1 == _units(judged(("a/x", 100, {"lead": "zoe"}), loops=loops, people=people))


def test_broken_rules_elsewhere_do_not_matter(judged: Callable[..., Judgement]) -> None:
    """Whatever rules the plan breaks, Bob could stand in for Ann unless his own session is in the way."""
    loops = [{"key": key, "sessions": [SESSION]} for key in "abc"]
    twice = [(f"{key}/x", 100, {"lead": "ann"}) for key in "ab"]
    assert 0 == _units(judged(*twice, loops=loops))
    assert 1 == _units(judged(*twice, ("c/x", 1439, {"lead": "bob"}), loops=loops))
    assert 3 == _units(judged(*twice, ("c/x", 159, {"lead": "bob"}), loops=loops))
