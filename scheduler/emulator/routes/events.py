"""Events of a mailbox: create, read, list, change, cancel, delete, answer, and the calendar view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.emulator import meetings, zones
from scheduler.emulator.access import PRIVATE, READ, READ_BASIC, WRITE, access_denied
from scheduler.emulator.envelope import Answer, GraphFailure, bad_request, item_not_found
from scheduler.emulator.event_wire import (
    FILTERABLE,
    PROPERTIES,
    Sight,
    View,
    etag,
    shown_properties,
    wire_event,
)
from scheduler.emulator.filters import Predicate, predicate
from scheduler.emulator.odata import Query, matching, next_link, page, project
from scheduler.emulator.registry import allows
from scheduler.emulator.service import Call, Handler, Operation
from scheduler.emulator.state import Calendar, Event, Occurrence, occurrences

_OPTIONS = ("select", "top", "skip", "count", "filter", "orderby", "expand")
_ENTITY_OPTIONS = ("select", "expand")
_LONGEST_VIEW = timedelta(days=1825)
_OCCURRENCE_ID = re.compile(r"(?P<master>.+)\.(?P<day>\d{8})=")
_UNSELECTABLE_IN_VIEW = frozenset({"createddatetime", "lastmodifieddatetime"})


def calendar_of(call: Call) -> Calendar:
    """The calendar of the path; the default calendar when the path names none.

    Raises:
        GraphFailure: 404 for an id that names no calendar of this mailbox, 400 for one that is no id at all.
    """
    calendar_id = call.path.get("calendar_id")
    if calendar_id is None:
        return call.owner.default
    if not calendar_id.startswith("AA"):
        raise bad_request("ErrorInvalidIdMalformed", "Id is malformed.")
    found = call.owner.calendars.get(calendar_id)
    if found is None or not call.caller.opens(call.owner, found):
        raise item_not_found()
    return found


def _event_of(call: Call) -> tuple[Event, Occurrence | None]:
    event_id = call.path["event_id"]
    if not event_id.startswith("AA"):
        raise bad_request("ErrorInvalidIdMalformed", "Id is malformed.")
    match = _OCCURRENCE_ID.fullmatch(event_id)
    event = meetings.require(call.owner.find(event_id if match is None else match["master"] + "="))
    calendar_id = call.path.get("calendar_id")
    if calendar_id is not None and event.calendar_id != calendar_id:
        raise item_not_found()
    if not call.caller.opens(call.owner, call.owner.calendars[event.calendar_id]):
        raise item_not_found()
    if match is None:
        return event, None
    day = datetime.strptime(match["day"], "%Y%m%d").replace(tzinfo=UTC)
    around = occurrences(event.content, day - timedelta(days=2), day + timedelta(days=3))
    found = next((occurrence for occurrence in around if occurrence.day == match["day"]), None)
    if found is None:
        raise item_not_found()
    return event, found


def _writable_event(call: Call) -> Event:
    event, occurrence = _event_of(call)
    if occurrence is not None:
        raise GraphFailure(
            501, "NotImplemented", "The emulator does not change single occurrences of a series."
        )
    if event.content.sensitivity in PRIVATE and not call.caller.sees_private(call.owner):
        raise access_denied()
    meetings.check_match(call, etag(event, call.world))
    return event


def view_of(call: Call) -> View:
    """How the caller wants events, by the preferences and the permissions of the request."""
    details = call.caller.reaches(call.world, call.owner, READ)
    level: Sight = "all"
    if not call.caller.sees_private(call.owner):
        level = "public" if allows(call.caller.level(call.owner), "read") else "outline"
    return View(call.preferences.output_zone(), call.preferences.immutable, details, level)


@dataclass(frozen=True, slots=True)
class _Wish:
    """How the caller wants events, read and checked before anything is written."""

    query: Query
    view: View
    expansion: Predicate | None

    def sent(self, written: dict[str, Any]) -> dict[str, Any]:
        return project(shown_properties(written, self.expansion), self.query, PROPERTIES)


def _wish(call: Call, *options: str) -> _Wish:
    query = call.query(*options)
    project({}, query, PROPERTIES)
    expansion = query.extended_filter
    wanted = None if expansion is None else predicate(expansion, ("id", "value"))
    return _Wish(query, view_of(call), wanted)


def _entity(
    call: Call, event: Event, wish: _Wish, *, status: int = 200, occurrence: Occurrence | None = None
) -> Answer:
    written = wire_event(call.world, event, wish.view, occurrence)
    users = f"users('{call.owner.object_id}')"
    context = call.context(f"{users}/calendars('{event.calendar_id}')/events/$entity")
    headers = {"ETag": written["@odata.etag"]}
    if status == 201:
        headers["Location"] = f"{call.root}/{users}/events('{written['id']}')"
    body = {"@odata.context": context, **wish.sent(written)}
    return Answer(status, body, headers, call.preferences.applied())


def create_event(call: Call) -> Answer:
    """201 with the organizer's copy; nothing is said about rooms or conflicts."""
    calendar = calendar_of(call)
    wish = _wish(call, *_ENTITY_OPTIONS)
    return _entity(call, meetings.create(call, calendar), wish, status=201)


