"""The same problem with fewer choices: most of a plan stays as it is, and the rest may be anything.

What stays is left no other choice, so that a part of a problem is searched under the same rules and for the same
objective, in a model that is small because what cannot change is a constant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from solvers.cpsat.options import Choice, Name, Options
from solvers.plan import Assignment, Plan
from solvers.problem import Loop, Problem
from solvers.timeline import SpanSet

Part = Literal["start", "people", "room"]
"""What of a session may stay by itself."""

K = TypeVar("K")

ALL_PARTS: frozenset[Part] = frozenset(("start", "people", "room"))


@dataclass(frozen=True)
class Neighbourhood:
    """What may change of a plan.

    Args:
        kind: how it was chosen.
        loops: the loops of which something may change.
        kept: what stays of each of their sessions; if nothing does, they may also be left out, or held.
    """

    kind: str
    loops: frozenset[str]
    kept: frozenset[Part] = frozenset()


def narrow(options: Options, plan: Plan, neighbourhood: Neighbourhood) -> Options:
    """The options that keep the plan but for the neighbourhood; a possible plan remains possible."""
    held = {(each.loop, each.session): each for each in plan.assignments}
    planned = {each.loop for each in plan.assignments}
    loops: list[Loop] = []
    choices: dict[Name, Choice] = {}
    impossible = dict(options.impossible)
    for loop in options.loops:
        names = [(loop.key, session.key) for session in loop.sessions]
        changes = loop.key in neighbourhood.loops
        if changes and not neighbourhood.kept:
            loops.append(loop)
            choices |= {name: options.choices[name] for name in names}
        elif loop.key not in planned:
            impossible[loop.key] = f"{loop.key}: it stays left out"
        else:
            kept = neighbourhood.kept if changes else ALL_PARTS
            stays = loop.model_copy(update={"mandatory": True})
            loops.append(stays)
            for name in names:
                choices[name] = _keep(replace(options.choices[name], loop=stays), held[name], kept)
    return Options(choices, tuple(loops), impossible)


def _keep(choice: Choice, held: Assignment, kept: Collection[Part]) -> Choice:
    """The choice with the parts that are kept as they are held."""
    ticks = choice.ticks
    if "start" in kept:
        tick = choice.grid.tick(held.start)
        ticks = SpanSet((tick, tick + 1))
    seats: Mapping[str, Mapping[str, SpanSet]] = choice.seats
    if "people" in kept:
        seats = {
            seat: {person: each for person, each in pool.items() if person == held.people.get(seat)}
            for seat, pool in seats.items()
        }
    rooms = choice.rooms
    if "room" in kept and rooms is not None:
        rooms = {room: each for room, each in rooms.items() if room == held.room}
    return replace(
        choice,
        ticks=ticks,
        days=_some(choice.days, ticks),
        seats={seat: _some(pool, ticks) for seat, pool in seats.items()},
        rooms=None if rooms is None else _some(rooms, ticks),
    )


def _some(times: Mapping[K, SpanSet], ticks: SpanSet) -> dict[K, SpanSet]:
    return {key: found for key, each in times.items() if (found := each & ticks)}


def tightened(problem: Problem, reached: tuple[int, ...]) -> Problem:
    """The problem in which every loop ends in time for the worst-off candidate of levels that are reached already.

    Plans that are as good on those levels are the same in both, with the same costs.
    """
    hours = [
        value // level.weights["worst_off"]
        for level, value in zip(problem.levels, reached, strict=False)
        if [term for term, weight in level.weights.items() if weight] == ["worst_off"]
    ]
    if not hours:
        return problem
    end = problem.start + 60 * min(hours)
    loops = tuple(
        loop.model_copy(update={"latest": end if loop.latest is None else min(loop.latest, end)})
        for loop in problem.loops
    )
    return problem.model_copy(update={"loops": loops})


def without_late(options: Options, plan: Plan) -> Plan:
    """The plan without the loops that are not possible as they are in this tighter problem."""
    late = {
        each.loop
        for each in plan.assignments
        if (choice := options.choices.get((each.loop, each.session))) is None
        or not choice.ticks.contains_minute(choice.grid.tick(each.start))
    }
    return plan.model_copy(
        update={"assignments": tuple(each for each in plan.assignments if each.loop not in late)}
    )
