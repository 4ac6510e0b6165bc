"""What one start costs, term by term, and what it offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from solvers.query import Attendee, Query, RoomOption

TERMS: Final = ("earliness", "tentative", "optional_missing", "preferred_hours", "day_part", "room_fit")
"""The names of the terms of a cost, in the order every slot lists them; each is the name of its weight."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One term of a slot's cost.

    Args:
        term: one of TERMS.
        units: how many units there are, in the term's own unit (see `Weights`).
        weight: what one unit costs.
    """

    term: str
    units: int
    weight: int

    @property
    def points(self) -> int:
        """Units times weight."""
        return self.units * self.weight


@dataclass(frozen=True, slots=True)
class Slot:
    """One feasible time for the meeting, and all that can be said of it.

    Args:
        start: first minute, UTC since 1970-01-01T00:00Z.
        end: the minute after the last.
        attending: keys of the people who can attend, in query order.
        missing: keys of the optional people who cannot, in query order.
        soft: keys of the attending people, in query order, and then the proposed room, that hold at least one
            minute of it as tentative.
        room: key of the proposed room, the one that costs least (fit and its own tentative minutes), ties by
            key; None when no room was asked for.
        alternatives: keys of the other rooms free at that time, in the same order.
        costs: one entry a term, in the order of TERMS, also where it is 0.
    """

    start: int
    end: int
    attending: tuple[str, ...]
    missing: tuple[str, ...]
    soft: tuple[str, ...]
    room: str | None
    alternatives: tuple[str, ...]
    costs: tuple[Cost, ...]

    @property
    def total(self) -> int:
        """The sum of all terms, in points; less is better, and 0 is perfect."""
        return sum(cost.points for cost in self.costs)


def score(query: Query, start: int) -> Slot:
    """The slot at one feasible start.

    Raises:
        ValueError: the start is not feasible.
    """
    if not _permitted(query, start):
        raise ValueError(f"no meeting may start at minute {start}")
    meeting = query.meeting(start)
    present = [attendee for attendee in query.attendees if _suits(query, attendee, start)]
    attending = {attendee.calendar.key for attendee in present}
    absent = [each for each in query.attendees if each.calendar.key not in attending]
    if any(attendee.required for attendee in absent):
        raise ValueError(f"a required attendee cannot be there at minute {start}")
    rooms = _free_rooms(query, start)
    if query.rooms is not None and not rooms:
        raise ValueError(f"no room is free at minute {start}")

    involved = [each.calendar for each in present] + [room.calendar for room in rooms[:1]]
    outside = sum(
        query.minutes - each.preferred.minutes_in(meeting) for each in present if each.preferred is not None
    )
    units = {
        "earliness": -((query.first_allowed - start) // 60),
        "tentative": sum(calendar.soft.minutes_in(meeting) for calendar in involved),
        "optional_missing": len(absent),
        "preferred_hours": outside,
        "day_part": sum(each.dislikes.minutes_in(meeting) for each in present),
        "room_fit": rooms[0].cost if rooms else 0,
    }
    return Slot(
        start=start,
        end=meeting.end,
        attending=tuple(each.calendar.key for each in present),
        missing=tuple(each.calendar.key for each in absent),
        soft=tuple(calendar.key for calendar in involved if calendar.soft.overlaps(meeting)),
        room=rooms[0].calendar.key if rooms else None,
        alternatives=tuple(room.calendar.key for room in rooms[1:]),
        costs=tuple(Cost(term, units[term], getattr(query.weights, term)) for term in TERMS),
    )


def _permitted(query: Query, start: int) -> bool:
    fits = query.first_allowed <= start and start + query.minutes <= query.window.end
    offered = query.candidate is None or query.candidate.covers(query.meeting(start))
    return fits and offered and query.starts.contains_minute(start)


def _suits(query: Query, attendee: Attendee, start: int) -> bool:
    calendar, guarded = attendee.calendar, query.guarded(start)
    taken = calendar.blocked.overlaps(guarded) or calendar.unknown.overlaps(guarded)
    return not taken and calendar.open.covers(query.meeting(start))


def _free_rooms(query: Query, start: int) -> list[RoomOption]:
    """The rooms free for the meeting, the one to propose first."""
    meeting = query.meeting(start)

    def order(room: RoomOption) -> tuple[int, str]:
        tentative = query.weights.tentative * room.calendar.soft.minutes_in(meeting)
        return query.weights.room_fit * room.cost + tentative, room.calendar.key

    free = [
        room
        for room in query.rooms or ()
        if room.calendar.open.covers(meeting)
        and not room.calendar.blocked.overlaps(meeting)
        and not room.calendar.unknown.overlaps(meeting)
    ]
    return sorted(free, key=order)
