"""Many sets of minutes over one window, as the bits of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from solvers.timeline.bits import Bits
from solvers.timeline.span import Span
from solvers.timeline.spanset import SpanSet

Words = NDArray[np.uint64]

WORD = 64  # bits

_LITTLE_ENDIAN = np.dtype("<u8")


@dataclass(frozen=True, eq=False)
class BitTable:
    """Many immutable sets of UTC minutes inside one window, side by side.

    The same algebra as `Bits`, on all of them at once: `& | -` join each set with the one of the same number.
    A table of about 64 sets over a month stays in a core's second-level cache while it is worked on; a long list
    is best done in tables of that size, which `joined` puts together.

    Args:
        window: the minutes that can be in a set at all.
        words: one column a set; bit i of word j of it stands for minute window.start + 64 * j + i. No bit lies
            beyond the window. The table keeps the array and makes it read-only.

    Raises:
        ValueError: columns of another length than the window asks for; and, from `& | -`, different windows.
    """

    window: Span
    words: Words

    def __post_init__(self) -> None:
        wanted = words_for(self.window)
        if self.words.ndim != 2 or len(self.words) != wanted:
            raise ValueError(
                f"{self.window.minutes} minutes take {wanted} words a set, not the shape {self.words.shape}"
            )
        self.words.flags.writeable = False

    @classmethod
    def from_spans(cls, window: Span, sets: Sequence[SpanSet]) -> BitTable:
        """The minutes of each set that lie in the window, in the order of the sets.

        A bit is set at every edge of a span. Whether a minute is held is then the parity of the bits up to it,
        which takes six shifts within words and one pass across them, however many spans there are.
        """
        words: Words = np.zeros((words_for(window), len(sets)), dtype=np.uint64)
        counts = [len(each.edges) for each in sets]
        edges = np.fromiter(chain.from_iterable(each.edges for each in sets), np.int64, sum(counts))
        # What lies outside moves to the window's ends, where the two edges of a span wholly outside cancel.
        minutes = np.clip(edges - window.start, 0, window.minutes)
        numbers = np.repeat(np.arange(len(sets)), counts)
        inside = minutes < len(words) * WORD
        minutes, numbers = minutes[inside], numbers[inside]
        places = minutes >> 6
        firsts = np.flatnonzero(np.diff(numbers * len(words) + places, prepend=-1))
        if firsts.size:
            bits = np.uint64(1) << (minutes & 63).astype(np.uint64)
            words[places[firsts], numbers[firsts]] = np.bitwise_xor.reduceat(bits, firsts)
        _fill_between(words)
        return cls(window, words)

    @classmethod
    def joined(cls, tables: Iterable[BitTable]) -> BitTable:
        """The sets of several tables in one, numbered on from table to table.

        Raises:
            ValueError: no table at all, or different windows.
        """
        family = list(tables)
        windows = {each.window for each in family}
        if len(windows) != 1:
            raise ValueError(f"tables over one window can be joined, not over {len(windows)}")
        return cls(windows.pop(), np.concatenate([each.words for each in family], axis=1))

    def __len__(self) -> int:
        return int(self.words.shape[1])

    def __getitem__(self, number: int) -> Bits:
        return to_bits(self.window, self.words[:, number])

    def __iter__(self) -> Iterator[Bits]:
        return (self[number] for number in range(len(self)))

    def __or__(self, other: BitTable) -> BitTable:
        return BitTable(self._shared_window(other), self.words | other.words)

    def __and__(self, other: BitTable) -> BitTable:
        return BitTable(self._shared_window(other), self.words & other.words)

    def __sub__(self, other: BitTable) -> BitTable:
        return BitTable(self._shared_window(other), self.words & ~other.words)

    def starts(self, duration: int) -> BitTable:
        """Of each set the minutes s for which all of [s, s + duration) is in it, in O(log duration) shifts.

        Raises:
            ValueError: the duration is below 1 minute.
        """
        if duration < 1:
            raise ValueError(f"a duration is at least 1 minute, not {duration}")
        words = self.words.copy()
        # Memory asked for again at every step would cost more than the steps.
        scratch, spill = np.empty_like(words), np.empty_like(words)
        have = 1
        while have < duration:
            more = min(have, duration - have)
            _keep_if_set_later(words, more, scratch, spill)
            have += more
        return BitTable(self.window, words)

    def _shared_window(self, other: BitTable) -> Span:
        if self.window != other.window:
            raise ValueError(
                f"tables over different windows do not combine: {self.window} and {other.window}"
            )
        return self.window


def words_for(window: Span) -> int:
    """How many words hold a bit for each minute of the window."""
    return -(-window.minutes // WORD)


def to_bits(window: Span, words: Words) -> Bits:
    """One set as `Bits`."""
    return Bits(window, int.from_bytes(words.astype(_LITTLE_ENDIAN, copy=False).tobytes(), "little"))


def _fill_between(words: Words) -> None:
    """Turn the bits at the edges of spans into the bits of the spans, in place."""
    scratch = np.empty_like(words)
    for shift in (1, 2, 4, 8, 16, 32):
        words ^= np.left_shift(words, np.uint64(shift), out=scratch)
    np.right_shift(words, np.uint64(WORD - 1), out=scratch)
    np.bitwise_xor.accumulate(scratch, axis=0, out=scratch)
    words[1:] ^= np.negative(scratch, out=scratch)[:-1]


def _keep_if_set_later(words: Words, minutes: int, scratch: Words, spill: Words) -> None:
    """Keep each bit only where the one so many minutes later is set too, in place."""
    whole, rest = divmod(minutes, WORD)
    reached = max(len(words) - whole, 0)
    later = np.right_shift(words[whole:], np.uint64(rest), out=scratch[:reached])
    if rest and reached > 1:
        later[:-1] |= np.left_shift(words[whole + 1 :], np.uint64(WORD - rest), out=spill[: reached - 1])
    words[:reached] &= later
    words[reached:] = 0
