"""Watching what was booked: everything that happens outside is noticed at the next look, and handled or listed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduler.app.attention import attention, settle
from scheduler.app.cancel import cancel
from scheduler.app.reschedule import Target, reschedule
from scheduler.app.watch import Watch
from scheduler.booking import watching
from scheduler.booking.booking import Booking
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import State
from scheduler.cli.main import main
from scheduler.emulator.faults import Fault
from scheduler.emulator.server import serve
from scheduler.planning.answer import Slot
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
from scheduler.zones import iso_utc
from solvers.timeline import Span

MATE = SCHEDULING_USER
"""A second interviewer in the European morning."""
ZOE = {"name": "Zoe", "address": "zoe@elsewhere.example", "zone": "Europe/Amsterdam"}


def a_slot(
    desk: Any, slotwright: Slotwright, *rooms: str, pools: dict[str, list[str]] | None = None, **more: Any
) -> Slot:
    """An hour on Tuesday, kept with its pools as a loop's slot is."""
    wish = {"room": {"among": list(rooms)}} if rooms else {}
    values = {"between": "2026-03-03", "candidate": ZOE, **wish, **more}
    slot: Slot = desk.find(slotwright, values.pop("people", [ANA, MATE]), **values).slots[0]
    people = [
        person.model_copy(update={"stand_ins": tuple((pools or {}).get(person.address, ()))})
        for person in slot.people
    ]
    slot = slot.model_copy(update={"people": tuple(people)})
    slotwright.store.remember_offers({slot.id: slot.model_dump_json()})
    return slot


def booked(desk: Any, slotwright: Slotwright, *rooms: str, **more: Any) -> Booking:
    """A booking of such a slot, of which everybody knows."""
    booking: Booking = desk.book(slotwright, a_slot(desk, slotwright, *rooms, **more))
    desk.settle()
    desk.emulator.journal.clear()
    return booking


def watch_of(desk: Any, slotwright: Slotwright, **rules: Any) -> Watch:
    """A watch that begins now."""
    return Watch(
        slotwright.graph,
        slotwright.store,
        slotwright.driver,
        RepairRules(**rules),
        lambda: int(desk.emulator.clock.now().timestamp()),
    )


def after(slotwright: Slotwright, booking: Booking) -> Booking:
    """The booking as it is in the ledger now."""
    return slotwright.store.booking(booking.booking_id) or booking


def listed(desk: Any, slotwright: Slotwright) -> list[tuple[str, str]]:
    """What has to be decided: kind, and whom it is about."""
    now = int(desk.emulator.clock.now().timestamp())
    return [(item.kind, item.who) for item in attention(slotwright.store, now=now)]


def mailed(desk: Any) -> dict[str, list[str]]:
    """Which meeting messages each person got, rooms left out."""
    kinds: dict[str, list[str]] = {}
    for mail in desk.emulator.journal.mail:
        if mail.kind in {"invitation", "update", "cancellation"} and not mail.recipient.startswith("room."):
            kinds.setdefault(mail.recipient, []).append(mail.kind)
    return kinds


def answered(desk: Any, address: str, answer: str) -> None:
    """A person answers the invitation in their own calendar."""
    (event,) = (event for event in desk.events(address) if not event["isCancelled"])
    desk.outsider("POST", f"/users/{address}/events/{event['id']}/{answer}", {"sendResponse": True})
    desk.settle()


def in_room(desk: Any, room: str) -> list[str]:
    """The ids of all that is in a room."""
    return [event["id"] for event in desk.events(room) if not event["isCancelled"]]


def room_of(booking: Booking) -> str:
    """The room that it has."""
    return booking.room.address if booking.room is not None else ""


def removed_from_room(desk: Any, booking: Booking) -> None:
    """Somebody deletes the reservation in the room's own calendar, as a room does that gives a time away."""
    (event_id,) = in_room(desk, room_of(booking))
    desk.outsider("DELETE", f"/users/{room_of(booking)}/events/{event_id}")


