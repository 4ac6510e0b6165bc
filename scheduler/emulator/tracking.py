"""What change tracking remembers: rounds of a calendar, by token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.emulator.state import Calendar, Event, Occurrence, occurrences

Window = tuple[datetime, datetime]
Key = tuple[str, str | None]
"""A default event id, and the day of an occurrence of a series."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event or occurrence as a round tells it; `event_id` and `writes` are what the event had then."""

    event: Event
    event_id: str
    writes: int
    occurrence: Occurrence | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a calendar.

    Args:
        window: what it is about; None is the whole calendar, series not expanded.
        at: when it began.
        present: what there was then.
        told: what it has to tell.
        offset: how much of it was told on earlier pages.
    """

    mailbox: str
    calendar_id: str
    window: Window | None
    at: datetime
    present: Mapping[Key, Told]
    told: tuple[Told, ...]
    offset: int = 0


def first_round(mailbox: str, calendar: Calendar, window: Window | None, now: datetime) -> Round:
    """Everything there is."""
    present = dict(_present(calendar, window))
    return Round(mailbox, calendar.calendar_id, window, now, present, tuple(present.values()))


def next_round(before: Round, calendar: Calendar, now: datetime) -> Round:
    """What is new, written or gone since `before`; an event that left the window is told where it is now."""
    present = dict(_present(calendar, before.window))
    told = [found for key, found in present.items() if before.present.get(key) != found]
    for key, seen in before.present.items():
        if key in present:
            continue
        event = calendar.events.get(seen.event.event_id)
        single = seen.occurrence is None or seen.occurrence.day is None
        if event is not None and single:
            told.append(Told(event, event.event_id, event.writes))
        else:
            told.append(replace(seen, gone=True))
    return Round(before.mailbox, before.calendar_id, before.window, now, present, tuple(told))


def _present(calendar: Calendar, window: Window | None) -> Iterator[tuple[Key, Told]]:
    for event in calendar.events.values():
        if window is None:
            yield (event.event_id, None), Told(event, event.event_id, event.writes)
            continue
        for occurrence in occurrences(event.content, *window):
            yield (event.event_id, occurrence.day), Told(event, event.event_id, event.writes, occurrence)
