"""Compare our events in the calendars with the ledger, and settle what is safe to settle.

Nothing is written without a report: `settle` takes the report that `examine` made, does what that says and no more, and
looks at each event and its booking once more right before it is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from scheduler.app.drive import BookingRules, claims_of
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import listed_rooms
from scheduler.booking.booking import Booking, Written
from scheduler.booking.events import CalendarRef
from scheduler.booking.reconciling import (
    Action,
    Finding,
    Found,
    Kind,
    at_rest,
    compare,
    concerns,
    may_be_removed,
    named,
)
from scheduler.booking.states import ENDED
from scheduler.graph.errors import BadAnswer, CallFailed, NotAllowed, NotThere, RequestRefused
from scheduler.store.ledger import Taken
from solvers.timeline import Span

T = TypeVar("T")

COMMENTS = {
    Kind.ORPHAN: "This interview is cancelled.",
    Kind.TWIN: "This invitation was sent twice; the other one stands.",
    Kind.STRAY: "This invitation was sent twice; the other one stands.",
}
"""What guests of a removed event are told."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A calendar about which nothing is known, and why, as a sentence."""

    calendar: CalendarRef
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """How calendars and ledger stood to each other.

    Args:
        window: UTC minutes.
        looked_at: the calendars that were read to their end.
        unread: those that could not be.
        events: how many events of ours there were; copies in other mailboxes do count.
    """

    window: Span
    looked_at: tuple[CalendarRef, ...]
    unread: tuple[Unread, ...]
    bookings: int
    events: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a finding that had something to do; `outcome` is a clause."""

    finding: Finding
    done: bool
    outcome: str


def examine(
    calendars: Calendars,
    ledger: Ledger,
    rules: BookingRules,
    *,
    past: int,
    ahead: int,
    mailboxes: Sequence[str] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Read our events in every calendar that may have some, and compare; nothing is written.

    These are the default calendars of `mailboxes` and of every organizer, the generated calendars, the rooms whose
    calendars we may write, and whatever else a booking names. After a lost database only the caller knows the
    organizers.

    Args:
        past: minutes before now, by Graph's clock, that are looked through; `ahead` those after it.

    Raises:
        GraphError: Graph cannot be reached; a single calendar that does not open is part of the report.
        StoreError: the database refused.
    """
    before = {booking.booking_id: booking for booking in ledger.bookings()}
    listed = listed_rooms(calendars)
    rooms = [room.address for room in (ledger.catalogue.rooms() if listed is None else listed)]
    now = calendars.now()  # only now has Graph said what time it is
    window = Span(now - past, now + ahead)
    look = _Look(calendars, ledger, rules, window, tell)
    owners = [address.strip().lower() for address in mailboxes if address.strip()]
    look.everywhere(before.values(), owners, rooms)
    look.for_the_named(before.values())
    # Whoever changed meanwhile, or came, may have changed between two of our reads; a later run will see it.
    after = ledger.bookings()
    busy = {booking.booking_id for booking in after if before.get(booking.booking_id) != booking}
    claims = [(booking_id, claim.resource, claim.span) for booking_id, claim in ledger.all_claims()]
    return Report(
        window=window,
        looked_at=tuple(look.read),
        unread=tuple(look.unread.values()),
        bookings=len(after),
        events=len(look.found),
        findings=compare(after, look.found.values(), claims, window=window, unsure=look.unsure, busy=busy),
    )


def settle(report: Report, calendars: Calendars, ledger: Ledger) -> tuple[Settled, ...]:
    """Do what the findings of a report say is safe; what fails is said and the others go on.

    Raises:
        StoreError: the database refused.
    """
    return tuple(
        settle_one(finding, calendars, ledger) for finding in report.findings if finding.action is not None
    )


def settle_one(finding: Finding, calendars: Calendars, ledger: Ledger) -> Settled:
    """Do what one finding says is safe, after looking at its event and its booking once more.

    Raises:
        StoreError: the database refused.
    """
    with ledger.working_on(finding.booking_id) as mine:
        if not mine:
            return Settled(finding, done=False, outcome="another process is working on the booking")
        booking = ledger.booking(finding.booking_id)
        try:
            if finding.action is Action.CLAIM:
                return _claimed(finding, booking, ledger)
            return _removed(finding, booking, calendars, ledger)
        except (CallFailed, Taken) as error:
            return Settled(finding, done=False, outcome=str(error).rstrip("."))


def _claimed(finding: Finding, booking: Booking | None, ledger: Ledger) -> Settled:
    if booking is None or not (at_rest(booking) or booking.state in ENDED):
        return Settled(finding, done=False, outcome="the booking has changed meanwhile")
    ledger.save(booking, hold=claims_of(booking))
    ledger.note(booking.booking_id, f"reconciled: {finding.what}")
    return Settled(finding, done=True, outcome="it holds what it needs")


