"""The dull, obvious answers to a query, minute by minute, to test the fast ones against.

Shares no code with `slots`, `scoring`, `totals` and `ranking`, only the types of their answers. Takes time in
proportion to window times calendars times length, so it is for small windows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

from solvers.query import Attendee, Calendar, Query, RoomOption
from solvers.ranking import Ranking
from solvers.scoring import Cost, Slot
from solvers.slots import Blocker, Source
from solvers.timeline import SpanSet


def feasible_starts(query: Query) -> tuple[int, ...]:
    """Every feasible start, ascending."""
    return tuple(
        start
        for start in _permitted(query)
        if _candidate_cause(query, start) is None
        and all(_attendee_cause(query, each, start) is None for each in query.attendees if each.required)
        and (query.rooms is None or any(_room_cause(query, each, start) is None for each in query.rooms))
    )


def all_slots(query: Query) -> tuple[Slot, ...]:
    """The slot of every feasible start, in order of start."""
    return tuple(_slot(query, start) for start in feasible_starts(query))


def ranking(query: Query, limit: int, apart: int = 0) -> Ranking:
    """The best slots, at least so many minutes apart."""
    slots = all_slots(query)
    chosen: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: (slot.total, slot.start, slot.room or "")):
        if len(chosen) < limit and all(abs(slot.start - other.start) >= apart for other in chosen):
            chosen.append(slot)
    return Ranking(tuple(chosen), len(slots))


def blocker_list(query: Query) -> tuple[Blocker, ...]:
    """What each source forbids, counted start by start."""
    causes: dict[tuple[Source, str], Callable[[int], str | None]] = {
        (Source.ATTENDEE, each.calendar.key): partial(_attendee_cause, query, each)
        for each in query.attendees
        if each.required
    }
    if query.candidate is not None:
        causes[Source.CANDIDATE, ""] = partial(_candidate_cause, query)
    if query.rooms is not None:
        causes[Source.ROOMS, ""] = partial(_rooms_cause, query)

    found = []
    for (source, key), cause_at in causes.items():
        others = [other for name, other in causes.items() if name != (source, key)]
        reasons = [cause_at(start) for start in _permitted(query)]
        alone = [
            start
            for start, reason in zip(_permitted(query), reasons, strict=True)
            if reason is not None and all(other(start) is None for other in others)
        ]
        outside, blocked, unknown = map(reasons.count, ("outside", "blocked", "unknown"))
        found.append(Blocker(source, key or None, outside, blocked, unknown, len(alone)))
    return tuple(sorted(found, key=lambda each: (-each.forbidden, each.key or "", each.source.value)))


@lru_cache(maxsize=4096)
def _minutes(spans: SpanSet) -> frozenset[int]:
    return frozenset(minute for span in spans for minute in range(span.start, span.end))


def _permitted(query: Query) -> list[int]:
    permitted = set(query.starts)
    return [
        start
        for start in range(query.window.start, query.window.end)
        if start in permitted and start >= query.earliest and start + query.minutes <= query.window.end
    ]


def _meeting(query: Query, start: int) -> set[int]:
    return set(range(start, start + query.minutes))


def _cause(calendar: Calendar, meeting: set[int], guarded: set[int]) -> str | None:
    """Why the meeting does not suit this calendar; None when it does."""
    if meeting - _minutes(calendar.open):
        return "outside"
    if guarded & _minutes(calendar.blocked):
        return "blocked"
    if guarded & _minutes(calendar.unknown):
        return "unknown"
    return None


def _attendee_cause(query: Query, attendee: Attendee, start: int) -> str | None:
    guarded = set(range(start - query.buffer_before, start + query.minutes + query.buffer_after))
    return _cause(attendee.calendar, _meeting(query, start), guarded)


def _room_cause(query: Query, room: RoomOption, start: int) -> str | None:
    return _cause(room.calendar, _meeting(query, start), _meeting(query, start))


def _candidate_cause(query: Query, start: int) -> str | None:
    if query.candidate is not None and _meeting(query, start) - _minutes(query.candidate):
        return "outside"
    return None


def _rooms_cause(query: Query, start: int) -> str | None:
    """Why no room is free: the cause of the room that comes closest to being free."""
    causes = [_room_cause(query, room, start) for room in query.rooms or ()]
    if None in causes:
        return None
    for reason in ("unknown", "blocked"):
        if reason in causes:
            return reason
    return "outside"


def _slot(query: Query, start: int) -> Slot:
    meeting, weights = _meeting(query, start), query.weights
    present = [each for each in query.attendees if _attendee_cause(query, each, start) is None]
    missing = [each for each in query.attendees if each not in present]
    free = [each for each in query.rooms or () if _room_cause(query, each, start) is None]
    price = {
        room.calendar.key: weights.room_fit * room.cost
        + weights.tentative * len(meeting & _minutes(room.calendar.soft))
        for room in free
    }
    free.sort(key=lambda room: (price[room.calendar.key], room.calendar.key))
    used = [each.calendar for each in present] + [room.calendar for room in free[:1]]

    waited = start - max(query.earliest, query.window.start)
    hours = waited // 60 + (1 if waited % 60 else 0)
    unpreferred = [len(meeting - _minutes(each.preferred)) for each in present if each.preferred is not None]
    return Slot(
        start=start,
        end=start + query.minutes,
        attending=tuple(each.calendar.key for each in present),
        missing=tuple(each.calendar.key for each in missing),
        soft=tuple(each.key for each in used if meeting & _minutes(each.soft)),
        room=free[0].calendar.key if free else None,
        alternatives=tuple(room.calendar.key for room in free[1:]),
        costs=(
            Cost("earliness", hours, weights.earliness),
            Cost("tentative", sum(len(meeting & _minutes(each.soft)) for each in used), weights.tentative),
            Cost("optional_missing", len(missing), weights.optional_missing),
            Cost("preferred_hours", sum(unpreferred), weights.preferred_hours),
            Cost(
                "day_part", sum(len(meeting & _minutes(each.dislikes)) for each in present), weights.day_part
            ),
            Cost("room_fit", free[0].cost if free else 0, weights.room_fit),
        ),
    )
