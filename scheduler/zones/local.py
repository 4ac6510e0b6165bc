"""What a clock reading means in a zone: one instant, two, or none.

A reading is a wall minute: minutes on that clock since 1970-01-01T00:00 of that clock, so
wall = UTC minute + offset.
Everything here needs only `offset_at`, so it holds for named zones, rule zones and any other zone alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from solvers.timeline import Span

DAY = 1440
"""Minutes of a day without a change; also more than any offset from UTC, east or west."""


class Zone(Protocol):
    """A clock on a wall somewhere; hashable, and equal zones show equal readings.

    Offsets lie strictly between -1440 and 1440 minutes, and no two changes of the offset lie within one day.
    """

    @property
    def key(self) -> str:
        """IANA id, or the name the zone was given where it has none."""

    def offset_at(self, minute: int, /) -> int:
        """Minutes east of UTC that this clock is ahead at a UTC minute."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Exact:
    """The clock shows this reading once, at this UTC minute."""

    minute: int


@dataclass(frozen=True, slots=True)
class Gap:
    """The clock never shows this reading, because it was put forward over it.

    Args:
        before: the UTC minute it would be with the offset before the change; it lies after the change.
        after: the UTC minute it would be with the offset after the change; it lies before the change.
    """

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Fold:
    """The clock shows this reading twice, because it was put back over it.

    Args:
        first: UTC minute of the first time.
        second: UTC minute of the second time.
    """

    first: int
    second: int


Resolution = Exact | Gap | Fold


def wall_at(zone: Zone, minute: int) -> int:
    """The wall minute that the zone's clock shows at a UTC minute."""
    return minute + zone.offset_at(minute)


def steady(zone: Zone, span: Span) -> Iterator[tuple[Span, int]]:
    """The span cut where the clock changes: parts in order, each with its offset in minutes east of UTC.

    Days are stepped through; one that ends with another offset than it began with is searched for the change.
    """
    start, offset = span.start, zone.offset_at(span.start)
    known = span.start
    while known < span.end - 1:
        ahead = min(known + DAY, span.end - 1)
        offset_ahead = zone.offset_at(ahead)
        if offset_ahead != offset:
            change = _change_between(zone, known, ahead)
            yield Span(start, change), offset
            start, offset = change, offset_ahead
        known = ahead
    yield Span(start, span.end), offset


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A clock being put forward or back.

    Args:
        minute: the first UTC minute with the new offset.
        forward: by how many minutes the clock is put forward; negative when it is put back.
    """

    minute: int
    forward: int


def clock_changes(zone: Zone, span: Span) -> tuple[ClockChange, ...]:
    """Where a zone's clock changes inside a span, in order.

    A change in the span's first minute counts and one at its end does not, so neighbouring spans add up.
    """
    parts = steady(zone, Span(span.start - 1, span.end))
    return tuple(ClockChange(part.start, after - before) for (_, before), (part, after) in pairwise(parts))


def resolve(zone: Zone, wall: int) -> Resolution:
    """Every UTC minute at which the zone's clock shows a wall minute.

    Right for changes of any size up to a day: half an hour, two hours, a whole day at the date line.
    """
    offset = zone.offset_at(wall)
    if zone.offset_at(wall - DAY) == offset == zone.offset_at(wall + DAY):
        return Exact(wall - offset)
    parts = list(steady(zone, Span(wall - DAY, wall + DAY + 1)))
    shown = [wall - east for part, east in parts if part.start <= wall - east < part.end]
    if len(shown) == 1:
        return Exact(shown[0])
    if shown:
        return Fold(shown[0], shown[-1])
    for (_, east_before), (part, east_after) in pairwise(parts):
        if part.start + east_before <= wall < part.start + east_after:
            return Gap(wall - east_before, wall - east_after)
    raise AssertionError(f"{zone.key} neither shows nor skips wall minute {wall}")


def earlier(resolution: Resolution) -> int:
    """The earliest UTC minute a reading can mean; for data from outside, where nobody can be asked."""
    match resolution:
        case Exact(minute):
            return minute
        case Gap(_, after):
            return after
        case Fold(first, _):
            return first


def later(resolution: Resolution) -> int:
    """The latest UTC minute a reading can mean; with `earlier`, what widens imported data outwards."""
    match resolution:
        case Exact(minute):
            return minute
        case Gap(before, _):
            return before
        case Fold(_, second):
            return second


def _change_between(zone: Zone, low: int, high: int) -> int:
    """The first UTC minute with the offset of `high`, where `low` still has another."""
    offset = zone.offset_at(high)
    while high - low > 1:
        middle = (low + high) // 2
        if zone.offset_at(middle) == offset:
            high = middle
        else:
            low = middle
    return high
