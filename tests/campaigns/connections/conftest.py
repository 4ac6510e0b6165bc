"""A server with few connections, and many clients at once in several processes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine.default import DefaultDialect

from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.errors import StoreError
from scheduler.store.failures import OutcomeUnknown, TakenOver
from scheduler.store.ledger import Taken
from scheduler.store.store import Store
from solvers.timeline import Span

CONNECTIONS = 20
PROCESSES, THREADS = 6, 10
SECONDS_BETWEEN_CUTS = 0.2
DEADLINE = 75
"""Seconds within which every call has ended: half a minute of tries, the last of which waits for a lock as long."""
SECONDS_TO_START = 60
SLEEPY = "&options=-c%20idle_in_transaction_session_timeout%3D300ms"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Newer Pythons warn of forking beside threads; the children here only call our code and die."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"))


@pytest.fixture(scope="module")
def narrow(postgres: Any) -> Iterator[Any]:
    """A server of its own that takes 20 connections."""
    with tempfile.TemporaryDirectory(prefix="slotwright-pg-") as name:
        folder = Path(name)
        server = type(postgres)(postgres._programs, folder)
        with_parent = ["setpriv", "--pdeathsig", "INT"] if sys.platform == "linux" else []
        options = ["-k", name, "-h", "", "-c", f"max_connections={CONNECTIONS}"]
        with (folder / "log").open("ab") as log:
            server._process = subprocess.Popen(
                [
                    *server._as,
                    *with_parent,
                    str(postgres._programs / "postgres"),
                    "-D",
                    folder / "data",
                    *options,
                ],
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                server.sql("SELECT 1")
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.05)
        yield server
        server.stop(at_once=True)


@dataclass
class Client:
    """What one process with its threads was told, and what it noticed.

    Args:
        acknowledged: ids of bookings whose reservation was answered with success; `seen`: whose change was.
        unknown: ids of bookings of which nobody could say whether they were written.
        counts: how often everything else happened.
        slowest: seconds of the longest call.
        out: connections that are still lent when everything has ended.
        back: seconds until the first call after that was answered.
    """

    acknowledged: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    out: int = 0
    back: float = 0.0


def wish(name: str, chance: random.Random) -> Booking:
    """An hour of two weeks, with one of thirty people and one of ten rooms."""
    start = chance.randrange(0, 14 * 1440, 15)
    person, room = f"p{chance.randrange(30)}@x.example", f"r{chance.randrange(10)}@x.example"
    interview = Interview(
        f"s-{name}", Span(start, start + 60), "UTC", "rita@x.example", "Interview", "", (), (person,)
    )
    return Booking(f"b-{name}", interview, room=RoomChoice(room, room))


def work(store: Store, name: str, client: Client, until: float) -> None:
    """Reserve and change bookings, one after the other."""
    chance = random.Random(name)  # noqa: S311 - a seeded load
    number = 0
    while time.monotonic() < until:
        number += 1
        asked, begun = wish(f"{name}-{number}", chance), time.monotonic()
        try:
            store.reserve(asked)
            client.acknowledged.append(asked.booking_id)
            with store.working_on(asked.booking_id) as mine:
                if mine:
                    store.save(replace(asked, reason="seen"))
                    client.seen.append(asked.booking_id)
        except Taken:
            client.counts["taken"] += 1
        except TakenOver:
            client.counts["taken over"] += 1
        except OutcomeUnknown:
            client.unknown.append(asked.booking_id)
        except StoreError:
            client.counts["refused"] += 1
        client.slowest = max(client.slowest, time.monotonic() - begun)


def opened(url: str) -> Store:
    """A store; whoever comes while the server is full is told so at once, and comes again."""
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            return Store(url, clock=lambda: 0)
        except StoreError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def be_clients(url: str, number: int, seconds: float, unprotect: Callable[[Store], None]) -> Client:
    """Run the threads of one process."""
    client, commit = Client(), DefaultDialect.do_commit
    store = opened(url)
    unprotect(store)
    chance = random.Random(number)  # noqa: S311 - a seeded load

    def fall_asleep(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO claims") and chance.random() < 0.02:
            client.counts["fell asleep"] += 1
            time.sleep(0.6)

    def commit_and_count(dialect: DefaultDialect, connection: Any) -> None:
        try:
            commit(dialect, connection)
        except Exception:
            client.counts["broken commits"] += 1
            raise

    event.listen(store.database.engine, "before_cursor_execute", fall_asleep)
    DefaultDialect.do_commit = commit_and_count  # type: ignore[method-assign]  # only in a child, which never returns
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=work, args=(store, f"{number}-{each}", client, until), daemon=True)
        for each in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until + DEADLINE - time.monotonic()))
    client.counts["hung"] = sum(thread.is_alive() for thread in threads)
    begun = time.monotonic()
    store.booking("b-0")
    client.back = time.monotonic() - begun
    database: Any = store.database
    client.out = database._engine.pool.checkedout() + database._sessions.pool.checkedout()
    store.close()
    return client


@dataclass(frozen=True)
class Storm:
    """What a storm came to.

    Args:
        cuts: how many sessions were ended.
        clients: one for each process.
        wrong: everything that must not be.
    """

    cuts: int
    clients: tuple[Client, ...]
    wrong: tuple[str, ...]

    def total(self, of: Callable[[Client], int]) -> int:
        """Over all processes."""
        return sum(map(of, self.clients))


@pytest.fixture
def storm(narrow: Any, tmp_path: Path) -> Iterator[Callable[..., Storm]]:
    """Let sixty clients book for some seconds while somebody ends a session every 200 ms, and look afterwards."""
    with narrow.empty_database() as name:

        def run(seconds: float, *, unprotect: Callable[[Store], None] = lambda _: None) -> Storm:
            url = narrow.url(name)
            Store(url, clock=lambda: 0).close()
            children = []
            for number in range(PROCESSES):
                child = os.fork()
                if child == 0:
                    code = 1
                    try:
                        client = be_clients(url + SLEEPY, number, seconds, unprotect)
                        (tmp_path / f"{number}.json").write_text(json.dumps(vars(client)))
                        code = 0
                    except BaseException:  # noqa: BLE001 - a forked child must never return into pytest
                        traceback.print_exc()
                    finally:
                        os._exit(code)
                children.append(child)
            cuts = _cut(narrow, name, children)
            codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            assert [0] * PROCESSES == codes
            told = [json.loads((tmp_path / f"{number}.json").read_text()) for number in range(PROCESSES)]
            clients = tuple(Client(**{**each, "counts": Counter(each["counts"])}) for each in told)
            return Storm(cuts, clients, tuple(_wrong(narrow, name, clients)))

        yield run


def _connected(server: Any) -> psycopg.Connection[Any]:
    """A connection for whoever looks on, who has to wait for one like everybody else."""
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            return psycopg.connect(server.url("postgres"), autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _cut(server: Any, name: str, children: list[int]) -> int:
    """End sessions at random until the first process has ended; how many."""
    cuts = 0
    ending = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        " AND backend_type = 'client backend' ORDER BY random() LIMIT 1"
    )
    with _connected(server) as connection:
        while not any(os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) for child in children):
            time.sleep(SECONDS_BETWEEN_CUTS)
            cuts += len(connection.execute(ending, [name]).fetchall())
    return cuts


def _wrong(server: Any, name: str, clients: tuple[Client, ...]) -> Iterator[str]:
    def ids(statement: str) -> set[str]:
        return {row[0] for row in server.sql(statement, name)}

    there, changed = (
        ids("SELECT booking_id FROM bookings"),
        ids("SELECT booking_id FROM audit WHERE reason = 'seen'"),
    )
    acknowledged = {each for client in clients for each in client.acknowledged}
    seen = {each for client in clients for each in client.seen}
    yield from (f"lost: {each}" for each in sorted(acknowledged - there))
    yield from (f"the change is lost: {each}" for each in sorted(seen - changed))
    whole = "SELECT booking_id FROM claims GROUP BY booking_id HAVING count(*) = 2"
    yield from (f"torn: {each}" for each in sorted(there - ids(whole)))
    twice = "SELECT booking_id FROM audit GROUP BY booking_id, reason HAVING count(*) > 1"
    yield from (f"changed twice: {each}" for each in sorted(ids(twice)))
    doubled = (
        "SELECT one.booking_id FROM claims one JOIN claims other ON one.resource = other.resource"
        " AND one.claim_id < other.claim_id AND one.start_minute < other.end_minute"
        " AND other.start_minute < one.end_minute"
    )
    yield from (f"doubled: {each}" for each in sorted(ids(doubled)))
    yield from (f"{client.out} connections are never given back" for client in clients if client.out)
    yield from (f"hung: {client.counts['hung']}" for client in clients if client.counts["hung"])
    yield from (f"back after {client.back:.0f} s" for client in clients if client.back > 10)
    store = Store(server.url(name), clock=lambda: 0)
    broken = store.verify_audit().broken
    store.close()
    if broken is not None:
        yield f"the audit: {broken.what}"
