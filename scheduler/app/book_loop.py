"""Book all sessions of a loop as one, or the loops of a whole plan, each as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from scheduler.app.book import booking_of, key_of, known
from scheduler.app.drive import Driver
from scheduler.app.drive_loop import drive_loop, loop_of
from scheduler.app.ports import Ledger
from scheduler.booking.booking import Booking, Place
from scheduler.booking.loop import Loop
from scheduler.booking.states import ENDED
from scheduler.errors import Impossible, NotFound, SlotwrightError
from scheduler.planning.loops.offer import (
    LoopOffer,
    OfferedSession,
    PlanOffer,
    read_loop_offer,
    read_plan_offer,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How loops are to be booked.

    Args:
        organizer: whose calendar the invitations go into where a session names nobody.
        new_id: makes an id that no other booking has.
        wait: whether to wait for the rooms' answers.
        keep_partial: once people were invited, whether sessions that stand are kept when another one cannot be had.
        key: the caller's idempotency key, or empty.
    """

    organizer: str
    new_id: Callable[[], str]
    wait: bool
    keep_partial: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one loop of a plan.

    Args:
        loop: None when nothing was booked.
        problem: why it was not booked or not finished, as a sentence; empty if it was.
    """

    offer: LoopOffer
    loop: Loop | None
    problem: str = ""


def book_loop(
    offer: LoopOffer,
    ledger: Ledger,
    driver: Driver,
    wanted: Wanted,
    *,
    begun: Callable[[Loop], None] = lambda _: None,
) -> Loop:
    """Claim everybody and every room of all sessions in one commit, then invite and reserve session by session.

    A loop that is booked already is not booked again: it is driven on, if need be, and returned.

    Args:
        begun: told about the loop as soon as it is in the ledger.

    Raises:
        InputError: a time cannot be used, nobody is named as organizer, some session is booked otherwise, or the key
        was used for something else.
        Taken: the ledger holds somebody or a room for another booking; nothing was done.
        GraphError: Graph failed midway; the loop is in the ledger and `show` drives it on.
    """
    asked = tuple(_asked(offer, wanted))
    standing = ledger.reserve_together(asked)
    _refuse_booked_otherwise(offer, standing)
    loop = loop_of(standing[0], ledger)
    begun(loop)
    return drive_loop(loop, ledger, driver, wait=wanted.wait)


def book_plan(offer: PlanOffer, ledger: Ledger, driver: Driver, wanted: Wanted) -> Iterator[Outcome]:
    """Book each candidate's loop as one; what becomes of one changes nothing for the others."""
    for number, each in enumerate(offer.loops, start=1):
        begun: list[Loop] = []
        own = replace(wanted, key=f"{wanted.key}/{number}" if wanted.key else "")
        try:
            yield Outcome(each, book_loop(each, ledger, driver, own, begun=begun.append))
        except SlotwrightError as error:
            loop = loop_of(begun[0].members[0], ledger) if begun else None
            yield Outcome(each, loop, str(error))


def known_option(text: str, ledger: Ledger) -> LoopOffer:
    """An option of a loop by its id.

    Raises:
        NotFound: no search has found it.
    """
    remedy = "run `slotwright find` for the loop and use an id that it shows"
    return read_loop_offer(known(text, ledger, called="option", remedy=remedy))


def known_plan(text: str, ledger: Ledger) -> PlanOffer:
    """A plan by the id under which it was solved.

    Raises:
        NotFound: nothing was planned under that id.
        InputError: nobody was scheduled in it.
    """
    remedy = "run `slotwright plan` and use the id that it shows; the options of one loop begin with l-"
    plan = read_plan_offer(known(text, ledger, called="plan", remedy=remedy))
    if not plan.loops:
        raise Impossible(
            "plan", f"nobody is scheduled in {plan.id}", "plan anew with more time or fewer rules"
        )
    return plan


def named_loop(loop_id: str, ledger: Ledger) -> Loop:
    """The loop that was last booked from an option, or the one that lives.

    Raises:
        NotFound: that option was never booked.
    """
    wanted = loop_id.strip()
    booked = [each for each in ledger.bookings() if each.place is not None and each.place.loop_id == wanted]
    if not booked:
        raise NotFound("loop", f"no loop {wanted!r} was booked", "run `slotwright show` to see all bookings")
    living = [booking for booking in booked if booking.state not in ENDED]
    return loop_of((living or booked)[-1], ledger)


def _asked(offer: LoopOffer, wanted: Wanted) -> Iterator[Booking]:
    base = wanted.new_id()
    ids = tuple(f"{base}-{number}" for number in range(1, len(offer.sessions) + 1))
    key = key_of(wanted.key, offer.id, wanted.organizer, str(wanted.keep_partial))
    for number, session in enumerate(offer.sessions):
        place = Place(offer.id, session.name, ids, keep=wanted.keep_partial)
        booking = booking_of(session.slot, organizer=wanted.organizer, booking_id=ids[number])
        yield replace(booking, place=place, key=key if number == 0 else None)


def _refuse_booked_otherwise(offer: LoopOffer, standing: tuple[Booking, ...]) -> None:
    for booking in standing:
        if booking.place is None or booking.place.loop_id != offer.id:
            loop = "" if booking.place is None else f", a session of the loop {booking.place.loop_id}"
            raise Impossible(
                "option",
                f"{_called(offer.sessions, booking)} is booked already as {booking.booking_id}{loop}",
                "choose another option, or cancel that booking first",
            )


def _called(sessions: tuple[OfferedSession, ...], booking: Booking) -> str:
    names = [session.name for session in sessions if session.slot.id == booking.interview.slot_id]
    return f"its session {names[0]}" if names else "one of its sessions"
