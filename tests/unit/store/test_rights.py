"""The right to move a booking on: one living process has it, a dead one never does, and who lost it writes nothing."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.booking.booking import Booking
from scheduler.store.failures import TakenOver
from scheduler.store.store import Store

# Newer Pythons warn of forking beside threads; the children here only call our code and die.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
Make = Callable[..., Booking]
Open = Callable[..., Store]
Sql = Callable[[str], list[Any]]


def lose_every_right(database: Path | str, sql: Sql) -> None:
    """What a holder does not notice: the server ends its session, or somebody tidies the locks away."""
    if isinstance(database, Path):
        shutil.rmtree(database.with_name(f"{database.name}.locks"))
    else:
        sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")


def test_the_right_is_exclusive(store: Store, opened: Open) -> None:
    """Two processes never drive the same booking; the right comes back when it is let go."""
    other = opened()
    with (
        store.working_on("b-1") as mine,
        other.working_on("b-1") as theirs,
        other.working_on("b-2") as unrelated,
    ):
        assert (True, False, True) == (mine, theirs, unrelated)
    with other.working_on("b-1") as afterwards:
        assert afterwards


def test_the_right_is_exclusive_within_a_process(store: Store) -> None:
    """Two threads of one process are kept apart like two processes."""
    with store.working_on("b-1") as mine, store.working_on("b-1") as again:
        assert (True, False) == (mine, again)


def test_a_killed_process_blocks_nobody(store: Store, opened: Open, forked: Callable[..., int]) -> None:
    """However the holder dies, the next one may finish its work at once."""

    def victim() -> None:
        with opened().working_on("b-1") as mine:
            if mine:
                os.kill(os.getpid(), signal.SIGKILL)

    assert signal.SIGKILL == forked(victim)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with store.working_on("b-1") as mine:
            if mine:
                return
    pytest.fail("a dead process still has the right")


def test_who_lost_the_right_writes_nothing(
    store: Store, opened: Open, booking: Make, database: Path | str, sql: Sql
) -> None:
    """A holder whose right went to another without its noticing is stopped at its next write."""
    first, other = store.reserve(booking("b-1", 600)), opened()
    newer = replace(first, reason="by the one who took over")
    with store.working_on("b-1") as mine:
        lose_every_right(database, sql)
        with other.working_on("b-1") as theirs:
            assert (True, True) == (mine, theirs)
            other.save(newer)
            with pytest.raises(TakenOver, match=r"b-1 was taken over .* `slotwright show b-1`"):
                store.save(replace(first, reason="by the one who lost it"))
    assert newer == store.booking("b-1")


def test_who_lost_the_right_and_got_it_again_may_write(
    store: Store, booking: Make, database: Path | str, sql: Sql
) -> None:
    """Losing a right is no lasting mark."""
    first = store.reserve(booking("b-1", 600))
    with store.working_on("b-1"):
        lose_every_right(database, sql)
    with store.working_on("b-1") as mine:
        store.save(replace(first, reason="again"))
    assert (True, "again") == (mine, store.bookings()[0].reason)
