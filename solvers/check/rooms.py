"""Whether a session has the room it asks for: room_missing, room_unasked, room_unsuited."""

from __future__ import annotations

from collections.abc import Iterator

from solvers.check.judgement import Violation
from solvers.check.schedule import Held, Schedule


def judge_rooms(schedule: Schedule) -> Iterator[Violation]:
    """Sessions that need a room have one that suits, and the others have none."""
    for held in schedule:
        yield from _judge(held)


def _judge(held: Held) -> Iterator[Violation]:
    need, key = held.session.room, held.assignment.room
    if need is None:
        if key is not None:
            text = f"{held.name} is held in {key}, but needs no room."
            yield Violation(rule="room_unasked", who=(held.name, key), when=held.span, by=1, text=text)
    elif key is None:
        text = f"{held.name} needs a room and has none."
        yield Violation(rule="room_missing", who=(held.name,), when=held.span, by=1, text=text)
    elif held.room is not None and not need.suits(held.room):
        text = f"{held.name} is held in {key}, which is not what it asks for."
        yield Violation(rule="room_unsuited", who=(held.name, key), when=held.span, by=1, text=text)
