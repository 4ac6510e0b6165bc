"""What clocks show, by the standard library on the tzdata package; shares no code with `scheduler.zones`.

>>> reading("Europe/Amsterdam", 29_671_200)  # 2026-06-01T00:00Z, a Monday
Reading(weekday=0, minute=120)
>>> [change.skips for change in changes("Europe/Amsterdam")[:2]]
[True, False]
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) // 60 for year in (2026, 2029))
"""UTC minutes at which 2026 begins and 2028 has ended; nasty minutes are taken from these three years."""

_DAY = 1440


class Reading(NamedTuple):
    """What a clock shows: a weekday (0 is Monday) and minutes since midnight."""

    weekday: int
    minute: int


class ClockChange(NamedTuple):
    """The first UTC minute of a new offset, and the minutes east of UTC before it and from it on."""

    minute: int
    before: int
    after: int

    @property
    def skips(self) -> bool:
        """Whether the clock goes forward and so skips readings; otherwise it repeats some."""
        return self.after > self.before


@cache
def clock(zone: str) -> ZoneInfo:
    """The zone of an IANA id from the tzdata package, never from the operating system.

    Raises:
        ValueError: there is no such id.
    """
    if zone not in ids():
        raise ValueError(f"{zone!r} is not an IANA time zone")
    with resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=zone)


@cache
def ids() -> tuple[str, ...]:
    """Every IANA id and alias, sorted, without `Factory`, which stands for a clock that nobody has set."""
    text = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return tuple(sorted(set(text.split()) - {"Factory"}))


@lru_cache(maxsize=1 << 18)
def reading(zone: str, minute: int) -> Reading:
    """What the clock shows at a UTC minute."""
    shown = (EPOCH + timedelta(minutes=minute)).astimezone(clock(zone))
    return Reading(shown.weekday(), shown.hour * 60 + shown.minute)


def offset(zone: str, minute: int) -> int:
    """Minutes east of UTC at a UTC minute."""
    ahead = (EPOCH + timedelta(minutes=minute)).astimezone(clock(zone)).utcoffset()
    assert ahead is not None
    return ahead // timedelta(minutes=1)


@cache
def changes(zone: str) -> tuple[ClockChange, ...]:
    """Every change of the clock in 2026 to 2028."""
    return changes_of(lambda minute: offset(zone, minute))


def changes_of(offset_at: Callable[[int], int]) -> tuple[ClockChange, ...]:
    """The same for any clock, told by its offset at a UTC minute; two changes within one day cancel out."""
    found = []
    for day in range(FIRST, LAST, _DAY):
        before, after = offset_at(day), offset_at(day + _DAY)
        if before != after:
            low, high = day, day + _DAY
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if offset_at(middle) == after else (middle, high)
            found.append(ClockChange(high, before, after))
    return tuple(found)


def utc(minute: int) -> str:
    """A UTC minute as `2026-06-01T00:00Z`."""
    return f"{EPOCH + timedelta(minutes=minute):%Y-%m-%dT%H:%MZ}"
