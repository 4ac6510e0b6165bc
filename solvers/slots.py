"""Which starts are feasible, and what stands in the way of the others.

The order of work is what makes it fast: what people need in common is combined first, and only the result is
eroded by the length of the meeting. This is sound because every required person is needed for the whole
meeting. Rooms are eroded one by one, as the meeting stays in one of them, and only until every start has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain

from solvers.query import Attendee, Calendar, Query, RoomOption
from solvers.timeline import Bits, BitTable, Shelf, Span, SpanSet, minutes_of

# So many calendars of a month stay in a core's second-level cache while their free starts are worked out.
_TOGETHER = 64


class Source(Enum):
    """What kind of thing forbids starts."""

    ATTENDEE = "attendee"
    CANDIDATE = "candidate"
    ROOMS = "rooms"


@dataclass(frozen=True, slots=True)
class Blocker:
    """How much one source takes away, in starts, out of those grid, window and earliest permit.

    Every forbidden start is counted under one cause, the first that applies of outside, blocked, unknown. So
    `unknown` counts the starts that would be allowed by this source if the unknown minutes were free. Of the
    rooms, taken as a whole, a start counts as outside when no room is open for it, and as blocked when no
    room would be free for it even if all unknown minutes were.

    Args:
        source: what kind of thing it is.
        key: the attendee's key; None for the candidate's minutes and for the rooms as a whole.
        outside: starts for which the meeting is not within the open (or offered) minutes.
        blocked: starts for which a needed minute is blocked.
        unknown: starts for which a needed minute is unknown.
        alone: starts that this source is alone in forbidding: they become feasible when it is ignored.
    """

    source: Source
    key: str | None
    outside: int
    blocked: int
    unknown: int
    alone: int

    @property
    def forbidden(self) -> int:
        """How many of the permitted starts this source forbids."""
        return self.outside + self.blocked + self.unknown


def permitted_starts(query: Query) -> Bits:
    """The starts that grid, window, earliest and length of the meeting leave, whatever the calendars say."""
    last = query.window.end - query.minutes
    if last < query.first_allowed:
        return Bits.empty(query.window)
    return query.starts & Bits.from_spans(query.window, SpanSet((query.first_allowed, last + 1)))


def attendee_starts(query: Query, attendee: Attendee) -> SpanSet:
    """The starts that suit one attendee's calendar, buffers included; permitted or not."""
    calendar = attendee.calendar
    forbidden = _beyond_buffers(query, calendar.blocked | calendar.unknown)
    return (calendar.open - forbidden).starts(query.minutes)


def free_starts(calendars: Sequence[Calendar], window: Span, minutes: int) -> BitTable:
    """Of each calendar the starts of meetings inside the window that are open, and neither blocked nor unknown.

    No buffers are kept. Put on a `Shelf`, the table answers how many of the calendars share a start.

    Args:
        calendars: whose time; the table numbers them in this order.
        window: where the meeting must lie.
        minutes: length of the meeting, at least 1.

    Raises:
        ValueError: the meeting is shorter than 1 minute.
    """
    if not calendars:
        return BitTable.from_spans(window, ())
    return BitTable.joined(free_starts_in_turn(calendars, window, minutes))


def free_starts_in_turn(calendars: Sequence[Calendar], window: Span, minutes: int) -> Iterator[BitTable]:
    """The same, some calendars after the other, for callers who may soon have enough."""
    for first in range(0, len(calendars), _TOGETHER):
        some = calendars[first : first + _TOGETHER]
        free = BitTable.from_spans(window, [each.open for each in some])
        for taken in ([each.blocked for each in some], [each.unknown for each in some]):
            if any(taken):
                free -= BitTable.from_spans(window, taken)
        yield free.starts(minutes)


