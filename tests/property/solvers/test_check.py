"""Laws of the judge: a second judge that counts minutes, and changes to problem and plan that change no verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from solvers import exhaustive
from solvers.check import RULES, Violation, judge
from solvers.plan import Assignment, Plan
from solvers.problem import TERMS, Limit, Loop, Person, Problem, Room, Session
from solvers.timeline import SpanSet

Plans = Callable[[Problem], SearchStrategy[Plan]]
Found = tuple[str, tuple[str, ...], int]

LAW = settings(max_examples=30, deadline=None)
FEW = settings(LAW, max_examples=8)
CAMPAIGN = settings(LAW, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])


def _minutes(spans: SpanSet) -> set[int]:
    return {minute for span in spans for minute in range(span.start, span.end)}


class Dull:
    """The rules about minutes, with every session as the set of its minutes and every distance counted one by one."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        sessions = {(loop.key, session.key): session for loop, session in problem.sessions()}
        self.held = [(each, sessions[each.loop, each.session]) for each in plan.assignments]
        self.minutes = {
            self.name(each): range(each.start, each.start + session.minutes) for each, session in self.held
        }
        self.buildings = {room.key: room.building for room in problem.rooms}

    @staticmethod
    def name(each: Assignment) -> str:
        return f"{each.loop}/{each.session}"

    def found(self) -> list[Found]:
        rules = [*self.times(), *self.limits(), *self.loops()]
        horizon = set(range(self.problem.start, self.problem.end))
        for name, minutes in self.minutes.items():
            if outside := set(minutes) - horizon:
                rules.append(("horizon", (name,), len(outside)))
        return sorted(rules)

    def times(self) -> Iterator[Found]:
        for person in self.problem.people:
            yield from self.time("person", person, self.of(person))
        for room in self.problem.rooms:
            yield from self.time(
                "room", room, [self.name(each) for each, _ in self.held if each.room == room.key]
            )

    def of(self, person: Person) -> list[str]:
        return [self.name(each) for each, _ in self.held if person.key in each.people.values()]

    def time(self, kind: str, of: Person | Room, names: list[str]) -> Iterator[Found]:
        for name in names:
            minutes = self.minutes[name]
            guarded = set(range(minutes[0] - of.buffer_before, minutes[-1] + 1 + of.buffer_after))
            counts = {
                "open": len(set(minutes) - _minutes(of.open)),
                "blocked": len(guarded & _minutes(of.blocked)),
                "unknown": len(guarded & _minutes(of.unknown)),
            }
            for part, count in counts.items():
                if count:
                    yield f"{kind}_{part}", (name, of.key), count
        buffer = max(of.buffer_before, of.buffer_after)
        for one, other in self.pairs(names):
            apart = self.apart(one, other)
            if apart < 0 or apart < buffer:
                yield f"{kind}_apart", (one, other, of.key), buffer - apart
            if kind == "person" and 0 <= apart < self.walk(one, other):
                yield "person_walk", (one, other, of.key), self.walk(one, other) - apart

    def pairs(self, names: list[str]) -> Iterator[tuple[str, str]]:
        """Pairs of sessions in order of time."""
        for one, other in combinations(names, 2):
            first = min((one, other), key=lambda name: (self.minutes[name][0], self.minutes[name][-1], name))
            yield first, other if first == one else one

    def apart(self, one: str, other: str) -> int:
        """Minutes after the earlier and before the later session; negative if the later starts before the end."""
        end, start = self.minutes[one][-1] + 1, self.minutes[other][0]
        return len(range(end, start)) - len(range(start, end))

    def walk(self, one: str, other: str) -> int:
        there = {self.name(each): self.buildings.get(each.room or "") for each, _ in self.held}
        ends = {there[one], there[other]}
        return max((walk.minutes for walk in self.problem.walks if {walk.one, walk.other} == ends), default=0)

    def limits(self) -> Iterator[Found]:
        for person in self.problem.people:
            for limit in person.limits:
                counted = [n for n in self.of(person) if self.minutes[n][0] in range(limit.start, limit.end)]
                yield from self.limit(person, limit, counted)

    def limit(self, person: Person, limit: Limit, counted: list[str]) -> Iterator[Found]:
        sessions = limit.already_sessions + len(counted)
        if counted and limit.sessions is not None and sessions > limit.sessions:
            yield "person_limit", (person.key,), sessions - limit.sessions
        minutes = limit.already_minutes + sum(len(self.minutes[name]) for name in counted)
        if counted and limit.minutes is not None and minutes > limit.minutes:
            yield "person_limit", (person.key,), minutes - limit.minutes

    def loops(self) -> Iterator[Found]:
        for loop in self.problem.loops:
            names = [self.name(each) for each, _ in self.held if each.loop == loop.key]
            yield from self.candidate(loop, names)
            for day in loop.days or [(self.problem.start, self.problem.end)]:
                yield from self.day(loop, range(*day), names)

    def candidate(self, loop: Loop, names: list[str]) -> Iterator[Found]:
        for name in names:
            minutes = self.minutes[name]
            if loop.available is not None and (missing := set(minutes) - _minutes(loop.available)):
                yield "available", (name,), len(missing)
            if loop.earliest is not None and minutes[0] < loop.earliest:
                yield "earliest", (name,), loop.earliest - minutes[0]
            if loop.latest is not None and minutes[-1] >= loop.latest:
                yield "latest", (name,), minutes[-1] + 1 - loop.latest
            shared = [len(set(minutes) & set(range(*day))) for day in loop.days]
            if loop.days and max(shared) < len(minutes):
                yield "day", (name,), len(minutes) - max(shared)
        if loop.begins is not None and names:
            first = min(names, key=lambda name: (self.minutes[name][0], self.minutes[name][-1], name))
            distances = [abs(minute - self.minutes[first][0]) for minute in _minutes(loop.begins)]
            if min(distances, default=1):
                yield "begins", (first,), min(distances, default=1)
        for one, other in self.pairs(names):
            apart = self.apart(one, other)
            if apart < 0:
                yield "overlap", (one, other), -apart
            elif apart < self.walk(one, other):
                yield "walk", (one, other), self.walk(one, other) - apart

    def day(self, loop: Loop, day: range, names: list[str]) -> Iterator[Found]:
        there = [name for name in names if set(self.minutes[name]) & set(day)]
        for one, other in self.pairs(there):
            apart = self.apart(one, other)
            if 0 <= apart < loop.min_gap:
                yield "min_gap", (one, other), loop.min_gap - apart
        for rest in loop.breaks:
            window = _minutes(rest.window) & set(day)
            if not window or not there:
                continue
            starts = [self.minutes[name][0] for name in there]
            ends = [self.minutes[name][-1] for name in there]
            free = window - {minute for name in there for minute in self.minutes[name]}
            run = longest = 0
            for minute in range(min(window), max(window) + 1):
                run = run + 1 if minute in free else 0
                longest = max(longest, run)
            if min(starts) <= max(window) and max(ends) >= min(window) and longest < rest.minutes:
                yield "break", (loop.key, rest.key), rest.minutes - longest


