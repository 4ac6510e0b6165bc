"""Every lawful plan of a tiny problem, and the best of them: the dull answers to test a solver against.

Whether a plan is lawful and what it costs is asked of `solvers.check` alone. The only thing that is known here of the
rules is that company mends nothing: a session that is not lawful by itself is not lawful in a loop, and a loop that is
not lawful by itself is not lawful in a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, product
from math import prod

from solvers.check import judge
from solvers.plan import Assignment, Plan
from solvers.problem import Loop, Problem, Session

LIMIT = 100_000
"""How many ways are judged at most, unless told otherwise."""

Part = tuple[Assignment, ...]
"""How one loop is held; empty when it is not."""


def best(problem: Problem, limit: int = LIMIT) -> Plan | None:
    """A lawful plan whose levels are least, the first level first; None when there is no lawful plan.

    Of plans that cost the same, the first of `every_lawful`.

    Raises:
        ValueError: as for every_lawful.
    """
    plans = every_lawful(problem, limit)
    return min(plans, key=lambda plan: judge(problem, plan).objective.levels, default=None)


def every_lawful(problem: Problem, limit: int = LIMIT) -> Iterator[Plan]:
    """Each lawful plan once, always in the same order; assignments stand in the order of the problem's sessions.

    Args:
        limit: how many ways to hold one session, one loop and all loops may be judged, each by itself.

    Raises:
        ValueError: there are more of one kind, which is found by multiplying, before any of them is judged.
    """
    ways = [_ways(problem, loop, limit) for loop in problem.loops]
    _refuse_above(limit, prod(map(len, ways)), "the problem")
    return _lawful(problem, ways)


def _lawful(problem: Problem, ways: list[list[Part]]) -> Iterator[Plan]:
    for parts in product(*ways):
        plan = Plan(assignments=tuple(chain.from_iterable(parts)))
        if judge(problem, plan).lawful:
            yield plan


def _refuse_above(limit: int, ways: int, what: str) -> None:
    if ways > limit:
        raise ValueError(f"{what} has {ways} ways to judge, which is more than {limit}")


def _ways(problem: Problem, loop: Loop, limit: int) -> list[Part]:
    """The ways to hold the loop, or not, that are lawful if it is the only one."""
    choices = [_choices(problem, loop, session, limit) for session in loop.sessions]
    _refuse_above(limit, prod(map(len, choices)), f"loop {loop.key}")
    return _lawful_parts(problem, loop, [(), *product(*choices)])


def _choices(problem: Problem, loop: Loop, session: Session, limit: int) -> list[Assignment]:
    """The ways to hold the session that are lawful if it is the only one."""
    starts, sittings, rooms = _starts(problem, session), _sittings(session), _rooms(problem, session)
    number = len(starts) * prod(map(len, sittings)) * len(rooms)
    _refuse_above(limit, number, f"session {loop.key}/{session.key}")
    # A session need not be the one its loop begins with.
    alone = loop.model_copy(update={"sessions": (session,), "before": (), "begins": None})
    held = (
        (_assign(loop, session, start, sitting, room),)
        for start, sitting, room in product(starts, product(*sittings), rooms)
    )
    return [assignment for (assignment,) in _lawful_parts(problem, alone, held)]


def _lawful_parts(problem: Problem, loop: Loop, parts: Iterable[Part]) -> list[Part]:
    alone = problem.model_copy(update={"loops": (loop,), "pair_costs": ()})
    return [part for part in parts if judge(alone, Plan.model_construct(assignments=part)).lawful]


def _assign(
    loop: Loop, session: Session, start: int, sitting: tuple[str | None, ...], room: str | None
) -> Assignment:
    seats = zip((seat.key for seat in session.seats), sitting, strict=True)
    people = {seat: person for seat, person in seats if person is not None}
    return Assignment(loop=loop.key, session=session.key, start=start, people=people, room=room)


def _starts(problem: Problem, session: Session) -> list[int]:
    """The permitted starts inside the horizon."""
    first = problem.start + (session.anchor - problem.start) % session.grid
    on_grid = range(first, problem.end - session.minutes + 1, session.grid)
    return [start for start in on_grid if session.starts is None or session.starts.contains_minute(start)]


def _sittings(session: Session) -> list[list[str | None]]:
    """For each seat, who may sit in it."""
    return [[*seat.pool, *([] if seat.kind == "required" else [None])] for seat in session.seats]


def _rooms(problem: Problem, session: Session) -> list[str | None]:
    return [None] if session.room is None else [room.key for room in problem.rooms]
