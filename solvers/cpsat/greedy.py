"""A first plan: one loop after another, each by itself around those that already have their place.

Each loop is a small problem of its own, in which the time of people and rooms that is already promised is blocked and
counts towards limits. The plan is lawful unless a loop that must be scheduled found no place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ortools.sat.python.cp_model import CpModel

from solvers.cpsat.extract import extract
from solvers.cpsat.model import build
from solvers.cpsat.options import Options, is_due, kept_place
from solvers.cpsat.search import Run
from solvers.cpsat.terms import weights_alone
from solvers.plan import Assignment, Plan
from solvers.problem import Level, Loop, Problem
from solvers.promises import Promise, promised_person, promised_room

_MOST: Final = 10**9
"""The largest weight there is."""

_ABOVE_ALL: Final = 1000
"""So many times as much as anything else a loop weighs, that it stays where it is booked."""


def _gentle_and_early(problem: Problem) -> tuple[Level, ...]:
    """A loop stays where it is booked, or else ends as early as it can, which leaves the rest of the day in one piece.

    Whatever else the problem weighs of a loop by itself is weighed along.
    """
    weights = weights_alone(problem)
    largest = max(weights.values(), default=1)
    moved = min(_ABOVE_ALL * largest, _MOST)
    return (Level(weights={**weights, "earliness": largest, "moved": moved}),)


def plans(problem: Problem, options: Options, attempt: Callable[[CpModel], Run | None]) -> Iterator[Plan]:
    """Longer and longer plans, one for each loop that finds a place.

    Loops that may not move come first, then those that must be scheduled, then those with the fewest starts.

    Args:
        attempt: solves the model of one loop; None ends it all.
    """
    promised = _Promised(problem)
    for loop in sorted(options.loops, key=lambda loop: _need(options, loop)):
        model = build(promised.alone(loop), energise=False)
        if not model.variables.loops:
            continue
        for level in model.levels:
            model.variables.model.minimize(level)
        done = attempt(model.variables.model)
        if done is None:
            return
        if done.found is not None:
            promised.keep(loop, extract(model.variables, done.found.value).assignments)
            yield promised.plan()


def _need(options: Options, loop: Loop) -> tuple[bool, bool, int, int]:
    starts = [options.choices[loop.key, session.key].ticks.minutes for session in loop.sessions]
    moves = all(kept_place(session) is None for session in loop.sessions)
    return moves, not is_due(loop), min(starts), sum(starts)


class _Promised:
    """The people and rooms of a problem with what is promised of them."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._people = {person.key: person for person in problem.people}
        self._rooms = {room.key: room for room in problem.rooms}
        self._levels = _gentle_and_early(problem)
        self._walk = max((walk.minutes for walk in problem.walks), default=0)
        self._kept: dict[tuple[str, str], Assignment] = {}

    def alone(self, loop: Loop) -> Problem:
        """The problem of this loop by itself, in which it must be scheduled."""
        return self._problem.model_copy(
            update={
                "people": tuple(self._people.values()),
                "rooms": tuple(self._rooms.values()),
                "loops": (loop.model_copy(update={"mandatory": True}),),
                "pair_costs": (),
                "levels": self._levels,
            }
        )

    def keep(self, loop: Loop, assignments: tuple[Assignment, ...]) -> None:
        """Promise the people and rooms of a loop's sessions."""
        lengths = {session.key: session.minutes for session in loop.sessions}
        for each in assignments:
            self._kept[each.loop, each.session] = each
            promise = Promise(each.start, each.start + lengths[each.session])
            for key in each.people.values():
                self._people[key] = promised_person(self._people[key], [promise], self._walk)
            if each.room is not None:
                self._rooms[each.room] = promised_room(self._rooms[each.room], [promise])

    def plan(self) -> Plan:
        """What is promised, in the order of the problem's sessions."""
        names = ((loop.key, session.key) for loop, session in self._problem.sessions())
        return Plan(assignments=tuple(self._kept[name] for name in names if name in self._kept))