class TestNothingHappened:
    """A look at what is as it should be costs little and changes nothing."""

    @pytest.mark.parametrize("room", [None, OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM])
    def test_a_booking_that_stands(self, desk: Any, room: str | None) -> None:
        """Nothing is written, in any calendar or in the ledger, and nobody is mailed."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, *([room] if room else []))
            history = slotwright.store.history(before.booking_id)
            assert () == watch_of(desk, slotwright).look()
            assert (before, history) == (
                after(slotwright, before),
                slotwright.store.history(before.booking_id),
            )
            assert [] == listed(desk, slotwright)
        assert {} == mailed(desk)
        assert {"getEvent", "calendarView", "getSchedule"} >= set(desk.calls())

    def test_many_are_read_at_once(self, desk: Any) -> None:
        """Three bookings of one organizer in one room on one day are one read of each, not three."""
        with desk.open() as slotwright:
            for _ in range(3):
                booked(desk, slotwright, OPEN_ROOM)
            watch_of(desk, slotwright).look()
        assert ["calendarView", "calendarView", "getSchedule"] == desk.calls()

    def test_when_it_looks(self, desk: Any) -> None:
        """Every minute for ten minutes, every quarter of an hour, and an hour before; not after the start."""
        with desk.open() as slotwright:
            booking = desk.book(slotwright, a_slot(desk, slotwright, between="2026-03-02"))
            watch, start = watch_of(desk, slotwright), booking.interview.span.start * 60
            began = slotwright.store.history(booking.booking_id)[-1].at
            looks = []
            while (now := int(desk.emulator.clock.now().timestamp())) < start + 3600:
                calls = len(desk.calls())
                watch.look()
                looks += [now] if len(desk.calls()) > calls else []
                desk.emulator.clock.advance(watch.pause())
        regular = [*range(began, began + 601, 60), *range(began + 1500, start, 900)]
        assert sorted({*regular, start - 3_600}) == looks

    def test_a_watch_that_was_down_looks_at_once(self, desk: Any) -> None:
        """What happened meanwhile is noticed by the first look of the next one."""
        with desk.open() as slotwright:
            booking = booked(desk, slotwright, OPEN_ROOM, WALLED_ROOM)
            watch_of(desk, slotwright).look()
            desk.emulator.clock.advance(3 * 3600)
            removed_from_room(desk, booking)
            (noticed,) = watch_of(desk, slotwright).look(wait=True)
        assert (booking.booking_id, False) == (noticed.booking_id, noticed.failed)


class TestRooms:
    """A room that is lost is noticed at the next look, and another one is taken."""

    @pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM])
    def test_the_room_gave_the_time_away(self, desk: Any, room: str) -> None:
        """The same room is asked once more if nobody else took it, because then nobody has to be told."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, room)
            removed_from_room(desk, before)
            watch_of(desk, slotwright).look(wait=True)
            now = after(slotwright, before)
        direct = room == OPEN_ROOM  # there it is a person's hand that took it out, and it is not argued with
        assert (State.CONFIRMED, not direct) == (now.state, room_of(now) == room)
        desk.settle()
        told = {ANA: ["update"], MATE: ["update"], ZOE["address"]: ["update"]}
        assert (1, told if direct else {}) == (len(in_room(desk, room_of(now))), mailed(desk))

    @pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM])
    def test_the_room_declined_later(self, desk: Any, room: str) -> None:
        """Another one is taken, everybody gets one update, nothing is left of the first, and the ledger says so."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, room)
            removed_from_room(desk, before)
            desk.occupy(room, before.interview.span)
            noticed = watch_of(desk, slotwright).look(wait=True)
            now = after(slotwright, before)
            span = now.interview.span
            held = slotwright.store.claims([room, room_of(now), ANA], span)
            assert [] == listed(desk, slotwright)
        desk.settle()
        if (
            room == HIDDEN_ROOM
        ):  # its free/busy shows an entry of exactly our time, which cannot be told from ours
            assert (before, ()) == (now, noticed)
            return
        assert (State.CONFIRMED, 2, 1, before.interview.span) == (now.state, now.revision, now.repairs, span)
        assert {room: (), room_of(now): (span,), ANA: (span,)} == held
        assert {ANA: ["update"], MATE: ["update"], ZOE["address"]: ["update"]} == mailed(desk)
        assert (1, 1) == (len(in_room(desk, room)), len(in_room(desk, room_of(now))))

    def test_displaced_by_who_was_there_first(self, desk: Any) -> None:
        """The rule says who yields: the one who was created later; it rebooks itself and the other one stays."""
        with desk.open() as slotwright:
            slot = a_slot(desk, slotwright, OPEN_ROOM)
            desk.emulator.clock.advance(120)
            booking = desk.book(slotwright, slot)
            desk.settle()
            first = desk.occupy(OPEN_ROOM, booking.interview.span)
            world = desk.emulator._world
            world.mailboxes[OPEN_ROOM].find(first).created = desk.emulator.tenant.clock
            desk.emulator.journal.clear()
            watch_of(desk, slotwright).look(wait=True)
            now = after(slotwright, booking)
        assert (State.CONFIRMED, True, [first]) == (
            now.state,
            room_of(now) != OPEN_ROOM,
            in_room(desk, OPEN_ROOM),
        )

    @pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM])
    def test_written_over(self, desk: Any, room: str) -> None:
        """Whoever wrote over ours has to yield: we keep the room and tell a person."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, room)
            desk.emulator.clock.advance(60)
            span = before.interview.span
            other = desk.occupy(room, Span(span.start, span.end + 30))
            watch_of(desk, slotwright).look(wait=True)
            assert (room, [("contested", room)]) == (
                room_of(after(slotwright, before)),
                listed(desk, slotwright),
            )
            desk.outsider("DELETE", f"/users/{room}/events/{other}")
            desk.emulator.clock.advance(900)
            watch_of(desk, slotwright).look()
            assert [] == listed(desk, slotwright)
        assert {} == mailed(desk)

    def test_a_room_that_declined_when_it_was_booked(self, desk: Any) -> None:
        """The next one that was free is taken without anybody's doing."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, PICKY_ROOM)
            assert State.ROOM_DECLINED is before.state
            watch_of(desk, slotwright).look(wait=True)
            now = after(slotwright, before)
        assert (State.CONFIRMED, True) == (now.state, room_of(now) != PICKY_ROOM)

    def test_no_other_room(self, desk: Any) -> None:
        """Nobody is mailed; what happened and what can be typed about it are listed, with a time that is free."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            removed_from_room(desk, before)
            for room in (OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM, APPROVAL_ROOM, PICKY_ROOM, SILENT_ROOM):
                desk.occupy(room, before.interview.span)
            watch_of(desk, slotwright).look(wait=True)
            (item,) = attention(slotwright.store, now=int(desk.emulator.clock.now().timestamp()))
        assert ("room", before.booking_id) == (item.kind, item.booking)
        assert "no other room can be had" in item.what
        moves = [
            command
            for command in item.commands
            if command.startswith("slotwright reschedule b-1 2026-03-03T")
        ]
        assert (1, {}) == (len(moves), mailed(desk))
        assert State.ROOM_DECLINED is after(slotwright, before).state

    def test_a_room_of_a_mailbox_that_is_gone(self, desk: Any) -> None:
        """Nothing can be freed there; another room is taken all the same."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM, WALLED_ROOM)
            desk.emulator._world.mailboxes.pop(room_of(before))
            watch_of(desk, slotwright).look(wait=True)
            now = after(slotwright, before)
        assert (State.CONFIRMED, True) == (now.state, room_of(now) != room_of(before)), now.reason

    def test_approval(self, desk: Any) -> None:
        """A room that is approved while we watch is confirmed; one that waits is listed after five minutes."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, APPROVAL_ROOM)
            watch = watch_of(desk, slotwright)
            watch.look()
            assert [] == listed(desk, slotwright)
            desk.emulator.clock.advance(300)
            assert [("stuck", "")] == listed(desk, slotwright)
            (held,) = in_room(desk, APPROVAL_ROOM)
            desk.outsider("PATCH", f"/users/{APPROVAL_ROOM}/events/{held}", {"showAs": "busy"})
            watch.look()
            assert (State.CONFIRMED, []) == (after(slotwright, before).state, listed(desk, slotwright))


