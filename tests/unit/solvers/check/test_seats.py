"""Who may sit where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LEAD = {"key": "lead", "pool": ["ann", "bob"]}
EXTRA = {"key": "extra", "pool": ["ann", "bob"], "kind": "optional"}
TRAINEE = {"key": "new", "pool": ["ann", "bob"], "kind": "trainee", "beside": "extra"}


def _loops(*seats: Any) -> list[dict[str, Any]]:
    return [{"key": "a", "sessions": [{"key": "x", "minutes": 60, "seats": seats}]}]


@pytest.mark.parametrize(
    ("people", "expected"),
    [({"lead": "ann"}, []), ({}, [("seat_empty", ("a/x",), 1)])],
)
def test_required_seat(broken: Callable[..., Any], people: dict[str, str], expected: Any) -> None:
    """A required seat is filled."""
    assert expected == broken(("a/x", 0, people), loops=_loops(LEAD))


@pytest.mark.parametrize("people", [{"extra": "ann"}, {}])
def test_optional_seat(broken: Callable[..., Any], people: dict[str, str]) -> None:
    """An optional seat is filled or not."""
    assert [] == broken(("a/x", 0, people), loops=_loops(EXTRA))


def test_pool(broken: Callable[..., Any]) -> None:
    """Only somebody of the seat's pool sits in it, in an optional seat too."""
    loops = _loops({**EXTRA, "pool": ["ann"]})
    assert [] == broken(("a/x", 0, {"extra": "ann"}), loops=loops)
    assert [("seat_pool", ("a/x", "bob"), 1)] == broken(("a/x", 0, {"extra": "bob"}), loops=loops)


def test_twice_in_one_session(broken: Callable[..., Any]) -> None:
    """Nobody sits in two seats of one session."""
    assert [] == broken(("a/x", 0, {"lead": "ann", "extra": "bob"}), loops=_loops(LEAD, EXTRA))
    assert [("seat_twice", ("a/x", "ann"), 1)] == broken(
        ("a/x", 0, {"lead": "ann", "extra": "ann"}), loops=_loops(LEAD, EXTRA)
    )


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ({}, []),
        ({"extra": "ann"}, []),
        ({"extra": "ann", "new": "bob"}, []),
        ({"new": "bob"}, [("trainee", ("a/x", "bob"), 1)]),
    ],
)
def test_trainee(broken: Callable[..., Any], people: dict[str, str], expected: Any) -> None:
    """A trainee sits only beside somebody."""
    assert expected == broken(("a/x", 0, people), loops=_loops(EXTRA, TRAINEE))
