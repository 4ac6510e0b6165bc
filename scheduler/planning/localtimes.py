"""What a person wrote about local time, as UTC minutes; a reading that the clock skips or repeats is never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.errors import InputError
from scheduler.planning.request import MAXIMUM_WINDOW_DAYS, WEEKDAYS, DayRange, LocalRange, Search
from scheduler.zones import (
    DayBlock,
    Exact,
    Fold,
    Gap,
    NamedZone,
    UnknownZone,
    WeeklyHours,
    Zone,
    expand,
    find_zone,
    format_wall,
    parse_wall,
    resolve,
    steady,
    wall_at,
)
from solvers.timeline import Bits, Span, SpanSet

DAY = 1440
_THURSDAY = 3 * DAY  # 1970-01-01 on every wall clock, so many minutes after a Monday


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a request: its zone, and its span in UTC minutes."""

    zone: NamedZone
    span: Span


def request_zone(name: str, field: str) -> NamedZone:
    """The zone a person named.

    Raises:
        InputError: nobody knows it.
    """
    zone = find_zone(name)
    if isinstance(zone, UnknownZone):
        raise InputError(field, zone.reason.rstrip("."), "use a name such as Europe/Amsterdam")
    return zone


def request_window(request: Search) -> Window:
    """The span between the two local times of a request; a bare date counts as the whole day.

    Raises:
        InputError: an unknown zone, a reading that is no time or is skipped or repeated by the clock, a window that
            ends before it starts, or one that is longer than a year.
    """
    zone = request_zone(request.zone, "zone")
    start = instant(request.between, zone, "between")
    end = instant(request.until, zone, "and", day_end=True)
    if end <= start:
        raise InputError(
            "and", f"{request.until} is not after {request.between}", "let the window end after it starts"
        )
    if end - start > MAXIMUM_WINDOW_DAYS * DAY:
        raise InputError(
            "and", f"the window is longer than {MAXIMUM_WINDOW_DAYS} days", "ask for a shorter one"
        )
    return Window(zone, Span(start, end))


def instant(text: str, zone: Zone, field: str, *, day_end: bool = False) -> int:
    """The UTC minute of a local time a person wrote; of a bare date its start, or with day_end its end.

    Raises:
        InputError: the text is no local time, or the clock skips or repeats it.
    """
    try:
        wall = parse_wall(text)
    except ValueError as error:
        raise InputError(field, str(error).rstrip("."), "write 2026-11-23 or 2026-11-23T09:00") from None
    if ":" not in text:
        return start_of(zone, wall + DAY if day_end else wall)
    match resolve(zone, wall):
        case Exact(minute):
            return minute
        case Gap(before, after):
            raise InputError(
                field,
                f"the clock in {zone.key} skips {text}",
                f"write {local(zone, after)} or {local(zone, before)}",
            )
        case Fold(first, second):
            raise InputError(
                field,
                f"the clock in {zone.key} shows {text} twice"
                f" ({utc_offset(zone, first)} and {utc_offset(zone, second)})",
                f"write a time outside the repeated hour, such as {local(zone, first - 60)} or "
                f"{local(zone, second + 60)}",
            )


def start_of(zone: Zone, midnight: int) -> int:
    """The first UTC minute of a local day, also where the clock skips or repeats its midnight."""
    match resolve(zone, midnight):
        case Exact(minute):
            return minute
        case Gap(before, after):
            return next(
                part.start
                for part, offset in steady(zone, Span(after, before + 1))
                if part.start + offset >= midnight
            )
        case Fold(first, _):
            return first


def local_days(zone: Zone, span: Span) -> Iterator[Span]:
    """The local days that share a minute with the span; one is 23 or 25 hours long where the clock changes in it."""
    return _stretches(zone, span, wall_at(zone, span.start) // DAY * DAY, DAY)


def local_weeks(zone: Zone, span: Span) -> Iterator[Span]:
    """The local weeks, from Monday to Sunday, that share a minute with the span."""
    week = len(WEEKDAYS) * DAY
    return _stretches(zone, span, (wall_at(zone, span.start) + _THURSDAY) // week * week - _THURSDAY, week)


def _stretches(zone: Zone, span: Span, midnight: int, length: int) -> Iterator[Span]:
    start = start_of(zone, midnight)
    while start < span.end:
        midnight += length
        end = start_of(zone, midnight)
        # A clock that is put over the date line skips a day.
        if end > max(start, span.start):
            yield Span(start, end)
        start = end


def starts_on_grid(window: Span, step: int, zone: Zone) -> Bits:
    """The minutes of the window at which the zone's clock shows a multiple of `step` minutes past midnight."""
    starts = Bits.empty(window)
    for part, offset in steady(zone, window):
        on_part = Bits.from_spans(window, SpanSet.of([part]))
        starts |= Bits.grid(window, step, -offset) & on_part
    return starts


def parts_of_day(ranges: tuple[DayRange, ...], zone: Zone, horizon: Span) -> SpanSet:
    """The UTC minutes of the horizon inside any of these parts of the day, every day, on the zone's clock."""
    blocks = tuple(
        DayBlock(weekday, minute_of_day(part.start), minute_of_day(part.end))
        for weekday in range(len(WEEKDAYS))
        for part in ranges
    )
    return expand(WeeklyHours(blocks, zone), horizon)


def local_ranges(ranges: tuple[LocalRange, ...], zone: Zone, field: str) -> SpanSet:
    """The UTC minutes of these local stretches.

    Raises:
        InputError: a reading that is no time or ambiguous, or a stretch that ends before it starts.
    """
    spans = []
    for index, part in enumerate(ranges):
        path = f"{field}.{index}"
        start = instant(part.start, zone, f"{path}.from")
        end = instant(part.end, zone, f"{path}.to", day_end=True)
        if end <= start:
            raise InputError(
                f"{path}.to", f"{part.end} is not after {part.start}", "let it end after it starts"
            )
        spans.append(Span(start, end))
    return SpanSet.of(spans)


def minute_of_day(clock: str) -> int:
    """Minutes since midnight of a checked time of day such as 09:30; 24:00 is 1440."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def local(zone: Zone, minute: int) -> str:
    """A UTC minute on the zone's clock, such as 2026-11-23T09:00."""
    return format_wall(wall_at(zone, minute))


def utc_offset(zone: Zone, minute: int) -> str:
    """The zone's offset at a UTC minute, such as UTC+01:00."""
    sign, offset = "+-"[zone.offset_at(minute) < 0], abs(zone.offset_at(minute))
    return f"UTC{sign}{offset // 60:02}:{offset % 60:02}"