class TestPeople:
    """Answers are read from the organizer's copy."""

    def test_an_interviewer_declines(self, desk: Any) -> None:
        """The first free one of the seat's pool comes instead; only the newcomer is written to besides the leaver."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM, WALLED_ROOM, pools={ANA: [CHITRA]}, minutes=30)
            answered(desk, ANA, "decline")
            (noticed,) = watch_of(desk, slotwright).look()
            now = after(slotwright, before)
            held = slotwright.store.claims([MATE, ANA, CHITRA], now.interview.span)
            assert [] == listed(desk, slotwright)
        assert f"confirmed: {CHITRA} comes in the place of {ANA}" == noticed.text
        assert (State.CONFIRMED, 2, 1, before.interview.span) == (
            now.state,
            now.revision,
            now.repairs,
            now.interview.span,
        )
        assert [True, False, True] == [bool(held[each]) for each in (MATE, ANA, CHITRA)]
        assert {CHITRA: ["invitation"], ANA: ["cancellation"]} == mailed(desk)

    def test_who_declined_is_never_asked_again(self, desk: Any) -> None:
        """When the stand-in declines too there is nobody left, and a person decides."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, pools={ANA: [CHITRA]}, minutes=30)
            watch = watch_of(desk, slotwright)
            for address in (ANA, CHITRA):
                answered(desk, address, "decline")
                watch.look()
                desk.emulator.clock.advance(60)
            assert [("declined", CHITRA)] == listed(desk, slotwright)
            assert 1 == after(slotwright, before).repairs

    @pytest.mark.parametrize("pools", [{}, {ANA: [CHITRA]}])
    def test_nobody_can_stand_in(self, desk: Any, pools: dict[str, list[str]]) -> None:
        """Without a pool, or when nobody of it is free, it is listed, and the list is not made longer by looking."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, pools=pools)
            desk.occupy(CHITRA, before.interview.span)
            answered(desk, ANA, "decline")
            watch = watch_of(desk, slotwright)
            watch.look()
            written = slotwright.store.history(before.booking_id)
            desk.emulator.clock.advance(900)
            assert () == watch.look()
            (item,) = attention(slotwright.store, now=int(desk.emulator.clock.now().timestamp()))
            assert written == slotwright.store.history(before.booking_id)
        assert ("declined", ANA, f"{ANA} declined; nobody else of the pool is free") == (
            item.kind,
            item.who,
            item.what,
        )
        assert f"slotwright swap b-1 {ANA} SOMEBODY" == item.commands[0]
        assert {} == mailed(desk)

    def test_the_candidate_or_an_optional_guest(self, desk: Any) -> None:
        """A candidate's no is for a person to hear; an optional interviewer may stay away."""
        with desk.open() as slotwright:
            slot = a_slot(
                desk, slotwright, people=[ANA, {"address": BEN, "required": False}], candidate=CANDIDATE
            )
            desk.book(slotwright, slot)
            desk.settle()
            for address in (BEN, CHITRA):
                answered(desk, address, "decline")
            watch_of(desk, slotwright).look()
            assert [("candidate", CHITRA)] == listed(desk, slotwright)

    def test_who_has_not_answered_a_day_before(self, desk: Any) -> None:
        """It is listed until they do."""
        with desk.open() as slotwright:
            tenant = desk.emulator.tenant
            for person in tenant.people:
                person.answers.__dict__["answer"] = "none"
            booked(desk, slotwright, people=[ANA], between="2026-03-04")
            watch_of(desk, slotwright).look()
            assert [] == listed(desk, slotwright)
            desk.emulator.clock.advance(86_400 + 7200)
            watch_of(desk, slotwright).look()
            assert [("unanswered", ANA)] == listed(desk, slotwright)
            answered(desk, ANA, "accept")
            (noticed,) = watch_of(desk, slotwright).look()
            assert f"confirmed: no longer: {ANA} has not answered yet" == noticed.text
            assert [] == listed(desk, slotwright)

    def test_a_mailbox_that_is_gone(self, desk: Any) -> None:
        """Who left the company is replaced from the pool like one who declines."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, pools={ANA: [CHITRA]}, minutes=30)
            desk.emulator._world.mailboxes.pop(ANA)
            watch_of(desk, slotwright).look()
            assert CHITRA in after(slotwright, before).interview.busy


CANDIDATE = {"name": "Chitra", "address": CHITRA, "zone": "Asia/Kolkata"}


class TestEdits:
    """What somebody does to the invitation by hand is listed, and nothing is done about it."""

    def edit(self, desk: Any, booking: Booking, changes: dict[str, Any]) -> None:
        """The organizer changes the invitation in Outlook."""
        assert booking.invitation is not None
        desk.outsider("PATCH", f"/users/{RECRUITER}/events/{booking.invitation.event_id}", changes)
        desk.settle()
        desk.emulator.journal.clear()

    def moved(self, desk: Any, booking: Booking, minutes: int) -> Span:
        """The organizer moves the invitation; returns its new time."""
        span = Span(booking.interview.span.start + minutes, booking.interview.span.end + minutes)
        times = {
            key: {"dateTime": iso_utc(minute).removesuffix("Z") + ":00", "timeZone": "UTC"}
            for key, minute in (("start", span.start), ("end", span.end))
        }
        self.edit(desk, booking, times)
        return span

    @pytest.mark.parametrize(("minutes", "room"), [(30, None), (30, WALLED_ROOM), (1440, OPEN_ROOM)])
    def test_another_time_is_followed(self, desk: Any, minutes: int, room: str | None) -> None:
        """The command that is listed takes the new time and moves the room; nobody is mailed a second time."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, *([room] if room else []), minutes=30)
            span = self.moved(desk, before, minutes)
            watch_of(desk, slotwright).look()
            (item,) = attention(slotwright.store, now=int(desk.emulator.clock.now().timestamp()))
            follow = f"slotwright reschedule b-1 2026-03-0{3 + minutes // 1440}T"
            assert ("moved", True) == (item.kind, item.commands[0].startswith(follow)), item.commands
            assert item.commands[1] == f"slotwright reschedule b-1 {item.start}"
            now = reschedule(
                after(slotwright, before),
                slotwright.graph,
                slotwright.store,
                slotwright.driver,
                to=Target(span.start),
                wait=True,
            )
            assert () == tuple(each for each in watch_of(desk, slotwright).look() if each.failed)
            assert [] == listed(desk, slotwright)
        desk.settle()
        assert (State.CONFIRMED, span, None, {}) == (now.state, now.interview.span, now.shown, mailed(desk))
        assert [1] * bool(room) == [len(in_room(desk, each)) for each in ([room] if room else [])]

    @pytest.mark.parametrize("room", [None, WALLED_ROOM])
    def test_another_time_is_put_back(self, desk: Any, room: str | None) -> None:
        """Asking for the time that was booked moves the invitation back, with one mail for each."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, *([room] if room else []), minutes=30)
            self.moved(desk, before, 30)
            watch_of(desk, slotwright).look()
            now = reschedule(
                after(slotwright, before),
                slotwright.graph,
                slotwright.store,
                slotwright.driver,
                to=Target(before.interview.span.start),
                wait=True,
            )
            watch_of(desk, slotwright).look()
            assert [] == listed(desk, slotwright)
        desk.settle()
        assert (State.CONFIRMED, before.interview.span) == (now.state, now.interview.span)
        assert {ANA: ["update"], MATE: ["update"], ZOE["address"]: ["update"]} == mailed(desk)
        assert [1] * bool(room) == [len(in_room(desk, each)) for each in ([room] if room else [])]

    def test_another_place_and_other_people(self, desk: Any) -> None:
        """Who was added may stay unseen; who was taken off and a place that is not ours are listed until settled."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            (event,) = (each for each in desk.events(RECRUITER) if not each["isCancelled"])
            guests = [each for each in event["attendees"] if each["emailAddress"]["address"] != ANA]
            guests.append({"emailAddress": {"address": CHITRA}, "type": "required"})
            self.edit(desk, before, {"attendees": guests, "location": {"displayName": "Café"}})
            watch_of(desk, slotwright).look()
            assert [("place", ""), ("removed", ANA)] == listed(desk, slotwright)
            assert 2 == settle(before.booking_id, slotwright.store)
            watch_of(desk, slotwright).look()
            assert [] == listed(desk, slotwright)
            self.edit(desk, before, {"location": {"displayName": "Park"}})
            watch_of(desk, slotwright).look()
            assert [("place", "")] == listed(desk, slotwright)
        assert {} == mailed(desk)

    @pytest.mark.parametrize("how", ["DELETE", "cancel"])
    def test_the_invitation_is_removed(self, desk: Any, how: str) -> None:
        """The room stays ours until a person says so; cancelling then leaves nothing, and tells nobody again."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            assert before.invitation is not None
            path = f"/users/{RECRUITER}/events/{before.invitation.event_id}"
            desk.outsider(*(("DELETE", path) if how == "DELETE" else ("POST", f"{path}/cancel", {})))
            desk.settle()
            desk.emulator.journal.clear()
            watch_of(desk, slotwright).look()
            assert [("uninvited", "")] == listed(desk, slotwright)
            assert 1 == len(in_room(desk, OPEN_ROOM))
            cancel(after(slotwright, before), slotwright.store, slotwright.driver, comment="")
            assert [] == listed(desk, slotwright)
        assert ([], {}) == (in_room(desk, OPEN_ROOM), mailed(desk))

    def test_the_organizer_is_gone(self, desk: Any) -> None:
        """Nothing is known of the invitation then, and nothing is made of it."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright)
            gone = Fault(operation="getEvent", status=404, code="ErrorInvalidUser", times=None)
            desk.emulator.faults.add(gone)
            watch_of(desk, slotwright).look()
            assert [("gone", RECRUITER)] == listed(desk, slotwright)
            assert State.CONFIRMED is after(slotwright, before).state


