"""A session of a loop that cannot stay: what the watch does by itself, and what it proposes to a person."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from scheduler.app.attention import attention
from scheduler.app.book import known_slot
from scheduler.app.book_loop import Wanted, book_loop, known_option
from scheduler.app.change_room import change_room
from scheduler.app.find_loop import find_loop
from scheduler.app.reschedule import at_slot, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.app.watch import Watch
from scheduler.booking.booking import Booking
from scheduler.booking.loop import Loop
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import State
from scheduler.planning.loops.request import make_loop_request
from scheduler.testing.tenants import ANA, CHITRA, RECRUITER, SCHEDULING_USER, WALLED_ROOM
from scheduler.wiring import Slotwright
from scheduler.zones import parse_utc
from solvers.cpsat import Effort
from solvers.timeline import Span

MATE = SCHEDULING_USER
ZOE = {"name": "Zoe", "address": "zoe@elsewhere.example", "zone": "Europe/Amsterdam"}
MORNING = [{"from": "2026-03-03T08:00", "to": "2026-03-03T12:00"}]
QUICK = Effort(seconds=20.0, workers=1)


def at(start: str, end: str) -> Span:
    """A stretch of that Tuesday, UTC; Amsterdam is an hour ahead."""
    return Span(parse_utc(f"2026-03-03T{start}Z"), parse_utc(f"2026-03-03T{end}Z"))


def booked(
    desk: Any, slotwright: Slotwright, code: list[str], talk: list[str], *, room: str | None = None
) -> Loop:
    """Zoe codes for an hour at 09:00 and then talks for half an hour, with one of each pool, and everybody knows."""
    values = {
        "zone": "Europe/Amsterdam",
        "between": "2026-03-03T08:00",
        "and": "2026-03-03T12:00",
        "earliest": "08:00",
        "candidate": {**ZOE, "available": MORNING},
        "sessions": [
            {
                "name": "code",
                "minutes": 60,
                "seats": [code],
                "within": [{"from": "08:00", "to": "12:00"}],
                "preferred": [{"from": "09:00", "to": "10:00"}],
                "room": None if room is None else {"among": [room]},
            },
            {"name": "talk", "minutes": 30, "seats": [talk], "preferred": [{"from": "10:00", "to": "10:30"}]},
        ],
        "weights": {"preferred_hours": 50, "earliness": 0},
        "limit": 1,
    }
    answer = find_loop(
        make_loop_request(values),
        slotwright.graph,
        slotwright.store,
        organizer=RECRUITER,
        rules=slotwright.rules,
        effort=QUICK,
    )
    offer = known_option(answer.options[0].id, slotwright.store)
    assert ["2026-03-03T09:00", "2026-03-03T10:00"] == [each.slot.start for each in offer.sessions]
    loop = book_loop(
        offer, slotwright.store, slotwright.driver, Wanted(RECRUITER, slotwright.new_id, wait=True)
    )
    desk.settle()
    desk.emulator.journal.clear()
    return loop


def declines(desk: Any, address: str, booking: Booking) -> None:
    """Somebody declines that session in their own calendar."""
    events = [event for event in desk.events(address) if not event["isCancelled"]]
    (event,) = (event for event in events if event["subject"] == booking.interview.subject)
    desk.outsider("POST", f"/users/{address}/events/{event['id']}/decline", {"sendResponse": True})
    desk.settle()


def watched(desk: Any, slotwright: Slotwright, **rules: Any) -> list[tuple[str, ...]]:
    """The first command that is proposed for each thing to decide, after a look."""

    def now() -> int:
        return int(desk.emulator.clock.now().timestamp())

    Watch(slotwright.graph, slotwright.store, slotwright.driver, RepairRules(**rules), now).look(wait=True)
    desk.settle()
    return [item.commands for item in attention(slotwright.store, now=now())]


def done(slotwright: Slotwright, command: str) -> Booking:
    """What a person types, done."""
    verb, booking_id, *words = shlex.split(command, comments=True)[1:]
    store, driver = slotwright.store, slotwright.driver
    booking = store.booking(booking_id)
    assert booking is not None
    if verb == "swap":
        return swap_person(booking, store, driver, leaving=words[0], joining=words[1], wait=True)
    if verb == "room":
        return change_room(booking, slotwright.graph, store, driver, address=words[0], wait=True)
    to = at_slot(known_slot(words[0], store), with_people="--people" in words)
    return reschedule(booking, slotwright.graph, store, driver, to=to, wait=True)


def panels(slotwright: Slotwright) -> list[tuple[str, ...]]:
    """Who sits in each session now."""
    return [booking.interview.busy for booking in slotwright.store.bookings()]


def a_chain(desk: Any, slotwright: Slotwright) -> Loop:
    """Ana declines to code; only Mate could, who is in the talk, where Chitra has got time meanwhile."""
    busy = desk.occupy(CHITRA, at("06:00", "12:00"))
    loop = booked(desk, slotwright, [ANA, MATE], [MATE, CHITRA])
    assert [(ANA,), (MATE,)] == panels(slotwright)
    desk.outsider("DELETE", f"/users/{CHITRA}/events/{busy}")
    declines(desk, ANA, loop.members[0])
    return loop


class TestPeople:
    """Somebody declines and nobody of the pool could come instead."""

    def test_people_of_two_sessions_are_exchanged(self, desk: Any) -> None:
        """The times stay: one of the loop's own interviewers takes the seat, and another one theirs."""
        with desk.open() as slotwright:
            loop = a_chain(desk, slotwright)
            assert [] == watched(desk, slotwright)
            assert [(MATE,), (CHITRA,)] == panels(slotwright)
            assert [each.interview.span for each in loop.members] == [
                each.interview.span for each in slotwright.store.bookings()
            ]
        assert ([CHITRA, MATE], [MATE, ANA]) == (desk.mails("invitation"), desk.mails("cancellation"))

    @pytest.mark.parametrize("rules", [{"approve": "people"}, {"change_budget": 0}])
    def test_the_coordinators_rules_bind_all_of_it(self, desk: Any, rules: dict[str, Any]) -> None:
        """Nothing is done by itself; the exchanges are proposed in the order in which they can be made."""
        with desk.open() as slotwright:
            a_chain(desk, slotwright)
            ((first, second, *_),) = watched(desk, slotwright, **rules)
            assert [(ANA,), (MATE,)] == panels(slotwright)
            assert ["slotwright swap b-1-2", "slotwright swap b-1-1"] == [first[:21], second[:21]]
            assert State.CONFIRMED is done(slotwright, first).state is done(slotwright, second).state
            assert [(MATE,), (CHITRA,)] == panels(slotwright)

    def test_a_session_is_moved(self, desk: Any) -> None:
        """Nobody else of any pool: the nearest time at which the loop keeps its rules is proposed, and can be had."""
        with desk.open() as slotwright:
            loop = booked(desk, slotwright, [ANA], [MATE])
            declines(desk, ANA, loop.members[0])
            ((first, *_),) = watched(desk, slotwright)
            assert f"  # code at 2026-03-03T08:00 with {ANA}" == first[first.index("  #") :]
            assert at("07:00", "08:00") == done(slotwright, first).interview.span
            assert [] == watched(desk, slotwright)

    def test_a_session_is_moved_to_somebody_else(self, desk: Any) -> None:
        """Time and people change at once: everybody hears of it once, and whoever declined is uninvited."""
        with desk.open() as slotwright:
            desk.occupy(ANA, at("07:00", "08:00"))
            busy = desk.occupy(CHITRA, at("06:00", "11:00"))
            loop = booked(desk, slotwright, [ANA, CHITRA], [MATE])
            desk.outsider("DELETE", f"/users/{CHITRA}/events/{busy}")
            desk.occupy(CHITRA, at("08:00", "11:00"))
            declines(desk, ANA, loop.members[0])
            desk.emulator.journal.clear()
            ((first, *_),) = watched(desk, slotwright)
            assert "--people" in first
            moved = done(slotwright, first)
            assert (at("07:00", "08:00"), (CHITRA,), 2) == (
                moved.interview.span,
                moved.interview.busy,
                moved.revision,
            )
            desk.settle()
            assert done(slotwright, first) == moved
        assert ([CHITRA], [ANA], [ZOE["address"]]) == (
            desk.mails("invitation"),
            desk.mails("cancellation"),
            desk.mails("update"),
        )

    def test_when_nothing_helps(self, desk: Any) -> None:
        """What remains is what can always be done."""
        with desk.open() as slotwright:
            loop = booked(desk, slotwright, [ANA], [MATE])
            desk.occupy(ANA, at("06:00", "08:00"))
            desk.occupy(ANA, at("09:00", "12:00"))
            declines(desk, ANA, loop.members[0])
            ((first, second, *_),) = watched(desk, slotwright)
        assert f"slotwright swap b-1-1 {ANA} SOMEBODY" == first
        assert "slotwright reschedule b-1-1 WHEN" == second  # no time that the rest of the loop forbids


class TestRooms:
    """The room of a session is lost and none is free."""

    def test_a_session_is_moved_with_its_room(self, desk: Any) -> None:
        """Every other room of the building is taken too: the nearest time at which the room is free is proposed."""
        with desk.open() as slotwright:
            loop = booked(desk, slotwright, [ANA], [MATE], room=WALLED_ROOM)
            (event,) = (each for each in desk.events(WALLED_ROOM) if not each["isCancelled"])
            desk.outsider("DELETE", f"/users/{WALLED_ROOM}/events/{event['id']}")
            for room in desk.emulator.tenant.rooms:
                desk.occupy(room.address, loop.members[0].interview.span)
            ((first, *_),) = watched(desk, slotwright)
            assert first.startswith("slotwright reschedule b-1-1 s-")
            moved = done(slotwright, first)
            assert (State.CONFIRMED, at("07:00", "08:00"), WALLED_ROOM) == (
                moved.state,
                moved.interview.span,
                moved.room and moved.room.address,
            )
            assert [] == watched(desk, slotwright)
