"""What has to be true of database, calendars and mail together, whatever happened before: one checker for every test.

`invariants` reads the store, a snapshot of the emulated tenant and its journal, as they are when nothing is on its way
any more. It shares no code with what books, removes or reconciles: what a booking should hold and show is worked out
here once more from its document.

| name | what has to be so |
|---|---|
| I1 | no two claims of a resource overlap |
| I2 | a confirmed booking has one claim on each resource and one live event of each role, all at its time |
| I3 | each live event with our marker is named by a booking that has not ended |
| I4 | what somebody was told is booked is there |
| I5 | what was refused or undone left no claim and no event |
| I6 | a slot, or an idempotency key, has one living booking |
| I7 | nobody got more messages about a meeting than it had reasons |
| I8 | a booking in the middle of something is young, or flagged |
| I9 | each change of state has its row in the audit, the rows follow the table of states, and the chain verifies |
| I10 | nobody's address and no token is in a log |
| I12 | nothing was logged as an error |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from logging import ERROR, LogRecord
from typing import Any, Protocol

from scheduler.booking.booking import Booking, Role, Written
from scheduler.booking.states import ENDED, RESTING, TRANSITIONS, State
from scheduler.store.store import Store
from scheduler.zones import parse_utc
from solvers.timeline import Span

MARKER = "String {00020329-0000-0000-C000-000000000046} Name SlotwrightMarker"
STUCK_SECONDS = 300
_ROLES = (Role.INVITATION, Role.RESERVATION)


class Journal(Protocol):
    """The emulator's journal."""

    def wire(self) -> Mapping[str, Any]:
        """What `GET /emulator/journal` answers."""


class Tenant(Protocol):
    """An emulator, in this process or behind its control routes."""

    @property
    def journal(self) -> Journal:
        """What happened."""

    def snapshot(self) -> Mapping[str, Any]:
        """What `GET /emulator/snapshot` answers."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that was not kept: which, and what was seen."""

    invariant: str
    what: str


@dataclass(frozen=True, slots=True)
class Told:
    """What clients were told, which neither database nor calendars know.

    Args:
        booked: ids of bookings that somebody was told stand, and whose cancellation nobody asked for.
        refused: ids of slots that somebody was told are not booked, and did not get otherwise.
        replies: by idempotency key or whatever else names a request, the booking ids that it was answered with.
    """

    booked: Collection[str] = ()
    refused: Collection[str] = ()
    replies: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Event:
    mailbox: str
    marker: str
    ical_uid: str
    event_id: str
    span: Span
    organized_here: bool


NOTHING_TOLD = Told()


def invariants(
    store: Store,
    emulator: Tenant,
    *,
    now: int | None = None,
    told: Told = NOTHING_TOLD,
    flagged: Collection[str] = (),
    let_be: Collection[str] = (),
    log: Sequence[LogRecord] = (),
    stuck_seconds: int = STUCK_SECONDS,
) -> tuple[Broken, ...]:
    """What is broken; nothing is the promise.

    Args:
        emulator: the tenant, once every delivery has arrived.
        now: UTC second for I8; None takes the tenant's clock.
        told: what clients were told.
        flagged: ids of bookings that are shown as in need of attention; those with concerns are anyway.
        let_be: ids of bookings whose events somebody else changed, and nobody wants that put right; I2 says nothing of
            their events.
        log: what was logged meanwhile.
        stuck_seconds: how long a booking may be in the middle of something without a flag.
    """
    snapshot = emulator.snapshot()
    bookings = store.bookings()
    events = _events(snapshot)
    clock = now if now is not None else int(datetime.fromisoformat(snapshot["now"]).timestamp())
    found = [
        *_claims_overlap(store),
        *_confirmed(store, bookings, events, let_be),
        *_strangers(bookings, events),
        *_promised(bookings, told),
        *_left_behind(store, bookings, events, told),
        *_one_each(bookings, told),
        *_mail(bookings, emulator.journal.wire()["mail"]),
        *_stuck(store, bookings, clock - stuck_seconds, flagged),
        *_audit(store, bookings),
        *_logged(log, snapshot),
    ]
    return tuple(Broken(name, what) for name, what in found)


