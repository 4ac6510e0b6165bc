"""A plan read against its problem: which sessions are held, when, by whom and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from solvers.check.judgement import Violation
from solvers.plan import Assignment, Plan
from solvers.problem import Loop, Person, Problem, Room, Session
from solvers.timeline import Span


@dataclass(frozen=True, eq=False)
class Held:
    """One scheduled session.

    Args:
        people: the problem's people who sit in it, each once, in order of seats.
        room: the room, if it is one of the problem's.
    """

    loop: Loop
    session: Session
    assignment: Assignment
    people: tuple[Person, ...]
    room: Room | None
    span: Span = field(init=False)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        start = self.assignment.start
        object.__setattr__(self, "span", Span(start, start + self.session.minutes))
        object.__setattr__(self, "name", f"{self.loop.key}/{self.session.key}")

    @property
    def building(self) -> str | None:
        """Where it is held; None is nowhere."""
        return self.room.building if self.room is not None else None


class Schedule:
    """The sessions that a plan holds, as the problem knows them.

    Unknown loops and sessions are left out and repeated ones are held as they stand first; `violations` names both, and
    unknown seats, people and rooms.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.violations: list[Violation] = []
        self._loops = {loop.key: loop for loop in problem.loops}
        self._people = {person.key: person for person in problem.people}
        self._rooms = {room.key: room for room in problem.rooms}
        self._sessions = {(loop.key, session.key): session for loop, session in problem.sessions()}
        self._held: dict[tuple[str, str], Held] = {}
        for assignment in plan.assignments:
            self._read(assignment)
        times = Counter((each.loop, each.session) for each in plan.assignments)
        for key, held in self._held.items():
            if times[key] > 1:
                text = f"{held.name} is scheduled {times[key]} times."
                self.violations.append(
                    Violation(rule="repeated", who=(held.name,), when=None, by=times[key] - 1, text=text)
                )

    def _read(self, assignment: Assignment) -> None:
        key = assignment.loop, assignment.session
        name = "/".join(key)
        if key not in self._sessions:
            missing = "session" if assignment.loop in self._loops else "loop"
            self._unknown((name,), f"The plan schedules {name}, but there is no such {missing}.")
        elif key not in self._held:
            self._held[key] = self._hold(name, assignment)

    def _hold(self, name: str, assignment: Assignment) -> Held:
        session = self._sessions[assignment.loop, assignment.session]
        seats = {seat.key for seat in session.seats}
        people: dict[str, Person] = {}
        for seat, key in assignment.people.items():
            if seat not in seats:
                self._unknown((name, key), f"{name} has no seat {seat} for {key}.")
            elif key not in self._people:
                self._unknown((name, key), f"{name} has {key} in seat {seat}, who is nobody.")
            else:
                people[key] = self._people[key]
        if assignment.room is not None and assignment.room not in self._rooms:
            self._unknown(
                (name, assignment.room), f"{name} is held in {assignment.room}, but there is no such room."
            )
        return Held(
            self._loops[assignment.loop],
            session,
            assignment,
            tuple(people.values()),
            self._rooms.get(assignment.room or ""),
        )

    def _unknown(self, who: tuple[str, ...], text: str) -> None:
        self.violations.append(Violation(rule="reference", who=who, when=None, by=1, text=text))

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held.values())

    def get(self, loop: Loop, session: Session) -> Held | None:
        """How a session is held; None when it is not."""
        return self._held.get((loop.key, session.key))

    @cached_property
    def by_loop(self) -> dict[str, list[Held]]:
        """The held sessions of each loop in order of time, also of loops that have none."""
        return self._sorted({key: [] for key in self._loops}, ((each.loop.key, each) for each in self))

    @cached_property
    def by_person(self) -> dict[str, list[Held]]:
        """The held sessions of each person in order of time, also of people who have none."""
        return self._sorted(
            {key: [] for key in self._people}, ((one.key, each) for each in self for one in each.people)
        )

    @cached_property
    def by_room(self) -> dict[str, list[Held]]:
        """The held sessions of each room in order of time, also of rooms that have none."""
        return self._sorted(
            {key: [] for key in self._rooms},
            ((each.room.key, each) for each in self if each.room is not None),
        )

    @staticmethod
    def _sorted(lists: dict[str, list[Held]], entries: Iterator[tuple[str, Held]]) -> dict[str, list[Held]]:
        for key, each in entries:
            lists[key].append(each)
        for held in lists.values():
            held.sort(key=lambda each: (each.span, each.name))
        return lists

    @cached_property
    def complete(self) -> tuple[Loop, ...]:
        """The loops all of whose sessions are held."""
        return tuple(loop for loop in self.problem.loops if len(self.by_loop[loop.key]) == len(loop.sessions))

    @cached_property
    def walks(self) -> dict[tuple[str | None, str | None], int]:
        """Minutes on foot by pair of buildings, both ways round; absent pairs are 0 minutes apart."""
        both: dict[tuple[str | None, str | None], int] = {}
        for walk in self.problem.walks:
            both[walk.one, walk.other] = both[walk.other, walk.one] = walk.minutes
        return both

    def walk(self, one: Held, other: Held) -> int:
        """Minutes on foot between where two sessions are held."""
        return self.walks.get((one.building, other.building), 0)

    @cached_property
    def longest_walk(self) -> int:
        """No walk takes more minutes."""
        return max(self.walks.values(), default=0)


def close_pairs(held: list[Held], minutes: int) -> Iterator[tuple[Held, Held, int]]:
    """Pairs of sessions with less than so many minutes between them: the earlier, the later, and how many.

    Sessions that overlap have less than 0 minutes between them.

    Args:
        held: in order of time.
    """
    for index, one in enumerate(held):
        for other in held[index + 1 :]:
            apart = other.span.start - one.span.end
            if apart >= minutes:
                break
            yield one, other, apart
