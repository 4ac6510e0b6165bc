"""Processes that die: one plays Microsoft's side and looks on, another one works and kills itself at a chosen point.

A trial is forked from a test that has made everything ready, so that it begins with exactly that and costs little. Its
process holds the emulated tenant and copies the database; the victim is forked from it in turn, reaches the tenant
through a pipe only, and is ended by SIGKILL, so that nothing of it survives but its database and the calendars. The
points are counted in what the victim calls, not in the product: before its first call to Graph, and after every such
call and every commit that changed something. Campaigns on SQLite also count the moments before each, although between
the end of one and the beginning of the next nothing leaves the process.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import shutil
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr
from sqlalchemy import Connection as Session
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from scheduler.app.bookings import bring_up_to_date
from scheduler.booking.booking import Booking
from scheduler.booking.loop import stands, unsettled
from scheduler.booking.states import ENDED, State
from scheduler.testing.invariants import invariants
from scheduler.wiring import Slotwright, open_slotwright
from scheduler.zones import parse_utc
from solvers.timeline import Span

Work = Callable[[Slotwright], object]
Database = Path | SecretStr
SECONDS_TO_END = 10


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Newer Pythons warn of forking beside threads; the children here only call our code and die."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"))


class Points:
    """Counts the points of a victim and kills it at one of them.

    Args:
        fatal: the number of the point at which the process ends, from 1.
        both_sides: whether the moments before calls and commits are points too.
    """

    def __init__(self, fatal: int, *, both_sides: bool) -> None:
        self._fatal = fatal
        self._both_sides = both_sides
        self._passed = 0
        self._lock = threading.Lock()

    def before(self) -> None:
        """Something is about to leave the process."""
        if self._both_sides or self._passed == 0:
            self.after()

    def after(self) -> None:
        """One more point; the process ends here if it is the fatal one."""
        with self._lock:
            self._passed += 1
            if self._passed == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    def around_commits(self) -> None:
        """Count both sides of every commit of this process that changed a row."""
        commit, points = DefaultDialect.do_commit, self

        def begun(session: Session) -> None:
            session.info["wrote"] = False

        def executed(session: Session, cursor: Any, _: object, __: object, context: Any, ___: object) -> None:
            if (context.isinsert or context.isupdate or context.isdelete) and cursor.rowcount:
                session.info["wrote"] = True

        def counted(dialect: DefaultDialect, connection: Any) -> None:
            wrote = connection.info.get("wrote", False)
            if wrote:
                points.before()
            commit(dialect, connection)
            if wrote:
                points.after()

        # Only in a child, which never returns.
        event.listen(Engine, "begin", begun)
        event.listen(Engine, "after_cursor_execute", executed)
        DefaultDialect.do_commit = counted  # type: ignore[method-assign]


class Wire:
    """The victim's end of the pipe to the tenant."""

    def __init__(self, connection: Connection, points: Points) -> None:
        self._connection = connection
        self._points = points
        self._lock = threading.Lock()

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """The tenant as an application."""
        counts = environ["PATH_INFO"].startswith("/v1.0/")
        if counts:
            self._points.before()
        plain = {key: value for key, value in environ.items() if isinstance(value, str | int | tuple)}
        body = environ["wsgi.input"].read()
        with self._lock:
            self._connection.send((plain, body))
            status, headers, content = self._connection.recv()
        if counts:
            self._points.after()
        start_response(status, headers)
        return [content]

    def advance(self, seconds: float) -> None:
        """Let the tenant's time pass."""
        with self._lock:
            self._connection.send(seconds)
            self._connection.recv()


