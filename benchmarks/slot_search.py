"""How long it takes to find all starts of a 60-minute meeting for 5, 50 and 1,000 calendars.

Thirty days, every minute a possible start, everybody free for the whole hour. Each kernel keeps one structure
a calendar between questions ("build") and combines those of the people asked about ("query"). All start from
the same plain lists of (start, end) pairs, and all answers are asserted equal.

    python benchmarks/slot_search.py [--people 5 50 1000] [--json FILE]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import portion
from intervaltree import IntervalTree

from solvers import Attendee, Bits, Calendar, Query, Span, SpanSet, find_starts

SEED = 20260105
MINUTES = 60
DAYS = 30
DAY = 1440
FIRST = 29_458_080  # 2026-01-05T00:00Z, a Monday
WINDOW = Span(FIRST, FIRST + DAYS * DAY)
SECONDS_A_PHASE = 3.0  # a kernel repeats within this time, at least once and at most REPEATS times
REPEATS = 20

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Person:
    """One raw calendar: working hours and busy blocks as (start, end) pairs in UTC minutes, ascending.

    Busy blocks may overlap each other and reach out of the working hours.
    """

    hours: Pairs
    busy: Pairs


@dataclass(frozen=True)
class Kernel:
    """One way to find the starts.

    Args:
        name: what the table calls it.
        build: makes what is kept of one calendar.
        query: answers for the calendars kept.
        listed: the starts of an answer in full; not timed, for the check.
    """

    name: str
    build: Callable[[Person], Any]
    query: Callable[[Sequence[Any]], Any]
    listed: Callable[[Any], list[int]]


def make_people(count: int) -> list[Person]:
    """The first `count` calendars of one company, always the same.

    Five days a week people work 08:00-18:00 in zones from UTC to UTC+3. Each day the company has five times
    at which meetings begin, and each person goes to four of them, a few minutes early or late, for 15 to 45
    minutes. Shared times keep an hour that suits all from vanishing among a thousand people, as it would if
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


def spans_build(person: Person) -> Calendar:
    """Spans, as the search of the product takes them."""
    return Calendar("x", SpanSet.of(person.hours), blocked=SpanSet.of(person.busy))


def spans_query(calendars: Sequence[Calendar]) -> Bits:
    """The whole question, its validation included."""
    attendees = tuple(
        Attendee(Calendar(f"p{number}", each.open, blocked=each.blocked))
        for number, each in enumerate(calendars)
    )
    return find_starts(Query(MINUTES, WINDOW, Bits.full(WINDOW), WINDOW.start, attendees))


def bits_build(person: Person) -> Bits:
    """The free minutes as one integer."""
    free = SpanSet.of(person.hours) - SpanSet.of(person.busy)
    return Bits.from_spans(WINDOW, free)


def bits_query(calendars: Sequence[Bits]) -> Bits:
    """All together first, eroded once."""
    return Bits.intersection(calendars).starts(MINUTES)


def grid_build(person: Person) -> np.ndarray:
    """The free minutes as one Boolean each."""
    free = np.zeros(WINDOW.minutes, dtype=bool)
    for start, end in person.hours:
        free[max(start - FIRST, 0) : max(end - FIRST, 0)] = True
    for start, end in person.busy:
        free[max(start - FIRST, 0) : max(end - FIRST, 0)] = False
    return free


def grid_query(calendars: Sequence[np.ndarray]) -> np.ndarray:
    """All together first, then runs of an hour by the sum of 60 minutes."""
    free = calendars[0].copy()
    for each in calendars[1:]:
        free &= each
    held = np.concatenate(([0], np.cumsum(free)))
    long_enough: np.ndarray = held[MINUTES:] - held[:-MINUTES] == MINUTES
    return long_enough


def difference_build(person: Person) -> tuple[np.ndarray, np.ndarray]:
    """Where spans that forbid begin and end, as two arrays of offsets into the window."""
    closed = forbidden_of(person)
    starts = np.array([start for start, _ in closed]) - FIRST
    ends = np.array([end for _, end in closed]) - FIRST
    return np.clip(starts, 0, WINDOW.minutes), np.clip(ends, 0, WINDOW.minutes)


