"""Every fact of a question, each as large as it can be; and the same facts in smaller pieces of time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from solvers.explain.facts import Fact, FactKind
from solvers.explain.question import ALL, Question
from solvers.problem import Loop, Person, Problem, Room, Session
from solvers.promises import Promise
from solvers.timeline import Span, SpanSet


def every_fact(question: Question) -> tuple[Fact, ...]:
    """All that could be lifted, in the order in which it is told; what cannot forbid anything is left out."""
    problem = question.problem
    found = [
        *_of_loops(question),
        *(fact for person in problem.people for fact in _of_person(question, person)),
        *(fact for room in problem.rooms for fact in _of_room(question, room)),
        *_walks(problem),
    ]
    return tuple(found)


def structure(question: Question, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """What is told beside these facts for understanding: how long their sessions are; if there are none, all."""
    problem = question.problem
    named = {(fact.loop, fact.session) for fact in facts if fact.session is not None}
    found = [
        Fact(kind="minutes", loop=loop.key, session=session.key, minutes=session.minutes)
        for loop, session in problem.sessions()
        if (loop.key, session.key) in named or not named
    ]
    if not facts:
        found += [
            Fact(kind="grid", loop=loop.key, session=session.key, minutes=session.grid)
            for loop, session in problem.sessions()
            if session.grid > 1
        ]
        found.append(Fact(kind="horizon", spans=SpanSet((problem.start, problem.end))))
    return tuple(found)


def by_day(question: Question, fact: Fact) -> tuple[Fact, ...]:
    """The fact cut into the days of the question; itself if it is not about minutes."""
    if not fact.within:
        return (fact,)
    pieces = []
    for day in _endless(question.days):
        within = fact.within.clip(day)
        if within:
            piece = _about(question, fact, within)
            if piece is not None:
                pieces.append(piece)
    return tuple(pieces)


def by_span(question: Question, fact: Fact) -> tuple[Fact, ...]:
    """A day's fact cut into its single stretches; itself if it covers all that is open on its day, and for hours."""
    if not fact.within or fact.whole or fact.kind in ("person_hours", "room_hours"):
        return (fact,)
    found = (_about(question, fact, SpanSet((span.start, span.end))) for span in fact.spans & fact.within)
    return tuple(each for each in found if each is not None)


