"""Makers of small questions: the window is the minutes 0 to 119, and everyone is open all day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers import Attendee, Bits, Calendar, Query, RoomOption, Span, SpanSet

WINDOW = Span(0, 120)
ALL_DAY = [(-600, 600)]

Pairs = list[tuple[int, int]]


def calendar(key: str, sets: dict[str, Pairs]) -> Calendar:
    """A calendar, open all day unless told otherwise."""
    return Calendar(key, **{name: SpanSet.of(pairs) for name, pairs in ({"open": ALL_DAY} | sets).items()})


@pytest.fixture
def person() -> Callable[..., Attendee]:
    """Makes an attendee; spans of the calendar are given as lists of (start, end)."""

    def make(
        key: str,
        *,
        required: bool = True,
        preferred: Pairs | None = None,
        dislikes: Pairs | None = None,
        **sets: Pairs,
    ) -> Attendee:
        return Attendee(
            calendar(key, sets),
            required=required,
            preferred=None if preferred is None else SpanSet.of(preferred),
            dislikes=SpanSet.of(dislikes or []),
        )

    return make


@pytest.fixture
def room() -> Callable[..., RoomOption]:
    """Makes a room; spans of the calendar are given as lists of (start, end)."""

    def make(key: str, cost: int = 0, **sets: Pairs) -> RoomOption:
        return RoomOption(calendar(key, sets), cost)

    return make


@pytest.fixture
def ask() -> Callable[..., Query]:
    """Makes a question about a meeting of 60 minutes that may start at any minute of the window."""

    def make(*attendees: Attendee, **rest: Any) -> Query:
        window = rest.get("window", WINDOW)
        usual: dict[str, Any] = {
            "minutes": 60,
            "window": window,
            "starts": Bits.full(window),
            "earliest": -600,
        }
        return Query(attendees=attendees, **(usual | rest))

    return make
