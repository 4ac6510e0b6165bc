"""The time of people and rooms: open, blocked, unknown, apart; and what only people have, walks and limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from solvers.check.judgement import RuleName, Violation
from solvers.check.schedule import Held, Schedule, close_pairs
from solvers.problem import Person, Room
from solvers.timeline import Span

Part = Literal["open", "blocked", "unknown", "apart"]

_RULES: dict[type[Person | Room], dict[Part, RuleName]] = {
    Person: {
        "open": "person_open",
        "blocked": "person_blocked",
        "unknown": "person_unknown",
        "apart": "person_apart",
    },
    Room: {
        "open": "room_open",
        "blocked": "room_blocked",
        "unknown": "room_unknown",
        "apart": "room_apart",
    },
}


def judge_people(schedule: Schedule) -> Iterator[Violation]:
    """Nobody is needed outside their time, too soon after something else, or more than their limits allow."""
    for person in schedule.problem.people:
        held = schedule.by_person[person.key]
        yield from judge_time(person, held)
        yield from judge_walks(schedule, person, held)
        yield from judge_limits(person, held)


def judge_room_times(schedule: Schedule) -> Iterator[Violation]:
    """No room is used outside its time or too soon after something else."""
    for room in schedule.problem.rooms:
        yield from judge_time(room, schedule.by_room[room.key])


def judge_time(of: Person | Room, held: list[Held]) -> Iterator[Violation]:
    """What the time of a person or room forbids if these are the sessions, in order of time."""
    rules = _RULES[type(of)]
    for each in held:
        yield from _judge_calendar(of, each, rules)
    buffer = max(of.buffer_before, of.buffer_after)
    for one, other, apart in close_pairs(held, buffer):
        text = (
            f"{of.key} is in {one.name} and {other.name}, which overlap by {-apart} minutes."
            if apart < 0
            else f"{of.key} has {apart} minutes between {one.name} and {other.name}, but needs {buffer}."
        )
        yield Violation(
            rule=rules["apart"],
            who=(one.name, other.name, of.key),
            when=other.span,
            by=buffer - apart,
            text=text,
        )


def _judge_calendar(of: Person | Room, held: Held, rules: dict[Part, RuleName]) -> Iterator[Violation]:
    span = held.span
    guarded = Span(span.start - of.buffer_before, span.end + of.buffer_after)
    parts: tuple[tuple[Part, int, str], ...] = (
        ("open", span.minutes - of.open.minutes_in(span), "not open"),
        ("blocked", of.blocked.minutes_in(guarded), "blocked"),
        ("unknown", of.unknown.minutes_in(guarded), "not known to be free"),
    )
    for part, by, what in parts:
        if by:
            around = " and the buffers around it" if part != "open" and guarded != span else ""
            yield Violation(
                rule=rules[part],
                who=(held.name, of.key),
                when=span,
                by=by,
                text=f"{of.key} is {what} in {by} minutes of {held.name}{around}.",
            )


def judge_walks(schedule: Schedule, person: Person, held: list[Held]) -> Iterator[Violation]:
    """What the way between buildings forbids if these are the person's sessions, in order of time."""
    for one, other, apart in close_pairs(held, schedule.longest_walk):
        walk = schedule.walk(one, other)
        if 0 <= apart < walk:
            yield Violation(
                rule="person_walk",
                who=(one.name, other.name, person.key),
                when=other.span,
                by=walk - apart,
                text=f"{person.key} has {apart} minutes between {one.name} and {other.name} for a walk of {walk}.",
            )


def judge_limits(person: Person, held: list[Held]) -> Iterator[Violation]:
    """What the person's limits forbid if these are their sessions."""
    for limit in person.limits:
        counted = [each for each in held if limit.start <= each.span.start < limit.end]
        if not counted:
            continue
        sums = (
            ("sessions", limit.sessions, limit.already_sessions, len(counted)),
            ("minutes", limit.minutes, limit.already_minutes, sum(each.session.minutes for each in counted)),
        )
        for unit, most, already, planned in sums:
            if most is not None and already + planned > most:
                yield Violation(
                    rule="person_limit",
                    who=(person.key,),
                    when=Span(limit.start, limit.end),
                    by=already + planned - most,
                    text=f"{person.key} would have {already + planned} {unit} where {most} are allowed.",
                )