COUNTED = {
    *(f"{kind}_{part}" for kind in ("person", "room") for part in ("open", "blocked", "unknown", "apart")),
    *("person_walk", "person_limit", "horizon", "available", "earliest", "latest", "begins", "day"),
    *("overlap", "walk", "min_gap", "break"),
}


def _agrees(problem: Problem, plan: Plan) -> None:
    violations = [each for each in judge(problem, plan).violations if each.rule in COUNTED]
    assert Dull(problem, plan).found() == sorted((each.rule, each.who, each.by) for each in violations)


@LAW
@given(data=st.data())
def test_agrees_with_counting_minutes(
    data: DataObject, problems: SearchStrategy[Problem], plans: Plans
) -> None:
    """Spans and sorted sweeps find what counting minutes finds, and by as much."""
    problem = data.draw(problems)
    _agrees(problem, data.draw(plans(problem)))


@pytest.mark.campaign
@CAMPAIGN
@given(data=st.data())
def test_agrees_with_counting_minutes_at_length(
    data: DataObject, problems: SearchStrategy[Problem], plans: Plans
) -> None:
    """The same, on many more problems."""
    problem = data.draw(problems)
    _agrees(problem, data.draw(plans(problem)))


def _without(plan: Plan, loop: Loop) -> Plan:
    return Plan(assignments=tuple(each for each in plan.assignments if each.loop != loop.key))


def _names(violations: tuple[Violation, ...]) -> set[tuple[str, tuple[str, ...]]]:
    return {(each.rule, each.who) for each in violations}


@LAW
@given(data=st.data())
def test_leaving_a_loop_out_breaks_nothing_else(
    data: DataObject, problems: SearchStrategy[Problem], plans: Plans
) -> None:
    """Without one loop the others break no rule that they did not break; the loop itself may be missed."""
    problem = data.draw(problems)
    plan = data.draw(plans(problem))
    loop = data.draw(st.sampled_from(problem.loops))
    missed = {("mandatory", (loop.key,))}
    missed |= {("placed", (f"{loop.key}/{session.key}",)) for session in loop.sessions}
    rest = judge(problem, _without(plan, loop))
    assert _names(rest.violations) - missed <= _names(judge(problem, plan).violations)


