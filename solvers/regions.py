"""Parts of a problem by when one of its loops begins: solved one by one, each with far less than the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from solvers.cpsat import Effort, solve
from solvers.plan import Feasible, Infeasible, Optimal, Unknown
from solvers.problem import Loop, Person, Problem, Room
from solvers.timeline import Span, SpanSet

_DAY = 1440

Cost = tuple[int, ...]
"""Values of the levels, the most important first."""


def solve_begun_in(
    problem: Problem, loop: Loop, start: int, end: int, effort: Effort
) -> Optimal | Feasible | Infeasible | Unknown:
    """The best plan in which one of the loops is held and begins in [start, end).

    A loop that may take several days is first looked for on few of them, which is enough if whatever takes longer is
    proved to cost more.

    Raises:
        ValueError: as `solvers.cpsat.solve`.
    """
    following = [day for day in sorted(loop.days) if day[1] > start]
    bounds = Bounds(problem, loop)
    taken = 1
    while loop.max_days != 1 and taken < len(following):
        verdict = _solve(begun_in(problem, loop, start, end, until=following[taken][0]), effort)
        beyond = bounds.from_end(following[taken][0] + bounds.shortest)
        if isinstance(verdict, Optimal) and verdict.objective.levels < beyond:
            return verdict
        taken *= 2
    return _solve(begun_in(problem, loop, start, end), effort)


def begun_in(problem: Problem, loop: Loop, start: int, end: int, *, until: int | None = None) -> Problem:
    """The problem in which one of its loops must be held and begins in [start, end).

    Args:
        until: days that begin at this minute or later are not used; None uses all.
    """
    begins = SpanSet((start, end))
    last = end if loop.max_days == 1 else until
    days = tuple(day for day in loop.days if day[1] > start and (last is None or day[0] < last))
    held = loop.model_copy(
        update={
            "mandatory": True,
            "begins": begins if loop.begins is None else begins & loop.begins,
            "earliest": start if loop.earliest is None else max(start, loop.earliest),
            "days": days,
        }
    )
    loops = tuple(held if each.key == loop.key else each for each in problem.loops)
    restricted = problem.model_copy(update={"loops": loops})
    if not days or len(loops) > 1:
        return restricted
    return cut(restricted, Span(start, max(day[1] for day in days)))


def cut(problem: Problem, span: Span) -> Problem:
    """The problem without what matters only outside the span.

    Plans whose sessions all lie in the span are as lawful, and cost as much, as before.
    """
    return problem.model_copy(
        update={
            "people": tuple(_cut(person, span) for person in problem.people),
            "rooms": tuple(_cut(room, span) for room in problem.rooms),
            "loops": tuple(
                loop.model_copy(
                    update={
                        "sessions": tuple(
                            session.model_copy(
                                update={
                                    "start_costs": tuple(
                                        price
                                        for price in session.start_costs
                                        if price[0] < span.end and span.start < price[1]
                                    )
                                }
                            )
                            for session in loop.sessions
                        )
                    }
                )
                for loop in problem.loops
            ),
        }
    )


Resource = TypeVar("Resource", Person, Room)


def _cut(resource: Resource, span: Span) -> Resource:
    around = Span(span.start - resource.buffer_before, span.end + resource.buffer_after)
    kept: dict[str, Any] = {
        "open": resource.open.clip(span),
        "soft": resource.soft.clip(span),
        "blocked": resource.blocked.clip(around),
        "unknown": resource.unknown.clip(around),
    }
    if isinstance(resource, Person):
        kept["limits"] = tuple(
            limit for limit in resource.limits if limit.start < span.end and span.start < limit.end
        )
    return resource.model_copy(update=kept)


def days_of(problem: Problem, loop: Loop) -> Iterator[tuple[int, int]]:
    """The days of the loop inside the horizon, or without days the horizon in pieces as long as one."""
    for start, end in loop.days:
        if max(start, problem.start) < min(end, problem.end):
            yield max(start, problem.start), min(end, problem.end)
    if not loop.days:
        for start in range(problem.start, problem.end, _DAY):
            yield start, min(start + _DAY, problem.end)


class Bounds:
    """What plans cost at least that hold a loop, by when it begins or ends; no more is known than can be seen at once.

    Nobody is free of load whom no seat is left for, so the spread stays as large as it is without the least busy ones,
    one for each seat. Rooms have no fewer chairs to spare than the smallest that suits.
    """

    def __init__(self, problem: Problem, loop: Loop) -> None:
        self._problem = problem
        self._minutes = sum(session.minutes for session in loop.sessions)
        if not loop.days or loop.max_days == 1:
            self._minutes += loop.min_gap * (len(loop.sessions) - 1)
        self.shortest = min(session.minutes for session in loop.sessions)
        self._always = {"load_spread": _least_spread(problem), "room_fit": _least_spare(problem, loop)}

    def from_begin(self, minute: int) -> Cost:
        """Of plans in which the loop begins at the minute or later."""
        return self.from_end(minute + self._minutes)

    def from_end(self, minute: int) -> Cost:
        """Of plans in which the loop is over at the minute or later."""
        hours = max(0, -(-(minute - self._problem.start) // 60))
        units = {"worst_off": hours, "earliness": hours, **self._always}
        return tuple(
            sum(weight * units.get(term, 0) for term, weight in level.weights.items())
            for level in self._problem.levels
        )


def _least_spread(problem: Problem) -> int:
    seats = [seat for _, session in problem.sessions() for seat in session.seats]
    pooled = {key for seat in seats for key in seat.pool}
    loads = sorted(person.load for person in problem.people if person.key in pooled)
    return loads[-1] - loads[len(seats)] if len(loads) > len(seats) else 0


def _least_spare(problem: Problem, loop: Loop) -> int:
    needs = [session.room for session in loop.sessions if session.room is not None]
    return sum(
        min((room.seats - need.seats for room in problem.rooms if need.suits(room)), default=0)
        for need in needs
    )


def _solve(problem: Problem, effort: Effort) -> Optimal | Feasible | Infeasible | Unknown:
    return solve(
        problem,
        seconds=effort.seconds,
        workers=effort.workers,
        seed=effort.seed,
        deterministic_time=effort.deterministic_time,
    )
