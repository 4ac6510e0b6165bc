"""Recurring meetings: daily, weekly and absolute monthly patterns, read from and written to Graph's shapes.

Patterns run on the wall clock of their zone: a weekly nine o'clock stays nine o'clock across a clock change.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A pattern and its range.

    Args:
        kind: `daily`, `weekly` or `absoluteMonthly`.
        interval: every how many days, weeks or months.
        days: weekdays of a weekly pattern.
        day_of_month: of a monthly pattern; months that lack it are skipped.
        week_start: the weekday a week begins on, which decides which weeks an interval skips.
        first: no occurrence is earlier than this date.
        until: no occurrence is later than this date; None is without end unless `count` says otherwise.
        count: how many occurrences there are; 0 means `until` decides.
    """

    kind: str
    interval: int
    first: date
    days: tuple[str, ...] = ()
    day_of_month: int = 0
    week_start: str = "sunday"
    until: date | None = None
    count: int = 0
    zone: str = "UTC"

    def dates(self, horizon: date) -> Iterator[date]:
        """The dates of the occurrences up to and including `horizon`."""
        last = horizon if self.until is None else min(horizon, self.until)
        for made, day in enumerate(self._pattern()):
            if day > last or (self.count and made >= self.count):
                return
            yield day

    def _pattern(self) -> Iterator[date]:
        match self.kind:
            case "daily":
                day = self.first
                while True:
                    yield day
                    day += timedelta(days=self.interval)
            case "weekly":
                lead = (self.first.weekday() - WEEKDAYS.index(self.week_start)) % 7
                week = self.first - timedelta(days=lead)
                offsets = sorted(
                    (WEEKDAYS.index(day) - WEEKDAYS.index(self.week_start)) % 7 for day in self.days
                )
                while True:
                    yield from (
                        day for offset in offsets if (day := week + timedelta(days=offset)) >= self.first
                    )
                    week += timedelta(weeks=self.interval)
            case _:
                month = self.first.year * 12 + self.first.month - 1
                while month < date.max.year * 12:
                    year, index = divmod(month, 12)
                    if self.day_of_month <= calendar.monthrange(year, index + 1)[1]:
                        day = date(year, index + 1, self.day_of_month)
                        if day >= self.first:
                            yield day
                    month += self.interval

    def walls(self, at: time, horizon: date) -> Iterator[datetime]:
        """The wall-clock starts of the occurrences up to and including the date `horizon`."""
        return (datetime.combine(day, at) for day in self.dates(horizon))

    def wire(self) -> dict[str, Any]:
        """As Graph's patternedRecurrence."""
        ends = "numbered" if self.count else "noEnd" if self.until is None else "endDate"
        return {
            "pattern": {
                "type": self.kind,
                "interval": self.interval,
                "month": 0,
                "dayOfMonth": self.day_of_month,
                "daysOfWeek": list(self.days),
                "firstDayOfWeek": self.week_start,
                "index": "first",
            },
            "range": {
                "type": ends,
                "startDate": self.first.isoformat(),
                "endDate": (self.until or date.min).isoformat(),
                "recurrenceTimeZone": self.zone,
                "numberOfOccurrences": self.count,
            },
        }


def read_recurrence(body: Mapping[str, Any], start: date, zone: str) -> Recurrence:
    """A patternedRecurrence of a request.

    Raises:
        ValueError: a part is missing, wrong, or of a kind the emulator does not have.
        KeyError: a required part is missing.
        TypeError: a part has the wrong type.
    """
    pattern, span = body["pattern"], body["range"]
    kind, interval = pattern["type"], int(pattern["interval"])
    if kind not in {"daily", "weekly", "absoluteMonthly"}:
        raise ValueError(f"recurrence pattern {kind!r} is not emulated")
    if interval < 1:
        raise ValueError("a recurrence interval is at least 1")
    days = tuple(str(day).lower() for day in pattern.get("daysOfWeek") or ())
    if kind == "weekly" and not days:
        raise ValueError("a weekly pattern needs daysOfWeek")
    if not set(days) <= set(WEEKDAYS):
        raise ValueError("daysOfWeek holds something that is no weekday")
    week_start = str(pattern.get("firstDayOfWeek") or "sunday").lower()
    if week_start not in WEEKDAYS:
        raise ValueError(f"firstDayOfWeek {week_start!r} is no weekday")
    day_of_month = int(pattern.get("dayOfMonth") or start.day) if kind == "absoluteMonthly" else 0
    if not 0 <= day_of_month <= 31:
        raise ValueError(f"there is no day {day_of_month} in any month")
    ends = span["type"]
    if ends not in {"endDate", "noEnd", "numbered"}:
        raise ValueError(f"recurrence range {ends!r} does not exist")
    return Recurrence(
        kind=kind,
        interval=interval,
        first=date.fromisoformat(span.get("startDate") or start.isoformat()),
        days=days,
        day_of_month=day_of_month,
        week_start=week_start,
        until=date.fromisoformat(span["endDate"]) if ends == "endDate" else None,
        count=int(span["numberOfOccurrences"]) if ends == "numbered" else 0,
        zone=span.get("recurrenceTimeZone") or zone,
    )
