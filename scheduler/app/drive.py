"""Moves a booking from wherever it stands to where it rests, one journalled step after another.

Before every write to Graph the bytes are frozen and stored; after it the outcome is stored. A booking whose driver
died is driven again by the same code, and whatever the dead driver may have written is read back by its marker first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduler.app.ports import Calendars, Ledger
from scheduler.booking import drafts, proof
from scheduler.booking.booking import Booking, Role, RoomState, Route, Written
from scheduler.booking.events import CalendarRef, EventCopy, EventDraft, GuestKind
from scheduler.booking.routes import decide
from scheduler.booking.states import State
from scheduler.booking.steps import Step, next_step
from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import availability
from scheduler.graph.errors import CallFailed, Clash, NotAllowed, NotThere, RequestRefused
from scheduler.store.ledger import Taken

WRITE_ROUNDS = 3
"""How often a write of unknown outcome is read back and sent again before a person is told."""


@dataclass(frozen=True, slots=True)
class BookingRules:
    """What an installation decides about booking.

    Args:
        scheduling_user: owner of the generated calendar; empty means the organizer of each interview.
        answer_seconds: how long a room may stay silent before it counts as declined.
        poll_seconds: pause between two looks at a room.
    """

    scheduling_user: str = ""
    scheduler_calendar: str = "Scheduler"
    answer_seconds: int = 120
    poll_seconds: float = 2.0


class Driver:
    """Takes the steps of bookings.

    Args:
        clock: UTC seconds, the clock rooms are waited for by.
        pause: waits that many seconds.
        tell: takes a short line about what is going on, for a progress display.
    """

    def __init__(
        self,
        calendars: Calendars,
        ledger: Ledger,
        rules: BookingRules,
        *,
        clock: Callable[[], int],
        pause: Callable[[float], None],
        tell: Callable[[str], None],
    ) -> None:
        self._calendars = calendars
        self._ledger = ledger
        self._rules = rules
        self._clock = clock
        self._pause = pause
        self._tell = tell
        self._unsent: set[str] = set()
        self._closed_rooms: set[str] = set()

    def drive(self, booking: Booking, *, wait: bool) -> Booking:
        """Step until the booking rests, or, without `wait`, until only a room's answer is missing.

        The caller holds `working_on` for the booking.

        Raises:
            GraphError: Graph cannot be reached or refuses for now; the booking stays and can be driven again.
            StoreError: the database refused.
        """
        while (step := next_step(booking)) is not None:
            self._tell(f"{step.value} ...")
            after = self._take(step, booking)
            if step is Step.PROVE and after.state is State.PROVING:
                if not wait:
                    return after
                self.rest()
            booking = after
        return booking

    def rest(self) -> None:
        """Wait as long as between two looks at a room."""
        self._pause(self._rules.poll_seconds)

    def look_again(self, booking: Booking) -> Booking:
        """One more look at a room that holds the time tentatively; without news the booking is unchanged."""
        return self._take(Step.PROVE, booking) if booking.state is State.PENDING else booking

    def _take(self, step: Step, booking: Booking) -> Booking:
        match step:
            case Step.RECHECK:
                return self._recheck(booking)
            case Step.WRITE_INVITATION:
                return self._write_invitation(booking)
            case Step.ROUTE:
                return self._route(booking)
            case Step.WRITE_RESERVATION:
                return self._write_reservation(booking)
            case Step.PROVE:
                return self._prove(booking)
            case Step.TELL_PLACE:
                return self._tell_place(booking)
            case Step.REMOVE_RESERVATION:
                return self._remove(booking, Role.RESERVATION)
            case Step.REMOVE_INVITATION:
                return self._remove(booking, Role.INVITATION)
            case Step.RELEASE:
                ended = State.CANCELLED if booking.state is State.CANCELLING else State.UNDONE
                return self._saved(booking.to(ended, room_state=_released(booking)))

    def _saved(self, booking: Booking, *, release: str | None = None) -> Booking:
        self._ledger.save(booking, release=release)
        return booking

    # Before anything leaves the house

    def _recheck(self, booking: Booking) -> Booking:
        interview = booking.interview
        needed = [guest.address for guest in interview.guests if guest.kind is GuestKind.REQUIRED]
        people = [
            address for address in interview.busy if address in needed or address == interview.organizer
        ]
        room = [booking.room.address] if booking.room is not None else []
        in_the_way = self.obstacles(booking, [*people, *room])
        if interview.span.start <= self._calendars.now():
            return self._saved(booking.to(State.UNDOING, reason="the slot's time has come already"))
        missing = [reason for address, reason in in_the_way.items() if address in people]
        if missing:
            return self._saved(booking.to(State.UNDOING, reason="; ".join(missing)))
        if in_the_way:
            return self._next_room(booking, "; ".join(in_the_way.values()))
        told = booking.room.address if booking.room is not None else None
        return self._freeze(
            booking, Role.INVITATION, CalendarRef(interview.organizer), State.INVITING, told_room=told
        )

    def obstacles(self, booking: Booking, addresses: list[str]) -> dict[str, str]:
        """Who of these cannot have the interview's time now, and why, by one fresh read."""
        span = booking.interview.span
        held = self._ledger.claimed(addresses, span, except_booking=booking.booking_id)
        reasons = {}
        for schedule in self._calendars.read_schedules(
            addresses, span, as_mailbox=booking.interview.organizer
        ):
            found = availability(
                schedule,
                policy=BusyPolicy(),
                default_hours=None,
                ledger=held[schedule.address],
                constrain_hours=False,
            )
            if found.unknown:
                why = schedule.problem or "its status is unknown"
                reasons[schedule.address] = f"{schedule.address} could not be read: {why}"
            elif found.blocked_all:
                reasons[schedule.address] = f"{schedule.address} is no longer free at that time"
        return reasons

    def _next_room(self, booking: Booking, reason: str) -> Booking:
        assert booking.room is not None
        refused = (*booking.refused, (booking.room, reason))
        left = booking.alternatives
        while left:
            room, left = left[0], left[1:]
            after = booking.to(State.CLAIMED, room=room, alternatives=left, refused=refused, reason=reason)
            try:
                self._ledger.save(after, release=booking.room.address, claim=room.address)
            except Taken as taken:
                refused = (*refused, (room, str(taken)))
                continue
            return after
        return self._saved(booking.to(State.UNDOING, refused=refused, reason=reason))

    # Writing

    def _freeze(
        self, booking: Booking, role: Role, calendar: CalendarRef, state: State, **changes: object
    ) -> Booking:
        """Store the event's bytes and what identifies it, before anything is sent."""
        earlier = booking.invitation.attempt if booking.invitation is not None else 0
        attempt = 1 + (earlier if role is Role.INVITATION else booking.reservations)
        draft = self._draft(booking, role, calendar, attempt)
        written = Written(
            role=role,
            attempt=attempt,
            calendar=calendar,
            marker=draft.marker,
            transaction_id=draft.transaction_id,
            body=self._calendars.encode(draft).decode(),
        )
        frozen = booking.to(state, **changes).with_event(written, role)
        if role is Role.RESERVATION:
            frozen = replace(frozen, reservations=attempt)
        self._unsent.add(written.marker)
        return self._saved(frozen)

    def _draft(self, booking: Booking, role: Role, calendar: CalendarRef, attempt: int) -> EventDraft:
        if role is Role.INVITATION:
            return drafts.invitation(booking, attempt)
        assert booking.room is not None
        return drafts.reservation(
            booking, booking.room, attempt, invite_room=calendar.mailbox != booking.room.address
        )

    def _send(self, booking: Booking, written: Written) -> EventCopy | None:
        """Create the event, or find it if an earlier try did; None when its transaction id is burnt.

        Raises:
            GraphError: refused for good, or still of unknown outcome after several rounds.
        """
        span = booking.interview.span
        for rounds_left in reversed(range(WRITE_ROUNDS)):
            if written.marker not in self._unsent:
                found = self._calendars.find_marked(written.calendar, written.marker, span)
                if found:
                    return found[0]
            self._unsent.discard(written.marker)
            try:
                return self._calendars.create(written.calendar, written.body.encode())
            except Clash:
                found = self._calendars.find_marked(written.calendar, written.marker, span)
                return found[0] if found else None
            except CallFailed as error:
                if error.applied == "no" or rounds_left == 0:
                    raise
                self._tell("Graph did not say whether it was written; looking ...")
        raise AssertionError("unreachable")

    def _write_invitation(self, booking: Booking) -> Booking:
        written = booking.invitation
        assert written is not None
        try:
            copy = self._send(booking, written)
        except (NotAllowed, NotThere, RequestRefused) as error:
            return self._saved(booking.to(State.UNDOING, reason=f"the invitation was refused: {error}"))
        if copy is None:
            return self._freeze(booking, Role.INVITATION, written.calendar, State.INVITING)
        known = replace(written, event_id=copy.event_id, ical_uid=copy.ical_uid)
        if copy.span != booking.interview.span:
            wrong = "Graph wrote the invitation at another time than asked"
            return self._saved(booking.to(State.UNDOING, reason=wrong, invitation=known))
        return self._saved(booking.to(State.INVITED, invitation=known))

    def _route(self, booking: Booking) -> Booking:
        room = booking.room
        if room is None:
            return self._saved(
                booking.to(State.CONFIRMED, reason="the people are invited; no room was asked for")
            )
        refused = booking.route is Route.DIRECT
        access = None if refused else self._calendars.access(room.address)
        route = decide(access, direct_refused=refused)
        if route is Route.DIRECT:
            calendar = CalendarRef(room.address)
        else:
            owner = self._rules.scheduling_user or booking.interview.organizer
            name = self._rules.scheduler_calendar
            try:
                known = self._ledger.calendar_id(owner, name)
                calendar = CalendarRef(owner, self._calendars.get_or_create_calendar(owner, name, known))
            except (NotAllowed, NotThere, RequestRefused) as error:
                return self._saved(
                    booking.to(State.FREEING, reason=f"no calendar to invite the room from: {error}")
                )
            self._ledger.remember_calendar(owner, name, calendar.calendar_id or "")
        return self._freeze(
            booking, Role.RESERVATION, calendar, State.RESERVING, route=route, room_state=RoomState.PLANNED
        )

    def _write_reservation(self, booking: Booking) -> Booking:
        written = booking.reservation
        assert written is not None
        try:
            copy = self._send(booking, written)
        except (NotAllowed, NotThere) as error:
            if booking.route is Route.DIRECT:
                # The calendar said it was ours to write and then refused; the other route needs no such right.
                return self._saved(booking.to(State.INVITED, reservation=None))
            return self._saved(
                booking.to(State.FREEING, reservation=None, reason=f"the reservation was refused: {error}")
            )
        except RequestRefused as error:
            return self._saved(
                booking.to(State.FREEING, reservation=None, reason=f"the reservation was refused: {error}")
            )
        if copy is None:
            return self._freeze(booking, Role.RESERVATION, written.calendar, State.RESERVING)
        known = replace(written, event_id=copy.event_id, ical_uid=copy.ical_uid)
        if copy.span != booking.interview.span:
            wrong = "Graph wrote the reservation at another time than asked"
            return self._saved(booking.to(State.FREEING, reservation=known, reason=wrong))
        return self._saved(
            booking.to(State.PROVING, reservation=known, room_state=RoomState.WRITTEN, asked_at=self._clock())
        )

    # The room's answer

    def _prove(self, booking: Booking) -> Booking:
        answer = self._look(booking)
        match answer.state:
            case RoomState.VERIFIED | RoomState.ACCEPTED:
                assert booking.room is not None
                told = booking.told_room == booking.room.address
                proved = State.CONFIRMED if told else State.TELLING
                return self._saved(booking.to(proved, room_state=answer.state, reason=answer.reason))
            case RoomState.PENDING:
                if booking.state is State.PENDING:
                    return booking
                return self._saved(booking.to(State.PENDING, room_state=answer.state, reason=answer.reason))
            case RoomState.DECLINED | RoomState.DISPLACED:
                return self._saved(booking.to(State.FREEING, room_state=answer.state, reason=answer.reason))
            case _:
                return self._still_silent(booking, answer.reason)

    def _tell_place(self, booking: Booking) -> Booking:
        invitation, room = booking.invitation, booking.room
        assert invitation is not None
        assert invitation.event_id is not None
        assert room is not None
        self._calendars.relocate(invitation.calendar.mailbox, invitation.event_id, room.name)
        return self._saved(booking.to(State.CONFIRMED, told_room=room.address))

    def _still_silent(self, booking: Booking, reason: str) -> Booking:
        assert booking.asked_at is not None
        waited = self._clock() - booking.asked_at
        if waited < self._rules.answer_seconds:
            self._tell(f"{reason} ({waited} s)")
            return booking
        silent = f"the room did not take the booking within {self._rules.answer_seconds} seconds ({reason})"
        return self._saved(booking.to(State.FREEING, room_state=RoomState.DECLINED, reason=silent))

    def _look(self, booking: Booking) -> proof.RoomAnswer:
        room, written, route = booking.room, booking.reservation, booking.route
        assert room is not None
        assert written is not None
        assert route is not None
        span = booking.interview.span
        if room.address not in self._closed_rooms:
            try:
                return proof.from_calendar(
                    written, route, span, self._calendars.view(CalendarRef(room.address), span)
                )
            except (NotAllowed, NotThere):
                self._closed_rooms.add(room.address)
        schedules = self._calendars.read_schedules(
            [room.address], span, as_mailbox=booking.interview.organizer
        )
        return proof.from_free_busy(span, schedules[0])

    # The way out

    def _remove(self, booking: Booking, role: Role) -> Booking:
        written = booking.event(role)
        if written is not None:
            self._remove_event(booking, written)
        gone = booking.with_event(None, role)
        if booking.state is State.FREEING:
            assert booking.room is not None
            refused = (*booking.refused, (booking.room, booking.reason))
            declined = gone.to(State.ROOM_DECLINED, refused=refused, asked_at=None)
            return self._saved(declined, release=booking.room.address)
        return self._saved(gone)

    def _remove_event(self, booking: Booking, written: Written) -> None:
        """Take our event out of its calendar; gone already is as good."""
        event_ids = [written.event_id] if written.event_id is not None else []
        if not event_ids and written.marker not in self._unsent:
            copies = self._calendars.find_marked(written.calendar, written.marker, booking.interview.span)
            event_ids = [copy.event_id for copy in copies]
        alone = (
            booking.route is Route.DIRECT
            if written.role is Role.RESERVATION
            else not booking.interview.guests
        )
        for event_id in event_ids:
            if alone:
                self._calendars.delete(written.calendar.mailbox, event_id)
            else:
                self._calendars.cancel(written.calendar.mailbox, event_id, booking.reason)


def _released(booking: Booking) -> RoomState:
    return RoomState.NONE if booking.room is None else RoomState.RELEASED
