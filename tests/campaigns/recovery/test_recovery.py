"""R-03: however many bookings were left open, one look of a watch finishes all, for so many calls each."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scheduler.emulator.tenant import Tenant
from scheduler.testing.invariants import invariants

MOST = {
    "createEvent": 1.0,
    "calendarView": 2.0,
    "listEvents": 0.6,
    "getDefaultCalendar": 0.6,
    "getCalendar": 0.6,
}
"""Calls for each booking, on the average over all deaths: two thirds of the writes are still to be made."""
SHARED = 12
"""Calls that many bookings share: their people's free/busy, the organizer's and the rooms' calendars, day by day."""


@pytest.fixture
def graph_tenant(recovery: ModuleType) -> Tenant:
    """The tenant of the benchmark."""
    return Tenant.model_validate(recovery.tenant())


def recovered(
    desk: Any, recovery: ModuleType, bookings: int
) -> tuple[Counter[str], Counter[str], tuple[Any, ...]]:
    """Calls and states of a recovery of so many bookings, and what is wrong afterwards."""
    app = desk.emulator.tenant.apps[0]
    desk.settings = desk.settings.model_copy(
        update={
            "tenant_id": desk.emulator.tenant.id,
            "client_id": app.client_id,
            "organizer": recovery.RECRUITER,
            "scheduling_user": recovery.OWNER,
        }
    )

    def clock() -> int:
        return int(desk.emulator.clock.now().timestamp())

    with desk.open() as slotwright:
        recovery.leave_open(slotwright, bookings, clock=clock)
    with desk.open() as slotwright:
        done = recovery.recover(slotwright, clock=clock, calls=lambda: Counter(desk.calls()))
        desk.settle()
        return done.calls, done.states, invariants(slotwright.store, desk.emulator)


@pytest.mark.experiment("R-03", "many open bookings, one look of a watch")
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.campaign)], indirect=True
)
@pytest.mark.parametrize("bookings", [14, pytest.param(70, marks=pytest.mark.campaign)])
def test_calls_grow_with_the_bookings_and_no_faster(
    desk: Any, recovery: ModuleType, tally: Any, database: Path | str, bookings: int
) -> None:
    """Each booking is confirmed, and no kind of call is made oftener than so many times for each."""
    del database
    calls, states, broken = recovered(desk, recovery, bookings)
    tally.tried(bookings)
    tally.counted("calls", calls.total())
    tally.violated(*(f"{each.invariant}: {each.what}" for each in broken))
    assert ([], {"confirmed": bookings}) == (tally.violations, dict(states))
    too_many = {
        name: times for name, times in calls.items() if times > MOST.get(name, 0.2) * bookings + SHARED
    }
    assert {} == too_many


@pytest.mark.experiment("R-03", "many open bookings, one look of a watch")
def test_rooms_are_waited_for_together(desk: Any, recovery: ModuleType, tally: Any) -> None:
    """Rooms that answer after a second are not waited for one after the other."""
    before = desk.emulator.clock.now()
    _, states, _ = recovered(desk, recovery, 14)
    tally.tried(14)
    assert {"confirmed": 14} == dict(states)
    assert (desk.emulator.clock.now() - before).total_seconds() < 60 + 5, (
        "of which a minute lets mails arrive"
    )
