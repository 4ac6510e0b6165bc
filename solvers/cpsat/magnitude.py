"""Whether a problem is too large for the 64 bits that CP-SAT counts in, or for memory, before a model is built."""

from __future__ import annotations

from collections.abc import Iterator

from solvers.problem import Problem, RoomNeed, Term

LARGEST = 2**62

MOST_CHOICES = 2_000_000
"""So many choices of a person, a room or an order fit into memory."""


def refuse_overflow(problem: Problem) -> None:
    """Pass if no level of the objective can leave 62 bits.

    Raises:
        ValueError: one could; half a sentence that names the level.
    """
    for number, ceiling in enumerate(ceilings(problem), start=1):
        if ceiling >= LARGEST:
            raise ValueError(
                f"level {number} could cost {ceiling:.1e}, which is more than a solver can count"
            )


def refuse_excess(problem: Problem) -> None:
    """Pass if the model will not be too large for memory.

    Raises:
        ValueError: it would be; half a sentence that names what is large.
    """
    sizes = {room.key: sum(need.suits(room) for need in _needs(problem)) for room in problem.rooms}
    seats = [len(seat.pool) for _, session in problem.sessions() for seat in session.seats]
    sessions = sum(1 for _ in problem.sessions())
    choices = {
        f"{len(seats)} seats with pools of up to {max(seats, default=0)}": sum(seats),
        f"{sum(1 for _ in _needs(problem))} sessions in any of {len(sizes)} rooms": sum(sizes.values()),
        f"{len(problem.walks)} walks between any two of {sessions} sessions": (
            sessions * (sessions - 1) // 2 * len(problem.walks)
        ),
    }
    if sum(choices.values()) > MOST_CHOICES:
        largest = max(choices, key=lambda what: choices[what])
        raise ValueError(
            f"{largest} are {choices[largest]:,} choices, which with all others is more than the "
            f"{MOST_CHOICES:,} that are sure to fit into memory"
        )


def _needs(problem: Problem) -> Iterator[RoomNeed]:
    return (session.room for _, session in problem.sessions() if session.room is not None)


def ceilings(problem: Problem) -> tuple[int, ...]:
    """For each level, what no plan exceeds."""
    most = largest_units(problem)
    return tuple(
        sum(weight * most[term] for term, weight in level.weights.items()) for level in problem.levels
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
        "start_cost": sum(
            session.delay_cost * -(-(problem.end - problem.start) // session.grid)
            + sum(price for _, _, price in session.start_costs)
            for session in sessions
        ),
        "room_cost": sum(price for session in sessions for _, price in session.room_costs),
        "pair_cost": sum(
            pair.overlap * min(minutes[pair.one], minutes[pair.other])
            + pair.touching
            + pair.apart
            + pair.rushed
            for pair in problem.pair_costs
        ),
        "fragile": sum(len(session.seats) + 1 for session in sessions),
    }
