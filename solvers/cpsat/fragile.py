"""Seats and rooms for which nobody and nothing else could stand in, as a cost to be minimised.

A stand-in is a literal: somebody, or a room, that could take over in a session with everything else as it is. It may
hold only if no rule would be broken, so that a cost that asks for one of them is never too small; and as nothing but
this cost asks for them, at its least it is exact.
"""

from __future__ import annotations

from solvers.cpsat.options import Choice, Name
from solvers.cpsat.variables import Linear, Literal, Variables, added
from solvers.problem import Limit, Loop, Person, Room
from solvers.promises import usable
from solvers.timeline import SpanSet


def build(variables: Variables) -> Linear:
    """The units of `fragile`: at least those of the plan, and just those at its least."""
    standing = _StandIns(variables)
    parts: list[Linear] = []
    for name, choice in variables.choices.items():
        people = [
            [standing.person(name, key) for key in seat.pool]
            for seat in choice.session.seats
            if seat.kind == "required"
        ]
        for stand_ins in [*people, *([] if choice.rooms is None else [standing.rooms(name)])]:
            possible = [each for each in stand_ins if not variables.never(each)]
            fragile = variables.is_scheduled(name)
            if possible:
                fragile = variables.model.new_bool_var(f"{'/'.join(name)} is fragile")
                variables.model.add_bool_or([~variables.is_scheduled(name), fragile, *possible])
            parts.append(fragile)
    return added(parts)


