"""A storm of refusals over an emulated tenant, with several processes that book and sweep, on a clock that runs fast.

The clock of the emulator and of all clients runs `SPEED` times as fast as real time, so that processes, threads and
sockets are the real ones and five minutes of pauses pass in seconds. What happened is counted in front of the
emulator, by the mailbox in each address, inside batches too.
"""

from __future__ import annotations

import io
import json
import math
import os
import pickle
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.bookings import bring_up_to_date
from scheduler.app.drive import BookingRules, Driver
from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.booking.events import Guest, GuestKind
from scheduler.booking.states import State
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.faults import Fault
from scheduler.emulator.server import serve
from scheduler.emulator.tenant import Tenant
from scheduler.graph import Graph, Limits, connect
from scheduler.graph.errors import Throttled, Unavailable
from scheduler.graph.transport import Transport
from scheduler.store.store import Store
from solvers.timeline import Span

SPEED = 40.0
START = datetime(2026, 3, 2, 6, tzinfo=UTC)
FIRST = int(START.timestamp()) // 60 + 26 * 60
DOMAIN = "storm.example"
PLACES, RECRUITERS, THREADS = 50, 5, 6
ROOMS = [f"room.{number}@{DOMAIN}" for number in range(PLACES)]
PEOPLE = [f"person.{number}@{DOMAIN}" for number in range(PLACES)]
WHO_INVITES = [f"rita.{number}@{DOMAIN}" for number in range(RECRUITERS)]
WINDOW = Span(FIRST, FIRST + 14 * 1440)
REQUEST_SECONDS = 0.02
"""How long each request takes in real time, so that they overlap."""
GRACE_SECONDS = 0.1
"""Real seconds from an answer's arrival at a busy process until all processes go by it; requests that were sent until
then have crossed it."""
PROBE_SECONDS = 30
GIVES_UP_AFTER = 400
"""Real seconds within which a storm has to be over."""
PAUSES: dict[str, int | float | None] = {
    "getSchedule": 12,
    "getDefaultCalendar": None,
    "createEvent": 10.5,
    "calendarView": 15,
    "getEvent": 0,
    "updateEvent": 10,
}
"""What each operation asks for in Retry-After when it is refused, in seconds; None is that it does not say."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Newer Pythons warn of forking beside threads; the children here only call our code and end."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"))


@dataclass(frozen=True)
class Pace:
    """Time that runs fast, the same in every process of this machine."""

    began: float

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    def system(self) -> float:
        return START.timestamp() + (time.monotonic() - self.began) * SPEED

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / SPEED)


class FastClock(Clock):
    """The emulator's clock at that pace."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(START, running=True)
        self._pace = pace

    def now(self) -> datetime:
        return START + timedelta(seconds=self._pace.system() - START.timestamp())


@dataclass(frozen=True)
class Seen:
    """One call: when it was sent and answered in real seconds, by whom about what, and how it was answered."""

    sent: float
    went: float
    mailbox: str
    sender: str
    status: int
    pause: float


class Watcher:
    """Stands in front of the emulator and counts."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._lock = threading.Lock()
        self._here: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.calls: list[Seen] = []
        self.requests = 0

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as the emulator does."""
        path = environ["PATH_INFO"]
        if not path.startswith("/v1.0/"):
            return self._emulator.wsgi(environ, start_response)
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(content)
        told: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told[:] = [int(status[:3]), dict(headers)]
            return start_response(status, headers, *rest)

        inside = json.loads(content)["requests"] if path.endswith("/$batch") else []
        paths = [item["url"].partition("?")[0] for item in inside] or [path.removeprefix("/v1.0")]
        mailboxes = [_mailbox(each) for each in paths]
        sender, _, sent = environ["HTTP_CLIENT_REQUEST_ID"].partition(" ")
        with self._lock:
            self.requests += 1
            self._here.update(mailboxes)
            for mailbox in mailboxes:
                self.most[mailbox] = max(self.most[mailbox], self._here[mailbox])
        try:
            body = b"".join(self._emulator.wsgi(environ, start))
        finally:
            with self._lock:
                self._here.subtract(mailboxes)
        went = time.monotonic()
        if inside:
            by_id = {each["id"]: each for each in json.loads(body)["responses"]}
            answers = [(by_id[each["id"]]["status"], by_id[each["id"]]["headers"]) for each in inside]
        else:
            answers = [(told[0], told[1])]
        with self._lock:
            for mailbox, (status, headers) in zip(mailboxes, answers, strict=True):
                pause = float(headers.get("Retry-After", 0)) if status == 429 else 0.0
                self.calls.append(Seen(float(sent), went, mailbox, sender, status, pause))
        return [body]