Found = Iterator[tuple[str, str]]


def _events(snapshot: Mapping[str, Any]) -> list[_Event]:
    """Live events with our marker."""
    found = []
    for address, mailbox in snapshot["mailboxes"].items():
        for event in (each for calendar in mailbox["calendars"] for each in calendar["events"]):
            markers = [
                each["value"]
                for each in event["singleValueExtendedProperties"]
                if each["id"].casefold() == MARKER.casefold()
            ]
            if markers and not event["isCancelled"]:
                start, end = (parse_utc(f"{event[side]['dateTime'][:16]}Z") for side in ("start", "end"))
                found.append(
                    _Event(
                        mailbox=address.lower(),
                        marker=markers[0],
                        ical_uid=event["iCalUId"],
                        event_id=event["immutableId"],
                        span=Span(start, end),
                        organized_here=event["organizer"]["emailAddress"]["address"].lower()
                        == address.lower(),
                    )
                )
    return found


def _claims_overlap(store: Store) -> Found:
    claims = sorted((claim.resource, claim.span, booking_id) for booking_id, claim in store.all_claims())
    for (one, first, holder), (other, second, beside) in pairwise(claims):
        if one == other and first.overlaps(second):
            yield "I1", f"{holder} and {beside} both hold {one}"


def _confirmed(
    store: Store, bookings: Sequence[Booking], events: Sequence[_Event], let_be: Collection[str]
) -> Found:
    claims = Counter((holder, claim.resource, claim.span) for holder, claim in store.all_claims())
    for booking in bookings:
        if booking.state is not State.CONFIRMED:
            continue
        span, name = booking.interview.span, booking.booking_id
        room = [booking.room.address] if booking.room is not None else []
        wanted = Counter((name, each, span) for each in {*booking.interview.busy, *room})
        actual = Counter({key: times for key, times in claims.items() if key[0] == name})
        if actual != wanted:
            yield "I2", f"{name} lacks {len(wanted - actual)} claims and has {len(actual - wanted)} too many"
        for role in _ROLES if name not in let_be else ():
            yield from _one_live_event(booking, role, booking.event(role), events)


def _one_live_event(booking: Booking, role: Role, written: Written | None, events: Sequence[_Event]) -> Found:
    name = booking.booking_id
    if written is None:
        if role is Role.INVITATION or booking.room is not None:
            yield "I2", f"{name} is confirmed and names no {role.value}"
        return
    live = [each for each in events if each.marker == written.marker and each.organized_here]
    if len(live) != 1:
        yield "I2", f"{name} has {len(live)} live events as its {role.value}"
    if any(each.span != booking.interview.span for each in live):
        yield "I2", f"the {role.value} of {name} is at another time than the booking"


def _strangers(bookings: Sequence[Booking], events: Sequence[_Event]) -> Found:
    living = [booking for booking in bookings if booking.state not in ENDED]
    moving = {booking.booking_id for booking in living if booking.state not in RESTING}
    earlier = [booking.before.reservation for booking in living if booking.before is not None]
    now = [written for booking in living for written in (booking.invitation, booking.reservation)]
    names = {written.marker for written in (*now, *earlier) if written is not None}
    for event in events:
        # A booking in the middle of something may have written what it has not noted yet.
        if event.marker not in names and event.marker.partition("/")[0] not in moving:
            yield (
                "I3",
                f"an event {event.marker} in the calendar of {event.mailbox} belongs to no living booking",
            )


def _promised(bookings: Sequence[Booking], told: Told) -> Found:
    states = {booking.booking_id: booking.state for booking in bookings}
    for booking_id in told.booked:
        state = states.get(booking_id)
        if state is None or state in ENDED | {State.UNDOING, State.CANCELLING}:
            yield "I4", f"{booking_id} was said to be booked and is {state.value if state else 'not there'}"


