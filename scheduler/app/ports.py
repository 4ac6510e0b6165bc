"""What the use cases need from the outside, in domain words; scheduler.graph and scheduler.store provide it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from scheduler.booking.booking import Booking
from scheduler.booking.events import CalendarAccess, CalendarRef, EventChange, EventCopy, EventDraft
from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.directory.groups import Group
from scheduler.directory.rooms import Room, RoomList
from scheduler.errors import GraphError
from scheduler.store.audit import AuditEntry, Verdict
from scheduler.store.catalogue import Catalogue
from scheduler.store.ledger import Claim
from scheduler.store.store import JournalEntry
from solvers.timeline import Span, SpanSet


class Calendars(Protocol):
    """Microsoft Graph, as far as it is used; every method raises scheduler.errors.GraphError."""

    def now(self) -> int:
        """The present UTC minute by Graph's own clock."""

    def read_schedules(
        self, addresses: Sequence[str], window: Span, *, as_mailbox: str
    ) -> tuple[MailboxSchedule, ...]:
        """One schedule per address, in the asked order."""

    def rooms(self) -> tuple[Room, ...]:
        """Every room of the directory that has a mailbox."""

    def access(self, mailbox: str) -> CalendarAccess | None:
        """What we may do with a mailbox's calendar; None when it does not open for us; NotThere without a mailbox."""

    def find_calendar(self, mailbox: str, name: str, known_id: str | None) -> str | None:
        """The id of a calendar of ours in the mailbox, if there is one."""

    def get_or_create_calendar(self, mailbox: str, name: str, known_id: str | None) -> str:
        """The id of a calendar of ours in the mailbox."""

    def encode(self, draft: EventDraft) -> bytes:
        """The bytes that create the event; equal for equal drafts."""

    def create(self, ref: CalendarRef, body: bytes) -> EventCopy:
        """Write the event."""

    def find_marked(self, ref: CalendarRef, marker: str, around: Span) -> tuple[EventCopy, ...]:
        """The events that carry the marker."""

    def all_marked(self, ref: CalendarRef, window: Span) -> tuple[EventCopy, ...]:
        """The events that carry any marker of ours and share time with the window."""

    def view(self, ref: CalendarRef, span: Span) -> tuple[EventCopy, ...]:
        """The events that overlap the span."""

    def view_many(
        self, wanted: Sequence[tuple[CalendarRef, Span]]
    ) -> tuple[tuple[EventCopy, ...] | GraphError, ...]:
        """What `view` gives for each, or raises, in as few round trips as may be."""

    def read(self, mailbox: str, event_id: str) -> EventCopy | None:
        """An event of the mailbox; None when it is gone."""

    def read_many(self, wanted: Sequence[tuple[str, str]]) -> tuple[EventCopy | GraphError | None, ...]:
        """What `read` gives for each mailbox and id, or raises, in as few round trips as may be."""

    def amend(self, mailbox: str, event_id: str, change: EventChange, *, version: str) -> EventCopy:
        """Change the version of an event that was read, and nothing of it that the change does not name."""

    def cancel(self, mailbox: str, event_id: str, comment: str) -> bool:
        """Cancel a meeting; False when it was gone already."""

    def delete(self, mailbox: str, event_id: str) -> bool:
        """Remove an event; False when it was gone already."""


class Directory(Calendars, Protocol):
    """What is asked of Graph to import rooms and people."""

    @property
    def rooms_without_address(self) -> tuple[str, ...]:
        """What the rooms are called that the last `rooms` left out, because they have no address."""

    def workspaces(self) -> tuple[Room, ...]:
        """Every workspace of the directory that has a mailbox."""

    def room_lists(self) -> tuple[RoomList, ...]:
        """Every list of rooms."""

    def rooms_of_list(self, address: str) -> tuple[Room, ...]:
        """The rooms of one list; raises NotThere."""

    def purpose(self, mailbox: str) -> str | None:
        """What a mailbox is for: `user`, `room`, `equipment` and others; None if we may not know."""

    def group(self, address: str) -> Group | None:
        """A group with everybody in it and in the groups inside it; None if there is none."""


class Ledger(Protocol):
    """The store, as far as it is used; every method raises scheduler.errors.StoreError."""

    @property
    def catalogue(self) -> Catalogue:
        """The rooms and people that were imported."""

    def remember_offers(self, documents: Mapping[str, str]) -> None:
        """Keep slots under their ids."""

    def offer(self, slot_id: str) -> str | None:
        """A slot that was found earlier."""

    def remember_solution(self, solution_id: str, document: str) -> None:
        """Keep what was solved under its id."""

    def solution(self, solution_id: str) -> str | None:
        """Something that was solved earlier."""

    def solutions(self) -> tuple[str, ...]:
        """The ids of what was solved, the latest first."""

    def reserve_together(self, asked: Sequence[Booking]) -> tuple[Booking, ...]:
        """Claim and write down all of them or none, or return the bookings that were there already."""

    def save(self, booking: Booking, *, hold: Collection[Claim] | None = None) -> None:
        """Write the booking's new self and, if they are given, make its claims exactly these, in one commit."""

    def booking(self, booking_id: str) -> Booking | None:
        """One booking."""

    def bookings(self) -> tuple[Booking, ...]:
        """All bookings."""

    def history(self, booking_id: str) -> tuple[JournalEntry, ...]:
        """The states a booking went through."""

    def audit(self, booking_id: str | None = None) -> tuple[AuditEntry, ...]:
        """The changes of a booking, or of all."""

    def note(self, booking_id: str, reason: str) -> None:
        """Add to the audit of a booking what was done for it without changing it."""

    def verify_audit(self) -> Verdict:
        """Whether the audit is as it was written."""

    def all_claims(self) -> tuple[tuple[str, Claim], ...]:
        """Every claim with the booking that holds it."""

    def generated_calendars(self) -> tuple[tuple[str, str, str], ...]:
        """Mailbox, name and id of every generated calendar."""

    def claimed(
        self, resources: Iterable[str], window: Span, *, except_booking: str | None = None
    ) -> Mapping[str, SpanSet]:
        """What our own bookings hold."""

    def claims(self, resources: Iterable[str], window: Span) -> Mapping[str, tuple[Span, ...]]:
        """Our own bookings one by one."""

    def calendar_id(self, mailbox: str, name: str) -> str | None:
        """The id of a generated calendar."""

    def remember_calendar(self, mailbox: str, name: str, calendar_id: str) -> None:
        """Keep the id of a generated calendar."""

    def working_on(self, booking_id: str) -> AbstractContextManager[bool]:
        """The right to move a booking on, held by one living process at a time."""
