"""A zone from the bare numbers of Graph's customTimeZone, for calendars that name none.

The sign: UTC = local + bias, so New York has bias 300, although the reference text says the opposite
(resources/customtimezone, text against samples; EWS TimeZone agrees with the samples). In daylight time the
daylight bias, usually -60, is added.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from scheduler.zones.known import Day, looks_exchanged
from scheduler.zones.local import DAY
from scheduler.zones.names import UnknownZone
from scheduler.zones.text import wall_of_date, wall_parts

_FARTHEST = 15 * 60 + 59  # minutes; no clock has been farther from UTC (tzdb: Manila and Sitka before 1868)
_ALL_CALENDARS = range(2000, 2029)  # every weekday a year can begin on, leap or not, beside every neighbour


@dataclass(frozen=True, slots=True)
class Change:
    """When the clock changes, as Graph sends it, unchecked; `rule_zone` judges the numbers.

    Args:
        month: 1 to 12; 0 means that the clock never changes.
        week: which of the month's such weekdays, 1 to 4; 5 is the last one (dayOccurrence).
        weekday: 0 is Monday.
        minute: minutes since midnight on the clock as it runs before the change, 0 to 1440.
        year: 0 is every year; a single year says nothing about the others.
    """

    month: int
    week: int
    weekday: int
    minute: int
    year: int = 0

    def wall_in(self, year: int) -> int:
        """The wall minute of the change in a year, on the clock as it runs before the change."""
        first_weekday, days = monthrange(year, self.month)
        first = 1 + (self.weekday - first_weekday) % 7
        day = first + 7 * (self.week - 1)
        return wall_of_date(date(year, self.month, day if day <= days else day - 7)) + self.minute


@dataclass(frozen=True, slots=True)
class RuleZone:
    """A clock that follows the same rules every year, or never changes; made by `rule_zone`.

    Args:
        key: the name it came with, for messages; it resolves to nothing.
        bias: minutes to add to the standard reading to get UTC.
        to_standard: the change to standard time, or None where the clock never changes.
        to_daylight: the change to daylight time, None with the other.
        daylight_bias: minutes added to the bias in daylight time.

    Raises:
        ValueError: numbers that no clock can follow; one sentence for a person.
    """

    key: str
    bias: int
    to_standard: Change | None = None
    to_daylight: Change | None = None
    daylight_bias: int = 0

    def __post_init__(self) -> None:
        for bias in (self.bias, self.bias + self.daylight_bias):
            if abs(bias) > _FARTHEST:
                raise ValueError(f"A clock {abs(bias)} minutes from UTC is farther off than any on Earth.")
        if (self.to_standard is None) != (self.to_daylight is None):
            raise ValueError("A clock that changes once a year and never back would run away.")
        for change in (self.to_standard, self.to_daylight):
            if change is not None:
                _check(change)
        if self.to_standard is not None and self.to_daylight is not None and _collide(self):
            raise ValueError("Its two changes of the clock fall within two days of each other.")

    def offset_at(self, minute: int) -> int:
        """Minutes east of UTC at a UTC minute.

        Raises:
            ValueError: the minute is not in the years 2 to 9998.
        """
        if self.to_standard is None or self.to_daylight is None:
            return -self.bias
        year = wall_parts(minute).date.year
        instants, offsets = _around(self, year)
        return offsets[bisect_right(instants, minute) - 1]


def rule_zone(
    name: str,
    *,
    bias: int,
    to_standard: Change | None = None,
    to_daylight: Change | None = None,
    daylight_bias: int | None = 0,
) -> RuleZone | UnknownZone:
    """The zone of a customTimeZone: `bias`, `standardOffset`, `daylightOffset` and its `daylightBias`.

    What the parts mean, and when they mean nothing:

    * no change at all, each missing or in month 0: the clock stands at `bias` all year;
    * a daylight bias of 0: the same, as both halves of the year show the same time;
    * one change of the two, or two without a daylight bias (None): unknown, as half of the rule is missing;
    * a daylight bias above 0: daylight time is the winter, with `bias` for the summer, and is read as such;
    * two changes that no zone keeps, and one does when they are exchanged: unknown. Graph has sent standard
      and daylight exchanged (microsoft-graph-docs 8972), and a person's own rules would look the same;
    * a change for a single year, or numbers that no clock shows: unknown.
    """
    days = [change for change in (to_standard, to_daylight) if change is not None and change.month != 0]
    try:
        if not days or daylight_bias == 0:
            return RuleZone(name, bias)
        if len(days) == 1 or to_standard is None or to_daylight is None:
            return UnknownZone(
                name, "It says one change of its clock, and a clock that changes changes back."
            )
        if daylight_bias is None:
            return UnknownZone(name, "It says when its clock changes, but not by how much.")
        zone = RuleZone(name, bias, to_standard, to_daylight, daylight_bias)
    except ValueError as error:
        return UnknownZone(name, str(error))
    if looks_exchanged(bias, daylight_bias, _day(to_standard), _day(to_daylight)):
        return UnknownZone(
            name, "Its changes to summer and winter look exchanged: no known clock keeps them."
        )
    return zone


def _day(change: Change) -> Day:
    return change.month, change.week, change.weekday, change.minute


def _check(change: Change) -> None:
    if not 1 <= change.month <= 12:
        raise ValueError(f"Its clock changes in month {change.month}, which no year has.")
    if not 1 <= change.week <= 5:
        raise ValueError(f"Its clock changes in week {change.week} of a month, which is not 1 to 5.")
    if not 0 <= change.weekday <= 6:
        raise ValueError(f"Its clock changes on weekday {change.weekday}, which is not 0 to 6.")
    if not 0 <= change.minute <= DAY:
        raise ValueError(f"Its clock changes at minute {change.minute} of a day, which no day has.")
    if change.year != 0:
        raise ValueError(f"Its clock changes by a rule for {change.year} alone; other years are not known.")


@lru_cache(maxsize=64)
def _collide(zone: RuleZone) -> bool:
    """Whether two changes ever come within two days, so that one reading could meet both."""
    instants = sorted(instant for year in _ALL_CALENDARS for instant, _ in _changes(zone, year))
    return any(after - before < 2 * DAY for before, after in pairwise(instants))


@lru_cache(maxsize=1024)
def _around(zone: RuleZone, year: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """UTC minutes of the changes that matter to a UTC year, sorted, and the offset from each one on.

    The years beside it are needed because a change near New Year can fall into another year in UTC.
    """
    if not 2 <= year <= 9998:
        raise ValueError(f"year {year} is not in the years 2 to 9998")
    changes = sorted(change for near in (year - 1, year, year + 1) for change in _changes(zone, near))
    return tuple(instant for instant, _ in changes), tuple(offset for _, offset in changes)


def _changes(zone: RuleZone, year: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The two changes of a local year as UTC minute and the offset from then on."""
    assert zone.to_standard is not None
    assert zone.to_daylight is not None
    daylight_bias = zone.bias + zone.daylight_bias
    return (
        (zone.to_daylight.wall_in(year) + zone.bias, -daylight_bias),
        (zone.to_standard.wall_in(year) + daylight_bias, -zone.bias),
    )
