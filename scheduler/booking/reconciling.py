"""What the calendars show of us, compared with what the ledger knows: where the two disagree, and what is safe to do.

| what is found                                             | what `--apply` does                                  |
|-----------------------------------------------------------|------------------------------------------------------|
| an event of a booking that has ended, at its time         | removes it                                           |
| ... at another time: it may be a copy that somebody made  | nothing, a person looks                              |
| two events for one, one of them the booking's, alike      | removes the other                                    |
| an event of a booking that nobody knows                   | nothing: the database may be an older copy, or lost  |
| an event of a living booking, which the booking disowns   | nothing: it may be newer than the database           |
| ... but which it asked for, in vain as it seemed          | removes it                                           |
| a booking whose event is gone, moved or changed           | nothing, a person decides                            |
| claims that a booking does not need, or lacks             | gives them back, claims them again if they are free  |
| a booking in the middle of something                      | nothing: `slotwright show` goes on with it           |

An event is ours by its marker alone, and events without one are never looked at. Copies of a meeting in other mailboxes
may carry the marker too; they share its iCalUId and are one with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from scheduler.booking.booking import Booking, Interview, Role, Written
from scheduler.booking.change import held
from scheduler.booking.events import CalendarRef, EventCopy, GuestKind
from scheduler.booking.states import ENDED, RESTING
from scheduler.zones import iso_utc
from solvers.timeline import Span

_MARKER_PARTS = 4


class Kind(Enum):
    """How calendars and ledger disagree."""

    ORPHAN = "orphan"  # an event of a booking that has ended
    UNKNOWN = "unknown"  # an event of a booking that the ledger does not have
    STRAY = "stray"  # an event of a living booking that is none of those it names
    TWIN = "twin"  # a second event for one that the booking names
    MISSING = "missing"
    MOVED = "moved"
    ROOM = "room"  # it does not have or name the booking's room
    GUESTS = "guests"  # somebody who should be invited is not
    CLAIMS = "claims"
    UNFINISHED = "unfinished"


class Action(Enum):
    """What is safe to do without a person."""

    REMOVE = "remove the event"
    CLAIM = "correct the claims"


@dataclass(frozen=True, slots=True)
class Found:
    """An event with our marker and the calendar that it was found in."""

    calendar: CalendarRef
    event: EventCopy


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement.

    Args:
        booking_id: as the ledger or the marker says; empty when the marker cannot be read.
        what: a clause for a person, without names of people.
        action: what `--apply` does; None leaves it to a person.
        found: the event, if there is one.
    """

    kind: Kind
    booking_id: str
    what: str
    action: Action | None = None
    found: Found | None = None


def booking_of(marker: str | None) -> str | None:
    """The booking that a marker names; None when it is no marker of ours in a form that we know."""
    parts = (marker or "").rsplit("/", 3)
    roles = {role.value for role in Role}
    if len(parts) != _MARKER_PARTS or not parts[0] or parts[2] not in roles:
        return None
    return parts[0] if parts[1].isdecimal() and parts[3].isdecimal() else None


def named(booking: Booking) -> dict[str, tuple[Written, Span]]:
    """The events that a booking names, by their markers, each with the time that it should be at."""
    told = booking.before or booking
    events = [
        (booking.invitation, told.interview.span),
        (booking.reservation, booking.interview.span),
        (booking.earlier, told.interview.span),
    ]
    return {written.marker: (written, span) for written, span in events if written is not None}


def at_rest(booking: Booking) -> bool:
    """Whether calendars and ledger have to agree about it now."""
    return booking.state in RESTING and booking.state not in ENDED


def concerns(booking: Booking, window: Span) -> bool:
    """Whether any event that the booking names should be in the window."""
    return any(span.overlaps(window) for _, span in named(booking).values())


