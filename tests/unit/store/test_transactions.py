"""R-12: connections go in the middle of everything; what was acknowledged is there once, and the next call works."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event

from scheduler.booking.booking import Booking
from scheduler.errors import StoreError
from scheduler.store import ledger, transactions
from scheduler.store.failures import OutcomeUnknown
from scheduler.store.ledger import Claim, Taken
from scheduler.store.store import Store
from solvers.timeline import Span, SpanSet

pytestmark = [pytest.mark.campaign, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]
ANA, BO, ROOM = "ana@x.example", "bo@x.example", "room@x.example"
Make = Callable[..., Booking]
Open = Callable[..., Store]
Sql = Callable[[str], list[Any]]

END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after two tries."""
    monkeypatch.setattr(transactions, "PAUSES", (0.01,))


def whole(store: Store, booking: Booking) -> None:
    """The booking is there once, with its claims and one line for each state."""
    assert (booking,) == store.bookings()
    assert [SpanSet((600, 660))] * 2 == list(store.claimed([ANA, ROOM], Span(0, 10_000)).values())
    assert [booking.state.value] == [entry.state for entry in store.history(booking.booking_id)]


def test_a_connection_that_broke_while_idle_is_not_noticed(store: Store, booking: Make, sql: Sql) -> None:
    """The pool asks before it hands a connection out."""
    sql(END_ALL)
    whole(store, store.reserve(booking("b-1", 600)))


def test_a_connection_that_breaks_before_any_statement_is_made_good(
    store: Store, booking: Make, sql: Sql
) -> None:
    """Whichever statement finds its session gone, nothing was committed and everything is done again, once."""
    for step in count(1):
        passed = count(1)

        def cut(*_: object, step: int = step, passed: Any = passed) -> None:
            if next(passed) == step:
                sql(END_ALL)

        event.listen(store.database.engine, "before_cursor_execute", cut)
        name = f"b-{step}"
        store.reserve(booking(name, 600 * step, (ANA, BO)))
        store.save(replace(booking(name, 600 * step, (ANA, BO)), reason="changed"))
        event.remove(store.database.engine, "before_cursor_execute", cut)
        assert ["", "changed"] == [entry.reason for entry in store.history(name)]
        if next(passed) <= step:
            break
    assert step > 10
    assert [3] * step == [row[0] for row in sql("SELECT count(*) FROM claims GROUP BY booking_id")]


def break_next_commit(store: Store, how: Callable[[], Any], *, landed: bool) -> None:
    """Break the connection around the next commit of a write: with `landed` when the server has just done it."""
    passed = count()

    def around(connection: Connection) -> None:
        if connection.get_execution_options().get("reads") or next(passed):
            return
        if not landed:
            how()
            return
        driver: Any = connection.connection.dbapi_connection
        commit = driver.commit

        def answer_is_lost() -> None:
            commit()
            how()
            driver.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

        driver.commit = answer_is_lost

    event.listen(store.database.engine, "commit", around)


@pytest.mark.parametrize("landed", [True, False])
def test_a_commit_whose_answer_was_lost_is_done_once(
    store: Store, booking: Make, sql: Sql, *, landed: bool
) -> None:
    """Whether it had landed or not, the booking is there once and the caller is told so."""
    break_next_commit(store, lambda: sql(END_ALL), landed=landed)
    whole(store, store.reserve(booking("b-1", 600)))


@pytest.mark.parametrize("landed", [True, False])
def test_a_change_whose_answer_was_lost_is_made_once(
    store: Store, booking: Make, sql: Sql, *, landed: bool
) -> None:
    """New claims, given-up claims and the journal are as after one change."""
    first = store.reserve(booking("b-1", 600))
    later = replace(first, interview=replace(first.interview, span=Span(630, 690)), reason="moved")
    break_next_commit(store, lambda: sql(END_ALL), landed=landed)
    store.save(later, hold=[Claim(ANA, Span(630, 690)), Claim(BO, Span(630, 690))])
    held = store.claimed([ANA, BO, ROOM], Span(0, 10_000))
    assert {ANA: SpanSet((630, 690)), BO: SpanSet((630, 690)), ROOM: SpanSet()} == held
    assert ["", "moved"] == [entry.reason for entry in store.history("b-1")]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("landed", [True, False])
def test_a_commit_that_stays_in_doubt_is_called_unknown(
    store: Store, booking: Make, sql: Sql, postgres: Any, *, landed: bool
) -> None:
    """With the server gone nobody can say; reading back tells, and asking again ends with one booking either way."""
    break_next_commit(store, lambda: postgres.stop(at_once=True), landed=landed)
    with pytest.raises(
        OutcomeUnknown, match=r"whether it was written shows when it is back: check that the server"
    ):
        store.reserve(booking("b-1", 600))
    postgres.start()
    assert landed == (store.booking("b-1") is not None)
    whole(store, store.reserve(booking("b-1", 600)))
    assert [] == sql("SELECT booking_id FROM claims GROUP BY booking_id HAVING count(*) <> 2")


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_gone_is_named_and_comes_back(store: Store, booking: Make, postgres: Any) -> None:
    """While it is away each call ends in one sentence that says nothing was changed; afterwards the store works on."""
    postgres.stop()
    with pytest.raises(
        StoreError, match=r"PostgreSQL database \"test_\d+\" on .* nothing was changed, check that"
    ):
        store.reserve(booking("b-1", 600))
    with pytest.raises(StoreError, match="check that the server runs"):
        store.bookings()
    with pytest.raises(StoreError, match="check that the server runs"), store.working_on("b-1"):
        pass
    postgres.start()
    whole(store, store.reserve(booking("b-1", 600)))