def _left_behind(store: Store, bookings: Sequence[Booking], events: Sequence[_Event], told: Told) -> Found:
    ended = {booking.booking_id for booking in bookings if booking.state in ENDED}
    for booking_id in sorted({holder for holder, _ in store.all_claims()} & ended):
        yield "I5", f"{booking_id} has ended and still holds claims"
    for event in events:
        if event.marker.partition("/")[0] in ended:
            yield "I5", f"{event.marker} of a booking that has ended is in the calendar of {event.mailbox}"
    for booking in bookings:
        if booking.state not in ENDED and booking.interview.slot_id in told.refused:
            yield "I5", f"{booking.booking_id} stands for a slot that was said not to be booked"


def _one_each(bookings: Sequence[Booking], told: Told) -> Found:
    slots = Counter(booking.interview.slot_id for booking in bookings if booking.state not in ENDED)
    for slot, times in slots.items():
        if times > 1:
            yield "I6", f"{times} bookings stand for {slot}"
    for key, ids in told.replies.items():
        if len(set(ids)) > 1:
            yield "I6", f"{key} was answered with {len(set(ids))} bookings"


def _mail(bookings: Sequence[Booking], mail: Sequence[Mapping[str, Any]]) -> Found:
    """Invitations may be repeated after a cancellation; updates follow changes, and once a room that came later."""
    reasons = {
        booking.invitation.ical_uid: booking.revision
        for booking in bookings
        if booking.invitation is not None
    }
    inside: Counter[tuple[str, str]] = Counter()
    updates: Counter[tuple[str, str]] = Counter()
    for message in mail:
        key = message["ical_uid"], message["recipient"].lower()
        match message["kind"]:
            case "invitation":
                inside[key] += 1
                if inside[key] > 1:
                    yield "I7", f"a guest was invited {inside[key]} times to the meeting {key[0]}"
            case "cancellation":
                inside[key] -= 1
            case "update":
                updates[key] += 1
            case _:
                pass  # an answer, not a message to a guest
    for (ical_uid, _), times in updates.items():
        if times > reasons.get(ical_uid, times):
            yield (
                "I7",
                f"a guest got {times} updates of the meeting {ical_uid} of revision {reasons[ical_uid]}",
            )


def _stuck(store: Store, bookings: Sequence[Booking], since: int, flagged: Collection[str]) -> Found:
    for booking in bookings:
        if booking.state in RESTING or booking.booking_id in flagged or booking.concerns:
            continue
        latest = store.history(booking.booking_id)[-1:]
        if not latest or latest[0].at < since:
            yield (
                "I8",
                f"{booking.booking_id} has been {booking.state.value} for too long, and nobody is told",
            )


def _audit(store: Store, bookings: Sequence[Booking]) -> Found:
    broken = store.verify_audit().broken
    if broken is not None:
        yield "I9", f"row {broken.entry} of the audit: {broken.what}"
    for booking in bookings:
        rows = [row.state for row in store.audit(booking.booking_id)]
        if not rows or rows[-1] != booking.state.value:
            yield "I9", f"{booking.booking_id} is {booking.state.value}, its audit ends {rows[-1:]}"
        for old, new in pairwise(rows):
            if old != new and State(new) not in TRANSITIONS[State(old)]:
                yield "I9", f"{booking.booking_id} went from {old} to {new}"


def _logged(log: Sequence[LogRecord], snapshot: Mapping[str, Any]) -> Found:
    addresses = [address.lower() for address in snapshot["mailboxes"]]
    for record in log:
        text = f"{record.getMessage()} {record.exc_text or ''}".lower()
        if any(address in text for address in addresses):
            yield "I10", f"an address is in what {record.name} logged in {record.funcName}"
        if "bearer " in text:
            yield "I10", f"a token is in what {record.name} logged in {record.funcName}"
        if record.levelno >= ERROR:
            yield "I12", f"{record.name} logged an error in {record.funcName}"
