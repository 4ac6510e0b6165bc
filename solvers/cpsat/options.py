"""What each session could be, before anything is solved: its starts, and who and which rooms could serve at them.

Starts are counted in ticks, the permitted starts of a session from the horizon's start on, so that a start is one
small integer and a grid of 15 minutes makes no holes. Everything that needs one session alone is decided here and
never becomes a constraint; what remains possible is a superset of every lawful plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from solvers.problem import Loop, Person, Placed, Problem, Room, Session
from solvers.promises import usable
from solvers.timeline import Span, SpanSet

Name = tuple[str, str]
"""A session: the keys of its loop and of itself."""


@dataclass(frozen=True)
class Grid:
    """Tick k stands for the UTC minute origin + k * step; the spans of ticks are half-open like those of minutes."""

    origin: int
    step: int

    def ticks(self, minutes: SpanSet) -> SpanSet:
        """The ticks whose minute is in the set."""
        if self.step == 1:
            return minutes.shift(-self.origin)
        spans = [(self._at_or_after(span.start), self._at_or_after(span.end)) for span in minutes]
        return SpanSet.of((first, end) for first, end in spans if first < end)

    def minute(self, tick: int) -> int:
        """The UTC minute of the tick."""
        return self.origin + tick * self.step

    def tick(self, minute: int) -> int:
        """The tick of a permitted start."""
        return (minute - self.origin) // self.step

    def _at_or_after(self, minute: int) -> int:
        return -((self.origin - minute) // self.step)


@dataclass(frozen=True)
class Choice:
    """What one session could be.

    Args:
        days: the ticks of each day of the loop on which the session has any, by index of the day.
        seats: for each seat who could fill it, and at which ticks.
        filled: the seats that are filled whenever the session is held: required, or booked in a session that must stay.
        rooms: each room that could be taken, and at which ticks; None if the session needs no room.
    """

    name: Name
    loop: Loop
    session: Session
    grid: Grid
    ticks: SpanSet
    days: Mapping[int, SpanSet]
    seats: Mapping[str, Mapping[str, SpanSet]]
    filled: tuple[str, ...]
    rooms: Mapping[str, SpanSet] | None

    @property
    def first_start(self) -> int:
        """The earliest start in UTC minutes; the session has one."""
        return self.grid.minute(self.ticks.edges[0])

    @property
    def last_end(self) -> int:
        """The latest end in UTC minutes; the session has one."""
        return self.grid.minute(self.ticks.edges[-1] - 1) + self.session.minutes


@dataclass(frozen=True)
class Options:
    """The choices of every loop that could be scheduled, and why the others could not.

    Args:
        impossible: for each loop with a session that cannot be held at all, a sentence that names it.
    """

    choices: Mapping[Name, Choice]
    loops: tuple[Loop, ...]
    impossible: Mapping[str, str]


def kept_place(session: Session) -> Placed | None:
    """Where the session must stay, if it is booked and may not move."""
    return session.placed if session.placed is not None and not session.placed.movable else None


def is_due(loop: Loop) -> bool:
    """Whether a plan without the loop is unlawful: it is mandatory, or holds a session that must stay."""
    return loop.mandatory or any(kept_place(session) is not None for session in loop.sessions)


def days_of(problem: Problem, loop: Loop) -> tuple[Span, ...]:
    """The days of the loop in order of time; the horizon when it names none."""
    return tuple(Span(start, end) for start, end in sorted(loop.days)) or (problem.horizon,)


def options(problem: Problem) -> Options:
    """What each session of the problem could be."""
    free = _times_of(problem)
    choices: dict[Name, Choice] = {}
    loops: list[Loop] = []
    impossible: dict[str, str] = {}
    for loop in problem.loops:
        found = [_choice(problem, loop, session, free) for session in loop.sessions]
        reason = next((each for each in found if isinstance(each, str)), None)
        if reason is not None:
            impossible[loop.key] = reason
            continue
        loops.append(loop)
        choices |= {each.name: each for each in found if isinstance(each, Choice)}
    return Options(choices, tuple(loops), impossible)


Times = Callable[[Literal["person", "room"], str, int], SpanSet]
"""The starts at which a person or room is free for so many minutes."""


def _times_of(problem: Problem) -> Times:
    resources: dict[tuple[str, str], Person | Room] = {
        **{("person", person.key): person for person in problem.people},
        **{("room", room.key): room for room in problem.rooms},
    }

    @cache
    def usable_of(kind: str, key: str) -> SpanSet:
        return usable(resources[kind, key])

    @cache
    def times(kind: Literal["person", "room"], key: str, minutes: int) -> SpanSet:
        return usable_of(kind, key).starts(minutes)

    return times


def _choice(problem: Problem, loop: Loop, session: Session, free: Times) -> Choice | str:
    """The choice, or a sentence about why there is none."""
    path = f"{loop.key}/{session.key}"
    kept = kept_place(session)
    by_day = _starts(problem, loop, session)
    grid = Grid(_first_permitted(problem.start, session), session.grid)
    ticks = grid.ticks(SpanSet.union(by_day.values()))
    if kept is not None:
        ticks &= grid.ticks(SpanSet((kept.start, kept.start + 1)))
    if not ticks:
        return f"{path}: no permitted start lies in the time of the loop"

    seats: dict[str, dict[str, SpanSet]] = {}
    for seat in session.seats:
        pool: Iterable[str] = seat.pool
        if kept is not None:
            pool = [person for person in seat.pool if kept.people.get(seat.key) == person]
        seats[seat.key] = {
            person: grid.ticks(free("person", person, session.minutes)) & ticks for person in pool
        }
    booked = {} if kept is None else kept.people
    filled = tuple(seat.key for seat in session.seats if seat.kind == "required" or seat.key in booked)
    needed = [seats[seat] for seat in filled]
    for pools, seats_of_pool in Counter(tuple(each) for each in needed).items():
        ticks &= at_least(seats_of_pool, next(each for each in needed if tuple(each) == pools).values())
    ticks &= at_least(len(needed), {key: each for pool in needed for key, each in pool.items()}.values())
    if not ticks:
        return f"{path}: at no permitted start are enough people free for its required seats"

    rooms: dict[str, SpanSet] | None = None
    if session.room is None and kept is not None and kept.room is not None:
        return f"{path}: it is booked in {kept.room}, but needs no room"
    if session.room is not None:
        suitable = [
            room.key
            for room in problem.rooms
            if session.room.suits(room) and (kept is None or kept.room == room.key)
        ]
        if not suitable:
            return f"{path}: no room is what is asked for"
        rooms = {room: grid.ticks(free("room", room, session.minutes)) & ticks for room in suitable}
        ticks = SpanSet.union(rooms.values())
        if not ticks:
            return f"{path}: at no start with enough people is a room free"

    return Choice(
        name=(loop.key, session.key),
        loop=loop,
        session=session,
        grid=grid,
        ticks=ticks,
        days={day: found for day, each in by_day.items() if (found := grid.ticks(each) & ticks)},
        seats={seat: _some(pool, ticks) for seat, pool in seats.items()},
        filled=filled,
        rooms=None if rooms is None else _some(rooms, ticks),
    )


def _some(times: Mapping[str, SpanSet], ticks: SpanSet) -> dict[str, SpanSet]:
    return {key: found for key, each in times.items() if (found := each & ticks)}


def _starts(problem: Problem, loop: Loop, session: Session) -> dict[int, SpanSet]:
    """The starts, grid apart, at which the session lies in the loop's time, by index of the day."""
    time = SpanSet((problem.start, problem.end))
    if loop.available is not None:
        time &= loop.available
    earliest = problem.start if loop.earliest is None else loop.earliest
    latest = problem.end if loop.latest is None else loop.latest
    if latest <= earliest:
        return {}
    time = time.clip(Span(earliest, latest))
    by_day = {
        index: time.clip(day).starts(session.minutes) for index, day in enumerate(days_of(problem, loop))
    }
    for permitted in (session.starts, loop.begins if _is_first(loop, session) else None):
        if permitted is not None:
            by_day = {index: each & permitted for index, each in by_day.items()}
    return by_day


def _is_first(loop: Loop, session: Session) -> bool:
    """Whether the order alone says that the loop begins with this session."""
    return session.key == loop.sessions[0].key and (loop.order == "fixed" or len(loop.sessions) == 1)


def _first_permitted(minute: int, session: Session) -> int:
    return minute + (session.anchor - minute) % session.grid


def at_least(count: int, sets: Iterable[SpanSet]) -> SpanSet:
    """What at least so many of the sets hold; with a count of 0 or less this is everything that could be asked."""
    family = list(sets)
    if count <= 0:
        return SpanSet((-(2**60), 2**60))
    if count == 1:
        return SpanSet.union(family)
    steps = sorted((edge, 1 - index % 2 * 2) for each in family for index, edge in enumerate(each.edges))
    edges: list[int] = []
    held = 0
    for place, (edge, step) in enumerate(steps):
        held += step
        if place + 1 < len(steps) and steps[place + 1][0] == edge:
            continue
        if (held >= count) != bool(len(edges) % 2):
            edges.append(edge)
    return SpanSet(tuple(edges))
