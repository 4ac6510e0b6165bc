"""Changing a booking that stands: another time, another room, another person; and what it says when that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from scheduler.app.bookings import bring_up_to_date
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.changing import NotChanged
from scheduler.app.reschedule import Target, at_local_time, at_slot, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.booking.booking import Booking, RoomChoice, RoomState, Route
from scheduler.booking.states import State
from scheduler.emulator.faults import Fault
from scheduler.errors import GraphError, InputError
from scheduler.testing.tenants import (
    ANA,
    APPROVAL_ROOM,
    BEN,
    CHITRA,
    HIDDEN_ROOM,
    OPEN_ROOM,
    PICKY_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    SILENT_ROOM,
    WALLED_ROOM,
)
from scheduler.wiring import Slotwright
from solvers.timeline import Span

EVERY_ROOM = (OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM)
DAY = 1440


def booked(
    desk: Any, slotwright: Slotwright, *rooms: str, people: tuple[str, ...] = (ANA,), **more: Any
) -> Booking:
    """A confirmed interview on Tuesday morning, in the best of these rooms if there are any."""
    wish = {"room": {"among": list(rooms)}} if rooms else {}
    found = desk.find(slotwright, list(people), **{"between": "2026-03-03", **wish, **more})
    booking: Booking = desk.book(slotwright, found.slots[0])
    desk.settle()
    desk.emulator.journal.clear()
    return booking


def move(slotwright: Slotwright, booking: Booking, minutes: int, *, wait: bool = True) -> Booking:
    """Reschedule by so many minutes."""
    to = Target(booking.interview.span.start + minutes)
    return reschedule(booking, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=wait)


def rehouse(slotwright: Slotwright, booking: Booking, address: str | None) -> Booking:
    """Take another room."""
    return change_room(
        booking, slotwright.graph, slotwright.store, slotwright.driver, address=address, wait=True
    )


def swap(slotwright: Slotwright, booking: Booking, leaving: str, joining: str) -> Booking:
    """Let one come for another."""
    return swap_person(
        booking,
        slotwright.store,
        slotwright.driver,
        leaving=leaving,
        joining=joining,
        wait=True,
    )


def shown(desk: Any, mailbox: str) -> list[tuple[str, str]]:
    """The living events of a mailbox: start and place."""
    return sorted(
        (event["start"]["dateTime"][:16], event["location"]["displayName"])
        for event in desk.events(mailbox)
        if not event["isCancelled"]
    )


def mailed(desk: Any) -> dict[str, list[str]]:
    """Which meeting messages each person got, rooms left out."""
    kinds: dict[str, list[str]] = {}
    for mail in desk.emulator.journal.mail:
        if mail.kind in {"invitation", "update", "cancellation"} and not mail.recipient.startswith("room."):
            kinds.setdefault(mail.recipient, []).append(mail.kind)
    return kinds


def claimed(slotwright: Slotwright, booking: Booking, *addresses: str) -> list[list[Span]]:
    """What the ledger holds of each address in the days around."""
    span = booking.interview.span
    window = Span(span.start - 7 * DAY, span.end + 7 * DAY)
    held = slotwright.store.claims(addresses, window)
    return [list(held[address]) for address in addresses]


def shifted(span: Span, minutes: int) -> Span:
    """The span, later by so many minutes."""
    return Span(span.start + minutes, span.end + minutes)


class TestAnotherTime:
    """People and room move together, or not at all."""

    @pytest.mark.parametrize("minutes", [30, -60, DAY])
    def test_without_a_room(self, desk: Any, minutes: int) -> None:
        """One update for each guest, the claims at the new time only, and one revision more."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, people=(ANA, BEN))
            after = move(slotwright, before, minutes)
            held = claimed(slotwright, before, ANA, BEN)
        desk.settle()
        span = shifted(before.interview.span, minutes)
        assert (State.CONFIRMED, 2, span, None) == (
            after.state,
            after.revision,
            after.interview.span,
            after.before,
        )
        assert ([[span], [span]], {ANA: ["update"], BEN: ["update"]}) == (held, mailed(desk))
        assert [1, 1, 1] == [len(shown(desk, each)) for each in (RECRUITER, ANA, BEN)]
        assert shown(desk, RECRUITER) == shown(desk, ANA)

    @pytest.mark.parametrize("minutes", [30, DAY])
    @pytest.mark.parametrize("room", EVERY_ROOM)
    def test_with_its_room(self, desk: Any, room: str, minutes: int) -> None:
        """The room is reserved and proved at the new time, also one that overlaps the old, and the old one is freed."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, room)
            after = move(slotwright, before, minutes)
            held = claimed(slotwright, before, ANA, room)
        desk.settle()
        span = shifted(before.interview.span, minutes)
        assert (State.CONFIRMED, span, room) == (
            after.state,
            after.interview.span,
            after.room and after.room.address,
        )
        assert ([[span], [span]], {ANA: ["update"]}) == (held, mailed(desk))
        assert [1, 1, 1] == [len(shown(desk, each)) for each in (RECRUITER, ANA, room)]
        assert len(shown(desk, SCHEDULING_USER)) == (room != OPEN_ROOM)
        assert {start for start, _ in shown(desk, room)} == {start for start, _ in shown(desk, ANA)}

    def test_the_calls_of_a_move(self, desk: Any) -> None:
        """Everybody is read once, the new room is written and proved, the people are told, the old room is freed.

        What we may do in the room is known since it was booked.
        """
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM, WALLED_ROOM)
            move(slotwright, before, DAY)
        expected = [
            "getSchedule",
            "createEvent",
            "calendarView",
            "getEvent",
            "updateEvent",
            "deleteEvent",
        ]
        assert expected == desk.calls()

    def test_to_a_slot_that_was_found(self, desk: Any) -> None:
        """A slot gives time and rooms; the people stay those of the booking."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM, people=(ANA, BEN))
            slot = desk.find(slotwright, [ANA], between="2026-03-05", room={"among": [OPEN_ROOM]}).slots[-1]
            after = reschedule(
                before, slotwright.graph, slotwright.store, slotwright.driver, to=at_slot(slot), wait=True
            )
        assert (slot.id, {ANA, BEN}, OPEN_ROOM) == (
            after.interview.slot_id,
            {guest.address for guest in after.interview.guests},
            after.room and after.room.address,
        )

    def test_the_slot_that_was_left_can_be_booked_again(self, desk: Any) -> None:
        """A booking that has moved on does not stand for its first slot any more."""
        with desk.open() as slotwright:
            slot = desk.find(slotwright, [ANA], between="2026-03-03").slots[0]
            first = desk.book(slotwright, slot)
            move(slotwright, first, DAY)
            second = desk.book(slotwright, slot)
        assert (State.CONFIRMED, True) == (second.state, second.booking_id != first.booking_id)

    def test_twice(self, desk: Any) -> None:
        """Asking for the time that it has changes nothing and asks Graph for nothing."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            once = move(slotwright, before, DAY)
            calls = len(desk.calls())
            to = Target(once.interview.span.start)
            twice = reschedule(once, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True)
        assert (once, calls) == (twice, len(desk.calls()))

    def test_there_and_back(self, desk: Any) -> None:
        """Every change is a change of its own: the first time can be had again."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, WALLED_ROOM)
            after = move(slotwright, move(slotwright, before, 30), -30)
        desk.settle()
        assert (State.CONFIRMED, 3, before.interview.span) == (
            after.state,
            after.revision,
            after.interview.span,
        )
        assert {ANA: ["update", "update"]} == mailed(desk)
        assert 1 == len(shown(desk, WALLED_ROOM))

    def test_the_way_into_the_meeting_and_hand_made_changes_stay(self, desk: Any) -> None:
        """Only start and end are written: the link, the text, the subject and a guest added in Outlook stay."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, online_meeting=True, subject="Talk")
            assert before.invitation is not None
            (event,) = desk.events(RECRUITER)
            guests = [*event["attendees"], {"emailAddress": {"address": CHITRA}, "type": "optional"}]
            desk.outsider(
                "PATCH",
                f"/users/{RECRUITER}/events/{before.invitation.event_id}",
                {"attendees": guests, "subject": "Talk, part one"},
            )
            move(slotwright, before, DAY)
        (after,) = desk.events(RECRUITER)
        assert event["onlineMeeting"]["joinUrl"].startswith("https://teams.")
        kept = ("onlineMeeting", "body", "iCalUId", "transactionId", "singleValueExtendedProperties")
        assert [event[name] for name in kept] == [after[name] for name in kept]
        assert ("Talk, part one", [ANA, CHITRA]) == (
            after["subject"],
            [guest["emailAddress"]["address"] for guest in after["attendees"]],
        )

    def test_the_room_is_busy_then(self, desk: Any) -> None:
        """The best of the others is taken, and one update says both."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM, WALLED_ROOM)
            assert before.room is not None
            desk.occupy(before.room.address, shifted(before.interview.span, DAY))
            after = move(slotwright, before, DAY)
            held = claimed(slotwright, before, *EVERY_ROOM[:2])
        desk.settle()
        other = next(room for room in EVERY_ROOM[:2] if room != before.room.address)
        assert (State.CONFIRMED, other, {ANA: ["update"]}) == (
            after.state,
            after.room and after.room.address,
            mailed(desk),
        )
        assert [[], [after.interview.span]] == sorted(held)
        assert after.room is not None
        assert [after.room.name] == [place for _, place in shown(desk, ANA)]

    def test_no_room_was_known_to_be_free_as_well(self, desk: Any) -> None:
        """Then the others of the building are tried, the smallest that has enough seats first."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            desk.occupy(OPEN_ROOM, shifted(before.interview.span, DAY))
            after = move(slotwright, before, DAY)
        assert (State.PENDING, APPROVAL_ROOM, True) == (
            after.state,
            after.room and after.room.address,
            after.before is not None,
        )

    @pytest.mark.parametrize("room", [PICKY_ROOM, SILENT_ROOM])
    def test_a_room_that_declines_the_new_time_is_passed_over(self, desk: Any, room: str) -> None:
        """Nobody has heard of it yet, so the next room is tried at once."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, WALLED_ROOM)
            slot = desk.find(
                slotwright, [ANA], between="2026-03-05", room={"among": [room, OPEN_ROOM]}
            ).slots[0]
            desk.occupy(
                WALLED_ROOM, Span(before.interview.span.start + DAY, before.interview.span.end + 4 * DAY)
            )
            rooms = tuple(sorted(at_slot(slot).rooms, key=lambda choice: choice.address != room))
            to = Target(at_slot(slot).start, rooms=rooms)
            after = reschedule(
                before, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True
            )
        desk.settle()
        assert (State.CONFIRMED, OPEN_ROOM) == (after.state, after.room and after.room.address)
        assert [0, 0, 0, 1] == [
            len([each for each in shown(desk, place) if not each[1].startswith("Somebody")])
            - (place == WALLED_ROOM)
            for place in (room, SCHEDULING_USER, WALLED_ROOM, OPEN_ROOM)
        ]
        assert {ANA: ["update"]} == mailed(desk)

    @pytest.mark.parametrize("minutes", [30, DAY])
    def test_no_room_takes_the_new_time(self, desk: Any, minutes: int) -> None:
        """All goes back to the old time, the room too, also one that had to be freed first; nobody ever hears of it."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, WALLED_ROOM)
            span = shifted(before.interview.span, minutes)
            to = Target(span.start, rooms=(RoomChoice(PICKY_ROOM, "Picky"),))
            asked = reschedule(
                before, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=False
            )
            desk.occupy(WALLED_ROOM, Span(max(span.start, before.interview.span.end), span.end))
            after = bring_up_to_date(asked, slotwright.store, slotwright.driver, wait=True)
            held = claimed(slotwright, before, ANA, WALLED_ROOM, PICKY_ROOM)
        desk.settle()
        assert (State.PROVING, State.CONFIRMED, 1, before.interview, RoomState.VERIFIED) == (
            asked.state,
            after.state,
            after.revision,
            after.interview,
            after.room_state,
        )
        assert ([[before.interview.span]] * 2 + [[]], {}) == (held, mailed(desk))
        assert [2, 0] == [len(shown(desk, room)) for room in (WALLED_ROOM, PICKY_ROOM)]

    def test_the_room_is_lost_at_both_times(self, desk: Any) -> None:
        """A room that was freed for an overlapping time may be taken by others; then a person decides."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, WALLED_ROOM)
            to = Target(before.interview.span.start + 30, rooms=(RoomChoice(PICKY_ROOM, "Picky"),))
            asked = reschedule(
                before, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=False
            )
            desk.occupy(WALLED_ROOM, before.interview.span)
            after = bring_up_to_date(asked, slotwright.store, slotwright.driver, wait=True)
        assert (State.ROOM_DECLINED, 1, before.interview, {}) == (
            after.state,
            after.revision,
            after.interview,
            mailed(desk),
        )

    def test_somebody_is_not_free(self, desk: Any) -> None:
        """Nothing is changed, and the sentence names the nearest times at which all are."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            taken = shifted(before.interview.span, 120)
            desk.occupy(ANA, taken)
            with pytest.raises(NotChanged) as refused:
                move(slotwright, before, 120)
            after = slotwright.store.booking(before.booking_id)
            held = claimed(slotwright, before, ANA, OPEN_ROOM)
        assert (State.CONFIRMED, 1, before.reservation) == (after.state, after.revision, after.reservation)
        assert ([[before.interview.span]] * 2, []) == (held, desk.mails("update"))
        expected = (
            f"{ANA} is no longer free at that time; b-1 stays as it was, at 2026-03-03T09:00 Europe/Amsterdam;"
            " the nearest free times are 2026-03-03T09:30, 2026-03-03T10:00, 2026-03-03T12:00."
        )
        assert expected == str(refused.value)

    def test_another_booking_of_ours_is_there(self, desk: Any) -> None:
        """The ledger knows before any calendar does, and nothing is written."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright)
            other = desk.book(slotwright, desk.find(slotwright, [ANA], between="2026-03-05").slots[0])
            minutes = other.interview.span.start - before.interview.span.start
            with pytest.raises(
                NotChanged, match=f"{ANA} is already booked at that time by {other.booking_id};"
            ):
                move(slotwright, before, minutes)
            assert before == slotwright.store.booking(before.booking_id)

    def test_a_booking_that_waits_for_its_room(self, desk: Any) -> None:
        """It is not changed before it is made."""
        with desk.open() as slotwright:
            slot = desk.find(slotwright, [ANA], between="2026-03-03", room={"among": [SILENT_ROOM]}).slots[0]
            booking = desk.book(slotwright, slot, wait=False)
            with pytest.raises(InputError, match=r"^booking: b-1 waits for Silent; run `slotwright show`"):
                move(slotwright, booking, DAY, wait=False)

    def test_a_room_that_needs_approval(self, desk: Any) -> None:
        """The old time stands until somebody approves the new one; then the people are told, once."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            desk.occupy(OPEN_ROOM, shifted(before.interview.span, DAY))
            waiting = move(slotwright, before, DAY)
            assert (State.PENDING, {}) == (waiting.state, mailed(desk))
            assert waiting.reason.endswith("; until then the interview stays at 2026-03-03T08:00Z in Open")
            assert waiting == move(slotwright, waiting, 0), "asking again changes nothing"
            with pytest.raises(InputError, match="is on its way to another change, which waits for Approval"):
                move(slotwright, waiting, DAY)
            (held,) = desk.events(APPROVAL_ROOM)
            desk.outsider("PATCH", f"/users/{APPROVAL_ROOM}/events/{held['id']}", {"showAs": "busy"})
            after = bring_up_to_date(waiting, slotwright.store, slotwright.driver, wait=True)
        desk.settle()
        assert (State.CONFIRMED, 2, {ANA: ["update"]}) == (after.state, after.revision, mailed(desk))
        assert [0, 1] == [len(shown(desk, room)) - (room == OPEN_ROOM) for room in (OPEN_ROOM, APPROVAL_ROOM)]

    def test_a_change_that_waits_can_be_withdrawn(self, desk: Any) -> None:
        """Asking for the old time again gives the new one up, and nobody ever hears of it."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            desk.occupy(OPEN_ROOM, shifted(before.interview.span, DAY))
            waiting = move(slotwright, before, DAY)
            after = move(slotwright, waiting, -DAY)
            held = claimed(slotwright, before, ANA, OPEN_ROOM, APPROVAL_ROOM)
        desk.settle()
        assert (State.CONFIRMED, 1, before.reservation) == (after.state, after.revision, after.reservation)
        span = before.interview.span
        assert ([[span], [span], []], {}, []) == (held, mailed(desk), shown(desk, APPROVAL_ROOM))


