"""What the emulated organization holds: mailboxes, their calendars, and the events in them.

An event's `Content` is what its organizer decides and what invitations carry; the rest of an `Event` belongs
to one copy. Copies of one meeting share `ical_uid`. Instants are UTC; an all-day event is dated, and its
midnights are kept as if its days were UTC days, to be floated by whoever reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.emulator import zones
from scheduler.emulator.recurrence import Recurrence
from scheduler.emulator.tenant import Person, Room


@dataclass(frozen=True, slots=True)
class Content:
    """What the organizer decides about a meeting."""

    start: datetime
    end: datetime
    start_zone: str = "UTC"
    end_zone: str = "UTC"
    all_day: bool = False
    subject: str = ""
    body_type: str = "html"
    body: str = ""
    locations: tuple[Mapping[str, Any], ...] = ()
    recurrence: Recurrence | None = None
    show_as: str = "busy"
    sensitivity: str = "normal"
    importance: str = "normal"
    response_requested: bool = True
    new_time_proposals: bool = True
    hide_attendees: bool = False
    join_url: str | None = None


@dataclass(slots=True)
class Attendee:
    """Someone invited; `response` is what this copy of the meeting knows of their answer."""

    address: str
    name: str
    kind: str = "required"
    response: str = "none"
    answered: datetime | None = None


@dataclass(slots=True)
class Event:
    """One copy of a meeting or appointment.

    Args:
        number: order of creation in the whole tenant.
        revision: of the meeting's time; an answer to an older one is stale.
        writes: how often this copy was written; the change key follows it.
        extended: single-value extended properties by id.
    """

    number: int
    event_id: str
    immutable_id: str
    ical_uid: str
    mailbox: str
    calendar_id: str
    content: Content
    organizer_name: str
    organizer_address: str
    is_organizer: bool
    created: datetime
    modified: datetime
    show_as: str = "busy"
    response: str = "organizer"
    responded: datetime | None = None
    attendees: list[Attendee] = field(default_factory=list)
    cancelled: bool = False
    revision: int = 1
    writes: int = 1
    categories: tuple[str, ...] = ()
    reminder_on: bool = True
    reminder_minutes: int = 15
    transaction_id: str | None = None
    extended: dict[str, str] = field(default_factory=dict)

    def touch(self, now: datetime) -> None:
        """Note a write: the change key and the modification time move."""
        self.writes += 1
        self.modified = now


@dataclass(slots=True)
class Calendar:
    """A calendar folder and its events by default id."""

    calendar_id: str
    name: str
    is_default: bool
    writes: int = 1
    events: dict[str, Event] = field(default_factory=dict)


@dataclass(slots=True)
class Mailbox:
    """A user or room and the calendars in the mailbox; `spec` is its part of the tenant file."""

    object_id: str
    spec: Person | Room
    calendars: dict[str, Calendar] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The primary SMTP address, as the tenant file spells it."""
        return self.spec.address

    @property
    def name(self) -> str:
        """The display name, or the local part of the address for the nameless."""
        return self.spec.name or self.spec.address.partition("@")[0]

    @property
    def is_room(self) -> bool:
        """Whether this is a room mailbox."""
        return isinstance(self.spec, Room)

    @property
    def hosting(self) -> str:
        """`cloud`, `on_premises` or `none`."""
        return self.spec.mailbox

    @property
    def default(self) -> Calendar:
        """The default calendar: the only one that free/busy sees and invitations reach."""
        return next(calendar for calendar in self.calendars.values() if calendar.is_default)

    def calendar_named(self, name: str) -> Calendar | None:
        """The calendar of this name; folder names differ by more than case."""
        wanted = name.casefold()
        return next((found for found in self.calendars.values() if found.name.casefold() == wanted), None)

    def find(self, event_id: str) -> Event | None:
        """The event with this default or immutable id."""
        for calendar in self.calendars.values():
            if (found := calendar.events.get(event_id)) is not None:
                return found
            for event in calendar.events.values():
                if event.immutable_id == event_id:
                    return event
        return None

    def copy_of(self, ical_uid: str) -> Event | None:
        """This mailbox's copy of a meeting, in the default calendar."""
        return next((event for event in self.default.events.values() if event.ical_uid == ical_uid), None)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time an event takes place; `day` is set for occurrences of a series, on its own clock."""

    start: datetime
    end: datetime
    day: str | None = None


def occurrences(
    content: Content, start: datetime, end: datetime, floating_zone: str = "UTC"
) -> Iterator[Occurrence]:
    """The times a meeting takes place that overlap [start, end); all-day events float in `floating_zone`."""
    length = content.end - content.start
    if content.recurrence is None:
        begin, finish = _placed(content, content.start, length, floating_zone)
        if _overlaps(begin, finish, start, end):
            yield Occurrence(begin, finish)
        return
    zone = "UTC" if content.all_day else content.recurrence.zone
    first_wall = zones.wall(content.start, zone)
    horizon = (zones.wall(end, zone) + timedelta(days=1)).date()
    for reading in content.recurrence.walls(first_wall.time(), horizon):
        begin, finish = _placed(content, zones.instant(reading, zone), length, floating_zone)
        if _overlaps(begin, finish, start, end):
            yield Occurrence(begin, finish, reading.strftime("%Y%m%d"))


def _placed(
    content: Content, begin: datetime, length: timedelta, floating_zone: str
) -> tuple[datetime, datetime]:
    if not content.all_day:
        return begin, begin + length
    dated = begin.astimezone(UTC).replace(tzinfo=None)
    return zones.instant(dated, floating_zone), zones.instant(dated + length, floating_zone)


def _overlaps(begin: datetime, finish: datetime, start: datetime, end: datetime) -> bool:
    return begin < end and (finish > start or begin == finish == start)
