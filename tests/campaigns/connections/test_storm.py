"""R-12: three clients for each connection that the server has, and sessions that end in the middle of everything."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from scheduler.store.store import Store

Run = Callable[..., Any]


@pytest.mark.experiment("R-12", "60 clients, 20 connections, a session ended every 200 ms")
@pytest.mark.parametrize(
    "seconds",
    [pytest.param(12, marks=pytest.mark.campaign), pytest.param(300, marks=pytest.mark.nightly)],
)
def test_a_storm_of_lost_connections(storm: Run, tally: Any, seconds: int) -> None:
    """What was acknowledged is there once and whole, no call hangs, and every connection is given back."""
    after = storm(seconds)
    acknowledged = after.total(lambda client: len(client.acknowledged))
    tally.tried(acknowledged)
    tally.violated(*after.wrong)
    tally.counted("sessions ended", after.cuts)
    tally.counted("unknown", after.total(lambda client: len(client.unknown)))
    tally.counted("changes", after.total(lambda client: len(client.seen)))
    for name in ("taken", "taken over", "refused", "fell asleep", "broken commits"):
        tally.counted(name, after.total(lambda client, name=name: client.counts[name]))
    tally.counted("slowest call in seconds", round(max(client.slowest for client in after.clients)))
    assert [] == tally.violations
    assert acknowledged > 5 * seconds
    assert after.cuts > seconds


@pytest.mark.campaign
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_many_rights_take_one_connection(database: str, sql: Callable[[str], list[Any]]) -> None:
    """A process with many rights has them all in one session, lends it to nobody, and gives it back at the end."""
    store, other = Store(database, clock=lambda: 0), Store(database, clock=lambda: 0)
    with ExitStack() as stack:
        for number in range(30):
            assert stack.enter_context(store.working_on(f"b-{number}"))
        assert [(30, 1)] == sql(
            "SELECT count(*), count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
        with store.working_on("b-7") as again, other.working_on("b-7") as theirs:
            assert (False, False) == (again, theirs)
    assert [(0,)] == sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    with other.working_on("b-7") as theirs:
        assert theirs
    store.close()
    other.close()


def each_statement_for_itself(store: Store) -> None:
    """Nothing holds the statements of a reservation together."""
    database: Any = store.database
    database._engine = database._engine.execution_options(isolation_level="AUTOCOMMIT")


@pytest.mark.campaign
@pytest.mark.experiment("R-12", "the same without transactions", control=True)
def test_without_transactions_bookings_are_torn(storm: Run, tally: Any) -> None:
    """Whoever loses the connection between two statements leaves half of a booking behind."""
    torn: list[str] = []
    for _ in range(5):
        # How many sessions end between two statements is a matter of luck.
        after = storm(8, unprotect=each_statement_for_itself)
        tally.tried(after.total(lambda client: len(client.acknowledged)))
        torn = [each for each in after.wrong if each.startswith("torn")]
        if torn:
            break
    tally.violated(*torn)
    assert torn