def _shifted(values: Any, by: int, key: str = "") -> Any:
    """The JSON of a problem with every time later by so many minutes."""
    spans = ("open", "soft", "blocked", "unknown", "starts", "window", "available", "begins", "days")
    if key in spans and values is not None:
        return [[start + by, end + by] for start, end in values]
    if key == "start_costs":
        return [[start + by, end + by, price] for start, end, price in values]
    if key in ("start", "end", "anchor", "earliest", "latest") and values is not None:
        return values + by
    if isinstance(values, dict):
        return {name: _shifted(each, by, name) for name, each in values.items()}
    if isinstance(values, list):
        return [_shifted(each, by) for each in values]
    return values


@LAW
@given(data=st.data(), by=st.integers(-(10**6), 10**6))
def test_time_may_be_shifted(
    data: DataObject, by: int, problems: SearchStrategy[Problem], plans: Plans
) -> None:
    """Problem and plan moved by as many minutes are judged the same, at times moved by as many."""
    problem = data.draw(problems)
    plan = data.draw(plans(problem))
    later = Problem.model_validate(_shifted(problem.model_dump(mode="json"), by))
    judged = judge(later, Plan.model_validate(_shifted(plan.model_dump(mode="json"), by)))
    expected = judge(problem, plan).model_dump(mode="json")
    for violation in expected["violations"]:
        violation["when"] = _shifted(violation["when"], by)
    assert expected == judged.model_dump(mode="json")


@LAW
@given(data=st.data())
def test_order_of_lists_does_not_matter(
    data: DataObject, problems: SearchStrategy[Problem], plans: Plans
) -> None:
    """People, rooms, loops, seats and assignments may be listed in any order."""
    problem = data.draw(problems)
    plan = data.draw(plans(problem))

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(data.draw(st.permutations(items)))

    def seats_mixed(session: Session) -> Session:
        return session.model_copy(update={"seats": mixed(session.seats)})

    loops = [
        loop.model_copy(update={"sessions": tuple(map(seats_mixed, loop.sessions))})
        for loop in mixed(problem.loops)
    ]
    lists = {"people": mixed(problem.people), "rooms": mixed(problem.rooms), "loops": tuple(loops)}
    other = judge(problem.model_copy(update=lists), Plan(assignments=mixed(plan.assignments)))
    judged = judge(problem, plan)
    assert judged.objective == other.objective
    assert sorted(each.model_dump_json() for each in judged.violations) == sorted(
        each.model_dump_json() for each in other.violations
    )


@LAW
@given(data=st.data())
def test_json_round_trip(data: DataObject, problems: SearchStrategy[Problem], plans: Plans) -> None:
    """Problems and plans come back from their JSON equal, with the same hash and the same JSON."""
    problem = data.draw(problems)
    for value in (problem, data.draw(plans(problem))):
        text = value.model_dump_json()
        again = type(value).model_validate_json(text)
        assert (value, hash(value), text) == (again, hash(again), again.model_dump_json())


@FEW
@given(data=st.data())
def test_enumeration_holds_every_lawful_plan(
    data: DataObject, problems: SearchStrategy[Problem], plans: Plans
) -> None:
    """A plan is enumerated, once, exactly when it is lawful, and the best costs no more than any."""
    problem = data.draw(problems)
    plan = data.draw(plans(problem))
    lawful = list(exhaustive.every_lawful(problem))
    assert len(set(lawful)) == len(lawful)
    assert all(judge(problem, each).lawful for each in lawful)
    assert judge(problem, plan).lawful == (plan in lawful)
    costs = [judge(problem, each).objective.levels for each in lawful]
    best = exhaustive.best(problem)
    assert min(costs, default=None) == (None if best is None else judge(problem, best).objective.levels)


@LAW
@given(data=st.data())
def test_any_plan_is_judged(data: DataObject, problems: SearchStrategy[Problem]) -> None:
    """However wrong a plan is, its broken rules are told in order, and it has a cost."""
    problem = data.draw(problems)
    loops = [loop.key for loop in problem.loops] + ["?"]
    people = [person.key for person in problem.people] + ["?"]
    rooms = [room.key for room in problem.rooms] + ["?", None]
    assignments = st.builds(
        Assignment,
        loop=st.sampled_from(loops),
        session=st.sampled_from(["x", "y", "z", "?"]),
        start=st.integers(problem.start - 100, problem.end + 100),
        people=st.dictionaries(st.sampled_from(["lead", "second", "new", "?"]), st.sampled_from(people)),
        room=st.sampled_from(rooms),
    )
    judged = judge(problem, Plan(assignments=tuple(data.draw(st.lists(assignments, max_size=6)))))
    ranks = [RULES.index(each.rule) for each in judged.violations]
    assert sorted(ranks) == ranks
    assert list(TERMS) == list(judged.objective.units)
    assert all(units >= 0 for units in judged.objective.units.values())
    assert len(problem.levels) == len(judged.objective.levels)
