"""From a request for loops and what the calendars allow to the solvers' problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from scheduler.calendars.merge import Availability
from scheduler.directory.rooms import Room
from scheduler.planning.compile import clock_of, offered
from scheduler.planning.localtimes import (
    Window,
    local_days,
    local_weeks,
    parts_of_day,
    starts_on_grid,
)
from scheduler.planning.loops.pools import PoolAnswer
from scheduler.planning.loops.prices import Pricing, StartPrice, steps
from scheduler.planning.loops.request import LoopSearch, LoopShape, Panelist, SessionNeed
from scheduler.planning.request import Candidate, DayRange, RoomNeed
from scheduler.zones import Zone, steady
from solvers import problem as model
from solvers.problem import Level, Problem
from solvers.timeline import Span, SpanSet

SessionName = tuple[str, str]
"""A session by the keys of its loop and of itself."""


@dataclass(frozen=True, slots=True)
class Party:
    """A candidate and their loop.

    Args:
        key: of the loop in the problem.
        path: where the request speaks of the candidate, such as `candidate`.
    """

    key: str
    candidate: Candidate | None
    shape: LoopShape
    path: str
    priority: int = 1


@dataclass(frozen=True, slots=True)
class CompiledLoops:
    """The problem, and what is needed to put its answer into words again.

    Args:
        clocks: of the candidates, by the keys of their loops.
        prices: what the starts of each session cost, by start.
        pools: what the tags of the request stood for.
    """

    request: LoopSearch
    window: Window
    parties: tuple[Party, ...]
    problem: Problem
    panelists: Mapping[str, Panelist]
    people: Mapping[str, Availability]
    rooms: Mapping[str, Room]
    clocks: Mapping[str, Zone]
    prices: Mapping[SessionName, Mapping[int, StartPrice]]
    pools: tuple[PoolAnswer, ...] = ()

    def zone_of(self, address: str) -> Zone:
        """Somebody's clock, the request's if theirs is not known."""
        return self.people[address].zone or self.window.zone

    def party(self, key: str) -> Party:
        """The candidate of a loop."""
        return next(party for party in self.parties if party.key == key)

    def names(self) -> dict[str, str]:
        """What the request calls everybody, by address; it may say nothing."""
        return {address: person.name for address, person in self.panelists.items()}


def chairs(shape: LoopShape, session: SessionNeed, candidate: Candidate | None) -> int:
    """How many seats the room of a session has at least."""
    need = shape.room_of(session)
    asked = need.seats if need is not None else None
    return asked or len(session.seats) + (1 if candidate is not None else 0)


@dataclass(frozen=True, slots=True)
class Known:
    """What was read for a request.

    Args:
        now: present UTC minute; the notice runs from here.
        people: the time of everybody in a pool, by address.
        rooms: every room that may be used, by address.
        booked: our own bookings of each person, in all weeks of the window.
    """

    now: int
    people: Mapping[str, Availability]
    rooms: Mapping[str, tuple[Room, Availability]]
    booked: Mapping[str, Sequence[Span]]


def compile_loops(
    request: LoopSearch,
    window: Window,
    parties: Sequence[Party],
    panelists: Iterable[Panelist],
    known: Known,
    *,
    levels: tuple[Level, ...],
) -> CompiledLoops:
    """The problem.

    Args:
        panelists: everybody of whom a pool speaks.

    Raises:
        InputError: a candidate's zone or times cannot be used.
    """
    people = known.people
    asked = {person.address: person for person in panelists}
    clocks = {party.key: clock_of(party.candidate, window, party.path) for party in parties}
    wished = {
        address: parts_of_day(person.preferred, people[address].zone or window.zone, people[address].window)
        for address, person in asked.items()
        if person.preferred
    }
    grid = _grid(window, request.grid)
    pricing = Pricing(request.weights, window, people, wished)
    prices = {
        (party.key, session.name): pricing.of(party.shape, session, grid.minutes())
        for party in parties
        for session in party.shape.sessions
    }
    problem = Problem(
        start=min(max(window.span.start, known.now + request.notice), window.span.end - 1),
        end=window.span.end,
        people=tuple(
            _person(request, person, people[address], window, known.booked.get(address, ()))
            for address, person in asked.items()
        ),
        rooms=tuple(_room(room, free) for room, free in known.rooms.values()),
        loops=tuple(_loop(window, party, clocks[party.key], grid, prices) for party in parties),
        walks=tuple(
            model.Walk(one=one.casefold(), other=other.casefold(), minutes=walk.minutes)
            for walk in request.walks
            for one, other in [walk.between]
        ),
        levels=levels,
    )
    rooms = {address: room for address, (room, _) in known.rooms.items()}
    return CompiledLoops(request, window, tuple(parties), problem, asked, people, rooms, clocks, prices)


def points(request: LoopSearch) -> Level:
    """The points of one candidate's loop, in the solver's terms."""
    weights = request.weights
    return Level(
        weights={
            "tentative": weights.tentative,
            "empty_seats": weights.optional_missing,
            "load_spread": weights.load_spread,
            "earliness": weights.earliness,
            "room_fit": weights.room_fit,
            "room_changes": weights.room_changes,
            "fragile": weights.fragile,
            "start_cost": 1,
        }
    )


def weeks_of(zone: Zone, window: Span) -> Span:
    """The span from the first to the last of the local weeks of a window."""
    weeks = list(local_weeks(zone, window))
    return Span(weeks[0].start, weeks[-1].end)


@dataclass(frozen=True, slots=True)
class _Grid:
    """The permitted starts: minute s with (s - anchor) mod step = 0, and in `starts` if that is given."""

    step: int
    anchor: int
    starts: SpanSet | None
    window: Span

    def minutes(self) -> Sequence[int]:
        """Every one of them in the window."""
        first = self.window.start + (self.anchor - self.window.start) % self.step
        every = range(first, self.window.end, self.step)
        starts = self.starts
        return every if starts is None else [each for each in every if starts.contains_minute(each)]


def _grid(window: Window, step: int) -> _Grid:
    """The grid of the request's clock; where the clock changes by less than a step, the starts are listed."""
    offsets = [offset for _, offset in steady(window.zone, window.span)]
    common = gcd(step, *(offset - offsets[0] for offset in offsets))
    starts = None
    if common != step:
        starts = starts_on_grid(window.span, step, window.zone).to_spans()
    return _Grid(common, -offsets[0], starts, window.span)


