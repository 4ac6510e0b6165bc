"""How many calls of Graph it takes: one read of availability, two writes and the proof, and little beside them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest

from scheduler.app.book_loop import Wanted, book_loop
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.reschedule import Target, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.booking.booking import Booking
from scheduler.planning.loops.offer import LoopOffer, OfferedSession
from scheduler.testing.tenants import ANA, HIDDEN_ROOM, OPEN_ROOM, RECRUITER, SCHEDULING_USER, WALLED_ROOM

READ, RIGHT, WRITE = "getSchedule", "getDefaultCalendar", "createEvent"
OURS, LOOK, TELL = "getCalendar", "calendarView", ["getEvent", "updateEvent"]
ROOMS = [None, OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM]
"""None; one that is written directly; one that is invited and read; one that is invited and shows free/busy only."""
PROVED: dict[str | None, list[str]] = {
    None: [],
    OPEN_ROOM: [WRITE, LOOK],
    WALLED_ROOM: [OURS, WRITE, LOOK],
    HIDDEN_ROOM: [OURS, WRITE, LOOK, READ],
}
"""Reserving and proving each room; the generated calendar is looked for once, and a closed one is tried once."""
FREED = {OPEN_ROOM: "deleteEvent", WALLED_ROOM: "cancelEvent", HIDDEN_ROOM: "cancelEvent"}


def asked(desk: Any) -> list[str]:
    """The calls since the last time; what is looked at again and again until it answers is counted once."""
    calls = [
        name for name, same in groupby(desk.calls()) for _ in (same if name not in {LOOK, READ} else [name])
    ]
    desk.settle()
    desk.emulator.journal.clear()
    return calls


def booked(desk: Any, room: str | None) -> tuple[Booking, list[str]]:
    """A booking in that room, by a process that has just begun, and its calls; the generated calendar is there."""
    for day, where in (("2026-03-03", WALLED_ROOM), ("2026-03-04", room)):
        wish = {"room": {"among": [where]}} if where else {}
        with desk.open() as slotwright:
            slot = desk.find(slotwright, [ANA], between=day, **wish).slots[0]
        with desk.open() as slotwright:
            asked(desk)
            booking: Booking = desk.book(slotwright, slot)
        calls = asked(desk)
    return booking, calls


@pytest.mark.parametrize("room", ROOMS)
def test_booking_one_interview(desk: Any, room: str | None) -> None:
    """One read of everybody's time, one of our right in the room, the invitation, the reservation, the proof."""
    right = [RIGHT] if room else []
    assert [READ, *right, WRITE, *PROVED[room]] == booked(desk, room)[1]


def test_the_first_booking_makes_the_generated_calendar(desk: Any) -> None:
    """Two more calls, once for an installation."""
    with desk.open() as slotwright:
        slot = desk.find(slotwright, [ANA], room={"among": [WALLED_ROOM]}).slots[0]
        asked(desk)
        desk.book(slotwright, slot)
    assert [READ, RIGHT, WRITE, "listCalendars", "createCalendar", WRITE, LOOK] == asked(desk)


@pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM])
def test_a_loop(desk: Any, room: str) -> None:
    """The same for each session, but that our right in a room is asked for once."""
    sessions = []
    with desk.open() as slotwright:
        for day in ("2026-03-03", "2026-03-04", "2026-03-05"):
            slot = desk.find(slotwright, [ANA], between=day, room={"among": [room]}).slots[0]
            sessions.append(OfferedSession(name=day, slot=slot))
        desk.book(slotwright, desk.find(slotwright, [ANA], room={"among": [WALLED_ROOM]}).slots[0])
        offer = LoopOffer(id="l-1", sessions=tuple(sessions))
    with desk.open() as slotwright:
        asked(desk)
        wanted = Wanted(RECRUITER, slotwright.new_id, wait=True)
        book_loop(offer, slotwright.store, slotwright.driver, wanted)
    calls = desk.calls()
    assert [READ, RIGHT, READ, READ] == calls[:4]
    assert [WRITE, *PROVED[room]] * 3 == asked(desk)[4 - 1 :]


@pytest.mark.parametrize("room", ROOMS)
def test_changes(desk: Any, room: str | None) -> None:
    """At most one read of availability, the proof of a new room, one update of the invitation, one removal."""
    booking, _ = booked(desk, room)
    named = [RIGHT, *PROVED[room]] if room else []
    with desk.open() as slotwright:
        store, driver = slotwright.store, slotwright.driver
        later = Target(booking.interview.span.start + 1440)
        booking = reschedule(booking, slotwright.graph, store, driver, to=later, wait=True)
    freed = [FREED[room]] if room else []
    assert [*(["listRooms"] if room else []), READ, *named, *TELL, *freed] == asked(desk)
    with desk.open() as slotwright:
        store, driver = slotwright.store, slotwright.driver
        booking = swap_person(booking, store, driver, leaving=ANA, joining=SCHEDULING_USER, wait=True)
    assert [READ, *TELL] == asked(desk)
    if room is not None:
        other = WALLED_ROOM if room == HIDDEN_ROOM else HIDDEN_ROOM
        with desk.open() as slotwright:
            store, driver = slotwright.store, slotwright.driver
            booking = change_room(booking, slotwright.graph, store, driver, address=other, wait=True)
        assert [READ, RIGHT, *PROVED[other], *TELL, *freed] == asked(desk)
    with desk.open() as slotwright:
        cancel(booking, slotwright.store, slotwright.driver, comment="Not any more.")
    assert ["cancelEvent"] * (2 if room else 1) == asked(desk)
