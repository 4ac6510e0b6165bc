"""The problem in which only some facts hold: what else is asked is lifted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from solvers.explain.facts import Fact, FactKind
from solvers.explain.question import ALL, Question
from solvers.problem import Break, Loop, Person, Problem, Room, RoomNeed, Session
from solvers.promises import promised_person, promised_room
from solvers.timeline import Span, SpanSet


class _Active:
    """The facts that hold, by whom and what they are about."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._held: dict[tuple[FactKind, str | None, str | None], list[Fact]] = {}
        for fact in facts:
            person_or_room = next(iter(fact.people if fact.kind.startswith("person") else fact.rooms), None)
            about: tuple[str | None, str | None] = (fact.loop, fact.session)
            if fact.loop is None:
                about = (
                    (None, None) if fact.kind == "walk" else (person_or_room or next(iter(fact.people)), None)
                )
            self._held.setdefault((fact.kind, *about), []).append(fact)

    def of(self, kind: FactKind, one: str | None = None, other: str | None = None) -> list[Fact]:
        return self._held.get((kind, one, other), [])

    def within(self, kind: FactKind, key: str) -> SpanSet:
        return SpanSet.union([SpanSet.EMPTY, *(fact.within for fact in self.of(kind, key))])


def hold(question: Question, facts: Iterable[Fact]) -> Problem:
    """The problem of the question with every other fact lifted; whatever was lawful before still is.

    Where the lifting of a room or a loop makes facts about it idle, these are ignored.
    """
    problem = question.problem
    active = _Active(facts)
    loops = tuple(
        _begin(question, _loop(problem, loop, active))
        for loop in problem.loops
        if loop.key in question.asked or active.of("mandatory", loop.key)
    )
    walks = {fact.keys for fact in active.of("walk")}
    return problem.model_copy(
        update={
            "people": tuple(_person(question, person, active) for person in problem.people),
            "rooms": tuple(_room(question, room, active) for room in problem.rooms),
            "loops": loops,
            "walks": tuple(walk for walk in problem.walks if (walk.one, walk.other) in walks),
        }
    )


def _person(question: Question, person: Person, active: _Active) -> Person:
    key = person.key
    limits = {fact.limit for fact in active.of("person_limit", key)}
    values: dict[str, Any] = {
        "open": ALL - (active.within("person_hours", key) - person.open),
        "blocked": person.blocked & active.within("person_blocked", key),
        "unknown": person.unknown & active.within("person_unknown", key),
        "limits": tuple(limit for limit in person.limits if limit in limits),
    }
    if not active.of("person_buffer", key):
        values |= {"buffer_before": 0, "buffer_after": 0}
    within = active.within("promised", key)
    held = [each for each in question.people.get(key, ()) if within.overlaps(Span(each.start, each.end))]
    return promised_person(person.model_copy(update=values), held)


def _room(question: Question, room: Room, active: _Active) -> Room:
    key = room.key
    values: dict[str, Any] = {
        "open": ALL - (active.within("room_hours", key) - room.open),
        "blocked": room.blocked & active.within("room_blocked", key),
        "unknown": room.unknown & active.within("room_unknown", key),
    }
    if not active.of("room_buffer", key):
        values |= {"buffer_before": 0, "buffer_after": 0}
    within = active.within("promised", key)
    held = [each for each in question.rooms.get(key, ()) if within.overlaps(Span(each.start, each.end))]
    return promised_room(room.model_copy(update=values), held)


def _loop(problem: Problem, loop: Loop, active: _Active) -> Loop:
    key = loop.key
    values: dict[str, Any] = {"sessions": tuple(_session(loop, each, active) for each in loop.sessions)}
    order = active.of("order", key)
    if all(fact.keys for fact in order):
        values["order"] = "free"
    pairs = {fact.keys for fact in order}
    values["before"] = tuple(pair for pair in loop.before if pair in pairs)
    lifted: tuple[tuple[FactKind, str, Any], ...] = (
        ("available", "available", None),
        ("begins", "begins", None),
        ("earliest", "earliest", None),
        ("latest", "latest", None),
        ("min_gap", "min_gap", 0),
        ("max_gap", "max_gap", None),
        ("max_days", "max_days", None),
        ("same_room", "same_room", False),
        ("meets_once", "meets_once", False),
    )
    values |= {name: nothing for kind, name, nothing in lifted if not active.of(kind, key)}
    breaks = {name for fact in active.of("break", key) for name in fact.keys}
    rests = tuple(rest for rest in loop.breaks if rest.key in breaks)
    if loop.days and not active.of("days", key):
        values["days"] = _until_the_next(problem, loop)
        rests = tuple(_inside(loop, rest) for rest in rests)
    values["breaks"] = rests
    return loop.model_copy(update=values)


def _begin(question: Question, loop: Loop) -> Loop:
    """The loop that begins at the minute that is asked about."""
    if question.start is None or loop.key not in question.asked:
        return loop
    start = SpanSet((question.start, question.start + 1))
    return loop.model_copy(update={"begins": start if loop.begins is None else start & loop.begins})


def _until_the_next(problem: Problem, loop: Loop) -> tuple[tuple[int, int], ...]:
    """Each day until the next one begins, the first from the horizon's start and the last to its end."""
    days = sorted(loop.days)
    starts = [min(days[0][0], problem.start), *(start for start, _ in days[1:])]
    return tuple(zip(starts, [*starts[1:], max(days[-1][1], problem.end)], strict=True))


def _inside(loop: Loop, rest: Break) -> Break:
    """The break asked for on the minutes of days only, so that longer days ask for no more of it."""
    days = SpanSet.of(Span(*day) for day in loop.days)
    return rest.model_copy(update={"window": rest.window & days})


def _session(loop: Loop, session: Session, active: _Active) -> Session:
    name = loop.key, session.key
    filled = {seat for fact in active.of("pool", *name) for seat in fact.seats}
    values: dict[str, Any] = {
        "seats": tuple(
            seat
            if seat.kind != "required" or seat.key in filled
            else seat.model_copy(update={"kind": "optional"})
            for seat in session.seats
        ),
        "start_costs": (),
        "room_costs": (),
        "delay_cost": 0,
    }
    if not active.of("starts", *name):
        values["starts"] = None
    placed = session.placed if active.of("placed", *name) else None
    if session.room is not None:
        values["room"] = _need(session.room, name, active) if active.of("room", *name) else None
        if placed is not None and values["room"] is None:
            placed = placed.model_copy(update={"room": None})
    values["placed"] = placed
    return session.model_copy(update=values)


def _need(need: RoomNeed, name: tuple[str, str], active: _Active) -> RoomNeed:
    lifted: tuple[tuple[FactKind, str, Any], ...] = (
        ("room_named", "among", ()),
        ("room_seats", "seats", 0),
        ("room_features", "features", ()),
        ("room_building", "building", None),
        ("room_step_free", "step_free", False),
    )
    return need.model_copy(
        update={name_of: nothing for kind, name_of, nothing in lifted if not active.of(kind, *name)}
    )
