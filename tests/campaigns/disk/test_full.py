"""R-11: the disk of the database fills up in the middle of bookings; nothing that was acknowledged is lost or torn.

A booking that stops there is open, like one whose process died, and is finished once there is space again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from scheduler.app.book import book
from scheduler.app.bookings import bring_up_to_date
from scheduler.booking.states import State
from scheduler.errors import StoreError
from scheduler.planning.answer import Slot
from scheduler.testing.invariants import Told, invariants
from scheduler.testing.tenants import ANA, OPEN_ROOM, RECRUITER, WALLED_ROOM
from scheduler.wiring import Slotwright

ON_BOTH = pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.campaign)]
)

Sql = Callable[[str], list[Any]]
SENTENCE = re.compile(
    r"The (database|PostgreSQL database) .* (refused|cannot be opened) \(.*\); (nothing was changed, )?free some space"
    r" on (its|the server's) disk\."
)
WHOLE = "SELECT booking_id FROM claims GROUP BY booking_id HAVING count(*) <> 2"


def slots(desk: Any, slotwright: Slotwright) -> list[Slot]:
    """Hours with Ana that share no minute, in a writable room or in one that answers."""
    found = [
        slot
        for day in range(2, 7)
        for slot in desk.find(
            slotwright,
            [ANA],
            between=f"2026-03-0{day}",
            **{"and": f"2026-03-0{day}"},
            room={"among": [OPEN_ROOM if day % 2 else WALLED_ROOM]},
            limit=60,
        ).slots
    ]
    apart: list[Slot] = []
    for slot in sorted(found, key=lambda each: each.start_utc):
        if not apart or slot.start_utc >= apart[-1].end_utc:
            apart.append(slot)
    return apart


def attempt(slotwright: Slotwright, slot: Slot, begun: list[str]) -> str:
    """Book it; what the database said if it refused, and the ids of bookings that were begun."""
    try:
        book(
            slot,
            slotwright.store,
            slotwright.driver,
            organizer=RECRUITER,
            new_id=slotwright.new_id,
            wait=True,
            begun=lambda booking: begun.append(booking.booking_id),
        )
    except StoreError as error:
        return str(error)
    return ""


def recovered(desk: Any, told: Told, sql: Sql) -> list[str]:
    """What a new process makes of it, with space: everything that is wrong then."""
    with desk.open() as slotwright:
        after = [
            bring_up_to_date(booking, slotwright.store, slotwright.driver, wait=True)
            for booking in slotwright.store.bookings()
        ]
        desk.settle()
        broken = invariants(slotwright.store, desk.emulator, told=told)
    unfinished = [each.booking_id for each in after if each.state is not State.CONFIRMED]
    torn = [row[0] for row in sql(WHOLE)]
    return [f"{each.invariant}: {each.what}" for each in broken] + [
        f"open or torn: {each}" for each in unfinished + torn
    ]


def checked(database: object, sql: Sql) -> list[str]:
    """What the engine's own check finds; PostgreSQL checks a page when it reads it."""
    if isinstance(database, Path):
        return [row[0] for row in sql("PRAGMA integrity_check") if row[0] != "ok"]
    tables = [row[0] for row in sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    for table in tables:
        sql(f"TABLE {table}")
    return []


@ON_BOTH
@pytest.mark.experiment("R-11", "the disk fills up under bookings that go on")
def test_booking_until_the_disk_is_full(
    desk: Any, disk: Any, database: Path | str, sql: Sql, tally: Any
) -> None:
    """Each refusal is one sentence that asks for space, reads go on, and with space everything is finished."""
    begun: list[str] = []
    with desk.open() as slotwright:
        wanted = slots(desk, slotwright)
        disk.fill(leaving=(700 if isinstance(database, Path) else 200) * 1024)
        said = [attempt(slotwright, slot, begun) for slot in wanted]
        refusals = [text for text in said if text]
        tally.tried(len(said))
        tally.counted("refused", len(refusals))
        tally.violated(*(text for text in refusals if not SENTENCE.fullmatch(text)))
        there = {booking.booking_id for booking in slotwright.store.bookings()}
        tally.violated(*(f"{name} was acknowledged and is not there" for name in set(begun) - there))
    disk.fill()
    try:
        with desk.open() as slotwright:
            assert there == {booking.booking_id for booking in slotwright.store.bookings()}
    except StoreError as error:
        tally.counted("not opened")
        tally.violated(*[str(error)] if not SENTENCE.fullmatch(str(error)) else [])
    disk.free()
    disk.grow()
    assert (True, True) == (bool(refusals), len(begun) > 1)
    tally.violated(*recovered(desk, Told(booked=begun), sql), *checked(database, sql))
    assert [] == tally.violations


@ON_BOTH
@pytest.mark.campaign
@pytest.mark.experiment("R-11", "the disk is full from each commit of a booking on")
@pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM])
def test_full_from_each_commit_on(desk: Any, disk: Any, sql: Sql, tally: Any, room: str) -> None:
    """Wherever in a booking the space ends, what was acknowledged is finished once, and nobody is told twice."""
    with desk.open() as slotwright:
        wanted = [
            slot for slot in slots(desk, slotwright) if slot.room is not None and slot.room.address == room
        ]
    begun: list[str] = []
    number = 0
    for number, slot in enumerate(wanted):
        with desk.open() as slotwright:
            passed = iter(range(number))

            def full(_: object, passed: Any = passed) -> None:
                if next(passed, None) is None:
                    disk.fill()

            event.listen(slotwright.store.database.engine, "commit", full)
            said = attempt(slotwright, slot, begun)
            event.remove(slotwright.store.database.engine, "commit", full)
        disk.free()
        tally.tried()
        tally.counted("refused", bool(said))
        if said and not SENTENCE.fullmatch(said):
            tally.violated(said)
        tally.violated(
            *(f"full from commit {number}: {text}" for text in recovered(desk, Told(booked=begun), sql))
        )
    tally.violated(*checked(desk.settings.database, sql))
    assert [] == tally.violations
    assert tally.counts["refused"] > 5
    assert number > 12, "the space ends after the last commit of a booking too"
