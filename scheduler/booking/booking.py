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
        stand_ins: by address of an interviewer, who else of the seat's pool could sit there, the best first.
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
    stand_ins: tuple[tuple[str, tuple[str, ...]], ...] = ()


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
        repair: whether the change was begun by the watch and not by a person.
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
    repair: bool = False


class ConcernKind(Enum):
    """What was noticed of a booking that a person has to decide about."""

    UNINVITED = "uninvited"  # the invitation is gone
    MOVED = "moved"  # the invitation is at another time
    PLACE = "place"  # the invitation names another place
    REMOVED = "removed"  # somebody is not on the invitation any more
    CANDIDATE = "candidate"  # the candidate declined
    DECLINED = "declined"  # an interviewer declined
    UNANSWERED = "unanswered"  # an interviewer has not answered, and it is soon
    GONE = "gone"  # there is no such mailbox any more
    ROOM = "room"  # there is no room
    CONTESTED = "contested"  # another meeting is in the room as well
    STUCK = "stuck"  # it cannot be finished


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a person has to decide.

    Args:
        who: address of the person or mailbox that it is about; empty when it is about the booking.
        text: what happened, and why it was not put right by itself, as a clause.
        commands: what can be done, as it is typed.
        settled: whether a person has said that it may stay so.
    """

    kind: ConcernKind
    who: str
    text: str
    commands: tuple[str, ...] = ()
    settled: bool = False


class Course(Enum):
    """What is being done with a loop whose sessions were asked for as one."""

    BOOKING = "booking"
    SETTLED = "settled"  # it was booked; from here on each session goes its own way
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Place:
    """A booking's place in a loop that is booked as one.

    Args:
        loop_id: the option that was booked.
        session: what the loop calls this session.
        members: the ids of all bookings of the loop, this one among them, in order of time.
        keep: whether a person decided that sessions which stand are kept when another one cannot be had.
        course: of the whole loop; only what its first booking says counts.
        why: why the loop goes that way, in words for a person; it stands beside `course`.
    """

    loop_id: str
    session: str
    members: tuple[str, ...]
    keep: bool = False
    course: Course = Course.BOOKING
    why: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An event that Graph was asked to write, or had written, and did not show when it should: it may still appear.

    Args:
        span: where it would be, in UTC minutes.
        since: UTC second at which it was last looked for in vain.
    """

    marker: str
    calendar: CalendarRef
    span: Span
    since: int


@dataclass(frozen=True, slots=True)
class Key:
    """What a caller gave so that asking twice is asking once.

    Args:
        body: a digest of what was asked with it.
    """

    text: str
    body: str


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
        place: the loop that it is a session of; None if it was booked by itself.
        key: the idempotency key that it was asked for with, if any; of a loop its first booking has it.
        repairs: how many changes the watch has made by itself.
        shown: where the invitation stands, if somebody moved it by hand; None when it is where it should be.
        concerns: what a person has to decide.
        doubts: events of this booking that may still appear; whatever it does not name by then is taken out again.
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
    place: Place | None = None
    key: Key | None = None
    repairs: int = 0
    shown: Span | None = None
    concerns: tuple[Concern, ...] = ()
    doubts: tuple[Doubt, ...] = ()

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
