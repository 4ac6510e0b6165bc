"""What the benchmarks share: one company's calendars, the clock, and what the machine can read."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from solvers import Span

SEED = 20260105
DAYS = 30
DAY = 1440
FIRST = 29_459_520  # 2026-01-05T00:00Z, a Monday
WINDOW = Span(FIRST, FIRST + DAYS * DAY)

SECONDS = 1.0  # what is timed repeats within this time, at least once and at most TRIES times
TRIES = 200

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Person:
    """One raw calendar: working hours and busy blocks as (start, end) pairs in UTC minutes, ascending.

    Busy blocks may overlap each other and reach out of the working hours.
    """

    hours: Pairs
    busy: Pairs


def make_people(count: int) -> list[Person]:
    """The first `count` calendars of one company, always the same.

    Five days a week people work 08:00-18:00 in zones from UTC to UTC+3. Each day the company has five times
    at which meetings begin, and each person goes to four of them, a few minutes early or late, for 15 to 45
    minutes. Shared times keep an hour that suits all from vanishing among thousands of people, as it would if
    their blocks were independent.
    """
    rng = random.Random(SEED)
    workdays = [FIRST + day * DAY for day in range(DAYS) if day % 7 < 5]
    common = {day: sorted(rng.sample(range(7 * 60, 16 * 60, 15), 5)) for day in workdays}
    people = []
    for _ in range(count):
        zone = rng.choice((0, 60, 120, 180))
        hours = [(day + 8 * 60 - zone, day + 18 * 60 - zone) for day in workdays]
        busy = []
        for day in workdays:
            for minute in sorted(rng.sample(common[day], 4)):
                start = day + minute + rng.randrange(-5, 6)
                busy.append((start, start + rng.choice((15, 25, 30, 45))))
        people.append(Person(hours, sorted(busy)))
    return people


@dataclass
class Timing:
    """The least time of some work so far, in milliseconds, and how often it was tried."""

    milliseconds: float = float("inf")
    tries: int = 0

    def measure(self, work: Callable[[], Any]) -> Any:
        """Try the work again for a while, garbage collection off; gives its result."""
        spent, tried = 0.0, 0
        gc.collect()
        gc.disable()
        while tried == 0 or (tried < TRIES and spent + self.milliseconds / 1000 < SECONDS):
            begun = time.perf_counter()
            result = work()
            taken = time.perf_counter() - begun
            self.milliseconds = min(self.milliseconds, taken * 1000)
            spent, tried = spent + taken, tried + 1
        gc.enable()
        self.tries += tried
        return result


def read_bandwidth(size: int) -> float:
    """Bytes a second one core reads from a block of so many bytes, read again and again.

    The C library looks through it for a byte that is not there (`memchr`), which does nothing but read.
    """
    block = bytes([2]) * max(size, 1)
    timing = Timing()
    timing.measure(lambda: block.find(b"\x01"))
    return size / timing.milliseconds * 1000


def machine(packages: Sequence[str]) -> dict[str, str]:
    """What the numbers are measured on, and how busy it is."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if "model name" in line), model)
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def as_line(facts: dict[str, str]) -> str:
    """The machine in one line."""
    return ", ".join(f"{name} {value}" for name, value in facts.items())


Rows = list[dict[str, Any]]


def run(
    arguments: Sequence[str], description: str, packages: Sequence[str], answer: Callable[[int, int], Rows]
) -> Rows:
    """Measure for each number of calendars, between two looks at the machine; all rows, also to a file if asked.

    Args:
        packages: whose versions belong to the result.
        answer: measures for so many calendars in so many rounds, prints its tables, and gives their rows.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--people", type=int, nargs="+", default=[5, 50, 1000, 10000], help="how many calendars"
    )
    parser.add_argument(
        "--rounds", type=int, default=1, help="go round all kernels so often, and keep the least"
    )
    parser.add_argument("--json", type=Path, help="also write the rows and the machine to this file")
    options = parser.parse_args(arguments)
    before = machine(packages)
    print(as_line(before))
    rows = [row for people in options.people for row in answer(people, options.rounds)]
    after = machine(packages)
    print(f"\nload before {before['load']}, after {after['load']}; rounds {options.rounds}")
    if options.json:
        facts = {"machine": before, "load_after": after["load"], "seed": SEED, "rounds": options.rounds}
        options.json.write_text(json.dumps(facts | {"rows": rows}, indent=2) + "\n")
    return rows
