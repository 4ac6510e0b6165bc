"""Booking for those who want to know what else can be had: a slot or an option that has gone is told as a conflict.

Nothing is left of what could not be had: either nothing was written, or the claims were given back before anybody was
told. The same key again therefore gets the same answer, with alternatives over the calendars as they are then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from scheduler.app.alternatives import Alternative, Nearest, of_option, of_slot
from scheduler.app.book import book, span_of
from scheduler.app.book_loop import Wanted, book_loop
from scheduler.app.drive import NO_MAILBOX, TIME_HAS_COME, Driver
from scheduler.booking.booking import Booking
from scheduler.booking.loop import Loop, Standing
from scheduler.booking.states import ENDED, State
from scheduler.errors import Gone, Impossible, InputError, WorldError
from scheduler.planning.answer import Slot
from scheduler.planning.loops.offer import LoopOffer
from scheduler.store.ledger import Taken
from scheduler.zones import iso_utc
from solvers.timeline import Span

_UNSENT = {State.CLAIMED, State.UNDOING, State.UNDONE}


class Conflict(Gone):
    """What was asked for has gone; nothing was booked, and nobody was told of anything.

    Args:
        gone: the id of the slot or option.
        why: what took it, as a clause.
        alternatives: what can be booked instead, the nearest first.
        unsearched: why nothing was looked for instead, as a sentence; empty if it was.
    """

    def __init__(
        self, gone: str, why: str, alternatives: Sequence[Alternative] = (), *, unsearched: str = ""
    ) -> None:
        self.gone = gone
        self.why = why
        self.alternatives = tuple(alternatives)
        if unsearched:
            instead = f"nothing else could be looked for ({unsearched.rstrip('.')})"
        elif not self.alternatives:
            instead = "nothing near it is free, so search again with `slotwright find`"
        else:
            instead = f"the nearest that can be booked are {', '.join(map(_named, self.alternatives))}"
        super().__init__(f"{gone} has gone: {why}; {instead}.")


@dataclass(frozen=True, slots=True)
class Clerk:
    """Books, and says what else could be had.

    Args:
        clock: UTC seconds of this computer.
    """

    nearest: Nearest
    driver: Driver
    clock: Callable[[], int]

    def book_slot(
        self, slot: Slot, wanted: Wanted, *, begun: Callable[[Booking], None] = lambda _: None
    ) -> Booking:
        """Book a slot, as scheduler.app.book does.

        Raises:
            Conflict: somebody or the room is not free any more.
            Impossible: its time has come, it was cancelled under the same key, or the key was used for something else.
            InputError, GraphError, StoreError: as for book.
        """
        ledger = self.nearest.ledger
        self._refuse_begun([slot], "slot", slot.id, wanted)
        with self._taken(slot.id, lambda: map(of_slot, self.nearest.slots(slot))):
            booking = book(
                slot,
                ledger,
                self.driver,
                organizer=wanted.organizer,
                new_id=wanted.new_id,
                wait=wanted.wait,
                key=wanted.key,
                begun=begun,
            )
        _refuse_cancelled(booking.state is State.CANCELLED, wanted, booking.booking_id)
        if self._never_sent([booking]):
            self._refuse_too_late([booking], "slot", slot.id)
            closed = _without_mailbox([booking])
            if closed and len(closed) == len({room.address for room, _ in booking.refused}):
                raise Impossible("room", booking.reason, "choose a slot in another room")
            raise self._conflict(
                slot.id, booking.reason, lambda: map(of_slot, self.nearest.slots(slot, without=closed))
            )
        return booking

    def book_option(
        self, offer: LoopOffer, wanted: Wanted, *, begun: Callable[[Loop], None] = lambda _: None
    ) -> Loop:
        """Book an option of a loop, as scheduler.app.book_loop does.

        Raises:
            Conflict: somebody or a room is not free any more; nothing is left of any session.
            Impossible: its time has come, it was cancelled under the same key, some session is booked otherwise, or
                the key was used for something else.
            InputError, GraphError, StoreError: as for book_loop.
        """
        self._refuse_begun([session.slot for session in offer.sessions], "option", offer.id, wanted)
        with self._taken(offer.id, lambda: map(of_option, self.nearest.options(offer))):
            loop = book_loop(offer, self.nearest.ledger, self.driver, wanted, begun=begun)
        _refuse_cancelled(loop.standing is Standing.CANCELLED, wanted, loop.place.loop_id)
        if self._never_sent(loop.members):
            self._refuse_too_late(loop.members, "option", offer.id)
            raise self._conflict(
                offer.id, loop.place.why, lambda: map(of_option, self.nearest.options(offer))
            )
        return loop

    @contextmanager
    def _taken(self, gone: str, instead: Callable[[], Iterable[Alternative]]) -> Iterator[None]:
        try:
            yield
        except Taken as taken:
            why = f"{taken.resource} is taken at that time by our own booking {taken.booking_id}"
            raise self._conflict(gone, why, instead) from taken

    def _conflict(self, gone: str, why: str, instead: Callable[[], Iterable[Alternative]]) -> Conflict:
        try:
            return Conflict(gone, why, tuple(instead()))
        except (InputError, WorldError) as error:
            return Conflict(gone, why, unsearched=str(error))

    def _never_sent(self, bookings: Sequence[Booking]) -> bool:
        """Whether they were given up because one of them was lost on the second look, before anything was sent."""
        histories = [self.nearest.ledger.history(booking.booking_id) for booking in bookings]
        states = [{State(entry.state) for entry in history} for history in histories]
        return (
            all(booking.state is State.UNDONE for booking in bookings)
            and any(each <= _UNSENT for each in states)
            and not any(State.INVITED in each for each in states)
        )

    def _refuse_begun(self, slots: Sequence[Slot], field: str, gone: str, wanted: Wanted) -> None:
        """Nothing is claimed of what has begun; Graph's clock decides, and is only asked if ours says so."""
        start = min(span_of(slot).start for slot in slots)
        organizer = slots[0].interview.organizer or wanted.organizer
        if start * 60 > self.clock() or not organizer or self._is_known(slots, wanted):
            return
        calendars = self.nearest.calendars
        calendars.read_schedules([organizer], Span(start, start + 1), as_mailbox=organizer)
        if start <= calendars.now():
            raise _too_late(field, gone, start)

    def _is_known(self, slots: Sequence[Slot], wanted: Wanted) -> bool:
        ids = {slot.id for slot in slots}
        return any(
            (booking.interview.slot_id in ids and booking.state not in ENDED)
            or (booking.key is not None and booking.key.text == wanted.key)
            for booking in self.nearest.ledger.bookings()
        )

    def _refuse_too_late(self, bookings: Sequence[Booking], field: str, gone: str) -> None:
        histories = (self.nearest.ledger.history(booking.booking_id) for booking in bookings)
        if any(entry.reason == TIME_HAS_COME for history in histories for entry in history):
            raise _too_late(field, gone, min(booking.interview.span.start for booking in bookings))


def _without_mailbox(bookings: Sequence[Booking]) -> tuple[str, ...]:
    """The rooms that no calendar call can reach."""
    refused = (each for booking in bookings for each in booking.refused)
    return tuple(room.address for room, why in refused if why.endswith(NO_MAILBOX))


def _too_late(field: str, gone: str, start: int) -> Impossible:
    return Impossible(field, f"{gone} began at {iso_utc(start)}, which has passed", "find a later one")


def _refuse_cancelled(cancelled: bool, wanted: Wanted, booking_id: str) -> None:  # noqa: FBT001 - a guard
    if cancelled:
        raise Impossible(
            "key",
            f"{wanted.key!r} was used before for {booking_id}, which was cancelled",
            "use a new key to book it again",
        )


def _named(alternative: Alternative) -> str:
    rooms = dict.fromkeys(session.room for session in alternative.sessions if session.room is not None)
    where = f" in {' and '.join(rooms)}" if rooms else ""
    who = dict.fromkeys(address for session in alternative.sessions for address in session.people)
    return f"{alternative.id} ({alternative.start} {alternative.zone}{where} with {' and '.join(who)})"
