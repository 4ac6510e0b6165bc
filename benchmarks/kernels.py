"""The ways to find the starts of a meeting that slot_search.py compares.

Each keeps one structure of all calendars between questions, made for no question in particular, and answers in a
form of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import portion
from common import FIRST, WINDOW, Pairs, Person
from intervaltree import IntervalTree

from solvers import Attendee, Bits, Calendar, Query, SpanSet, find_starts
from solvers.slots import free_starts
from solvers.timeline import Shelf, starts_of

MINUTES = 60
SIZE = WINDOW.minutes
PLACES = SIZE - MINUTES + 1
# Rows of a grid worked on at once, so that what is made of them stays in cache.
ROWS = 16


@dataclass(frozen=True)
class Kernel:
    """One way to find the starts.

    Args:
        name: what the table calls it.
        build: makes what is kept of the calendars.
        everybody: the starts that suit all; None when the kernel does not answer that.
        at_least: the starts that suit so many; None when the kernel cannot count.
        listed: the starts of an answer in full; not timed, for the check.
        kept: whether this is what Slotwright keeps between questions, and holds against the target.
        ours: whether it is Slotwright at all.
        most: the most calendars it is asked about, for everybody and for a number of them.
        why: the reason of that limit.
    """

    name: str
    build: Callable[[list[Person]], Any]
    everybody: Callable[[Any], Any] | None
    at_least: Callable[[Any, int], Any] | None
    listed: Callable[[Any], list[int]]
    kept: bool = False
    ours: bool = False
    most: tuple[int, int] = (10**9, 10**9)
    why: str = ""


# --- Slotwright -----------------------------------------------------------------------------------------------


def calendars_build(people: list[Person]) -> list[Calendar]:
    """Spans, as the search of the product takes them."""
    return [
        Calendar(f"p{number}", SpanSet.of(person.hours), blocked=SpanSet.of(person.busy))
        for number, person in enumerate(people)
    ]


def calendars_everybody(calendars: list[Calendar]) -> Bits:
    """The whole question of the product, its validation included."""
    attendees = tuple(Attendee(calendar) for calendar in calendars)
    return find_starts(Query(MINUTES, WINDOW, Bits.full(WINDOW), WINDOW.start, attendees))


def spans_build(people: list[Person]) -> list[SpanSet]:
    """The free minutes of each."""
    return [SpanSet.of(person.hours) - SpanSet.of(person.busy) for person in people]


def spans_at_least(spans: list[SpanSet], count: int) -> SpanSet:
    """Counted once, from spans."""
    return starts_of(count, spans, WINDOW, MINUTES)


def bits_build(people: list[Person]) -> list[Bits]:
    """The starts that suit each, as one integer."""
    return [Bits.from_spans(WINDOW, free.starts(MINUTES)) for free in spans_build(people)]


def bits_at_least(bits: list[Bits], count: int) -> Bits:
    """Counted in binary, integer by integer."""
    return Bits.at_least(count, bits)


def shelf_build(people: list[Person]) -> Shelf:
    """The starts that suit each, side by side."""
    return Shelf.of(free_starts(calendars_build(people), WINDOW, MINUTES))


# --- NumPy ----------------------------------------------------------------------------------------------------


def difference_build(people: list[Person]) -> tuple[np.ndarray, np.ndarray, int]:
    """Where free spans begin and end, everybody's in two arrays of offsets into the window."""
    pairs = np.array(list(chain.from_iterable(map(free_of, people)))).reshape(-1, 2) - FIRST
    return pairs[:, 0].copy(), pairs[:, 1].copy(), len(people)


def difference_at_least(kept: tuple[np.ndarray, np.ndarray, int], count: int) -> np.ndarray:
    """One more from where a span begins, one less from 59 minutes before it ends, if it is that long."""
    begins, ends, _ = kept
    ends = ends - (MINUTES - 1)
    fits = begins < ends
    steps = np.bincount(begins[fits], minlength=SIZE + 1) - np.bincount(ends[fits], minlength=SIZE + 1)
    enough: np.ndarray = np.cumsum(steps) >= count
    return enough


def difference_everybody(kept: tuple[np.ndarray, np.ndarray, int]) -> np.ndarray:
    """As many as there are."""
    return difference_at_least(kept, kept[2])


def grid_build(people: list[Person]) -> np.ndarray:
    """The free minutes as one Boolean each, a row a calendar."""
    free = np.zeros((len(people), SIZE), dtype=bool)
    for row, person in zip(free, people, strict=True):
        for start, end in person.hours:
            row[max(start - FIRST, 0) : max(end - FIRST, 0)] = True
        for start, end in person.busy:
            row[max(start - FIRST, 0) : max(end - FIRST, 0)] = False
    return free


