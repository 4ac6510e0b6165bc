"""How one mailbox's time was read: every layer with where it came from, in local time and UTC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.calendars.merge import Availability, Cause, NoteKind
from scheduler.calendars.snapshot import MailboxSchedule, UnreadableHours
from scheduler.planning.clock_changes import changes
from scheduler.planning.localtimes import local, utc_offset
from scheduler.planning.request import WEEKDAYS
from scheduler.zones import WeeklyHours, Zone, iso_utc
from solvers.timeline import SpanSet


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stretch(_Part):
    """One stretch of one layer; `start` and `end` are on the clock of the explanation's zone."""

    layer: Literal["hours", "soft", "blocked", "unknown", "offered"]
    what: str
    source: str
    start: str
    end: str
    start_utc: str
    end_utc: str


class Entry(_Part):
    """One calendar entry as it came, neither merged nor clipped."""

    status: str
    start: str
    end: str
    start_utc: str
    end_utc: str


class TimeExplanation(_Part):
    """Everything that decides whether a mailbox is offered, as it was read."""

    address: str
    zone: str
    hours: str = Field(description="the weekly hours that were used, or why there are none")
    entries: tuple[Entry, ...] = Field(description="what the calendar showed; empty also when it showed none")
    stretches: tuple[Stretch, ...] = Field(description="what was made of it, the layers apart")
    notes: tuple[str, ...]


_CAUSES = {
    Cause.BUSY: "busy",
    Cause.OOF: "out of office",
    Cause.TENTATIVE: "tentative, which counts as busy here",
    Cause.ELSEWHERE: "working elsewhere, which counts as busy here",
    Cause.OURS: "booked by us",
}


def explain(
    schedule: MailboxSchedule, free: Availability, fallback: Zone, own: WeeklyHours | None
) -> TimeExplanation:
    """The explanation of one mailbox's availability.

    Args:
        fallback: the clock to show where the mailbox has none.
        own: the hours that stand in when the mailbox has none; None for a room.
    """
    zone = free.zone if free.zone is not None else fallback
    hours, hours_source = _hours(schedule, free, own)
    stretches = tuple(_stretches(schedule, free, zone, hours_source))
    return TimeExplanation(
        address=free.address,
        zone=zone.key,
        hours=hours,
        entries=tuple(
            Entry(
                status=item.status.value,
                start=local(zone, item.span.start),
                end=local(zone, item.span.end),
                start_utc=iso_utc(item.span.start),
                end_utc=iso_utc(item.span.end),
            )
            for item in sorted(schedule.items or (), key=lambda item: (item.span.start, item.span.end))
        ),
        stretches=stretches,
        notes=(*(note.text for note in free.notes), *changes([zone], free.window)),
    )


def _hours(schedule: MailboxSchedule, free: Availability, own: WeeklyHours | None) -> tuple[str, str]:
    if own is None:
        return "hours do not bind a room", "the whole window"
    if any(note.kind is NoteKind.DEFAULT_HOURS for note in free.notes):
        return f"{weekly(own, free.window.start)} (default)", "default hours"
    match schedule.hours:
        case WeeklyHours() as hours:
            return weekly(hours, free.window.start), "working hours of the mailbox"
        case UnreadableHours(reason):
            return f"unknown: {reason}", "nothing"
        case None:
            return "none", "nothing"


def weekly(hours: WeeklyHours, at: int) -> str:
    """Weekly hours in words, such as `Mon-Fri 08:00-17:00 in Europe/Amsterdam (UTC+01:00 on 2026-11-23)`."""
    by_time: dict[tuple[int, int], list[int]] = {}
    for block in hours.blocks:
        by_time.setdefault((block.start, block.end), []).append(block.weekday)
    parts = [
        f"{_days(sorted(weekdays))} {_clock(start)}-{_clock(end)}"
        for (start, end), weekdays in sorted(by_time.items())
    ]
    offset = f"{utc_offset(hours.zone, at)} on {local(hours.zone, at)[:10]}"
    return f"{', '.join(parts) or 'never'} in {hours.zone.key} ({offset})"


def _days(weekdays: list[int]) -> str:
    names = [WEEKDAYS[weekday][:3].title() for weekday in weekdays]
    if len(weekdays) > 2 and weekdays == list(range(weekdays[0], weekdays[0] + len(weekdays))):
        return f"{names[0]}-{names[-1]}"
    return ",".join(names)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _stretches(
    schedule: MailboxSchedule, free: Availability, zone: Zone, hours_source: str
) -> Iterator[Stretch]:
    def of(
        layer: Literal["hours", "soft", "blocked", "unknown", "offered"],
        what: str,
        source: str,
        spans: SpanSet,
    ) -> Iterator[Stretch]:
        for span in spans:
            yield Stretch(
                layer=layer,
                what=what,
                source=source,
                start=local(zone, span.start),
                end=local(zone, span.end),
                start_utc=iso_utc(span.start),
                end_utc=iso_utc(span.end),
            )

    read_from = (
        f"view in steps of {schedule.view_minutes} minutes" if schedule.items is None else "calendar entry"
    )
    yield from of("hours", "at work", hours_source, free.open)
    for cause, spans in free.blocked:
        yield from of("blocked", _CAUSES[cause], "our ledger" if cause is Cause.OURS else read_from, spans)
    yield from of("soft", "may be asked for", read_from, free.soft)
    yield from of("unknown", "nobody can say", schedule.problem or read_from, free.unknown)
    yield from of("offered", "may be offered", "hours without what is blocked or unknown", free.offerable)
