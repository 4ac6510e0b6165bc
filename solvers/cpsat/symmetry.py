"""Rooms, and people, that are alike in everything take their turns: the next is used only after the one before it.

Exchanging two that are alike, wherever they are, makes of a lawful plan another one that costs the same. So each plan
has a twin in which those of one kind are first used in the order given, and only such plans need to be searched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from solvers.cpsat.options import Choice, Name
from solvers.cpsat.variables import Literal, Variables
from solvers.plan import Plan
from solvers.problem import Person, Problem, Room


@dataclass(frozen=True)
class Alike:
    """Keys that can be exchanged for each other, two or more in each tuple, in the order of the problem."""

    people: tuple[tuple[str, ...], ...]
    rooms: tuple[tuple[str, ...], ...]


def alike(problem: Problem) -> Alike:
    """Who and which rooms are alike: in themselves, in every pool, need and price, and booked nowhere."""
    placed = [session.placed for _, session in problem.sessions() if session.placed is not None]
    seated = {person for each in placed for person in each.people.values()}
    taken = {each.room for each in placed}
    pools: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    named: defaultdict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for number, (_, session) in enumerate(problem.sessions()):
        for seat in session.seats:
            for key in seat.pool:
                pools[key].append((number, seat.key))
        for key in () if session.room is None else session.room.among:
            named[key].append((number, None))
        for key, price in session.room_costs:
            named[key].append((number, price))
    return Alike(
        _classes(
            {person.key: (_person(person), tuple(pools[person.key])) for person in problem.people}, seated
        ),
        _classes({room.key: (_room(room), tuple(named[room.key])) for room in problem.rooms}, taken),
    )


def add(variables: Variables, kinds: Alike) -> None:
    """For each kind and each place where one of it could be: the next of the kind only if the one before was earlier.

    Places are the seats, or the rooms, of sessions in the order given. With u(place, k) = 1 only if k is in some place
    up to that: x(place, k + 1) <= u(place before, k).
    """
    seats = [
        variables.sits[name, seat] for name, choice in variables.choices.items() for seat in choice.seats
    ]
    for kind in kinds.people:
        _add(variables, kind, seats)
    for kind in kinds.rooms:
        _add(variables, kind, variables.takes.values())


def in_turn(choices: Mapping[Name, Choice], kinds: Alike, plan: Plan) -> Plan:
    """The twin of a plan in which those of one kind are first used in their order."""
    held = {(each.loop, each.session): each for each in plan.assignments}
    sitting = [
        held[name].people[seat]
        for name, choice in choices.items()
        if name in held
        for seat in choice.seats
        if seat in held[name].people
    ]
    rooms = [room for name in choices if name in held and (room := held[name].room) is not None]
    person_of, room_of = _renamed(kinds.people, sitting), _renamed(kinds.rooms, rooms)
    return Plan(
        assignments=tuple(
            each.model_copy(
                update={
                    "people": {seat: person_of.get(key, key) for seat, key in each.people.items()},
                    "room": None if each.room is None else room_of.get(each.room, each.room),
                }
            )
            for each in plan.assignments
        )
    )


def _classes(
    signs: Mapping[str, Hashable], booked: set[str] | set[str | None]
) -> tuple[tuple[str, ...], ...]:
    found: dict[Hashable, list[str]] = {}
    for key, sign in signs.items():
        if key not in booked:
            found.setdefault(sign, []).append(key)
    return tuple(tuple(keys) for keys in found.values() if len(keys) > 1)


def _person(person: Person) -> Hashable:
    return person.model_copy(update={"key": ""})


def _room(room: Room) -> Hashable:
    return room.model_copy(update={"key": "", "features": tuple(sorted(set(room.features)))})


def _add(variables: Variables, kind: tuple[str, ...], places: Iterable[Mapping[str, Literal]]) -> None:
    model = variables.model
    used: dict[str, Literal] = dict.fromkeys(kind, variables.false)
    for place in places:
        for before, each in pairwise(kind):
            if each in place:
                model.add_implication(place[each], used[before])
        for each in kind[:-1]:
            if each not in place:
                continue
            if variables.never(used[each]):
                used[each] = place[each]
            else:
                later = model.new_bool_var(f"{each} was used")
                model.add_bool_or([~later, used[each], place[each]])
                used[each] = later


def _renamed(kinds: tuple[tuple[str, ...], ...], used: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for kind in kinds:
        first = [key for key in dict.fromkeys(used) if key in kind]
        names |= dict(zip(first, kind, strict=False))
    return names