def difference_query(calendars: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """How many forbid each start: one more from 59 minutes before a span, one less after it."""
    begins = np.maximum(np.concatenate([starts for starts, _ in calendars]) - (MINUTES - 1), 0)
    ends = np.concatenate([ends for _, ends in calendars])
    size = WINDOW.minutes + 1
    steps = np.bincount(begins, minlength=size) - np.bincount(ends, minlength=size)
    allowed: np.ndarray = np.cumsum(steps)[: WINDOW.minutes - MINUTES + 1] == 0
    return allowed


def sweep_build(person: Person) -> list[tuple[int, int]]:
    """The events of one calendar in order: +1 where a span that forbids begins, -1 where it ends."""
    return sorted(event for start, end in forbidden_of(person) for event in ((start, 1), (end, -1)))


def sweep_query(calendars: Sequence[list[tuple[int, int]]]) -> Pairs:
    """One walk along all events; an hour fits wherever nobody forbids for so long."""
    events = sorted(chain.from_iterable(calendars))
    runs, depth, since = [], 0, WINDOW.start
    for minute, step in events:
        if depth == 0 and step == 1 and minute - since >= MINUTES:
            runs.append((since, minute - MINUTES + 1))
        depth += step
        since = minute
    if depth == 0 and WINDOW.end - since >= MINUTES:
        runs.append((since, WINDOW.end - MINUTES + 1))
    return runs


def tree_build(person: Person) -> IntervalTree:
    """The spans that forbid, in a tree."""
    return IntervalTree.from_tuples(forbidden_of(person))


def tree_query(calendars: Sequence[IntervalTree]) -> list[int]:
    """Every start is asked of one tree after the other, until one of them forbids it."""
    last = WINDOW.end - MINUTES
    return [
        start
        for start in range(WINDOW.start, last + 1)
        if not any(tree.overlaps(start, start + MINUTES) for tree in calendars)
    ]


def portion_build(person: Person) -> portion.Interval:
    """The free minutes as an algebraic interval."""
    hours = portion.Interval(*(portion.closedopen(start, end) for start, end in person.hours))
    busy = portion.Interval(*(portion.closedopen(start, end) for start, end in person.busy))
    return hours - busy


def portion_query(calendars: Sequence[portion.Interval]) -> Pairs:
    """One intersection after the other, then the atoms that hold an hour."""
    free = portion.closedopen(WINDOW.start, WINDOW.end)
    for each in calendars:
        free &= each
    return [
        (atom.lower, atom.upper - MINUTES + 1)
        for atom in free
        if not atom.empty and atom.upper - atom.lower >= MINUTES
    ]


def forbidden_of(person: Person) -> Pairs:
    """The spans of the window in which the person is not at work or busy; they may overlap."""
    ends = [WINDOW.start, *(end for _, end in person.hours)]
    starts = [*(start for start, _ in person.hours), WINDOW.end]
    return [(start, end) for start, end in zip(ends, starts, strict=True) if start < end] + person.busy


def from_mask(mask: np.ndarray) -> list[int]:
    """The minutes of a NumPy answer."""
    found: list[int] = (np.flatnonzero(mask) + FIRST).tolist()
    return found


def from_runs(runs: Pairs) -> list[int]:
    """The minutes of runs."""
    return [minute for start, end in runs for minute in range(start, end)]


KERNELS = (
    Kernel("slotwright find_starts", spans_build, spans_query, list),
    Kernel("slotwright Bits", bits_build, bits_query, list),
    Kernel("NumPy difference array", difference_build, difference_query, from_mask),
    Kernel("NumPy bool grid", grid_build, grid_query, from_mask),
    Kernel("sorted event sweep", sweep_build, sweep_query, from_runs),
    Kernel("portion", portion_build, portion_query, from_runs),
    Kernel("intervaltree", tree_build, tree_query, list),
)


def fastest(work: Callable[[], Any]) -> tuple[float, int, Any]:
    """The least time in milliseconds, how often it was tried, and what it gave."""
    least, tries, spent = float("inf"), 0, 0.0
    gc.collect()
    gc.disable()
    while tries == 0 or (tries < REPEATS and spent + least < SECONDS_A_PHASE):
        begun = time.perf_counter()
        result = work()
        taken = time.perf_counter() - begun
        least, tries, spent = min(least, taken), tries + 1, spent + taken
    gc.enable()
    return least * 1000, tries, result


def build_all(kernel: Kernel, people: list[Person]) -> list[Any]:
    """What the kernel keeps of every calendar."""
    return [kernel.build(person) for person in people]


def measure(count: int) -> list[dict[str, Any]]:
    """Every kernel on the same people, one row each; all must give the same starts."""
    people = make_people(count)
    rows: list[dict[str, Any]] = []
    expected: list[int] | None = None
    for kernel in KERNELS:
        build_ms, builds, kept = fastest(partial(build_all, kernel, people))
        query_ms, queries, answer = fastest(partial(kernel.query, kept))
        starts = kernel.listed(answer)
        expected = starts if expected is None else expected
        assert expected == starts, f"{kernel.name} disagrees for {count} calendars"
        assert starts, f"nothing to find for {count} calendars"
        rows.append(
            {
                "people": count,
                "kernel": kernel.name,
                "build_and_query_ms": build_ms + query_ms,
                "query_ms": query_ms,
                "builds": builds,
                "queries": queries,
                "starts": len(starts),
            }
        )
    for column in ("build_and_query_ms", "query_ms"):
        best = min(row[column] for row in rows)
        for row in rows:
            row[column.replace("_ms", "_ratio")] = row[column] / best
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """One table for one number of people."""
    print(f"\n{rows[0]['people']} calendars, {rows[0]['starts']} feasible starts\n")
    print("| kernel | build + query, ms | ratio | query only, ms | ratio | tries |")
    print("|---|--:|--:|--:|--:|--:|")
    for row in rows:
        print(
            f"| {row['kernel']} | {row['build_and_query_ms']:.3f} | {row['build_and_query_ratio']:.1f} "
            f"| {row['query_ms']:.3f} | {row['query_ratio']:.1f} | {row['builds']}, {row['queries']} |"
        )


def machine() -> dict[str, str]:
    """What the numbers were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line
        ]
        model = models[0] if models else model
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "portion", "intervaltree")},
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, print the tables, and write them to a file when asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, nargs="+", default=[5, 50, 1000], help="how many calendars")
    parser.add_argument("--json", type=Path, help="also write the rows and the machine to this file")
    options = parser.parse_args(arguments)
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    results = []
    for count in options.people:
        rows = measure(count)
        show(rows)
        results += rows
    if options.json:
        options.json.write_text(
            json.dumps({"machine": machine(), "seed": SEED, "rows": results}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
