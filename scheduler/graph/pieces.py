"""What one mailbox said about one piece of the window.

A mailbox is free only where Graph said so. An error, or a missing, doubled or unreadable entry, becomes a
problem; an empty list beside a view that shows something else leaves only the view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError

from scheduler.calendars.snapshot import BusyItem, Status, UnreadableHours
from scheduler.graph.hours import weekly_hours
from scheduler.graph.wire.base import DateTimeZone, enum_of
from scheduler.graph.wire.schedules import FreeBusyError, ScheduleId, ScheduleInformation, ScheduleItem
from scheduler.zones import GraphTime, WeeklyHours
from solvers.timeline import Span

_UNKNOWN_RECIPIENT = frozenset({"5009", "5016", "errormailrecipientnotfound"})
_TOO_MANY = frozenset({"5006", "errorresultsettoobig"})
_TAKES_NO_TIME = frozenset({Status.FREE, Status.ELSEWHERE})


@dataclass(frozen=True, slots=True)
class Piece:
    """A checked answer: `problem` or `too_many` stand alone, else there are items, a view, or both.

    Args:
        items: entries, unclipped; None when the list does not tell the whole.
        view: one digit per interval of the piece.
        hours: working hours, as in MailboxSchedule.
        zeroed: entries that take no time, as (start, end) in UTC minutes.
        problem: why there is no answer, in a sentence.
        nobody: whether that is because Graph knows no such recipient.
        too_many: Graph will not list so many entries at once; a shorter piece may succeed.
    """

    items: tuple[BusyItem, ...] | None = None
    view: str | None = None
    hours: WeeklyHours | UnreadableHours | None = None
    zeroed: tuple[tuple[int, int], ...] = ()
    problem: str | None = None
    nobody: bool = False
    too_many: bool = False


def owner(entry: Any) -> str | None:
    """Whose answer it is, case-folded; None when it does not say."""
    try:
        return ScheduleId.model_validate(entry).schedule_id.strip().casefold()
    except ValidationError:
        return None


def read_piece(entries: Sequence[Any], digits: int) -> Piece:
    """Read what an answer held about one mailbox.

    Args:
        entries: the JSON values that name it; exactly one is right.
        digits: how long its view must be.
    """
    if len(entries) != 1:
        how = "holds it more than once" if entries else "leaves it out"
        return Piece(problem=f"Graph's answer {how}.")
    try:
        info = ScheduleInformation.model_validate(entries[0])
    except ValidationError:
        return Piece(problem="Graph's answer about it is not in the documented form.")
    if info.error is not None:
        return _failed(info.error)
    try:
        times = None if info.schedule_items is None else [_times(item) for item in info.schedule_items]
    except ValueError as fault:
        return Piece(problem=f"One of its entries has unreadable times: {str(fault).rstrip('.')}.")
    items, view = _consistent(times, info.availability_view, digits)
    if items is None and view is None:
        return Piece(problem="Graph's answer about it says neither free nor busy.")
    zeroed = tuple((entry.start, entry.end) for entry in times or () if entry.end <= entry.start)
    return Piece(items=items, view=view, hours=weekly_hours(info.working_hours), zeroed=zeroed)


class _Entry(NamedTuple):
    """One entry in UTC minutes, its end possibly not after its start."""

    start: int
    end: int
    status: Status
    doubtful: bool


def _times(item: ScheduleItem) -> _Entry:
    start, end = _instant(item.start), _instant(item.end)
    status = enum_of(Status, item.status, Status.UNKNOWN)
    return _Entry(start.floor_minute, end.ceil_minute, status, start.doubtful or end.doubtful)


def _instant(written: DateTimeZone) -> GraphTime:
    # No zone at all means the UTC that was asked for; an empty name is an answer, and nobody knows which.
    if written.time_zone is not None and not written.time_zone.strip():
        raise ValueError("their time zone is empty, so their clock is not known")
    return written.instant()


def _consistent(
    times: list[_Entry] | None, raw_view: Any, digits: int
) -> tuple[tuple[BusyItem, ...] | None, str | None]:
    """The entries and the view, each None where it cannot be relied on.

    A distribution list can come with an empty list and a busy view, so entries of which none takes time count
    only when the view, readable or not, shows nothing but zeros.
    """
    items = None
    if times is not None:
        items = tuple(
            BusyItem(Span(entry.start, entry.end), entry.status, entry.doubtful)
            for entry in times
            if entry.end > entry.start
        )
    view = raw_view if isinstance(raw_view, str) else None
    if view is not None and view.strip("0") and all(item.status in _TAKES_NO_TIME for item in items or ()):
        items = None
    if view is not None and (len(view) != digits or not set(view) <= set("0123456789")):
        view = None
    return items, view


def _failed(error: Any) -> Piece:
    try:
        code = str(FreeBusyError.model_validate(error).response_code or "no code")[:60]
    except ValidationError:
        code = "no code"
    if code.casefold() in _TOO_MANY:
        return Piece(too_many=True)
    if code.casefold() in _UNKNOWN_RECIPIENT:
        return Piece(problem=f"No mailbox was found at this address (Graph says {code}).", nobody=True)
    return Piece(problem=f"Its calendar is not available just now (Graph says {code}).")
