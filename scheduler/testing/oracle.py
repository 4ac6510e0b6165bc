"""Every slot of a case, minute by minute: too dull to be wrong, and too slow for anything but tests.

It asks the standard library what every person's clock shows at every minute and marks the minutes of every entry. It
knows no spans, no grid arithmetic and nothing of Slotwright but the vocabulary.

    >>> from scheduler.testing.vocabulary import Block, Busy, Person, Request
    >>> monday = 29_671_200  # 2026-06-01T00:00Z
    >>> ana = Person("ana", "UTC", (Block(0, 540, 720),), (Busy(monday + 600, monday + 630, "oof"),))
    >>> [slot.start - monday for slot in find([ana], [], Request(60, (monday, monday + 1440), grid=30))]
    [540, 630, 660]
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.testing.clocks import reading
from scheduler.testing.vocabulary import Busy, Person, Request, Room, Slot


def find(people: Sequence[Person], rooms: Sequence[Room], request: Request) -> list[Slot]:
    """Every slot, by start, once with each free room where one is needed."""
    first, end = request.window
    worked = [{minute for minute in range(first, end) if works(person, minute)} for person in people]
    taken = [blocked_minutes(person.busy, request) for person in people]
    taken_rooms = [(room.key, blocked_minutes(room.busy, request)) for room in rooms]
    found = []
    for start in range(first, end):
        meeting = range(start, start + request.minutes)
        guarded = range(meeting.start - request.buffer_before, meeting.stop + request.buffer_after)
        if start % request.grid or meeting.stop > end:
            continue
        if not all(minute in minutes for minutes in worked for minute in meeting):
            continue
        if any(minutes is None or not minutes.isdisjoint(guarded) for minutes in taken):
            continue
        free: list[str | None] = [
            key for key, minutes in taken_rooms if minutes is not None and minutes.isdisjoint(meeting)
        ]
        found += [
            Slot(start, meeting.stop, tuple(person.key for person in people), room)
            for room in (free if request.needs_room else [None])
        ]
    return found


def works(person: Person, minute: int) -> bool:
    """Whether a person's clock shows a reading inside their hours at a UTC minute."""
    weekday, shown = reading(person.zone, minute)
    return any(
        (block.weekday == weekday and block.start <= shown < block.end)
        or (block.weekday == (weekday - 1) % 7 and shown + 1440 < block.end)
        for block in person.hours
    )


def blocked_minutes(busy: tuple[Busy, ...] | None, request: Request) -> set[int] | None:
    """The minutes that are taken as this request reads them; None when nobody can say."""
    if busy is None:
        return None
    return {minute for start, end, status in busy if request.blocks(status) for minute in range(start, end)}
