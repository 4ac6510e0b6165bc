"""Every test here that asks for a database or a store runs on both engines, unless it says on which."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.booking.events import Guest, GuestKind
from scheduler.store.store import Store
from solvers.timeline import Span

ANA, ROOM = "ana@x.example", "room@x.example"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever concerns a database concerns both kinds; PostgreSQL, which takes longer, by campaigns."""
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "database" in metafunc.fixturenames and "database" not in chosen:
        server = pytest.param("postgresql", marks=pytest.mark.campaign)
        metafunc.parametrize("database", ["sqlite", server], indirect=True)


@pytest.fixture
def opened(database: Path | str) -> Iterator[Callable[..., Store]]:
    """Open the database as one more process would; `at` is what its clock shows."""
    with ExitStack() as stack:

        def another(at: int = 1000) -> Store:
            store = Store(database, clock=lambda: at)
            stack.callback(store.close)
            return store

        yield another


@pytest.fixture
def store(opened: Callable[..., Store]) -> Store:
    """An empty store whose clock stands at 1000."""
    return opened()


@pytest.fixture
def booking() -> Callable[..., Booking]:
    """Make an hour's interview."""

    def make(
        booking_id: str, start: int, people: tuple[str, ...] = (ANA,), room: str | None = ROOM
    ) -> Booking:
        guests = tuple(Guest(person, "", GuestKind.REQUIRED) for person in people)
        interview = Interview(
            f"s-{booking_id}",
            Span(start, start + 60),
            "UTC",
            "rita@x.example",
            "Interview",
            "",
            guests,
            people,
        )
        return Booking(booking_id, interview, room=None if room is None else RoomChoice(room, room))

    return make


@pytest.fixture
def forked() -> Callable[..., int]:
    """Run something in forked children at once; 0 when all came through, else the signal that ended one, or -1."""

    def run(work: Callable[[], Any], *, times: int = 1) -> int:
        children = []
        for _ in range(times):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    work()
                    code = 0
                finally:
                    os._exit(code)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        return -min(codes) if min(codes) < 0 else -max(codes)

    return run
