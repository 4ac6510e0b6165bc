"""Moves a booking from wherever it stands to where it rests, one journalled step after another.

Before every write to Graph the bytes are frozen and stored; after it the outcome is stored. A booking whose driver
died is driven again by the same code, and whatever the dead driver may have written is read back by its marker first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduler.app.again import obstacles
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.writes import Writer
from scheduler.booking import change, drafts, proof, repairing, sweeping, watching
from scheduler.booking.booking import Booking, ChangeKind, Role, RoomChoice, RoomState, Route, Written
from scheduler.booking.events import CalendarAccess, CalendarRef, EventCopy, EventDraft
from scheduler.booking.routes import decide
from scheduler.booking.states import State, Step
from scheduler.booking.steps import next_step
from scheduler.errors import WorldError
from scheduler.graph.errors import CallFailed, NotAllowed, NotThere, RequestRefused
from scheduler.store.ledger import Claim, Taken

TIME_HAS_COME = "the slot's time has come already"
"""Why a booking is given up that begins before anybody could be told."""

ACCESS_SECONDS = 600
"""How long it is believed what we may do in a room's calendar."""

NO_MAILBOX = "has no mailbox in Microsoft 365 (it may be on-premises), so that it cannot be booked"
"""Why a room is refused, after its address."""


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
        self._writer = Writer(calendars, tell=tell)
        self._closed_rooms: set[str] = set()
        self._accesses: dict[str, tuple[int, CalendarAccess | None]] = {}

    @property
    def rules(self) -> BookingRules:
        """What the installation decided about booking."""
        return self._rules

    def drive(self, booking: Booking, *, wait: bool, only: State | None = None) -> Booking:
        """Step until the booking rests, or, without `wait`, until only a room's answer is missing.

        The caller holds `working_on` for the booking.

        Args:
            only: stop as soon as the booking is not in this state any more.

        Raises:
            GraphError: Graph cannot be reached or refuses for now; the booking stays and can be driven again.
            StoreError: the database refused.
        """
        while only in (None, booking.state) and (step := next_step(booking)) is not None:
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

    def check_room(self, booking: Booking) -> Booking:
        """One look at the room of a booking that rests; when it is not held as it was, the booking moves on."""
        if booking.state is not State.CONFIRMED or booking.reservation is None:
            return self.look_again(booking)
        answer = self._look(booking)
        match watching.of_room(answer):
            case None:
                return booking
            case RoomState.PENDING:
                moved = booking.to(State.PENDING, room_state=RoomState.PENDING, reason=answer.reason)
            case lost:
                moved = booking.to(State.FREEING, room_state=lost, reason=watching.lost_because(answer))
        return self._saved(moved)

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
            case Step.TELL:
                return self._bring_up_to_date(booking)
            case Step.REMOVE_RESERVATION:
                return self._remove_reservation(booking)
            case Step.REMOVE_EARLIER:
                return self._remove_earlier(booking)
            case Step.REMOVE_INVITATION:
                return self._remove_invitation(booking)
            case Step.RESTORE:
                return self._saved_with_claims(change.restored(booking))
            case Step.RELEASE:
                ended = State.CANCELLED if booking.state is State.CANCELLING else State.UNDONE
                return self._saved(booking.to(ended, room_state=_released(booking), before=None))

    def _saved(self, booking: Booking) -> Booking:
        self._ledger.save(booking)
        return booking

    def _saved_with_claims(self, booking: Booking) -> Booking:
        """Store the booking and let it hold what it needs from now on, and nothing else."""
        self._ledger.save(booking, hold=claims_of(booking))
        return booking

    # Before anything leaves the house

    def _recheck(self, booking: Booking) -> Booking:
        people = change.needed(booking)
        changing = booking.before is not None
        about_room = booking.room is not None and not (
            booking.before is not None and booking.before.kind is ChangeKind.PERSON
        )
        room = [booking.room.address] if booking.room is not None and about_room else []
        in_the_way = obstacles(booking, [*people, *room], self._calendars, self._ledger)
        now = self._calendars.now()
        if booking.before is not None and booking.before.interview.span.start <= now:
            return self._given_up(booking, "the interview has begun already")
        if booking.interview.span.start <= now:
            return self._given_up(booking, TIME_HAS_COME)
        missing = [reason for address, reason in in_the_way.items() if address in people]
        if missing:
            return self._given_up(booking, "; ".join(missing))
        if in_the_way:
            return self._next_room(booking, "; ".join(in_the_way.values()))
        if booking.room is not None and about_room:
            try:
                self._access(booking.room)
            except NotThere:
                return self._next_room(booking, f"{booking.room.address} {NO_MAILBOX}")
        if changing:
            return self._saved(booking.to(State.INVITED if about_room else State.TELLING))
        told = booking.room.address if booking.room is not None else None
        organizer = CalendarRef(booking.interview.organizer)
        return self._freeze(booking, Role.INVITATION, organizer, State.INVITING, told_room=told)

    def _given_up(self, booking: Booking, reason: str) -> Booking:
        """The booking, or the change under way, cannot be had."""
        state = State.UNDOING if booking.before is None else State.REVERTING
        return self._saved(booking.to(state, reason=reason))

    def _next_room(self, booking: Booking, reason: str) -> Booking:
        """Claim the next room that would do, the present one having refused; give up when there is none."""
        assert booking.room is not None
        booking = replace(booking, refused=_refused(booking, reason))
        only_one = booking.before is not None and booking.before.kind is ChangeKind.ROOM
        left = () if only_one else booking.alternatives
        state = State.CLAIMED if booking.before is None else State.CHANGING
        while left:
            room, left = left[0], left[1:]
            after = booking.to(
                state,
                room=room,
                room_state=RoomState.PLANNED,
                route=None,
                alternatives=left,
                asked_at=None,
                reason=reason,
            )
            try:
                return self._saved_with_claims(after)
            except Taken as taken:
                booking = replace(booking, room=room)
                booking = replace(booking, refused=_refused(booking, str(taken)))
        return self._given_up(booking, reason)

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
        self._writer.unsent(written)
        return self._saved(frozen)

    def _draft(self, booking: Booking, role: Role, calendar: CalendarRef, attempt: int) -> EventDraft:
        if role is Role.INVITATION:
            return drafts.invitation(booking, attempt)
        assert booking.room is not None
        return drafts.reservation(
            booking, booking.room, attempt, invite_room=calendar.mailbox != booking.room.address
        )

    def _create(self, booking: Booking, written: Written) -> tuple[Booking, EventCopy | CallFailed | None]:
        """The booking with any doubt about the event, and the event, its final refusal, or None if its id is burnt."""

        def absent() -> None:
            nonlocal booking
            booking = self._saved(sweeping.doubted(booking, written, self._clock()))

        try:
            copy = self._writer.create(written, booking.interview.span, absent=absent)
        except (NotAllowed, NotThere, RequestRefused) as refused:
            return booking, refused
        return booking, copy

    def _write_invitation(self, booking: Booking) -> Booking:
        written = booking.invitation
        assert written is not None
        booking, copy = self._create(booking, written)
        if isinstance(copy, CallFailed):
            return self._saved(booking.to(State.UNDOING, reason=f"the invitation was refused: {copy}"))
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
        try:
            access = None if refused else self._access(room)
        except NotThere:
            access = None
        route = decide(access, direct_refused=refused)
        if route is Route.SCHEDULER and change.overlaps_itself(booking):
            return self._saved(booking.to(State.VACATING))
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

    def _access(self, room: RoomChoice) -> CalendarAccess | None:
        """What we may do in the room's calendar, asked once for a while; a right that went shows in the write."""
        now = self._clock()
        asked, access = self._accesses.get(room.address, (now - ACCESS_SECONDS, None))
        if now - asked >= ACCESS_SECONDS:
            access = self._calendars.access(room.address)
            self._accesses[room.address] = now, access
        return access

    def _write_reservation(self, booking: Booking) -> Booking:
        written = booking.reservation
        assert written is not None
        booking, copy = self._create(booking, written)
        if isinstance(copy, CallFailed):
            if booking.route is Route.DIRECT and not isinstance(copy, RequestRefused):
                # The calendar said it was ours to write and then refused; the other route needs no such right.
                return self._saved(booking.to(State.INVITED, reservation=None))
            return self._saved(
                booking.to(State.FREEING, reservation=None, reason=f"the reservation was refused: {copy}")
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

    def _bring_up_to_date(self, booking: Booking) -> Booking:
        refused = self._writer.amend(booking)
        before, room = booking.before, booking.room
        if refused is not None and before is None:
            raise WorldError(f"The interview has its room, but {refused}.")
        if refused is not None:
            return self._saved(booking.to(State.REVERTING, reason=refused))
        if before is not None and before.kind is ChangeKind.PERSON:
            return self._saved_with_claims(change.settled(booking))
        told = replace(booking, told_room=room.address if room is not None else None)
        if before is None:
            return self._saved(told.to(State.CONFIRMED))
        if booking.earlier is not None:
            return self._saved(told.to(State.CLEARING))
        return self._saved_with_claims(change.settled(told))

    # The room's answer

    def _prove(self, booking: Booking) -> Booking:
        answer = self._look(booking)
        match answer.state:
            case RoomState.VERIFIED | RoomState.ACCEPTED:
                assert booking.room is not None
                told = booking.before is None and booking.told_room == booking.room.address
                proved = booking.to(
                    State.CONFIRMED if told else State.TELLING, room_state=answer.state, reason=answer.reason
                )
                return self._saved(replace(proved, concerns=repairing.with_contest(proved, answer)))
            case RoomState.PENDING:
                if booking.state is State.PENDING:
                    return booking
                reason = answer.reason + change.until_then(booking)
                return self._saved(booking.to(State.PENDING, room_state=answer.state, reason=reason))
            case RoomState.DECLINED | RoomState.DISPLACED:
                return self._saved(booking.to(State.FREEING, room_state=answer.state, reason=answer.reason))
            case _:
                return self._still_silent(booking, answer.reason)

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
        span, before = booking.interview.span, booking.before
        leaving = before if before is not None and before.room == room else None
        if room.address not in self._closed_rooms:
            try:
                return proof.from_calendar(
                    written,
                    route,
                    span,
                    self._calendars.view(CalendarRef(room.address), span),
                    leaving=leaving.reservation if leaving is not None else None,
                )
            except (NotAllowed, NotThere):
                self._closed_rooms.add(room.address)
        schedules = self._calendars.read_schedules(
            [room.address], span, as_mailbox=booking.interview.organizer
        )
        return proof.from_free_busy(
            span, schedules[0], leaving=leaving.interview.span if leaving is not None else None
        )

    # The way out

    def _remove_reservation(self, booking: Booking) -> Booking:
        written = booking.reservation
        if written is not None:
            booking = self._remove(written, booking, alone=booking.route is Route.DIRECT)
        gone = replace(booking, reservation=None)
        if booking.state is not State.FREEING:
            return self._saved(gone)
        if booking.before is not None:
            return self._next_room(gone, booking.reason)
        refused = _refused(booking, booking.reason)
        return self._saved_with_claims(gone.to(State.ROOM_DECLINED, refused=refused, asked_at=None))

    def _remove_earlier(self, booking: Booking) -> Booking:
        before, earlier = booking.before, booking.earlier
        assert before is not None
        if earlier is not None:
            booking = self._remove(earlier, booking, alone=before.route is Route.DIRECT)
        freed = replace(booking, before=replace(before, freed=True))
        match booking.state:
            case State.VACATING:
                return self._saved(freed.to(State.INVITED))
            case State.CLEARING:
                return self._saved_with_claims(change.settled(freed))
            case _:
                return self._saved(freed)

    def _remove_invitation(self, booking: Booking) -> Booking:
        if booking.invitation is not None:
            booking = self._remove(booking.invitation, booking, alone=not booking.interview.guests)
        return self._saved(replace(booking, invitation=None))

    def _remove(self, written: Written, booking: Booking, *, alone: bool) -> Booking:
        """The booking without its event, or with the doubt whether that will still appear."""
        try:
            over = self._writer.remove(written, booking.interview.span, alone=alone, comment=booking.reason)
            return booking if over else sweeping.doubted(booking, written, self._clock())
        except NotThere as gone:
            # With a room goes all that was in its calendar; a person's mailbox may come back, and is waited for.
            if written.role is Role.INVITATION or not gone.whole_mailbox:
                raise
            return sweeping.doubted(booking, written, self._clock())


def claims_of(booking: Booking) -> list[Claim]:
    """What the ledger has to hold for the booking."""
    return [Claim(resource, span) for resource, spans in change.held(booking).items() for span in spans]


def _refused(booking: Booking, reason: str) -> tuple[tuple[RoomChoice, str], ...]:
    assert booking.room is not None
    return (*booking.refused, (booking.room, reason))


def _released(booking: Booking) -> RoomState:
    return RoomState.NONE if booking.room is None else RoomState.RELEASED
