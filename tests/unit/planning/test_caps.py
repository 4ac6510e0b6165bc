"""Where a cap leaves no room for one more interview."""

from __future__ import annotations

import pytest

from scheduler.planning.caps import full_time
from scheduler.planning.localtimes import request_zone
from scheduler.planning.request import Caps
from solvers.timeline import Span, SpanSet

DAY = 1440
MONDAY = 4 * DAY
"""Monday 1970-01-05, 00:00 UTC."""
WEEK = Span(MONDAY, MONDAY + 7 * DAY)
TALKS = [Span(MONDAY + 600, MONDAY + 660), Span(MONDAY + DAY + 600, MONDAY + DAY + 690)]


@pytest.mark.parametrize(
    ("caps", "full"),
    [
        (Caps(), []),
        (Caps(sessions_per_day=2), []),
        (Caps(sessions_per_day=1), [(0, 2)]),
        (Caps(sessions_per_day=0), [(0, 7)]),
        (Caps(sessions_per_week=3), []),
        (Caps(sessions_per_week=2), [(0, 7)]),
        (Caps(minutes_per_day=120), [(1, 2)]),
        (Caps(minutes_per_day=150), []),
        (Caps(minutes_per_week=209), [(0, 7)]),
        (Caps(minutes_per_week=210), []),
    ],
)
def test_full_days_and_weeks(caps: Caps, full: list[tuple[int, int]]) -> None:
    """An hour more after an hour on Monday and one and a half on Tuesday: days of the week that are full."""
    days = SpanSet.of(Span(MONDAY + first * DAY, MONDAY + last * DAY) for first, last in full)
    assert days == full_time(caps, TALKS, 60, request_zone("UTC", "zone"), WEEK)


def test_days_are_of_their_own_clock() -> None:
    """At 23:30 UTC it is the next day in Kolkata, and that day is full."""
    late = [Span(MONDAY + 1410, MONDAY + 1440)]
    full = full_time(Caps(sessions_per_day=1), late, 30, request_zone("Asia/Kolkata", "zone"), WEEK)
    assert SpanSet.of([Span(MONDAY + DAY - 330, MONDAY + 2 * DAY - 330)]) == full
