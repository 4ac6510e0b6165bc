"""Creating, finding, reading, changing, cancelling and deleting events (resources/event)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from scheduler.booking.events import CalendarRef, EventChange, EventCopy
from scheduler.graph.calls import Ask, Reply
from scheduler.graph.errors import Applied, BadAnswer, CallFailed, NotThere, RequestRefused
from scheduler.graph.gate import Gate
from scheduler.graph.paging import linked_pages
from scheduler.graph.paths import EVENT_PREFERENCE, calendar_path, event_path, literal, query
from scheduler.graph.wire.events import MARKER_ID, Event, changes
from scheduler.zones import iso_utc
from solvers.timeline import Span

_HEADERS = {"Prefer": EVENT_PREFERENCE}
_EXPAND_MARKER = f"singleValueExtendedProperties($filter=id eq {literal(MARKER_ID)})"
_DAY = 1440


def create(gate: Gate, calendar: CalendarRef, body: bytes) -> EventCopy:
    """Send the frozen bytes of a new event; invitations go out with it.

    A 201 proves that the event is in this calendar and nothing about the room.

    Raises:
        Clash: the transaction id was used before; `existing_event_id` when Graph names the event.
        Unavailable, BadAnswer: with `applied="unknown"`, the event may exist; find it by its marker.
        CallFailed: any other refusal.
    """
    doing = f"creating an event in the calendar of {calendar.mailbox}"
    reply = gate.send(
        "POST",
        f"{calendar_path(calendar.mailbox, calendar.calendar_id)}/events",
        mailbox=calendar.mailbox,
        content=body,
        headers=_HEADERS,
        doing=doing,
        write=True,
    )
    return _copy(reply.body, doing, applied="unknown")


def find_marked(gate: Gate, calendar: CalendarRef, marker: str, around: Span) -> tuple[EventCopy, ...]:
    """Every event of the calendar that carries our marker, wherever it has been moved to.

    A mailbox whose server refuses the filter is searched through its view of `around` instead.

    Raises:
        CallFailed: the search could not be made to its end.
    """
    doing = f"looking for our event in the calendar of {calendar.mailbox}"
    condition = f"ep/id eq {literal(MARKER_ID)} and ep/value eq {literal(marker)}"
    path = f"{calendar_path(calendar.mailbox, calendar.calendar_id)}/events" + query(
        filter=f"singleValueExtendedProperties/any(ep: {condition})", expand=_EXPAND_MARKER, top="50"
    )
    try:
        found = [
            _copy(item, doing)
            for item in linked_pages(gate, path, mailbox=calendar.mailbox, doing=doing, headers=_HEADERS)
        ]
    except RequestRefused:
        found = list(view(gate, calendar, around))
    # A server that ignored the filter must not make a stranger's event ours.
    return tuple(event for event in found if event.marker == marker)


def all_marked(gate: Gate, calendar: CalendarRef, window: Span) -> tuple[EventCopy, ...]:
    """Every single event of the calendar that shares time with the window and carries a marker of ours, whichever.

    A property is asked for by `ne null`, and only together with its id (api/singlevaluelegacyextendedproperty-get).
    A mailbox whose server refuses the filter is searched through its view of the window instead.

    Raises:
        CallFailed: the search could not be made to its end.
    """
    doing = f"looking for events of ours in the calendar of {calendar.mailbox}"
    marked = f"singleValueExtendedProperties/any(ep: ep/id eq {literal(MARKER_ID)} and ep/value ne null)"
    within = f"start/dateTime lt {literal(iso_utc(window.end))} and end/dateTime gt {literal(iso_utc(window.start))}"
    path = f"{calendar_path(calendar.mailbox, calendar.calendar_id)}/events" + query(
        filter=f"{within} and {marked}", expand=_EXPAND_MARKER, top="100"
    )
    try:
        found = [
            _copy(item, doing)
            for item in linked_pages(gate, path, mailbox=calendar.mailbox, doing=doing, headers=_HEADERS)
        ]
    except RequestRefused:
        found = list(view(gate, calendar, window))
    # A server that ignored the filter must not make a stranger's event ours.
    return tuple(event for event in found if event.marker is not None and event.span.overlaps(window))


def read(gate: Gate, mailbox: str, event_id: str) -> EventCopy | None:
    """The event with its marker; None when it is not in the mailbox any more.

    Raises:
        CallFailed: anything else, also when the whole mailbox was not found.
    """
    (found,) = read_many(gate, [(mailbox, event_id)])
    if isinstance(found, CallFailed):
        raise found
    return found


def read_many(gate: Gate, wanted: Sequence[tuple[str, str]]) -> tuple[EventCopy | CallFailed | None, ...]:
    """What `read` gives for each mailbox and id, or why it could not be read, in as few round trips as may be."""
    asks = [
        Ask(
            "GET",
            event_path(mailbox, event_id) + query(expand=_EXPAND_MARKER),
            mailbox,
            f"reading an event in the mailbox {mailbox}",
            headers=_HEADERS,
        )
        for mailbox, event_id in wanted
    ]
    return tuple(_read(ask, came) for ask, came in zip(asks, gate.send_many(asks), strict=True))


def _read(ask: Ask, came: Reply | CallFailed) -> EventCopy | CallFailed | None:
    if isinstance(came, CallFailed):
        return None if isinstance(came, NotThere) and not came.whole_mailbox else came
    try:
        return _copy(came.body, ask.doing)
    except CallFailed as error:
        return error


def view(gate: Gate, calendar: CalendarRef, span: Span) -> tuple[EventCopy, ...]:
    """Every occurrence in the calendar that shares time with the span, with its marker.

    A day is added on both sides of what is asked, because all-day events float and Graph matches them by
    UTC days; they are kept when they overlap in any zone.

    Raises:
        CallFailed: the view could not be read to its end.
        BadAnswer: an event in it could not be read.
    """
    return _in_view(gate, _view(calendar, span), span)


def view_many(
    gate: Gate, wanted: Sequence[tuple[CalendarRef, Span]]
) -> tuple[tuple[EventCopy, ...] | CallFailed, ...]:
    """What `view` gives for each, or why it could not be read, in as few round trips as the limits allow."""
    asks = [_view(calendar, span) for calendar, span in wanted]
    found: list[tuple[EventCopy, ...] | CallFailed] = []
    for ask, (_, span), came in zip(asks, wanted, gate.send_many(asks), strict=True):
        try:
            found.append(came if isinstance(came, CallFailed) else _in_view(gate, ask, span, came))
        except CallFailed as error:
            found.append(error)
    return tuple(found)


def _view(calendar: CalendarRef, span: Span) -> Ask:
    # No $select: createdDateTime, which decides who was first, cannot be selected here.
    path = f"{calendar_path(calendar.mailbox, calendar.calendar_id)}/calendarView" + query(
        startDateTime=iso_utc(span.start - _DAY),
        endDateTime=iso_utc(span.end + _DAY),
        expand=_EXPAND_MARKER,
        top="100",
    )
    doing = f"reading the calendar of {calendar.mailbox}"
    return Ask("GET", path, calendar.mailbox, doing, headers=_HEADERS)


def _in_view(gate: Gate, ask: Ask, span: Span, first: Reply | None = None) -> tuple[EventCopy, ...]:
    kept = []
    pages = linked_pages(
        gate, ask.path, mailbox=ask.mailbox, doing=ask.doing, headers=ask.headers, first=first
    )
    for item in pages:
        event = _event(item, ask.doing, "no")
        copy = _in_domain(event, ask.doing, "no")
        slack = 14 * 60 if event.is_all_day is True else 0
        if Span(copy.span.start - slack, copy.span.end + slack).overlaps(span):
            kept.append(copy)
    return tuple(kept)


def amend(gate: Gate, mailbox: str, event_id: str, change: EventChange, *, version: str) -> EventCopy:
    """Change an event as its organizer, and nothing of it that the change does not name.

    A new time or place reaches every guest with one update; guests alone, only those who come or go (api/event-update).
    It is done only to the version that was read, so that of a try of unknown outcome and its repetition one at most
    takes effect, whichever comes first.

    Returns:
        The event as it is after the change.

    Raises:
        Clash: the event is not as it was read; nothing was changed.
        Unavailable, BadAnswer: with `applied="unknown"`, it may have been changed; read it.
        CallFailed: any other refusal.
    """
    doing = f"changing an event in the mailbox {mailbox}"
    reply = gate.send(
        "PATCH",
        event_path(mailbox, event_id),
        mailbox=mailbox,
        json=changes(change),
        headers={**_HEADERS, **({"If-Match": version} if version else {})},
        doing=doing,
        write=True,
    )
    return _copy(reply.body, doing, applied="unknown")


def cancel(gate: Gate, mailbox: str, event_id: str, comment: str) -> bool:
    """Cancel a meeting and tell its guests; only in the organizer's mailbox.

    Returns:
        Whether it was there; False means that it was already gone, and nobody was told.

    Raises:
        Unavailable: with `applied="unknown"`, it may have been cancelled.
        CallFailed: any other refusal.
    """
    path = f"{event_path(mailbox, event_id)}/cancel"
    return _remove(gate, "POST", path, mailbox, {"comment": comment})


def delete(gate: Gate, mailbox: str, event_id: str) -> bool:
    """Delete an event; in the organizer's mailbox its guests are told, without words.

    Returns:
        Whether it was there; False means that it was already gone.

    Raises:
        Unavailable: with `applied="unknown"`, it may have been deleted.
        CallFailed: any other refusal.
    """
    return _remove(gate, "DELETE", event_path(mailbox, event_id), mailbox, None)


def _remove(gate: Gate, method: str, path: str, mailbox: str, body: Any) -> bool:
    doing = f"{'deleting' if body is None else 'cancelling'} an event in the mailbox {mailbox}"
    try:
        gate.send(method, path, mailbox=mailbox, json=body, headers=_HEADERS, doing=doing, write=True)
    except NotThere as gone:
        if gone.whole_mailbox:
            raise
        return False
    return True


def _copy(item: Any, doing: str, applied: Applied = "no") -> EventCopy:
    return _in_domain(_event(item, doing, applied), doing, applied)


def _event(item: Any, doing: str, applied: Applied) -> Event:
    try:
        return Event.model_validate(item)
    except ValidationError as fault:
        raise BadAnswer(
            doing, "Graph's answer holds no event in the documented form", _REMEDY, applied=applied
        ) from fault


def _in_domain(event: Event, doing: str, applied: Applied) -> EventCopy:
    try:
        return event.copy_of()
    except ValueError as fault:
        raise BadAnswer(
            doing, f"an event's times cannot be read ({str(fault).rstrip('.')})", _REMEDY, applied=applied
        ) from fault


_REMEDY = "look at the event in Outlook, and report this"
