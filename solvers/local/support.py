"""Which problems the local search can serve.

It moves one session at a time among all its starts and rooms, so each loop is one session whose people are
decided. What ties sessions together must be the time of people and rooms (with buffers), or a price on a pair.
"""

from __future__ import annotations

from math import gcd

from solvers.problem import Person, Problem, Room, Session, Term

CELLS = 2**24
"""Starts times rooms of all sessions together, at most: the table of them takes 8 bytes each."""
KERNEL = 2**12
"""Ticks around a session within which its prices matter, at most."""

_FIXED_BY_ATTENDANCE: frozenset[Term] = frozenset({"load_spread"})


def suits(problem: Problem) -> bool:
    """Whether `improve` can serve the problem; see `unsupported`."""
    return unsupported(problem) is None


def unsupported(problem: Problem) -> str | None:
    """What of the problem the local search cannot serve, as half a sentence; None when it can serve all.

    Served: loops of one session without breaks, required seats with a pool of one, any room need, every calendar and
    buffer, booked sessions; every term of the objective but fragile, and load_spread only below a level that weighs
    unscheduled, because with decided people it follows from which loops are held. Not served: limits, walks, and tables
    of more than `CELLS` places.
    """
    if any(walk.minutes for walk in problem.walks):
        return "walks between buildings"
    seated: set[str] = set()
    for loop in problem.loops:
        if len(loop.sessions) > 1:
            return f"loop {loop.key} has several sessions"
        if loop.breaks:
            return f"loop {loop.key} has breaks"
        people = [person for seat in loop.sessions[0].seats for person in seat.pool]
        if any(seat.kind != "required" or len(seat.pool) > 1 for seat in loop.sessions[0].seats):
            return f"loop {loop.key} has a seat that is not decided"
        if len(set(people)) < len(people):
            return f"loop {loop.key} needs somebody twice"
        seated |= set(people)
    if any(person.limits for person in problem.people if person.key in seated):
        return "limits of people"
    return _uncounted(problem) or _too_large(problem)


def step_of(problem: Problem) -> int:
    """Minutes between ticks, such that every session starts at a tick."""
    sessions = [session for _, session in problem.sessions()]
    step = 0
    for session in sessions:
        step = gcd(step, session.grid, session.anchor - sessions[0].anchor)
    return step


def reach_of(problem: Problem) -> int:
    """Minutes from one start to another beyond which the two sessions cannot matter to each other."""
    longest = max(session.minutes for _, session in problem.sessions())
    resources: tuple[Person | Room, ...] = (*problem.people, *problem.rooms)
    buffers = [max(each.buffer_before, each.buffer_after) for each in resources]
    rushed = [pair.rushed_within for pair in problem.pair_costs if pair.rushed]
    return min(longest + max(0, *buffers, *rushed, 0), problem.end - problem.start)


def _uncounted(problem: Problem) -> str | None:
    weighed: set[Term] = set()
    for level in problem.levels:
        terms = {term for term, weight in level.weights.items() if weight}
        if "fragile" in terms:
            return "the term fragile"
        if terms & _FIXED_BY_ATTENDANCE and "unscheduled" not in weighed:
            return "load_spread is weighed before it is settled which loops are held"
        weighed |= terms
    return None


def _too_large(problem: Problem) -> str | None:
    step = step_of(problem)
    sessions: list[Session] = [session for _, session in problem.sessions()]
    reach = -(-reach_of(problem) // step)
    ticks = (problem.end - problem.start) // step + 1
    cells = len(sessions) * (len(problem.rooms) + 1) * (ticks + 2 * reach + 2)
    if cells > CELLS or reach > KERNEL:
        return f"{cells} places, {reach} ticks around each"
    return None
