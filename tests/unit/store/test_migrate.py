"""The schema comes up to date from wherever it is, wholly or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event

from scheduler.errors import StoreError
from scheduler.store import database as opening
from scheduler.store.migrate import migrate
from scheduler.store.store import JournalEntry, Store
from scheduler.store.tables import metadata
from solvers.timeline import Span, SpanSet

# Newer Pythons warn of forking beside threads; the children here only call our code and die.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
WRITTEN = Path(__file__).with_name("written_by_0002.sql")
Sql = Callable[[str], list[Any]]
Open = Callable[..., Store]


def test_the_tables_are_what_the_migrations_leave(store: Store) -> None:
    """What the queries are written against is what is there."""

    def ours(_: object, name: str | None, kind: str, __: object, ___: object) -> bool:
        only = metadata.tables[name].info.get("only") if kind == "table" and name in metadata.tables else None
        return only in (None, store.database.engine.dialect.name)

    with store.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert [] == compare_metadata(context, metadata)


def test_a_database_of_an_earlier_version_is_kept(tmp_path: Path) -> None:
    """Everything that revision 0002 wrote is there after the migration, claims and all, and works on."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(WRITTEN.read_text())
    store = Store(path, clock=lambda: 0)
    held = store.claimed(["ana@x.example", "room@x.example"], Span(0, 1000))
    assert [SpanSet((600, 660))] * 2 == list(held.values())
    (booking,) = store.bookings()
    assert ("{}", "[]", "c-1", (JournalEntry(1000, "claimed", ""),)) == (
        store.offer("s-b-1"),
        store.solution("r-1"),
        store.calendar_id("rita@x.example", "Scheduler"),
        store.history("b-1"),
    )
    with store.working_on("b-1") as mine:
        store.save(booking)
    assert mine
    store.close()


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.campaign)], indirect=True
)
@pytest.mark.campaign
def test_a_migration_killed_anywhere_can_be_run_again(
    database: Path | str,
    opened: Open,
    sql: Sql,
    forked: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed before each of its statements in turn, it leaves nothing behind, and the next start makes it whole."""
    tables = (
        "SELECT name FROM sqlite_master"
        if isinstance(database, Path)
        else "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    )

    def victim(step: int) -> Callable[[], None]:
        steps = count(1)

        def passing(*seen: Any) -> None:
            # seen[2] is the SQL of a statement; a commit has none.
            if (len(seen) < 3 or not seen[2].startswith(("SELECT", "PRAGMA"))) and next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        def watched(connection: Connection) -> None:
            event.listen(connection, "before_cursor_execute", passing)
            event.listen(connection.engine, "commit", passing)
            migrate(connection)

        monkeypatch.setattr(opening, "migrate", watched)  # only in the forked child
        return opened

    for step in count(1):
        code = forked(lambda step=step: victim(step)())
        if code != signal.SIGKILL:
            break
        assert [] == sql(tables), f"killed before step {step}"
    assert (0, True) == (code, step > 15)
    assert () == opened().bookings()


def test_many_processes_may_be_the_first(opened: Open, forked: Callable[..., int]) -> None:
    """Processes that open an empty database at the same time wait for the one that makes the tables."""
    assert 0 == forked(opened, times=4)
    assert () == opened().bookings()


def test_a_newer_database_is_left_alone(store: Store, opened: Open, sql: Sql) -> None:
    """What a later version wrote is not touched by this one, and the sentence says what to do."""
    store.close()
    sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(
        StoreError, match=r"written by a newer Slotwright \(revision 9999\); upgrade this one"
    ):
        opened()
    assert [("9999",)] == sql("SELECT version_num FROM alembic_version")


def test_a_database_of_somebody_else_is_left_alone(opened: Open, sql: Sql) -> None:
    """A table of the same name that is not ours stops the migration before anything is kept."""
    sql("CREATE TABLE journal (surprise INTEGER)")
    with pytest.raises(StoreError, match=r"cannot be opened \(.*journal.* already exists\)"):
        opened()
    with pytest.raises(Exception, match="bookings"):
        sql("SELECT 1 FROM bookings")
    sql("DROP TABLE journal")
    assert () == opened().bookings()


def test_opening_again_changes_nothing(store: Store, opened: Open) -> None:
    """An up-to-date database is opened as it is."""
    store.remember_offers({"s-1": "kept"})
    assert "kept" == opened().offer("s-1")
