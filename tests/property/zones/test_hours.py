"""Weekly hours against the standard library's clocks, minute by minute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.zones.hours import DateException, DayBlock, WeeklyHours, expand
from scheduler.zones.names import NamedZone
from solvers.timeline import Span

ZONES = [
    "Africa/Cairo",
    "America/New_York",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Pacific/Chatham",
]


Instead = Mapping[date, tuple[DayBlock, ...]]


def worked(clock: Any, blocks: list[DayBlock], minute: int, instead: Instead | None = None) -> bool:
    """Whether a clock shows a time inside one of the blocks, today's or those that began yesterday."""
    reading = clock.reading(minute)
    now = reading.hour * 60 + reading.minute
    for days_ago in (0, 1):
        began = (reading - timedelta(days_ago)).date()
        weekly = [block for block in blocks if block.weekday == began.weekday()]
        if any(
            block.start <= now + 1440 * days_ago < block.end for block in (instead or {}).get(began, weekly)
        ):
            return True
    return False


def minutes(spans: Any) -> set[int]:
    """The minutes of some spans."""
    return {minute for span in spans for minute in range(span.start, span.end)}


@pytest.mark.parametrize("key", ZONES)
@pytest.mark.parametrize(
    ("start", "end"), [(0, 1440), (480, 1020), (780, 1080), (45, 150), (130, 170), (1320, 150)]
)
def test_two_days_around_each_change(key: str, start: int, end: int, clock: Callable[[str], Any]) -> None:
    """In the 48 hours around the changes of 2026, no minute is invented and none is missing."""
    shown = clock(key)
    blocks = [DayBlock.between(weekday, start, end) for weekday in range(7)]
    hours = WeeklyHours(tuple(blocks), NamedZone(key))
    for change in shown.changes[:2] or [29_735_000]:
        horizon = Span(change - 1440, change + 1440)
        expected = {minute for minute in range(horizon.start, horizon.end) if worked(shown, blocks, minute)}
        assert expected == minutes(expand(hours, horizon))


@st.composite
def day_blocks(draw: st.DrawFn) -> DayBlock:
    """Any block, night shifts included."""
    start = draw(st.integers(0, 1439))
    return DayBlock(draw(st.integers(0, 6)), start, start + draw(st.integers(1, 1440)))


@given(
    st.sampled_from(ZONES),
    st.lists(day_blocks(), max_size=6),
    st.integers(0, 5),
    st.builds(
        lambda start, length: Span(start, start + length), st.integers(-2500, 500), st.integers(1, 2500)
    ),
)
def test_any_hours(
    clock: Callable[[str], Any], key: str, blocks: list[DayBlock], change: int, around: Span
) -> None:
    """Any blocks over any horizon near a change are worked exactly while the clock shows them."""
    shown = clock(key)
    changes = shown.changes or [29_735_000]
    moved = changes[change % len(changes)]
    horizon = Span(moved + around.start, moved + around.end)
    expected = {minute for minute in range(horizon.start, horizon.end) if worked(shown, blocks, minute)}
    assert expected == minutes(expand(WeeklyHours(tuple(blocks), NamedZone(key)), horizon))


@given(
    st.sampled_from(ZONES),
    st.lists(day_blocks(), max_size=6),
    st.integers(0, 5),
    st.dictionaries(
        st.integers(-3, 3),
        st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=3),
        max_size=5,
    ),
)
def test_any_exceptions(
    clock: Callable[[str], Any],
    key: str,
    blocks: list[DayBlock],
    change: int,
    around: dict[int, list[tuple[int, int]]],
) -> None:
    """Dates near a change of the clock are worked by their own blocks, and nights end when they would."""
    shown = clock(key)
    changes = shown.changes or [29_735_000]
    moved = changes[change % len(changes)]
    instead = {}
    for days, times in around.items():
        day = shown.reading(moved).date() + timedelta(days)
        instead[day] = tuple(DayBlock(day.weekday(), start, start + length) for start, length in times)
    exceptions = tuple(DateException(day, own) for day, own in instead.items())
    horizon = Span(moved - 2000, moved + 2000)
    expected = {
        minute for minute in range(horizon.start, horizon.end) if worked(shown, blocks, minute, instead)
    }
    assert expected == minutes(expand(WeeklyHours(tuple(blocks), NamedZone(key), exceptions), horizon))


@given(
    st.sampled_from(ZONES),
    st.lists(day_blocks(), max_size=6),
    st.integers(29_400_000, 31_000_000),
    st.integers(1, 100_000),
    st.integers(1, 100_000),
)
def test_horizons_add_up(key: str, blocks: list[DayBlock], start: int, first: int, second: int) -> None:
    """Two horizons back to back give what the whole gives, so where a search is cut does not matter."""
    hours = WeeklyHours(tuple(blocks), NamedZone(key))
    middle, end = start + first, start + first + second
    parts = expand(hours, Span(start, middle)) | expand(hours, Span(middle, end))
    assert expand(hours, Span(start, end)) == parts
