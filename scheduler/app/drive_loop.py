"""Moves a loop that is booked as one from wherever it stands to where it rests.

Whoever moves a loop has the right to its first booking, and takes the right to each other one for as long as that is
moved, so that a person may still cancel a single session in between.
"""

from __future__ import annotations

from dataclasses import replace

from scheduler.app.drive import Driver, claims_of
from scheduler.app.holding import holding
from scheduler.app.ports import Ledger
from scheduler.booking import change
from scheduler.booking.booking import Booking, Course
from scheduler.booking.loop import Act, Loop, Move, Standing, next_move, place_of, steered
from scheduler.booking.states import RESTING, State
from scheduler.errors import StoreError
from scheduler.store.ledger import Taken

APOLOGY = "The interviews could not be arranged as planned; new times will follow."
"""What people who were invited to a session are told when the loop is undone."""


def loop_of(booking: Booking, ledger: Ledger) -> Loop:
    """The loop, as it stands, of a booking that is one of its sessions.

    Raises:
        StoreError: the database has lost one of its bookings.
    """
    return Loop(tuple(_there(booking_id, ledger) for booking_id in place_of(booking).members))


def drive_loop(loop: Loop, ledger: Ledger, driver: Driver, *, wait: bool) -> Loop:
    """Go on until the loop rests, or, without `wait`, until only answers of rooms are missing.

    One that another living process is working on is returned as it stands.

    Raises:
        GraphError: Graph failed midway; the bookings stay where they are and can be driven again.
        StoreError: the database refused.
    """
    with ledger.working_on(loop.members[0].booking_id) as mine:
        again = loop_of(loop.members[0], ledger)
        return _driven(again, ledger, driver, wait=wait) if mine else again


def cancel_loop(loop: Loop, ledger: Ledger, driver: Driver, *, comment: str) -> Loop:
    """Cancel all sessions, or finish a cancellation that was cut short; cancelling twice is harmless.

    Args:
        comment: what the invited people are told.

    Raises:
        Busy: another process is working on the loop at this moment.
        GraphError: Graph failed midway; cancelling again, or `show`, goes on from there.
    """
    first = loop.members[0].booking_id
    with holding(first, ledger, field="loop", called=loop.place.loop_id):
        loop = loop_of(loop.members[0], ledger)
        if loop.standing in {Standing.CANCELLED, Standing.UNDONE}:
            return loop
        if loop.place.course not in {Course.UNDOING, Course.CANCELLING}:
            ledger.save(steered(loop.members[0], Course.CANCELLING, comment))
        return _driven(loop_of(loop.members[0], ledger), ledger, driver, wait=False)


def _driven(loop: Loop, ledger: Ledger, driver: Driver, *, wait: bool) -> Loop:
    waiting: set[str] = set()
    while (move := next_move(loop, waiting)) is not None:
        first, booking = loop.members[0], loop.members[move.member]
        if move.course is not None:
            ledger.save(steered(first, move.course, move.why))
        elif booking is first:
            _take(move, loop, booking, ledger, driver, wait=wait)
        else:
            with ledger.working_on(booking.booking_id) as mine:
                if not mine:
                    return loop_of(first, ledger)
                # Somebody may have moved it on since it was read; then the next move may be another one.
                if ledger.booking(booking.booking_id) == booking:
                    _take(move, loop, booking, ledger, driver, wait=wait)
        loop = loop_of(first, ledger)
        after = loop.members[move.member]
        if move.act is Act.DRIVE and after.state not in RESTING:
            waiting.add(after.booking_id)
    return loop


def _take(move: Move, loop: Loop, booking: Booking, ledger: Ledger, driver: Driver, *, wait: bool) -> None:
    match move.act:
        case Act.RECHECK:
            driver.drive(booking, wait=wait, only=State.CLAIMED)
        case Act.REHOUSE:
            _rehouse(booking, ledger, driver, wait=wait)
        case Act.REMOVE:
            assert move.to is not None
            asked = loop.place.course is Course.CANCELLING
            ledger.save(booking.to(move.to, reason=loop.place.why if asked else APOLOGY))
        case _:
            driver.drive(booking, wait=wait)


def _rehouse(booking: Booking, ledger: Ledger, driver: Driver, *, wait: bool) -> None:
    """Try the next room that was free as well; one that cannot be had is not tried again."""
    room = booking.alternatives[0]
    changed = change.rehoused(booking, room, reason=f"{booking.reason}; trying {room.name}")
    try:
        ledger.save(changed, hold=claims_of(changed))
    except Taken as taken:
        after, refused = booking, (*booking.refused, (room, str(taken)))
    else:
        after = driver.drive(changed, wait=wait)
        refused = after.refused
    if after.state is State.ROOM_DECLINED and room in after.alternatives:
        left = tuple(other for other in after.alternatives if other != room)
        ledger.save(replace(after, alternatives=left, refused=refused))


def _there(booking_id: str, ledger: Ledger) -> Booking:
    found = ledger.booking(booking_id)
    if found is None:
        raise StoreError(
            f"Booking {booking_id} of a loop is not in the database; restore it, or cancel its sessions by hand."
        )
    return found
