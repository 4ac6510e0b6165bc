"""How much of a plan hangs on one person or one room: seats and rooms that nothing else could take over."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from itertools import chain

from solvers.check.schedule import Held, Schedule
from solvers.check.times import judge_limits, judge_time, judge_walks
from solvers.problem import Person, Room, Seat


def fragile(schedule: Schedule) -> int:
    """The units of `fragile`: filled required seats without a stand-in, and rooms without another.

    Somebody could stand in if the plan with them in that seat, and otherwise as it is, broke no rule but `placed`. In a
    plan that breaks a rule already, what counts is whether the newcomer's sessions near this one would break one.
    """
    stand_ins = _StandIns(schedule)
    return sum(
        sum(not stand_ins.for_seat(held, seat) for seat in held.session.seats if _is_needed(held, seat))
        + (held.session.room is not None and held.room is not None and not stand_ins.for_room(held))
        for held in schedule
    )


def _is_needed(held: Held, seat: Seat) -> bool:
    return seat.kind == "required" and seat.key in held.assignment.people


class _StandIns:
    """The people and rooms of a problem, asked whether they could take over in a plan."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._people = {person.key: person for person in schedule.problem.people}
        self._starts: dict[tuple[type, str], list[int]] = {}

    def for_seat(self, held: Held, seat: Seat) -> bool:
        """Whether somebody else of the pool could sit there."""
        sitting = held.assignment.people.values()
        return any(self._could_sit(self._people[key], held) for key in seat.pool if key not in sitting)

    def for_room(self, held: Held) -> bool:
        """Whether the session could be held in another room."""
        need, taken = held.session.room, held.room
        return any(
            need is not None and need.suits(room) and self._could_take(room, held)
            for room in self._schedule.problem.rooms
            if room is not taken
        )

    def _could_sit(self, person: Person, held: Held) -> bool:
        sessions = self._schedule.by_person[person.key]
        if held.loop.meets_once and any(each.loop is held.loop for each in sessions):
            return False
        near = self._near(person, sessions, held)
        if near is None:
            return False
        broken = chain(
            judge_time(person, near),
            judge_walks(self._schedule, person, near),
            judge_limits(person, [*sessions, held]) if person.limits else (),
        )
        return not any(broken)

    def _could_take(self, room: Room, held: Held) -> bool:
        others = [each for each in self._schedule.by_loop[held.loop.key] if each is not held]
        if held.loop.same_room and any(each.session.room is not None and each.room for each in others):
            return False
        near = self._near(room, self._schedule.by_room[room.key], held)
        if near is None or any(judge_time(room, near)):
            return False
        if not self._schedule.longest_walk:
            return True
        moved = replace(held, room=room)
        company = (self._schedule.by_person[person.key] for person in held.people)
        return all(self._can_walk(moved, each) for each in (*others, *chain(*company)) if each is not held)

    def _can_walk(self, one: Held, other: Held) -> bool:
        apart = max(one.span.start - other.span.end, other.span.start - one.span.end)
        return apart >= self._schedule.walk(one, other)

    def _near(self, of: Person | Room, sessions: list[Held], held: Held) -> list[Held] | None:
        """This one and the sessions that are near enough for a buffer or walk, in order of time; None if one overlaps.

        Args:
            sessions: all that the person or room has, in order of time.
        """
        starts = self._starts.get((type(of), of.key))
        if starts is None:
            starts = self._starts[type(of), of.key] = [each.span.start for each in sessions]
        reach = max(of.buffer_before, of.buffer_after, self._schedule.longest_walk)
        # The one that starts last before them may end among them; of lawful sessions no earlier one does.
        first = max(0, bisect_left(starts, held.span.start - reach) - 1)
        last = bisect_left(starts, held.span.end + reach)
        near = sessions[first:last]
        if any(each.span.overlaps(held.span) for each in near):
            return None
        return sorted([*near, held], key=lambda each: each.span)