def grid_eroded(free: np.ndarray) -> np.ndarray:
    """The starts from which a whole hour is free, along the last axis."""
    held, have = free, 1
    while have < MINUTES:
        more = min(have, MINUTES - have)
        held = held[..., :-more] & held[..., more:]
        have += more
    return held


def grid_everybody(free: np.ndarray) -> np.ndarray:
    """All together first, eroded once."""
    return grid_eroded(np.logical_and.reduce(free, axis=0))


def grid_at_least(free: np.ndarray, count: int) -> np.ndarray:
    """Eroded row by row, then added up."""
    total = np.zeros(PLACES, dtype=np.int32)
    for row in free:
        total += grid_eroded(row)
    enough: np.ndarray = total >= count
    return enough


def packed_build(people: list[Person]) -> np.ndarray:
    """The minutes taken as one bit each, 64 to a word, a row a calendar."""
    words = -(-SIZE // 64)
    packed = np.zeros((len(people), words), dtype=np.uint64)
    for first in range(0, len(people), ROWS):
        free = grid_build(people[first : first + ROWS])
        octets = np.full((len(free), words * 8), 255, dtype=np.uint8)
        octets[:, : SIZE // 8] = np.packbits(~free, axis=1, bitorder="little")
        packed[first : first + ROWS] = octets.view(np.uint64)
    return packed


def packed_spread(taken: np.ndarray) -> np.ndarray:
    """The starts whose hour meets a minute taken, along the last axis."""
    held, have = taken.copy(), 1
    while have < MINUTES:
        more = min(have, MINUTES - have)
        later = held >> np.uint64(more)
        later[..., :-1] |= held[..., 1:] << np.uint64(64 - more)
        held |= later
        have += more
    return held


def packed_everybody(taken: np.ndarray) -> np.ndarray:
    """All together first, spread once."""
    spread = packed_spread(np.bitwise_or.reduce(taken, axis=0))
    free: np.ndarray = np.unpackbits(~spread.view(np.uint8), bitorder="little")[:PLACES].astype(bool)
    return free


def packed_at_least(taken: np.ndarray, count: int) -> np.ndarray:
    """Spread some rows at a time, then unpacked and added up."""
    total = np.zeros(len(taken[0]) * 64, dtype=np.int32)
    for first in range(0, len(taken), ROWS):
        spread = ~packed_spread(taken[first : first + ROWS])
        total += np.unpackbits(spread.view(np.uint8), axis=1, bitorder="little").sum(axis=0, dtype=np.uint8)
    enough: np.ndarray = total[:PLACES] >= count
    return enough


# --- pandas, a sweep, portion and intervaltree -------------------------------------------------------------------


def frame_build(people: list[Person]) -> pd.DataFrame:
    """The free minutes as a frame, a column a calendar."""
    return pd.DataFrame(np.ascontiguousarray(grid_build(people).T), copy=False)


def frame_everybody(frame: pd.DataFrame) -> np.ndarray:
    """All together first, then the least of every 60 minutes on end."""
    least: np.ndarray = frame.all(axis=1).rolling(MINUTES).min().to_numpy()[MINUTES - 1 :] == 1
    return least


def frame_at_least(frame: pd.DataFrame, count: int) -> np.ndarray:
    """The least of every 60 minutes on end, column by column, then added up."""
    enough: np.ndarray = (frame.rolling(MINUTES).min().sum(axis=1) >= count).to_numpy()[MINUTES - 1 :]
    return enough


def sweep_build(people: list[Person]) -> list[list[tuple[int, int]]]:
    """The events of each calendar in order: +1 where a free span begins, -1 where it ends."""
    return [
        [event for start, end in free_of(person) for event in ((start, 1), (end, -1))] for person in people
    ]


def sweep_at_least(calendars: list[list[tuple[int, int]]], count: int) -> Pairs:
    """Ends moved to the last start, spans too short left out, and one walk along all events."""
    events = sorted(
        chain.from_iterable(
            (begin, (end[0] - MINUTES + 1, -1))
            for calendar in calendars
            for begin, end in zip(calendar[0::2], calendar[1::2], strict=True)
            if end[0] - begin[0] >= MINUTES
        )
    )
    runs: Pairs = []
    depth = 0
    for minute, step in events:
        if step == 1 and depth == count - 1:
            since = minute
        elif step == -1 and depth == count:
            runs.append((since, minute))
        depth += step
    return runs


def sweep_everybody(calendars: list[list[tuple[int, int]]]) -> Pairs:
    """All events together; an hour fits wherever all are free for so long."""
    runs, depth, since = [], 0, 0
    for minute, step in sorted(chain.from_iterable(calendars)):
        if step == -1 and depth == len(calendars) and minute - since >= MINUTES:
            runs.append((since, minute - MINUTES + 1))
        depth += step
        since = minute
    return runs


def portion_build(people: list[Person]) -> list[portion.Interval]:
    """The free minutes of each as an algebraic interval."""
    return [
        portion.Interval(*(portion.closedopen(start, end) for start, end in person.hours))
        - portion.Interval(*(portion.closedopen(start, end) for start, end in person.busy))
        for person in people
    ]


def portion_everybody(calendars: list[portion.Interval]) -> Pairs:
    """One intersection after the other, then the atoms that hold an hour."""
    free = portion.closedopen(WINDOW.start, WINDOW.end)
    for each in calendars:
        free &= each
    return [
        (atom.lower, atom.upper - MINUTES + 1)
        for atom in free
        if not atom.empty and atom.upper - atom.lower >= MINUTES
    ]


def trees_build(people: list[Person]) -> list[IntervalTree]:
    """The spans that forbid, a tree for each."""
    return [IntervalTree.from_tuples(forbidden_of(person)) for person in people]


def trees_everybody(trees: list[IntervalTree]) -> list[int]:
    """Every start is asked of one tree after the other, until one of them forbids it."""
    return [
        start
        for start in range(WINDOW.start, WINDOW.start + PLACES)
        if not any(tree.overlaps(start, start + MINUTES) for tree in trees)
    ]


def trees_at_least(trees: list[IntervalTree], count: int) -> list[int]:
    """Every start is asked of one tree after the other, until enough of them allow it."""

    def enough(start: int) -> bool:
        free = (None for tree in trees if not tree.overlaps(start, start + MINUTES))
        return sum(1 for _, _ in zip(range(count), free, strict=False)) == count

    return [start for start in range(WINDOW.start, WINDOW.start + PLACES) if enough(start)]


# --- what several of them need -----------------------------------------------------------------------------------


def free_of(person: Person) -> Iterator[tuple[int, int]]:
    """The spans of the window in which the person is at work and not busy, ascending; two pointers."""
    busy = iter(person.busy)
    taken = next(busy, None)
    for start, end in person.hours:
        since = max(start, WINDOW.start)
        while taken is not None and taken[0] < end:
            if taken[0] > since:
                yield since, taken[0]
            since = max(since, taken[1])
            if taken[1] > end:
                break
            taken = next(busy, None)
        if since < end:
            yield since, end


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


def from_ours(found: SpanSet | Bits) -> list[int]:
    """The minutes of an answer in either of our forms."""
    spans = found.to_spans() if isinstance(found, Bits) else found
    return [minute for span in spans for minute in range(span.start, span.end)]


KERNELS = (
    Kernel("slotwright Shelf", shelf_build, Shelf.everyone, Shelf.at_least, from_ours, kept=True, ours=True),
    Kernel("slotwright Bits", bits_build, Bits.intersection, bits_at_least, from_ours, kept=True, ours=True),
    Kernel("slotwright find_starts", calendars_build, calendars_everybody, None, from_ours, ours=True),
    Kernel("slotwright starts_of", spans_build, None, spans_at_least, from_ours, ours=True),
    Kernel("NumPy difference array", difference_build, difference_everybody, difference_at_least, from_mask),
    Kernel("NumPy bit-packed", packed_build, packed_everybody, packed_at_least, from_mask),
    Kernel("NumPy bool", grid_build, grid_everybody, grid_at_least, from_mask),
    Kernel("sorted event sweep", sweep_build, sweep_everybody, sweep_at_least, from_runs),
    Kernel(
        "pandas",
        frame_build,
        frame_everybody,
        frame_at_least,
        from_mask,
        most=(1000, 50),
        why="a rolling window makes 8 bytes of every minute of every calendar, 0.3 GB for 1,000",
    ),
    Kernel(
        "portion",
        portion_build,
        portion_everybody,
        None,
        from_runs,
        most=(1000, 0),
        why="10,000 calendars take it half a minute",
    ),
    Kernel(
        "intervaltree",
        trees_build,
        trees_everybody,
        trees_at_least,
        list,
        most=(50, 50),
        why="1,000 calendars take it half a minute and more a question",
    ),
)