class TestAnotherPerson:
    """One leaves, one comes, and only these two hear of it."""

    @pytest.mark.parametrize("room", [None, *EVERY_ROOM])
    def test_each_of_the_two_gets_one_mail(self, desk: Any, room: str | None) -> None:
        """The full list is written: whoever is not part of the swap gets nothing, and the room is not touched."""
        rooms = () if room is None else (room,)
        with desk.open() as slotwright:
            before = booked(desk, slotwright, *rooms, people=(ANA, BEN))
            after = swap(slotwright, before, BEN, CHITRA)
            held = claimed(slotwright, before, ANA, BEN, CHITRA, *rooms)
        desk.settle()
        span = before.interview.span
        assert (State.CONFIRMED, 2, {BEN: ["cancellation"], CHITRA: ["invitation"]}) == (
            after.state,
            after.revision,
            mailed(desk),
        )
        assert [[span], [], [span], *([span] for _ in rooms)] == held
        assert (before.reservation, [1, 0, 1]) == (
            after.reservation,
            [len(shown(desk, each)) for each in (ANA, BEN, CHITRA)],
        )

    def test_guests_added_by_hand_stay(self, desk: Any) -> None:
        """The list that is sent is the one that is there, not the one that we once wrote."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright)
            (event,) = desk.events(RECRUITER)
            guests = [*event["attendees"], {"emailAddress": {"address": BEN}, "type": "optional"}]
            assert before.invitation is not None
            desk.outsider(
                "PATCH", f"/users/{RECRUITER}/events/{before.invitation.event_id}", {"attendees": guests}
            )
            swap(slotwright, before, ANA, CHITRA)
        (after,) = desk.events(RECRUITER)
        assert [(BEN, "optional"), (CHITRA, "required")] == [
            (guest["emailAddress"]["address"], guest["type"]) for guest in after["attendees"]
        ]

    def test_twice(self, desk: Any) -> None:
        """The second time it is so already."""
        with desk.open() as slotwright:
            once = swap(slotwright, booked(desk, slotwright), ANA, CHITRA)
            assert once == swap(slotwright, once, ANA, CHITRA)
        assert {ANA: ["cancellation"], CHITRA: ["invitation"]} == mailed(desk)

    def test_the_newcomer_is_busy(self, desk: Any) -> None:
        """Even at exactly the interview's time, which of those who are in it would be the interview itself."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright)
            desk.occupy(CHITRA, before.interview.span)
            with pytest.raises(
                NotChanged, match=f"{CHITRA} is no longer free at that time; b-1 stays as it was"
            ):
                swap(slotwright, before, ANA, CHITRA)
            held = claimed(slotwright, before, ANA, CHITRA)
        assert ([[before.interview.span], []], {}) == (held, mailed(desk))

    def test_while_a_room_needs_approval_or_is_missing(self, desk: Any) -> None:
        """The booking goes back to where it stood."""
        with desk.open() as slotwright:
            for room, state in ((APPROVAL_ROOM, State.PENDING), (PICKY_ROOM, State.ROOM_DECLINED)):
                before = desk.book(slotwright, desk.find(slotwright, [ANA], room={"among": [room]}).slots[-1])
                after = swap(slotwright, before, ANA, CHITRA)
                assert (state, state, before.room_state) == (before.state, after.state, after.room_state)
                cancel(after, slotwright.store, slotwright.driver, comment="")

    @pytest.mark.parametrize(
        ("leaving", "joining", "says"),
        [
            (BEN, CHITRA, f"leaving: {BEN} is not invited to b-1; name somebody who is."),
            (
                RECRUITER,
                CHITRA,
                f"leaving: {RECRUITER} organizes b-1; cancel it and book it with another organizer.",
            ),
            (
                "zoe@elsewhere.example",
                CHITRA,
                "leaving: zoe@elsewhere.example is the candidate of b-1; cancel it and book another interview.",
            ),
            (ANA, "zoe@elsewhere.example", "joining: zoe@elsewhere.example is invited to b-1 already; name"),
            (ANA, RECRUITER, f"joining: {RECRUITER} is invited to b-1 already; name somebody else."),
            (ANA, ANA, f"joining: {ANA} is invited to b-1 already; name somebody else."),
            (ANA, "chitra", "joining: 'chitra' is not an e-mail address; name a colleague by their address."),
        ],
    )
    def test_who_cannot_be_swapped(self, desk: Any, leaving: str, joining: str, says: str) -> None:
        """One sentence, and nothing is asked of Graph."""
        candidate = {"name": "Zoe", "address": "zoe@elsewhere.example", "zone": "Europe/Amsterdam"}
        with desk.open() as slotwright:
            booking = booked(desk, slotwright, candidate=candidate)
            with pytest.raises(InputError) as refused:
                swap(slotwright, booking, leaving, joining)
        assert str(refused.value).startswith(says)
        assert [] == desk.calls()


