"""The rules of a lawful plan, one family a file, each with `add(variables)`.

What concerns one session alone (its starts, its days, the candidate's time, which rooms suit) is no rule here, as
`solvers.cpsat.options` leaves only what keeps it.
"""

from solvers.cpsat.rules import (
    availability,
    begins,
    breaks,
    days,
    gaps,
    limits,
    order,
    people,
    rooms,
    seats,
    walks,
)

ALL = (seats, rooms, availability, people, order, begins, gaps, days, breaks, walks, limits)

__all__ = ["ALL"]
