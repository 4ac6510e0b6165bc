"""An event as Graph writes it (resources/event.md)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from scheduler.emulator import zones
from scheduler.emulator.filters import Predicate
from scheduler.emulator.state import Attendee, Event, Occurrence
from scheduler.emulator.world import World

_NEVER = "0001-01-01T00:00:00Z"
_TAG = re.compile(r"<[^>]*>")
_BEYOND_BASIC = ("body", "bodyPreview", "hasAttachments", "singleValueExtendedProperties")

PROPERTIES = (
    *("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "transactionId"),
    *(
        "originalStartTimeZone",
        "originalEndTimeZone",
        "iCalUId",
        "reminderMinutesBeforeStart",
        "isReminderOn",
    ),
    *("hasAttachments", "subject", "bodyPreview", "importance", "sensitivity", "isAllDay", "isCancelled"),
    *("isOrganizer", "responseRequested", "seriesMasterId", "showAs", "type", "webLink", "onlineMeetingUrl"),
    *("isOnlineMeeting", "onlineMeetingProvider", "allowNewTimeProposals", "isDraft", "hideAttendees"),
    *("recurrence", "responseStatus", "body", "start", "end", "location", "locations", "attendees"),
    *("organizer", "onlineMeeting", "singleValueExtendedProperties"),
)
FILTERABLE = frozenset({
    "categories",
    "createdDateTime",
    "end/dateTime",
    "iCalUId",
    "importance",
    "isAllDay",
    "isCancelled",
    "isOrganizer",
    "lastModifiedDateTime",
    "organizer/emailAddress/address",
    "sensitivity",
    "showAs",
    "singleValueExtendedProperties",
    "start/dateTime",
    "subject",
    "type",
})  # fmt: skip


Sight = Literal["all", "public", "outline"]
"""All of every event; nothing but times of private ones; of the others too no more than subject and location."""


@dataclass(frozen=True, slots=True)
class View:
    """How one caller wants and may see events: output zone, id format, whether details are allowed, folder rights."""

    zone: str = "UTC"
    immutable: bool = False
    details: bool = True
    sight: Sight = "all"


def etag(event: Event, world: World) -> str:
    """The entity tag of this state of the event."""
    return f'W/"{change_key(event, world)}"'


def change_key(event: Event, world: World) -> str:
    """The change key of this state of the event."""
    return world.ids.change_key(event.event_id, event.writes)


def occurrence_id(event_id: str, occurrence: Occurrence | None) -> str:
    """The id of an occurrence of a series; that of the event itself for any other."""
    if occurrence is None or occurrence.day is None:
        return event_id
    return f"{event_id.rstrip('=')}.{occurrence.day}="


def wire_event(
    world: World, event: Event, view: View, occurrence: Occurrence | None = None
) -> dict[str, Any]:
    """The event, or one occurrence of it, with every property and all its extended properties."""
    content = event.content
    own_id = event.immutable_id if view.immutable else event.event_id
    event_id, kind, master = own_id, "singleInstance", None
    if occurrence is not None and occurrence.day is not None:
        event_id, kind, master = occurrence_id(own_id, occurrence), "occurrence", own_id
    elif content.recurrence is not None:
        kind = "seriesMaster"
    start, end = (content.start, content.end) if occurrence is None else (occurrence.start, occurrence.end)
    # An all-day event floats: midnight in whatever zone is shown, so its days are written unconverted.
    shown = "UTC" if content.all_day else view.zone
    online = content.join_url is not None
    written = {
        "@odata.etag": etag(event, world),
        "id": event_id,
        "createdDateTime": zones.stamp(event.created),
        "lastModifiedDateTime": zones.stamp(event.modified),
        "changeKey": change_key(event, world),
        "categories": list(event.categories),
        "transactionId": event.transaction_id,
        "originalStartTimeZone": content.start_zone,
        "originalEndTimeZone": content.end_zone,
        "iCalUId": event.ical_uid,
        "reminderMinutesBeforeStart": event.reminder_minutes,
        "isReminderOn": event.reminder_on,
        "hasAttachments": False,
        "subject": content.subject,
        "bodyPreview": _plain(content.body)[:255],
        "importance": content.importance,
        "sensitivity": content.sensitivity,
        "isAllDay": content.all_day,
        "isCancelled": event.cancelled,
        "isOrganizer": event.is_organizer,
        "responseRequested": content.response_requested,
        "seriesMasterId": master,
        "showAs": event.show_as,
        "type": kind,
        "webLink": f"https://outlook.office365.com/owa/?itemid={event.event_id}&exvsurl=1&path=/calendar/item",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": online,
        "onlineMeetingProvider": "teamsForBusiness" if online else "unknown",
        "allowNewTimeProposals": content.new_time_proposals,
        "isDraft": False,
        "hideAttendees": content.hide_attendees,
        "recurrence": content.recurrence.wire() if content.recurrence and kind == "seriesMaster" else None,
        "responseStatus": _response(event.response, event.responded),
        "body": {"contentType": content.body_type, "content": content.body},
        "start": {"dateTime": zones.wire(start, shown), "timeZone": view.zone},
        "end": {"dateTime": zones.wire(end, shown), "timeZone": view.zone},
        "location": dict(content.locations[0]) if content.locations else {"displayName": ""},
        "locations": [dict(location) for location in content.locations],
        "attendees": [_attendee(guest) for guest in event.attendees],
        "organizer": {"emailAddress": {"name": event.organizer_name, "address": event.organizer_address}},
        "onlineMeeting": {"joinUrl": content.join_url} if online else None,
        "singleValueExtendedProperties": [
            {"id": name, "value": value} for name, value in event.extended.items()
        ],
    }
    private = content.sensitivity in {"private", "confidential"} and view.sight != "all"
    if private:
        written |= {"subject": "Private Appointment", "location": {"displayName": ""}, "locations": []}
    if not view.details or private or view.sight == "outline":
        for name in _BEYOND_BASIC:
            del written[name]
    if private or view.sight == "outline":
        written |= {"attendees": [], "categories": [], "onlineMeeting": None}
    if event.transaction_id is None:
        del written["transactionId"]
    return written


def shown_properties(written: Mapping[str, Any], wanted: Predicate | None) -> dict[str, Any]:
    """The event as it is sent: extended properties only where the scoped expansion asks for them.

    Args:
        written: what `wire_event` made.
        wanted: the filter of the expansion; None leaves the property out, as the service does without scope.
    """
    shown = dict(written)
    held = shown.pop("singleValueExtendedProperties", [])
    if wanted is not None:
        kept = [item for item in held if wanted(item)]
        if kept:
            shown["singleValueExtendedProperties"] = kept
    return shown


def _response(response: str, moment: datetime | None) -> dict[str, str]:
    return {"response": response, "time": _NEVER if moment is None else zones.stamp(moment)}


def _attendee(guest: Attendee) -> dict[str, Any]:
    return {
        "type": guest.kind,
        "status": _response(guest.response, guest.answered),
        "emailAddress": {"name": guest.name, "address": guest.address},
    }


def _plain(body: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", body)).split())
