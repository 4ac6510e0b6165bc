"""Resolving readings against what the standard library's clocks show, minute by minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from importlib import resources
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.zones.local import Exact, Fold, Gap, earlier, resolve, steady, wall_at
from scheduler.zones.names import NamedZone
from solvers.timeline import Span

ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Pacific/Chatham",
    "UTC",
]
EVERY_ZONE = [
    key for key in resources.files("tzdata").joinpath("zones").read_text("utf-8").split() if key != "Factory"
]


def check(key: str, clock: Any, around: int) -> None:
    """Compare every reading of the days around each change with what the clock showed."""
    zone = NamedZone(key)
    for change in clock.changes or [29_735_000]:
        shown = defaultdict(list)
        for minute in range(change - around - 300, change + around + 300):
            shown[clock.wall(minute)].append(minute)
        readings = range(clock.wall(change - around), clock.wall(change + around))
        for reading in readings:
            match resolve(zone, reading):
                case Exact(minute):
                    meant = [minute]
                case Fold(first, second):
                    meant = [first, second]
                case Gap(before, after):
                    # The two lie on either side of the change, a clock's jump apart.
                    meant = []
                    assert after < change <= before
                    assert clock.wall(change) - clock.wall(change - 1) - 1 == before - after
            assert shown.get(reading, []) == meant


@pytest.mark.parametrize("key", ZONES)
def test_every_reading_around_changes(key: str, clock: Callable[[str], Any]) -> None:
    """Each reading four hours around each change of 2026 to 2028 means what the clock showed then."""
    check(key, clock(key), around=240)


@pytest.mark.campaign
@pytest.mark.parametrize("key", EVERY_ZONE)
def test_every_reading_in_every_zone(key: str, clock: Callable[[str], Any]) -> None:
    """The same for two days around each change, in every zone of the database."""
    check(key, clock(key), around=2880)


@given(st.sampled_from(EVERY_ZONE), st.integers(29_000_000, 36_000_000))
def test_there_and_back(key: str, minute: int) -> None:
    """The reading of an instant means that instant, or two of which it is one."""
    zone = NamedZone(key)
    resolution = resolve(zone, wall_at(zone, minute))
    assert not isinstance(resolution, Gap)
    assert earlier(resolution) <= minute
    assert minute in (earlier(resolution), resolution.second if isinstance(resolution, Fold) else minute)
    assert isinstance(resolution, Fold) or minute == earlier(resolution)


@given(st.sampled_from(ZONES), st.integers(29_000_000, 31_000_000), st.integers(1, 500_000))
def test_steady_parts(key: str, start: int, length: int) -> None:
    """The steady parts tile their span, each has one offset throughout, and neighbours differ."""
    zone = NamedZone(key)
    parts = list(steady(zone, Span(start, start + length)))
    edges = [part.start for part, _ in parts] + [parts[-1][0].end]
    assert (start, start + length) == (edges[0], edges[-1])
    assert edges[1:-1] == [part.end for part, _ in parts[:-1]]
    for part, offset in parts:
        looked_at = {part.start, part.end - 1, *range(part.start, part.end, 601)}
        assert {offset} == {zone.offset_at(minute) for minute in looked_at}
    assert all(before != after for (_, before), (_, after) in pairwise(parts))
