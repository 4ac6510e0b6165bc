"""R-18: after a restored or lost database every event of ours is accounted for, and none is removed unannounced."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scheduler.app.bookings import bring_up_to_date
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.reconcile import Report, examine, settle
from scheduler.app.reschedule import Target, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.booking.booking import Booking
from scheduler.booking.reconciling import Action, Kind, at_rest, named
from scheduler.booking.states import ENDED
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.errors import SlotwrightError
from scheduler.graph.client import Graph
from scheduler.testing.experiments import Tally
from scheduler.testing.invariants import MARKER
from scheduler.testing.tenants import (
    ANA,
    APPROVAL_ROOM,
    BEN,
    CHITRA,
    HIDDEN_ROOM,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    START,
    WALLED_ROOM,
    small_tenant,
)
from scheduler.wiring import Slotwright

DAY = 1440
EARLIER_SECONDS = 600
ROOMS = (OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM, APPROVAL_ROOM)
PANELS = ((ANA, SCHEDULING_USER), (ANA, BEN), (CHITRA,), (SCHEDULING_USER, CHITRA))
SIZES = [1, pytest.param(60, marks=pytest.mark.campaign), pytest.param(2_000, marks=pytest.mark.nightly)]


@dataclass(frozen=True)
class Meeting:
    """An event of ours as its organizer has it, or the room that it was written into."""

    marker: str
    mailbox: str
    event_id: str
    start: str

    @property
    def booking_id(self) -> str:
        """Whose it is."""
        return self.marker.partition("/")[0]


def meetings(desk: Any) -> dict[str, Meeting]:
    """Every live event with our marker, by its id."""
    return {found.event_id: found for found in _meetings(desk)}


def _meetings(desk: Any) -> Iterator[Meeting]:
    for address in desk.emulator.snapshot()["mailboxes"]:
        for event in desk.events(address):
            own = event["organizer"]["emailAddress"]["address"].lower() == address.lower()
            for extended in event["singleValueExtendedProperties"]:
                if extended["id"].casefold() == MARKER.casefold() and own and not event["isCancelled"]:
                    yield Meeting(
                        extended["value"], address, event["immutableId"], event["start"]["dateTime"][:16]
                    )


class History:
    """Bookings that are made, changed and cancelled at random."""

    def __init__(self, desk: Any, random: Random) -> None:
        self.desk = desk
        self.random = random

    def acts(self, slotwright: Slotwright, times: int) -> None:
        """So many things happen; what is refused is refused."""
        for _ in range(times):
            with suppress(SlotwrightError):
                self._act(slotwright)
            self.desk.emulator.clock.advance(self.random.choice([5, 60]))

    def _act(self, slotwright: Slotwright) -> None:
        random, store, driver = self.random, slotwright.store, slotwright.driver
        living = [each for each in store.bookings() if each.state not in ENDED]
        what = random.choice(["book", "book", "move", "room", "swap", "cancel", "show"])
        wait = random.random() < 0.8
        if what == "book" or not living:
            room = random.choice([{}, {"room": {"among": random.sample(ROOMS, 2)}}])
            between = f"2026-03-0{random.randrange(2, 7)}"
            panel = list(random.choice(PANELS))
            slots = self.desk.find(slotwright, panel, between=between, limit=8, **room).slots
            if slots:
                self.desk.book(slotwright, random.choice(slots), wait=wait)
            return
        booking = random.choice(living)
        match what:
            case "move":
                to = Target(booking.interview.span.start + random.choice([30, 60, -60, DAY]))
                reschedule(booking, slotwright.graph, store, driver, to=to, wait=wait)
            case "room":
                change_room(booking, slotwright.graph, store, driver, address=random.choice(ROOMS), wait=wait)
            case "swap":
                leaving, joining = random.choice(booking.interview.busy), random.choice([ANA, BEN, CHITRA])
                swap_person(booking, store, driver, leaving=leaving, joining=joining, wait=wait)
            case "cancel":
                cancel(booking, store, driver, comment="")
            case _:
                bring_up_to_date(booking, store, driver, wait=True)


def examined(slotwright: Slotwright) -> Report:
    """What a run over a week back and a month ahead finds."""
    return examine(
        slotwright.graph,
        slotwright.store,
        slotwright.rules,
        past=7 * DAY,
        ahead=30 * DAY,
        mailboxes=(RECRUITER, SCHEDULING_USER),
    )


def unexplained(report: Report, bookings: tuple[Booking, ...], there: dict[str, Meeting]) -> list[str]:
    """Events that neither a finding nor a booking at rest, which has it at its time, accounts for."""
    found = {each.found.event.event_id for each in report.findings if each.found is not None}
    unfinished = {each.booking_id for each in report.findings if each.kind is Kind.UNFINISHED}
    settled = {
        written.event_id for booking in bookings if at_rest(booking) for written, _ in named(booking).values()
    }
    return [
        f"unexplained: {each.marker} in {each.mailbox}"
        for each in there.values()
        if each.event_id not in found | settled and each.booking_id not in unfinished
    ]


def judged(desk: Any, slotwright: Slotwright, tally: Tally) -> list[str]:
    """What is wrong with a dry run and with what `--apply` does afterwards."""
    before = meetings(desk)
    bookings = slotwright.store.bookings()
    report = examined(slotwright)
    wrong = [f"unread: {each.calendar}" for each in report.unread]
    if meetings(desk) != before:
        wrong.append("a dry run changed calendars")
    wrong += unexplained(report, bookings, before)
    announced = {
        each.found.event.event_id
        for each in report.findings
        if each.action is Action.REMOVE and each.found is not None
    }
    settle(report, slotwright.graph, slotwright.store)
    after = meetings(desk)
    wrong += [
        f"removed unannounced: {before[gone].marker}" for gone in before.keys() - after.keys() - announced
    ]
    ended = {booking.booking_id for booking in bookings if booking.state in ENDED}
    wrong += [
        f"left over: {each.marker}"
        for each in after.values()
        if each.booking_id in ended and each.event_id in announced
    ]
    tally.counted("events", len(before))
    tally.counted("findings", len(report.findings))
    tally.counted("removed after a report", len(before) - len(after))
    return wrong


def restored(make_desk: Any, folder: Path, seed: int, tally: Tally) -> list[str]:
    """One history whose database is put back to a copy of ten minutes earlier."""
    emulator = Emulator(small_tenant(), clock=Clock(START))
    database, copy = folder / f"{seed}.db", folder / f"{seed}.copy"
    desk = make_desk(emulator, database)
    desk.settings = desk.settings.model_copy(update={"room_poll_seconds": 5})
    history = History(desk, Random(seed))  # noqa: S311 - drawn again from its seed
    actions = history.random.randrange(5, 21)
    first = history.random.randrange(1, actions)
    with desk.open() as slotwright:
        history.acts(slotwright, first)
        with closing(sqlite3.connect(database)) as now, closing(sqlite3.connect(copy)) as kept:
            now.backup(kept)
        emulator.clock.advance(EARLIER_SECONDS)
        history.acts(slotwright, actions - first)
        newest = {each.booking_id for each in slotwright.store.bookings()}
    emulator.clock.advance(60)
    for part in folder.glob(f"{seed}.db-*"):
        part.unlink()
    copy.replace(database)
    tally.counted("actions", actions)
    with desk.open() as slotwright:
        forgotten = newest - {each.booking_id for each in slotwright.store.bookings()}
        tally.counted("bookings forgotten", len(forgotten))
        return judged(desk, slotwright, tally)


def lost(make_desk: Any, folder: Path, seed: int, tally: Tally) -> list[str]:
    """One history whose database is gone."""
    emulator = Emulator(small_tenant(), clock=Clock(START))
    desk = make_desk(emulator, folder / f"{seed}.db")
    desk.settings = desk.settings.model_copy(update={"room_poll_seconds": 5})
    history = History(desk, Random(seed))  # noqa: S311 - drawn again from its seed
    actions = history.random.randrange(5, 21)
    with desk.open() as slotwright:
        history.acts(slotwright, actions)
    emulator.clock.advance(60)
    desk.settings = desk.settings.model_copy(update={"database": folder / f"{seed}.new.db"})
    tally.counted("actions", actions)
    with desk.open() as slotwright:
        before = meetings(desk)
        wrong = judged(desk, slotwright, tally)
        kinds = [each.kind for each in examined(slotwright).findings]
    if kinds != [Kind.UNKNOWN] * len(before) or meetings(desk) != before:
        wrong.append(f"of {len(before)} events {len(kinds)} were listed")
    return wrong


@pytest.mark.experiment("R-18", "a database of ten minutes ago put back")
@pytest.mark.parametrize("histories", SIZES)
def test_a_restored_database(desk: Any, tmp_path: Path, tally: Tally, histories: int) -> None:
    """Each event of ours is listed or stands as its booking says, and nothing goes that a dry run had not named."""
    for seed in range(histories):
        tally.tried()
        tally.violated(*restored(type(desk), tmp_path, seed, tally))
    assert [] == tally.violations


@pytest.mark.experiment("R-18", "the database lost")
@pytest.mark.parametrize("histories", SIZES)
def test_a_lost_database(desk: Any, tmp_path: Path, tally: Tally, histories: int) -> None:
    """Each event of ours is listed as one that nobody knows, and stays."""
    for seed in range(histories):
        tally.tried()
        tally.violated(*lost(type(desk), tmp_path, seed, tally))
    assert [] == tally.violations


@pytest.mark.experiment("R-18", "a reader that stops half way", control=True)
@pytest.mark.campaign
def test_half_of_the_calendars_unread(
    desk: Any, tmp_path: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that silently gives half of what there is leaves events unexplained."""
    whole = Graph.all_marked
    monkeypatch.setattr(
        Graph, "all_marked", lambda self, *asked: whole(self, *asked)[: len(whole(self, *asked)) // 2]
    )
    tally.tried()
    tally.violated(*lost(type(desk), tmp_path, 1, tally))
    assert [] != tally.violations
