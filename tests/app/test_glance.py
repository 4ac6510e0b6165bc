"""One look at many bookings: what it costs, and that what cannot be read concerns nobody else."""

from __future__ import annotations

from typing import Any

from scheduler.app.glance import glance
from scheduler.booking.booking import Booking
from scheduler.booking.watching import Sight
from scheduler.emulator.faults import Fault
from scheduler.errors import WorldError
from scheduler.testing.tenants import ANA, OPEN_ROOM, RECRUITER, WALLED_ROOM

DAYS = ("2026-03-03", "2026-03-04", "2026-03-05")


def booked(desk: Any, slotwright: Any) -> list[Booking]:
    """Two bookings on each of three days, in two rooms, and one more day with one."""
    found = []
    for day in (*DAYS, *DAYS, "2026-03-06"):
        room = OPEN_ROOM if len(found) < len(DAYS) else WALLED_ROOM
        slot = desk.find(slotwright, [ANA], between=day, room={"among": [room]}).slots[0]
        found.append(desk.book(slotwright, slot))
    desk.settle()
    desk.emulator.journal.clear()
    return found


def test_six_bookings_are_two_round_trips_and_one_a_day(desk: Any) -> None:
    """All calendars of organizers and rooms come in one batch, what stands alone is read, and free/busy by days."""
    with desk.open() as slotwright:
        bookings = booked(desk, slotwright)
        sights = glance(bookings, slotwright.graph)
    assert all(isinstance(sight, Sight) and sight.invitation is not None for sight in sights.values())
    assert ["batch", "getEvent", *["getSchedule"] * 4] == [
        seen.operation for seen in desk.emulator.journal.requests if not seen.batch
    ]
    views = [seen for seen in desk.emulator.journal.requests if seen.operation == "calendarView"]
    assert (3, 7) == (
        sum(seen.mailbox == RECRUITER for seen in views),
        sum(seen.mailbox != RECRUITER for seen in views),
    )


def test_a_room_that_fails_takes_no_other_along(desk: Any) -> None:
    """When a room's calendar cannot be read, its bookings say so, and those in the other room are seen."""
    with desk.open() as slotwright:
        bookings = booked(desk, slotwright)
        desk.emulator.faults.add(
            Fault(
                operation="calendarView", mailbox=OPEN_ROOM, status=500, times=None, code="generalException"
            )
        )
        sights = glance(bookings, slotwright.graph)
    failed = {name for name, sight in sights.items() if isinstance(sight, WorldError)}
    assert {each.booking_id for each in bookings if each.room and each.room.address == OPEN_ROOM} == failed
