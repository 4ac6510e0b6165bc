"""Which changes could help at all: those that weaken a fact of the conflict, and shorter sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from solvers.explain.changes import Change
from solvers.explain.facts import Fact
from solvers.explain.question import DAY, Question
from solvers.problem import Loop, Person, Problem, Room, Session
from solvers.timeline import Span, SpanSet

HALF = 30
HOUR = 60
MOST_PEOPLE = 12
"""So many equal people, and so many others, are tried for a seat."""


def candidates(
    problem: Problem,
    question: Question,
    pieces: tuple[Fact, ...],
    extra: Mapping[str, SpanSet],
) -> tuple[Change, ...]:
    """The changes that could help, the cheapest first.

    Nothing else does: a change that weakens no fact of the conflict leaves it standing, but for shorter sessions, whose
    length is no fact.

    Args:
        problem: where further people for seats are looked for.
        extra: minutes by person or room that are blocked only because what is tentative counts as busy.
    """
    found: list[Change] = []
    for fact in pieces:
        found.extend(_against(problem, question, fact, extra))
    for loop, session in question.problem.sessions():
        if loop.key in question.asked:
            found.extend(_shorter(loop, session))
    roomed = {fact.loop for fact in pieces if fact.kind == "room"}
    found.extend(
        Change(kind="no_rooms", loop=loop.key)
        for loop in question.problem.loops
        if loop.key in roomed and sum(session.room is not None for session in loop.sessions) > 1
    )
    return tuple(sorted(dict.fromkeys(found), key=lambda each: each.price))


def _against(
    problem: Problem, question: Question, fact: Fact, extra: Mapping[str, SpanSet]
) -> Iterator[Change]:
    match fact.kind:
        case "pool":
            yield from _people(problem, fact)
            for seat in fact.seats:
                yield Change(kind="without", loop=fact.loop, session=fact.session, seats=(seat,))
        case (
            "person_blocked"
            | "person_unknown"
            | "person_hours"
            | "room_blocked"
            | "room_unknown"
            | "room_hours"
        ):
            yield from _time(question, fact, extra)
        case "person_limit":
            longest = max(session.minutes for _, session in question.problem.sessions())
            yield Change(
                kind="limit", person=fact.people[0], limit=fact.limit, amount=longest, spans=fact.spans
            )
        case "person_buffer":
            yield Change(kind="buffer", person=fact.people[0], was=fact.minutes)
        case "room_buffer":
            yield Change(kind="buffer", room=fact.rooms[0], was=fact.minutes)
        case "room" | "room_named" | "room_seats" | "room_features" | "room_building":
            yield from _room(question, fact)
        case "starts" | "placed":
            yield Change(
                kind="starts" if fact.kind == "starts" else "moved", loop=fact.loop, session=fact.session
            )
        case "mandatory":
            yield Change(kind="left_out", loop=fact.loop)
        case _ if fact.loop is not None:
            loop = next(each for each in question.problem.loops if each.key == fact.loop)
            yield from _of_loop(question, loop, fact)
        case _:
            return


def _people(problem: Problem, fact: Fact) -> Iterator[Change]:
    """Others for the seats: first those who share another pool with somebody of this one, who are in most pools."""
    pools = [set(seat.pool) for _, session in problem.sessions() for seat in session.seats]
    here = set(fact.people)
    shared: dict[str, int] = {}
    for pool in pools:
        if pool & here:
            for key in pool - here:
                shared[key] = shared.get(key, 0) + 1
    equal = sorted(shared, key=lambda key: (-shared[key], key))
    others = [person.key for person in problem.people if person.key not in shared and person.key not in here]
    where = {"loop": fact.loop, "session": fact.session, "seats": fact.seats}
    for key in equal[:MOST_PEOPLE]:
        yield Change(kind="equal_person", person=key, **where)
    for key in others[:MOST_PEOPLE]:
        yield Change(kind="other_person", person=key, **where)


def _time(question: Question, fact: Fact, extra: Mapping[str, SpanSet]) -> Iterator[Change]:
    people = {person.key: person for person in question.problem.people}
    rooms = {room.key: room for room in question.problem.rooms}
    of: Person | Room = people[fact.people[0]] if fact.people else rooms[fact.rooms[0]]
    is_person = isinstance(of, Person)
    who = {"person": of.key} if is_person else {"room": of.key}
    for day in question.days:
        within = fact.within.clip(day)
        if not within:
            continue
        if fact.kind in ("person_hours", "room_hours"):
            if open_ := of.open.clip(day):
                first, last = open_.edges[0], open_.edges[-1]
                for span in (Span(first - HALF, first), Span(last, last + HALF)):
                    yield Change(
                        kind="hours" if is_person else "room_hours",
                        spans=SpanSet((span.start, span.end)),
                        step=0,
                        **who,
                    )
            continue
        if tentative := extra.get(of.key, SpanSet.EMPTY) & of.blocked & within:
            yield Change(kind="tentative", spans=tentative, **who)
        if fact.kind in ("person_unknown", "room_unknown"):
            if unknown := of.unknown & within:
                yield Change(kind="known" if is_person else "room_known", spans=unknown, **who)
            continue
        for window in windows(question, of, day):
            if of.blocked.overlaps(window):
                yield Change(
                    kind="hour" if is_person else "room_hour",
                    spans=SpanSet((window.start, window.end)),
                    step=0,
                    **who,
                )


def windows(question: Question, of: Person | Room, day: Span) -> Iterator[Span]:
    """Hours of the day that somebody could give free, half an hour apart, with their buffers.

    Where every session that could use them is longer, they are as long as the shortest of these.
    """
    lengths = [
        session.minutes
        for _, session in question.problem.sessions()
        if isinstance(of, Room) or any(of.key in seat.pool for seat in session.seats)
    ]
    minutes = max(HOUR, -(-min(lengths, default=HOUR) // HALF) * HALF)
    free = of.open.clip(day)
    first = day.start - day.start % -HALF
    for start in range(first, day.end, HALF):
        if free.covers(Span(start, start + minutes)):
            yield Span(start - of.buffer_before, start + minutes + of.buffer_after)


def _room(question: Question, fact: Fact) -> Iterator[Change]:
    where = {"loop": fact.loop, "session": fact.session}
    match fact.kind:
        case "room_named":
            yield Change(kind="room_named", keys=fact.rooms, **where)
        case "room_building":
            yield Change(kind="room_building", keys=fact.keys, **where)
        case "room_features":
            for feature in fact.keys:
                yield Change(kind="room_features", keys=(feature,), **where)
        case "room_seats":
            sizes = sorted({room.seats for room in question.problem.rooms}, reverse=True)
            asked = fact.minutes or 0
            for step, seats in enumerate(size for size in sizes if size < asked):
                yield Change(kind="room_seats", amount=seats, was=asked, step=step, **where)
        case _:
            yield Change(kind="no_room", **where)


def _shorter(loop: Loop, session: Session) -> Iterator[Change]:
    """A quarter of an hour less, and half an hour, but never less than half of the session."""
    for step, less in enumerate((15, 30)):
        if session.minutes - less >= max(15, session.minutes // 2):
            yield Change(
                kind="minutes",
                loop=loop.key,
                session=session.key,
                amount=session.minutes - less,
                was=session.minutes,
                step=step,
            )


def _of_loop(question: Question, loop: Loop, fact: Fact) -> Iterator[Change]:
    where = {"loop": loop.key}
    match fact.kind:
        case "available" | "earliest" | "latest":
            yield from _offers(question, loop, fact)
        case "begins":
            yield Change(kind="begins", **where)
        case "order":
            yield Change(kind="order", keys=fact.keys, **where)
        case "same_room":
            yield Change(kind="same_room", **where)
        case "meets_once":
            yield Change(kind="meets_again", **where)
        case "break":
            yield Change(kind="no_break", keys=fact.keys, amount=fact.minutes, **where)
        case "max_days" if loop.max_days is not None:
            yield Change(kind="more_days", amount=loop.max_days + 1, was=loop.max_days, **where)
        case "max_gap" if loop.max_gap is not None:
            longer = (loop.max_gap + HALF, loop.max_gap + HOUR, None)
            for step, amount in enumerate(longer):
                yield Change(kind="longer_gap", amount=amount, was=loop.max_gap, step=step, **where)
        case "min_gap":
            for step, amount in enumerate(dict.fromkeys((loop.min_gap // 2, 0))):
                yield Change(kind="shorter_gap", amount=amount, was=loop.min_gap, step=step, **where)
        case _:
            return


def _offers(question: Question, loop: Loop, fact: Fact) -> Iterator[Change]:
    horizon = question.problem.horizon
    where = {"loop": loop.key}
    if fact.kind == "earliest" and loop.earliest is not None:
        yield Change(kind="candidate_hour", spans=SpanSet((loop.earliest - HOUR, loop.earliest)), **where)
    if fact.kind == "latest" and loop.latest is not None:
        yield Change(kind="candidate_hour", spans=SpanSet((loop.latest, loop.latest + HOUR)), **where)
    if loop.available is None or fact.kind != "available":
        return
    offered = loop.available.clip(horizon)
    for span in offered:
        for hour in (Span(span.start - HOUR, span.start), Span(span.end, span.end + HOUR)):
            if hour.overlaps(horizon):
                yield Change(kind="candidate_hour", spans=SpanSet((hour.start, hour.end)), **where)
    for day in (Span(*each) for each in sorted(loop.days)) if loop.days else question.days:
        if not offered.clip(day) and day.minutes <= 2 * DAY:
            yield Change(kind="candidate_day", spans=SpanSet((day.start, day.end)), **where)
