"""The question a search answers, as frozen integers: when can this meeting be, and what costs what?"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from solvers.timeline import Bits, Span, SpanSet


@dataclass(frozen=True)
class Calendar:
    """What is known of one resource's time; all sets are UTC minutes and may reach beyond the query's window.

    Args:
        key: the resource's name, unique within a query.
        open: minutes in which the resource may be offered at all, e.g. working hours.
        soft: tentative minutes; they never forbid, they cost.
        blocked: busy minutes; they forbid.
        unknown: minutes of which nobody could say anything; they forbid like blocked, but are named apart.

    Raises:
        ValueError: the key is empty.
    """

    key: str
    open: SpanSet
    soft: SpanSet = SpanSet.EMPTY
    blocked: SpanSet = SpanSet.EMPTY
    unknown: SpanSet = SpanSet.EMPTY

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a calendar needs a key")


@dataclass(frozen=True)
class Attendee:
    """One person of the meeting.

    Args:
        calendar: the person's time.
        required: whether the meeting cannot be without this person. An optional person attends exactly when
            the meeting suits their calendar as it would have to suit a required one, and is missing
            otherwise.
        preferred: the minutes this person likes best; None when there is no preference. Minutes of the
            meeting outside it cost, they do not forbid.
        dislikes: minutes in an unloved part of the person's own day; they cost.
    """

    calendar: Calendar
    required: bool = True
    preferred: SpanSet | None = None
    dislikes: SpanSet = SpanSet.EMPTY


@dataclass(frozen=True)
class RoomOption:
    """One room that would do.

    Args:
        calendar: the room's time. Buffers are for people: a room must be free during the meeting itself only.
        cost: how badly the room fits, in points, 0 for a perfect fit.

    Raises:
        ValueError: the cost is negative.
    """

    calendar: Calendar
    cost: int = 0

    def __post_init__(self) -> None:
        if self.cost < 0:
            raise ValueError(f"the cost of room {self.calendar.key} must not be negative, but is {self.cost}")


@dataclass(frozen=True)
class Weights:
    """What one unit of each term costs; one point is an hour of waiting.

    The defaults say what a search would rather wait for. An hour that one person has marked tentative is
    worth five days (120 points); an hour outside someone's preferred hours, or in an unloved part of their
    day, two and a half (60 each). Leaving an optional person out is worth ten days (240): exactly what that
    person costs when present for an hour that is all three, so up to an hour's meeting never looks better for
    their absence.

    Args:
        earliness: per started hour between the first minute allowed and the start.
        tentative: per minute of the meeting that an attending person, or the proposed room, holds as
            tentative.
        optional_missing: per optional person who cannot attend.
        preferred_hours: per minute of the meeting outside the preferred hours of an attending person.
        day_part: per minute of the meeting that an attending person dislikes.
        room_fit: per point of the proposed room's cost.

    Raises:
        ValueError: a negative weight.
    """

    earliness: int = 1
    tentative: int = 2
    optional_missing: int = 240
    preferred_hours: int = 1
    day_part: int = 1
    room_fit: int = 1

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) < 0:
                raise ValueError(
                    f"the weight {each.name} must not be negative, but is {getattr(self, each.name)}"
                )


@dataclass(frozen=True)
class Query:
    """One meeting to find a time for; every time is in UTC minutes since 1970-01-01T00:00Z, spans half-open.

    A start s is feasible exactly when

    * s is in `starts` and s >= earliest;
    * [s, s + minutes) lies in the window, and in the candidate's minutes when they are given;
    * for every required attendee, [s, s + minutes) lies in their open minutes, and no minute of
      [s - buffer_before, s + minutes + buffer_after) is blocked or unknown to them. Open hours need not cover
      the buffers, and a buffer may reach out of the window;
    * when rooms are asked for, at least one of them is open and neither blocked nor unknown during all of
      [s, s + minutes).

    Args:
        minutes: length of the meeting, at least 1.
        window: where the meeting must lie.
        starts: the permitted starts, e.g. a grid, over that same window.
        earliest: no start before this minute; also where earliness is counted from, if it lies in the window.
        attendees: the people, in the order answers name them.
        rooms: the rooms that would do, one of which is needed; None when the meeting needs none.
        candidate: the minutes the candidate offered; None when the candidate offered any.
        buffer_before: minutes before the meeting that people need free of other engagements.
        buffer_after: the same after the meeting.
        weights: what the terms of the cost weigh.

    Raises:
        ValueError: one of these rules is broken: a length of at least 1 minute; starts over the window;
            buffers of 0 minutes or more; at least one attendee or room; no key twice.
    """

    minutes: int
    window: Span
    starts: Bits
    earliest: int
    attendees: tuple[Attendee, ...]
    rooms: tuple[RoomOption, ...] | None = None
    candidate: SpanSet | None = None
    buffer_before: int = 0
    buffer_after: int = 0
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        if self.minutes < 1:
            raise ValueError(f"a meeting lasts at least 1 minute, not {self.minutes}")
        if self.starts.window != self.window:
            raise ValueError(f"the starts are over {self.starts.window}, but the window is {self.window}")
        if self.buffer_before < 0 or self.buffer_after < 0:
            raise ValueError(
                f"buffers must not be negative, not {self.buffer_before} and {self.buffer_after}"
            )
        if not self.attendees and not self.rooms:
            raise ValueError("a meeting needs at least one attendee or room")
        keys = [each.calendar.key for each in self.attendees]
        keys += [room.calendar.key for room in self.rooms or ()]
        if len(set(keys)) < len(keys):
            twice = sorted({key for key in keys if keys.count(key) > 1})
            raise ValueError(f"a key stands for one resource, but these are used twice: {', '.join(twice)}")

    @property
    def required(self) -> tuple[Attendee, ...]:
        """The attendees the meeting cannot be without, in query order."""
        return tuple(each for each in self.attendees if each.required)

    @property
    def first_allowed(self) -> int:
        """The first minute the meeting may start as far as window and earliest say."""
        return max(self.window.start, self.earliest)

    def meeting(self, start: int) -> Span:
        """The minutes of the meeting that starts then."""
        return Span(start, start + self.minutes)

    def guarded(self, start: int) -> Span:
        """The minutes of the meeting that starts then, with the buffers around it."""
        return Span(start - self.buffer_before, start + self.minutes + self.buffer_after)
