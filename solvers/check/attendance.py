"""Which sessions are held at all, and whether booked ones stay: partial, mandatory, placed."""

from __future__ import annotations

from collections.abc import Iterator

from solvers.check.judgement import Violation
from solvers.check.schedule import Schedule
from solvers.plan import Assignment
from solvers.problem import Placed


def judge_attendance(schedule: Schedule) -> Iterator[Violation]:
    """Loops are held whole or not at all, mandatory ones are held, and what may not move does not."""
    for loop in schedule.problem.loops:
        held = {each.session.key for each in schedule.by_loop[loop.key]}
        missing = [session.key for session in loop.sessions if session.key not in held]
        if held and missing:
            yield Violation(
                rule="partial",
                who=(loop.key,),
                when=None,
                by=len(missing),
                text=f"{loop.key} is scheduled without {', '.join(missing)}.",
            )
        if not held and loop.mandatory:
            yield Violation(
                rule="mandatory",
                who=(loop.key,),
                when=None,
                by=1,
                text=f"{loop.key} is left out, but must be scheduled.",
            )
    yield from _placed(schedule)


def _placed(schedule: Schedule) -> Iterator[Violation]:
    for loop, session in schedule.problem.sessions():
        placed = session.placed
        if placed is None or placed.movable:
            continue
        held = schedule.get(loop, session)
        changed = differences(placed, held.assignment if held is not None else None)
        if changed:
            name = f"{loop.key}/{session.key}"
            yield Violation(
                rule="placed",
                who=(name,),
                when=held.span if held is not None else None,
                by=len(changed),
                text=f"{name} is booked and may not move, but its {' and '.join(changed)} would change."
                if held is not None
                else f"{name} is booked and may not move, but would not be held.",
            )


def differences(placed: Placed, assignment: Assignment | None) -> list[str]:
    """What of a booked session is not as it was; a session that is no longer held differs in everything."""
    if assignment is None:
        return ["start", "people", "room"]
    pairs = (
        ("start", placed.start, assignment.start),
        ("people", placed.people, assignment.people),
        ("room", placed.room, assignment.room),
    )
    return [name for name, was, now in pairs if was != now]