def get_event(call: Call) -> Answer:
    """One event or occurrence."""
    event, occurrence = _event_of(call)
    return _entity(call, event, _wish(call, *_ENTITY_OPTIONS), occurrence=occurrence)


def update_event(call: Call) -> Answer:
    """200 with the changed event."""
    wish = _wish(call, *_ENTITY_OPTIONS)
    return _entity(call, meetings.update(call, _writable_event(call)), wish)


def delete_event(call: Call) -> Answer:
    """204."""
    meetings.remove(call, _writable_event(call))
    return Answer(204)


def cancel_event(call: Call) -> Answer:
    """202."""
    meetings.cancel(call, _writable_event(call))
    return Answer(202)


def _responder(answer: str) -> Handler:
    def respond(call: Call) -> Answer:
        meetings.respond(call, _writable_event(call), answer)
        return Answer(202)

    return respond


def list_events(call: Call) -> Answer:
    """Single events and series masters, in the order they were made; of the default calendar unless named."""
    wish = _wish(call, *_OPTIONS)
    events = calendar_of(call).events.values()
    return _listing(call, wish, [wire_event(call.world, event, wish.view) for event in events], "events")


def calendar_view(call: Call) -> Answer:
    """What takes place in a window, series expanded; offsets of the window's ends are honoured."""
    wish = _wish(call, *_OPTIONS)
    if _UNSELECTABLE_IN_VIEW & {name.lower() for name in wish.query.select or ()}:
        raise bad_request(
            "ErrorInvalidProperty", "calendarView cannot select creation or modification times."
        )
    start, end = bounds(call)
    found = sorted(
        _happening(calendar_of(call), start, end), key=lambda pair: (pair[1].start, pair[0].number)
    )
    written = [wire_event(call.world, event, wish.view, occurrence) for event, occurrence in found]
    return _listing(call, wish, written, "calendarView")


def _happening(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[Event, Occurrence]]:
    for event in calendar.events.values():
        for occurrence in occurrences(event.content, start, end):
            yield event, occurrence


def bounds(call: Call) -> tuple[datetime, datetime]:
    """The window of a calendar view.

    Raises:
        GraphFailure: 400 for bounds that are missing, unreadable, out of order or too far apart.
    """
    start, end = _bound(call, "startDateTime"), _bound(call, "endDateTime")
    if end < start:
        raise bad_request("ErrorInvalidParameter", "The end of the view is before its start.")
    if end - start > _LONGEST_VIEW:
        raise bad_request("ErrorInvalidRequest", "The range of a calendar view is at most 1825 days.")
    return start, end


def _bound(call: Call, name: str) -> datetime:
    text = call.request.args.get(name)
    if not text:
        raise bad_request(
            "ErrorInvalidParameter", f"This request requires a time window: {name} is missing or empty."
        )
    try:
        return zones.instant(zones.parse(text), "UTC")
    except ValueError as error:
        raise bad_request("ErrorInvalidParameter", f"The value '{text}' of {name} cannot be read.") from error


def _listing(call: Call, wish: _Wish, written: list[dict[str, Any]], collection: str) -> Answer:
    kept = matching(written, wish.query, FILTERABLE)
    shown, following = page(kept, wish.query, size=call.preferences.page_size or 10)
    body: dict[str, Any] = {"@odata.context": call.context(f"users('{call.owner.object_id}')/{collection}")}
    if wish.query.count:
        body["@odata.count"] = len(kept)
    body["value"] = [wish.sent(dict(item)) for item in shown]
    if following is not None:
        body["@odata.nextLink"] = next_link(call.request.base_url, call.request.args.to_dict(), following)
    return Answer(200, body, applied=call.preferences.applied())


def _operations() -> Iterator[Operation]:
    for root in ("/users/<user>", "/users/<user>/calendar", "/users/<user>/calendars/<calendar_id>"):
        yield Operation("listEvents", "GET", f"{root}/events", list_events, READ_BASIC)
        yield Operation("createEvent", "POST", f"{root}/events", create_event, WRITE)
        yield Operation("calendarView", "GET", f"{root}/calendarView", calendar_view, READ_BASIC)
        one = f"{root}/events/<event_id>"
        yield Operation("getEvent", "GET", one, get_event, READ_BASIC)
        yield Operation("updateEvent", "PATCH", one, update_event, WRITE)
        yield Operation("deleteEvent", "DELETE", one, delete_event, WRITE)
        yield Operation("cancelEvent", "POST", f"{one}/cancel", cancel_event, WRITE)
        yield Operation("acceptEvent", "POST", f"{one}/accept", _responder("accepted"), WRITE)
        yield Operation("declineEvent", "POST", f"{one}/decline", _responder("declined"), WRITE)
        yield Operation(
            "tentativelyAcceptEvent",
            "POST",
            f"{one}/tentativelyAccept",
            _responder("tentativelyAccepted"),
            WRITE,
        )


OPERATIONS = tuple(_operations())
