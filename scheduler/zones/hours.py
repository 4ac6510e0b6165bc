"""Weekly working hours on a local clock, as UTC minutes.

A minute is worked when the clock shows a reading inside one of the blocks. So a skipped start means the first
minute after the gap, and a repeated hour inside the hours is worked both times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from scheduler.zones.local import DAY, Zone, steady
from scheduler.zones.text import wall_of_date, weekday_name
from solvers.timeline import Span, SpanSet

_THURSDAY = 3  # 1970-01-01, day 0 of every wall clock


@dataclass(frozen=True, slots=True)
class DayBlock:
    """One stretch of work that begins on a weekday.

    Args:
        weekday: 0 is Monday.
        start: minutes since that day's midnight on the clock, 0 to 1439.
        end: the same, exclusive; above 1440 it reaches into the next day. At most 1440 after `start`.

    Raises:
        ValueError: a part is out of range, or the block ends where it starts; one sentence for a person.
    """

    weekday: int
    start: int
    end: int

    def __post_init__(self) -> None:
        day = weekday_name(self.weekday)
        if not 0 <= self.start < DAY:
            raise ValueError(f"Working hours on {day} start at minute {self.start}, which no clock shows.")
        if self.start == self.end:
            raise ValueError(f"Working hours on {day} end when they start: a whole day or none.")
        if not self.start < self.end <= self.start + DAY:
            raise ValueError(f"Working hours on {day} last {self.end - self.start} minutes, not 1 to 1440.")

    @classmethod
    def between(cls, weekday: int, start: int, end: int) -> DayBlock:
        """The block between two times of day, 0 to 1440; an end before the start is on the next day.

        Raises:
            ValueError: the two are equal, or out of range.
        """
        return cls(weekday, start, end + DAY if end < start else end)


@dataclass(frozen=True, slots=True)
class DateException:
    """Other hours on one date: a holiday, or a day that is worked for once.

    They stand in for the blocks that begin on that date. What began the evening before counts up to its end,
    and a block that begins on that date may reach into the next one, whatever is said of that.

    Args:
        day: the local date.
        blocks: the hours that begin on it, on its weekday; none is a day off.

    Raises:
        ValueError: a block of another weekday; one sentence for a person.
    """

    day: date
    blocks: tuple[DayBlock, ...] = ()

    def __post_init__(self) -> None:
        weekday = self.day.weekday()
        for block in self.blocks:
            if block.weekday != weekday:
                days = f"{weekday_name(weekday)}, not a {weekday_name(block.weekday)}"
                raise ValueError(f"The hours for {self.day.isoformat()} must begin on a {days}.")

    @classmethod
    def between(cls, day: date, start: int, end: int) -> DateException:
        """One block between two times of day, 0 to 1440; an end before the start is on the next day.

        Raises:
            ValueError: the two are equal, or out of range.
        """
        return cls(day, (DayBlock.between(day.weekday(), start, end),))


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours that repeat every week on one zone's clock.

    Args:
        blocks: what is worked each week; they may touch or overlap, and none means never.
        zone: the clock.
        exceptions: dates with other hours.

    Raises:
        ValueError: two exceptions for one date; one sentence for a person.
    """

    blocks: tuple[DayBlock, ...]
    zone: Zone
    exceptions: tuple[DateException, ...] = ()

    def __post_init__(self) -> None:
        dates = sorted(exception.day for exception in self.exceptions)
        for day, following in pairwise(dates):
            if day == following:
                raise ValueError(f"There are two sets of hours for {day.isoformat()}.")


def expand(hours: WeeklyHours, horizon: Span) -> SpanSet:
    """The UTC minutes of the horizon that are worked.

    Between two changes of the clock UTC and wall differ by one number, so each such part is filled on the
    clock and shifted. A 09:00-17:00 block on the day the clock moves therefore keeps its readings.
    """
    return SpanSet.of(_worked(hours, horizon))


def _worked(hours: WeeklyHours, horizon: Span) -> Iterator[Span]:
    weekly = [[block for block in hours.blocks if block.weekday == weekday] for weekday in range(7)]
    instead = {wall_of_date(exception.day) // DAY: exception.blocks for exception in hours.exceptions}
    for part, offset in steady(hours.zone, horizon):
        # Blocks that began the day before may still reach into the first day.
        for day in range((part.start + offset) // DAY - 1, (part.end + offset) // DAY + 1):
            for block in instead.get(day, weekly[(day + _THURSDAY) % 7]):
                midnight = day * DAY - offset
                worked = Span(midnight + block.start, midnight + block.end).clip(part)
                if worked is not None:
                    yield worked
