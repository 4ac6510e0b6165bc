"""A cell of the fault matrix: work meets a fault, the fault is mended, and all is looked at, in a process of its own.

A trial is forked from a test that has made everything ready, so that it begins with exactly that; its process has its
own copy of the emulated tenant and of the database.
"""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import count
from multiprocessing import Pipe
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from scheduler.app.attention import attention
from scheduler.app.bookings import bring_up_to_date
from scheduler.app.watch import Watch
from scheduler.booking.booking import Booking
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import ENDED, RESTING, State
from scheduler.emulator.faults import Fault
from scheduler.errors import SlotwrightError, WorldError
from scheduler.testing.invariants import Told, invariants
from scheduler.wiring import Slotwright

Work = Callable[[Slotwright], Booking]
SECONDS_A_DAY = 86_400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Newer Pythons warn of forking beside threads; the children here only call our code and end."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"))


@dataclass
class Outcome:
    """What a cell came to."""

    hits: int = 0
    error: str = ""
    ends: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0


def watch_of(desk: Any, slotwright: Slotwright) -> Watch:
    """A watch that begins now."""
    clock = desk.emulator.clock
    return Watch(
        slotwright.graph,
        slotwright.store,
        slotwright.driver,
        RepairRules(),
        lambda: int(clock.now().timestamp()),
    )


class Cell:
    """Work that meets a fault, and everything that is asked of it afterwards.

    Args:
        reached: whether a booking is as the work wants it.
    """

    def __init__(self, desk: Any, fault: Fault, reached: Callable[[Booking], bool]) -> None:
        self._desk = desk
        self._fault = fault
        self._reached = reached
        self._outcome = Outcome()
        self._told: list[str] = []

    def run(self, work: Work) -> Outcome:
        """Do the work under the fault, mend it, let everything recover, and look."""
        emulator, outcome = self._desk.emulator, self._outcome
        began = emulator.clock.now()
        with self._desk.open() as slotwright:
            emulator.faults.add(self._fault)
            self._ask(work, slotwright)
            outcome.requests = len(emulator.journal.requests)
            outcome.seconds = (emulator.clock.now() - began).total_seconds()
            if self._fault.times is None:
                self._under_fault(slotwright)
            emulator.faults.clear()
            if not self._fault.code.startswith("AADSTS"):
                self._recover(slotwright)
                self._look(slotwright)
        if self._fault.code.startswith("AADSTS"):
            # MSAL believes a refusal for a minute of the machine's own time, so that another process goes on.
            with self._desk.open() as slotwright:
                self._recover(slotwright)
                self._look(slotwright)
        outcome.hits = len(self._hit())
        outcome.wrong += self._too_early()
        return outcome

    def _ask(self, work: Work, slotwright: Slotwright) -> None:
        try:
            booking = work(slotwright)
        except SlotwrightError as error:
            self._outcome.error = type(error).__name__
        else:
            if booking.state is State.CONFIRMED:
                self._told.append(booking.booking_id)

    def _under_fault(self, slotwright: Slotwright) -> None:
        """The fault stays for eight minutes: people are told, and Graph is not stormed."""
        watch, clock = watch_of(self._desk, slotwright), self._desk.emulator.clock
        before = len(self._desk.emulator.journal.requests)
        for _ in range(8):
            watch.look()
            clock.advance(60)
        now = int(clock.now().timestamp())
        asked = len(self._desk.emulator.journal.requests) - before
        if asked > 8 * 40:
            self._outcome.wrong.append(f"storm: {asked} requests in eight minutes")
        flagged = {item.booking for item in attention(slotwright.store, now=now)}
        self._outcome.wrong += [
            f"{each.invariant} meanwhile: {each.what}"
            for each in invariants(slotwright.store, self._desk.emulator, flagged=flagged)
            if each.invariant in {"I1", "I6", "I7", "I8", "I9"}
        ]

    def _recover(self, slotwright: Slotwright) -> None:
        """`slotwright show` and a watch, as long as there is something to do; a day passes where Graph wanted that."""
        watch, clock = watch_of(self._desk, slotwright), self._desk.emulator.clock
        for pause in (0, 60, 120, 120, 1500, SECONDS_A_DAY, 60):
            clock.advance(pause)
            at_rest = all(self._shown(slotwright))
            watch.look(wait=True)
            if at_rest and not any(booking.doubts for booking in slotwright.store.bookings()):
                break
        for booking in slotwright.store.bookings():
            if booking.state not in RESTING or (booking.before and booking.state is not State.PENDING):
                self._outcome.wrong.append(f"unfinished: {booking.state.value}: {booking.reason}")
            if booking.doubts:
                self._outcome.wrong.append("unfinished: something may still appear")

    def _look(self, slotwright: Slotwright) -> None:
        emulator = self._desk.emulator
        emulator.clock.advance(1800)  # whatever comes late has come by then
        self._outcome.ends = [self._end(booking) for booking in slotwright.store.bookings()]
        broken = invariants(slotwright.store, emulator, told=Told(booked=self._told))
        self._outcome.wrong += [f"{each.invariant}: {each.what}" for each in broken]

    def _shown(self, slotwright: Slotwright) -> Iterator[bool]:
        for booking in slotwright.store.bookings():
            try:
                after = bring_up_to_date(booking, slotwright.store, slotwright.driver, wait=True)
            except WorldError:
                yield False
            else:
                yield after.state in RESTING

    def _end(self, booking: Booking) -> str:
        if self._reached(booking):
            return "done"
        if booking.state in ENDED:
            return "undone"
        return "kept" if (State.CONFIRMED, 1) == (booking.state, booking.revision) else booking.state.value

    def _hit(self) -> list[Any]:
        fault = self._fault
        return [
            seen
            for seen in self._desk.emulator.journal.requests
            if seen.operation == fault.operation
            and (not fault.mailbox or seen.mailbox == fault.mailbox)
            and seen.status in ({0} if fault.kind.startswith("drop") else {fault.status, 200, 201, 202, 204})
        ]

    def _too_early(self) -> Iterator[str]:
        """Calls to a mailbox before it allowed them."""
        wait = self._fault.retry_after
        requests = self._desk.emulator.journal.requests
        for number, seen in enumerate(requests):
            if seen.status != self._fault.status or seen.operation != self._fault.operation or wait is None:
                continue
            opens = (
                parsedate_to_datetime(wait) if isinstance(wait, str) else seen.at + timedelta(seconds=wait)
            )
            later = next((each for each in requests[number + 1 :] if each.mailbox == seen.mailbox), None)
            if later is not None and later.at < opens:
                yield f"early: {later.operation} {(opens - later.at).total_seconds()} s before it was allowed"