def compare(
    bookings: Collection[Booking],
    events: Iterable[Found],
    claims: Iterable[tuple[str, str, Span]],
    *,
    window: Span,
    unsure: Collection[str] = (),
    busy: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Every disagreement, those about the same booking together.

    Args:
        events: every event of ours in the window, and wherever else one was found that a booking names.
        claims: booking, resource and span of every claim of the ledger.
        window: UTC minutes; bookings that share no time with it are not missed in the calendars.
        unsure: markers of events about which a calendar could not be asked.
        busy: bookings that somebody was working on meanwhile; nothing is said about them.
    """
    known = {booking.booking_id: booking for booking in bookings if booking.booking_id not in busy}
    named_ones: dict[str, list[Found]] = {}
    findings: list[Finding] = []
    for found in _meetings(events, bookings):
        booking_id, marker = booking_of(found.event.marker), found.event.marker or ""
        booking = known.get(booking_id or "")
        if booking is not None and at_rest(booking) and marker in named(booking):
            named_ones.setdefault(marker, []).append(found)
        elif booking_id not in busy:
            findings += _unnamed(found, booking_id, booking)
    for booking in known.values():
        if booking.state not in RESTING:
            findings.append(_unfinished(booking))
        elif at_rest(booking) and concerns(booking, window):
            for marker, (written, span) in named(booking).items():
                if marker not in unsure:
                    findings += _event_findings(booking, written, span, named_ones.get(marker, []))
    findings += _claim_findings(known, claims, busy)
    return tuple(sorted(findings, key=lambda each: (each.booking_id, each.kind.value)))


def may_be_removed(finding: Finding, booking: Booking | None, shown: EventCopy | None) -> bool:
    """Whether an event that was to be removed is still what it was, and so is its booking."""
    if finding.found is None or booking is None or shown is None or shown.cancelled:
        return False
    now = Found(finding.found.calendar, shown)
    if shown.marker != finding.found.event.marker:
        return False
    if finding.kind is Kind.ORPHAN:
        return booking.state in ENDED and _orphan(now, booking).action is Action.REMOVE
    if finding.kind is Kind.STRAY:
        disowned = at_rest(booking) and shown.marker not in named(booking)
        return disowned and _stray(now, booking).action is Action.REMOVE
    written, span = named(booking).get(shown.marker or "", (None, None))
    return (
        at_rest(booking)
        and written is not None
        and written.event_id not in {None, shown.event_id}
        and shown.span == span
    )


def _meetings(events: Iterable[Found], bookings: Iterable[Booking]) -> Iterator[Found]:
    """One event of each meeting: the one that a booking names, else its organizer's, else any."""
    ids = {
        (written.calendar.mailbox, written.event_id)
        for booking in bookings
        for written, _ in named(booking).values()
    }

    def preference(found: Found) -> tuple[bool, bool, str, str]:
        event, mailbox = found.event, found.calendar.mailbox
        return ((mailbox, event.event_id) not in ids, not _own(found), mailbox, event.event_id)

    seen: set[tuple[str | None, str]] = set()
    for found in sorted(events, key=preference):
        event = found.event
        meeting = event.marker, event.ical_uid or f"{found.calendar.mailbox} {event.event_id}"
        if not event.cancelled and meeting not in seen:
            seen.add(meeting)
            yield found


def _own(found: Found) -> bool:
    return found.event.organizer in {"", found.calendar.mailbox.lower()}


def _where(found: Found) -> str:
    return f"in the calendar of {found.calendar.mailbox} at {iso_utc(found.event.span.start)}"


def _unnamed(found: Found, booking_id: str | None, booking: Booking | None) -> Iterator[Finding]:
    if booking is None:
        yield _unknown(found, booking_id)
    elif booking.state in ENDED:
        yield _orphan(found, booking)
    elif at_rest(booking):
        yield _stray(found, booking)


def _unknown(found: Found, booking_id: str | None) -> Finding:
    if booking_id is None:
        what = f"an event {_where(found)} carries a marker that cannot be read"
        return Finding(Kind.UNKNOWN, "", what, found=found)
    what = f"an event {_where(found)} is of a booking that this database does not have"
    return Finding(Kind.UNKNOWN, booking_id, what, found=found)


def _orphan(found: Found, booking: Booking) -> Finding:
    what = f"an event {_where(found)} is left of a booking that is {booking.state.value}"
    if found.event.span != booking.interview.span:
        other = f"{what}, at another time than the booking had"
        return Finding(Kind.ORPHAN, booking.booking_id, other, found=found)
    action = Action.REMOVE if _own(found) else None
    return Finding(Kind.ORPHAN, booking.booking_id, what, action, found)


def _stray(found: Found, booking: Booking) -> Finding:
    marker = found.event.marker or ""
    for doubt in booking.doubts:
        if doubt.marker == marker and doubt.span == found.event.span and _own(found):
            what = f"an event {_where(found)} appeared after the booking had given it up"
            return Finding(Kind.STRAY, booking.booking_id, what, Action.REMOVE, found)
    _, revision, role, attempt = marker.rsplit("/", 3)
    latest = booking.reservations
    if role == Role.INVITATION.value:
        latest = booking.invitation.attempt if booking.invitation is not None else 0
    newer = int(revision) > booking.revision or int(attempt) > latest
    why = "is newer than the database" if newer else "is none of those that the booking names"
    return Finding(Kind.STRAY, booking.booking_id, f"an event {_where(found)} {why}", found=found)


def _unfinished(booking: Booking) -> Finding:
    what = f"it is {booking.state.value}; `slotwright show {booking.booking_id}` goes on with it"
    return Finding(Kind.UNFINISHED, booking.booking_id, what)


def _event_findings(booking: Booking, written: Written, span: Span, found: list[Found]) -> Iterator[Finding]:
    role, mailbox = written.role.value, written.calendar.mailbox
    ours = next((each for each in found if each.event.event_id == written.event_id), None)
    if ours is None:
        what = f"its {role} is no longer in the calendar of {mailbox}"
        yield Finding(Kind.MISSING, booking.booking_id, what)
    else:
        yield from _differences(booking, written, span, ours)
    for other in found:
        if other is not ours:
            alike = (
                ours is not None
                and other.event.span == span == ours.event.span
                and other.calendar.mailbox == mailbox
                and _own(other)
            )
            what = f"an event {_where(other)} is a second {role}"
            action = Action.REMOVE if alike else None
            yield Finding(Kind.TWIN, booking.booking_id, what, action, other)


def _differences(booking: Booking, written: Written, span: Span, ours: Found) -> Iterator[Finding]:
    role, event, booking_id = written.role.value, ours.event, booking.booking_id
    if event.span != span:
        what = f"its {role} is at {iso_utc(event.span.start)}, the booking at {iso_utc(span.start)}"
        yield Finding(Kind.MOVED, booking_id, what, found=ours)
    if written.role is Role.RESERVATION:
        room = _room_of(booking, written)
        invited = {guest.address for guest in event.guests if guest.kind is GuestKind.RESOURCE}
        if room is not None and room not in invited | {written.calendar.mailbox}:
            what = f"its reservation does not invite {room} any more"
            yield Finding(Kind.ROOM, booking_id, what, found=ours)
        return
    told: Interview = (booking.before or booking).interview
    absent = {guest.address for guest in told.guests} - {guest.address for guest in event.guests}
    if absent:
        what = f"{len(absent)} of the {len(told.guests)} who should be invited are not"
        yield Finding(Kind.GUESTS, booking_id, what, found=ours)
    room_now = booking.room
    names_room = room_now is not None and booking.told_room == room_now.address
    if room_now is not None and names_room and room_now.name.casefold() not in event.place.casefold():
        what = f"its invitation does not name the room {room_now.name}"
        yield Finding(Kind.ROOM, booking_id, what, found=ours)


def _room_of(booking: Booking, written: Written) -> str | None:
    room = booking.room
    if booking.reservation != written and booking.before is not None:
        room = booking.before.room
    return room.address if room is not None else None


def _claim_findings(
    known: Mapping[str, Booking], claims: Iterable[tuple[str, str, Span]], busy: Collection[str]
) -> Iterator[Finding]:
    actual: dict[str, set[tuple[str, Span]]] = {}
    for booking_id, resource, span in claims:
        actual.setdefault(booking_id, set()).add((resource, span))
    for booking_id in sorted(actual.keys() - known.keys() - set(busy)):
        what = f"{len(actual[booking_id])} claims are of a booking that this database does not have"
        yield Finding(Kind.CLAIMS, booking_id, what)
    for booking_id, booking in known.items():
        if booking.state not in RESTING:
            continue
        needed = {(resource, span) for resource, spans in held(booking).items() for span in spans}
        present = actual.get(booking_id, set())
        if present - needed:
            what = f"it holds {len(present - needed)} claims that it does not need"
            yield Finding(Kind.CLAIMS, booking_id, what, Action.CLAIM)
        if needed - present:
            what = f"it lacks {len(needed - present)} of its {len(needed)} claims"
            yield Finding(Kind.CLAIMS, booking_id, what, Action.CLAIM)
