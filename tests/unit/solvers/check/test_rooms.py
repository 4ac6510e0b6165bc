"""Whether a session has the room it asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

BARE = {"key": "bare", "open": [[0, 1440]], "seats": 3}
FULL = {
    "key": "full",
    "open": [[0, 1440]],
    "seats": 4,
    "features": ["screen", "phone"],
    "building": "east",
    "step_free": True,
}


def _loops(need: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [{"key": "a", "sessions": [{"key": "x", "minutes": 60, "room": need}]}]


@pytest.mark.parametrize(
    ("need", "room", "expected"),
    [
        ({}, "bare", []),
        ({}, None, [("room_missing", ("a/x",), 1)]),
        (None, None, []),
        (None, "bare", [("room_unasked", ("a/x", "bare"), 1)]),
    ],
)
def test_need(broken: Callable[..., Any], need: Any, room: str | None, expected: Any) -> None:
    """A session that needs a room has one, and no other has."""
    assert expected == broken(("a/x", 0, {}, room), loops=_loops(need), rooms=[BARE, FULL])


@pytest.mark.parametrize(
    "need",
    [
        {"among": ["full"]},
        {"seats": 4},
        {"features": ["phone"]},
        {"features": ["phone", "screen"]},
        {"building": "east"},
        {"step_free": True},
    ],
    ids=str,
)
def test_suits(broken: Callable[..., Any], need: Any) -> None:
    """Each thing that is asked of the room is there."""
    assert [] == broken(("a/x", 0, {}, "full"), loops=_loops(need), rooms=[BARE, FULL])
    assert [("room_unsuited", ("a/x", "bare"), 1)] == broken(
        ("a/x", 0, {}, "bare"), loops=_loops(need), rooms=[BARE, FULL]
    )


def test_everything_asked(broken: Callable[..., Any]) -> None:
    """One feature of two is not enough."""
    loops = _loops({"features": ["phone", "window"]})
    assert [("room_unsuited", ("a/x", "full"), 1)] == broken(
        ("a/x", 0, {}, "full"), loops=loops, rooms=[FULL]
    )