class TestAnotherRoom:
    """The reservation has a life of its own."""

    @pytest.mark.parametrize(
        ("room", "other"),
        [
            (OPEN_ROOM, WALLED_ROOM),
            (HIDDEN_ROOM, WALLED_ROOM),
            (WALLED_ROOM, OPEN_ROOM),
            (OPEN_ROOM, HIDDEN_ROOM),
        ],
    )
    def test_of_a_confirmed_booking(self, desk: Any, room: str, other: str) -> None:
        """The new room is proved first, one update names it, nobody is invited again, and the old room is freed."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, room)
            after = rehouse(slotwright, before, other)
            held = claimed(slotwright, before, ANA, room, other)
        desk.settle()
        span = before.interview.span
        assert (State.CONFIRMED, 2, other, {ANA: ["update"]}) == (
            after.state,
            after.revision,
            after.room and after.room.address,
            mailed(desk),
        )
        assert [[span], [], [span]] == held
        assert [0, 1] == [len(shown(desk, each)) for each in (room, other)]
        assert after.room is not None
        assert [after.room.name] == [place for _, place in shown(desk, ANA)]

    @pytest.mark.parametrize("room", [PICKY_ROOM, SILENT_ROOM])
    def test_a_room_that_cannot_be_had(self, desk: Any, room: str) -> None:
        """The booking keeps the room it has, and nobody hears of it."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            with pytest.raises(NotChanged, match="the room did not take the booking within 60 seconds"):
                rehouse(slotwright, before, room)
            after = slotwright.store.booking(before.booking_id)
            held = claimed(slotwright, before, OPEN_ROOM, room)
        desk.settle()
        assert (State.CONFIRMED, before.reservation, {}) == (after.state, after.reservation, mailed(desk))
        assert [[before.interview.span], []] == held
        assert [1, 0] == [len(shown(desk, each)) for each in (OPEN_ROOM, room)]

    def test_the_same_room(self, desk: Any) -> None:
        """One sentence, and nothing is asked of Graph."""
        with desk.open() as slotwright:
            booking = booked(desk, slotwright, OPEN_ROOM)
            with pytest.raises(InputError, match=r"^room: b-1 has Open already; name another room\.$"):
                rehouse(slotwright, booking, OPEN_ROOM)
        assert [] == desk.calls()

    def test_a_booking_without_a_room_gets_one(self, desk: Any) -> None:
        """What was not asked for at first can be had later."""
        with desk.open() as slotwright:
            after = rehouse(slotwright, booked(desk, slotwright), OPEN_ROOM)
        assert (State.CONFIRMED, Route.DIRECT, {ANA: ["update"]}) == (after.state, after.route, mailed(desk))


