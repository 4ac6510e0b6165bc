"""Who sits where: required seats filled, nobody in two seats, trainees beside somebody, and people met once."""

from __future__ import annotations

from solvers.cpsat.variables import Literal, Variables


def add(variables: Variables) -> None:
    """For each session of a loop, with x(seat, person) = 1 if the person sits there and y = 1 if it is scheduled.

    Required, or booked in a session that must stay: sum x(seat) = y. Other seats: sum x(seat) <= y. Trainee seats also:
    sum x(seat) <= sum x(seat beside).
    With `meets_once`, each person is in at most one session of the loop. That nobody sits in two seats of a session is
    part of the variables.
    """
    model = variables.model
    for name, choice in variables.choices.items():
        for seat in choice.session.seats:
            if seat.key in choice.filled:
                model.add_exactly_one(
                    [*variables.sits[name, seat.key].values(), ~variables.is_scheduled(name)]
                )
            else:
                model.add_at_most_one(
                    [*variables.sits[name, seat.key].values(), ~variables.is_scheduled(name)]
                )
            if seat.beside is not None:
                for sits in variables.sits[name, seat.key].values():
                    model.add_bool_or([~sits, *variables.sits[name, seat.beside].values()])
    for loop in variables.loops:
        if not loop.meets_once:
            continue
        met: dict[str, list[Literal]] = {}
        for name in variables.names(loop):
            for person, serves in variables.serves[name].items():
                met.setdefault(person, []).append(serves)
        for sessions in met.values():
            if len(sessions) > 1:
                model.add_at_most_one(sessions)
