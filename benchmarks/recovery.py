"""How long it takes to finish 1,000 bookings that processes left open when they died.

Each process stopped at one of seven points, before or after a commit, a call to Graph behind it or not; half of the
rooms are written directly, half are invited and answer after a second. Then one look of `slotwright watch` finishes
all of them. Microsoft's side is the emulator, a process of its own behind HTTPS on this machine, so that a call costs
what encoding, TLS and the emulator cost, and no more.

    python benchmarks/recovery.py [--bookings 1000] [--database sqlite | URL] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common import as_line, machine
from pydantic import SecretStr

from scheduler.app.drive import BookingRules, Driver
from scheduler.app.watch import Watch
from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.booking.events import Guest, GuestKind
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import State
from scheduler.settings import Settings
from scheduler.store.ledger import Claim
from scheduler.store.store import Store
from scheduler.wiring import Slotwright, open_slotwright
from solvers import Span

SEED = 20260302
START = datetime(2026, 3, 2, 6, tzinfo=UTC)  # a Monday
FIRST = int(START.timestamp()) // 60 + 26 * 60  # the day after, 08:00Z
HOURS, DAY = 8, 1440
DOMAIN = "many.example"
RECRUITER, OWNER = f"rita@{DOMAIN}", f"scheduling@{DOMAIN}"
PLACES = 20
ROOMS = [f"room.{'open' if number % 2 else 'walled'}.{number}@{DOMAIN}" for number in range(PLACES)]
PEOPLE = [f"interviewer.{number}@{DOMAIN}" for number in range(PLACES)]
PACKAGES = ("httpx", "sqlalchemy", "pydantic")
SECRET = "many-secret"  # noqa: S105 - opens an emulated tenant only


class Died(Exception):  # noqa: N818 - named like the fact it states
    """Stands for the end of a process."""


@dataclass(frozen=True)
class Death:
    """Where a process stopped: when the booking was in, or about to be written down as in, this state."""

    state: State
    noted: bool

    @property
    def words(self) -> str:
        """As the table calls it."""
        return f"{'' if self.noted else 'not yet '}{self.state.value}"


DEATHS = (
    Death(State.CLAIMED, noted=True),
    Death(State.INVITING, noted=True),
    Death(State.INVITED, noted=False),
    Death(State.INVITED, noted=True),
    Death(State.RESERVING, noted=True),
    Death(State.PROVING, noted=False),
    Death(State.PROVING, noted=True),
)


class MortalStore:
    """A store whose process dies around one save; everything else is the store's."""

    def __init__(self, store: Store, death: Death) -> None:
        self._store = store
        self._death = death

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def save(self, booking: Booking, *, hold: Sequence[Claim] | None = None) -> None:
        """Write it down, unless the process dies before that."""
        dying = booking.state is self._death.state
        if not dying or self._death.noted:
            self._store.save(booking, hold=hold)
        if dying:
            raise Died


def tenant() -> dict[str, Any]:
    """One recruiter, twenty interviewers and twenty rooms, of which the app may write every second one."""
    rooms = [{"address": each, "name": each.partition("@")[0], "capacity": 4} for each in ROOMS]
    people = [RECRUITER, OWNER, *PEOPLE]
    return {
        "id": "5a11a11e-0000-4000-8000-000000000002",
        "domain": DOMAIN,
        "clock": START.isoformat(),
        "apps": [
            {
                "client_id": "5a11a11e-0000-4000-8000-0000000000cc",
                "secret": SECRET,
                "grants": [
                    {"role": "Place.Read.All"},
                    {"role": "Calendars.Read"},
                    {"role": "Calendars.ReadWrite", "over": [RECRUITER, OWNER, *ROOMS[1::2]]},
                ],
            }
        ],
        "people": [{"address": each, "time_zone": "UTC"} for each in people],
        "rooms": [each | {"attendant": {"delay_seconds": 1}} for each in rooms],
        "options": {"delivery_seconds": 1},
    }


def asked(number: int) -> Booking:
    """An hour that collides with no other: twenty of them begin at the same time."""
    hour, place = divmod(number, PLACES)
    day, hour = divmod(hour, HOURS)
    start = FIRST + day * DAY + hour * 60
    person, room = PEOPLE[place], ROOMS[place]
    guests = (
        Guest(person, "", GuestKind.REQUIRED),
        Guest(f"candidate.{number}@elsewhere.example", "", GuestKind.REQUIRED),
    )
    interview = Interview(
        f"s-{number}", Span(start, start + 60), "UTC", RECRUITER, "Interview", "An hour.", guests, (person,)
    )
    return Booking(f"b-{number}", interview, room=RoomChoice(room, room))


