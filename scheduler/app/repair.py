"""Put right what a look at a booking showed, as far as nobody has to decide about it, and write down the rest.

Everything is looked at anew by whoever holds the booking, so that of two watchers one acts and the other one finds
that it is done; and every change goes the way of a change that a person asks for, so that one that was cut short is
finished by whoever looks next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from scheduler.app.again import look, obstacles
from scheduler.app.changing import clock_of
from scheduler.app.drive import Driver, claims_of
from scheduler.app.glance import glance
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reschedule import OFFICE_HOURS, nearest, neighbours
from scheduler.app.resolve_loop import Exchange, Resolution, Trouble, resolve
from scheduler.booking import change, repairing, watching
from scheduler.booking.booking import Booking, Concern, ConcernKind, Course, RoomChoice
from scheduler.booking.events import Guest
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import RESTING, State
from scheduler.booking.watching import Sight
from scheduler.errors import WorldError
from scheduler.planning.localtimes import local
from scheduler.store.ledger import Taken
from scheduler.zones import WeeklyHours


@dataclass(frozen=True, slots=True)
class Repairer:
    """Works on one booking at a time."""

    calendars: Calendars
    ledger: Ledger
    driver: Driver
    rules: RepairRules

    def attend_to(self, booking: Booking, *, wait: bool) -> Booking:
        """The booking once everything is done about it that can be done now, the rest being in its concerns.

        The caller holds `working_on` for the booking.

        Args:
            wait: whether to wait for the answers of rooms.

        Raises:
            GraphError: Graph failed; looking again goes on from there.
        """
        sight = self._look(booking)
        if booking.interview.span.start <= sight.now:
            return booking
        if booking.before is not None and booking.before.repair:
            booking = self._withdrawn(booking, wait=wait)
        booking = self._noted(booking, shown=watching.moved_to(booking, sight))
        firm = watching.is_firm(booking, sight) and not self._in_one(booking)
        settled = {(concern.kind, concern.who) for concern in booking.concerns if concern.settled}
        revision = booking.revision
        told: dict[str, str] = {}
        for address in watching.leaving(booking, sight) if firm else ():
            if not settled & {(ConcernKind.DECLINED, address), (ConcernKind.GONE, address)}:
                booking, told[address] = self._replaced(booking, address, sight.now, wait=wait)
        booking = self.driver.drive(self.driver.check_room(booking), wait=wait)
        if firm and booking.state is State.ROOM_DECLINED and (ConcernKind.ROOM, "") not in settled:
            booking, told[""] = self._rehoused(booking, sight.now, wait=wait)
        if booking.state not in RESTING or booking.before is not None:
            return booking
        if booking.revision != revision:
            sight = self._look(booking)
        return self._noted(booking, concerns=tuple(self._concerns(booking, sight, told)))

    def _look(self, booking: Booking) -> Sight:
        sight = glance([booking], self.calendars)[booking.booking_id]
        if isinstance(sight, WorldError):
            raise sight
        return sight

    # People

    def _replaced(self, booking: Booking, leaving: str, now: int, *, wait: bool) -> tuple[Booking, str]:
        """The booking with somebody of the pool in the seat, or as it was, with the reason."""
        hindered = repairing.hindrance(booking, "person", self.rules, now)
        if hindered is not None:
            return booking, hindered
        for joining in self._free_people(booking, repairing.stand_ins(booking, leaving)):
            changed = _exchanging(booking, leaving, joining)
            after = self._made(changed, wait=wait)
            if after is not None and after.revision == changed.revision:
                return after, ""
            booking = after or booking
        if booking.place is not None:
            found = self._resolution(Trouble(booking, leaving), now)
            before, booking = (
                booking,
                self._exchanged(booking, found.exchanges if found else (), now, wait=wait),
            )
            if booking.revision != before.revision:
                return booking, ""
        return booking, "nobody else of the pool is free"

    def _resolution(self, trouble: Trouble, now: int) -> Resolution | None:
        """How the loop of the booking could be held all the same."""
        fixed_until = now + self.rules.freeze_minutes
        return resolve(trouble, self.calendars, self.ledger, self.driver.rules, fixed_until=fixed_until)

    def _exchanged(self, booking: Booking, exchanges: Sequence[Exchange], now: int, *, wait: bool) -> Booking:
        """The booking once these people are exchanged, in other sessions of its loop too; as it was if it cannot be."""
        held = {booking.booking_id: booking}
        with ExitStack() as stack:
            for other in {each.booking_id for each in exchanges} - held.keys():
                mine = stack.enter_context(self.ledger.working_on(other))
                found = self.ledger.booking(other)
                if not mine or found is None or found.state is not State.CONFIRMED or found.shown is not None:
                    return booking
                held[other] = found
            if any(repairing.hindrance(each, "person", self.rules, now) for each in held.values()):
                return booking
            for each in exchanges:
                changed = _exchanging(held[each.booking_id], each.leaving, each.joining)
                after = self._made(changed, wait=wait)
                held[each.booking_id] = after or held[each.booking_id]
                if after is None or after.revision != changed.revision:
                    break
        return held[booking.booking_id]

    def _free_people(self, booking: Booking, addresses: Sequence[str]) -> tuple[str, ...]:
        """Those who work then and have nothing else, in the same order, by one read."""
        span, hours = booking.interview.span, WeeklyHours(OFFICE_HOURS, clock_of(booking))
        found = look(booking, addresses, span, self.calendars, self.ledger, hours=hours)
        return tuple(schedule.address for free, schedule in found if free.offerable.covers(span))

    # Rooms

    def _rehoused(self, booking: Booking, now: int, *, wait: bool) -> tuple[Booking, str]:
        """The booking in another room, or without one, with the reason."""
        hindered = repairing.hindrance(booking, "room", self.rules, now)
        if hindered is not None:
            return booking, hindered
        for room in self._free_rooms(booking):
            changed = change.rehoused(booking, room, reason=f"trying {room.name}")
            after = self._made(changed, wait=wait)
            if after is None:
                continue
            booking = self._withdrawn(after, wait=wait) if after.state is State.PENDING else after
            if booking.state is not State.ROOM_DECLINED:
                return booking, ""
        return booking, "no other room can be had"

    def _withdrawn(self, booking: Booking, *, wait: bool) -> Booking:
        """The booking without a room of ours that somebody has to approve: others take one by themselves."""
        assert booking.room is not None
        reason = "it has to be approved"
        back = booking.to(State.REVERTING, reason=reason, refused=(*booking.refused, (booking.room, reason)))
        self.ledger.save(back)
        return self.driver.drive(back, wait=wait)

    def _free_rooms(self, booking: Booking) -> Iterator[RoomChoice]:
        """The known rooms that are free; the neighbours are only asked when none of them was to be had."""
        known = repairing.rooms(booking, ())
        yield from self._free_of(booking, known)
        others = repairing.rooms(booking, neighbours(booking, self.calendars, self.ledger))
        yield from self._free_of(booking, [room for room in others if room not in known])

    def _free_of(self, booking: Booking, choices: Sequence[RoomChoice]) -> Iterator[RoomChoice]:
        taken = obstacles(booking, [room.address for room in choices], self.calendars, self.ledger)
        yield from (room for room in choices if room.address not in taken)

    def _made(self, changed: Booking, *, wait: bool) -> Booking | None:
        """What became of the change; None when another booking of ours had been faster."""
        assert changed.before is not None
        changed = replace(changed, before=replace(changed.before, repair=True))
        try:
            self.ledger.save(changed, hold=claims_of(changed))
        except Taken:
            return None
        return self.driver.drive(changed, wait=wait)

    def _in_one(self, booking: Booking) -> bool:
        """Whether it is a session of a loop that is still being booked, or undone, as one."""
        place = booking.place
        if place is None:
            return False
        first = self.ledger.booking(place.members[0]) or booking
        return first.place is not None and first.place.course is not Course.SETTLED

    # What is left to a person

    def _concerns(self, booking: Booking, sight: Sight, told: Mapping[str, str]) -> Iterator[Concern]:
        for found in watching.concerns(booking, sight):
            why = told.get(found.who, "") if found.kind in _REPAIRABLE else ""
            text = f"{found.text}; {why}" if why else found.text
            known = next((each for each in booking.concerns if watching.is_same(each, found)), None)
            if known is not None and known.text == text:
                yield known
            else:
                settled = known is not None and known.settled
                yield replace(
                    found, text=text, commands=self._commands(booking, found, sight.now), settled=settled
                )

    def _commands(self, booking: Booking, concern: Concern, now: int) -> tuple[str, ...]:
        others: tuple[str, ...] = ()
        start, clock = "", clock_of(booking)
        if concern.kind in {ConcernKind.DECLINED, ConcernKind.GONE} and concern.who in booking.interview.busy:
            others = self._free_people(booking, repairing.stand_ins(booking, concern.who))
        elif concern.kind is ConcernKind.ROOM:
            others = tuple(room.address for room in self._free_rooms(booking))
        proposed: tuple[str, ...] = ()
        if not others and booking.place is not None and concern.kind in _REPAIRABLE:
            about = Trouble(booking, None if concern.kind is ConcernKind.ROOM else concern.who)
            found = None if self._in_one(booking) else self._resolution(about, now)
            proposed = () if found is None else found.commands
        if concern.kind is ConcernKind.MOVED and booking.shown is not None:
            start = local(clock, booking.shown.start)
        elif concern.kind in _MOVABLE and booking.place is None:
            # Of a session the rest of its loop has to be asked as well, which only the solver does.
            free = nearest(booking, booking.interview.span, self.calendars, self.ledger)
            start = local(clock, free[0]) if free else ""
        back = local(clock, booking.interview.span.start)
        usual = repairing.commands(booking, concern, others=others[:3], start=start, back=back)
        return (*proposed, *usual)

    def _noted(self, booking: Booking, **changes: object) -> Booking:
        """The booking with that written down; nothing is written when it is so already."""
        noted = replace(booking, **changes)  # type: ignore[arg-type]  # the fields are checked by tests
        if noted == booking:
            return booking
        new = [concern.text for concern in noted.concerns if concern not in booking.concerns]
        gone = [
            each.text
            for each in booking.concerns
            if each not in noted.concerns and each.text in booking.reason
        ]
        if new:
            noted = replace(noted, reason="; ".join(new))
        elif gone:
            noted = replace(noted, reason=f"no longer: {'; '.join(gone)}")
        self.ledger.save(noted)
        return noted


def _exchanging(booking: Booking, leaving: str, joining: str) -> Booking:
    """The booking on its way to having one interviewer in the place of another, with the same weight."""
    kind = next(guest.kind for guest in booking.interview.guests if guest.address == leaving)
    reason = f"{joining} comes in the place of {leaving}"
    return change.replaced(booking, leaving, Guest(joining, joining, kind), reason=reason)


_REPAIRABLE = {ConcernKind.DECLINED, ConcernKind.GONE, ConcernKind.ROOM}
_MOVABLE = {ConcernKind.DECLINED, ConcernKind.CANDIDATE, ConcernKind.ROOM}
