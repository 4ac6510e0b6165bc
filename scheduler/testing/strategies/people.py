"""People and rooms of the vocabulary, busy and at work around the time that matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from scheduler.testing.clocks import FIRST, reading
from scheduler.testing.hypothesis_door import st
from scheduler.testing.strategies.arguments import check_bounds, check_choice, check_whole
from scheduler.testing.strategies.spans import minutes
from scheduler.testing.strategies.zones import NASTY_ZONES, check_zones
from scheduler.testing.vocabulary import STATUSES, Block, Busy, Person, Room, Status

MONDAY = FIRST + 151 * 1440
"""2026-06-01T00:00Z, an ordinary Monday, in UTC minutes."""

_DAY = 1440
_OVER_THE_EDGE = 90  # minutes by which an entry may begin before the time that matters
_SELDOM = (
    11  # of 0 to 31, where the bounds are drawn more often: one unreadable calendar leaves nothing to offer
)


class Stretch(NamedTuple):
    """Part of a working day, in minutes; `start` is since midnight, or since the time that matters began."""

    start: int
    length: int
    since_midnight: bool


class Draft(NamedTuple):
    """A person before anybody knows when: everything is relative, so that strategies can be made once and reused.

    Args:
        zone: index of a zone.
        days: weekdays, counted from the weekday on which the time that matters begins.
        hours: what each of those days looks like.
        busy: entries; None when they cannot be read.
    """

    zone: int
    days: tuple[int, ...]
    hours: tuple[Stretch, ...]
    busy: tuple[Busy, ...] | None

    def at(self, start: int, key: str, zones: Sequence[str]) -> Person:
        """The person for whom the time that matters begins at a UTC minute."""
        zone = zones[self.zone]
        return Person(key, zone, _week(self.days, self.hours, start, zone), later(self.busy, start))


_OFFICE = Stretch(540, 480, since_midnight=True)
_ALWAYS = Stretch(0, _DAY, since_midnight=True)
_NIGHT = Stretch(1320, 480, since_midnight=True)
_USUAL_HOURS = (
    _OFFICE,
    _ALWAYS,
    _NIGHT,
    _ALWAYS,
)  # clocks change at night, so that offices alone would show little
_WEEKS = (tuple(range(7)), (0, 6), (0, 1), tuple(range(5)), (0, 1, 2, 3, 4, 6), (0, 2, 4))


def busy_entries(
    min_minute: int = MONDAY, max_minute: int = MONDAY + _DAY, *, statuses: Iterable[Status] = STATUSES
) -> st.SearchStrategy[Busy]:
    """Entries that matter between two UTC minutes: inside, hanging over either edge, or only touching one.

    Raises:
        InvalidArgument: the bounds leave no minute, or a status is unknown.
    """
    check_bounds("min_minute", min_minute, "max_minute", max_minute, apart=1)
    usual = check_choice("statuses", statuses, STATUSES)
    return _entries(max_minute - min_minute, tuple(usual)).map(
        lambda entry: Busy(entry.start + min_minute, entry.end + min_minute, entry.status)
    )


def weekly_blocks(
    min_minute: int = MONDAY, max_minute: int = MONDAY + _DAY, *, zone: str = "UTC", uniform: bool = False
) -> st.SearchStrategy[tuple[Block, ...]]:
    """Weekly hours whose edges tend to fall between two UTC minutes; day and night shifts, two days to all seven.

    Args:
        min_minute: the first minute that matters.
        max_minute: the end of the time that matters.
        zone: IANA id of the clock they are read on.
        uniform: whether all days share one stretch, which is all that Graph's workingHours can say.

    Raises:
        InvalidArgument: an unknown zone, or bounds that leave no minute.
    """
    check_bounds("min_minute", min_minute, "max_minute", max_minute, apart=1)
    check_zones("zone", (zone,))
    return st.builds(
        lambda days, hours: _week(days, hours, min_minute, zone),
        st.sampled_from(_WEEKS),
        _hours(max_minute - min_minute, uniform=uniform),
    )


def people(
    min_minute: int = MONDAY,
    max_minute: int = MONDAY + _DAY,
    *,
    key: str = "ana",
    zones: Iterable[str] = NASTY_ZONES,
    statuses: Iterable[Status] = STATUSES,
    max_busy: int = 4,
    uniform_hours: bool = False,
    unreadable: bool = True,
) -> st.SearchStrategy[Person]:
    """One person whose hours and entries matter between two UTC minutes.

    Args:
        min_minute: the first minute that matters.
        max_minute: the end of the time that matters.
        key: their name.
        zones: IANA ids to choose from, the simplest first.
        statuses: of their entries.
        max_busy: how many entries at most.
        uniform_hours: as `uniform` of `weekly_blocks`.
        unreadable: whether a calendar may be one that nobody could read.

    Raises:
        InvalidArgument: an argument out of range.
    """
    check_bounds("min_minute", min_minute, "max_minute", max_minute, apart=1)
    check_whole("max_busy", max_busy, least=0)
    named = check_zones("zones", zones)
    usual = tuple(check_choice("statuses", statuses, STATUSES))
    drawn = drafts(
        max_minute - min_minute,
        zones=len(named),
        statuses=usual,
        max_busy=max_busy,
        uniform_hours=uniform_hours,
        unreadable=unreadable,
    )
    return drawn.map(lambda draft: draft.at(min_minute, key, named))


def rooms(
    min_minute: int = MONDAY,
    max_minute: int = MONDAY + _DAY,
    *,
    key: str = "singel",
    statuses: Iterable[Status] = STATUSES,
    max_busy: int = 4,
    unreadable: bool = True,
) -> st.SearchStrategy[Room]:
    """One room whose entries matter between two UTC minutes; the arguments are those of `people`.

    Raises:
        InvalidArgument: an argument out of range.
    """
    check_bounds("min_minute", min_minute, "max_minute", max_minute, apart=1)
    check_whole("max_busy", max_busy, least=0)
    usual = tuple(check_choice("statuses", statuses, STATUSES))
    drawn = calendars(max_minute - min_minute, statuses=usual, max_busy=max_busy, unreadable=unreadable)
    return drawn.map(lambda busy: Room(key, later(busy, min_minute)))


@lru_cache(maxsize=1024)
def drafts(
    length: int,
    *,
    zones: int,
    statuses: tuple[Status, ...],
    max_busy: int,
    uniform_hours: bool,
    unreadable: bool,
) -> st.SearchStrategy[Draft]:
    """People for so many minutes that matter, on one of so many zones; arguments are not judged."""
    return st.builds(
        Draft,
        st.integers(0, zones - 1),
        st.sampled_from(_WEEKS),
        _hours(length, uniform=uniform_hours),
        calendars(length, statuses=statuses, max_busy=max_busy, unreadable=unreadable),
    )


@lru_cache(maxsize=1024)
def calendars(
    length: int, *, statuses: tuple[Status, ...], max_busy: int, unreadable: bool
) -> st.SearchStrategy[tuple[Busy, ...] | None]:
    """Entries for so many minutes that matter, counted from their beginning; arguments are not judged."""
    readable = st.lists(_entries(length, statuses), max_size=max_busy).map(tuple)
    if not unreadable:
        return readable
    return st.integers(0, 31).flatmap(lambda drawn: st.none() if drawn == _SELDOM else readable)


def later(busy: tuple[Busy, ...] | None, by: int) -> tuple[Busy, ...] | None:
    """The same entries so many minutes later."""
    if busy is None:
        return None
    return tuple(Busy(entry.start + by, entry.end + by, entry.status) for entry in busy)


@lru_cache(maxsize=1024)
def _entries(length: int, statuses: tuple[Status, ...]) -> st.SearchStrategy[Busy]:
    # A counterexample is easiest to read when plain busy time is enough for it.
    simplest_first = sorted(statuses, key=lambda status: status != "busy")
    return st.builds(
        lambda start, lasts, status: Busy(start, start + lasts, status),
        minutes(0, length) | minutes(-_OVER_THE_EDGE, length),
        st.integers(1, 120) | st.sampled_from((30, 60, 15, 600)),
        st.sampled_from(simplest_first),
    )


@lru_cache(maxsize=1024)
def _hours(length: int, *, uniform: bool) -> st.SearchStrategy[tuple[Stretch, ...]]:
    nearby = st.builds(
        Stretch,
        minutes(-_DAY // 4, length),
        st.integers(16, 56).map(lambda quarter: quarter * 15) | st.integers(60, _DAY - 1),
        st.just(value=False),
    )
    anything = st.sampled_from(_USUAL_HOURS) | nearby
    return st.lists(anything, min_size=1, max_size=1 if uniform else 2).map(tuple)


def _week(days: tuple[int, ...], hours: tuple[Stretch, ...], start: int, zone: str) -> tuple[Block, ...]:
    today = reading(zone, start).weekday
    begins = [
        each.start if each.since_midnight else reading(zone, start + each.start).minute for each in hours
    ]
    return tuple(
        Block((today + day) % 7, begin, begin + each.length)
        for day in days
        for begin, each in zip(begins, hours, strict=True)
    )
