"""The resource booking attendant: how a room answers an invitation (Exchange Set-CalendarProcessing)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal

from scheduler.emulator.recurrence import Recurrence
from scheduler.emulator.state import Content, Mailbox, Occurrence, occurrences
from scheduler.emulator.tenant import Room
from scheduler.emulator.workhours import inside_hours
from scheduler.emulator.world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, the meeting as the room will hold it, and the reason of a refusal."""

    answer: Literal["accept", "decline", "pending", "ignore"]
    content: Content
    reason: str = ""


def room_content(content: Content, organizer_name: str) -> Content:
    """A meeting as a room keeps it: the organizer's name for a subject, no body, nothing private."""
    return replace(content, subject=organizer_name, body="", sensitivity="normal", show_as="busy")


def judge(
    world: World, room: Mailbox, content: Content, organizer: Mailbox, *, ical_uid: str, now: datetime
) -> Verdict:
    """What the room answers at the instant `now`, by its own settings and its default calendar."""
    assert isinstance(room.spec, Room)
    settings = room.spec.attendant
    kept = room_content(content, organizer.name)
    if settings.automate == "None":
        return Verdict("ignore", kept)
    if settings.automate == "AutoUpdate":
        return Verdict("pending", kept)
    horizon = now + timedelta(days=settings.booking_window_days)
    if kept.recurrence is not None and not settings.enforce_horizon:
        kept = replace(kept, recurrence=_cut(kept.recurrence, horizon))
    reason = _refusal(world, room.spec, kept, organizer, horizon)
    if not reason and not settings.allow_conflicts:
        reason = _conflict(room, kept, ical_uid, horizon)
    return Verdict("decline" if reason else "accept", kept, reason)


def _cut(recurrence: Recurrence, horizon: datetime) -> Recurrence:
    last = horizon.date()
    return replace(recurrence, until=last if recurrence.until is None else min(last, recurrence.until))


def _refusal(world: World, spec: Room, content: Content, organizer: Mailbox, horizon: datetime) -> str:
    settings = spec.attendant
    minutes, recurrence = settings.maximum_minutes, content.recurrence
    inside = settings.book_in_policy == "all" or world.covers(settings.book_in_policy, organizer.address)
    reasons = {
        "organizer not in BookInPolicy": not inside,
        f"longer than {minutes} minutes": 0 < minutes * 60 < (content.end - content.start).total_seconds(),
        "recurring meetings are not allowed": recurrence is not None and not settings.allow_recurring,
        "the series has no end": recurrence is not None and recurrence.until is None and not recurrence.count,
        f"beyond the booking window of {settings.booking_window_days} days": content.start > horizon
        or _runs_past(content, horizon),
        "outside working hours": settings.only_work_hours
        and not all(inside_hours(spec, found.start, found.end) for found in _times(content, horizon)),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _runs_past(content: Content, horizon: datetime) -> bool:
    if content.recurrence is None:
        return False
    far = datetime.combine(horizon.date() + timedelta(days=3700), time(0), horizon.tzinfo)
    return any(found.start > horizon for found in occurrences(content, horizon, far))


def _times(content: Content, horizon: datetime) -> list[Occurrence]:
    return list(occurrences(content, content.start, max(horizon, content.end)))


def _conflict(room: Mailbox, content: Content, ical_uid: str, horizon: datetime) -> str:
    wanted = _times(content, horizon)
    if not wanted:
        return ""
    start, end = min(found.start for found in wanted), max(found.end for found in wanted)
    for event in room.default.events.values():
        if event.ical_uid == ical_uid or event.show_as == "free":
            continue
        for held in occurrences(event.content, start, end, room.spec.time_zone):
            if any(held.start < found.end and found.start < held.end for found in wanted):
                return f"conflicts with {event.ical_uid}"
    return ""