def test_a_restart_is_waited_for(store: Store, booking: Make, postgres: Any) -> None:
    """A server that crashed and starts again costs a wait, not an error."""
    postgres.stop(at_once=True)
    with ThreadPoolExecutor() as elsewhere:
        reserved = elsewhere.submit(store.reserve, booking("b-1", 600))
        time.sleep(0.3)
        postgres.start()
        whole(store, reserved.result())


def test_a_deadlock_is_done_again(store: Store, booking: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the order of locks ever broken, one of the two would wait a second and then be done."""
    lock, turned, both = ledger.lock_resources, threading.local(), threading.Barrier(2, timeout=10)

    def one_by_one(connection: Connection, names: Any) -> None:
        ordered = sorted(names, reverse=getattr(turned, "round", False))
        if hasattr(turned, "round"):
            lock(connection, ordered[:1])
            with suppress(threading.BrokenBarrierError):
                both.wait()
            both.abort()
        lock(connection, ordered)

    store.reserve(booking("b-0", 60, (ANA, BO), None))
    monkeypatch.setattr(ledger, "lock_resources", one_by_one)

    def reserve(name: str, start: int, *, reverse: bool) -> None:
        turned.round = reverse
        store.reserve(booking(name, start, (ANA, BO), None))

    threads = [
        threading.Thread(
            target=reserve, args=(f"b-{reverse}", 600 + 60 * reverse), kwargs={"reverse": reverse}
        )
        for reverse in (False, True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 3 == len(store.bookings())


def test_a_claim_that_only_the_constraint_saw_is_named(store: Store, booking: Make, sql: Sql) -> None:
    """Somebody who writes past our locks loses or wins like everybody else, and the loser is told who holds it."""
    store.reserve(booking("b-0", 60, (BO,), None))
    insert = (
        "INSERT INTO claims (booking_id, resource, start_minute, end_minute) VALUES ('b-0', '{}', 600, 660)"
    )

    def sneak(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO claims"):
            with suppress(Exception):
                sql(insert.format(ANA))

    event.listen(store.database.engine, "before_cursor_execute", sneak)
    with pytest.raises(Taken, match=f"{ANA} is already booked at that time by b-0"):
        store.reserve(booking("b-1", 600))


def test_a_lock_that_is_never_let_go_is_not_waited_for_for_ever(
    database: str, store: Store, booking: Make
) -> None:
    """The wait ends at the limit, here 0.2 s, with a sentence, and nothing is left behind."""
    store.reserve(booking("b-1", 600))
    hurried = Store(f"{database}&options=-c%20lock_timeout%3D200ms", clock=lambda: 0)
    with store.database.engine.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM resources FOR UPDATE")
        with pytest.raises(StoreError, match=r"nothing was changed, another process has been changing it"):
            hurried.reserve(booking("b-2", 900))
    assert "b-2" == hurried.reserve(booking("b-2", 900)).booking_id
    hurried.close()


def test_a_transaction_that_falls_asleep_does_not_keep_its_locks(database: str, booking: Make) -> None:
    """A process that is stopped in the middle loses its session, so the others go on; it does its work again later."""
    sleepy = Store(f"{database}&options=-c%20idle_in_transaction_session_timeout%3D200ms", clock=lambda: 0)
    slept = []

    def sleep(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO claims") and not slept:
            slept.append(statement)
            time.sleep(0.5)

    event.listen(sleepy.database.engine, "before_cursor_execute", sleep)
    whole(sleepy, sleepy.reserve(booking("b-1", 600)))
    assert 1 == len(slept)
    sleepy.close()


@pytest.mark.nightly
def test_a_storm_of_broken_sessions_and_crashes(opened: Open, booking: Make, sql: Sql, postgres: Any) -> None:
    """Sessions end every 100 ms and the server crashes every two seconds, for half a minute; nothing is lost."""
    ending, acknowledged, unknown = threading.Event(), [], []

    def work(number: int, store: Store) -> None:
        for attempt in count():
            if ending.is_set():
                return
            name = f"b-{number}-{attempt}"
            asked = booking(name, 60 * attempt, (f"p{number % 3}@x.example",), f"r{number % 2}@x.example")
            try:
                acknowledged.append(store.reserve(asked).booking_id)
            except Taken:
                continue
            except OutcomeUnknown:
                unknown.append(name)
            except StoreError:
                continue

    workers = [threading.Thread(target=work, args=(number, opened())) for number in range(6)]
    for worker in workers:
        worker.start()
    crashes = cuts = 0
    for tick in range(300):
        time.sleep(0.1)
        if tick % 20 == 19:
            postgres.stop(at_once=True)
            postgres.start()
            crashes += 1
        else:
            sql(END_ALL)
            cuts += 1
    ending.set()
    for worker in workers:
        worker.join()
    there = {row[0] for row in sql("SELECT booking_id FROM bookings")}
    torn = sql("SELECT booking_id FROM claims GROUP BY booking_id HAVING count(*) <> 2")
    doubled = sql(
        "SELECT 1 FROM claims one JOIN claims other ON one.resource = other.resource AND one.claim_id < other.claim_id"
        " AND one.start_minute < other.end_minute AND other.start_minute < one.end_minute"
    )
    lost = set(acknowledged) - there
    phantom = there - set(acknowledged) - set(unknown)
    print(  # noqa: T201 - a campaign shows its table
        f"\n{crashes} crashes, {cuts} times all sessions ended, {len(acknowledged)} acknowledged,"
        f" {len(unknown)} unknown ({len(set(unknown) & there)} landed), lost {len(lost)}, phantom {len(phantom)},"
        f" torn {len(torn)}, doubled {len(doubled)}; bound 3/n = {3 / max(1, len(acknowledged)):.1e}"
    )
    assert (set(), set(), [], []) == (lost, phantom, torn, doubled)
