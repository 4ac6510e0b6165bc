"""Many processes want the same people and rooms at once; the ledger lets exactly one have each minute."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.store.ledger import Taken
from scheduler.store.store import Store
from solvers.timeline import Span

# Newer Pythons warn of forking beside threads; the children here only call our code and die.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

PROCESSES, ATTEMPTS = 8, 25
PEOPLE = [f"p{index}@x.example" for index in range(4)]
ROOMS = [f"r{index}@x.example" for index in range(2)]


def wish(number: int, attempt: int) -> Booking:
    """An hour or less on a quarter of two days, with one of few people and rooms."""
    chance = random.Random(number * 1000 + attempt)  # noqa: S311 - a seeded load
    start = chance.randrange(0, 2 * 1440, 15)
    span = Span(start, start + chance.choice([45, 60]))
    person, room = chance.choice(PEOPLE), chance.choice(ROOMS)
    interview = Interview(
        f"s-{number}-{attempt}", span, "UTC", "rita@x.example", "Interview", "", (), (person,)
    )
    return Booking(f"b-{number}-{attempt}", interview, room=RoomChoice(room, room))


def in_processes(work: Callable[[int], None]) -> None:
    """Run the work in forked processes that start together, and expect each to end well."""
    begin = time.monotonic() + 0.3
    children = []
    for number in range(PROCESSES):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                time.sleep(max(0.0, begin - time.monotonic()))
                work(number)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [0] * PROCESSES == [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def overlaps(path: Path) -> list[str]:
    """Resources that two claims hold at once."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT resource, start_minute, end_minute FROM claims ORDER BY resource, start_minute, end_minute"
        ).fetchall()
    connection.close()
    return [one[0] for one, other in pairwise(rows) if one[0] == other[0] and other[1] < one[2]]


def test_no_minute_is_given_twice(tmp_path: Path) -> None:
    """Every booking that was taken has both its claims, every one that was refused has none."""
    path = tmp_path / "race.db"
    Store(path, clock=lambda: 0).close()

    def work(number: int) -> None:
        store = Store(path, clock=lambda: 0)
        for attempt in range(ATTEMPTS):
            try:
                store.reserve(wish(number, attempt))
            except Taken:
                continue
        store.close()

    in_processes(work)
    with sqlite3.connect(path) as connection:
        torn = connection.execute(
            "SELECT booking_id, count(*) FROM claims GROUP BY booking_id HAVING count(*) != 2"
        ).fetchall()
        taken = connection.execute("SELECT count(*) FROM bookings").fetchone()[0]
    connection.close()
    assert ([], []) == (overlaps(path), torn)
    assert 20 < taken < PROCESSES * ATTEMPTS


def test_without_the_ledger_the_harness_sees_doubles(tmp_path: Path) -> None:
    """The negative control: looking and inserting in two steps does double-book under the same load."""
    path = tmp_path / "naive.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE claims (resource TEXT, start_minute INTEGER, end_minute INTEGER)")
    connection.close()

    def work(number: int) -> None:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        for attempt in range(ATTEMPTS):
            asked = wish(number, attempt)
            room, span = ROOMS[0], asked.interview.span
            taken = connection.execute(
                "SELECT 1 FROM claims WHERE resource = ? AND start_minute < ? AND end_minute > ?",
                (room, span.end, span.start),
            ).fetchone()
            time.sleep(0.002)
            if taken is None:
                connection.execute("INSERT INTO claims VALUES (?, ?, ?)", (room, span.start, span.end))
        connection.close()

    in_processes(work)
    assert overlaps(path)