def joined(question: Question, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The same facts with those of one kind about the time of one person or room told as one."""
    together: dict[tuple[FactKind, tuple[str, ...], tuple[str, ...]], SpanSet] = {}
    for fact in facts:
        if fact.within:
            key = (fact.kind, fact.people, fact.rooms)
            together[key] = together.get(key, SpanSet.EMPTY) | fact.within
    found: list[Fact] = []
    for fact in facts:
        key = (fact.kind, fact.people, fact.rooms)
        if not fact.within:
            found.append(fact)
        elif key in together:
            whole = _about(question, fact, together.pop(key))
            found.extend([] if whole is None else [whole])
    return tuple(found)


def _endless(days: tuple[Span, ...]) -> Iterator[Span]:
    """The days, of which the first began long ago and the last does not end."""
    last = len(days) - 1
    for index, day in enumerate(days):
        yield Span(
            ALL.edges[0] if index == 0 else day.start,
            ALL.edges[-1] if index == last else day.end,
        )


def _about(question: Question, fact: Fact, within: SpanSet) -> Fact | None:
    """The fact for some minutes only; None if it says nothing about them."""
    resource = _resource(question.problem, fact)
    hours = fact.kind in ("person_hours", "room_hours")
    content = {
        "person_hours": lambda: ALL - resource.open,
        "room_hours": lambda: ALL - resource.open,
        "person_blocked": lambda: resource.blocked,
        "room_blocked": lambda: resource.blocked,
        "person_unknown": lambda: resource.unknown,
        "room_unknown": lambda: resource.unknown,
        "promised": lambda: promised_minutes(question, fact),
    }[fact.kind]()
    forbidden = _near(question, content, resource) & within
    if not forbidden:
        return None
    whole = []
    for day in question.days:
        open_ = resource.open.clip(day)
        if not hours and open_ and not open_ - forbidden:
            whole.append((open_.edges[0], open_.edges[-1]))
    told = _near(question, resource.open, resource) & within if hours else forbidden
    return fact.model_copy(update={"within": within, "spans": told, "whole": tuple(whole)})


def _near(question: Question, minutes: SpanSet, resource: Person | Room) -> SpanSet:
    """The minutes that some session with its buffers could meet."""
    problem = question.problem
    reach = max(resource.buffer_before, resource.buffer_after)
    return minutes.clip(Span(problem.start - reach, problem.end + reach))


def _resource(problem: Problem, fact: Fact) -> Person | Room:
    if fact.people:
        return next(person for person in problem.people if person.key == fact.people[0])
    return next(room for room in problem.rooms if room.key == fact.rooms[0])


def promises_of(question: Question, fact: Fact) -> tuple[Promise, ...]:
    """What fixed loops hold of the person or room of a fact."""
    if fact.people:
        return question.people.get(fact.people[0], ())
    return question.rooms.get(fact.rooms[0], ())


def promised_minutes(question: Question, fact: Fact) -> SpanSet:
    """The minutes of these promises, without buffers."""
    return SpanSet.of((each.start, each.end) for each in promises_of(question, fact))


def _of_person(question: Question, person: Person) -> Iterator[Fact]:
    who = (person.key,)
    kinds: tuple[FactKind, ...] = ("person_blocked", "promised", "person_unknown", "person_hours")
    for kind in kinds:
        fact = _about(question, Fact(kind=kind, people=who), ALL)
        if fact is not None:
            yield fact
    for limit in dict.fromkeys(person.limits):
        if limit.start < question.problem.end and question.problem.start < limit.end:
            told = SpanSet((limit.start, limit.end))
            yield Fact(kind="person_limit", people=who, limit=limit, spans=told)
    if buffer := max(person.buffer_before, person.buffer_after):
        yield Fact(kind="person_buffer", people=who, minutes=buffer)


def _of_room(question: Question, room: Room) -> Iterator[Fact]:
    which = (room.key,)
    kinds: tuple[FactKind, ...] = ("room_blocked", "promised", "room_unknown", "room_hours")
    for kind in kinds:
        fact = _about(question, Fact(kind=kind, rooms=which), ALL)
        if fact is not None:
            yield fact
    if buffer := max(room.buffer_before, room.buffer_after):
        yield Fact(kind="room_buffer", rooms=which, minutes=buffer)


def _walks(problem: Problem) -> Iterator[Fact]:
    buildings = {room.building for room in problem.rooms}
    if sum(len(loop.sessions) for loop in problem.loops) < 2:
        return
    for walk in problem.walks:
        if walk.minutes and {walk.one, walk.other} <= buildings:
            yield Fact(kind="walk", keys=(walk.one, walk.other), minutes=walk.minutes)


def _of_loops(question: Question) -> Iterator[Fact]:
    for loop in question.problem.loops:
        if loop.key not in question.asked:
            yield Fact(kind="mandatory", loop=loop.key)
        for session in loop.sessions:
            yield from _of_session(question.problem, loop, session)
        yield from _times(question.problem, loop)
        if len(loop.sessions) > 1:
            yield from _between(loop)
        for key in dict.fromkeys(rest.key for rest in loop.breaks):
            longest = max(rest.minutes for rest in loop.breaks if rest.key == key)
            window = SpanSet.union(rest.window for rest in loop.breaks if rest.key == key)
            told = window.clip(question.problem.horizon)
            yield Fact(kind="break", loop=loop.key, keys=(key,), minutes=longest, spans=told)


def _of_session(problem: Problem, loop: Loop, session: Session) -> Iterator[Fact]:
    required = [seat for seat in session.seats if seat.kind == "required"]
    pools = sorted(required, key=lambda seat: sorted(seat.pool))
    for _, alike in groupby(pools, key=lambda seat: sorted(seat.pool)):
        seats = list(alike)
        yield Fact(
            kind="pool",
            loop=loop.key,
            session=session.key,
            seats=tuple(seat.key for seat in seats),
            people=seats[0].pool,
        )
    if session.starts is not None:
        told = session.starts.clip(problem.horizon)
        yield Fact(kind="starts", loop=loop.key, session=session.key, spans=told)
    if session.placed is not None and not session.placed.movable:
        start = session.placed.start
        yield Fact(
            kind="placed",
            loop=loop.key,
            session=session.key,
            people=tuple(session.placed.people.values()),
            rooms=() if session.placed.room is None else (session.placed.room,),
            spans=SpanSet((start, start + session.minutes)),
        )
    need = session.room
    if need is None:
        return
    yield Fact(kind="room", loop=loop.key, session=session.key)
    asked: tuple[tuple[FactKind, bool, dict[str, object]], ...] = (
        ("room_named", bool(need.among), {"rooms": need.among}),
        ("room_seats", need.seats > 0, {"minutes": need.seats}),
        ("room_features", bool(need.features), {"keys": need.features}),
        ("room_building", need.building is not None, {"keys": (need.building,)}),
        ("room_step_free", need.step_free, {}),
    )
    for kind, is_asked, more in asked:
        if is_asked:
            fact = Fact(kind=kind, loop=loop.key, session=session.key)
            yield fact.model_copy(update=more)


def _times(problem: Problem, loop: Loop) -> Iterator[Fact]:
    for kind, minutes in (("available", loop.available), ("begins", loop.begins)):
        if minutes is not None:
            told = minutes.clip(problem.horizon)
            yield Fact.model_validate({"kind": kind, "loop": loop.key, "spans": told})
    if loop.earliest is not None and loop.earliest > problem.start:
        yield Fact(kind="earliest", loop=loop.key, spans=SpanSet((loop.earliest, loop.earliest + 1)))
    if loop.latest is not None and loop.latest < problem.end:
        yield Fact(kind="latest", loop=loop.key, spans=SpanSet((loop.latest, loop.latest + 1)))
    if loop.days:
        told = SpanSet.of(Span(*day) for day in loop.days).clip(problem.horizon)
        yield Fact(kind="days", loop=loop.key, spans=told)


def _between(loop: Loop) -> Iterator[Fact]:
    if loop.order == "fixed":
        yield Fact(kind="order", loop=loop.key)
    for pair in dict.fromkeys(loop.before):
        yield Fact(kind="order", loop=loop.key, keys=pair)
    if loop.min_gap:
        yield Fact(kind="min_gap", loop=loop.key, minutes=loop.min_gap)
    if loop.max_gap is not None:
        yield Fact(kind="max_gap", loop=loop.key, minutes=loop.max_gap)
    if loop.max_days is not None:
        yield Fact(kind="max_days", loop=loop.key, minutes=loop.max_days)
    if loop.same_room:
        yield Fact(kind="same_room", loop=loop.key)
    if loop.meets_once:
        yield Fact(kind="meets_once", loop=loop.key)
