"""Booking on the emulated tenant: both routes, every kind of room, and what goes wrong in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scheduler.app.bookings import bring_up_to_date
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.changing import NotChanged
from scheduler.booking.booking import RoomState, Route
from scheduler.booking.states import State
from scheduler.emulator.faults import Fault
from scheduler.errors import GraphError
from scheduler.planning.answer import Slot
from scheduler.store.ledger import Taken
from scheduler.testing.tenants import (
    ANA,
    APPROVAL_ROOM,
    BEN,
    HIDDEN_ROOM,
    OPEN_ROOM,
    PICKY_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    SILENT_ROOM,
    WALLED_ROOM,
)
from scheduler.wiring import Slotwright
from scheduler.zones import parse_utc
from solvers.timeline import Span


def slot_in(desk: Any, slotwright: Slotwright, *rooms: str, people: tuple[str, ...] = (ANA,)) -> Slot:
    """The best slot whose room is one of these."""
    slot: Slot = desk.find(slotwright, list(people), room={"among": list(rooms)}).slots[0]
    return slot


def left(desk: Any) -> int:
    """How many living events there are in the whole tenant, which began without any."""
    everywhere = (
        event for address in desk.emulator.snapshot()["mailboxes"] for event in desk.events(address)
    )
    return sum(not event["isCancelled"] for event in everywhere)


class TestRoutes:
    """Each kind of room is reserved and proved in the way it allows."""

    def test_a_room_we_may_write(self, desk: Any) -> None:
        """One event in the room's own calendar, verified there; the people hear of one meeting only."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, OPEN_ROOM))
        assert (State.CONFIRMED, Route.DIRECT, RoomState.VERIFIED) == (
            booking.state,
            booking.route,
            booking.room_state,
        )
        desk.settle()
        assert [1, 1, 1, 0] == [
            len(desk.events(each)) for each in (RECRUITER, ANA, OPEN_ROOM, SCHEDULING_USER)
        ]
        assert [ANA] == desk.mails("invitation")

    def test_a_room_we_may_only_read(self, desk: Any) -> None:
        """An event in the generated calendar, with the room as a guest; verified by the room's own copy."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, WALLED_ROOM))
        assert (State.CONFIRMED, Route.SCHEDULER, RoomState.VERIFIED) == (
            booking.state,
            booking.route,
            booking.room_state,
        )
        (event,) = desk.events(SCHEDULING_USER)
        assert [(WALLED_ROOM, "resource")] == [
            (guest["emailAddress"]["address"], guest["type"]) for guest in event["attendees"]
        ]
        assert [ANA, WALLED_ROOM] == sorted(desk.mails("invitation"))

    def test_a_room_we_may_not_even_read(self, desk: Any) -> None:
        """Free/busy shows exactly the interval, which is all that can be known."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, HIDDEN_ROOM))
        assert (State.CONFIRMED, Route.SCHEDULER, RoomState.ACCEPTED) == (
            booking.state,
            booking.route,
            booking.room_state,
        )

    def test_a_room_that_needs_approval(self, desk: Any) -> None:
        """Held tentatively is not confirmed, and is told as what it is."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, APPROVAL_ROOM))
            assert (State.PENDING, RoomState.PENDING) == (booking.state, booking.room_state)
            assert booking == bring_up_to_date(booking, slotwright.store, slotwright.driver)

    def test_no_room(self, desk: Any) -> None:
        """People alone are invited, and that is all."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, desk.find(slotwright, [ANA, BEN]).slots[0])
        assert (State.CONFIRMED, RoomState.NONE, None) == (
            booking.state,
            booking.room_state,
            booking.reservation,
        )
        assert 1 == left(desk)

    def test_the_calls_of_a_direct_booking(self, desk: Any) -> None:
        """One read of everybody's time, two writes, and the proof."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, OPEN_ROOM)
            desk.emulator.journal.clear()
            desk.book(slotwright, slot)
        expected = ["getSchedule", "getDefaultCalendar", "createEvent", "createEvent", "calendarView"]
        assert expected == desk.calls()


class TestRoomsThatSayNo:
    """A declined room is reported, its traces are removed, and the next one is offered."""

    def test_a_room_that_refuses_us(self, desk: Any) -> None:
        """Nothing of the reservation stays, the claim is given back, and the people stay invited."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, PICKY_ROOM))
            held = slotwright.store.claimed([PICKY_ROOM, ANA], booking.interview.span)
        desk.settle()
        assert (State.ROOM_DECLINED, None) == (booking.state, booking.reservation)
        assert "did not take the booking within 60 seconds" in booking.reason
        assert (False, True) == (bool(held[PICKY_ROOM]), bool(held[ANA]))
        assert [0, 0, 1] == [len(desk.events(each)) for each in (PICKY_ROOM, SCHEDULING_USER, ANA)]

    def test_the_next_room_is_taken_without_inviting_again(self, desk: Any) -> None:
        """Another room comes by one update that names it, never by a second invitation."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, PICKY_ROOM, WALLED_ROOM)
            booking = desk.book(slotwright, slot)
            assert (State.ROOM_DECLINED, WALLED_ROOM) == (booking.state, booking.alternatives[0].address)
            booking = change_room(
                booking, slotwright.graph, slotwright.store, slotwright.driver, address=None, wait=True
            )
        desk.settle()
        assert (State.CONFIRMED, WALLED_ROOM, RoomState.VERIFIED) == (
            booking.state,
            booking.room and booking.room.address,
            booking.room_state,
        )
        assert (1, 1) == (desk.mails("invitation").count(ANA), desk.mails("update").count(ANA))
        assert ["Walled"] == [event["location"]["displayName"] for event in desk.events(ANA)]

    def test_a_room_named_by_address(self, desk: Any) -> None:
        """A person may know better than the list; a route that was refused before is not remembered."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, PICKY_ROOM))
            booking = change_room(
                booking, slotwright.graph, slotwright.store, slotwright.driver, address=OPEN_ROOM, wait=True
            )
        assert (State.CONFIRMED, Route.DIRECT) == (booking.state, booking.route)

    def test_a_room_that_never_answers(self, desk: Any) -> None:
        """Silence becomes a no when its time is over, not before."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, SILENT_ROOM))
        waited = (desk.emulator.clock.now() - desk.emulator.clock.start).total_seconds()
        assert (State.ROOM_DECLINED, True) == (booking.state, 60 <= waited < 65)

    def test_a_room_that_is_taken_meanwhile(self, desk: Any) -> None:
        """The booking stays as it was, and the person chooses again."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, PICKY_ROOM))
            desk.occupy(OPEN_ROOM, booking.interview.span)
            with pytest.raises(NotChanged, match="is no longer free at that time; b-1 stays as it was"):
                change_room(
                    booking,
                    slotwright.graph,
                    slotwright.store,
                    slotwright.driver,
                    address=OPEN_ROOM,
                    wait=True,
                )
            after = slotwright.store.booking(booking.booking_id)
        assert (State.ROOM_DECLINED, 1, [PICKY_ROOM, OPEN_ROOM]) == (
            after.state,
            after.revision,
            [room.address for room, _ in after.refused],
        )