class TestRules:
    """Inside the rules that the coordinator set."""

    @pytest.mark.parametrize(
        ("rules", "person", "room", "why"),
        [
            ({"approve": "none"}, True, True, ""),
            ({"approve": "people"}, False, True, "somebody has to approve it"),
            ({"approve": "all"}, False, False, "somebody has to approve it"),
            ({"change_budget": 0}, False, False, "it was changed 0 times already"),
            ({"change_budget": 1}, True, False, "it was changed 1 times already"),
            ({"freeze_minutes": 100_000}, False, False, "it begins in less than 100000 minutes"),
        ],
    )
    def test_what_is_done_by_itself(
        self, desk: Any, rules: dict[str, Any], person: object, room: object, why: str
    ) -> None:
        """What is not is listed with the reason and the command that does it; a lost room is never called confirmed."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM, WALLED_ROOM, pools={ANA: [CHITRA]}, minutes=30)
            answered(desk, ANA, "decline")
            removed_from_room(desk, before)
            watch_of(desk, slotwright, **rules).look(wait=True)
            now = after(slotwright, before)
            items = attention(slotwright.store, now=int(desk.emulator.clock.now().timestamp()))
        assert (person, room) == (CHITRA in now.interview.busy, now.state is State.CONFIRMED)
        left = {"declined": not person, "room": not room}
        assert [kind for kind, is_left in left.items() if is_left] == [item.kind for item in items]
        assert all(item.what.endswith(why) for item in items)
        commands = [item.commands[0] for item in items]
        expected = [f"slotwright swap b-1 {ANA} {CHITRA}"] * (not person) + ["slotwright room b-1 room."] * (
            not room
        )
        assert all(found.startswith(each) for found, each in zip(commands, expected, strict=True)), commands

    def test_what_a_person_settled_is_not_repaired_later(self, desk: Any) -> None:
        """Somebody decided to do without, so nobody is asked to come."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, pools={ANA: [CHITRA]}, minutes=30)
            answered(desk, ANA, "decline")
            watch_of(desk, slotwright, approve="all").look()
            settle(before.booking_id, slotwright.store)
            watch_of(desk, slotwright).look()
            assert (CHITRA in after(slotwright, before).interview.busy, []) == (
                False,
                listed(desk, slotwright),
            )


