"""How long it takes to make free time from calendar items, work minus busy, for 5, 50, 1,000 and 10,000 calendars.

Every kernel starts from plain lists of (start, end) pairs of 30 days, working hours and busy items, and makes the
free spans of each calendar in a form of its own. All are asserted equal.

    python benchmarks/calendar_build.py [--people 5 50 1000 10000] [--rounds 1] [--json FILE]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from common import FIRST, WINDOW, Pairs, Person, Rows, Timing, make_people, run
from intervaltree import IntervalTree
from kernels import free_of, grid_build, packed_build, portion_build

from solvers import Bits, SpanSet
from solvers.query import Calendar
from solvers.slots import free_starts
from solvers.timeline import BitTable

PACKAGES = ("numpy", "portion", "intervaltree")
# Calendars side by side on one line of time, so far apart that none reaches into another.
APART = 1 << 20


@dataclass(frozen=True)
class Kernel:
    """One way to make free time.

    Args:
        name: what the table calls it.
        build: makes the free time of all calendars.
        spans: the same as pairs, calendar by calendar; not timed, for the check.
        ours: whether it is Slotwright.
        most: the most calendars it is asked about.
        why: the reason of that limit.
    """

    name: str
    build: Callable[[list[Person]], Any]
    spans: Callable[[Any], Iterable[Pairs]]
    ours: bool = False
    most: int = 10**9
    why: str = ""


def spans_build(people: list[Person]) -> list[SpanSet]:
    """Spans of each."""
    return [SpanSet.of(person.hours) - SpanSet.of(person.busy) for person in people]


def bits_build(people: list[Person]) -> list[Bits]:
    """One integer for each."""
    return [Bits.from_spans(WINDOW, free) for free in spans_build(people)]


def table_build(people: list[Person]) -> BitTable:
    """All in one table."""
    calendars = [Calendar("p", SpanSet.of(each.hours), blocked=SpanSet.of(each.busy)) for each in people]
    return free_starts(calendars, WINDOW, 1)


def line_build(people: list[Person]) -> np.ndarray:
    """All at once on one line of time: sorted edges, and where one is at work and nothing else is going on."""
    layers = [[person.hours for person in people], [person.busy for person in people]]
    flat = []
    for layer in layers:
        pairs = np.array(list(chain.from_iterable(layer))) - FIRST
        flat.append(pairs + np.repeat(np.arange(len(people)), list(map(len, layer)))[:, None] * APART)
    hours, busy = flat
    minutes = np.concatenate((hours[:, 0], hours[:, 1], busy[:, 0], busy[:, 1]))
    # At work counts one; busy counts so much against it that nothing makes up for it.
    steps = np.repeat([1, -1, -1000, 1000], [len(hours), len(hours), len(busy), len(busy)])
    order = np.argsort(minutes)
    minutes, depth = minutes[order], np.cumsum(steps[order])
    free = np.flatnonzero((depth[:-1] == 1) & (minutes[1:] > minutes[:-1]))
    return np.stack((minutes[free], minutes[free + 1]), axis=1)


def line_spans(spans: np.ndarray) -> Iterable[Pairs]:
    """Cut into calendars again."""
    owners, minutes = spans[:, 0] // APART, spans % APART + FIRST
    cuts = np.flatnonzero(np.diff(owners)) + 1
    return (list(map(tuple, part.tolist())) for part in np.split(minutes, cuts))


def sweep_build(people: list[Person]) -> list[Pairs]:
    """Two pointers in plain Python."""
    return [list(free_of(person)) for person in people]


def trees_build(people: list[Person]) -> list[IntervalTree]:
    """A tree of the hours, with each busy item chopped out."""
    trees = []
    for person in people:
        tree = IntervalTree.from_tuples(person.hours)
        for start, end in person.busy:
            tree.chop(start, end)
        trees.append(tree)
    return trees


def mask_spans(masks: Iterable[np.ndarray]) -> Iterable[Pairs]:
    """The runs of each row of Booleans."""
    for mask in masks:
        edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8))) + FIRST
        yield list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def packed_spans(taken: np.ndarray) -> Iterable[Pairs]:
    """The runs of each row of bits."""
    return mask_spans(np.unpackbits(~row.view(np.uint8), bitorder="little").astype(bool) for row in taken)


def our_spans(sets: Iterable[SpanSet | Bits]) -> Iterable[Pairs]:
    """The edges, two by two."""
    for each in sets:
        edges = (each.to_spans() if isinstance(each, Bits) else each).edges
        yield list(zip(edges[0::2], edges[1::2], strict=True))


KERNELS = (
    Kernel("slotwright SpanSet", spans_build, our_spans, ours=True),
    Kernel("slotwright Bits", bits_build, our_spans, ours=True),
    Kernel("slotwright BitTable", table_build, our_spans, ours=True),
    Kernel("two pointers", sweep_build, iter),
    Kernel("NumPy on one line of time", line_build, line_spans),
    Kernel("NumPy bool", grid_build, mask_spans),
    Kernel("NumPy bit-packed", packed_build, packed_spans),
    Kernel(
        "portion",
        portion_build,
        lambda calendars: ([(atom.lower, atom.upper) for atom in each] for each in calendars),
        most=1000,
        why="10,000 calendars take it half a minute",
    ),
    Kernel(
        "intervaltree",
        trees_build,
        lambda trees: (sorted((span.begin, span.end) for span in tree) for tree in trees),
        most=1000,
        why="10,000 calendars take it half a minute",
    ),
)


def measure(count: int, rounds: int) -> Rows:
    """Every kernel on the same items, one row each; all must make the same free time."""
    people = make_people(count)
    expected = sweep_build(people)
    timings = {kernel.name: Timing() for kernel in KERNELS if count <= kernel.most}
    for _ in range(rounds):
        for kernel in KERNELS:
            if kernel.name in timings:
                built = timings[kernel.name].measure(partial(kernel.build, people))
                assert expected == list(kernel.spans(built)), f"{kernel.name} disagrees for {count} calendars"
    return [
        {
            "people": count,
            "kernel": kernel.name,
            "ours": kernel.ours,
            "build_ms": timings[kernel.name].milliseconds,
            "builds": timings[kernel.name].tries,
        }
        for kernel in KERNELS
        if kernel.name in timings
    ]


def show(rows: Rows) -> None:
    """One table for one number of calendars."""
    count = rows[0]["people"]
    best = min(row["build_ms"] for row in rows)
    print(f"\n#### {count:,} calendars\n")
    print("| kernel | all, ms | a calendar, µs | times the fastest | tries |")
    print("|---|--:|--:|--:|--:|")
    for row in sorted(rows, key=lambda row: row["build_ms"]):
        name = f"**{row['kernel']}**" if row["ours"] else row["kernel"]
        print(
            f"| {name} | {row['build_ms']:.3f} | {row['build_ms'] * 1000 / count:.1f} "
            f"| {row['build_ms'] / best:.1f} | {row['builds']} |"
        )
    print()
    for kernel in KERNELS:
        if count > kernel.most:
            print(f"* {kernel.name} sits out: {kernel.why}.")
    print("* pandas sits out: it has no operation on spans of time that would make free time of them.")


def answer(count: int, rounds: int) -> Rows:
    """Measure and show one number of calendars."""
    rows = measure(count, rounds)
    show(rows)
    return rows


if __name__ == "__main__":
    run(sys.argv[1:], __doc__, PACKAGES, answer)
