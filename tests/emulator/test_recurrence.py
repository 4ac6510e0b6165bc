"""Recurrence patterns and working hours, each against dates counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from scheduler.emulator.recurrence import Recurrence, read_recurrence
from scheduler.emulator.tenant import CustomZone, Person, WorkingHours, ZoneSwitch
from scheduler.emulator.workhours import inside_hours

HORIZON = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("pattern", "dates"),
    [
        ({"kind": "daily", "interval": 3, "count": 3}, ["03-03", "03-06", "03-09"]),
        ({"kind": "weekly", "interval": 1, "days": ("thursday", "tuesday"), "until": date(2026, 3, 12)},
         ["03-03", "03-05", "03-10", "03-12"]),
        ({"kind": "weekly", "interval": 2, "days": ("monday",), "week_start": "monday", "count": 2},
         ["03-16", "03-30"]),
        ({"kind": "weekly", "interval": 2, "days": ("sunday",), "week_start": "monday", "count": 2},
         ["03-08", "03-22"]),
        ({"kind": "weekly", "interval": 2, "days": ("sunday",), "week_start": "sunday", "count": 2},
         ["03-15", "03-29"]),
        ({"kind": "absoluteMonthly", "interval": 1, "day_of_month": 31}, ["03-31", "05-31"]),
    ],
)  # fmt: skip
def test_dates(pattern: dict[str, Any], dates: list[str]) -> None:
    """The dates are those of a calendar on paper; the start of the week decides which weeks are skipped."""
    found = Recurrence(first=date(2026, 3, 3), **pattern).dates(HORIZON)
    assert dates == [f"{day:%m-%d}" for day in found]


def test_wire_and_back() -> None:
    """What is written can be read again."""
    made = Recurrence("weekly", 2, date(2026, 3, 3), days=("monday",), count=4, zone="Europe/Amsterdam")
    assert made == read_recurrence(made.wire(), date(2026, 3, 3), "UTC")


def test_impossible_day_ends() -> None:
    """A yearly 31 February is no endless search."""
    never = Recurrence("absoluteMonthly", 12, date(2026, 2, 1), day_of_month=31)
    assert [] == list(never.dates(HORIZON))


AMSTERDAM = CustomZone(
    bias=-60,
    standard=ZoneSwitch(month=10, day_occurrence=5, time=time(3)),
    daylight=ZoneSwitch(month=3, day_occurrence=5, time=time(2)),
)
SANTIAGO = CustomZone(
    bias=240,
    standard=ZoneSwitch(month=4, day_occurrence=1, time=time(0)),
    daylight=ZoneSwitch(month=9, day_occurrence=1, time=time(0)),
)


@pytest.mark.parametrize(
    ("zone", "month", "opens_utc"),
    [
        (AMSTERDAM, 1, 7),
        (AMSTERDAM, 7, 6),
        ("W. Europe Standard Time", 7, 6),
        (SANTIAGO, 1, 11),
        (SANTIAGO, 7, 12),
        (CustomZone(bias=-330), 7, 2),
    ],
)
def test_working_hours_follow_the_zone(zone: Any, month: int, opens_utc: int) -> None:
    """Eight o'clock of a zone by name or by rules is the right instant in any season, north and south."""
    person = Person(address="a@b", working_hours=WorkingHours(time_zone=zone))
    opening = datetime(2026, month, 14, opens_utc, 30, tzinfo=UTC)
    inside = [
        inside_hours(person, opening.replace(minute=minute), opening.replace(minute=minute + 20))
        for minute in (0, 30)
    ]
    early = datetime(2026, month, 14, opens_utc - 1, 59, tzinfo=UTC)
    expected = [False, True] if zone == CustomZone(bias=-330) else [True, True]
    assert (expected, False) == (inside, inside_hours(person, early, opening))


def test_night_shift() -> None:
    """Hours that end before they start run past midnight, and belong to the day they began on."""
    hours = WorkingHours(days=["monday"], start=time(22), end=time(6), time_zone="UTC")
    person = Person(address="a@b", working_hours=hours)
    night = datetime(2026, 3, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, 2, tzinfo=UTC)
    evening = datetime(2026, 3, 3, 22, tzinfo=UTC), datetime(2026, 3, 3, 23, tzinfo=UTC)
    assert (True, False) == (inside_hours(person, *night), inside_hours(person, *evening))
