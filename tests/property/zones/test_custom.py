"""Rule zones against the named zones that keep the same rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.zones.custom import Change, RuleZone, rule_zone

SUNDAY, SATURDAY, FRIDAY, THURSDAY = 6, 5, 4, 3
LAST = 5

# Name, bias, change to standard, change to daylight; all with a daylight bias of -60.
RULES = [
    ("America/New_York", 300, Change(11, 1, SUNDAY, 120), Change(3, 2, SUNDAY, 120)),
    ("America/Los_Angeles", 480, Change(11, 1, SUNDAY, 120), Change(3, 2, SUNDAY, 120)),
    ("America/St_Johns", 210, Change(11, 1, SUNDAY, 120), Change(3, 2, SUNDAY, 120)),
    ("Europe/Amsterdam", -60, Change(10, LAST, SUNDAY, 180), Change(3, LAST, SUNDAY, 120)),
    ("Europe/London", 0, Change(10, LAST, SUNDAY, 120), Change(3, LAST, SUNDAY, 60)),
    ("Africa/Cairo", -120, Change(10, LAST, THURSDAY, 1440), Change(4, LAST, FRIDAY, 0)),
    ("Australia/Sydney", -600, Change(4, 1, SUNDAY, 180), Change(10, 1, SUNDAY, 120)),
    ("Pacific/Auckland", -720, Change(4, 1, SUNDAY, 180), Change(9, LAST, SUNDAY, 120)),
    ("Asia/Kolkata", -330, None, None),
]


def made(name: str, bias: int, to_standard: Change | None, to_daylight: Change | None) -> RuleZone:
    """The rule zone of one row."""
    zone = rule_zone(name, bias=bias, to_standard=to_standard, to_daylight=to_daylight, daylight_bias=-60)
    assert isinstance(zone, RuleZone)
    return zone


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules[0])
def test_every_minute_around_changes(rules: Any, clock: Callable[[str], Any]) -> None:
    """Six hours around each change of 2026 to 2028, minute by minute, both show the same."""
    zone, named = made(*rules), clock(rules[0])
    minutes = [at for change in named.changes or [29_735_000] for at in range(change - 360, change + 360)]
    assert [named.wall(minute) for minute in minutes] == [
        minute + zone.offset_at(minute) for minute in minutes
    ]


@given(st.sampled_from(RULES), st.integers(29_455_200, 31_033_440))
def test_any_minute(clock: Callable[[str], Any], rules: Any, minute: int) -> None:
    """At any minute of 2026 to 2028 both show the same."""
    assert clock(rules[0]).wall(minute) == minute + made(*rules).offset_at(minute)


@given(
    st.integers(1, 12), st.integers(1, 5), st.integers(0, 6), st.integers(0, 1440), st.integers(1970, 2100)
)
def test_the_day_of_a_change(month: int, week: int, weekday: int, minute: int, year: int) -> None:
    """A change falls on its weekday, with exactly as many of them before it in the month as its week says."""
    from datetime import date, timedelta

    days, rest = divmod(Change(month, week, weekday, minute).wall_in(year) - minute, 1440)
    day = date(1970, 1, 1) + timedelta(days)
    assert (0, month, weekday) == (rest, day.month, day.weekday())
    week_after = day + timedelta(7)
    if week == LAST:
        assert month != week_after.month
    else:
        assert week == (day.day + 6) // 7