@pytest.fixture
def apart(desk: Any) -> Iterator[Callable[[Callable[[Any], Any]], Any]]:
    """Runs a function with the desk as it is now, in a process of its own; returns what it returns."""
    template: Path = desk.settings.database
    numbers = count(1)
    # In memory where there is such a place: nothing here has to survive the machine.
    memory = Path("/dev/shm")  # noqa: S108 - the folder made in it is this user's alone
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:

        def run(trial: Callable[[Any], Any]) -> Any:
            home = Path(folder) / str(next(numbers))
            home.mkdir()
            ours, theirs = Pipe(duplex=False)
            gc.freeze()  # a child that collects what it got from its parent would copy all of it
            child = os.fork()
            if child == 0:
                try:
                    shutil.copy(template, home / "trial.db")
                    desk.settings = desk.settings.model_copy(update={"database": home / "trial.db"})
                    said = True, trial(desk)
                except BaseException:  # noqa: BLE001 - a forked child must never return into pytest
                    said = False, traceback.format_exc()
                theirs.send_bytes(pickle.dumps(said))
                os._exit(0)
            theirs.close()
            fine, result = pickle.loads(ours.recv_bytes())  # noqa: S301 - from our own child
            os.waitpid(child, 0)
            shutil.rmtree(home)
            assert fine, result
            return result

        yield run


class Cells:
    """Runs cells that begin with the desk as it is now."""

    def __init__(self, desk: Any, apart: Callable[[Callable[[Any], Any]], Any]) -> None:
        self.desk = desk
        self._apart = apart

    def calls(self, work: Work) -> list[tuple[str, str]]:
        """The calls that the work makes without faults, by operation and mailbox."""

        def trial(desk: Any) -> list[tuple[str, str]]:
            with desk.open() as slotwright:
                work(slotwright)
            return [(seen.operation, seen.mailbox) for seen in desk.emulator.journal.requests]

        return list(dict.fromkeys(self._apart(trial)))

    def run(self, work: Work, fault: Fault, reached: Callable[[Booking], bool]) -> Outcome:
        """What comes of the work that meets the fault."""
        outcome: Outcome = self._apart(lambda desk: Cell(desk, fault, reached).run(work))
        return outcome


@pytest.fixture
def cells(desk: Any, apart: Callable[[Callable[[Any], Any]], Any]) -> Cells:
    """Cells of this test's desk."""
    return Cells(desk, apart)
