"""Calendar events as booking sees them: what we ask to be written and what was read back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from scheduler.calendars.snapshot import Status
from solvers.timeline import Span


class GuestKind(Enum):
    """Graph's attendee types. A room must be RESOURCE, or Exchange treats it as a person."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    RESOURCE = "resource"


class Answer(Enum):
    """Graph's responseType. NONE on a secondary calendar never changes, so it proves nothing."""

    NONE = "none"
    ORGANIZER = "organizer"
    TENTATIVE = "tentativelyAccepted"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOT_RESPONDED = "notResponded"


@dataclass(frozen=True, slots=True)
class Guest:
    """Someone or something invited to an event."""

    address: str
    name: str
    kind: GuestKind


@dataclass(frozen=True, slots=True)
class CalendarRef:
    """A calendar: its mailbox, and its id, or None for the mailbox's default calendar."""

    mailbox: str
    calendar_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event to be created, complete, so that its bytes can be frozen before the first attempt.

    Args:
        marker: our single-value extended property; the event is found again by it.
        transaction_id: Graph's guard against a second creation of the same event.
        place_name: shown as the location; `place_address` is the room's mailbox, where there is one.
        new_time_proposals: whether guests may propose another time.
    """

    subject: str
    body: str
    span: Span
    guests: tuple[Guest, ...]
    marker: str
    transaction_id: str
    place_name: str = ""
    place_address: str = ""
    online_meeting: bool = False
    new_time_proposals: bool = False


@dataclass(frozen=True, slots=True)
class EventCopy:
    """An event as one calendar shows it to us.

    Args:
        event_id: immutable id, valid in this mailbox only.
        ical_uid: the key shared by every copy of the same meeting.
        created: UTC microseconds of creation, which only say who came first; None when Graph did not say.
        marker: our property, or None when it is absent or was not asked for.
        organizer: lower-case address, or empty.
        answers: guests' answers as the organizer's copy tallies them, by lower-case address.
        place: the location as it is shown.
        version: the entity tag; it changes with every write, answers included.
    """

    event_id: str
    ical_uid: str
    span: Span
    status: Status
    marker: str | None = None
    organizer: str = ""
    created: int | None = None
    cancelled: bool = False
    answers: tuple[tuple[str, Answer], ...] = ()
    guests: tuple[Guest, ...] = ()
    place: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class EventChange:
    """What an update changes of an event; None leaves a part as it is, and what is not named here is never touched.

    The text of an event is no part of it: in an online meeting it carries the way to join, which a write of the text
    would lose (api/event-update).

    Args:
        guests: the complete list, because Graph uninvites whoever is missing from it.
    """

    span: Span | None = None
    place: str | None = None
    guests: tuple[Guest, ...] | None = None


@dataclass(frozen=True, slots=True)
class CalendarAccess:
    """What the caller may do with a mailbox's default calendar."""

    calendar_id: str
    can_edit: bool