class Trial:
    """What a process finds that plays Microsoft's side: a desk of its own, and victims that it lets die."""

    def __init__(self, desk: Any, database: Database, *, both_sides: bool) -> None:
        self.desk = desk
        self._both_sides = both_sides
        desk.settings = desk.settings.model_copy(update={"database": database})

    def dies(self, work: Work, point: int) -> bool:
        """Let a victim do the work and kill itself at that point; False when it ended before."""
        ours, theirs = Pipe()
        child = os.fork()
        if child == 0:
            ours.close()
            _be_victim(self.desk, work, theirs, Points(point, both_sides=self._both_sides))
        theirs.close()
        self._serve(ours)
        _, status = os.waitpid(child, 0)
        _await_end_of_sessions(self.desk.settings.database)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return True
        assert status == 0, "the victim failed by itself"
        return False

    def _serve(self, victim: Connection) -> None:
        emulator = self.desk.emulator
        while True:
            try:
                asked = victim.recv()
            except (EOFError, ConnectionResetError):
                return
            if isinstance(asked, float | int):
                emulator.clock.advance(asked)
                answer: Any = None
            else:
                answer = _answered(emulator, *asked)
            try:
                victim.send(answer)
            except (BrokenPipeError, ConnectionResetError):
                return

    def recover(self, slotwright: Slotwright) -> list[Booking]:
        """What `slotwright show` does."""
        return [
            bring_up_to_date(booking, slotwright.store, slotwright.driver, wait=True)
            for booking in slotwright.store.bookings()
        ]

    def recovered(self) -> tuple[list[Booking], list[str]]:
        """What a process that lives makes of it: the bookings, and what is wrong with all of it."""
        return self.after(self.recover)

    def after(self, work: Callable[[Slotwright], list[Booking]]) -> tuple[list[Booking], list[str]]:
        """The bookings after this work, and what is wrong with ledger, calendars and mail; nothing is the promise."""
        with self.desk.open() as slotwright:
            bookings = work(slotwright)
            self.desk.emulator.clock.advance(300)
            found = [text for booking in bookings for text in _unfinished(booking)]
            broken = invariants(slotwright.store, self.desk.emulator)
        found += [f"{each.invariant}: {each.what}" for each in broken]
        found += _events_wrong(self.desk, bookings)
        return bookings, [*found, *_mail_wrong(self.desk, bookings), *_torn(bookings)]


