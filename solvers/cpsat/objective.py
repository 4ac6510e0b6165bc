"""What a plan costs, term by term, as expressions to be minimised.

Each is at least what `solvers.check` counts, and at its least it is just that: what only adds to a cost is bounded from
below alone, as minimising pulls it there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from solvers.cpsat import fragile
from solvers.cpsat.costs import delay, soft_minutes, start_prices, stepped
from solvers.cpsat.options import Name
from solvers.cpsat.pairs import cost_of_pairs
from solvers.cpsat.variables import Linear, Literal, Variables, added
from solvers.problem import Placed, Term
from solvers.timeline import SpanSet


def _unscheduled(variables: Variables) -> Linear:
    everything = sum(loop.priority for loop in variables.problem.loops)
    return everything - sum(variables.scheduled[loop.key] * loop.priority for loop in variables.loops)


def _earliness(variables: Variables) -> Linear:
    return sum(variables.hours(loop) for loop in variables.loops)


def _worst_off(variables: Variables) -> Linear:
    hours = [variables.hours(loop) for loop in variables.loops]
    horizon = variables.problem.horizon.minutes
    worst = variables.model.new_int_var(0, -(-horizon // 60), "worst off")
    for each in hours:
        variables.model.add(worst >= each)
    return worst


def _tentative(variables: Variables) -> Linear:
    soft_of_person = {person.key: person.soft for person in variables.problem.people}
    soft_of_room = {room.key: room.soft for room in variables.problem.rooms}
    parts: list[Linear] = []
    for name, choice in variables.choices.items():
        people = {person: ticks for seat in choice.seats.values() for person, ticks in seat.items()}
        for person, ticks in people.items():
            prices = soft_minutes(choice, ticks, soft_of_person[person])
            parts.append(stepped(variables, name, ticks, prices, variables.serves[name][person]))
        for room, ticks in (choice.rooms or {}).items():
            prices = soft_minutes(choice, ticks, soft_of_room[room])
            soft = stepped(variables, name, ticks, prices, variables.takes[name][room])
            variables.soft[name, room] = soft
            parts.append(soft)
    return added(parts)


def _empty_seats(variables: Variables) -> Linear:
    return sum(
        variables.is_scheduled(name) - sum(variables.sits[name, seat.key].values())
        for name, choice in variables.choices.items()
        for seat in choice.session.seats
        if seat.kind != "required"
    )


def _load_spread(variables: Variables) -> Linear:
    pooled = {
        key for _, session in variables.problem.sessions() for seat in session.seats for key in seat.pool
    }
    people = [person for person in variables.problem.people if person.key in pooled]
    if not people:
        return 0
    most = sum(session.minutes for _, session in variables.problem.sessions())
    loads = [person.load for person in people]
    largest = variables.model.new_int_var(max(loads), max(loads) + most, "largest load")
    smallest = variables.model.new_int_var(min(loads), min(loads) + most, "smallest load")
    for person in people:
        load = person.load + sum(
            variables.serves[name][person.key] * variables.minutes(name)
            for name in variables.sessions_of_person.get(person.key, ())
        )
        variables.model.add(largest >= load)
        variables.model.add(smallest <= load)
    return largest - smallest


def _room_fit(variables: Variables) -> Linear:
    seats = {room.key: room.seats for room in variables.problem.rooms}
    return sum(
        taken * (seats[room] - need.seats)
        for name, rooms in variables.takes.items()
        if (need := variables.choices[name].session.room) is not None
        for room, taken in rooms.items()
    )


def _room_cost(variables: Variables) -> Linear:
    return sum(
        variables.takes[name][room] * price
        for name in variables.takes
        for room, price in variables.choices[name].session.room_costs
        if room in variables.takes[name]
    )


def _room_changes(variables: Variables) -> Linear:
    parts: list[Linear] = []
    for loop in variables.loops:
        if loop.same_room or sum(name in variables.takes for name in variables.names(loop)) < 2:
            continue
        parts.append(sum(variables.uses(loop).values()) - variables.scheduled[loop.key])
    return added(parts)


def _moved(variables: Variables) -> Linear:
    parts: list[Linear] = []
    for loop, session in variables.problem.sessions():
        placed = session.placed
        if placed is None or not placed.movable:
            continue
        name = (loop.key, session.key)
        kept = _kept(variables, name, placed) if name in variables.choices else variables.false
        parts.append(placed.price * ~kept)
    return added(parts)


def _kept(variables: Variables, name: Name, placed: Placed) -> Literal:
    """A literal that holds only if the session is held as it was."""
    choice = variables.choices[name]
    model = variables.model
    where = choice.grid.ticks(SpanSet((placed.start, placed.start + 1)))
    needed: list[Literal] = [variables.is_scheduled(name)]
    refused: list[Literal] = []
    for seat in choice.seats:
        was = placed.people.get(seat)
        if was is not None:
            needed.append(variables.sits[name, seat].get(was, variables.false))
        refused += [sits for person, sits in variables.sits[name, seat].items() if person != was]
    if placed.room is not None or choice.rooms is not None:
        rooms = variables.takes.get(name, {})
        needed.append(rooms.get(placed.room or "", variables.false))
    kept = model.new_bool_var(f"{'/'.join(name)} stays")
    variables.require_start(name, where, [kept])
    for each in needed:
        model.add_implication(kept, each)
    for each in refused:
        model.add_implication(kept, ~each)
    return kept


def _start_cost(variables: Variables) -> Linear:
    parts: list[Linear] = []
    for name, choice in variables.choices.items():
        held = variables.is_scheduled(name)
        parts.append(stepped(variables, name, choice.ticks, start_prices(choice.session, choice.grid), held))
        parts.append(delay(variables, name) * choice.session.delay_cost)
    return added(parts)


_BUILD: Final[dict[Term, Callable[[Variables], Linear]]] = {
    "unscheduled": _unscheduled,
    "worst_off": _worst_off,
    "tentative": _tentative,
    "empty_seats": _empty_seats,
    "load_spread": _load_spread,
    "earliness": _earliness,
    "room_fit": _room_fit,
    "room_changes": _room_changes,
    "moved": _moved,
    "start_cost": _start_cost,
    "room_cost": _room_cost,
    "pair_cost": cost_of_pairs,
    "fragile": fragile.build,
}


def build(variables: Variables) -> tuple[Linear, ...]:
    """The levels of the problem's objective, the most important first; terms that no level weighs are not built."""
    terms: dict[Term, Linear] = {}
    levels: list[Linear] = []
    for level in variables.problem.levels:
        parts: list[Linear] = []
        for term, weight in level.weights.items():
            if weight:
                if term not in terms:
                    terms[term] = _BUILD[term](variables)
                parts.append(terms[term] * weight)
        levels.append(added(parts))
    return tuple(levels)