class TestUnfinished:
    """What cannot be finished is told."""

    def test_it_is_finished_by_the_watch(self, desk: Any) -> None:
        """What a dead process left is driven on."""
        with desk.open() as slotwright:
            slot = a_slot(desk, slotwright, WALLED_ROOM)
            booking = desk.book(slotwright, slot, wait=False)
            assert State.PROVING is booking.state
            desk.emulator.clock.advance(30)
            watch_of(desk, slotwright).look()
            assert State.CONFIRMED is after(slotwright, booking).state

    def test_it_is_listed_after_five_minutes(self, desk: Any) -> None:
        """With what Graph said; and it is gone from the list when it is finished."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            removed_from_room(desk, before)
            desk.emulator.faults.add(
                Fault(operation="deleteEvent", status=403, code="ErrorAccessDenied", times=None)
            )
            watch = watch_of(desk, slotwright)
            assert [True] == [each.failed for each in watch.look(wait=True)]
            assert [] == listed(desk, slotwright)
            for _ in range(5):
                desk.emulator.clock.advance(60)
                watch.look(wait=True)
            (item,) = attention(slotwright.store, now=int(desk.emulator.clock.now().timestamp()))
            assert ("stuck", True) == (item.kind, "eleting an event" in item.what), item.what
            desk.emulator.faults.clear()
            desk.emulator.clock.advance(60)
            watch.look(wait=True)
            assert [] == listed(desk, slotwright)
            assert State.CONFIRMED is after(slotwright, before).state

    def test_an_outage(self, desk: Any) -> None:
        """Nothing is made of it; the next look is a minute later."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM)
            watch = watch_of(desk, slotwright)
            desk.emulator.faults.add(Fault(status=503, times=None))
            (noticed,) = watch.look()
            assert (True, True) == (noticed.failed, watch.pause() <= 60)
            desk.emulator.faults.clear()
            desk.emulator.clock.advance(60)
            assert () == watch.look()
            assert before == after(slotwright, before)