def _answered(emulator: Any, plain: dict[str, Any], body: bytes) -> tuple[Any, Any, bytes]:
    heads: list[Any] = []
    environ = {**plain, "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr}
    content = b"".join(emulator.wsgi(environ, lambda *head: heads.extend(head[:2])))
    return heads[0], heads[1], content


def _be_victim(desk: Any, work: Work, wire: Connection, points: Points) -> None:
    try:
        reached = Wire(wire, points)
        clock = desk.emulator.clock

        def pause(seconds: float) -> None:
            passing = max(seconds, 0.001)
            clock.advance(passing)
            reached.advance(passing)

        with open_slotwright(
            desk.settings,
            wsgi_app=reached.wsgi,
            clock=lambda: int(clock.now().timestamp()),
            monotonic=lambda: clock.now().timestamp(),
            pause=pause,
            new_id=lambda: f"b-{os.getpid()}",
        ) as slotwright:
            points.around_commits()
            work(slotwright)
    except BaseException:  # noqa: BLE001 - a forked child must never return into pytest
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _unfinished(booking: Booking) -> Iterator[str]:
    if booking.state not in {State.CONFIRMED, *ENDED} or booking.before is not None:
        yield f"{booking.booking_id} is {booking.state.value}: {booking.reason}"


def _events_wrong(desk: Any, bookings: list[Booking]) -> Iterator[str]:
    """Each mailbox, of guests and rooms too, shows each living interview once, at its time, and nothing else."""
    expected: Counter[tuple[str, Span]] = Counter()
    for booking in bookings:
        if booking.state in ENDED:
            continue
        interview, written = booking.interview, (booking.invitation, booking.reservation)
        mailboxes = {each.calendar.mailbox for each in written if each is not None}
        mailboxes |= {guest.address for guest in interview.guests}
        mailboxes |= {booking.room.address} if booking.room is not None else set()
        expected.update((mailbox, interview.span) for mailbox in mailboxes)
    shown: Counter[tuple[str, Span]] = Counter()
    for address, mailbox in desk.emulator.snapshot()["mailboxes"].items():
        for shows in (each for calendar in mailbox["calendars"] for each in calendar["events"]):
            if not shows["isCancelled"] and shows["subject"] != "Somebody else":
                start, end = (parse_utc(f"{shows[key]['dateTime'][:16]}Z") for key in ("start", "end"))
                shown[address, Span(start, end)] += 1
    if shown != expected:
        yield f"events: {shown - expected} too many, {expected - shown} missing"


def _mail_wrong(desk: Any, bookings: list[Booking]) -> Iterator[str]:
    """Nobody got two messages of what was asked once; rooms are not counted, they answer each one."""
    interviews = Counter(guest.address for booking in bookings for guest in booking.interview.guests)
    sent = Counter(
        mail.recipient
        for mail in desk.emulator.journal.mail
        if mail.kind in {"invitation", "update", "cancellation"} and not mail.recipient.startswith("room.")
    )
    for recipient, times in sent.items():
        if times > max(1, interviews[recipient]):
            yield f"{recipient} got {times} messages"


def _torn(bookings: list[Booking]) -> Iterator[str]:
    """Of a loop that is booked as one, all sessions stand or none does, and nothing is left to do with it."""
    loops: dict[tuple[str, ...], list[Booking]] = {}
    for booking in bookings:
        if booking.place is not None:
            loops.setdefault(booking.place.members, []).append(booking)
    for members, found in loops.items():
        standing = sum(stands(booking) for booking in found)
        if len(found) != len(members) or standing not in (0, len(members)):
            yield f"torn: {[(booking.booking_id, booking.state.value) for booking in found]} of {members}"
        if any(unsettled(booking) for booking in found):
            yield f"unsettled: {members}"


@contextmanager
def _reported(pipe: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:  # noqa: BLE001 - a forked child must never return into pytest
        pipe.send_bytes(pickle.dumps((False, traceback.format_exc())))
        os._exit(1)


def _await_end_of_sessions(database: Database) -> None:
    """Wait until the server has noticed that a process died; until then it holds what that process held."""
    if isinstance(database, Path):
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    with psycopg.connect(database.get_secret_value(), autocommit=True) as connection:
        deadline = time.monotonic() + SECONDS_TO_END
        while connection.execute(others).fetchone() != (0,):
            assert time.monotonic() < deadline, "the sessions of a dead process do not end"
            time.sleep(0.002)


@pytest.fixture
def copies(
    request: pytest.FixtureRequest, desk: Any
) -> Iterator[Callable[[], AbstractContextManager[Database]]]:
    """Makes databases that begin as the desk's is at that moment."""
    template = desk.settings.database
    numbers = count(1)
    if isinstance(template, SecretStr):
        server = request.getfixturevalue("postgres")
        name = conninfo_to_dict(template.get_secret_value())["dbname"]

        @contextmanager
        def on_the_server() -> Iterator[Database]:
            copy = f"{name}_trial_{next(numbers)}"
            server.sql(f"CREATE DATABASE {copy} TEMPLATE {name}")
            yield SecretStr(server.url(copy))
            server.sql(f"DROP DATABASE {copy} WITH (FORCE)")

        yield on_the_server
        return
    # In memory where there is such a place: a killed process loses nothing that it gave to the system.
    memory = Path("/dev/shm")  # noqa: S108 - the folder made in it is this user's alone
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:

        @contextmanager
        def in_a_folder() -> Iterator[Database]:
            home = Path(folder) / str(next(numbers))
            home.mkdir()
            if template.exists():
                shutil.copy(template, home / "trial.db")
            yield home / "trial.db"
            shutil.rmtree(home)

        yield in_a_folder


@pytest.fixture
def on_trial(
    request: pytest.FixtureRequest, desk: Any, copies: Callable[[], AbstractContextManager[Database]]
) -> Callable[[Callable[[Trial], Any]], Any]:
    """Runs a function in a process of its own that begins with the desk as it is now; returns what it returns."""
    in_file = isinstance(desk.settings.database, Path)
    both_sides = in_file and request.node.get_closest_marker("campaign") is not None

    def run(look_on: Callable[[Trial], Any]) -> Any:
        with copies() as database:
            ours, theirs = Pipe(duplex=False)
            gc.freeze()  # a child that collects what it got from its parent would copy all of it
            child = os.fork()
            if child == 0:
                with _reported(theirs):
                    result = look_on(Trial(desk, database, both_sides=both_sides))
                    theirs.send_bytes(pickle.dumps((True, result)))
                os._exit(0)
            gc.unfreeze()
            theirs.close()
            done, result = pickle.loads(ours.recv_bytes())  # noqa: S301 - our own child wrote it
            os.waitpid(child, 0)
        assert done, result
        return result

    return run
