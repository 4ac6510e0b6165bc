"""From the values of a solution back to a plan."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.variables import Linear, Variables
from solvers.plan import Assignment, Plan


def extract(variables: Variables, value: Callable[[Linear], int]) -> Plan:
    """The plan of a solution, its assignments in the order of the problem's sessions.

    Args:
        value: gives the value of an expression in the solution.
    """
    return Plan(
        assignments=tuple(
            Assignment(
                loop=name[0],
                session=name[1],
                start=choice.grid.minute(value(variables.tick(name))),
                people={
                    seat: person
                    for seat in choice.seats
                    for person, sits in variables.sits[name, seat].items()
                    if value(sits)
                },
                room=next(
                    (room for room, taken in variables.takes.get(name, {}).items() if value(taken)), None
                ),
            )
            for name, choice in variables.choices.items()
            if value(variables.is_scheduled(name))
        )
    )
