"""The tenant come alive: mailboxes filled with the planned events, and the ways to find and add things."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.emulator import zones
from scheduler.emulator.clock import Clock
from scheduler.emulator.identity import Identities
from scheduler.emulator.journal import EffectSeen, Journal, MailSent
from scheduler.emulator.past import Past
from scheduler.emulator.recurrence import WEEKDAYS, Recurrence
from scheduler.emulator.state import Calendar, Content, Event, Mailbox
from scheduler.emulator.tenant import Person, PlannedEvent, Room, Tenant
from scheduler.emulator.tracking import Round


@dataclass(frozen=True, slots=True)
class Written:
    """A used transactionId: the event it made and the request that made it."""

    event_id: str
    immutable_id: str
    request: str


class World:
    """All state that requests read and change; the caller holds the emulator's lock."""

    def __init__(self, tenant: Tenant, clock: Clock, journal: Journal) -> None:
        self.tenant = tenant
        self.clock = clock
        self.journal = journal
        self.ids = Identities(tenant.seed)
        self.mailboxes: dict[str, Mailbox] = {}
        self.transactions: dict[tuple[str, str], Written] = {}
        self.half_created: set[tuple[str, str]] = set()
        self.rounds: dict[str, Round] = {}
        self._by_object_id: dict[str, Mailbox] = {}
        self._groups = {group.address.casefold(): group for group in tenant.groups}
        specs: list[Person | Room] = [*tenant.people, *tenant.rooms]
        for spec in specs:
            object_id = spec.id or self.ids.named_uuid("user", spec.address.casefold())
            mailbox = Mailbox(object_id, spec)
            self.mailboxes[spec.address.casefold()] = mailbox
            self._by_object_id[object_id] = mailbox
            self.add_calendar(mailbox, "Calendar", is_default=True)
            for planned in spec.events:
                self._plan(mailbox, planned)
        self.past = Past(self.mailboxes, timedelta(seconds=tenant.options.free_busy_lag_seconds))

    def mailbox(self, key: str) -> Mailbox | None:
        """The mailbox of an address or a directory object id."""
        return self.mailboxes.get(key.casefold()) or self._by_object_id.get(key)

    def members(self, address: str) -> list[str] | None:
        """Addresses of the mailboxes in a group, nested groups opened; None when it is no group."""
        if address.casefold() not in self._groups:
            return None
        found: dict[str, str] = {}
        opened: set[str] = set()
        waiting = [address.casefold()]
        while waiting:
            key = waiting.pop(0)
            if key in opened:
                continue
            opened.add(key)
            if (group := self._groups.get(key)) is None:
                found.setdefault(key, key)
            else:
                waiting += [member.casefold() for member in group.members]
        return list(found)

    def covers(self, entries: Iterable[str], address: str) -> bool:
        """Whether an address is one of the entries, or in a group that is."""
        wanted = address.casefold()
        return any(wanted == entry.casefold() or wanted in (self.members(entry) or ()) for entry in entries)

    def add_calendar(self, mailbox: Mailbox, name: str, *, is_default: bool = False) -> Calendar:
        """Make a calendar."""
        number = self.ids.next_number("calendar " + mailbox.address.casefold())
        made = Calendar(self.ids.item("AAMkC", mailbox.object_id, number), name, is_default)
        mailbox.calendars[made.calendar_id] = made
        return made

    def add_event(
        self,
        mailbox: Mailbox,
        calendar: Calendar,
        content: Content,
        now: datetime,
        *,
        ical_uid: str | None = None,
        organizer: Mailbox | None = None,
    ) -> Event:
        """Put a new event in a calendar: the mailbox's own, unless an `organizer` invited it."""
        number = self.ids.next_number("event")
        owner = organizer or mailbox
        event = Event(
            number=number,
            event_id=self.ids.item("AAMkE", mailbox.object_id, number),
            immutable_id=self.ids.item("AAkAL", mailbox.object_id, number),
            ical_uid=ical_uid or self.ids.ical_uid(number),
            mailbox=mailbox.address.casefold(),
            calendar_id=calendar.calendar_id,
            content=content,
            organizer_name=owner.name,
            organizer_address=owner.address,
            is_organizer=organizer is None,
            created=now,
            modified=now,
            show_as=content.show_as,
            response="organizer" if organizer is None else "notResponded",
        )
        calendar.events[event.event_id] = event
        return event

    def move_event(self, event: Event, calendar: Calendar, now: datetime) -> None:
        """Take an event to another calendar of its mailbox: its default id changes, its immutable id stays."""
        self.remove_event(event)
        number = self.ids.next_number("move")
        event.event_id = self.ids.item("AAMkE", event.immutable_id, "moved", number)
        event.calendar_id = calendar.calendar_id
        event.touch(now)
        calendar.events[event.event_id] = event

    def remove_event(self, event: Event) -> None:
        """Take an event out of its calendar."""
        del self.mailboxes[event.mailbox].calendars[event.calendar_id].events[event.event_id]

    def effect(self, at: datetime, name: str, mailbox: Mailbox, ical_uid: str, *, reason: str = "") -> None:
        """Journal something that changed in a mailbox."""
        self.journal.add(EffectSeen(at, name, mailbox.address, ical_uid, reason))

    def mail(
        self,
        at: datetime,
        kind: str,
        sender: Mailbox,
        *,
        recipient: str,
        subject: str,
        ical_uid: str,
        comment: str = "",
    ) -> None:
        """Journal a meeting message."""
        self.journal.add(MailSent(at, kind, sender.address, recipient, subject, ical_uid, comment))

    def _plan(self, mailbox: Mailbox, planned: PlannedEvent) -> None:
        calendar = mailbox.default
        if planned.calendar is not None:
            calendar = mailbox.calendar_named(planned.calendar) or self.add_calendar(
                mailbox, planned.calendar
            )
        self.add_event(mailbox, calendar, _content(planned, mailbox.spec.time_zone), self.clock.start)


def _content(planned: PlannedEvent, mailbox_zone: str) -> Content:
    zone = "UTC" if planned.all_day else planned.time_zone or mailbox_zone or "UTC"
    start = zones.instant(planned.start, zone)
    return Content(
        start=start,
        end=zones.instant(planned.end, zone),
        start_zone=zone,
        end_zone=zone,
        all_day=planned.all_day,
        subject=planned.subject,
        locations=({"displayName": planned.location, "locationType": "default"},) if planned.location else (),
        recurrence=_weekly(planned, zones.wall(start, zone), zone),
        show_as=planned.show_as,
        sensitivity=planned.sensitivity,
    )


def _weekly(planned: PlannedEvent, start: datetime, zone: str) -> Recurrence | None:
    weekly = planned.repeats
    if weekly is None:
        return None
    return Recurrence(
        kind="weekly",
        interval=weekly.every,
        first=start.date(),
        days=tuple(sorted(weekly.days, key=WEEKDAYS.index)),
        week_start="monday",
        until=weekly.until,
        count=weekly.count or 0,
        zone=zone,
    )