class _StandIns:
    """For each session, who and what could stand in; each literal is made once."""

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self._model = variables.model
        self._people = {person.key: person for person in variables.problem.people}
        self._usable: dict[tuple[type, str], SpanSet] = {}
        self._standing: dict[tuple[Name, str], Literal] = {}
        self._first: dict[tuple[Name, Name], Literal] = {}
        self._close: dict[tuple[Name, Name, int], Literal] = {}
        self._share: dict[tuple[Name, Name], Literal] = {}
        self._counts: dict[tuple[Name, str, Limit], Literal] = {}
        self._where = {room.key: room.building for room in variables.problem.rooms}
        self._walks: dict[tuple[str | None, str | None], int] = {}
        for walk in variables.problem.walks:
            self._walks[walk.one, walk.other] = self._walks[walk.other, walk.one] = walk.minutes

    def person(self, name: Name, key: str) -> Literal:
        """Holds only if the person could sit in the session, in which they are not."""
        if (name, key) not in self._standing:
            self._standing[name, key] = self._person(name, self._people[key])
        return self._standing[name, key]

    def rooms(self, name: Name) -> list[Literal]:
        """For each room that suits, a literal that holds only if the session, held elsewhere, could take it."""
        choice = self._variables.choices[name]
        need = choice.session.room
        others = [other for other in self._of_loop(choice.loop, name) if other in self._variables.takes]
        if need is None or (choice.loop.same_room and others):
            return []
        return [self._room(name, room) for room in self._variables.problem.rooms if need.suits(room)]

    def _person(self, name: Name, person: Person) -> Literal:
        variables, choice = self._variables, self._variables.choices[name]
        stands_in = self._at_time(choice, person)
        if variables.never(stands_in):
            return stands_in
        if person.key in variables.serves[name]:
            self._model.add_implication(stands_in, ~variables.serves[name][person.key])
        others = [other for other in variables.sessions_of_person.get(person.key, ()) if other != name]
        buffer = max(person.buffer_before, person.buffer_after)
        for other in others:
            serves = variables.serves[other][person.key]
            if other[0] == name[0] and choice.loop.meets_once:
                self._model.add_implication(stands_in, ~serves)
                continue
            self._keep_apart(name, other, buffer, [stands_in, serves])
            # The candidate walks the same ways, so that within a loop they are kept anyway.
            if other[0] != name[0]:
                for here in self._buildings(name):
                    self._keep_walk(name, here, variables.in_building(name, here), other, [stands_in, serves])
        for limit in person.limits:
            self._keep_limit(name, person, limit, others, stands_in)
        return stands_in

    def _room(self, name: Name, room: Room) -> Literal:
        variables, choice = self._variables, self._variables.choices[name]
        stands_in = self._at_time(choice, room)
        if variables.never(stands_in):
            return stands_in
        if room.key in variables.takes[name]:
            self._model.add_implication(stands_in, ~variables.takes[name][room.key])
        buffer = max(room.buffer_before, room.buffer_after)
        for other in variables.sessions_of_room.get(room.key, ()):
            if other != name:
                self._keep_apart(name, other, buffer, [stands_in, variables.takes[other][room.key]])
        if room.building is not None and self._walks:
            for other in variables.takes:
                if other != name:
                    together = self._together(name, other)
                    self._keep_walk(name, room.building, stands_in, other, [stands_in, together])
        return stands_in

    def _at_time(self, choice: Choice, resource: Person | Room) -> Literal:
        """A literal that holds only if the session starts when the person or room could serve in it."""
        kind = type(resource), resource.key
        if kind not in self._usable:
            self._usable[kind] = usable(resource)
        free = self._usable[kind].starts(choice.session.minutes)
        ticks = choice.grid.ticks(free) & choice.ticks
        if not ticks:
            return self._variables.false
        stands_in = self._model.new_bool_var(f"{resource.key} stands in")
        self._variables.require_start(choice.name, ticks, [stands_in])
        return stands_in

    def _keep_limit(
        self, name: Name, person: Person, limit: Limit, others: list[Name], stands_in: Literal
    ) -> None:
        """The limit holds with this session more, if that starts in it."""
        stretch = SpanSet((limit.start, limit.end))
        inside = self._variables.starts_in(name, stretch)
        if self._variables.never(inside):
            return
        counted = [(self._counted(other, person.key, limit), other) for other in others]
        minutes = self._variables.minutes
        caps = (
            (limit.sessions, limit.already_sessions + 1, [(literal, 1) for literal, _ in counted]),
            (
                limit.minutes,
                limit.already_minutes + minutes(name),
                [(literal, minutes(other)) for literal, other in counted],
            ),
        )
        for most, already, counts_of in caps:
            if most is None or already + sum(count for _, count in counts_of) <= most:
                continue
            if already > most:
                self._model.add_bool_or([~stands_in, ~inside])
            else:
                total = sum(literal * count for literal, count in counts_of)
                self._model.add(already + total <= most).only_enforce_if([stands_in, inside])

    def _counted(self, name: Name, person: str, limit: Limit) -> Literal:
        """Holds if the person is in the session and it starts in the limit's stretch."""
        if (name, person, limit) not in self._counts:
            inside = self._variables.starts_in(name, SpanSet((limit.start, limit.end)))
            self._counts[name, person, limit] = self._both(inside, self._variables.serves[name][person])
        return self._counts[name, person, limit]

    def _both(self, one: Literal, other: Literal) -> Literal:
        """Holds if both do."""
        variables = self._variables
        if variables.never(one) or variables.never(other):
            return variables.false
        if variables.never(~one):
            return other
        both = self._model.new_bool_var("both")
        self._model.add_bool_or([~one, ~other, both])
        return both

    def _together(self, one: Name, other: Name) -> Literal:
        """Holds if the same candidate or interviewer is in both."""
        variables = self._variables
        if one[0] == other[0]:
            return variables.is_scheduled(one)
        pair = min(one, other), max(one, other)
        if pair not in self._share:
            shared = [person for person in variables.serves[one] if person in variables.serves[other]]
            together: Literal = self._model.new_bool_var("somebody is in both") if shared else variables.false
            for person in shared:
                self._model.add_bool_or(
                    [~variables.serves[one][person], ~variables.serves[other][person], together]
                )
            self._share[pair] = together
        return self._share[pair]

    def _keep_walk(
        self, name: Name, here: str, is_here: Literal, other: Name, conditions: list[Literal]
    ) -> None:
        """From the building of one session to that of the other, if the conditions hold, there is time to walk."""
        if any(map(self._variables.never, conditions)):
            return
        for there in self._buildings(other):
            if walk := self._walks.get((here, there)):
                is_there = self._variables.in_building(other, there)
                self._keep_apart(name, other, walk, [*conditions, is_here, is_there])

    def _keep_apart(self, one: Name, other: Name, minutes: int, conditions: list[Literal]) -> None:
        """If the conditions hold, the later of the two starts so many minutes after the earlier ends."""
        close = self._is_close(one, other, minutes)
        if not self._variables.never(close):
            self._model.add_bool_or([~close, *(~each for each in conditions)])

    def _is_close(self, one: Name, other: Name, minutes: int) -> Literal:
        """Holds if the two have less than so many minutes between them."""
        one, other = min(one, other), max(one, other)
        if (one, other, minutes) not in self._close:
            self._close[one, other, minutes] = self._closeness(one, other, minutes)
        return self._close[one, other, minutes]

    def _closeness(self, one: Name, other: Name, minutes: int) -> Literal:
        variables = self._variables
        ours, theirs = variables.choices[one], variables.choices[other]
        if ours.first_start >= theirs.last_end + minutes or theirs.first_start >= ours.last_end + minutes:
            return variables.false
        if (one, other) not in self._first:
            self._first[one, other] = self._model.new_bool_var("first")
        first = self._first[one, other]
        close = self._model.new_bool_var("close")
        for earlier, later, condition in ((one, other, first), (other, one, ~first)):
            self._model.add(variables.end(earlier) + minutes <= variables.start(later)).only_enforce_if(
                [condition, ~close]
            )
        return close

    def _buildings(self, name: Name) -> list[str]:
        rooms = self._variables.takes.get(name, {})
        return [each for each in dict.fromkeys(self._where[room] for room in rooms) if each is not None]

    def _of_loop(self, loop: Loop, name: Name) -> list[Name]:
        return [other for other in self._variables.names(loop) if other != name]
