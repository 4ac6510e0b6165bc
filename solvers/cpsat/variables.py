"""The decisions of a plan as CP-SAT variables, behind questions in the problem's own words.

A loop is scheduled or not; a session starts at a tick; a seat is filled by one of its people; a room is taken. Nothing
else is decided, and each rule asks here for what it needs, so that a test may build one rule and fix a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from ortools.sat.python import cp_model

from solvers.cpsat.options import Choice, Name, Options, days_of, is_due, options
from solvers.plan import Plan
from solvers.problem import Loop, Problem
from solvers.timeline import Span, SpanSet

Literal = cp_model.BoolVarT
Linear = cp_model.LinearExpr | int


class Variables:
    """A model with the decisions of a problem, and no rule yet but that a session has at most one start.

    Loops that cannot be scheduled at all have no variables. Minutes in expressions count from the horizon's start.

    Args:
        problem: what is decided.
        choices: what is possible, if it is known already.
    """

    def __init__(self, problem: Problem, choices: Options | None = None) -> None:
        self.problem = problem
        self.options = choices or options(problem)
        self.model = cp_model.CpModel()
        self.true: Literal = self.model.new_constant(1)
        self.false: Literal = ~self.true
        self.scheduled: dict[str, Literal] = {
            loop.key: self.true if is_due(loop) else self._bool(f"{loop.key} is scheduled")
            for loop in self.options.loops
        }
        self._ticks: dict[Name, cp_model.IntVar] = {}
        self._within: dict[tuple[Name, SpanSet], Literal] = {}
        self._together: dict[tuple[Name, Name], Literal] = {}
        self._before: dict[tuple[Name, Name], Literal] = {}
        self._hours: dict[str, cp_model.IntVar] = {}
        self._in_building: dict[tuple[Name, str], Literal] = {}
        self.sits: dict[tuple[Name, str], dict[str, Literal]] = {}
        """For each session and seat, who could sit there: whether they do."""
        self.serves: dict[Name, dict[str, Literal]] = {}
        """For each session, who could be in it: whether they are, in whichever seat."""
        self.takes: dict[Name, dict[str, Literal]] = {}
        """For each session that needs a room, what it could take: whether it does."""
        self.soft: dict[tuple[Name, str], Linear] = {}
        """What an objective that counts soft minutes counts of a session in a room."""
        self.used: dict[str, dict[str, Literal]] = {}
        """For each loop whose rooms something has asked for: whether it uses them."""
        for name, choice in self.options.choices.items():
            self._decide(name, choice)

    def never(self, literal: Literal) -> bool:
        """Whether the literal is the constant that never holds."""
        return literal.index == self.false.index

    @property
    def loops(self) -> tuple[Loop, ...]:
        """The loops that could be scheduled."""
        return self.options.loops

    @property
    def choices(self) -> dict[Name, Choice]:
        """What each session could be."""
        return dict(self.options.choices)

    @cached_property
    def sessions_of_person(self) -> dict[str, list[Name]]:
        """For each person, the sessions they could be in."""
        found: dict[str, list[Name]] = {}
        for name, people in self.serves.items():
            for person in people:
                found.setdefault(person, []).append(name)
        return found

    @cached_property
    def sessions_of_room(self) -> dict[str, list[Name]]:
        """For each room, the sessions that could take it."""
        found: dict[str, list[Name]] = {}
        for name, rooms in self.takes.items():
            for room in rooms:
                found.setdefault(room, []).append(name)
        return found

    def names(self, loop: Loop) -> list[Name]:
        """The sessions of the loop in the order given."""
        return [(loop.key, session.key) for session in loop.sessions]

    def minutes(self, name: Name) -> int:
        """How long the session is."""
        return self.options.choices[name].session.minutes

    def is_scheduled(self, name: Name) -> Literal:
        """Whether the session's loop is scheduled."""
        return self.scheduled[name[0]]

    def start(self, name: Name) -> cp_model.LinearExpr:
        """The start, in minutes from the horizon's start; any possible one while the loop is not scheduled."""
        grid = self.options.choices[name].grid
        return self._ticks[name] * grid.step + (grid.origin - self.problem.start)

    def end(self, name: Name) -> cp_model.LinearExpr:
        """The end, in minutes from the horizon's start."""
        return self.start(name) + self.minutes(name)

    @property
    def counted_hours(self) -> frozenset[str]:
        """The loops whose hours something has asked for."""
        return frozenset(self._hours)

    def hours(self, loop: Loop) -> cp_model.IntVar:
        """At least the started hours from the horizon's start to the loop's end; anything if it is not scheduled."""
        if loop.key not in self._hours:
            names = self.names(loop)
            latest = max(self.options.choices[name].last_end for name in names) - self.problem.start
            hours = self.model.new_int_var(0, -(-latest // 60), f"hours of {loop.key}")
            for name in names[-1:] if loop.order == "fixed" else names:
                self.model.add(hours * 60 >= self.end(name)).only_enforce_if(self.scheduled[loop.key])
            self._hours[loop.key] = hours
        return self._hours[loop.key]

    def uses(self, loop: Loop) -> dict[str, Literal]:
        """For each room that sessions of the loop could take: a literal that holds if any does."""
        if loop.key not in self.used:
            by_room: dict[str, list[Literal]] = {}
            for name in self.names(loop):
                for room, taken in self.takes.get(name, {}).items():
                    by_room.setdefault(room, []).append(taken)
            self.used[loop.key] = {}
            for room, sessions in by_room.items():
                used = sessions[0] if len(sessions) == 1 else self._bool(f"{loop.key} uses {room}")
                for taken in sessions:
                    if taken.index != used.index:
                        self.model.add_implication(taken, used)
                self.used[loop.key][room] = used
        return self.used[loop.key]

    def interval(self, name: Name, present: Literal, more: int = 0) -> cp_model.IntervalVar:
        """The session's time, followed by so many minutes, if the literal holds."""
        return self.model.new_optional_fixed_size_interval_var(
            self.start(name), self.minutes(name) + more, present, ""
        )

    def require_start(self, name: Name, ticks: SpanSet, conditions: Sequence[Literal]) -> None:
        """If all conditions hold, the session starts at one of the ticks."""
        choice = self.options.choices[name]
        if not choice.ticks - ticks:
            return
        allowed = ticks & choice.ticks
        if not allowed:
            self.model.add_bool_or([~each for each in conditions])
            return
        self.model.add_linear_expression_in_domain(
            self._ticks[name], _domain(allowed, choice.ticks)
        ).only_enforce_if(list(conditions))

    def starts_within(self, name: Name, ticks: SpanSet) -> Literal:
        """Whether the session starts at one of the ticks, exactly."""
        choice = self.options.choices[name]
        inside = ticks & choice.ticks
        if not inside:
            return self.false
        if inside == choice.ticks:
            return self.true
        if (name, inside) not in self._within:
            literal = self._bool(f"{'/'.join(name)} starts within")
            self._within[name, inside] = literal
            self.require_start(name, inside, [literal])
            self.require_start(name, choice.ticks - inside, [~literal])
        return self._within[name, inside]

    def starts_in(self, name: Name, minutes: SpanSet) -> Literal:
        """Whether the session's start is one of these UTC minutes, exactly."""
        return self.starts_within(name, self.options.choices[name].grid.ticks(minutes))

    def days(self, loop: Loop) -> tuple[Span, ...]:
        """The days of the loop."""
        return days_of(self.problem, loop)

    def on_day(self, name: Name, day: int) -> Literal:
        """Whether the session is on that day of its loop."""
        return self.starts_within(name, self.options.choices[name].days.get(day, SpanSet.EMPTY))

    def on_one_day(self, one: Name, other: Name) -> Literal:
        """Whether two sessions of one loop are on the same day, exactly."""
        if (one, other) not in self._together:
            self._together[one, other] = self._together[other, one] = self._on_one_day(one, other)
        return self._together[one, other]

    def _on_one_day(self, one: Name, other: Name) -> Literal:
        ours, theirs = self.options.choices[one].days, self.options.choices[other].days
        if list(ours) == list(theirs) and len(ours) == 1:
            return self.true
        if not set(ours) & set(theirs):
            return self.false
        same = self._bool("same day")
        for day in ours:
            mine, their = self.on_day(one, day), self.on_day(other, day)
            self.model.add_bool_or([~mine, ~their, same])
            self.model.add_bool_or([~mine, their, ~same])
        return same

    def before(self, one: Name, other: Name) -> Literal:
        """Whether the one of two sessions of a scheduled loop ends before the other starts; otherwise it follows it."""
        if (one, other) not in self._before:
            loop = self.options.choices[one].loop
            after = _followers(loop)
            if other[1] in after[one[1]]:
                literal: Literal = self.true
            elif one[1] in after[other[1]]:
                literal = self.false
            else:
                literal = self._bool("before")
                together = self.is_scheduled(one)
                self.model.add(self.end(one) <= self.start(other)).only_enforce_if([literal, together])
                self.model.add(self.end(other) <= self.start(one)).only_enforce_if([~literal, together])
            self._before[one, other] = literal
            self._before[other, one] = ~literal
        return self._before[one, other]

    def in_building(self, name: Name, building: str) -> Literal:
        """Whether the session's room is in the building."""
        if (name, building) not in self._in_building:
            where = {room.key: room.building for room in self.problem.rooms}
            inside = [taken for room, taken in self.takes.get(name, {}).items() if where[room] == building]
            if len(inside) == 1:
                self._in_building[name, building] = inside[0]
            elif not inside:
                self._in_building[name, building] = self.false
            else:
                literal = self._bool("in the building")
                self.model.add(sum(inside) == literal)
                self._in_building[name, building] = literal
        return self._in_building[name, building]

    def values(self, plan: Plan) -> dict[int, int]:
        """The value of each decision in a possible plan, by the index of its variable."""
        held = {(each.loop, each.session): each for each in plan.assignments}
        loops = {each.loop for each in plan.assignments}
        values = {literal.index: int(key in loops) for key, literal in self.scheduled.items()}
        for name, choice in self.options.choices.items():
            each = held.get(name)
            first = choice.ticks.edges[0]
            values[self._ticks[name].index] = first if each is None else choice.grid.tick(each.start)
            for seat in choice.seats:
                sitting = None if each is None else each.people.get(seat)
                for person, literal in self.sits[name, seat].items():
                    values[literal.index] = int(person == sitting)
            for room, literal in self.takes.get(name, {}).items():
                values[literal.index] = int(each is not None and room == each.room)
        return values

    def tick(self, name: Name) -> cp_model.IntVar:
        """The start, in ticks."""
        return self._ticks[name]

    def fix(self, plan: Plan) -> None:
        """Makes this the only plan; none if it is not possible."""
        held = {(each.loop, each.session): each for each in plan.assignments}
        loops = {each.loop for each in plan.assignments}
        if held.keys() - self.options.choices.keys():
            self.model.add_bool_or([])
        for key, literal in self.scheduled.items():
            self.model.add(literal == int(key in loops))
        for name, choice in self.options.choices.items():
            each = held.get(name)
            if each is not None:
                self.model.add(self.start(name) == each.start - self.problem.start)
            for seat in choice.seats:
                self._fix_choice(self.sits[name, seat], None if each is None else each.people.get(seat))
            self._fix_choice(self.takes.get(name, {}), None if each is None else each.room)

    def _fix_choice(self, literals: dict[str, Literal], chosen: str | None) -> None:
        for key, literal in literals.items():
            self.model.add(literal == int(key == chosen))
        if chosen is not None and chosen not in literals:
            self.model.add_bool_or([])

    def _decide(self, name: Name, choice: Choice) -> None:
        path = "/".join(name)
        whole = cp_model.Domain.from_intervals([[span.start, span.end - 1] for span in choice.ticks])
        self._ticks[name] = self.model.new_int_var_from_domain(whole, f"{path} starts")
        by_person: dict[str, list[Literal]] = {}
        for seat, people in choice.seats.items():
            self.sits[name, seat] = {person: self._bool(f"{path}.{seat} {person}") for person in people}
            for person, literal in self.sits[name, seat].items():
                by_person.setdefault(person, []).append(literal)
        self.serves[name] = {}
        for person, literals in by_person.items():
            if len(literals) == 1:
                self.serves[name][person] = literals[0]
            else:
                serves = self._bool(f"{path} {person}")
                self.model.add(sum(literals) == serves)
                self.serves[name][person] = serves
        if choice.rooms is not None:
            self.takes[name] = {room: self._bool(f"{path} in {room}") for room in choice.rooms}

    def _bool(self, name: str) -> cp_model.IntVar:
        return self.model.new_bool_var(name)


def _domain(allowed: SpanSet, possible: SpanSet) -> cp_model.Domain:
    """Holds of the possible ticks just the allowed ones; of the others any, so that it takes few intervals."""
    intervals: list[list[int]] = []
    for span in allowed:
        if intervals and not possible.overlaps(Span(intervals[-1][1] + 1, span.start)):
            intervals[-1][1] = span.end - 1
        else:
            intervals.append([span.start, span.end - 1])
    return cp_model.Domain.from_intervals(intervals)


def _followers(loop: Loop) -> dict[str, set[str]]:
    """For each session of the loop, those that must come after it."""
    after: dict[str, set[str]] = {session.key: set() for session in loop.sessions}
    for one, other in loop.precedences():
        after[one].add(other)
    for middle, beyond in after.items():
        for following in after.values():
            if middle in following:
                following.update(beyond)
    return after


def added(parts: Iterable[Linear]) -> Linear:
    """The sum, as a new expression; a number if all parts are.

    `+=` would change its first part, which others may hold, and nested additions of many parts overflow its stack.
    """
    known = list(parts)
    variable = [part for part in known if not isinstance(part, int)]
    constant = sum(part for part in known if isinstance(part, int))
    return cp_model.LinearExpr.sum([*variable, constant]) if variable else constant
