"""Clock readings and UTC minutes as text, and back.

Every reader refuses an offset it did not ask for: `09:00 in Oslo` and `09:00+02:00` are different statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from scheduler.zones.local import DAY, Exact, Zone, earlier, later, resolve

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLOCK = r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
_TIME_OF_DAY = re.compile(_CLOCK)
_READING = re.compile(rf"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})(?:[T ]{_CLOCK})?")
_OFFSET = re.compile(r"(?:Z|z|[+-][0-9]{2}:?[0-9]{2})$")
_UTC_SUFFIX = re.compile(r"(?:Z|z|\+00:?00)$")


class WallParts(NamedTuple):
    """A wall minute taken apart: local date, weekday (0 is Monday), minutes since local midnight."""

    date: date
    weekday: int
    minute: int


@dataclass(frozen=True, slots=True)
class GraphTime:
    """An instant that may lie inside a minute, ready to be widened outwards.

    Args:
        floor_minute: last UTC minute that starts no later; for starts.
        ceil_minute: first UTC minute that starts no earlier; for ends.
        doubtful: whether the clock shows the reading twice or never, so that the two lie apart for that.
    """

    floor_minute: int
    ceil_minute: int
    doubtful: bool = False


def parse_wall(text: str) -> int:
    """The wall minute of `2026-11-23T09:00`, with or without seconds and fractions (floored), or of a date.

    A date alone means its midnight. A space may stand for the T.

    Raises:
        ValueError: the text is no reading, names a date or time that no calendar has, or carries an offset.
    """
    return _read(text)[0]


def parse_graph(date_time: str, zone: Zone) -> GraphTime:
    """The instant of a Graph `dateTime`: up to 7 fractional digits, no offset (resources/datetimetimezone).

    A reading that the zone repeats or skips is widened outwards too: the floor is its earliest meaning, the
    ceiling its latest, so that imported time can only be blocked too long; and it is marked as doubtful.

    Raises:
        ValueError: as `parse_wall`.
    """
    wall, whole = _read(date_time)
    resolution = resolve(zone, wall)
    return GraphTime(
        floor_minute=earlier(resolution),
        ceil_minute=later(resolution) + (0 if whole else 1),
        doubtful=not isinstance(resolution, Exact),
    )


def parse_utc(text: str) -> int:
    """The UTC minute of `2026-11-23T09:00Z` (seconds are floored); `+00:00` may stand for the Z.

    Raises:
        ValueError: the text is no date and time, or does not say that it is UTC.
    """
    suffix = _UTC_SUFFIX.search(text)
    if suffix is None or ":" not in text[: suffix.start()]:
        raise ValueError(f"{_shown(text)} is not a UTC time; write it like 2026-11-23T09:00Z")
    return _read(text[: suffix.start()])[0]


def utc_order(text: str) -> int:
    """UTC microseconds of `2026-11-23T09:00:59.1234567Z`, which say of two instants which one came first.

    Raises:
        ValueError: as `parse_utc`.
    """
    minute = parse_utc(text)
    found = _READING.fullmatch(_UTC_SUFFIX.sub("", text))
    assert found is not None
    seconds, fraction = found[6] or "0", f"{found[7] or '':0<6}"[:6]
    return (minute * 60 + int(seconds)) * 1_000_000 + int(fraction)


def parse_time_of_day(text: str) -> int:
    """Minutes since midnight, to the nearest minute, of Edm.TimeOfDay such as `08:00:00.0000000`; 0 to 1440.

    Nearest, because Windows writes the end of a day as 23:59:59.999.

    Raises:
        ValueError: the text is no time of day.
    """
    found = _TIME_OF_DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"{_shown(text)} is not a time of day; write it like 08:00")
    minute = _minute_of_day(text, found[1], found[2], found[3])
    return minute + (int(found[3] or 0) >= 30)


def format_wall(wall: int) -> str:
    """A wall minute as `2026-11-23T09:00`.

    Raises:
        ValueError: the reading is not in the years 1 to 9999.
    """
    day, _, minute = wall_parts(wall)
    return f"{day.isoformat()}T{minute // 60:02}:{minute % 60:02}"


def wall_parts(wall: int) -> WallParts:
    """A wall minute's local date, weekday and minute of the day.

    Raises:
        ValueError: the reading is not in the years 1 to 9999.
    """
    days, minute = divmod(wall, DAY)
    try:
        day = date.fromordinal(_EPOCH_DAY + days)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"wall minute {wall} is not in the years 1 to 9999") from error
    return WallParts(day, day.weekday(), minute)


def wall_of_date(day: date) -> int:
    """The wall minute of a local date's midnight."""
    return (day.toordinal() - _EPOCH_DAY) * DAY


def weekday_name(weekday: int) -> str:
    """The English name of a weekday, 0 being Monday.

    Raises:
        ValueError: the number is not 0 to 6.
    """
    if weekday not in range(7):
        raise ValueError(f"weekdays are numbered 0 to 6 from Monday, not {weekday}")
    return _WEEKDAYS[weekday]


def iso_utc(minute: int) -> str:
    """A UTC minute as `2026-11-23T09:00Z`.

    Raises:
        ValueError: the minute is not in the years 1 to 9999.
    """
    return f"{format_wall(minute)}Z"


def _read(text: str) -> tuple[int, bool]:
    """The floored wall minute, and whether the reading is exactly that minute."""
    found = _READING.fullmatch(text)
    if found is None:
        if ":" in text and _OFFSET.search(text):
            raise ValueError(
                f"{_shown(text)} carries an offset; write the clock reading alone, the zone is given apart"
            )
        raise ValueError(f"{_shown(text)} is not a date and time; write it like 2026-11-23T09:00")
    year, month, day, hours, minutes, seconds, fraction = found.groups()
    try:
        midnight = wall_of_date(date(int(year), int(month), int(day)))
    except ValueError as error:
        raise ValueError(f"{_shown(text)} names a date that no calendar has") from error
    if hours is None:
        return midnight, True
    wall = midnight + _minute_of_day(text, hours, minutes, seconds)
    return wall, not (int(seconds or 0) or int(fraction or 0))


def _minute_of_day(text: str, hours: str, minutes: str, seconds: str | None) -> int:
    """Minutes since midnight, seconds left off; ValueError unless 00:00:00 to 23:59:59."""
    if int(hours) > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
        raise ValueError(f"{_shown(text)} names a time that no clock shows; use 00:00 to 23:59")
    return int(hours) * 60 + int(minutes)


def _shown(text: str) -> str:
    """A text in quotes, cut so that a wrong file cannot flood a message."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
