"""How many round trips it takes to read the free/busy of many mailboxes over two weeks.

One getSchedule takes 20 mailboxes, one batch 20 calls, and one mailbox four calls at a time, counted on the mailbox
through which is asked. So n mailboxes take c = ceil(n / 20) calls, and at least

    ceil(c / min(20, 4 * k)) requests     where k mailboxes may be asked through: with a permission of the app all of
                                          them, with that of a person who signed in their own,
    ceil(c / (4 * k)) waits               one after the other, for requests that do not wait for each other.

Microsoft's side is the emulator in this process, which enforces these limits. Every batch, and every call that goes by
itself, is then held up for the time of a round trip, so that what goes side by side can be told from what waits.

    python benchmarks/many_calendars.py [--mailboxes 1000] [--round-trip-ms 250] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from common import as_line, machine

from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.emulator import IN_PROCESS_AUTHORITY, IN_PROCESS_GRAPH, Clock, Emulator, Tenant
from scheduler.graph import connect
from scheduler.graph.schedules import read_schedules
from solvers import Span

SEED = 20260302
START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
FIRST = int(START.timestamp()) // 60
WINDOW = Span(FIRST, FIRST + 14 * 1440)
DOMAIN = "many.example"
PACKAGES = ("httpx", "pydantic", "werkzeug")
SECRET = "many-secret"  # noqa: S105 - opens an emulated tenant only
ADDRESSES_PER_CALL, CALLS_PER_BATCH, AT_ONCE = 20, 20, 4


@dataclass(frozen=True)
class Floor:
    """The least there can be, by the limits alone."""

    calls: int
    requests: int
    waits: int


@dataclass(frozen=True)
class Result:
    """What one way of asking took.

    Args:
        through: through how many mailboxes was asked.
        calls: getSchedule calls, those inside batches among them.
        requests: HTTP requests to Graph.
        waits: the most of them of which each began after the one before had ended.
        seconds: from the first request to the last answer, most of it the emulator's own work.
        refused: calls that were throttled.
    """

    way: str
    mailboxes: int
    through: int
    calls: int
    requests: int
    waits: int
    seconds: float
    refused: int
    floor: Floor


def floor(mailboxes: int, through: int) -> Floor:
    """The least that the limits allow."""
    calls = math.ceil(mailboxes / ADDRESSES_PER_CALL)
    together = min(CALLS_PER_BATCH, AT_ONCE * through)
    return Floor(calls, math.ceil(calls / together), math.ceil(calls / (AT_ONCE * through)))


def tenant(mailboxes: int, meetings: int = 3) -> Tenant:
    """People with so many meetings of half an hour on each of ten working days, by the seed."""
    rng = random.Random(SEED)

    def meeting(day: int) -> dict[str, Any]:
        start = START + timedelta(days=day, minutes=rng.randrange(8 * 60, 17 * 60, 15))
        return {"start": start, "end": start + timedelta(minutes=30)}

    days = [day for day in range(14) if day % 7 < 5]
    return Tenant.model_validate(
        {
            "id": "0a11ca1e-0000-4000-8000-000000000001",
            "domain": DOMAIN,
            "clock": START,
            "apps": [{"client_id": "app", "secret": SECRET, "grants": [{"role": "Calendars.Read"}]}],
            "people": [
                {
                    "address": f"p{number:04}@{DOMAIN}",
                    "events": [meeting(day) for day in days for _ in range(meetings)],
                }
                for number in range(mailboxes)
            ],
        }
    )


def ways(addresses: Sequence[str]) -> dict[str, Sequence[str]]:
    """Through which mailboxes is asked beside the first."""
    return {
        "as the app, through any": addresses,
        "as the app, through 7": addresses[1:7],
        "as a person, through one": (),
    }


def measure(emulator: Emulator, way: str, through: Sequence[str], seconds_a_trip: float) -> Result:
    """Read everybody once; checks that nobody is missing and that every meeting came back."""
    addresses = [person.address for person in emulator.tenant.people]

    trips: list[tuple[float, float]] = []

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.perf_counter()
        if environ["PATH_INFO"].startswith("/v1.0/"):
            time.sleep(seconds_a_trip)
        answer = emulator.wsgi(environ, start_response)
        trips.append((time.perf_counter(), began))
        return answer

    with connect(
        graph_url=IN_PROCESS_GRAPH,
        authority=IN_PROCESS_AUTHORITY,
        tenant_id=emulator.tenant.id,
        client_id="app",
        client_secret=SECRET,
        wsgi_app=slow,
    ) as graph:
        graph.read_schedules(addresses[:1], Span(FIRST, FIRST + 60), as_mailbox=addresses[0])
        emulator.journal.clear()
        trips.clear()
        began = time.perf_counter()
        found = read_schedules(graph._gate, addresses, WINDOW, as_mailbox=addresses[0], through=through)  # noqa: SLF001 - Graph decides itself through whom
        spent = time.perf_counter() - began
    _check(found, emulator)
    seen = [each for each in emulator.journal.requests if each.path.startswith("/v1.0/")]
    calls = [each for each in seen if each.operation == "getSchedule"]
    return Result(
        way=way,
        mailboxes=len(addresses),
        through=len({each.mailbox for each in calls}),
        calls=len(calls),
        requests=sum(not each.batch for each in seen),
        waits=_in_a_row(trips),
        seconds=spent,
        refused=sum(each.status == 429 for each in seen),
        floor=floor(len(addresses), max(1, len({*through, addresses[0]}))),
    )


def _check(found: Sequence[MailboxSchedule], emulator: Emulator) -> None:
    expected = [(person.address, len(person.events)) for person in emulator.tenant.people]
    assert expected == [(each.address, len(each.items or ())) for each in found]


def _in_a_row(trips: Sequence[tuple[float, float]]) -> int:
    """The most trips, as (end, begin), of which no two were under way together: always the next that ends first."""
    count, free_from = 0, -math.inf
    for ended, began in sorted(trips):
        if began >= free_from:
            count, free_from = count + 1, ended
    return count


def main(arguments: Sequence[str]) -> list[Result]:
    """Measure each way and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mailboxes", type=int, default=1000)
    parser.add_argument("--round-trip-ms", type=int, default=250, help="how long each request is held up")
    parser.add_argument("--json", type=Path, help="also write the results and the machine to this file")
    options = parser.parse_args(arguments)
    facts = machine(PACKAGES)
    print(as_line(facts))
    emulator = Emulator(tenant(options.mailboxes), clock=Clock(START))
    addresses = [person.address for person in emulator.tenant.people]
    results = [
        measure(emulator, way, through, options.round_trip_ms / 1000)
        for way, through in ways(addresses).items()
    ]
    print(
        "\n| way | asked through | calls | floor | requests | floor | in a row | floor | refused | seconds |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for each in results:
        print(
            f"| {each.way} | {each.through} | {each.calls} | {each.floor.calls} | {each.requests} "
            f"| {each.floor.requests} | {each.waits} | {each.floor.waits} | {each.refused} | {each.seconds:.2f} |"
        )
    if options.json:
        options.json.write_text(
            json.dumps({"machine": facts, "seed": SEED, "rows": [asdict(row) for row in results]}, indent=2)
            + "\n"
        )
    return results


if __name__ == "__main__":
    main(sys.argv[1:])
