"""Many sets of minutes kept side by side, to be asked over and over how many of them share a minute.

Two orders of the same sets are kept, as no single one serves every question:

* their bits, word by word, all sets of a word next to each other. What all share, or any holds, is then one AND or
  OR from front to back, as fast as memory is read;
* their edges in order of time, +1 where a span begins and -1 where it ends. How many sets hold a minute is then
  a running sum, one addition an edge, whatever the count asked for. Counting in the bits reads several times as
  many bytes as there are in the edges, and combines each of them several times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.timeline.bits import Bits
from solvers.timeline.span import Span
from solvers.timeline.spanset import SpanSet
from solvers.timeline.table import WORD, BitTable, Words, to_bits, words_for

# Sums run fastest, one a clock tick, in this type.
Steps = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Shelf:
    """One layer of many calendars, kept for questions about how many of them share a minute.

    Put starts on it (`BitTable.starts`), and the answers are the starts at which so many are free from the first
    minute of the meeting to its last, the same ones. Free, tentative and unknown time want a shelf each.

    Args:
        window: the minutes that can be in a set at all.
        places: which words of the window are kept, ascending: those that are not empty in every set, so nights
            and weekends take no memory.
        words: one row a place, one column a set.
        minutes: where the spans of all sets begin and end, in minutes after the window's start, ascending. What
            ends with the window may have no end here.
        steps: +1 for a begin, -1 for an end; of the same minute, ends come first.
        owners: the number of the set each edge is of.
    """

    window: Span
    places: NDArray[np.intp]
    words: Words
    minutes: Steps
    steps: Steps
    owners: Steps

    @classmethod
    def of(cls, table: BitTable) -> Shelf:
        """Keeps the sets of the table, under the same numbers."""
        places = np.flatnonzero(np.bitwise_or.reduce(table.words, axis=1, initial=0))
        return cls(table.window, places, table.words[places], *_edges(table.words))

    def __len__(self) -> int:
        return int(self.words.shape[1])

    def choose(self, numbers: Sequence[int]) -> Shelf:
        """A shelf of some of the sets, by their numbers on this one; a copy, made in one pass over this shelf.

        Raises:
            ValueError: a number comes twice.
        """
        if len(set(numbers)) < len(numbers):
            raise ValueError("a set can be chosen once only")
        renumbered = np.full(len(self), -1, np.int32)
        renumbered[numbers] = np.arange(len(numbers))
        owners = renumbered[self.owners]
        theirs = owners >= 0
        words = self.words[:, numbers]
        return Shelf(
            self.window, self.places, words, self.minutes[theirs], self.steps[theirs], owners[theirs]
        )

    def everyone(self) -> Bits:
        """The minutes every set holds; all of the window when there is no set."""
        if not len(self):
            return Bits.full(self.window)
        return self._bits(np.bitwise_and.reduce(self.words, axis=1))

    def anyone(self) -> Bits:
        """The minutes at least one set holds."""
        return self._bits(np.bitwise_or.reduce(self.words, axis=1, initial=0))

    def at_least(self, count: int) -> SpanSet:
        """The minutes at least so many of the sets hold, as spans: they are read off the edges.

        Raises:
            ValueError: the count is below 1.
        """
        if count < 1:
            raise ValueError(f"at least 1 set can be asked for, not {count}")
        enough = self.steps.cumsum(dtype=np.int32) >= count
        turns = (enough[1:] != enough[:-1]).nonzero()[0]
        edges = self.minutes[1:][turns] + np.int64(self.window.start)
        if enough.size and enough[0]:
            edges = np.concatenate((self.minutes[:1] + np.int64(self.window.start), edges))
        if len(edges) % 2:
            edges = np.append(edges, self.window.end)
        # Where as many begin as end the sum dips for an instant, and a span ends where the next begins.
        meet = edges[1:-1:2] == edges[2::2]
        if meet.any():
            inner = edges[1:-1].reshape(-1, 2)[~meet].ravel()
            edges = np.concatenate((edges[:1], inner, edges[-1:]))
        return SpanSet(tuple(edges.tolist()))

    def _bits(self, words: Words) -> Bits:
        row = np.zeros(words_for(self.window), dtype=np.uint64)
        row[self.places] = words
        return to_bits(self.window, row)


def _edges(words: Words) -> tuple[Steps, Steps, Steps]:
    """The minutes, steps and owners of all edges, as `Shelf` keeps them."""
    changes = words << np.uint64(1)
    changes[1:] |= words[:-1] >> np.uint64(WORD - 1)
    changes ^= words
    rows, owners = np.nonzero(changes)
    values, changes = words[rows, owners], changes[rows, owners]
    found = [np.empty(0, np.int64)]
    # Few words hold more than a handful of edges; each round takes the first one left in every word.
    while changes.size:
        first = changes & -changes
        minutes = rows * WORD + np.bitwise_count(first - np.uint64(1))
        begins = (values & first) != 0
        # One number an edge, so that sorting them sorts by minute, then ends before begins, then owner.
        found.append((2 * minutes + begins) << 32 | owners)
        changes ^= first
        left = changes != 0
        rows, owners, values, changes = rows[left], owners[left], values[left], changes[left]
    edges = np.sort(np.concatenate(found))
    steps = 2 * (edges >> 32 & 1) - 1
    return (edges >> 33).astype(np.int32), steps.astype(np.int32), (edges & 0xFFFFFFFF).astype(np.int32)
