"""kill -9 in the middle of a repair: the next watch finishes it, once, and nobody is mailed twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduler.app.watch import Watch
from scheduler.booking.booking import Booking
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import State
from scheduler.testing.tenants import ANA, CHITRA, OPEN_ROOM, WALLED_ROOM
from scheduler.wiring import Slotwright


def booked(desk: Any) -> Booking:
    """An interview with somebody who has a stand-in, in one of two rooms, of which everybody knows."""
    with desk.open() as slotwright:
        room = {"among": [OPEN_ROOM, WALLED_ROOM]}
        slot = desk.find(slotwright, [ANA], between="2026-03-03", room=room).slots[0]
        people = tuple(each.model_copy(update={"stand_ins": (CHITRA,)}) for each in slot.people)
        slot = slot.model_copy(update={"people": people})
        slotwright.store.remember_offers({slot.id: slot.model_dump_json()})
        booking: Booking = desk.book(slotwright, slot)
    desk.settle()
    return booking


def declining(desk: Any, booking: Booking) -> None:
    """The interviewer declines."""
    del booking
    (event,) = desk.events(ANA)
    desk.outsider("POST", f"/users/{ANA}/events/{event['id']}/decline", {"sendResponse": True})


def losing(desk: Any, booking: Booking) -> None:
    """Somebody takes the reservation out of the room."""
    assert booking.room is not None
    (event,) = desk.events(booking.room.address)
    desk.outsider("DELETE", f"/users/{booking.room.address}/events/{event['id']}")
    desk.occupy(booking.room.address, booking.interview.span)


def watched(desk: Any) -> Callable[[Slotwright], list[Booking]]:
    """What a watch does that begins now, looking until it finds nothing to do."""

    def work(slotwright: Slotwright) -> list[Booking]:
        watch = Watch(
            slotwright.graph,
            slotwright.store,
            slotwright.driver,
            RepairRules(),
            lambda: int(desk.emulator.clock.now().timestamp()),
        )
        watch.look(wait=True)
        return list(slotwright.store.bookings())

    return work


@pytest.mark.campaign
@pytest.mark.experiment("R-03", "kill -9 in the middle of a repair, then another watch")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("happens", [declining, losing])
def test_one_death(desk: Any, on_trial: Any, tally: Any, happens: Callable[[Any, Booking], None]) -> None:
    """Wherever the watch died, the next one ends with one change, one event per role and one mail for each."""
    desk.settings = desk.settings.model_copy(update={"room_answer_seconds": 4})
    booking = booked(desk)
    happens(desk, booking)
    desk.settle()
    desk.emulator.journal.clear()
    point, died = 0, True
    while died:
        point += 1

        def trial(world: Any, point: int = point) -> Any:
            died = world.dies(watched(world.desk), point)
            after, problems = world.after(watched(world.desk))
            return (
                died,
                [(each.state, each.revision, each.repairs, each.concerns) for each in after],
                problems,
            )

        died, ended, problems = on_trial(trial)
        tally.tried()
        tally.violated(*(f"killed at point {point}: {problem}" for problem in problems))
        if ended != [(State.CONFIRMED, 2, 1, ())]:
            tally.violated(f"killed at point {point} it ended as {ended}")
    assert [] == tally.violations
    assert point > 10