def leave_open(slotwright: Slotwright, bookings: int, *, clock: Callable[[], int]) -> Counter[str]:
    """Reserve so many, and let as many processes die with them, as often at each of DEATHS; how many at which."""
    deaths = [DEATHS[number % len(DEATHS)] for number in range(bookings)]
    random.Random(SEED).shuffle(deaths)
    rules = BookingRules(scheduling_user=slotwright.settings.scheduling_user)
    for number, death in enumerate(deaths):
        booking = slotwright.store.reserve(asked(number))
        if booking.state is not death.state:
            mortal: Any = MortalStore(slotwright.store, death)
            driver = Driver(slotwright.graph, mortal, rules, clock=clock, pause=time.sleep, tell=str)
            try:
                driver.drive(booking, wait=True)
            except Died:
                continue
            raise AssertionError(f"{booking.booking_id} did not stop at {death.words}")
    return Counter(death.words for death in deaths)


@dataclass(frozen=True)
class Recovery:
    """What one recovery took.

    Args:
        seconds: of wall time; `cpu`: of processor time, the emulator's not counted.
        calls: of Graph, by operation.
        states: of the bookings afterwards.
    """

    seconds: float
    cpu: float
    calls: Counter[str]
    states: Counter[str]


def recover(
    slotwright: Slotwright, *, clock: Callable[[], int], calls: Callable[[], Counter[str]]
) -> Recovery:
    """One look of a watch that begins now."""
    watch = Watch(slotwright.graph, slotwright.store, slotwright.driver, RepairRules(), clock)
    before, begun, used = calls(), time.perf_counter(), time.process_time()
    noticed = watch.look(wait=True)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    failed = [each.text for each in noticed if each.failed]
    assert not failed, failed[0]
    states = Counter(booking.state.value for booking in slotwright.store.bookings())
    return Recovery(seconds, cpu, calls() - before, states)


@contextmanager
def emulator() -> Iterator[dict[str, str]]:
    """The emulator as a process of its own; what it says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        described = Path(folder) / "tenant.json"
        described.write_text(json.dumps(tenant()))
        command = [sys.executable, "-m", "scheduler.cli.main", "emulator", "--tenant", str(described)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield json.loads(process.stdout.readline())
            finally:
                process.terminate()


def journal(connection: dict[str, str]) -> Counter[str]:
    """The calls of Graph so far, by operation."""
    url = connection["graph_url"].removesuffix("/v1.0") + "/emulator/journal"
    trusting = ssl.create_default_context(cafile=connection["ca_file"])
    with urllib.request.urlopen(url, context=trusting) as answer:  # noqa: S310 - the emulator's own address
        seen = json.load(answer)["requests"]
    return Counter(each["operation"] for each in seen if each["operation"] not in {"token", "discovery"})


def measure(bookings: int, database: str) -> dict[str, Any]:
    """Leave so many open, recover them, print a table; the row for machines."""
    with emulator() as connection, tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "recovery.db" if database == "sqlite" else SecretStr(database)
        settings = Settings(**connection, organizer=RECRUITER, scheduling_user=OWNER, database=where)
        origin = int(START.timestamp()) - time.monotonic()

        def clock() -> int:
            return int(origin + time.monotonic())

        with open_slotwright(settings, clock=clock) as slotwright:
            left = leave_open(slotwright, bookings, clock=clock)
        with open_slotwright(settings, clock=clock) as slotwright:
            done = recover(slotwright, clock=clock, calls=lambda: journal(connection))
    engine = "SQLite" if database == "sqlite" else "PostgreSQL"
    print(f"\n{engine}: {bookings:,} bookings left {', '.join(f'{name} {n}' for name, n in left.items())}")
    print(f"  {'wall time':<24}{done.seconds:>8.1f} s")
    print(f"  {'processor time':<24}{done.cpu:>8.1f} s, the emulator's not counted")
    print(f"  {'calls of Graph':<24}{done.calls.total() / bookings:>8.2f} a booking")
    for name, times in done.calls.most_common():
        print(f"    {name:<22}{times / bookings:>8.2f}")
    print(f"  afterwards: {', '.join(f'{name} {n}' for name, n in done.states.items())}")
    return {
        "engine": engine,
        "bookings": bookings,
        "seconds": done.seconds,
        "cpu": done.cpu,
        "calls": dict(done.calls),
        "states": dict(done.states),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure on each database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bookings", type=int, default=1000, help="how many are left open")
    parser.add_argument(
        "--database", nargs="+", default=["sqlite"], help="sqlite, or the URL of an empty database"
    )
    parser.add_argument("--json", type=Path, help="also write the rows and the machine to this file")
    options = parser.parse_args(arguments)
    before = machine(PACKAGES)
    print(as_line(before))
    rows = [measure(options.bookings, database) for database in options.database]
    print(f"\nload before {before['load']}, after {machine(PACKAGES)['load']}")
    if options.json:
        facts = {"machine": before, "seed": SEED}
        options.json.write_text(json.dumps(facts | {"rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
