"""What is asked: which loops must be scheduled together, of which people and rooms, beside what is promised already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from solvers.check import judge
from solvers.cpsat.options import is_due, kept_place
from solvers.plan import Assignment, Plan
from solvers.problem import FURTHEST, Loop, Placed, Problem, Session
from solvers.promises import Promise, promised_person, promised_room
from solvers.timeline import Span, SpanSet

ALL = SpanSet((-FURTHEST, FURTHEST))
DAY = 1440


@dataclass(frozen=True)
class Question:
    """Whether these loops can be scheduled together.

    Args:
        problem: the loops, each mandatory, without any objective; only people and rooms that they could use.
        asked: keys of the loops that the question is about; the others are due beside them.
        people: what fixed loops that are not part of `problem` hold of each person.
        rooms: the same of each room.
        start: the minute at which the one loop that is asked about must begin; None for any.
    """

    problem: Problem
    asked: tuple[str, ...]
    people: dict[str, tuple[Promise, ...]]
    rooms: dict[str, tuple[Promise, ...]]
    start: int | None = None

    @cached_property
    def days(self) -> tuple[Span, ...]:
        """All time cut into days: where the days of the loops begin, or else at midnight UTC."""
        problem = self.problem
        edges = sorted({start for loop in problem.loops for start, _ in loop.days})
        if not edges:
            edges = [*range(problem.start - problem.start % DAY, problem.end, DAY)]
        inner = [edge for edge in edges[1:] if problem.start < edge < problem.end]
        bounds = [problem.start, *inner, problem.end]
        return tuple(Span(one, other) for one, other in pairwise(bounds))

    def problem_with_promises(self) -> Problem:
        """The problem in which what is promised is blocked and counts towards limits."""
        people = tuple(promised_person(each, self.people.get(each.key, ())) for each in self.problem.people)
        rooms = tuple(promised_room(each, self.rooms.get(each.key, ())) for each in self.problem.rooms)
        return self.problem.model_copy(update={"people": people, "rooms": rooms})

    def of(self, loops: Iterable[str]) -> Question:
        """The question of fewer loops, with the people and rooms that they could use."""
        kept = set(loops)
        found = tuple(loop for loop in self.problem.loops if loop.key in kept)
        asked = tuple(key for key in self.asked if key in kept)
        return replace(self, problem=_focus(self.problem, found), asked=asked)


def ask(problem: Problem, loop: str | None, *, promised: bool = False) -> Question:
    """The question whether the loop can be scheduled beside all that must be, or with None whether all that must can.

    Args:
        promised: whether fixed loops are known to be lawful among themselves, and walks not to matter; as they stay
            whatever is granted, this is checked once for all changes.

    Raises:
        ValueError: there is no such loop.
    """
    if loop is not None and loop not in {each.key for each in problem.loops}:
        raise ValueError(f"there is no loop {loop}")
    due = [each for each in problem.loops if each.key == loop or is_due(each)]
    people: dict[str, list[Promise]] = {}
    rooms: dict[str, list[Promise]] = {}
    fixed = [each for each in due if each.key != loop and loop is not None and _is_fixed(each)]
    if fixed and (promised or _can_be_promised(problem, fixed)):
        for each in fixed:
            for session in each.sessions:
                _promise(session, people, rooms)
        names = {each.key for each in fixed}
        due = [each for each in due if each.key not in names]
    asked = tuple(each.key for each in due) if loop is None else (loop,)
    return Question(
        _focus(problem, due),
        asked,
        {key: tuple(found) for key, found in people.items()},
        {key: tuple(found) for key, found in rooms.items()},
    )


def beside(problem: Problem, plan: Plan, loop: str) -> Problem:
    """The problem of this loop beside a plan: what the plan schedules of the others stays as it is.

    Loops that the plan leaves out are left out. What the plan says of the loop itself is not kept.

    Raises:
        ValueError: there is no such loop.
    """
    if loop not in {each.key for each in problem.loops}:
        raise ValueError(f"there is no loop {loop}")
    held = {(each.loop, each.session): each for each in plan.assignments}
    loops = []
    for each in problem.loops:
        if each.key == loop:
            loops.append(each)
        elif all((each.key, session.key) in held for session in each.sessions):
            sessions = tuple(_kept(session, held[each.key, session.key]) for session in each.sessions)
            loops.append(each.model_copy(update={"sessions": sessions}))
    names = {f"{each.key}/{session.key}" for each in loops for session in each.sessions}
    costs = tuple(cost for cost in problem.pair_costs if {cost.one, cost.other} <= names)
    return problem.model_copy(update={"loops": tuple(loops), "pair_costs": costs})


def _kept(session: Session, held: Assignment) -> Session:
    placed = Placed(start=held.start, people=held.people, room=held.room)
    return session.model_copy(update={"placed": placed})


def _is_fixed(loop: Loop) -> bool:
    return all(kept_place(session) is not None for session in loop.sessions)


def _can_be_promised(problem: Problem, fixed: list[Loop]) -> bool:
    """Whether blocking the time of fixed loops says all that matters of them.

    It does not where their rooms count as places to walk from, nor if they break a rule themselves.
    """
    if any(walk.minutes for walk in problem.walks):
        return False
    alone = problem.model_copy(update={"loops": tuple(fixed), "pair_costs": (), "levels": ()})
    assignments = []
    for loop in fixed:
        for session in loop.sessions:
            placed = kept_place(session)
            assert placed is not None
            assignments.append(
                Assignment(
                    loop=loop.key,
                    session=session.key,
                    start=placed.start,
                    people=placed.people,
                    room=placed.room,
                )
            )
    return judge(alone, Plan(assignments=tuple(assignments))).lawful


def _promise(session: Session, people: dict[str, list[Promise]], rooms: dict[str, list[Promise]]) -> None:
    placed = kept_place(session)
    assert placed is not None
    promise = Promise(placed.start, placed.start + session.minutes)
    for key in placed.people.values():
        people.setdefault(key, []).append(promise)
    if placed.room is not None:
        rooms.setdefault(placed.room, []).append(promise)


def _focus(problem: Problem, loops: Iterable[Loop]) -> Problem:
    due = tuple(loop.model_copy(update={"mandatory": True}) for loop in loops)
    sessions = [session for loop in due for session in loop.sessions]
    people = {person for session in sessions for seat in session.seats for person in seat.pool}
    rooms = any(session.room is not None for session in sessions)
    return problem.model_copy(
        update={
            "loops": due,
            "people": tuple(person for person in problem.people if person.key in people),
            "rooms": problem.rooms if rooms else (),
            "pair_costs": (),
            "levels": (),
        }
    )
