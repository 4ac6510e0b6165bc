"""One mailbox's answer, its working hours and our own claims, merged into what may be offered.

Looking for slots and booking one both call `availability`, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from itertools import zip_longest

from scheduler.calendars.busy import ANY_DIGIT, BusyPolicy, Reading, expected_view, read_view
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status, UnreadableHours
from scheduler.zones import WeeklyHours, Zone, expand, iso_utc
from solvers.timeline import Span, SpanSet


class Cause(Enum):
    """Why a minute is blocked."""

    BUSY = "busy"
    OOF = "oof"
    TENTATIVE = "tentative"
    ELSEWHERE = "workingElsewhere"
    OURS = "ours"


_CAUSES = {
    Status.BUSY: Cause.BUSY,
    Status.OOF: Cause.OOF,
    Status.TENTATIVE: Cause.TENTATIVE,
    Status.ELSEWHERE: Cause.ELSEWHERE,
}


class NoteKind(StrEnum):
    """What there is to tell about a mailbox besides its minutes."""

    PROBLEM = "problem"
    NO_ANSWER = "no-answer"
    UNREADABLE_HOURS = "unreadable-hours"
    NO_HOURS = "no-hours"
    DEFAULT_HOURS = "default-hours"
    VIEW_USED = "view-used"
    VIEW_DISAGREES = "view-disagrees"
    UNKNOWN_STATUS = "unknown-status"
    ZEROED_ITEMS = "zeroed-items"
    REVERSED_ITEMS = "reversed-items"
    REPEATED_TIME = "repeated-time"


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know, as one plain sentence.

    Args:
        at: the first UTC minute it is about; None when it is about the whole window.
    """

    kind: NoteKind
    text: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """What one mailbox allows in a window; every set lies inside the window.

    Args:
        open: minutes inside the working hours, whatever the calendar says; the whole window where hours do
            not bind, nothing where they are not known.
        soft: minutes that may be offered at a cost; none of them is blocked or unknown.
        blocked: the minutes that are taken, by cause, in the order of Cause; causes may overlap.
        unknown: minutes nobody can vouch for; they may overlap the blocked ones, and are never offered.
        zone: the clock of the working hours that were used or would be, None when there is none.
        notes: what else to tell.
    """

    address: str
    window: Span
    open: SpanSet
    soft: SpanSet
    blocked: tuple[tuple[Cause, SpanSet], ...]
    unknown: SpanSet
    zone: Zone | None = None
    notes: tuple[Note, ...] = ()

    @property
    def blocked_all(self) -> SpanSet:
        """The minutes that are taken for any cause."""
        return SpanSet.union(minutes for _, minutes in self.blocked)

    @property
    def offerable(self) -> SpanSet:
        """The minutes that may be offered, soft ones included: open, not blocked, not unknown."""
        return self.open - self.blocked_all - self.unknown


