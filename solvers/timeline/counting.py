"""How many of many sets hold a minute, or a whole meeting, asked once.

Each question has two forms that give the same answer: sorted edges in pure Python for a few spans, and a
difference array for many, which adds one where a span begins, takes one away where it ends, and sums up along the
window. For sets that are asked about again and again there is `Shelf`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from solvers.timeline.span import Span
from solvers.timeline.spanset import SpanSet

# Sorting one edge takes as long as summing up about so many minutes of the window.
_MINUTES_AN_EDGE = 25


def minutes_of(count: int, sets: Sequence[SpanSet], window: Span) -> SpanSet:
    """The minutes of the window that at least so many of the sets hold; 1 makes their union.

    Raises:
        ValueError: the count is below 1.
    """
    if _few(sets, window):
        return _held(count, sets).clip(window)
    return _counted(count, sets, window, 1)


def starts_of(count: int, sets: Sequence[SpanSet], window: Span, duration: int) -> SpanSet:
    """The starts of meetings inside the window that at least so many of the sets hold as a whole.

    They are the same sets from the first minute of the meeting to the last, as sets that take turns would not
    make a meeting: each set is reduced to its own starts before any counting. Count 1 for any room of several
    or at least one of a pool, the number of sets for everybody.

    Args:
        count: how many of the sets, at least 1.
        sets: the free minutes of each; they may reach out of the window.
        window: where the meeting must lie.
        duration: length of the meeting in minutes, at least 1.

    Raises:
        ValueError: the count or the duration is below 1.
    """
    if duration < 1:
        raise ValueError(f"a duration is at least 1 minute, not {duration}")
    if _few(sets, window):
        return _held(count, [each.clip(window).starts(duration) for each in sets])
    return _counted(count, sets, window, duration)


def _few(sets: Sequence[SpanSet], window: Span) -> bool:
    return sum(len(each.edges) for each in sets) * _MINUTES_AN_EDGE < window.minutes


def _held(count: int, sets: Sequence[SpanSet]) -> SpanSet:
    return SpanSet.union(sets) if count == 1 else SpanSet.at_least(count, sets)


def _counted(count: int, sets: Sequence[SpanSet], window: Span, duration: int) -> SpanSet:
    """The starts by a difference array over the window."""
    if count < 1:
        raise ValueError(f"at least 1 set can be asked for, not {count}")
    edges = np.fromiter(chain.from_iterable(each.edges for each in sets), np.int64)
    begins = np.maximum(edges[0::2], window.start) - window.start
    ends = np.minimum(edges[1::2], window.end) - window.start - duration + 1
    fits = begins < ends
    size = window.minutes + 1
    depth = np.bincount(begins[fits], minlength=size)
    depth -= np.bincount(ends[fits], minlength=size)
    enough = np.cumsum(depth, out=depth) >= count
    # The last sum is 0, as all that began has ended by then; so every run of enough has an end.
    changes = np.flatnonzero(enough[1:] != enough[:-1]) + window.start + 1
    first = [window.start] if enough[0] else []
    return SpanSet((*first, *changes.tolist()))
