"""A PostgreSQL database opens for a role of few rights, or one sentence says what is missing, never the password."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from scheduler.booking.booking import Booking
from scheduler.errors import StoreError
from scheduler.store.store import Store
from solvers.timeline import Span, SpanSet

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
PASSWORD = "hunter2-%40"  # decoded: hunter2-@
DECODED = "hunter2-@"
Make = Callable[..., Booking]
Sql = Callable[[str], list[Any]]


@dataclass(frozen=True, slots=True)
class Clerk:
    """A role of few rights, and the database that it may have them in."""

    url: str
    database: str


@pytest.fixture
def clerk(database: str, postgres: Any) -> Iterator[Clerk]:
    """A role that has to give a password and may not create anything."""
    name = database.removeprefix("postgresql:///").partition("?")[0]
    with postgres.clerk(name, DECODED) as url:
        yield Clerk(url.replace(DECODED, PASSWORD), name)


@pytest.fixture
def able(clerk: Clerk, sql: Sql) -> Iterator[Store]:
    """A store of that role, which may create in its database, and no more."""
    sql(f"GRANT CREATE ON DATABASE {clerk.database} TO clerk")
    sql("GRANT CREATE, USAGE ON SCHEMA public TO clerk")
    store = Store(clerk.url, clock=lambda: 0)
    yield store
    store.close()


def refusal(url: str) -> str:
    """How opening it fails; the whole traceback is free of the password."""
    with pytest.raises(StoreError) as raised:
        Store(url, clock=lambda: 0)
    told = "".join(traceback.format_exception(raised.value))
    assert "hunter2" not in told
    return str(raised.value)


def test_a_role_that_may_create_needs_no_administrator(able: Store, booking: Make) -> None:
    """The extension is a trusted one, so the owner of a database is enough."""
    able.reserve(booking("b-1", 600))
    with able.working_on("b-1") as mine:
        assert mine
    assert "hunter2" not in repr(able.database.engine) + able.database.name


def test_a_role_that_may_not_create_tables_is_told_so(clerk: Clerk) -> None:
    """PostgreSQL 15 lets nobody create in the public schema by default."""
    assert "permission denied for schema public); grant the role CREATE on the database" in refusal(clerk.url)


def test_a_role_that_may_not_create_the_extension_is_told_so(clerk: Clerk, sql: Sql) -> None:
    """One sentence names the statement an administrator has to run; once it was run, the database opens."""
    sql("GRANT CREATE, USAGE ON SCHEMA public TO clerk")
    expected = 'permission denied to create extension "btree_gist"); have an administrator install'
    assert expected in refusal(clerk.url)
    sql("CREATE EXTENSION btree_gist")
    Store(clerk.url, clock=lambda: 0).close()


def test_a_wrong_password_is_not_repeated(clerk: Clerk) -> None:
    """Neither the message nor anything in its traceback shows it."""
    assert "password authentication failed" in refusal(clerk.url.replace("hunter2", "hunter2-wrong"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@[/d",
        "postgresql://u:hunter2-%zz@h/d",
        "postgresql://h/d?pasword=hunter2",
        "mysql://u:hunter2@h/d",
    ],
)
def test_a_url_that_is_none_is_not_repeated(database: str, url: str) -> None:
    """Its form is explained instead."""
    del database
    assert "cannot be read; write it as postgresql://user:password@host:port/name" in refusal(url)


def test_a_database_or_server_that_is_not_there_is_named(database: str) -> None:
    """The sentence says what was looked for, and where."""
    name = database.removeprefix("postgresql:///").partition("?")[0]
    assert 'database "nowhere" does not exist' in refusal(database.replace(name, "nowhere"))
    assert 'PostgreSQL database "d" on 127.0.0.1 cannot be opened' in refusal(
        "postgres://u:hunter2@127.0.0.1:1/d"
    )


def test_without_the_driver_its_package_is_named(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is only needed by those who use PostgreSQL."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "scheduler.store.postgres")
    assert "pip install 'slotwright[postgres]'" in refusal(database)


def test_a_database_that_cannot_keep_every_character_is_refused(database: str, sql: Sql) -> None:
    """A name that cannot be stored would fail in the middle of a booking."""
    name = database.removeprefix("postgresql:///").partition("?")[0]
    sql(f"CREATE DATABASE {name}_narrow ENCODING 'LATIN1' TEMPLATE template0")
    try:
        said = refusal(database.replace(name, f"{name}_narrow"))
    finally:
        sql(f"DROP DATABASE {name}_narrow WITH (FORCE)")
    assert "stores text as LATIN1; create it again with ENCODING 'UTF8'" in said


def test_a_database_that_turns_read_only_is_still_read(able: Store, booking: Make, sql: Sql) -> None:
    """R-11: writes are refused with the remedy and leave nothing, reads go on, and afterwards so do writes."""
    first = able.reserve(booking("b-1", 600))
    sql("ALTER ROLE clerk SET default_transaction_read_only = on")
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'")
    with pytest.raises(
        StoreError, match=r"nothing was changed, connect to the primary server, as a role that may"
    ):
        able.reserve(booking("b-2", 900))
    assert ((first,), SpanSet()) == (
        able.bookings(),
        able.claimed(["ana@x.example"], Span(900, 960))["ana@x.example"],
    )
    sql("ALTER ROLE clerk RESET default_transaction_read_only")
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'")
    assert "b-2" == able.reserve(booking("b-2", 900)).booking_id


def test_a_server_without_a_connection_to_spare_says_so_at_once(able: Store, clerk: Clerk, sql: Sql) -> None:
    """R-12: nobody hangs; who is in goes on, who is not is told, and gets in when somebody leaves."""
    sql("ALTER ROLE clerk CONNECTION LIMIT 3")
    able.offer("s-1")
    with ExitStack() as stack:
        for _ in range(2):
            stack.callback(Store(clerk.url, clock=lambda: 0).close)
        begin = time.monotonic()
        assert "has a connection to spare" in refusal(clerk.url)
        assert time.monotonic() - begin < 5
        able.remember_offers({"s-1": "kept"})
    Store(clerk.url, clock=lambda: 0).close()
    assert "kept" == able.offer("s-1")
