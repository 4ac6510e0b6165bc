"""Whether the sums of a problem stay within the 64 bits that CP-SAT counts in, known before a model is built."""

from __future__ import annotations

from solvers.problem import Problem, Term

LARGEST = 2**62


def refuse_overflow(problem: Problem) -> None:
    """Pass if no level of the objective can leave 62 bits.

    Raises:
        ValueError: one could; half a sentence that names the level.
    """
    most = largest_units(problem)
    for number, level in enumerate(problem.levels, start=1):
        ceiling = sum(weight * most[term] for term, weight in level.weights.items())
        if ceiling >= LARGEST:
            raise ValueError(
                f"level {number} could cost {ceiling:.1e}, which is more than a solver can count"
            )


def largest_units(problem: Problem) -> dict[Term, int]:
    """For each term, a number of units that no plan exceeds."""
    sessions = [session for _, session in problem.sessions()]
    minutes = {f"{loop.key}/{session.key}": session.minutes for loop, session in problem.sessions()}
    hours = -(-(problem.end - problem.start) // 60)
    total = sum(session.minutes for session in sessions)
    return {
        "unscheduled": sum(loop.priority for loop in problem.loops),
        "worst_off": hours,
        "tentative": sum(session.minutes * (len(session.seats) + 1) for session in sessions),
        "empty_seats": sum(len(session.seats) for session in sessions),
        "load_spread": total + max((person.load for person in problem.people), default=0),
        "earliness": hours * len(problem.loops),
        "room_fit": len(sessions) * max((room.seats for room in problem.rooms), default=0),
        "room_changes": len(sessions),
        "moved": sum(session.placed.price for session in sessions if session.placed is not None),
        "start_cost": sum(price for session in sessions for _, _, price in session.start_costs),
        "room_cost": sum(price for session in sessions for _, price in session.room_costs),
        "pair_cost": sum(
            pair.overlap * min(minutes[pair.one], minutes[pair.other]) + pair.touching
            for pair in problem.pair_costs
        ),
    }
