"""Does the room hold our time? Read from its own calendar, else from its free/busy, never from an attendee's answer.

Attendees' answers on a secondary calendar never change (resources/calendar, isTallyingResponses), and a direct write is
accepted even over another meeting, so a 201 and a silent attendee list prove nothing either way.
"""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.booking.booking import RoomState, Route, Written
from scheduler.booking.events import EventCopy
from scheduler.calendars.snapshot import MailboxSchedule, Status
from solvers.timeline import Span

_HOLDING = {Status.BUSY, Status.OOF}
_IDLE = {Status.FREE, Status.ELSEWHERE}


@dataclass(frozen=True, slots=True)
class RoomAnswer:
    """What one look at a room showed; state WRITTEN means that it has not answered yet.

    Args:
        unread: whether the room could not be looked at, so that nothing is known.
        contested: whether another meeting is in the room at that time as well.
    """

    state: RoomState
    reason: str
    unread: bool = False
    contested: bool = False


def from_calendar(
    ours: Written,
    route: Route,
    span: Span,
    events: tuple[EventCopy, ...],
    *,
    leaving: Written | None = None,
) -> RoomAnswer:
    """Judge by the room's own calendar.

    Of two events in one room, the one that was created in its calendar first stays, then the one with the smaller
    id. Whoever follows the rule reads the same two events there, so that exactly one yields, whatever route each took.

    Args:
        leaving: our earlier reservation of this room, which a change is about to remove, so that it is in nobody's way.
    """
    present = [
        event
        for event in events
        if not event.cancelled
        and event.span.overlaps(span)
        and (leaving is None or not _is_ours(event, leaving))
    ]
    mine = next((event for event in present if _is_ours(event, ours)), None)
    others = [event for event in present if event is not mine and event.status not in _IDLE]
    if mine is None:
        if route is Route.DIRECT:
            return RoomAnswer(RoomState.DISPLACED, "the reservation is no longer in the room's calendar")
        if others:
            return RoomAnswer(RoomState.DECLINED, "another meeting holds the room")
        return RoomAnswer(RoomState.WRITTEN, "the room has not answered yet")
    if mine.span != span:
        return RoomAnswer(
            RoomState.DISPLACED, "the reservation in the room's calendar was moved to another time"
        )
    if any(_came_first(other, mine) for other in others):
        return RoomAnswer(RoomState.DISPLACED, "another meeting was in the room first")
    contested = bool(others)
    if mine.status in _HOLDING:
        held = "the room's own calendar shows this meeting"
        return RoomAnswer(RoomState.VERIFIED, held, contested=contested)
    waits = "the room holds the time tentatively until somebody approves"
    return RoomAnswer(RoomState.PENDING, waits, contested=contested)


def from_free_busy(span: Span, schedule: MailboxSchedule, *, leaving: Span | None = None) -> RoomAnswer:
    """Judge by free/busy alone: an interval exactly like ours, where there was none before, is our reservation.

    Args:
        leaving: the time of our earlier reservation of this room, which a change is about to remove.
    """
    if schedule.nobody:
        return RoomAnswer(RoomState.DECLINED, "there is no such room any more")
    if schedule.problem is not None or schedule.items is None:
        why = schedule.problem or "its free/busy has no entries to look at"
        return RoomAnswer(RoomState.WRITTEN, f"the room could not be looked at: {why}", unread=True)
    touching = [
        item
        for item in schedule.items
        if item.span.overlaps(span)
        and item.status not in _IDLE
        and (item.span == span or item.span != leaving)
    ]
    for item in touching:
        if item.span == span and item.status in _HOLDING:
            shown = "the room's free/busy shows exactly this interval"
            return RoomAnswer(RoomState.ACCEPTED, shown, contested=len(touching) > 1)
    if any(item.span == span and item.status is Status.TENTATIVE for item in touching):
        return RoomAnswer(RoomState.PENDING, "the room holds the time tentatively until somebody approves")
    if any(item.status in _HOLDING for item in touching):
        return RoomAnswer(RoomState.DECLINED, "another meeting holds the room")
    return RoomAnswer(RoomState.WRITTEN, "the room has not answered yet")


def _is_ours(event: EventCopy, ours: Written) -> bool:
    return event.event_id == ours.event_id or (bool(ours.ical_uid) and event.ical_uid == ours.ical_uid)


def _came_first(other: EventCopy, mine: EventCopy) -> bool:
    if other.created is None or mine.created is None:
        return True
    return (other.created, other.event_id) < (mine.created, mine.event_id)
