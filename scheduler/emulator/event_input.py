"""Reading an event of a request: what POST creates and what PATCH changes, checked property by property."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar

from scheduler.emulator import zones
from scheduler.emulator.envelope import GraphFailure, bad_request
from scheduler.emulator.odata import checked_zone
from scheduler.emulator.recurrence import Recurrence, read_recurrence
from scheduler.emulator.state import Attendee, Content, Event
from scheduler.emulator.world import World

_READ_ONLY = frozenset({
    *("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "iCalUId", "originalStartTimeZone"),
    *("originalEndTimeZone", "hasAttachments", "bodyPreview", "isCancelled", "isOrganizer", "seriesMasterId"),
    *("type", "webLink", "onlineMeetingUrl", "isDraft", "responseStatus", "organizer", "onlineMeeting"),
    *("onlineMeetingProvider", "originalStart"),
})  # fmt: skip
_ENUMS: dict[str, tuple[str, ...]] = {
    "showAs": ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown"),
    "sensitivity": ("normal", "personal", "private", "confidential"),
    "importance": ("low", "normal", "high"),
    "type": ("required", "optional", "resource"),
}
_LONGEST = timedelta(days=5 * 366)
_MOST_ATTENDEES = 500
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_PROPERTY_ID = re.compile(r"\w+ (?:\{[0-9A-Fa-f-]{36}\} (?:Name \S.*|Id 0x[0-9A-Fa-f]+)|0x[0-9A-Fa-f]+)")

T = TypeVar("T")
_Reader = Callable[[World, str, Any], dict[str, Any]]


@dataclass(slots=True)
class Change:
    """What a request asks for: a meeting content, and the parts that belong to one copy; None leaves a part.

    Args:
        named: the properties the request wrote.
    """

    content: Content
    named: frozenset[str]
    attendees: list[Attendee] | None = None
    categories: tuple[str, ...] | None = None
    reminder_on: bool | None = None
    reminder_minutes: int | None = None
    online: bool | None = None
    transaction_id: str | None = None
    extended: dict[str, str] = field(default_factory=dict)


def read_event(world: World, body: Mapping[str, Any], base: Event | None, now: datetime) -> Change:
    """Read a request body over an existing event, or over the defaults of a new one.

    Raises:
        GraphFailure: 400 for a property that does not exist, has the wrong type or an unlawful value.
    """
    # Exchange lets a new event without times begin at the next half hour; times are nearly always sent.
    blank = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    content = base.content if base is not None else Content(start=blank, end=blank + timedelta(minutes=30))
    change = Change(content, frozenset(name for name in body if not name.startswith("@")))
    edits: dict[str, Any] = {}
    for name, value in body.items():
        if name in _CONTENT:
            edits |= _CONTENT[name](world, name, value)
        elif name in _OWN:
            attribute, read = _OWN[name]
            setattr(change, attribute, read(world, name, value))
        elif name not in _READ_ONLY and name != "recurrence" and not name.startswith("@"):
            message = f"The property '{name}' does not exist on type 'microsoft.graph.event'."
            raise bad_request("RequestBodyRead", message)
    change.content = _floated(replace(content, **edits), None if base is None else content, body)
    if "recurrence" in body:
        change.content = replace(change.content, recurrence=_recurrence(body["recurrence"], change.content))
    _check_times(change.content)
    return change


def _typed(name: str, value: Any, kind: type[T]) -> T:
    # Exchange reads truth values written as text, which the O365 package sends.
    if kind is bool and value in ("true", "false"):
        value = value == "true"
    # bool is an int to Python and is none to Graph.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise bad_request(
            "RequestBodyRead", f"The property '{name}' has a value of the wrong type: {value!r}."
        )
    return value


def _choice(name: str, value: Any) -> str:
    for known in _ENUMS[name]:
        if isinstance(value, str) and value.casefold() == known.casefold():
            return known
    raise bad_request("RequestBodyRead", f"Requested value {value!r} was not found for '{name}'.")


def _moment(_: World, name: str, value: Any) -> dict[str, Any]:
    parts = _typed(name, value, dict)
    zone = parts.get("timeZone")
    known = "UTC" if zone is None else checked_zone(str(zone))
    try:
        return {name: zones.instant(zones.parse(parts["dateTime"]), known), f"{name}_zone": known}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise bad_request("RequestBodyRead", f"The dateTime of '{name}' cannot be read.") from error


def _floated(content: Content, base: Content | None, body: Mapping[str, Any]) -> Content:
    """All-day events keep their dates: the wall-clock midnights they were given in, as if in UTC."""
    if not content.all_day:
        return content
    already = base is not None and base.all_day
    start = content.start if already and "start" not in body else _dated(content.start, content.start_zone)
    end = content.end if already and "end" not in body else _dated(content.end, content.end_zone)
    return replace(content, start=start, end=end)


def _dated(moment: datetime, zone: str) -> datetime:
    reading = zones.wall(moment, zone)
    if reading.time() != time(0):
        message = "The start and the end of an all-day event need to be set to midnight."
        raise bad_request("ErrorPropertyValidationFailure", message)
    return reading.replace(tzinfo=UTC)


def _body(_: World, name: str, value: Any) -> dict[str, Any]:
    parts = _typed(name, value, dict)
    kind = str(parts.get("contentType") or "text").lower()
    if kind not in {"text", "html"}:
        raise bad_request("RequestBodyRead", f"Requested value {kind!r} was not found for 'contentType'.")
    return {"body": _typed("content", parts.get("content") or "", str), "body_type": kind}


def _locations(world: World, name: str, value: Any) -> dict[str, Any]:
    return {"locations": tuple(_location(world, item) for item in _typed(name, value, list))}


def _location(world: World, value: Any) -> dict[str, Any]:
    parts = _typed("location", value, dict)
    address = parts.get("locationEmailAddress") or parts.get("uniqueId") or ""
    mailbox = world.mailbox(str(address)) if address else None
    if mailbox is None:
        name = parts.get("displayName") or ""
        return {
            "displayName": name,
            "locationType": parts.get("locationType") or "default",
            "uniqueId": name,
            "uniqueIdType": "private",
        }
    return {
        "displayName": parts.get("displayName") or mailbox.name,
        "locationType": parts.get("locationType") or "conferenceRoom",
        "uniqueId": mailbox.address,
        "uniqueIdType": "directory",
    }


def _attendees(world: World, name: str, value: Any) -> list[Attendee]:
    items = _typed(name, value, list)
    if len(items) > _MOST_ATTENDEES:
        raise bad_request("ErrorInvalidRequest", f"A meeting has at most {_MOST_ATTENDEES} attendees.")
    found: dict[str, Attendee] = {}
    for item in items:
        parts = _typed(name, item, dict)
        email = _typed("emailAddress", parts.get("emailAddress"), dict)
        address = email.get("address")
        if not isinstance(address, str) or _ADDRESS.fullmatch(address) is None:
            raise bad_request("ErrorInvalidRecipients", f"At least one recipient is not valid: {address!r}.")
        mailbox = world.mailbox(address)
        resolved = address if mailbox is None else mailbox.address
        shown = email.get("name") or (address if mailbox is None else mailbox.name)
        kind = _choice("type", parts.get("type") or "required")
        found.setdefault(address.casefold(), Attendee(resolved, shown, kind))
    return list(found.values())


def _extended(_: World, name: str, value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in _typed(name, value, list):
        parts = _typed(name, item, dict)
        key = _typed("id", parts.get("id"), str)
        if _PROPERTY_ID.fullmatch(key) is None:
            raise bad_request("ErrorInvalidProperty", f"The extended property id {key!r} is malformed.")
        found[key] = _typed("value", parts.get("value"), str)
    return found


def _categories(_: World, name: str, value: Any) -> tuple[str, ...]:
    return tuple(_typed(name, item, str) for item in _typed(name, value, list))


def _own_value(kind: type[T]) -> Callable[[World, str, Any], T | None]:
    return lambda _, name, value: None if value is None else _typed(name, value, kind)


def _flag(field_name: str) -> _Reader:
    return lambda _, name, value: {field_name: _typed(name, value, bool)}


def _enum(field_name: str) -> _Reader:
    return lambda _, name, value: {field_name: _choice(name, value)}


def _recurrence(value: Any, content: Content) -> Recurrence | None:
    if value is None:
        return None
    parts = _typed("recurrence", value, dict)
    if not isinstance(parts.get("pattern"), dict) or "interval" not in parts["pattern"]:
        raise GraphFailure(500, "ErrorInternalServerError", "An internal server error occurred.")
    zone = content.start_zone
    try:
        found = read_recurrence(parts, zones.wall(content.start, zone).date(), zone)
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request(
            "ErrorPropertyValidationFailure", f"The recurrence is not valid: {error}"
        ) from error
    checked_zone(found.zone)
    return found


def _check_times(content: Content) -> None:
    if content.end < content.start:
        message = "The end date is earlier than the start date."
        raise bad_request("ErrorCalendarEndDateIsEarlierThanStartDate", message)
    if content.end - content.start > _LONGEST:
        raise bad_request("ErrorCalendarDurationIsTooLong", "A calendar item lasts five years at most.")


_CONTENT: dict[str, _Reader] = {
    "start": _moment,
    "end": _moment,
    "body": _body,
    "location": lambda world, _, value: {"locations": (_location(world, value),) if value else ()},
    "locations": _locations,
    "subject": lambda _, name, value: {"subject": "" if value is None else _typed(name, value, str)},
    "responseRequested": _flag("response_requested"),
    "allowNewTimeProposals": _flag("new_time_proposals"),
    "hideAttendees": _flag("hide_attendees"),
    "isAllDay": _flag("all_day"),
    "showAs": _enum("show_as"),
    "sensitivity": _enum("sensitivity"),
    "importance": _enum("importance"),
}
_OWN: dict[str, tuple[str, Callable[[World, str, Any], Any]]] = {
    "attendees": ("attendees", _attendees),
    "categories": ("categories", _categories),
    "isReminderOn": ("reminder_on", _own_value(bool)),
    "reminderMinutesBeforeStart": ("reminder_minutes", _own_value(int)),
    "isOnlineMeeting": ("online", _own_value(bool)),
    "transactionId": ("transaction_id", _own_value(str)),
    "singleValueExtendedProperties": ("extended", _extended),
}
