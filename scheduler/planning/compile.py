"""From a request and what the calendars allow to the solvers' question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.calendars.merge import Availability
from scheduler.directory.rooms import Room
from scheduler.planning.localtimes import (
    Window,
    local_ranges,
    parts_of_day,
    request_zone,
    starts_on_grid,
)
from scheduler.planning.request import Candidate, DayRange, FindRequest, Interviewer, Search
from scheduler.zones import Zone
from solvers.query import Attendee, Calendar, Query, RoomOption, Weights
from solvers.timeline import Span, SpanSet

DISLIKED = tuple(
    DayRange.model_validate({"from": start, "to": end})
    for start, end in (("00:00", "09:00"), ("12:00", "13:00"), ("17:00", "24:00"))
)
"""Parts of everybody's day that cost: early, lunch, late; each on the person's own clock."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The question, and what is needed to put its answer into words again."""

    request: FindRequest
    window: Window
    query: Query
    people: Mapping[str, Availability]
    rooms: Mapping[str, Room]
    candidate_zone: Zone


def horizon(request: Search, window: Window) -> Span:
    """The span to be read: the window and the buffers that reach out of it."""
    return Span(window.span.start - request.buffer_before, window.span.end + request.buffer_after)


def headcount(request: FindRequest) -> int:
    """How many chairs are needed: everybody named, and the candidate if there is one."""
    return len(request.people) + (1 if request.candidate is not None else 0)


def clock_of(candidate: Candidate | None, window: Window, path: str) -> Zone:
    """The candidate's clock, the request's if there is no other.

    Raises:
        InputError: an unknown zone.
    """
    if candidate is None or candidate.zone is None:
        return window.zone
    return request_zone(candidate.zone, f"{path}.zone")


def offered(candidate: Candidate | None, zone: Zone, path: str) -> SpanSet | None:
    """The minutes the candidate offers; None is any.

    Raises:
        InputError: times that cannot be used.
    """
    if candidate is None or not candidate.available:
        return None
    return local_ranges(candidate.available, zone, f"{path}.available")


def compile_request(
    request: FindRequest,
    window: Window,
    people: Mapping[str, Availability],
    rooms: Mapping[str, tuple[Room, Availability]] | None,
    now: int,
) -> Compiled:
    """The solvers' question.

    Args:
        people: by address, for everybody the request names.
        rooms: suitable rooms by address; None when the request needs none.
        now: present UTC minute; the notice runs from here.

    Raises:
        InputError: the candidate's zone or times cannot be used.
    """
    candidate_zone = clock_of(request.candidate, window, "candidate")
    seats = (request.room.seats if request.room is not None else None) or headcount(request)
    query = Query(
        minutes=request.minutes,
        window=window.span,
        starts=starts_on_grid(window.span, request.grid, window.zone),
        earliest=now + request.notice,
        attendees=tuple(_attendee(person, people[person.address], window.zone) for person in request.people),
        rooms=None
        if rooms is None
        else tuple(
            RoomOption(_calendar(free), cost=max(0, (room.seats or seats) - seats))
            for room, free in rooms.values()
        ),
        candidate=offered(request.candidate, candidate_zone, "candidate"),
        buffer_before=request.buffer_before,
        buffer_after=request.buffer_after,
        weights=_weights(request),
    )
    known_rooms = {} if rooms is None else {address: room for address, (room, _) in rooms.items()}
    return Compiled(request, window, query, people, known_rooms, candidate_zone)


def _calendar(free: Availability) -> Calendar:
    return Calendar(free.address, free.open, free.soft, free.blocked_all, free.unknown)


def _attendee(person: Interviewer, free: Availability, fallback: Zone) -> Attendee:
    zone = free.zone if free.zone is not None else fallback
    preferred: SpanSet | None = None
    if person.preferred:
        preferred = parts_of_day(person.preferred, zone, free.window)
    return Attendee(
        _calendar(free), person.required, preferred, dislikes=parts_of_day(DISLIKED, zone, free.window)
    )


def _weights(request: FindRequest) -> Weights:
    chosen = {name: value for name, value in request.weights.model_dump().items() if value is not None}
    return Weights(**chosen)