class TestWithoutWaiting:
    """A watch that goes on never waits for one room: the next look takes the next step."""

    def test_a_repair_goes_on_at_the_next_look(self, desk: Any) -> None:
        """A room that is silent is given up, the next one is taken, and nobody hears of the one in between."""
        with desk.open() as slotwright:
            before = booked(desk, slotwright, OPEN_ROOM, SILENT_ROOM, WALLED_ROOM)
            assert OPEN_ROOM == room_of(before)
            for room in (HIDDEN_ROOM, APPROVAL_ROOM, PICKY_ROOM):
                desk.occupy(room, before.interview.span)
            removed_from_room(desk, before)
            watch = watch_of(desk, slotwright)
            looks: list[str] = []
            while not looks or State.CONFIRMED is not after(slotwright, before).state:
                watch.look()
                looks.append(room_of(after(slotwright, before)))
                desk.emulator.clock.advance(60)
            now = after(slotwright, before)
            assert [] == listed(desk, slotwright)
        assert (WALLED_ROOM, 1, True) == (room_of(now), now.repairs, len(looks) <= 4), looks
        desk.settle()
        assert {ANA: ["update"], MATE: ["update"], ZOE["address"]: ["update"]} == mailed(desk)
        assert [0, 1, 0] == [len(in_room(desk, room)) for room in (OPEN_ROOM, WALLED_ROOM, SILENT_ROOM)]