def moving(slotwright: Slotwright, booking: Booking) -> Booking:
    """To the next day."""
    return move(slotwright, booking, DAY)


def swapping(slotwright: Slotwright, booking: Booking) -> Booking:
    """Chitra for Ana."""
    return swap(slotwright, booking, ANA, CHITRA)


def rehousing(slotwright: Slotwright, booking: Booking) -> Booking:
    """Into the room that answers."""
    return rehouse(slotwright, booking, WALLED_ROOM)


CHANGES = [moving, swapping, rehousing]


@pytest.mark.parametrize("change", CHANGES)
class TestOutcomes:
    """Done, refused or unknown: what Graph makes of a change."""

    UNKNOWN = (
        Fault(operation="updateEvent", kind="drop_reply"),
        Fault(operation="updateEvent", kind="fail_after", status=504),
        Fault(operation="updateEvent", kind="refuse", status=503),
        Fault(operation="updateEvent", kind="truncate"),
        Fault(operation="updateEvent", kind="html", status=502),
        Fault(operation="updateEvent", kind="refuse", status=412, code="ErrorIrresolvableConflict"),
        Fault(operation="updateEvent", kind="drop_reply", times=2),
        Fault(operation="deleteEvent", kind="drop_reply"),
        Fault(operation="deleteEvent", kind="refuse", status=503),
        Fault(operation="createEvent", kind="drop_reply"),
    )

    @pytest.mark.parametrize(
        "fault",
        [*UNKNOWN[:2], *(pytest.param(each, marks=pytest.mark.campaign) for each in UNKNOWN[2:])],
        ids=lambda fault: f"{fault.operation}-{fault.kind}-{fault.status}-{fault.times}",
    )
    def test_unknown(self, desk: Any, change: Callable[..., Booking], fault: Fault) -> None:
        """It is read back, and made again only if it was not made: everybody gets one mail of it."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            desk.emulator.faults.add(fault)
            after = change(slotwright, before)
        desk.settle()
        assert (State.CONFIRMED, 2, None) == (after.state, after.revision, after.before)
        assert all(len(kinds) == 1 for kinds in mailed(desk).values()), mailed(desk)
        assert after.room is not None
        assert [1, 1] == [len(shown(desk, each)) for each in (RECRUITER, after.room.address)]

    @pytest.mark.parametrize(
        "status", [403, *(pytest.param(each, marks=pytest.mark.campaign) for each in (400, 404))]
    )
    def test_refused(self, desk: Any, change: Callable[..., Booking], status: int) -> None:
        """All goes back to how it was; what was reserved for the change is freed again."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            desk.emulator.faults.add(Fault(operation="updateEvent", status=status, code="ErrorAccessDenied"))
            with pytest.raises(NotChanged, match="the invitation could not be changed: "):
                change(slotwright, before)
            after = slotwright.store.booking(before.booking_id)
            held = claimed(slotwright, before, ANA, CHITRA, OPEN_ROOM, WALLED_ROOM)
        desk.settle()
        span = before.interview.span
        assert (State.CONFIRMED, 1, before.reservation) == (after.state, after.revision, after.reservation)
        assert ([[span], [], [span], []], {}) == (held, mailed(desk))
        assert [1, 1, 0, 0] == [
            len(shown(desk, each)) for each in (RECRUITER, OPEN_ROOM, WALLED_ROOM, SCHEDULING_USER)
        ]

    def test_still_unknown(self, desk: Any, change: Callable[..., Booking]) -> None:
        """After several rounds a person is told; later the same step is taken, and it is one change all the same."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            desk.emulator.faults.add(Fault(operation="updateEvent", kind="refuse", status=503, times=None))
            with pytest.raises(GraphError):
                change(slotwright, before)
            stuck = slotwright.store.booking(before.booking_id)
            desk.emulator.faults.clear()
            after = bring_up_to_date(stuck, slotwright.store, slotwright.driver, wait=True)
        assert (State.TELLING, State.CONFIRMED, 2) == (stuck.state, after.state, after.revision)
        assert all(len(kinds) == 1 for kinds in mailed(desk).values())

    def test_the_invitation_was_deleted_by_hand(self, desk: Any, change: Callable[..., Booking]) -> None:
        """There is nothing to change, and that is what is said."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            assert before.invitation is not None
            desk.outsider("DELETE", f"/users/{RECRUITER}/events/{before.invitation.event_id}")
            desk.settle()
            with pytest.raises(
                NotChanged, match=f"the invitation is no longer in the calendar of {RECRUITER}"
            ):
                change(slotwright, before)
            held = claimed(slotwright, before, ANA, CHITRA, OPEN_ROOM, WALLED_ROOM)
        span = before.interview.span
        assert [[span], [], [span], []] == held

    @pytest.mark.parametrize(
        "calls", [pytest.param(each, marks=pytest.mark.campaign if each % 3 else ()) for each in range(8)]
    )
    def test_cancelled_midway(self, desk: Any, change: Callable[..., Booking], calls: int) -> None:
        """From wherever the change broke off, nothing is left of either time, person or room."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            desk.emulator.faults.add(Fault(skip=calls, status=503, times=None))
            with suppress(GraphError):
                change(slotwright, before)
            desk.emulator.faults.clear()
            stuck = slotwright.store.booking(before.booking_id)
            after = cancel(stuck, slotwright.store, slotwright.driver, comment="withdrawn")
            held = claimed(slotwright, before, ANA, CHITRA, OPEN_ROOM, WALLED_ROOM)
        desk.settle()
        everywhere = desk.emulator.snapshot()["mailboxes"]
        assert (State.CANCELLED, [], [[]] * 4) == (
            after.state,
            [each for address in everywhere for each in shown(desk, address)],
            held,
        )
        told = [mail.comment for mail in desk.emulator.journal.mail if mail.kind == "cancellation"]
        assert "withdrawn" in told

    def test_an_ended_booking(self, desk: Any, change: Callable[..., Booking]) -> None:
        """It cannot be changed, and that is one sentence."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            gone = cancel(before, slotwright.store, slotwright.driver, comment="withdrawn")
            with pytest.raises(
                InputError, match=r"^booking: b-1 is cancelled and cannot be changed; find a slot"
            ):
                change(slotwright, gone)

    def test_an_interview_that_has_begun(self, desk: Any, change: Callable[..., Booking]) -> None:
        """It cannot be changed, and that is one sentence."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            desk.emulator.clock.advance(30 * 3600)
            with pytest.raises(
                NotChanged,
                match=r"^the interview has begun already; b-1 stays as it was, at 2026-03-03T09:00 E.*am\.$",
            ):
                change(slotwright, before)
            assert (State.CONFIRMED, {}) == (slotwright.store.booking("b-1").state, mailed(desk))


class TestWhenInWords:
    """A time as a person writes it."""

    @pytest.mark.parametrize(
        ("text", "zone", "says"),
        [
            (
                "2026-03-29T02:30",
                "Europe/Amsterdam",
                "when: the clock in Europe/Amsterdam skips 2026-03-29T02:30",
            ),
            (
                "2026-10-25T02:30",
                "Europe/Amsterdam",
                "when: the clock in Europe/Amsterdam shows 2026-10-25T02:30",
            ),
            ("2026-03-03", "Europe/Amsterdam", "when: '2026-03-03' names no time of day; write"),
            ("noon:ish", "Europe/Amsterdam", "when: "),
            ("2026-03-03T09:00", "Mars/Olympus", "zone: "),
        ],
    )
    def test_what_is_no_time(self, text: str, zone: str, says: str) -> None:
        """A reading that the clock skips or repeats is never guessed."""
        with pytest.raises(InputError) as refused:
            at_local_time(text, zone)
        assert str(refused.value).startswith(says)

    def test_on_the_clock_of_the_zone(self) -> None:
        """Nine in New York is two in the afternoon in London."""
        assert at_local_time("2026-03-03T14:00", "Europe/London") == at_local_time(
            "2026-03-03T09:00", "America/New_York"
        )

    def test_a_time_that_has_passed(self, desk: Any) -> None:
        """One sentence, and nothing is changed."""
        with desk.open() as slotwright:
            booking = booked(desk, slotwright)
            with pytest.raises(
                NotChanged,
                match=r"the slot.s time has come already; b-1 stays .*; the nearest free times are 2026",
            ):
                reschedule(
                    booking,
                    slotwright.graph,
                    slotwright.store,
                    slotwright.driver,
                    to=at_local_time("2026-03-02T06:30", "Europe/Amsterdam"),
                    wait=True,
                )
