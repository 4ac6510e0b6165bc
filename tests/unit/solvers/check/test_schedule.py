"""References of a plan to its problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LOOPS = [
    {"key": "a", "sessions": [{"key": "x", "minutes": 60, "seats": [{"key": "lead", "pool": ["ann"]}]}]},
    {"key": "b", "sessions": [{"key": "y", "minutes": 60, "room": {}}]},
]
PEOPLE = [{"key": key, "open": [[0, 2880]]} for key in ("ann", "bob")]
ROOMS = [{"key": "r", "open": [[0, 1440]]}]


def test_known_references_are_lawful(broken: Callable[..., Any]) -> None:
    """A plan that names only what there is breaks nothing."""
    assert [] == broken(("a/x", 0, {"lead": "ann"}), ("b/y", 0, {}, "r"), loops=LOOPS, rooms=ROOMS)


@pytest.mark.parametrize(
    ("held", "who"),
    [
        (("c/x", 0), ("c/x",)),
        (("a/z", 0), ("a/z",)),
        (("a/x", 0, {"lead": "ann", "second": "bob"}), ("a/x", "bob")),
        (("a/x", 0, {"lead": "zoe"}), ("a/x", "zoe")),
        (("b/y", 0, {}, "s"), ("b/y", "s")),
    ],
    ids=["loop", "session", "seat", "person", "room"],
)
def test_unknown_references_are_named(
    broken: Callable[..., Any], held: tuple[Any, ...], who: tuple[str, ...]
) -> None:
    """Whatever the problem does not hold is one violation and nothing more."""
    assert [("reference", who, 1)] == broken(held, loops=LOOPS, rooms=ROOMS)


def test_what_is_unknown_is_said(judged: Callable[..., Any]) -> None:
    """A session of a known loop is told from one of no loop."""
    texts = [each.text for each in judged(("c/x", 0), ("a/z", 0), loops=LOOPS).violations]
    assert [
        "The plan schedules c/x, but there is no such loop.",
        "The plan schedules a/z, but there is no such session.",
    ] == texts


def test_session_scheduled_twice(broken: Callable[..., Any]) -> None:
    """A session that is scheduled twice is once too many."""
    assert [("repeated", ("a/x",), 1)] == broken(*[("a/x", 0, {"lead": "ann"})] * 2, loops=LOOPS)


def test_repeated_session(broken: Callable[..., Any]) -> None:
    """A session that is scheduled three times is two times too many, and judged where it stands first."""
    held = [("a/x", start, {"lead": "ann"}) for start in (0, 1440, 1440)]
    assert [("repeated", ("a/x",), 2)] == broken(*held, loops=LOOPS)
    assert [("repeated", ("a/x",), 2), ("horizon", ("a/x",), 60)] == broken(
        *reversed(held), loops=LOOPS, people=PEOPLE
    )