def _mailbox(path: str) -> str:
    parts = path.split("/")
    return parts[2].replace("%40", "@").casefold() if parts[1] == "users" else ""


def tenant() -> Tenant:
    """Five who invite, fifty who are invited, fifty rooms that the app may write, and Microsoft's limits."""
    everybody = [*WHO_INVITES, *PEOPLE]
    return Tenant.model_validate(
        {
            "id": "5a11a11e-0000-4000-8000-000000000006",
            "domain": DOMAIN,
            "clock": START,
            "apps": [
                {
                    "client_id": "app",
                    "secret": "storm-secret",
                    "grants": [{"role": "Place.Read.All"}, {"role": "Calendars.ReadWrite"}],
                }
            ],
            "people": [{"address": address} for address in everybody],
            "rooms": [{"address": address, "name": address, "capacity": 4} for address in ROOMS],
            "options": {
                "delivery_seconds": 1,
                "concurrent_requests": 4,
                "requests_per_ten_minutes": 10_000,
                "requests_per_ten_seconds": 130_000,
            },
        }
    )


def asked(number: int, recruiters: int) -> Booking:
    """An hour that collides with no other."""
    hour, place = divmod(number, PLACES)
    start = FIRST + hour // 8 * 1440 + hour % 8 * 60
    organizer = WHO_INVITES[number % recruiters]
    interview = Interview(
        f"s-{number}",
        Span(start, start + 60),
        "UTC",
        organizer,
        "Interview",
        "An hour.",
        (Guest(PEOPLE[place], "", GuestKind.REQUIRED),),
        (PEOPLE[place],),
    )
    return Booking(f"b-{number}", interview, room=RoomChoice(ROOMS[place], ROOMS[place]))


@dataclass(frozen=True)
class Plan:
    """What a storm is: how much there is to do by how many processes, how often is refused, and for how long.

    Args:
        refused: how likely a call is refused while it lasts.
        minutes: how long it lasts on the fast clock.
        recruiters: how many mailboxes all invitations go out of.
        shared: whether the processes know of each other's calls.
    """

    bookings: int
    sweeps: int
    refused: float
    minutes: float = 5
    web: int = 4
    batch: int = 2
    recruiters: int = RECRUITERS
    shared: bool = True


@dataclass
class Outcome:
    """What a storm came to, times in seconds of the fast clock.

    Args:
        after: how long it took from the end of the storm until all was done.
        early: requests that were sent before a pause was over that their process knew of.
        crossed: requests that were on their way when another was refused.
        requests: calls for bookings, of which `in_storm` were answered while it lasted, and `served` of these well.
        probes: the most requests of one mailbox in half a minute of it, when it had lasted a minute.
    """

    seconds: float = 0
    after: float = 0
    most: int = 0
    early: int = 0
    crossed: int = 0
    refused: int = 0
    requests: int = 0
    sweep_requests: int = 0
    in_storm: int = 0
    served: int = 0
    probes: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def graph_of(connection: dict[str, str], pace: Pace, lanes: Path | None, sender: str) -> Iterator[Graph]:
    """The client of one process."""
    with connect(
        graph_url=connection["graph_url"],
        authority=connection["authority"],
        tenant_id=connection["tenant_id"],
        client_id=connection["client_id"],
        client_secret=connection["client_secret"],
        ca_file=Path(connection["ca_file"]),
        lanes=lanes,
        # Time-outs of sockets are in real seconds; only this one is on the clock that is given.
        limits=Limits(total_seconds=60 * SPEED),
        monotonic=pace.monotonic,
        system=pace.system,
        sleep=pace.sleep,
        # Every request says who sent it when, on a clock that all processes read alike.
        new_id=lambda: f"{sender} {time.monotonic()!r}",
    ) as graph:
        yield graph


