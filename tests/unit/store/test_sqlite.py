"""R-11: a SQLite file that is no database, that may not be written, whose disk is full or that somebody keeps busy."""

from __future__ import annotations

import os
import pwd
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from scheduler.booking.booking import Booking
from scheduler.errors import StoreError
from scheduler.store import sqlite
from scheduler.store.store import Store

# Newer Pythons warn of forking beside threads; the children here only call our code and die.
pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]
Make = Callable[..., Booking]
Sql = Callable[[str], list[Any]]


@pytest.fixture
def pragma(store: Store) -> Iterator[Callable[[str], None]]:
    """Set a pragma on every connection that the store uses from now on."""
    chosen: list[str] = []

    def set_them(connection: sqlite3.Connection, _: object) -> None:
        for each in chosen:
            connection.execute(f"PRAGMA {each}")

    event.listen(store.database.engine, "connect", set_them)

    def choose(text: str) -> None:
        chosen[:] = [text]
        store.database.engine.dispose()

    yield choose
    event.remove(store.database.engine, "connect", set_them)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of a user who is not root."""
    folder = Path(tempfile.mkdtemp(prefix="slotwright-nobody-"))
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def as_somebody(home: Path) -> None:
    """Be a user to whom permissions apply, in a forked child."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)


def long(booking: Booking) -> Booking:
    """The booking with a few pages of text."""
    return replace(booking, interview=replace(booking.interview, text="long " * 4000))


def fill(store: Store, booking: Make) -> tuple[list[Booking], Booking, StoreError]:
    """Reserve until it is refused: what was acknowledged, what was refused, and how."""
    acknowledged: list[Booking] = []
    for number in count():
        asked = long(booking(f"b-{number:04}", 60 * number))
        try:
            acknowledged.append(store.reserve(asked))
        except StoreError as error:
            return acknowledged, asked, error
    raise AssertionError


def test_a_full_disk_loses_nothing_that_was_acknowledged(
    store: Store, booking: Make, pragma: Callable[[str], None], sql: Sql
) -> None:
    """The sentence asks for space; reads go on; nothing is half-written; with space the same call works."""
    pragma("max_page_count=150")
    acknowledged, refused, error = fill(store, booking)
    assert "database or disk is full); nothing was changed, free some space on its disk." in str(error)
    assert (tuple(acknowledged), True) == (store.bookings(), len(acknowledged) > 5)
    assert [] == sql("SELECT booking_id FROM claims GROUP BY booking_id HAVING count(*) <> 2")
    assert [("ok",)] == sql("PRAGMA integrity_check")
    pragma("max_page_count=100000")
    assert (refused, refused) == (store.reserve(refused), store.booking(refused.booking_id))


def test_a_write_that_the_system_refuses_loses_nothing(
    database: Path, booking: Make, forked: Callable[..., int], sql: Sql
) -> None:
    """The operating system itself stops the file from growing, even in the middle of a commit."""

    def work() -> None:
        store = Store(database, clock=lambda: 0)
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, unlimited[1]))
        acknowledged, refused, _ = fill(store, booking)
        there = {each.booking_id for each in store.bookings()}
        assert {each.booking_id for each in acknowledged} <= there <= {refused.booking_id, *there}
        assert acknowledged
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        assert refused == store.reserve(refused)
        store.close()

    assert 0 == forked(work)
    assert [] == sql("SELECT booking_id FROM claims GROUP BY booking_id HAVING count(*) <> 2")
    assert [("ok",)] == sql("PRAGMA integrity_check")


def test_a_file_that_turns_read_only_is_still_read(
    store: Store, booking: Make, pragma: Callable[[str], None]
) -> None:
    """Writes are refused with the remedy and leave nothing, reads go on, and afterwards so do writes."""
    first = store.reserve(booking("b-1", 600))
    pragma("query_only=ON")
    with pytest.raises(
        StoreError, match=r"readonly database\); nothing was changed, let this user write the file"
    ):
        store.reserve(booking("b-2", 900))
    assert (first,) == store.bookings()
    pragma("query_only=OFF")
    assert "b-2" == store.reserve(booking("b-2", 900)).booking_id


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o600, 0o500), (0o000, 0o700)])
def test_permissions_that_are_missing_are_named(
    database: Path, home: Path, forked: Callable[..., int], file_mode: int, folder_mode: int
) -> None:
    """A file or folder that may not be written or read is refused in one sentence, and opens once that is mended."""
    del database

    def work() -> None:
        as_somebody(home)
        path = home / "shared.db"
        Store(path, clock=lambda: 0).close()
        shutil.rmtree(f"{path}.locks")
        path.chmod(file_mode)
        home.chmod(folder_mode)
        with pytest.raises(
            StoreError, match=r"shared\.db cannot be opened \(.*\); (let this user|check the path)"
        ):
            Store(path, clock=lambda: 0)
        home.chmod(0o700)
        path.chmod(0o600)
        Store(path, clock=lambda: 0).close()

    assert 0 == forked(work)


def test_a_file_that_may_only_be_read_is_read(
    database: Path, home: Path, booking: Make, forked: Callable[..., int]
) -> None:
    """Whoever may not write the file sees the bookings, and is refused the rest in one sentence."""
    del database

    def work() -> None:
        as_somebody(home)
        path = home / "shared.db"
        store = Store(path, clock=lambda: 0)
        first = store.reserve(booking("b-1", 600))
        store.close()
        path.chmod(0o400)
        reader = Store(path, clock=lambda: 0)
        assert (first,) == reader.bookings()
        with pytest.raises(
            StoreError, match=r"nothing was changed, let this user write the file and its folder\."
        ):
            reader.reserve(booking("b-2", 900))
        (home / "shared.db.locks").chmod(0o500)
        with (
            pytest.raises(StoreError, match=r"b-1 cannot be locked .*; let this user write"),
            reader.working_on("b-1"),
        ):
            pass
        reader.close()

    assert 0 == forked(work)


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(
    database: Path, booking: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait ends at the limit, here 0.1 s, with a sentence; reads do not wait at all."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    store = Store(database, clock=lambda: 0)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            StoreError, match=r"database is locked\); nothing was changed, another process has been"
        ):
            store.reserve(booking("b-1", 600))
        assert () == store.bookings()
    assert "b-1" == store.reserve(booking("b-1", 600)).booking_id
    store.close()


def test_a_file_that_is_no_database_is_refused(database: Path) -> None:
    """The message names the file, and the file is left alone."""
    database.write_text("not a database, but long enough to look like one " * 30)
    with pytest.raises(
        StoreError, match=r"slotwright\.db cannot be opened \(file is not a database\); check the path"
    ):
        Store(database, clock=lambda: 0)
    assert database.read_text().startswith("not a database")


def test_any_file_name_will_do(database: Path) -> None:
    """A path is a path, not part of a URL, and its folders are made."""
    path = database.parent / "100% ?mode=memory" / "a#b.db"
    Store(path, clock=lambda: 0).close()
    assert path.is_file()