class TestOthers:
    """Other people write into the same calendars."""

    def test_a_slot_that_went_is_undone(self, desk: Any) -> None:
        """Somebody took the interviewer's time after the search: nobody is invited and nothing is held."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, OPEN_ROOM)
            desk.occupy(ANA, span_of(slot))
            booking = desk.book(slotwright, slot)
            held = slotwright.store.claimed([OPEN_ROOM, ANA], booking.interview.span)
        assert (State.UNDONE, f"{ANA} is no longer free at that time") == (booking.state, booking.reason)
        assert ([], 1, False) == (desk.mails("invitation"), left(desk), any(held.values()))

    def test_a_room_that_went_is_replaced_before_anybody_hears(self, desk: Any) -> None:
        """The next free room of the slot is taken, and the invitation names it from the start."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, OPEN_ROOM, WALLED_ROOM)
            assert slot.room is not None
            desk.occupy(slot.room.address, span_of(slot))
            booking = desk.book(slotwright, slot)
            gone = slotwright.store.claimed([slot.room.address], booking.interview.span)[slot.room.address]
        assert (State.CONFIRMED, slot.alternatives[0].address) == (
            booking.state,
            booking.room and booking.room.address,
        )
        assert (False, []) == (bool(gone), desk.mails("update"))

    def test_a_slot_whose_time_has_come_is_undone(self, desk: Any) -> None:
        """Somebody waited too long; the token has run out meanwhile as well, and is renewed on the way."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, OPEN_ROOM)
            desk.emulator.clock.advance(24 * 3600)
            booking = desk.book(slotwright, slot)
        assert (State.UNDONE, 0) == (booking.state, left(desk))
        assert "the slot's time has come already" == booking.reason

    def test_an_unreadable_interviewer_is_never_booked(self, desk: Any) -> None:
        """What cannot be read again right before the write is not free."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, OPEN_ROOM)
            desk.emulator.faults.add(Fault(operation="getSchedule", kind="html", times=None))
            with pytest.raises(GraphError):
                desk.book(slotwright, slot)
            assert 0 == left(desk)
            desk.emulator.faults.clear()
            (stuck,) = slotwright.store.bookings()
            assert State.CONFIRMED is bring_up_to_date(stuck, slotwright.store, slotwright.driver).state

    def test_our_own_bookings_are_busy(self, desk: Any) -> None:
        """People and room of a booking are not offered again at its time, though free/busy may not show it yet."""
        with desk.open() as slotwright:
            before = desk.find(slotwright, [ANA], room={"among": [OPEN_ROOM]}, limit=10_000, apart=0)
            booking = desk.book(slotwright, before.slots[0])
            after = desk.find(slotwright, [ANA], room={"among": [OPEN_ROOM]}, limit=10_000, apart=0)
        assert before.feasible > after.feasible
        assert not [slot for slot in after.slots if span_of(slot).overlaps(booking.interview.span)]

    def test_rooms_invited_by_others_are_busy(self, desk: Any, tmp_path: Path) -> None:
        """Another installation's database knows nothing of ours, but the generated calendar tells whom it invited."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, SILENT_ROOM, people=(BEN,)), wait=False)
        desk.settings = desk.settings.model_copy(update={"database": tmp_path / "other.db"})
        with desk.open() as slotwright:
            slots = desk.find(slotwright, [ANA], room={"among": [SILENT_ROOM]}, limit=10_000, apart=0).slots
        assert slots
        assert not [slot for slot in slots if span_of(slot).overlaps(booking.interview.span)]

    def test_two_bookings_never_share_a_person(self, desk: Any) -> None:
        """The ledger refuses the second one before anything leaves the house."""
        with desk.open() as slotwright:
            one = slot_in(desk, slotwright, OPEN_ROOM)
            other = slot_in(desk, slotwright, WALLED_ROOM)
            desk.book(slotwright, one)
            with pytest.raises(Taken, match=f"{ANA} is already booked"):
                desk.book(slotwright, other)
        assert 1 == desk.mails("invitation").count(ANA)


class TestRetries:
    """Graph fails; nothing is written twice and nothing is lost."""

    FAULTS = (
        Fault(operation="createEvent", kind="drop_reply"),
        Fault(operation="createEvent", kind="drop_reply", skip=1),
        Fault(operation="createEvent", kind="fail_after", status=504),
        Fault(operation="createEvent", kind="fail_after", status=504, skip=1),
        Fault(operation="createEvent", kind="refuse", status=503),
        Fault(operation="createEvent", kind="refuse", status=503, skip=1),
        Fault(operation="createEvent", kind="refuse", status=429, retry_after=0),
        Fault(operation="createEvent", kind="truncate"),
        Fault(operation="createEvent", kind="truncate", skip=1),
        Fault(operation="createEvent", kind="html", status=502),
        Fault(operation="calendarView", kind="refuse", status=500),
        Fault(operation="getDefaultCalendar", kind="refuse", status=503),
    )

    @pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM])
    @pytest.mark.parametrize(
        "fault", FAULTS, ids=lambda fault: f"{fault.operation}-{fault.kind}-{fault.skip}"
    )
    def test_one_failure_leaves_one_event_of_each_role(self, desk: Any, fault: Fault, room: str) -> None:
        """Whether or not the failed call took effect, the booking ends confirmed with one event per role."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, room)
            desk.emulator.faults.add(fault)
            booking = desk.book(slotwright, slot)
        desk.settle()
        home = OPEN_ROOM if room == OPEN_ROOM else SCHEDULING_USER
        assert State.CONFIRMED is booking.state
        assert [1, 1, 1] == [len(desk.events(each)) for each in (RECRUITER, home, ANA)]
        assert 1 == desk.mails("invitation").count(ANA)

    @pytest.mark.parametrize("status", [403, 404])
    def test_a_write_that_is_refused_takes_the_other_route(self, desk: Any, status: int) -> None:
        """CanEdit was true and the write failed all the same: the Scheduler route is taken in the same booking."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, OPEN_ROOM)
            desk.emulator.faults.add(
                Fault(operation="createEvent", mailbox=OPEN_ROOM, status=status, code="ErrorAccessDenied")
            )
            booking = desk.book(slotwright, slot)
        assert (State.CONFIRMED, Route.SCHEDULER, RoomState.VERIFIED) == (
            booking.state,
            booking.route,
            booking.room_state,
        )

    def test_an_invitation_that_is_refused_is_undone(self, desk: Any) -> None:
        """Without the people there is no interview; nothing is left and the reason is Graph's."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, OPEN_ROOM)
            desk.emulator.faults.add(
                Fault(operation="createEvent", mailbox=RECRUITER, status=403, code="ErrorAccessDenied")
            )
            booking = desk.book(slotwright, slot)
        assert (State.UNDONE, 0) == (booking.state, left(desk))
        assert booking.reason.startswith("the invitation was refused: ")

    @pytest.mark.parametrize("change", ["deleted", "renamed"])
    def test_the_generated_calendar_survives_its_owner(self, desk: Any, change: str) -> None:
        """A deleted calendar is made again, a renamed one is used under its new name."""
        with desk.open() as slotwright:
            first = desk.book(slotwright, slot_in(desk, slotwright, WALLED_ROOM))
            assert first.reservation is not None
            calendar_id = first.reservation.calendar.calendar_id
            desk.settle()
            if change == "deleted":
                desk.outsider("DELETE", f"/users/{SCHEDULING_USER}/calendars/{calendar_id}")
            else:
                body = {"name": "Rooms"}
                desk.outsider("PATCH", f"/users/{SCHEDULING_USER}/calendars/{calendar_id}", body)
            second = desk.book(slotwright, slot_in(desk, slotwright, WALLED_ROOM))
        assert second.reservation is not None
        same = second.reservation.calendar.calendar_id == calendar_id
        assert (State.CONFIRMED, change == "renamed") == (second.state, same)