def _person(
    request: LoopSearch, person: Panelist, free: Availability, window: Window, booked: Sequence[Span]
) -> model.Person:
    zone = free.zone or window.zone
    caps = request.caps if person.caps is None else person.caps
    days = [(day, caps.sessions_per_day, caps.minutes_per_day) for day in local_days(zone, window.span)]
    weeks = [(week, caps.sessions_per_week, caps.minutes_per_week) for week in local_weeks(zone, window.span)]
    return model.Person(
        key=person.address,
        open=free.open,
        soft=free.soft,
        blocked=free.blocked_all,
        unknown=free.unknown,
        buffer_before=request.buffer_before,
        buffer_after=request.buffer_after,
        limits=tuple(
            _limit(stretch, sessions, minutes, booked)
            for stretch, sessions, minutes in (*days, *weeks)
            if sessions is not None or minutes is not None
        ),
        load=sum(span.minutes for span in booked),
    )


def _limit(stretch: Span, sessions: int | None, minutes: int | None, booked: Sequence[Span]) -> model.Limit:
    held = [span for span in booked if stretch.start <= span.start < stretch.end]
    return model.Limit(
        start=stretch.start,
        end=stretch.end,
        sessions=sessions,
        minutes=minutes,
        already_sessions=len(held),
        already_minutes=sum(span.minutes for span in held),
    )


def _room(room: Room, free: Availability) -> model.Room:
    # What cannot be booked, or does not say how many it seats, may still be named.
    bookable = not room.closed and room.seats is not None
    return model.Room(
        key=room.address,
        open=free.open if bookable else SpanSet.EMPTY,
        soft=free.soft,
        blocked=free.blocked_all,
        unknown=free.unknown,
        seats=room.seats or 0,
        features=tuple(sorted(room.equipment)),
        building=room.building.casefold() if room.building else None,
        step_free=room.step_free is True,
    )


def _need(need: RoomNeed, seats: int) -> model.RoomNeed:
    return model.RoomNeed(
        among=need.among,
        seats=seats,
        features=tuple(sorted({name.strip().casefold() for name in need.equipment})),
        building=None if need.building is None else need.building.strip().casefold(),
        step_free=need.step_free,
    )


def _loop(
    window: Window,
    party: Party,
    clock: Zone,
    grid: _Grid,
    prices: Mapping[SessionName, Mapping[int, StartPrice]],
) -> model.Loop:
    shape, candidate = party.shape, party.candidate
    days = tuple(local_days(window.zone, window.span))
    whole = Span(days[0].start, days[-1].end)
    available = offered(candidate, clock, party.path)
    if shape.earliest is not None or shape.latest is not None:
        part = DayRange.model_validate({"from": shape.earliest or "00:00", "to": shape.latest or "24:00"})
        hours = parts_of_day((part,), clock, whole)
        available = hours if available is None else available & hours
    return model.Loop(
        key=party.key,
        sessions=tuple(
            _session(window, party, session, grid, prices[party.key, session.name])
            for session in shape.sessions
        ),
        order=shape.order,
        before=shape.before,
        min_gap=shape.min_gap,
        max_gap=shape.max_gap,
        breaks=tuple(
            model.Break(
                key=rest.name,
                minutes=rest.minutes,
                window=parts_of_day(
                    (DayRange.model_validate({"from": rest.start, "to": rest.end}),), clock, whole
                ),
            )
            for rest in shape.breaks
        ),
        available=available,
        days=tuple((day.start, day.end) for day in days),
        max_days=shape.max_days,
        same_room=shape.same_room,
        meets_once=shape.meets_once,
        priority=party.priority,
    )


def _session(
    window: Window, party: Party, session: SessionNeed, grid: _Grid, prices: Mapping[int, StartPrice]
) -> model.Session:
    starts = grid.starts
    if session.within:
        fitting = parts_of_day(session.within, window.zone, window.span).starts(session.minutes)
        starts = fitting if starts is None else fitting & starts
    need = party.shape.room_of(session)
    return model.Session(
        key=session.name,
        minutes=session.minutes,
        seats=tuple(
            model.Seat(key=seat.name, pool=seat.pool, kind=seat.kind, beside=seat.beside)
            for seat in session.seats
        ),
        room=None if need is None else _need(need, chairs(party.shape, session, party.candidate)),
        starts=starts,
        grid=grid.step,
        anchor=grid.anchor,
        start_costs=steps(prices, grid.step),
    )
