"""R-01: many processes want the same people and rooms at once; the ledger lets exactly one have each minute.

Two things protect a claim: what is locked before looking, and what the database refuses by itself. Each is enough
alone, and without both the same load double-books.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from scheduler.store import ledger, sqlite
from scheduler.store.store import Store

# Newer Pythons warn of forking beside threads; the children here only call our code and die.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
    pytest.mark.parametrize(
        "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.campaign)], indirect=True
    ),
]
Race = Callable[..., Any]
Sql = Callable[[str], list[Any]]


def widen(_: Store) -> None:
    """Leave two milliseconds between looking and writing."""
    look = ledger.look

    def slowly(*arguments: Any) -> Any:
        seen = look(*arguments)
        time.sleep(0.002)
        return seen

    ledger.look = slowly  # only in the forked child, which never returns


def without_locks(store: Store) -> None:
    """Nothing is locked before looking; on SQLite every statement is a transaction of its own."""
    widen(store)
    ledger.lock_resources = lambda *_: None
    if isinstance(store.database, sqlite.SqliteFile):
        event.remove(store.database.engine, "begin", sqlite._begin)


def drop_the_constraint(database: Path | str, sql: Sql) -> None:
    """The database takes any claim."""
    Store(database, clock=lambda: 0).close()
    if isinstance(database, Path):
        sql("DROP TRIGGER claims_never_overlap_on_INSERT")
        sql("DROP TRIGGER claims_never_overlap_on_UPDATE")
    else:
        sql("ALTER TABLE claims DROP CONSTRAINT claims_never_overlap")


def counted(account: Any, tally: Any) -> Any:
    """The account, which the table of the experiment shows too."""
    tally.tried(account.attempts)
    tally.counted("booked", len(account.acknowledged))
    tally.violated(*(name for name, times in account.faults.items() for _ in range(times)))
    return account


@pytest.mark.experiment("R-01", "contended claims")
def test_no_minute_is_given_twice(race: Race, tally: Any) -> None:
    """Every booking that was acknowledged has both its claims, every one that was refused has none."""
    account = counted(race(8, 25), tally)
    assert {} == account.faults
    assert 50 < len(account.acknowledged) < account.attempts - 20


@pytest.mark.campaign
@pytest.mark.experiment("R-01", "contended claims, by locks alone")
def test_the_locks_are_enough(race: Race, database: Path | str, sql: Sql, tally: Any) -> None:
    """Without the constraint nothing overlaps either."""
    drop_the_constraint(database, sql)
    account = counted(race(8, 25, unprotect=widen), tally)
    assert {} == account.faults


@pytest.mark.campaign
@pytest.mark.experiment("R-01", "contended claims, by the constraint alone")
def test_the_constraint_is_enough(race: Race, tally: Any) -> None:
    """Without the locks nothing overlaps either, though SQLite leaves half of a booking behind."""
    account = race(8, 15, unprotect=without_locks)
    tally.tried(account.attempts)
    assert (0, 0) == (account.overlaps, account.lost)


@pytest.mark.experiment("R-01", "neither locks nor constraint", control=True)
def test_without_both_the_harness_sees_doubles(
    race: Race, database: Path | str, sql: Sql, tally: Any
) -> None:
    """The negative control: the same code under the same load double-books."""
    drop_the_constraint(database, sql)
    assert counted(race(8, 25, unprotect=without_locks), tally).overlaps > 0


@pytest.mark.campaign
@pytest.mark.experiment("R-01", "contended claims")
@pytest.mark.parametrize("processes", [8, 50])
def test_four_thousand_contended_claims(
    race: Race, database: Path | str, sql: Sql, processes: int, tally: Any
) -> None:
    """4,000 attempts by 8 and by 50 processes, without a deadlock; two idle cores need less than ten seconds.

    The limit is on processor time, so that whatever else runs does not change what the test says.
    """
    engine = "sqlite" if isinstance(database, Path) else "postgresql"
    account = counted(race(processes, 4000 // processes), tally)
    tally.noted(account.line(f"{engine}, {processes} processes"))
    assert {} == account.faults
    if engine == "postgresql":
        assert [(0,)] == sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert account.cpu < 2 * 10