def find_starts(query: Query) -> Bits:
    """Every feasible start of the meeting, exactly; `Query` says what feasible means."""
    found = permitted_starts(query)
    calendars = [attendee.calendar for attendee in query.required]
    hours = [calendar.open for calendar in calendars]
    if query.candidate is not None:
        hours.append(query.candidate)
    if hours and found:
        # Nothing further out can reach into the window, buffers included.
        near = Span(query.window.start - query.buffer_before, query.window.end + query.buffer_after)
        taken = list(chain.from_iterable((each.blocked, each.unknown) for each in calendars))
        free = SpanSet.intersection(hours) - _beyond_buffers(query, minutes_of(1, taken, near))
        found &= Bits.from_spans(query.window, free.starts(query.minutes))
    if query.rooms is not None and found:
        found -= _without_room(query, query.rooms, found)
    return found


def _without_room(query: Query, rooms: Sequence[RoomOption], starts: Bits) -> Bits:
    """Those of the starts for which no room is free."""
    for free in free_starts_in_turn([room.calendar for room in rooms], query.window, query.minutes):
        starts -= Shelf.of(free).anyone()
        if not starts:
            break
    return starts


def blockers(query: Query) -> tuple[Blocker, ...]:
    """What each required attendee, the candidate's minutes and the rooms as a whole take away.

    One entry for each of them that the query has, also when it takes nothing; the most restrictive first,
    ties by key, with the candidate and the rooms before people.
    """
    permitted = permitted_starts(query)
    counted = [
        (Source.ATTENDEE, each.calendar.key, _attendee_causes(query, each, permitted))
        for each in query.required
    ]
    if query.candidate is not None:
        outside = permitted - Bits.from_spans(query.window, query.candidate.starts(query.minutes))
        nothing = Bits.empty(query.window)
        counted.append((Source.CANDIDATE, "", (outside, nothing, nothing)))
    if query.rooms is not None:
        counted.append((Source.ROOMS, "", _room_causes(query, query.rooms, permitted)))

    once = twice = Bits.empty(query.window)
    for _, _, (outside, blocked, unknown) in counted:
        forbidden = outside | blocked | unknown
        twice |= once & forbidden
        once |= forbidden
    alone = once - twice

    counted.sort(key=lambda entry: (-sum(cause.count() for cause in entry[2]), entry[1], entry[0].value))
    return tuple(
        Blocker(
            source,
            key or None,
            outside.count(),
            blocked.count(),
            unknown.count(),
            ((outside | blocked | unknown) & alone).count(),
        )
        for source, key, (outside, blocked, unknown) in counted
    )


def _beyond_buffers(query: Query, busy: SpanSet) -> SpanSet:
    """The minutes a meeting must avoid so that it and its buffers avoid the busy ones.

    The buffer after the meeting meets what begins later, so it widens a busy span at its start.
    """
    return busy.widen(query.buffer_after, query.buffer_before)


def _touching(window: Span, spans: SpanSet, minutes: int) -> Bits:
    """The starts for which at least one minute of [s, s + minutes) is in the spans."""
    return Bits.from_spans(window, spans.widen(minutes - 1, 0))


def _attendee_causes(query: Query, attendee: Attendee, permitted: Bits) -> tuple[Bits, Bits, Bits]:
    calendar, window, minutes = attendee.calendar, query.window, query.minutes
    outside = permitted - Bits.from_spans(window, calendar.open.starts(minutes))
    blocked = permitted & _touching(window, _beyond_buffers(query, calendar.blocked), minutes)
    unknown = permitted & _touching(window, _beyond_buffers(query, calendar.unknown), minutes)
    return outside, blocked - outside, unknown - outside - blocked


def _room_causes(query: Query, rooms: tuple[RoomOption, ...], permitted: Bits) -> tuple[Bits, Bits, Bits]:
    def never(suiting: list[SpanSet]) -> Bits:
        starts = SpanSet.union(each.starts(query.minutes) for each in suiting)
        return permitted - Bits.from_spans(query.window, starts)

    calendars: list[Calendar] = [room.calendar for room in rooms]
    outside = never([each.open for each in calendars])
    even_if_known = never([each.open - each.blocked for each in calendars])
    forbidden = never([each.open - each.blocked - each.unknown for each in calendars])
    return outside, even_if_known - outside, forbidden - even_if_known
