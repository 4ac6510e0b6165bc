"""What would beat the best plan of a loop: single changes after which a strictly better one exists, solved again.

There are hundreds of entries that could give way, and few that help. So those of a day are granted together at first;
where that does not beat the best plan none of them does, and where it does they are halved, the most promising first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from heapq import heappop, heappush
from typing import TypeVar

from solvers.cpsat import Effort
from solvers.explain.changes import Change, grant
from solvers.plan import Feasible, Optimal, Plan
from solvers.problem import Loop, Person, Problem, Room
from solvers.regions import Bounds, Cost, days_of, solve_begun_in
from solvers.timeline import Span, SpanSet

Resource = TypeVar("Resource", Person, Room)
_MORE = 30
"""So many minutes before or after somebody's open time are asked for."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """One change, and the best plan there is when it is granted; lawful in the changed problem."""

    change: Change
    levels: Cost
    plan: Plan


@dataclass(frozen=True, order=True, slots=True)
class _Rank:
    """Groups of changes in the order in which they are looked at: by what is possible at best, answers first."""

    levels: Cost
    unsolved: bool
    number: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Changes of one day; solved, with the best plan there is when all are granted."""

    day: tuple[int, int]
    changes: Sequence[Change]
    plan: Plan | None = None


def improvements(
    problem: Problem,
    loop: str,
    reached: Cost,
    *,
    most: int = 3,
    searches: int = 24,
    seconds: float = 10.0,
    seed: int = 0,
    on_search: Callable[[], None] | None = None,
) -> tuple[Improvement, ...]:
    """The single changes that improve most on what the best plan reached, the best first.

    A change frees a person or room of one stretch that is not free, adds half an hour to somebody's day, or one
    session to what somebody gives. Those that are told are the best of all, unless the searches do not suffice.

    Args:
        reached: levels of the best plan.
        most: how many at most.
        searches: how many problems are solved at most, which unlike seconds does not depend on the machine.
        seconds: wall time for all of them.
        on_search: called before each of them.

    Raises:
        ValueError: as `solvers.cpsat.solve`.
    """
    of = next(each for each in problem.loops if each.key == loop)
    until, bounds = time.monotonic() + seconds, Bounds(problem, of)
    groups: list[_Group] = []
    waiting: list[_Rank] = []
    for day in days_of(problem, of):
        least, changes = bounds.from_begin(day[0]), tuple(_changes(problem, of, day))
        if changes and least < reached:
            heappush(waiting, _Rank(least, unsolved=True, number=len(groups)))
            groups.append(_Group(day, changes))
    found: list[Improvement] = []
    while waiting and len(found) < most:
        rank = heappop(waiting)
        group = groups[rank.number]
        if group.plan is not None:
            found.append(Improvement(group.changes[0], rank.levels, group.plan))
            continue
        left = until - time.monotonic()
        if not searches or left <= 0:
            continue
        searches -= 1
        if on_search is not None:
            on_search()
        effort = Effort(left, workers=1, seed=seed)
        verdict = solve_begun_in(_granted(problem, group.changes), of, *group.day, effort)
        if not isinstance(verdict, Optimal | Feasible) or verdict.objective.levels >= reached:
            continue
        half = len(group.changes) // 2
        parts = (group.changes[:half], group.changes[half:]) if half else (group.changes,)
        for part in parts:
            groups.append(_Group(group.day, part, None if half else verdict.plan))
            heappush(waiting, _Rank(verdict.objective.levels, bool(half), len(groups) - 1))
    return tuple(found)


def _granted(problem: Problem, changes: Sequence[Change]) -> Problem:
    """The problem with all of them granted; freed time is not even soft."""
    changed = reduce(grant, changes, problem)
    freed: dict[str | None, SpanSet] = {}
    for change in changes:
        if change.kind in {"hour", "room_hour"}:
            key = change.person or change.room
            freed[key] = freed.get(key, SpanSet.EMPTY) | change.spans
    return changed.model_copy(
        update={
            "people": tuple(_unsoftened(person, freed) for person in changed.people),
            "rooms": tuple(_unsoftened(room, freed) for room in changed.rooms),
        }
    )


def _unsoftened(resource: Resource, freed: dict[str | None, SpanSet]) -> Resource:
    if resource.key not in freed:
        return resource
    return resource.model_copy(update={"soft": resource.soft - freed[resource.key]})


def _changes(problem: Problem, loop: Loop, day: tuple[int, int]) -> Iterator[Change]:
    """What could be asked of somebody, or of a room, on the day."""
    window = Span(*day)
    asked = {key for session in loop.sessions for seat in session.seats for key in seat.pool}
    for person in problem.people:
        if person.key not in asked:
            continue
        for span in _taken(person, window):
            yield Change(kind="hour", person=person.key, spans=SpanSet.of([span]))
        for span in person.open.clip(window):
            for more in (Span(span.start - _MORE, span.start), Span(span.end, span.end + _MORE)):
                if window.contains(more):
                    yield Change(kind="hours", person=person.key, spans=SpanSet.of([more]))
        for limit in dict.fromkeys(person.limits):
            if limit.start < window.end and window.start < limit.end:
                within = SpanSet((limit.start, limit.end))
                longest = max(session.minutes for session in loop.sessions)
                yield Change(kind="limit", person=person.key, limit=limit, spans=within, amount=longest)
    needs = [session.room for session in loop.sessions if session.room is not None]
    for room in problem.rooms:
        if any(need.suits(room) for need in needs):
            for span in _taken(room, window):
                yield Change(kind="room_hour", room=room.key, spans=SpanSet.of([span]))


def _taken(resource: Person | Room, window: Span) -> SpanSet:
    """Each stretch of the day, inside the open time, that is not simply free."""
    taken = resource.blocked | resource.unknown | resource.soft
    return taken.clip(window) & resource.open
