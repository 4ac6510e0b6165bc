"""Horizon, starts and grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _loops(**session: Any) -> list[dict[str, Any]]:
    return [{"key": "a", "sessions": [{"key": "x", "minutes": 60, **session}]}]


def test_horizon(broken: Callable[..., Any]) -> None:
    """A session lies in the horizon with all its minutes; the end is the first minute that does not."""
    assert [] == broken(("a/x", 100), loops=_loops(), start=100, end=160)
    assert [("horizon", ("a/x",), 10)] == broken(("a/x", 90), loops=_loops(), start=100, end=160)
    assert [("horizon", ("a/x",), 1)] == broken(("a/x", 101), loops=_loops(), start=100, end=160)
    assert [("horizon", ("a/x",), 60)] == broken(("a/x", 160), loops=_loops(), start=100, end=160)


def test_starts(broken: Callable[..., Any]) -> None:
    """Only the start lies among the starts, and the end of a span is not a start."""
    loops = _loops(starts=[[100, 110]])
    assert [] == broken(("a/x", 109), loops=loops)
    assert [("starts", ("a/x",), 1)] == broken(("a/x", 110), loops=loops)
    assert [("starts", ("a/x",), 1)] == broken(("a/x", 99), loops=loops)


def test_no_starts(broken: Callable[..., Any]) -> None:
    """An empty set of starts permits none, which is not the same as no set."""
    assert [("starts", ("a/x",), 1)] == broken(("a/x", 0), loops=_loops(starts=[]))
    assert [] == broken(("a/x", 0), loops=_loops(starts=None))


def test_grid(broken: Callable[..., Any]) -> None:
    """Starts are whole grid steps from the anchor, before it as well as after it."""
    loops = _loops(grid=30, anchor=75)
    assert [] == broken(("a/x", 15), loops=loops)
    assert [] == broken(("a/x", 105), loops=loops)
    assert [("grid", ("a/x",), 15)] == broken(("a/x", 60), loops=loops)
    assert [("grid", ("a/x",), 29)] == broken(("a/x", 14), loops=loops)