def availability(
    schedule: MailboxSchedule,
    *,
    policy: BusyPolicy,
    default_hours: WeeklyHours | None,
    ledger: SpanSet,
    constrain_hours: bool,
) -> Availability:
    """What a mailbox allows, from what it said.

    Entries are the truth; the view stands in where a mailbox gave no entries, and otherwise is only compared.
    What cannot be read, its hours included, makes the whole window unknown, with a note that says why; of an
    entry that ends before it starts, the time between the two is unknown.

    Args:
        schedule: the mailbox's answer; its window is the window of the result.
        policy: how tentative and working-elsewhere time is read.
        default_hours: hours of a mailbox that has none; without them such a mailbox is unknown.
        ledger: minutes our own claims hold on this mailbox; they block, whatever the calendar shows.
        constrain_hours: False for rooms, whose hours do not bind unless the room says so
            (Set-CalendarProcessing, ScheduleOnlyDuringWorkHours).
    """
    window = schedule.window
    items, notes = _items(schedule)
    hours = _hours(schedule, default_hours) if constrain_hours else _unbound(schedule)
    if schedule.problem is None:
        notes += hours.notes

    blocking: dict[Cause, list[Span]] = {cause: [] for cause in Cause}
    blocking[Cause.OURS].extend(ledger)
    soft, unknown = [], [window] if hours.open is None else list(_reversed(schedule))
    for item in items:
        match policy.reading(item.status):
            case Reading.BLOCKED:
                blocking[_CAUSES[item.status]].append(item.span)
            case Reading.SOFT:
                soft.append(item.span)
            case Reading.UNKNOWN:
                unknown.append(item.span)
            case Reading.FREE:
                pass

    blocked = [(cause, SpanSet.of(spans).clip(window)) for cause, spans in blocking.items()]
    beyond_cost = SpanSet.union([SpanSet.of(unknown), *(minutes for _, minutes in blocked)])
    return Availability(
        address=schedule.address,
        window=window,
        open=hours.open or SpanSet(),
        soft=SpanSet.of(soft).clip(window) - beyond_cost,
        blocked=tuple((cause, minutes) for cause, minutes in blocked if minutes),
        unknown=SpanSet.of(unknown).clip(window),
        zone=hours.zone,
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Hours:
    """When a mailbox works; `open` is None when nobody knows."""

    open: SpanSet | None
    zone: Zone | None
    notes: tuple[Note, ...] = ()


def _unbound(schedule: MailboxSchedule) -> _Hours:
    zone = schedule.hours.zone if isinstance(schedule.hours, WeeklyHours) else None
    return _Hours(SpanSet.of([schedule.window]), zone)


def _hours(schedule: MailboxSchedule, default_hours: WeeklyHours | None) -> _Hours:
    match schedule.hours, default_hours:
        case WeeklyHours() as hours, _:
            return _Hours(expand(hours, schedule.window), hours.zone)
        case UnreadableHours(reason), _:
            text = _sentence(f"The working hours of {schedule.address} cannot be read: {reason}")
            return _Hours(None, None, (Note(NoteKind.UNREADABLE_HOURS, text),))
        case None, None:
            text = f"{schedule.address} has no working hours, and there are none to fall back on."
            return _Hours(None, None, (Note(NoteKind.NO_HOURS, text),))
        case None, WeeklyHours() as hours:
            text = (
                f"{schedule.address} has no working hours, so the default ones in {hours.zone.key} are used."
            )
            return _Hours(expand(hours, schedule.window), hours.zone, (Note(NoteKind.DEFAULT_HOURS, text),))


def _items(schedule: MailboxSchedule) -> tuple[tuple[BusyItem, ...], tuple[Note, ...]]:
    """The entries to go by, one of unknown status where there are none, and what there is to tell of them."""
    address, window = schedule.address, schedule.window
    nothing = (BusyItem(window, Status.UNKNOWN),)
    if schedule.problem is not None:
        text = _sentence(f"The calendar of {address} could not be read: {schedule.problem}")
        return nothing, (Note(NoteKind.PROBLEM, text),)
    # A distribution list may send an empty list although its view shows that it is not free.
    silent = not schedule.items and bool(set(schedule.view or "") - {"0"})
    if schedule.items is not None and not silent:
        return schedule.items, (
            *_view_notes(schedule, schedule.items),
            *_item_notes(schedule, schedule.items),
        )
    if schedule.view is None:
        return nothing, (
            Note(NoteKind.NO_ANSWER, f"{address} showed neither entries nor a view of its time."),
        )
    seen = read_view(schedule.view, window, schedule.view_minutes)
    if seen is None:
        digits = len(schedule.view)
        text = (
            f"{address} showed no entries, and a view whose {digits} digits do not fit the time asked about."
        )
        return nothing, (Note(NoteKind.NO_ANSWER, text),)
    text = f"{address} showed no entries, so its view in steps of {schedule.view_minutes} minutes is used."
    return seen, (Note(NoteKind.VIEW_USED, text), *_item_notes(schedule, seen))


def _view_notes(schedule: MailboxSchedule, items: tuple[BusyItem, ...]) -> Iterator[Note]:
    """At most one note: where the view first says something else than the entries."""
    if schedule.view is None:
        return
    expected = expected_view(items, schedule.window, schedule.view_minutes)
    for place, (shown, right) in enumerate(zip_longest(schedule.view, expected)):
        if shown == right or (right == ANY_DIGIT and shown is not None):
            continue
        at = schedule.window.start + place * schedule.view_minutes
        if shown is None or right is None:
            differs = f"has {len(schedule.view)} digits where {len(expected)} are due"
        else:
            differs = f"says {shown} at {iso_utc(at)} where the entries say {right}"
        text = f"The view of {schedule.address} {differs}; the entries are used."
        yield Note(NoteKind.VIEW_DISAGREES, text, at)
        return


def _item_notes(schedule: MailboxSchedule, items: tuple[BusyItem, ...]) -> Iterator[Note]:
    address = schedule.address
    unknown = SpanSet.of(item.span for item in items if item.status is Status.UNKNOWN).clip(schedule.window)
    if unknown:
        at = unknown.edges[0]
        text = f"{address} has time of unknown status, first at {iso_utc(at)}."
        yield Note(NoteKind.UNKNOWN_STATUS, text, at)
    doubtful = SpanSet.of(item.span for item in items if item.doubtful).clip(schedule.window)
    if doubtful:
        at = doubtful.edges[0]
        text = (
            f"{address} has entries at local times that their clock shows twice or never, first at "
            f"{iso_utc(at)}; they are taken for as long as they can mean."
        )
        yield Note(NoteKind.REPEATED_TIME, text, at)
    backwards = _reversed(schedule)
    if backwards:
        at = backwards.edges[0]
        text = (
            f"{address} has entries that end before they start, first at {iso_utc(at)}; what is between is "
            "not known."
        )
        yield Note(NoteKind.REVERSED_ITEMS, text, at)
    empty = [start for start, end in schedule.zeroed if start == end]
    if empty:
        text = f"{address} has entries without length, first at {iso_utc(min(empty))}; they are left out."
        yield Note(NoteKind.ZEROED_ITEMS, text, min(empty))


def _reversed(schedule: MailboxSchedule) -> SpanSet:
    """The minutes of the window between the end and the later start of entries."""
    return SpanSet.of((end, start) for start, end in schedule.zeroed if end < start).clip(schedule.window)


def _sentence(text: str) -> str:
    return text.rstrip(". ") + "."
