"""Events: the bodies that create and change one and the shape that is read back (resources/event)."""

from __future__ import annotations

import json
from typing import Any

from scheduler.booking.events import Answer, EventChange, EventCopy, EventDraft, Guest, GuestKind
from scheduler.calendars.snapshot import Status
from scheduler.graph.wire.base import DateTimeZone, Label, Wire, enum_of, utc_value
from scheduler.zones import utc_order
from solvers.timeline import Span

MARKER_ID = "String {00020329-0000-0000-C000-000000000046} Name SlotwrightMarker"
"""The extended property that carries our marker, in MAPI's set of public strings (PS_PUBLIC_STRINGS)."""


class Mail(Wire):
    """emailAddress."""

    name: Label = ""
    address: Label = ""


class Party(Wire):
    """recipient: an address one level down."""

    email_address: Mail | None = None

    @property
    def address(self) -> str:
        """Lower case, or empty."""
        return self.email_address.address.strip().lower() if self.email_address else ""

    @property
    def name(self) -> str:
        """For display, or empty."""
        return self.email_address.name if self.email_address else ""


class Response(Wire):
    """responseStatus."""

    response: Any = None


class Attendee(Party):
    """attendee."""

    type: Any = None
    status: Response | None = None


class Property(Wire):
    """singleValueLegacyExtendedProperty."""

    id: str
    value: str | None = None


class Place(Wire):
    """location."""

    display_name: Label = ""


class Event(Wire):
    """What booking needs of an event; subject and body are not read."""

    id: str
    i_cal_u_id: Label = ""
    start: DateTimeZone
    end: DateTimeZone
    show_as: Any = None
    is_cancelled: Any = None
    is_all_day: Any = None
    organizer: Party | None = None
    attendees: list[Attendee] | None = None
    created_date_time: Label = ""
    location: Place | None = None
    odata_etag: Label = ""
    single_value_extended_properties: list[Property] | None = None

    def copy_of(self) -> EventCopy:
        """This event in domain words; one that takes no time, as Outlook allows, becomes one minute long.

        Raises:
            ValueError: its times cannot be read.
        """
        start, end = self.start.instant().floor_minute, self.end.instant().ceil_minute
        invited = self.attendees or []
        marked = [
            item.value
            for item in self.single_value_extended_properties or []
            if item.id.casefold() == MARKER_ID.casefold()
        ]
        return EventCopy(
            event_id=self.id,
            ical_uid=self.i_cal_u_id,
            span=Span(start, max(end, start + 1)),
            status=enum_of(Status, self.show_as, Status.UNKNOWN),
            marker=marked[0] if marked else None,
            organizer=self.organizer.address if self.organizer else "",
            created=_order(self.created_date_time),
            cancelled=self.is_cancelled is True,
            answers=tuple(
                (guest.address, enum_of(Answer, guest.status and guest.status.response, Answer.NONE))
                for guest in invited
            ),
            guests=tuple(
                Guest(guest.address, guest.name, enum_of(GuestKind, guest.type, GuestKind.REQUIRED))
                for guest in invited
            ),
            place=self.location.display_name if self.location else "",
            version=self.odata_etag,
        )


def encode(draft: EventDraft) -> bytes:
    """The JSON that creates the event: the same bytes for the same draft, always.

    The text is sent as plain text, so that nothing in a name can become markup in a mail. Rooms are booked by
    a guest of kind RESOURCE; `place_address` only makes the location point to the room.
    """
    body: dict[str, Any] = {
        "subject": draft.subject,
        "body": {"contentType": "text", "content": draft.body},
        "start": utc_value(draft.span.start),
        "end": utc_value(draft.span.end),
        "attendees": _attendees(draft.guests),
        "showAs": "busy",
        "allowNewTimeProposals": draft.new_time_proposals,
        "transactionId": draft.transaction_id,
        "singleValueExtendedProperties": [{"id": MARKER_ID, "value": draft.marker}],
    }
    if draft.place_name or draft.place_address:
        body["location"] = {"displayName": draft.place_name or draft.place_address}
    if draft.place_address:
        body["location"] |= {
            "locationEmailAddress": draft.place_address,
            "locationType": "conferenceRoom",
        }
    if draft.online_meeting:
        body |= {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def changes(change: EventChange) -> dict[str, Any]:
    """The body of an update: what changes, and nothing else."""
    body: dict[str, Any] = {}
    if change.span is not None:
        body |= {"start": utc_value(change.span.start), "end": utc_value(change.span.end)}
    if change.place is not None:
        body["location"] = {"displayName": change.place}
    if change.guests is not None:
        body["attendees"] = _attendees(change.guests)
    return body


def _attendees(guests: tuple[Guest, ...]) -> list[dict[str, Any]]:
    return [
        {"type": guest.kind.value, "emailAddress": {"address": guest.address, "name": guest.name}}
        for guest in guests
    ]


def _order(text: str) -> int | None:
    try:
        return utc_order(text)
    except ValueError:
        return None
