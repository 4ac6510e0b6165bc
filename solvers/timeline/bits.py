"""A set of minutes of one window as the bits of one integer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import compress
from operator import and_

import numpy as np
from numpy.typing import NDArray

from solvers.timeline.span import Span
from solvers.timeline.spanset import SpanSet

_BIT = tuple(1 << place for place in range(8))
_DIGIT_VALUES = bytes.maketrans(b"01", b"\x00\x01")


@dataclass(frozen=True, slots=True)
class Bits:
    """An immutable set of UTC minutes inside a window; bit i of the mask stands for minute window.start + i.

    Set operations on two of them cost one pass over the window's bits, whatever the number of spans.

    Args:
        window: the minutes that can be in the set at all.
        mask: the set; no bit beyond the window.

    Raises:
        ValueError: a negative mask or a bit beyond the window; and, from `| & -`, two different windows.
    """

    window: Span
    mask: int

    def __post_init__(self) -> None:
        if self.mask < 0 or self.mask.bit_length() > self.window.minutes:
            raise ValueError(
                f"the mask must have its bits within the {self.window.minutes} minutes of its window"
            )

    @classmethod
    def empty(cls, window: Span) -> Bits:
        """No minute of the window."""
        return cls(window, 0)

    @classmethod
    def full(cls, window: Span) -> Bits:
        """Every minute of the window."""
        return cls(window, (1 << window.minutes) - 1)

    @classmethod
    def from_spans(cls, window: Span, spans: SpanSet) -> Bits:
        """The minutes of the spans that lie in the window.

        A span's bits are 2**end - 2**start. As the edges of a SpanSet never meet, all ends and all starts fit
        into one integer each, and a single subtraction makes the whole set.
        """
        edges = spans.clip(window).edges
        offset = window.start
        size = window.minutes // 8 + 1
        starts, ends = bytearray(size), bytearray(size)
        for edge in edges[0::2]:
            place = edge - offset
            starts[place >> 3] |= _BIT[place & 7]
        for edge in edges[1::2]:
            place = edge - offset
            ends[place >> 3] |= _BIT[place & 7]
        return cls(window, int.from_bytes(ends, "little") - int.from_bytes(starts, "little"))

    @classmethod
    def intersection(cls, sets: Iterable[Bits]) -> Bits:
        """The minutes every set holds; faster than `&` one by one.

        Raises:
            ValueError: no set at all, or different windows.
        """
        family = list(sets)
        windows = {each.window for each in family}
        if len(windows) != 1:
            raise ValueError(f"the intersection needs one window, not {len(windows)}")
        return cls(windows.pop(), reduce(and_, (each.mask for each in family)))

    @classmethod
    def at_least(cls, count: int, sets: Iterable[Bits]) -> Bits:
        """The minutes at least so many of the sets hold, counted in binary; of one set given twice, both count.

        The count of every minute begins at 2**w - count, so that it has reached the count once it overflows its
        w digits.

        Raises:
            ValueError: a count below 1, no set at all, or different windows.
        """
        if count < 1:
            raise ValueError(f"at least 1 set can be asked for, not {count}")
        family = list(sets)
        windows = {each.window for each in family}
        if len(windows) != 1:
            raise ValueError(f"counting needs one window, not {len(windows)}")
        window = windows.pop()
        full = (1 << window.minutes) - 1
        places = range((count - 1).bit_length())
        digits = [full if (1 << len(places)) - count >> place & 1 else 0 for place in places]
        reached = 0
        for each in family:
            carry = each.mask
            for place in places:
                digits[place], carry = digits[place] ^ carry, digits[place] & carry
            reached |= carry
        return cls(window, reached)

    @classmethod
    def grid(cls, window: Span, step: int, anchor: int) -> Bits:
        """The minutes of the window that are a whole number of steps from the anchor, before or after it.

        Raises:
            ValueError: a step below 1 minute.
        """
        if step < 1:
            raise ValueError(f"a grid steps by at least 1 minute, not {step}")
        offset = (anchor - window.start) % step
        wanted = len(range(offset, window.minutes, step))
        mask, have = min(wanted, 1), 1
        while have < wanted:
            more = min(have, wanted - have)
            mask |= mask << more * step
            have += more
        return cls(window, mask << offset)

    def to_spans(self) -> SpanSet:
        """The same minutes as spans."""
        digits = format(self.mask, "b")[::-1] + "0"
        edges: list[int] = []
        start = digits.find("1")
        while start >= 0:
            end = digits.find("0", start)
            edges += (start, end)
            start = digits.find("1", end)
        return SpanSet(tuple(edges)).shift(self.window.start)

    def __iter__(self) -> Iterator[int]:
        digits = format(self.mask, "b")[::-1].encode().translate(_DIGIT_VALUES)
        return compress(range(self.window.start, self.window.end), digits)

    def __bool__(self) -> bool:
        return self.mask != 0

    def __or__(self, other: Bits) -> Bits:
        return Bits(self._shared_window(other), self.mask | other.mask)

    def __and__(self, other: Bits) -> Bits:
        return Bits(self._shared_window(other), self.mask & other.mask)

    def __sub__(self, other: Bits) -> Bits:
        return Bits(self._shared_window(other), self.mask & ~other.mask)

    def __invert__(self) -> Bits:
        return Bits(self.window, self.mask ^ ((1 << self.window.minutes) - 1))

    def offsets(self) -> NDArray[np.intp]:
        """How many minutes after the window's start each minute of the set lies, ascending, as an array."""
        size = (self.window.minutes + 7) // 8
        octets = np.frombuffer(self.mask.to_bytes(size, "little"), dtype=np.uint8)
        return np.flatnonzero(np.unpackbits(octets, bitorder="little"))

    def count(self) -> int:
        """How many minutes the set holds."""
        return self.mask.bit_count()

    def contains_minute(self, minute: int) -> bool:
        """Whether the set holds this minute, which may lie outside the window."""
        return self.window.start <= minute < self.window.end and bool(
            self.mask >> minute - self.window.start & 1
        )

    def starts(self, duration: int) -> Bits:
        """The minutes s for which all of [s, s + duration) is in the set, in O(log duration) shifts.

        Raises:
            ValueError: the duration is below 1 minute.
        """
        if duration < 1:
            raise ValueError(f"a duration is at least 1 minute, not {duration}")
        mask, have = self.mask, 1
        while have < duration:
            more = min(have, duration - have)
            mask &= mask >> more
            have += more
        return Bits(self.window, mask)

    def widen(self, before: int, after: int) -> Bits:
        """Every minute m joined by the minutes m - before … m + after that lie in the window.

        Raises:
            ValueError: a negative amount.
        """
        if before < 0 or after < 0:
            raise ValueError(f"a set can be widened by 0 minutes or more, not by {before} and {after}")
        mask, have, wanted = self.mask, 1, before + after + 1
        while have < wanted:
            more = min(have, wanted - have)
            mask |= mask << more
            have += more
        return Bits(self.window, mask >> before & (1 << self.window.minutes) - 1)

    def _shared_window(self, other: Bits) -> Span:
        if self.window != other.window:
            raise ValueError(f"sets over different windows do not combine: {self.window} and {other.window}")
        return self.window
