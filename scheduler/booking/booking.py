"""A booking as a value: what was promised to whom, and what has been written where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from uuid import NAMESPACE_URL, uuid5

from scheduler.booking.events import CalendarRef, Guest
from scheduler.booking.states import State, check
from solvers.timeline import Span

_IDENTITY = uuid5(NAMESPACE_URL, "https://slotwright.example/booking")


class Role(Enum):
    """The two events of an interview, each with a life of its own."""

    INVITATION = "invitation"
    RESERVATION = "reservation"


class Route(Enum):
    """How a room is reserved: in its own calendar, or by inviting it from the generated calendar."""

    DIRECT = "direct"
    SCHEDULER = "scheduler"


class RoomState(Enum):
    """The ladder of a reservation; only ACCEPTED and VERIFIED say that the room is held."""

    NONE = "none"  # no room was asked for
    PLANNED = "planned"
    WRITTEN = "written"
    PENDING = "pending"  # the room shows the time as tentative
    ACCEPTED = "accepted"  # the room's free/busy shows exactly this interval
    VERIFIED = "verified"  # the room's own calendar shows this very meeting
    DECLINED = "declined"
    DISPLACED = "displaced"  # another event was in the room first
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """A room that a booking takes or may take."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Interview:
    """What is booked; it does not change while rooms come and go, only by a change of time or person.

    Args:
        slot_id: the slot that the booking stands for; no other booking takes it while this one lives.
        span: UTC minutes.
        zone: the zone the request was made in, for display.
        guests: everybody invited, the candidate included; the organizer is not among them.
        busy: addresses whose time the ledger claims: the people whose calendars were read.
    """

    slot_id: str
    span: Span
    zone: str
    organizer: str
    subject: str
    text: str
    guests: tuple[Guest, ...]
    busy: tuple[str, ...]
    online_meeting: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """An event of ours, from the moment its bytes are frozen.

    Args:
        attempt: counts the events of this role, from 1; part of the transaction id, so that a re-booking is never
            mistaken for a retry.
        body: the frozen JSON text that every try sends.
        event_id: None until a reply or a read-back has named it.
    """

    role: Role
    attempt: int
    calendar: CalendarRef
    marker: str
    transaction_id: str
    body: str
    event_id: str | None = None
    ical_uid: str | None = None


class ChangeKind(Enum):
    """What a change is about."""

    TIME = "time"  # with it, if need be, the room
    ROOM = "room"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Before:
    """A booking as it stood before the change under way: what people know of, and what is gone back to.

    Args:
        freed: whether the reservation has been taken out of the calendars already.
    """

    kind: ChangeKind
    state: State
    revision: int
    interview: Interview
    room: RoomChoice | None
    room_state: RoomState
    route: Route | None
    alternatives: tuple[RoomChoice, ...]
    refused: tuple[tuple[RoomChoice, str], ...]
    reservation: Written | None
    asked_at: int | None
    freed: bool = False


@dataclass(frozen=True, slots=True)
class Booking:
    """One booked interview.

    Args:
        booking_id: our own id, unique across installations.
        revision: counts what people were told: 1, and one more with every change that was made.
        room: the room being taken, or None.
        alternatives: rooms that were free as well, best first, not tried yet.
        refused: rooms that said no, with the reason.
        told_room: address of the room that the invitation names.
        asked_at: UTC second at which the present reservation was written; the room's time to answer runs from here.
        reason: why it stands where it stands, in words for a person.
        before: while a change is under way, what it goes away from; everything else is then as the change wants it.
    """

    booking_id: str
    interview: Interview
    state: State = State.CLAIMED
    revision: int = 1
    room: RoomChoice | None = None
    room_state: RoomState = RoomState.NONE
    route: Route | None = None
    alternatives: tuple[RoomChoice, ...] = ()
    refused: tuple[tuple[RoomChoice, str], ...] = ()
    invitation: Written | None = None
    reservation: Written | None = None
    reservations: int = 0
    told_room: str | None = None
    asked_at: int | None = None
    reason: str = ""
    before: Before | None = None

    @property
    def earlier(self) -> Written | None:
        """The reservation that a change under way replaces, as long as it may be in a calendar."""
        before = self.before
        if before is None or before.kind is ChangeKind.PERSON or before.freed:
            return None
        return before.reservation

    @property
    def own_reservation(self) -> Written | None:
        """The reservation that goes when the booking, or the change under way, goes."""
        kept = (
            self.state is State.REVERTING
            and self.before is not None
            and self.before.kind is ChangeKind.PERSON
        )
        return None if kept else self.reservation

    def to(self, state: State, **changes: object) -> Booking:
        """The booking in its next state.

        Raises:
            IllegalTransition: the table in states.py does not allow the change.
        """
        check(self.state, state)
        return replace(self, state=state, **changes)  # type: ignore[arg-type]  # the fields are checked by tests

    def event(self, role: Role) -> Written | None:
        """Our event of that role, if its bytes exist."""
        return self.invitation if role is Role.INVITATION else self.reservation

    def with_event(self, written: Written | None, role: Role) -> Booking:
        """The booking with that role's event replaced; the state stays."""
        if role is Role.INVITATION:
            return replace(self, invitation=written)
        return replace(self, reservation=written)


def marker(booking_id: str, revision: int, role: Role, attempt: int) -> str:
    """The text our extended property carries; it names one event and no other."""
    return f"{booking_id}/{revision}/{role.value}/{attempt}"


def transaction_id(event_marker: str) -> str:
    """The transactionId that goes with a marker; equal for equal markers, on every machine."""
    return str(uuid5(_IDENTITY, event_marker))