class TestCommandLine:
    """`slotwright watch` and `slotwright attention`."""

    def test_what_they_say(
        self, desk: Any, monkeypatch: Any, capsys: Any, tmp_path: Any, pass_test: Any
    ) -> None:
        """Each line is something noticed; the list is for people or programs; settled is not listed again."""

        def ran(*arguments: str) -> tuple[int, str]:
            with pytest.raises(SystemExit) as ended:
                main(["--settings", str(tmp_path / "settings.json"), *arguments])
            return int(ended.value.code or 0), capsys.readouterr().out

        seconds = int(desk.emulator.clock.now().timestamp())
        monkeypatch.setattr("scheduler.cli.attention.system_clock", lambda: seconds)
        monkeypatch.setattr("scheduler.cli.watch.watch_of", lambda opened: watch_of(desk, opened))
        with desk.open() as slotwright, serve(desk.emulator) as server:
            booked(desk, slotwright)
            answered(desk, ANA, "decline")
            settings = {key: str(value) for key, value in server.connection.items()}
            settings |= {"organizer": RECRUITER, "database": str(desk.settings.database)}
            (tmp_path / "settings.json").write_text(json.dumps(settings))
            pass_test(tmp_path / "settings.json")
            why = f"{ANA} declined; nobody else of the pool is free"
            assert (0, f"b-1  confirmed: {why}\n") == ran("watch", "--once")
            assert (0, "") == ran("watch", "--for", "0")
        code, text = ran("attention", "--json")
        (item,) = json.loads(text)
        assert (1, "b-1", "declined", ANA, why) == (
            code,
            *(item[key] for key in ("booking", "kind", "who", "what")),
        )
        code, text = ran("attention")
        assert (1, True) == (code, all(part in text for part in (why, *item["commands"]))), text
        assert (0, "nothing to decide\n") == ran("attention", "--settle", "b-1")


