"""What every change of a booking has in common: who may be changed, and how it is said that it could not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.app.drive import NO_MAILBOX, Driver, claims_of
from scheduler.app.drive_loop import drive_loop, loop_of
from scheduler.app.holding import holding
from scheduler.app.ports import Ledger
from scheduler.booking.booking import Booking
from scheduler.booking.states import ENDED, RESTING, State
from scheduler.errors import Busy, Gone, Impossible, InputError
from scheduler.planning.localtimes import local
from scheduler.store.ledger import Taken
from scheduler.zones import NamedZone, UnknownZone, Zone, find_zone


class NotChanged(Gone):
    """The change could not be had, and the booking is as it was.

    Args:
        reason: why, as a clause.
        instead: what could be had, as a clause.
        free: the UTC minutes at which it could begin instead.
    """

    def __init__(
        self, booking: Booking, reason: str, *, instead: str = "", free: tuple[int, ...] = ()
    ) -> None:
        stays = f"{booking.booking_id} stays as it was, at {when(booking, booking.interview.span.start)}"
        super().__init__("; ".join(part for part in (reason.rstrip("."), stays, instead) if part) + ".")
        self.booking = booking
        self.reason = reason
        self.free = free


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks of a booking.

    Args:
        made: whether the booking is so already, or on its way to it.
        begun: the booking on its way to it. It may raise InputError.
        withdrawn: whether asking for it means to give up the change that waits for a room's approval.
    """

    made: Callable[[Booking], bool]
    begun: Callable[[Booking], Booking]
    withdrawn: Callable[[Booking], bool] = lambda _: False


def make(booking: Booking, wish: Wish, ledger: Ledger, driver: Driver, *, wait: bool) -> Booking:
    """Change a booking that stands, once whatever was under way with it has come to its end.

    What is so already is not done again.

    Raises:
        Impossible: the booking has ended, or the room has no mailbox.
        InputError: it waits for its room.
        Busy: somebody else works on it, or on the loop that it is a session of.
        NotChanged: it could not be had; the booking is as it was.
        GraphError: Graph failed midway; `show` goes on from there.
    """
    _finish_loop(booking, ledger, driver, wait=wait)
    with holding(booking.booking_id, ledger):
        current = ledger.booking(booking.booking_id) or booking
        if current.state not in ENDED:
            current = driver.drive(driver.look_again(current), wait=wait)
        _require_living(current)
        if wish.made(current):
            return current
        if current.state is State.PENDING and current.before is not None and wish.withdrawn(current):
            back = current.to(State.REVERTING, reason="the earlier time was asked for again")
            ledger.save(back)
            return driver.drive(back, wait=wait)
        _require_settled(current)
        changed = wish.begun(current)
        try:
            ledger.save(changed, hold=claims_of(changed))
        except Taken as taken:
            raise NotChanged(current, str(taken).partition(";")[0]) from taken
        after = driver.drive(changed, wait=wait)
        if after.revision < changed.revision:
            given_up = [
                entry.reason for entry in ledger.history(after.booking_id) if entry.state == _GIVEN_UP
            ]
            if given_up[-1].endswith(NO_MAILBOX):
                raise Impossible("room", given_up[-1], "name another room")
            raise NotChanged(after, given_up[-1])
    return after


def _finish_loop(booking: Booking, ledger: Ledger, driver: Driver, *, wait: bool) -> None:
    """A session is changed once its loop is booked, or undone, as one: until then the loop may still take it away."""
    if booking.place is None:
        return
    loop = loop_of(booking, ledger)
    if not loop.finished:
        loop = drive_loop(loop, ledger, driver, wait=wait)
    if not loop.finished:
        raise Busy(
            "booking",
            f"{booking.booking_id} is a session of {loop.place.loop_id}, which is not finished yet",
            f"run `slotwright show {loop.place.loop_id}` until it is",
        )


def when(booking: Booking, minute: int) -> str:
    """A UTC minute on the clock of the booking, such as `2026-03-02T09:00 Europe/Amsterdam`."""
    zone = clock_of(booking)
    return f"{local(zone, minute)} {zone.key}"


def clock_of(booking: Booking) -> Zone:
    """The clock of the booking; UTC if nobody knows its zone any more."""
    zone = find_zone(booking.interview.zone)
    return NamedZone("UTC") if isinstance(zone, UnknownZone) else zone


def _require_living(booking: Booking) -> None:
    if booking.state in ENDED:
        raise Impossible(
            "booking",
            f"{booking.booking_id} is {booking.state.value} and cannot be changed",
            "find a slot and book it",
        )


def _require_settled(booking: Booking) -> None:
    if booking.before is not None:
        raise InputError(
            "booking",
            f"{booking.booking_id} is on its way to another change, which waits for {_room(booking)}",
            "look at it with `slotwright show`, or cancel it",
        )
    if booking.state not in RESTING:
        raise InputError(
            "booking",
            f"{booking.booking_id} waits for {_room(booking)}",
            "run `slotwright show` until the room has answered",
        )


def _room(booking: Booking) -> str:
    return booking.room.name if booking.room is not None else "its room"


_GIVEN_UP = State.REVERTING.value