def _removed(finding: Finding, booking: Booking | None, calendars: Calendars, ledger: Ledger) -> Settled:
    found = finding.found
    assert found is not None
    mailbox, event_id = found.calendar.mailbox, found.event.event_id
    shown = calendars.read(mailbox, event_id)
    if shown is None or shown.cancelled:
        return Settled(finding, done=True, outcome="it was gone already")
    if not may_be_removed(finding, booking, shown):
        return Settled(finding, done=False, outcome="it or its booking has changed meanwhile")
    ledger.note(finding.booking_id, f"reconciling: {finding.what}; it is being removed")
    if shown.guests:
        calendars.cancel(mailbox, event_id, COMMENTS[finding.kind])
    else:
        calendars.delete(mailbox, event_id)
    return Settled(finding, done=True, outcome="removed")


class _Look:
    """Reads calendars and keeps what was found, each event once."""

    def __init__(
        self,
        calendars: Calendars,
        ledger: Ledger,
        rules: BookingRules,
        window: Span,
        tell: Callable[[str], None],
    ) -> None:
        self._calendars = calendars
        self._ledger = ledger
        self._rules = rules
        self._window = window
        self._tell = tell
        self.read: list[CalendarRef] = []
        self.unread: dict[CalendarRef, Unread] = {}
        self.found: dict[tuple[str, str], Found] = {}
        self.unsure: set[str] = set()

    def everywhere(self, bookings: Iterable[Booking], mailboxes: Iterable[str], rooms: Iterable[str]) -> None:
        """Read every calendar that may have events of ours."""
        owners = dict.fromkeys(mailboxes)
        named_ones: dict[CalendarRef, None] = {}
        for booking in bookings:
            owners[booking.interview.organizer] = None
            named_ones |= dict.fromkeys(written.calendar for written, _ in named(booking).values())
        own = [CalendarRef(owner) for owner in owners]
        for ref in dict.fromkeys([*own, *self._generated(list(owners)), *self._writable(rooms), *named_ones]):
            self._one(ref)

    def for_the_named(self, bookings: Iterable[Booking]) -> None:
        """Ask for every event that a booking names and no calendar showed: it may have been moved out of the window."""
        for booking in bookings:
            for marker, (written, _) in named(booking).items():
                if at_rest(booking) and written.event_id is not None and concerns(booking, self._window):
                    self._named(written, marker)

    def _generated(self, owners: list[str]) -> Iterator[CalendarRef]:
        name = self._rules.scheduler_calendar
        known = {(mailbox, title): known for mailbox, title, known in self._ledger.generated_calendars()}
        yield from (CalendarRef(mailbox, calendar_id) for (mailbox, _), calendar_id in known.items())
        if self._rules.scheduling_user:
            owners = [self._rules.scheduling_user]
        for owner in owners:
            if (owner, name) not in known:
                found = self._ask(
                    CalendarRef(owner), partial(self._calendars.find_calendar, owner, name, None)
                )
                if found is not None:
                    yield CalendarRef(owner, found)

    def _writable(self, rooms: Iterable[str]) -> Iterator[CalendarRef]:
        for room in rooms:
            access = self._ask(CalendarRef(room), partial(self._calendars.access, room))
            if access is not None and access.can_edit:
                yield CalendarRef(room)

    def _one(self, ref: CalendarRef) -> None:
        self._tell(f"looking into the calendar of {ref.mailbox} ...")
        events = self._ask(ref, partial(self._calendars.all_marked, ref, self._window))
        if events is None:
            return
        self.read.append(ref)
        for event in events:
            self.found.setdefault((ref.mailbox, event.event_id), Found(ref, event))

    def _named(self, written: Written, marker: str) -> None:
        ref, event_id = written.calendar, written.event_id
        if event_id is None or (ref.mailbox, event_id) in self.found:
            return
        try:
            event = self._calendars.read(ref.mailbox, event_id)
        except _CLOSED as closed:
            self.unread[ref] = Unread(ref, str(closed))
            self.unsure.add(marker)
            return
        # An event that has lost its marker is still the one that the booking names.
        if event is not None:
            self.found[ref.mailbox, event_id] = Found(ref, replace(event, marker=marker))

    def _ask(self, ref: CalendarRef, question: Callable[[], T]) -> T | None:
        try:
            return question()
        except _CLOSED as closed:
            self.unread[ref] = Unread(ref, str(closed))
            return None


_CLOSED = (BadAnswer, NotAllowed, NotThere, RequestRefused)
"""Failures of one mailbox or calendar; whatever else fails would fail for all."""