class TestTwice:
    """Asking twice is harmless."""

    def test_booking_twice(self, desk: Any) -> None:
        """The same slot leads to the same booking, and nobody is invited again."""
        with desk.open() as slotwright:
            slot = slot_in(desk, slotwright, OPEN_ROOM)
            first = desk.book(slotwright, slot)
            assert first == desk.book(slotwright, slot)
        assert 1 == len(desk.mails("invitation"))

    @pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM, PICKY_ROOM, APPROVAL_ROOM])
    def test_cancelling_leaves_nothing(self, desk: Any, room: str) -> None:
        """Both events go, from every calendar, and the claims with them; the second time nothing is there to do."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, room))
            gone = cancel(booking, slotwright.store, slotwright.driver, comment="withdrawn")
            again = cancel(gone, slotwright.store, slotwright.driver, comment="again")
            held = slotwright.store.claimed([room, ANA], booking.interview.span)
        desk.settle()
        assert (State.CANCELLED, gone) == (gone.state, again)
        assert (0, [ANA], False) == (left(desk), people(desk.mails("cancellation")), any(held.values()))

    def test_cancelling_what_somebody_deleted_by_hand(self, desk: Any) -> None:
        """An event that is gone already is as good as one we removed."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, slot_in(desk, slotwright, OPEN_ROOM))
            assert booking.reservation is not None
            desk.outsider("DELETE", f"/users/{OPEN_ROOM}/events/{booking.reservation.event_id}")
            gone = cancel(booking, slotwright.store, slotwright.driver, comment="withdrawn")
        desk.settle()
        assert (State.CANCELLED, 0) == (gone.state, left(desk))


def span_of(slot: Slot) -> Span:
    """A slot's instants."""
    return Span(parse_utc(slot.start_utc), parse_utc(slot.end_utc))


def people(addresses: list[str]) -> list[str]:
    """The addresses that are no rooms."""
    return [address for address in addresses if not address.startswith("room.")]