def book_all(graph: Graph, pace: Pace, database: Path, bookings: Iterable[Booking]) -> list[str]:
    """Book these until each booking has ended somewhere; their states."""
    store = Store(database, clock=lambda: int(pace.system()), who="storm")
    rules = BookingRules(scheduling_user=WHO_INVITES[0])
    driver = Driver(graph, store, rules, clock=lambda: int(pace.system()), pause=pace.sleep, tell=str)

    def one(wanted: Booking) -> str:
        (booking,) = store.reserve_together([wanted])
        while booking.state is not State.CONFIRMED:
            try:
                booking = bring_up_to_date(booking, store, driver, wait=True)
            except (Throttled, Unavailable):
                pace.sleep(15)
        return booking.state.value

    try:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, bookings))
    finally:
        store.close()


def sweep_all(graph: Graph, pace: Pace, mailboxes: Iterable[str]) -> list[str]:
    """Read the free/busy of everybody for each of these, in the background, until all of it came."""
    behind = graph.in_background()

    def one(mailbox: str) -> str:
        while True:
            try:
                found = behind.read_schedules([*PEOPLE, *ROOMS], WINDOW, as_mailbox=mailbox)
            except (Throttled, Unavailable):
                pace.sleep(15)
                continue
            assert len(found) == 2 * PLACES
            assert not any(each.problem for each in found)
            return "swept"

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, mailboxes))


class Crew:
    """Processes that were forked before anything else began, and wait to be told where the emulator is."""

    def __init__(self, plan: Plan, folder: Path, pace: Pace) -> None:
        works: list[tuple[Callable[..., list[str]], range]] = [
            *((_books, range(number, plan.bookings, plan.web)) for number in range(plan.web)),
            *((_sweeps, range(number, plan.sweeps, plan.batch)) for number in range(plan.batch)),
        ]
        self._members: list[tuple[int, Any]] = []
        self.learned: dict[float, float] = {}
        for work, numbers in works:
            ours, theirs = Pipe()
            pid = os.fork()
            if pid == 0:
                ours.close()
                status = 1
                try:
                    connection = theirs.recv()
                    learned = _noting_answers()
                    theirs.send((work(connection, pace, folder, plan, numbers), learned))
                    status = 0
                except BaseException:  # noqa: BLE001 - the parent has to hear of it, whatever it is
                    theirs.send(traceback.format_exc())
                finally:
                    os._exit(status)
            theirs.close()
            self._members.append((pid, ours))

    def go(self, connection: dict[str, str]) -> None:
        """Let them begin."""
        for _, pipe in self._members:
            pipe.send(connection)

    def join(self, outcome: Outcome, until: float) -> None:
        """Take what they did."""
        for pid, pipe in self._members:
            if pipe.poll(max(0.0, until - time.monotonic())):
                try:
                    said = pipe.recv()
                except (EOFError, pickle.UnpicklingError):
                    said = "a process ended without a word"
            else:
                os.kill(pid, 9)
                said = "a process did not end in time"
            os.waitpid(pid, 0)
            if isinstance(said, str):
                outcome.wrong.append(said)
            else:
                ended, learned = said
                outcome.ended.update(ended)
                self.learned.update(learned)


def _noting_answers() -> dict[float, float]:
    """When the answers come in at this process, by when what they answer was sent."""
    learned: dict[float, float] = {}
    exchange = Transport.exchange

    def noting(self: Transport, *args: Any, headers: Any = None, **rest: Any) -> Any:
        answer = exchange(self, *args, headers=headers, **rest)
        sender, _, sent = (headers or {}).get("client-request-id", "").partition(" ")
        if sender in {"web", "batch"}:  # MSAL has ids of its own
            learned[float(sent)] = time.monotonic()
        return answer

    Transport.exchange = noting  # type: ignore[method-assign]
    return learned


