"""Many processes on one database, and an account of what they did."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.errors import StoreError
from scheduler.store.ledger import Taken
from scheduler.store.store import Store
from solvers.timeline import Span

PEOPLE = [f"p{index}@x.example" for index in range(8)]
ROOMS = [f"r{index}@x.example" for index in range(4)]

OVERLAPS = """
SELECT one.resource, one.start_minute, other.start_minute FROM claims one JOIN claims other
ON one.resource = other.resource AND one.claim_id < other.claim_id
AND one.start_minute < other.end_minute AND other.start_minute < one.end_minute
"""
TORN = "SELECT booking_id FROM claims GROUP BY booking_id HAVING count(*) <> 2"


def warm_up(seed: int, number: int) -> Booking:
    """An hour that nobody else wants."""
    start = (100 + number) * 1440
    return _asked(f"{seed}-{number}-own", Span(start, start + 60), PEOPLE[0], ROOMS[0])


def wish(seed: int, number: int, attempt: int) -> Booking:
    """An hour or less on a quarter of two days, with one of few people and rooms."""
    chance = random.Random(f"{seed}/{number}/{attempt}")  # noqa: S311 - a seeded load
    start = chance.randrange(0, 2 * 1440, 15)
    span = Span(start, start + chance.choice([45, 60]))
    return _asked(f"{seed}-{number}-{attempt}", span, chance.choice(PEOPLE), chance.choice(ROOMS))


def _asked(name: str, span: Span, person: str, room: str) -> Booking:
    interview = Interview(f"s-{name}", span, "UTC", "rita@x.example", "Interview", "", (), (person,))
    return Booking(f"b-{name}", interview, room=RoomChoice(room, room))


@dataclass(frozen=True, slots=True)
class Account:
    """What a race came to.

    Args:
        seconds: from the common start to the end of the last process.
        cpu: processor seconds of the processes, with opening their stores.
        latencies: seconds of every attempt, sorted.
        acknowledged: ids of bookings whose reservation was answered with success.
        refused: how many attempts found something taken; `failed`: how many ended in a StoreError.
        overlaps: pairs of claims that share a minute of a resource.
        torn: bookings that have another number of claims than two.
        lost: acknowledged bookings that are not there; `phantom`: there, but never acknowledged.
    """

    seconds: float
    cpu: float
    latencies: tuple[float, ...]
    acknowledged: frozenset[str]
    refused: int
    failed: int
    overlaps: int
    torn: int
    lost: int
    phantom: int

    @property
    def faults(self) -> dict[str, int]:
        """Everything that must not happen, and how often it did."""
        names = ("failed", "overlaps", "torn", "lost", "phantom")
        return {name: count for name in names if (count := getattr(self, name))}

    @property
    def attempts(self) -> int:
        """How often somebody tried."""
        return len(self.latencies)

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the attempts stayed under."""
        return 1000 * self.latencies[min(self.attempts - 1, int(share * self.attempts))]

    def line(self, title: str) -> str:
        """The figures of a report."""
        return (
            f"{title}: {len(self.acknowledged)} of {self.attempts} booked in {self.seconds:.1f} s"
            f" ({self.cpu:.1f} s of processors), {self.attempts / self.seconds:.0f}/s,"
            f" p50 {self.percentile(0.5):.0f} ms, p99 {self.percentile(0.99):.0f} ms"
        )


@pytest.fixture
def race(database: Path | str, sql: Callable[[str], list[Any]], tmp_path: Path) -> Callable[..., Account]:
    """Let processes reserve at the same time, each with a store of its own, and count afterwards."""

    def run(
        processes: int, attempts: int, *, seed: int = 1, unprotect: Callable[[Store], None] = lambda _: None
    ) -> Account:
        waiting, start = os.pipe()
        ready, here = os.pipe()

        def work(number: int) -> None:
            os.close(start)
            try:
                store = Store(database, clock=lambda: 0)
                # Connecting and compiling statements is a cost of a process, not of a claim.
                own = store.reserve(warm_up(seed, number)).booking_id
                unprotect(store)
            finally:
                os.write(here, b".")
            os.read(waiting, 1)
            done: dict[str, list[Any]] = {"latencies": [], "acknowledged": [own], "refused": [], "failed": []}
            for attempt in range(attempts):
                asked, begin = wish(seed, number, attempt), time.perf_counter()
                try:
                    done["acknowledged"].append(store.reserve(asked).booking_id)
                except Taken:
                    done["refused"].append(asked.booking_id)
                except StoreError:
                    done["failed"].append(asked.booking_id)
                done["latencies"].append(time.perf_counter() - begin)
            (tmp_path / f"{seed}-{number}.json").write_text(json.dumps(done))
            store.close()

        children = [_fork(work, number) for number in range(processes)]
        for _ in children:
            os.read(ready, 1)
        begin, before = time.perf_counter(), os.times()
        os.close(start)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        seconds, after = time.perf_counter() - begin, os.times()
        for end in (waiting, ready, here):
            os.close(end)
        assert [0] * processes == codes
        done = [json.loads((tmp_path / f"{seed}-{number}.json").read_text()) for number in range(processes)]
        latencies = sorted(value for each in done for value in each["latencies"])
        acknowledged = frozenset(booking for each in done for booking in each["acknowledged"])
        there = {row[0] for row in sql("SELECT booking_id FROM bookings")}
        claimed = {row[0] for row in sql("SELECT DISTINCT booking_id FROM claims")}
        return Account(
            seconds=seconds,
            cpu=after.children_user + after.children_system - before.children_user - before.children_system,
            latencies=tuple(latencies),
            acknowledged=acknowledged,
            refused=sum(len(each["refused"]) for each in done),
            failed=sum(len(each["failed"]) for each in done),
            overlaps=len(sql(OVERLAPS)),
            torn=len(sql(TORN)) + len(there ^ claimed),
            lost=len(acknowledged - there),
            phantom=len(there - acknowledged),
        )

    return run


def _fork(work: Callable[[int], None], number: int) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(number)
            code = 0
        finally:
            os._exit(code)
    return child
