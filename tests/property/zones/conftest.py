"""Clocks of the standard library on the same zone data, as an oracle that shares no code with ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) // 60 for year in (2026, 2029))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """What the standard library says about one zone."""

    def __init__(self, key: str) -> None:
        path = resources.files("tzdata").joinpath("zoneinfo", *key.split("/"))
        with path.open("rb") as data:
            self._zone = ZoneInfo.from_file(data, key=key)

    def reading(self, minute: int) -> datetime:
        """The clock at a UTC minute, without its offset."""
        return (EPOCH + timedelta(minutes=minute)).astimezone(self._zone).replace(tzinfo=None, fold=0)

    def wall(self, minute: int) -> int:
        """The same, as minutes."""
        return (self.reading(minute) - datetime(1970, 1, 1)) // timedelta(minutes=1)  # noqa: DTZ001 - a clock reading

    @cached_property
    def changes(self) -> list[int]:
        """First UTC minutes of new offsets in 2026 to 2028, found day by day and then minute by minute."""
        found = []
        for day in range(FIRST, LAST, 1440):
            if self._offset(day) != self._offset(day + 1440):
                found += [at for at in range(day + 1, day + 1441) if self._offset(at - 1) != self._offset(at)]
        return found

    def _offset(self, minute: int) -> int:
        return self.wall(minute) - minute


@pytest.fixture(scope="session")
def clock() -> Callable[[str], Clock]:
    """The standard library's clock of an IANA id."""
    return cache(Clock)