def _books(
    connection: dict[str, str], pace: Pace, folder: Path, plan: Plan, numbers: Iterable[int]
) -> list[str]:
    with graph_of(connection, pace, folder / "lanes" if plan.shared else None, "web") as graph:
        return book_all(
            graph, pace, folder / "storm.db", [asked(number, plan.recruiters) for number in numbers]
        )


def _sweeps(
    connection: dict[str, str], pace: Pace, folder: Path, plan: Plan, numbers: Iterable[int]
) -> list[str]:
    with graph_of(connection, pace, folder / "lanes" if plan.shared else None, "batch") as graph:
        return sweep_all(graph, pace, [WHO_INVITES[number % plan.recruiters] for number in numbers])


def storm(plan: Plan) -> Outcome:
    """Let it come, pass, and everything finish."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="slotwright-storm-") as name:
        folder = Path(name)
        pace = Pace(time.monotonic())
        Store(folder / "storm.db", clock=lambda: 0, who="storm").close()
        crew = Crew(plan, folder, pace)
        emulator = Emulator(tenant(), clock=FastClock(pace))
        watcher = Watcher(emulator)
        slow = Fault(kind="delay", delay_seconds=REQUEST_SECONDS, times=None)
        server = serve(emulator)
        server._server.wsgi_app = watcher.wsgi
        with server:
            if plan.refused:
                emulator.faults.add(*(_refusal(each, plan.refused) for each in PAUSES))
            emulator.faults.add(slow)
            began = time.monotonic()
            crew.go(server.connection)
            ended = began
            if plan.refused:
                time.sleep(plan.minutes * 60 / SPEED)
                ended = time.monotonic()
                emulator.faults.clear()
                emulator.faults.add(slow)
            crew.join(outcome, began + GIVES_UP_AFTER)
            done = time.monotonic()
    outcome.seconds, outcome.after = (done - began) * SPEED, (done - ended) * SPEED
    _count(watcher, outcome, crew.learned, ended)
    return outcome


def _refusal(operation: str, chance: float) -> Fault:
    return Fault(
        operation=operation,
        status=429,
        code="ApplicationThrottled",
        message="Application is over its limit.",
        retry_after=PAUSES[operation],
        delay_seconds=REQUEST_SECONDS,
        times=None,
        chance=chance,
    )


def _count(watcher: Watcher, outcome: Outcome, learned: dict[float, float], ended: float) -> None:
    outcome.most = max(watcher.most.values(), default=0)
    outcome.refused = sum(call.status == 429 for call in watcher.calls)
    outcome.sweep_requests = sum(call.sender == "batch" for call in watcher.calls)
    outcome.requests = len(watcher.calls) - outcome.sweep_requests
    during = [call for call in watcher.calls if call.sender == "web" and call.went < ended]
    outcome.in_storm = len(during)
    outcome.served = sum(call.status < 400 for call in during)
    by_mailbox: dict[str, list[Seen]] = {}
    for call in sorted(watcher.calls, key=lambda call: call.sent):
        by_mailbox.setdefault(call.mailbox, []).append(call)
    for calls in by_mailbox.values():
        for refused in (call for call in calls if call.pause):
            known = learned.get(refused.sent, refused.went) + GRACE_SECONDS
            until = refused.went + refused.pause / SPEED
            inside = [call.sent for call in calls if refused.went < call.sent < until]
            outcome.early += sum(sent > known for sent in inside)
            outcome.crossed += sum(sent <= known for sent in inside)
        first = next((call.went for call in calls if call.status == 429), ended)
        windows = Counter(
            math.floor((call.sent - first) * SPEED / PROBE_SECONDS)
            for call in calls
            if first < call.sent < ended
        )
        # Within a minute the mailbox is found to be out of order.
        outcome.probes = max([outcome.probes, *(n for window, n in windows.items() if window >= 2)])


@pytest.fixture(scope="session")
def rage() -> Callable[[Plan], Outcome]:
    """Let a storm come."""
    return storm


@pytest.fixture(scope="session")
def plan() -> type[Plan]:
    """What a storm is."""
    return Plan
