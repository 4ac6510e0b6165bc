"""A set of minutes as sorted, disjoint, non-adjacent spans.

Every operation rests on one counting argument. Sort all starts and all ends of any family of spans, each on
its own. As many spans lie over minute t as there are starts at or before t, less the ends at or
before t. Hence

* t is covered by nobody exactly when it lies in some [ends[k], starts[k + 1]), so the gaps of a union are
  read off by pairing the two sorted lists;
* for sets that are each disjoint in itself, t is covered by at least m of them exactly when it lies in some
  [starts[k + m - 1], ends[k]).

Sorting joins already ascending runs, so combining two sets is linear.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from operator import ge, sub
from typing import ClassVar

from solvers.timeline.span import Span


@dataclass(frozen=True)
class SpanSet:
    """An immutable set of UTC minutes, equal to another exactly when both hold the same minutes.

    Args:
        edges: start, end, start, end, … of the spans, strictly ascending, in minutes since 1970-01-01T00:00Z.
            `SpanSet.of` makes one from spans in any order.

    Raises:
        ValueError: an odd number of edges, or edges that do not ascend.
    """

    edges: tuple[int, ...] = ()

    EMPTY: ClassVar[SpanSet]

    def __post_init__(self) -> None:
        if len(self.edges) % 2:
            raise ValueError(f"every start needs an end, but there are {len(self.edges)} edges")
        if any(map(ge, self.edges, self.edges[1:])):
            raise ValueError("edges must ascend strictly; SpanSet.of puts spans in order")

    @classmethod
    def of(cls, spans: Iterable[Span | tuple[int, int]]) -> SpanSet:
        """The minutes of any spans, in any order, overlapping or not.

        Raises:
            ValueError: a pair whose end is not after its start.
        """
        pairs = [(span.start, span.end) if isinstance(span, Span) else span for span in spans]
        if not pairs:
            return cls()
        starts, ends = zip(*pairs, strict=True)
        if any(map(ge, starts, ends)):
            wrong = next(pair for pair in pairs if pair[0] >= pair[1])
            raise ValueError(f"a span must end after it starts, not {wrong[0]}..{wrong[1]}")
        return cls(_covered(starts, ends))

    @classmethod
    def union(cls, sets: Iterable[SpanSet]) -> SpanSet:
        """The minutes of at least one set; nothing when there are no sets."""
        # Of spans that start together the longest hides the rest, and calendars share many starts.
        longest: dict[int, int] = {}
        for each in sets:
            for start, end in zip(each.edges[0::2], each.edges[1::2], strict=True):
                if longest.get(start, start) < end:
                    longest[start] = end
        if not longest:
            return cls()
        starts = sorted(longest)
        edges, reach = starts[:1], starts[0]
        for start in starts:
            if start > reach:
                edges += (reach, start)
            reach = max(reach, longest[start])
        return cls((*edges, reach))

    @classmethod
    def intersection(cls, sets: Iterable[SpanSet]) -> SpanSet:
        """The minutes every set holds.

        Raises:
            ValueError: no set at all, as the answer would be all of time.
        """
        # Calendars of one office share their hours; equal sets need to be counted once only.
        family = {each.edges for each in sets}
        if not family:
            raise ValueError("the intersection of no sets has no end")
        starts = sorted(chain.from_iterable(edges[0::2] for edges in family))
        ends = sorted(chain.from_iterable(edges[1::2] for edges in family))
        return cls(_ascending(starts[len(family) - 1 :], ends))

    @classmethod
    def at_least(cls, count: int, sets: Iterable[SpanSet]) -> SpanSet:
        """The minutes at least so many of the sets hold; of one set given twice, both count.

        Raises:
            ValueError: the count is below 1.
        """
        if count < 1:
            raise ValueError(f"at least 1 set can be asked for, not {count}")
        family = [each.edges for each in sets]
        starts = sorted(chain.from_iterable(edges[0::2] for edges in family))
        ends = sorted(chain.from_iterable(edges[1::2] for edges in family))
        edges: list[int] = []
        for start, end in zip(starts[count - 1 :], ends, strict=False):
            if edges and start <= edges[-1]:
                edges[-1] = end
            elif start < end:
                edges += (start, end)
        return cls(tuple(edges))

    def __repr__(self) -> str:
        pairs = list(zip(self.edges[0::2], self.edges[1::2], strict=True))
        return f"SpanSet.of({pairs})"

    def __iter__(self) -> Iterator[Span]:
        return map(Span, self.edges[0::2], self.edges[1::2])

    def __bool__(self) -> bool:
        return bool(self.edges)

    def __or__(self, other: SpanSet) -> SpanSet:
        if not (self.edges and other.edges):
            return self if self.edges else other
        starts = self.edges[0::2] + other.edges[0::2]
        return SpanSet(_covered(starts, self.edges[1::2] + other.edges[1::2]))

    def __and__(self, other: SpanSet) -> SpanSet:
        return SpanSet.intersection((self, other))

    def __sub__(self, other: SpanSet) -> SpanSet:
        if not (self.edges and other.edges):
            return self
        # What remains is shared by this set and the complement of the other, whose spans start where the
        # other's end; its first span starts before all time and is the one that [k + n - 1] skips.
        starts = sorted(self.edges[0::2] + other.edges[1::2])
        return SpanSet(_ascending(starts, sorted(self.edges[1::2] + other.edges[0::2])))

    @property
    def minutes(self) -> int:
        """How many minutes the set holds."""
        return sum(self.edges[1::2]) - sum(self.edges[0::2])

    def clip(self, window: Span) -> SpanSet:
        """The part inside the window; O(log n) plus the size of the answer."""
        first, last = bisect_right(self.edges, window.start), bisect_left(self.edges, window.end)
        if first == 0 and last == len(self.edges):
            return self
        # An odd position lies inside a span: that span is cut at the window's edge.
        head = (window.start,) if first % 2 else ()
        tail = (window.end,) if last % 2 else ()
        return SpanSet(head + self.edges[first:last] + tail)

    def complement(self, window: Span) -> SpanSet:
        """The minutes of the window that are not in the set."""
        return SpanSet((window.start, window.end)) - self.clip(window)

    def gaps(self) -> SpanSet:
        """The minutes between the first and the last of the set that are not in it."""
        return SpanSet(self.edges[1:-1])

    def shift(self, minutes: int) -> SpanSet:
        """Every minute moved by so many minutes, later when positive."""
        return SpanSet(tuple(edge + minutes for edge in self.edges))

    def widen(self, before: int, after: int) -> SpanSet:
        """Every span begun `before` minutes earlier and ended `after` minutes later.

        Raises:
            ValueError: a negative amount.
        """
        if before < 0 or after < 0:
            raise ValueError(f"a set can be widened by 0 minutes or more, not by {before} and {after}")
        starts = [edge - before for edge in self.edges[0::2]]
        return SpanSet(_covered(starts, [edge + after for edge in self.edges[1::2]]))

    def starts(self, duration: int) -> SpanSet:
        """The minutes s for which all of [s, s + duration) is in the set.

        Raises:
            ValueError: the duration is below 1 minute.
        """
        if duration < 1:
            raise ValueError(f"a duration is at least 1 minute, not {duration}")
        edges: list[int] = []
        for start, end in zip(self.edges[0::2], self.edges[1::2], strict=True):
            if end - start >= duration:
                edges += (start, end - duration + 1)
        return SpanSet(tuple(edges))

    def contains_minute(self, minute: int) -> bool:
        """Whether the set holds this minute; O(log n)."""
        return bisect_right(self.edges, minute) % 2 == 1

    def covers(self, span: Span) -> bool:
        """Whether the set holds every minute of the span; O(log n)."""
        first = bisect_right(self.edges, span.start)
        return first % 2 == 1 and span.end <= self.edges[first]

    def overlaps(self, span: Span) -> bool:
        """Whether the set holds at least one minute of the span; O(log n)."""
        first = bisect_right(self.edges, span.start)
        return first % 2 == 1 or (first < len(self.edges) and self.edges[first] < span.end)

    def minutes_in(self, span: Span) -> int:
        """How many minutes of the span the set holds; O(log n) after the first call."""
        return self._minutes_before(span.end) - self._minutes_before(span.start)

    def _minutes_before(self, minute: int) -> int:
        passed = bisect_right(self.edges, minute)
        if passed % 2:
            return self._held[passed // 2] + minute - self.edges[passed - 1]
        return self._held[passed // 2]

    @cached_property
    def _held(self) -> tuple[int, ...]:
        """How many minutes the first k spans hold, for k from 0."""
        return tuple(accumulate(map(sub, self.edges[1::2], self.edges[0::2]), initial=0))


SpanSet.EMPTY = SpanSet()


def _ascending(starts: Sequence[int], ends: Sequence[int]) -> tuple[int, ...]:
    """The pairs of k-th start and k-th end in which the start comes first, as edges."""
    edges: list[int] = []
    for start, end in zip(starts, ends, strict=False):
        if start < end:
            edges += (start, end)
    return tuple(edges)


def _covered(starts: Sequence[int], ends: Sequence[int]) -> tuple[int, ...]:
    """The edges of the union of spans given by their starts and their ends, each in any order."""
    if not starts:
        return ()
    starts, ends = sorted(starts), sorted(ends)
    edges = starts[:1]
    for end, start in zip(ends, starts[1:], strict=False):
        if end < start:
            edges += (end, start)
    return (*edges, ends[-1])
