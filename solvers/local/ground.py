"""Where each session may be, and what each place costs by itself.

Time is cut into ticks, tick k being the minute origin + k * step; columns are rooms, the last one standing for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.local.support import step_of
from solvers.plan import Assignment, Plan
from solvers.problem import Loop, Person, Problem, Session, Term
from solvers.promises import usable
from solvers.timeline import Span, SpanSet

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

OUT = -1
"""The room of a session that is left out."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The places of every session, and their units of the objective.

    Args:
        rooms: keys of the columns; the last is None.
        minutes: length of each session.
        lawful: whether a session alone may be in a room at a tick; [session, room, tick].
        due: whether a plan without the session is unlawful.
        by_start: units of a term at a tick, whatever the room; [session, tick].
        by_room: units of a term in a room, whatever the tick; [session, room].
        by_place: units of a term that are neither; [session, room, tick].
        left_out: units of a term for a session that is not held.
        hours: started hours from the horizon's start to the session's end; [session, tick].
        seated: people, in the order of the problem, who sit in a session; [session, person].
        gaps: minutes two sessions of a person keep between them, by person.
        room_gaps: the same of rooms, by column; of no room it is -1, as any number of sessions may be without one.
    """

    problem: Problem
    sessions: tuple[tuple[Loop, Session], ...]
    rooms: tuple[str | None, ...]
    origin: int
    step: int
    ticks: int
    minutes: Ints
    lawful: Flags
    due: Flags
    by_start: dict[Term, Ints]
    by_room: dict[Term, Ints]
    by_place: dict[Term, Ints]
    left_out: dict[Term, Ints]
    hours: Ints
    seated: Flags
    gaps: Ints
    room_gaps: Ints

    def plan(self, rooms: list[int], ticks: list[int]) -> Plan:
        """The plan that holds each session in its column and at its tick, if it has one."""
        return Plan(
            assignments=tuple(
                Assignment(
                    loop=loop.key,
                    session=session.key,
                    start=self.origin + tick * self.step,
                    people=_sitting(session),
                    room=self.rooms[room],
                )
                for (loop, session), room, tick in zip(self.sessions, rooms, ticks, strict=True)
                if room != OUT
            )
        )

    def places(self, plan: Plan) -> tuple[list[int], list[int]]:
        """Columns and ticks of a lawful plan."""
        held = {(each.loop, each.session): each for each in plan.assignments}
        rooms, ticks = [OUT] * len(self.sessions), [0] * len(self.sessions)
        for index, (loop, session) in enumerate(self.sessions):
            if (loop.key, session.key) in held:
                place = held[loop.key, session.key]
                rooms[index] = self.rooms.index(place.room)
                ticks[index] = (place.start - self.origin) // self.step
        return rooms, ticks


def survey(problem: Problem) -> Ground:
    """The ground of a problem that the local search suits."""
    sessions = tuple(problem.sessions())
    step = step_of(problem)
    origin = problem.start + (sessions[0][1].anchor - problem.start) % step
    moments = np.arange(origin, problem.end + 1, step, dtype=np.int64)
    people = {person.key: person for person in problem.people}
    count, columns = len(sessions), len(problem.rooms) + 1
    lawful = np.zeros((count, columns, len(moments)), np.bool_)
    due = np.zeros(count, np.bool_)
    starts, in_rooms, places = _units(count, columns, len(moments), problem)
    left_out: dict[Term, Ints] = {
        "unscheduled": np.array([loop.priority for loop, _ in sessions], np.int64),
        "moved": np.zeros(count, np.int64),
    }
    hours = np.zeros((count, len(moments)), np.int64)
    seated = np.zeros((count, len(problem.people)), np.bool_)
    order = {person.key: index for index, person in enumerate(problem.people)}
    for index, (loop, session) in enumerate(sessions):
        sitting = [people[seat.pool[0]] for seat in session.seats]
        seated[index, [order[person.key] for person in sitting]] = True
        permitted = _on_grid(session, moments)
        permitted &= _holds(_starts(problem, loop, session, sitting), moments)
        for column, room in enumerate(problem.rooms):
            if session.room is not None and session.room.suits(room):
                lawful[index, column] = permitted & _holds(usable(room).starts(session.minutes), moments)
        if session.room is None:
            lawful[index, -1] = permitted
        hours[index] = np.maximum(0, -((problem.start - moments - session.minutes) // 60))
        starts["start_cost"][index] = _start_costs(problem, session, moments)
        starts["tentative"][index] = sum(
            _minutes(person.soft, moments, session.minutes) for person in sitting
        )
        for column, room in enumerate(problem.rooms):
            in_rooms["room_cost"][index, column] = dict(session.room_costs).get(room.key, 0)
            if session.room is not None:
                in_rooms["room_fit"][index, column] = max(0, room.seats - session.room.seats)
            if room.soft:
                places["tentative"][index, column] = _minutes(room.soft, moments, session.minutes)
        due[index] = loop.mandatory
        if session.placed is not None:
            kept = np.zeros_like(lawful[index])
            if session.placed.people == _sitting(session):
                keys = [*(room.key for room in problem.rooms), None]
                kept[keys.index(session.placed.room)] = moments == session.placed.start
            if session.placed.movable:
                left_out["moved"][index] = session.placed.price
                places["moved"][index] = session.placed.price * ~kept
            else:
                lawful[index] &= kept
                due[index] = True
    return Ground(
        problem=problem,
        sessions=sessions,
        rooms=(*(room.key for room in problem.rooms), None),
        origin=origin,
        step=step,
        ticks=len(moments),
        minutes=np.array([session.minutes for _, session in sessions], np.int64),
        lawful=lawful,
        due=due,
        by_start={**starts, "earliness": hours},
        by_room=in_rooms,
        by_place=places,
        left_out=left_out,
        hours=hours,
        seated=seated,
        gaps=np.array([max(each.buffer_before, each.buffer_after) for each in problem.people], np.int64),
        room_gaps=np.array(
            [*(max(each.buffer_before, each.buffer_after) for each in problem.rooms), -1], np.int64
        ),
    )


def _units(
    count: int, columns: int, ticks: int, problem: Problem
) -> tuple[dict[Term, Ints], dict[Term, Ints], dict[Term, Ints]]:
    starts: dict[Term, Ints] = {
        "start_cost": np.zeros((count, ticks), np.int64),
        "tentative": np.zeros((count, ticks), np.int64),
    }
    in_rooms: dict[Term, Ints] = {
        "room_cost": np.zeros((count, columns), np.int64),
        "room_fit": np.zeros((count, columns), np.int64),
    }
    places: dict[Term, Ints] = {}
    if any(room.soft for room in problem.rooms):
        places["tentative"] = np.zeros((count, columns, ticks), np.int64)
    if any(session.placed is not None for _, session in problem.sessions()):
        places["moved"] = np.zeros((count, columns, ticks), np.int64)
    return starts, in_rooms, places


def _sitting(session: Session) -> dict[str, str]:
    return {seat.key: seat.pool[0] for seat in session.seats}


def _starts(problem: Problem, loop: Loop, session: Session, sitting: list[Person]) -> SpanSet:
    """The starts that the loop, the session and its people permit, on the grid or not."""
    earliest = problem.start if loop.earliest is None else max(problem.start, loop.earliest)
    latest = problem.end if loop.latest is None else min(problem.end, loop.latest)
    if latest <= earliest:
        return SpanSet.EMPTY
    window = Span(earliest, latest)
    days = [window] if not loop.days else [part for day in loop.days if (part := window.clip(Span(*day)))]
    times = SpanSet.union(SpanSet((day.start, day.end)).starts(session.minutes) for day in days)
    for permitted in (session.starts, loop.begins):
        if permitted is not None:
            times &= permitted
    if loop.available is not None:
        times &= loop.available.starts(session.minutes)
    for person in sitting:
        times &= usable(person).starts(session.minutes)
    return times


def _on_grid(session: Session, moments: Ints) -> Flags:
    on_grid: Flags = (moments - session.anchor) % session.grid == 0
    return on_grid


def _holds(spans: SpanSet, moments: Ints) -> Flags:
    """Which of the moments the set holds."""
    edges = np.array(spans.edges, np.int64)
    held: Flags = np.searchsorted(edges, moments, side="right") % 2 == 1
    return held


def _minutes(spans: SpanSet, moments: Ints, minutes: int) -> Ints:
    """How many of the minutes from each moment on the set holds."""
    if not spans:
        return np.zeros(len(moments), np.int64)
    edges = np.array(spans.edges, np.int64)
    lengths = np.diff(edges)
    lengths[1::2] = 0
    # Between two edges the count grows by one a minute or not at all, so it is linear there.
    passed = np.concatenate(([0], np.cumsum(lengths))).astype(np.float64)
    counts: Any = np.interp(moments + minutes, edges, passed) - np.interp(moments, edges, passed)
    return np.asarray(counts, np.int64)


def _start_costs(problem: Problem, session: Session, moments: Ints) -> Ints:
    costs: Ints = session.delay_cost * np.maximum(0, -((problem.start - moments) // session.grid))
    for first, last, price in session.start_costs:
        costs += price * ((first <= moments) & (moments < last))
    return costs
