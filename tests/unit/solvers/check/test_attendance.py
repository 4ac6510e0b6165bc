"""Loops are held whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def _loops(**rules: Any) -> list[dict[str, Any]]:
    sessions = [{"key": "x", "minutes": 60}, {"key": "y", "minutes": 60}]
    return [{"key": "a", "sessions": sessions, **rules}]


def _placed(**placed: Any) -> list[dict[str, Any]]:
    seats = [
        {"key": "lead", "pool": ["ann", "bob"]},
        {"key": "extra", "pool": ["ann", "bob"], "kind": "optional"},
    ]
    session = {"key": "x", "minutes": 60, "seats": seats, "room": {}}
    return [{"key": "a", "sessions": [{**session, "placed": {"start": 0, "room": "r", **placed}}]}]


ROOMS = [{"key": key, "open": [[0, 1440]]} for key in ("r", "s")]


def test_partial(broken: Callable[..., Any]) -> None:
    """A loop is held whole or left out whole."""
    assert [] == broken(("a/x", 0), ("a/y", 60), loops=_loops())
    assert [] == broken(loops=_loops())
    assert [("partial", ("a",), 1)] == broken(("a/y", 60), loops=_loops())


def test_mandatory(broken: Callable[..., Any]) -> None:
    """A mandatory loop is not left out."""
    assert [] == broken(("a/x", 0), ("a/y", 60), loops=_loops(mandatory=True))
    assert [("mandatory", ("a",), 1)] == broken(loops=_loops(mandatory=True))
    assert [("partial", ("a",), 1)] == broken(("a/x", 0), loops=_loops(mandatory=True))


@pytest.mark.parametrize(
    ("held", "by"),
    [
        (("a/x", 0, {"lead": "ann"}, "r"), 0),
        (("a/x", 60, {"lead": "ann"}, "r"), 1),
        (("a/x", 0, {"lead": "bob"}, "r"), 1),
        (("a/x", 0, {"lead": "ann", "extra": "bob"}, "r"), 1),
        (("a/x", 0, {"lead": "ann"}, "s"), 1),
        (("a/x", 60, {"lead": "bob"}, "s"), 3),
    ],
)
def test_placed_stays(broken: Callable[..., Any], held: tuple[Any, ...], by: int) -> None:
    """A booked session that may not move keeps its start, exactly its people, and its room."""
    loops = _placed(people={"lead": "ann"})
    assert ([("placed", ("a/x",), by)] if by else []) == broken(held, loops=loops, rooms=ROOMS)


def test_placed_is_held(broken: Callable[..., Any]) -> None:
    """A loop with a booked session that may not move is not left out; one that may move can be."""
    assert [("placed", ("a/x",), 3)] == broken(loops=_placed(people={"lead": "ann"}), rooms=ROOMS)
    assert [] == broken(loops=_placed(people={"lead": "ann"}, movable=True), rooms=ROOMS)


def test_placed_may_move(broken: Callable[..., Any]) -> None:
    """A booked session that may move is lawful elsewhere."""
    loops = _placed(people={"lead": "ann"}, movable=True)
    assert [] == broken(("a/x", 60, {"lead": "bob"}, "s"), loops=loops, rooms=ROOMS)


def test_placed_keeps_other_rules(broken: Callable[..., Any]) -> None:
    """Staying where it is does not excuse a booked session from any other rule."""
    loops = _placed(people={}, start=1400)
    assert [
        ("horizon", ("a/x",), 20),
        ("seat_empty", ("a/x",), 1),
        ("room_open", ("a/x", "r"), 20),
    ] == broken(("a/x", 1400, {}, "r"), loops=loops, rooms=ROOMS)
