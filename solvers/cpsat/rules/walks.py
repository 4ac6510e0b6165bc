"""The way between buildings, for candidates and for interviewers."""

from __future__ import annotations

from itertools import combinations

from solvers.cpsat.options import Name
from solvers.cpsat.variables import Literal, Variables


def add(variables: Variables) -> None:
    """Of two sessions of a loop, or of a person, start(later) >= end(earlier) + the walk between their buildings."""
    walks: dict[tuple[str, str], int] = {}
    for walk in variables.problem.walks:
        walks[walk.one, walk.other] = walks[walk.other, walk.one] = walk.minutes
    walks = {pair: minutes for pair, minutes in walks.items() if minutes}
    if not walks:
        return
    where = {room.key: room.building for room in variables.problem.rooms}
    buildings: dict[Name, list[str]] = {
        name: [found for found in dict.fromkeys(where[room] for room in rooms) if found is not None]
        for name, rooms in variables.takes.items()
    }
    for one, other in combinations(buildings, 2):
        ways = [
            (here, there, walks[here, there])
            for here in buildings[one]
            for there in buildings[other]
            if (here, there) in walks
        ]
        if ways and _can_be_near(variables, one, other, max(minutes for _, _, minutes in ways)):
            _add(variables, one, other, ways)


def _can_be_near(variables: Variables, one: Name, other: Name, minutes: int) -> bool:
    ours, theirs = variables.choices[one], variables.choices[other]
    return ours.first_start < theirs.last_end + minutes and theirs.first_start < ours.last_end + minutes


def _add(variables: Variables, one: Name, other: Name, ways: list[tuple[str, str, int]]) -> None:
    model = variables.model
    if one[0] == other[0]:
        together = variables.is_scheduled(one)
        first = variables.before(one, other)
    else:
        shared = [person for person in variables.serves[one] if person in variables.serves[other]]
        if not shared:
            return
        together = model.new_bool_var("somebody is in both")
        for person in shared:
            model.add_bool_or([~variables.serves[one][person], ~variables.serves[other][person], together])
        first = model.new_bool_var("before")
    for here, there, minutes in ways:
        conditions: list[Literal] = [
            together,
            variables.in_building(one, here),
            variables.in_building(other, there),
        ]
        model.add(variables.end(one) + minutes <= variables.start(other)).only_enforce_if(
            [*conditions, first]
        )
        model.add(variables.end(other) + minutes <= variables.start(one)).only_enforce_if(
            [*conditions, ~first]
        )