class TestTwoWatchers:
    """Any number may run."""

    def test_they_never_act_twice(self, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """One who looked before the other acted finds, when it holds the booking, that it is done."""
        with desk.open() as slotwright, desk.open() as other:
            before = booked(desk, slotwright, WALLED_ROOM, OPEN_ROOM, pools={ANA: [CHITRA]}, minutes=30)
            answered(desk, ANA, "decline")
            removed_from_room(desk, before)
            desk.occupy(WALLED_ROOM, Span(before.interview.span.start, before.interview.span.end + 30))
            desk.emulator.journal.clear()
            slow, fast = watch_of(desk, slotwright), watch_of(desk, other)
            needs_work = watching.needs_work
            begun: list[Booking] = []

            def overtaken(booking: Booking, sight: watching.Sight) -> bool:
                if not begun:
                    begun.append(booking)
                    fast.look(wait=True)
                return needs_work(booking, sight)

            monkeypatch.setattr(watching, "needs_work", overtaken)
            slow.look(wait=True)
            now = after(slotwright, before)
        assert (State.CONFIRMED, 3, 2) == (now.state, now.revision, now.repairs)
        told = {CHITRA: ["invitation", "update"], ANA: ["cancellation"]}
        assert {**told, MATE: ["update"], ZOE["address"]: ["update"]} == mailed(desk)

    def test_one_that_is_held_is_left_alone(self, desk: Any) -> None:
        """Who holds a booking works on it; the other one looks again later."""
        with desk.open() as slotwright, desk.open() as other:
            before = booked(desk, slotwright, OPEN_ROOM)
            removed_from_room(desk, before)
            with other.store.working_on(before.booking_id) as mine:
                assert mine
                assert () == watch_of(desk, slotwright).look(wait=True)
            assert before == after(slotwright, before)
