"""Events that Graph writes after all when nobody expects them any more are found and taken out, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from scheduler.app.cancel import cancel
from scheduler.app.reconcile import examine, settle
from scheduler.app.sweep import Sweeper
from scheduler.app.watch import Watch
from scheduler.booking import sweeping
from scheduler.booking.booking import Booking, Doubt
from scheduler.booking.events import CalendarRef
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import State
from scheduler.emulator.faults import Fault
from scheduler.graph.errors import Unavailable
from scheduler.planning.answer import Slot
from scheduler.testing.invariants import invariants
from scheduler.testing.tenants import ANA, BEN, OPEN_ROOM, RECRUITER, WALLED_ROOM
from scheduler.wiring import Slotwright
from solvers.timeline import Span

DELAYS = [2, 50, 240, 1500]
"""Seconds between a request whose answer was lost and its work."""
EACH = [pytest.param(late, marks=() if late == 50 else pytest.mark.campaign) for late in DELAYS]


def a_slot(desk: Any, slotwright: Slotwright, room: str = OPEN_ROOM) -> Slot:
    """An hour on Tuesday with two people and that room."""
    slot: Slot = desk.find(slotwright, [ANA, BEN], between="2026-03-03", room={"among": [room]}).slots[0]
    return slot


def now(desk: Any) -> int:
    """The second that it is."""
    return int(desk.emulator.clock.now().timestamp())


def watch_of(desk: Any, slotwright: Slotwright) -> Watch:
    """A watch that begins now."""
    return Watch(slotwright.graph, slotwright.store, slotwright.driver, RepairRules(), lambda: now(desk))


LOOKS = (0, 60, 60, 180, 600, 900, 900)
"""Pauses in seconds between the looks of a watch, up to three quarters of an hour."""


def watched(desk: Any, slotwright: Slotwright, pauses: Sequence[int] = LOOKS) -> list[str]:
    """What a watch notices that looks after each of the pauses."""
    watch = watch_of(desk, slotwright)
    noticed = []
    for pause in pauses:
        desk.emulator.clock.advance(pause)
        noticed += [each.text for each in watch.look(wait=True)]
    return noticed


def after(slotwright: Slotwright, booking: Booking) -> Booking:
    """The booking as it is in the ledger now."""
    return slotwright.store.booking(booking.booking_id) or booking


def lost(mailbox: str, *, late: float, times: int = 1) -> Fault:
    """An event that is asked for, of which nothing is heard, and which comes later."""
    return Fault(operation="createEvent", mailbox=mailbox, kind="drop_reply", late_seconds=late, times=times)


def given_up(desk: Any, slotwright: Slotwright, mailbox: str, late: float) -> Booking:
    """A booking that was cancelled after its event had been asked for three times in vain."""
    desk.emulator.faults.add(lost(mailbox, late=late, times=3))
    slot = a_slot(desk, slotwright)
    with pytest.raises(Unavailable):
        desk.book(slotwright, slot)
    (booking,) = slotwright.store.bookings()
    return cancel(booking, slotwright.store, slotwright.driver, comment="withdrawn")


def late_ones(desk: Any) -> int:
    """How many events were made late."""
    effects = desk.emulator.journal.effects
    return sum(effect.name == "appliedLate" and effect.reason.endswith("201") for effect in effects)


@pytest.mark.experiment("R-05", "what comes late after it was given up is taken out")
@pytest.mark.parametrize("mailbox", [RECRUITER, OPEN_ROOM])
@pytest.mark.parametrize("late", EACH)
def test_late_after_giving_up(desk: Any, tally: Any, mailbox: str, late: float) -> None:
    """Nobody hears of a booking that was cancelled meanwhile for longer than until the next look."""
    with desk.open() as slotwright:
        booking = given_up(desk, slotwright, mailbox, late)
        assert (State.CANCELLED, 1) == (booking.state, len(booking.doubts))
        watched(desk, slotwright)
        tally.tried()
        tally.violated(*map(str, invariants(slotwright.store, desk.emulator)))
        assert () == after(slotwright, booking).doubts
    assert late_ones(desk) >= 1
    assert [] == tally.violations
    assert sorted(desk.mails("invitation")) == sorted(desk.mails("cancellation"))


@pytest.mark.experiment("R-05", "what comes late is an orphan where nobody sweeps", control=True)
@pytest.mark.parametrize("late", EACH)
def test_without_a_sweep_there_are_orphans(
    desk: Any, tally: Any, monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    """The negative control: the same watch that does not look for what it doubts leaves the event behind."""
    monkeypatch.setattr(Sweeper, "look", lambda *_: iter(()))
    with desk.open() as slotwright:
        given_up(desk, slotwright, RECRUITER, late)
        watched(desk, slotwright)
        tally.tried()
        tally.violated(*map(str, invariants(slotwright.store, desk.emulator)))
    assert tally.violations


@pytest.mark.experiment("R-05", "what comes late beside what was done instead is taken out")
@pytest.mark.parametrize("late", EACH)
@pytest.mark.parametrize(
    ("mailbox", "refusal"),
    [
        (OPEN_ROOM, (403, "ErrorAccessDenied")),
        (OPEN_ROOM, (409, "ErrorDuplicateTransactionId")),
        (RECRUITER, (409, "ErrorDuplicateTransactionId")),
    ],
    ids=["other-route", "other-reservation", "other-invitation"],
)
def test_late_beside_another(
    desk: Any, tally: Any, mailbox: str, refusal: tuple[int, str], late: float
) -> None:
    """A lost write that was refused when it was repeated is done another way; what comes of the first one goes."""
    status, code = refusal
    desk.emulator.faults.add(
        lost(mailbox, late=late), Fault(operation="createEvent", mailbox=mailbox, status=status, code=code)
    )
    with desk.open() as slotwright:
        booking = desk.book(slotwright, a_slot(desk, slotwright))
        noticed = watched(desk, slotwright)
        booking = after(slotwright, booking)
        tally.tried()
        tally.violated(*map(str, invariants(slotwright.store, desk.emulator)))
    assert ([], State.CONFIRMED, (), ()) == (
        tally.violations,
        booking.state,
        booking.doubts,
        booking.concerns,
    )
    assert any("after the booking had given it up: removed" in text for text in noticed)
    assert 1 == late_ones(desk)


def test_late_and_sent_again(desk: Any) -> None:
    """A write that was sent again is one event, however late the first one comes."""
    for late in DELAYS:
        desk.emulator.faults.add(lost(RECRUITER, late=late))
    desk.emulator.faults.add(lost(OPEN_ROOM, late=5))
    with desk.open() as slotwright:
        slot = a_slot(desk, slotwright)
        with pytest.raises(Unavailable):
            desk.book(slotwright, slot)
        booking = desk.book(slotwright, slot)
        assert (State.CONFIRMED, 2) == (booking.state, len(booking.doubts))
        assert [] == watched(desk, slotwright)
        assert () == after(slotwright, booking).doubts
        assert () == invariants(slotwright.store, desk.emulator)


def test_reconcile_removes_it_as_well(desk: Any) -> None:
    """An event that came late is among what `reconcile --apply` may settle, as long as the booking is in doubt."""
    desk.emulator.faults.add(
        lost(OPEN_ROOM, late=50),
        Fault(operation="createEvent", mailbox=OPEN_ROOM, status=403, code="ErrorAccessDenied"),
    )
    with desk.open() as slotwright:
        booking = desk.book(slotwright, a_slot(desk, slotwright))
        desk.settle()
        report = examine(slotwright.graph, slotwright.store, slotwright.rules, past=0, ahead=5 * 1440)
        (settled,) = settle(report, slotwright.graph, slotwright.store)
        assert (booking.booking_id, True, "removed") == (
            settled.finding.booking_id,
            settled.done,
            settled.outcome,
        )
        assert () == invariants(slotwright.store, desk.emulator)


def test_an_event_that_was_only_said_to_be_gone(desk: Any) -> None:
    """Graph says 404 of an event that it does not let us remove; it is removed as soon as Graph shows it again."""
    with desk.open() as slotwright:
        booking = desk.book(slotwright, a_slot(desk, slotwright))
        desk.settle()
        desk.emulator.faults.add(Fault(operation="deleteEvent", status=404, code="ErrorItemNotFound"))
        cancel(booking, slotwright.store, slotwright.driver, comment="withdrawn")
        assert ["I3", "I5"] == [each.invariant for each in invariants(slotwright.store, desk.emulator)]
        (noticed,) = watched(desk, slotwright)
        assert noticed.endswith(": removed")
        assert () == invariants(slotwright.store, desk.emulator)


def test_nothing_is_read_where_nothing_was_lost(desk: Any) -> None:
    """Refused, repeated and undone writes of which Graph said what became of them leave no doubt and cost no read."""
    desk.emulator.faults.add(
        Fault(operation="createEvent", mailbox=OPEN_ROOM, status=403, code="ErrorAccessDenied"),
        Fault(operation="createEvent", mailbox=RECRUITER, status=429, retry_after=1),
        Fault(operation="createEvent", mailbox=RECRUITER, skip=1, status=403, code="ErrorAccessDenied"),
    )
    with desk.open() as slotwright:
        booked = desk.book(slotwright, a_slot(desk, slotwright))
        refused = desk.book(slotwright, a_slot(desk, slotwright, WALLED_ROOM))
        cancelled = cancel(booked, slotwright.store, slotwright.driver, comment="withdrawn")
        assert [(State.CANCELLED, ()), (State.UNDONE, ())] == [
            (each.state, each.doubts) for each in (cancelled, refused)
        ]
        before = len(desk.calls())
        assert [] == watched(desk, slotwright)
        assert before == len(desk.calls())
        assert watch_of(desk, slotwright).pause() == 60
    assert "listEvents" not in desk.calls()


def test_a_watch_that_begins_later_looks_once(desk: Any) -> None:
    """Looks that were missed are one look, and after it nothing is in doubt any more."""
    with desk.open() as slotwright:
        booking = given_up(desk, slotwright, RECRUITER, 240)
        desk.emulator.clock.advance(3000)
        desk.emulator.journal.clear()
        (noticed,) = watched(desk, slotwright)
        assert "is left of a booking that is cancelled" in noticed
        assert noticed.endswith(": removed")
        assert () == after(slotwright, booking).doubts
        assert () == invariants(slotwright.store, desk.emulator)
    assert ["listEvents", "getEvent", "cancelEvent"] == desk.calls()


def test_a_closed_calendar_is_tried_for_a_day(desk: Any) -> None:
    """A calendar that does not open says so and is tried again, by and by less often, but not for ever."""
    quarters = [900] * 6
    with desk.open() as slotwright:
        booking = given_up(desk, slotwright, RECRUITER, sweeping.ABANDONED_SECONDS - 60)
        closed = Fault(operation="listEvents", status=403, code="ErrorAccessDenied", times=None)
        desk.emulator.faults.add(closed)
        noticed = watched(desk, slotwright, [60, 240, 600, 900, *quarters])
        assert 9 == sum("ErrorAccessDenied" in text for text in noticed) == len(noticed)
        assert 1 == len(after(slotwright, booking).doubts)
        desk.emulator.clock.advance(sweeping.ABANDONED_SECONDS)
        watched(desk, slotwright, [0])
        assert () == after(slotwright, booking).doubts
        assert invariants(slotwright.store, desk.emulator), "what came after a day is left to reconcile"


def test_the_schedule() -> None:
    """One, five and thirty minutes after it was missed, and then only while a calendar does not open."""
    doubt = Doubt("b-1/1/invitation/1", CalendarRef(RECRUITER), Span(0, 60), 1000)
    looks, last = [], None
    for _ in range(5):
        last = sweeping.next_sweep(doubt, last)
        looks.append((last - 1000, sweeping.is_over(doubt, last)))
    assert [(60, False), (300, False), (1800, True), (2700, True), (3600, True)] == looks
    assert 1300 == sweeping.next_sweep(doubt, 1299)
    assert 1060 == sweeping.next_sweep(doubt, 900)
