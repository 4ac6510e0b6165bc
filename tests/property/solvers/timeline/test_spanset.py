"""SpanSet against a plain set of minutes."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from solvers.timeline import Span, SpanSet

PAIRS = st.lists(
    st.tuples(st.integers(-40, 40), st.integers(1, 15)).map(lambda pair: (pair[0], sum(pair))), max_size=7
)
WINDOWS = st.tuples(st.integers(-50, 50), st.integers(1, 60)).map(lambda pair: Span(pair[0], sum(pair)))
NOTHING: list[tuple[int, int]] = []
ADJACENT = [(5, 9), (0, 5)]
NESTED = [(0, 20), (3, 4), (3, 9), (19, 20)]
SAME_START = [(0, 4), (0, 9), (0, 4)]


def minutes_of(pairs: list[tuple[int, int]]) -> set[int]:
    """The minutes of any spans, one by one."""
    return {minute for start, end in pairs for minute in range(start, end)}


def minutes_in(spans: SpanSet) -> set[int]:
    """The minutes of a SpanSet, one by one, once its form is seen to be canonical."""
    for earlier, later in pairwise(spans):
        assert earlier.end < later.start
    return {minute for span in spans for minute in range(span.start, span.end)}


@given(PAIRS)
@example(NOTHING)
@example(ADJACENT)
@example(NESTED)
@example(SAME_START)
def test_holds_the_minutes_of_its_spans(pairs: list[tuple[int, int]]) -> None:
    """Whatever order and overlap the spans come in, the set holds exactly their minutes, and counts them."""
    spans = SpanSet.of(pairs)
    assert minutes_of(pairs) == minutes_in(spans)
    assert len(minutes_of(pairs)) == spans.minutes
    assert bool(pairs) == bool(spans)
    assert spans == SpanSet.of(spans)


@given(PAIRS, PAIRS)
@example(ADJACENT, [(0, 9)])
@example(NOTHING, NOTHING)
def test_equal_exactly_when_the_minutes_are(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    """Two sets are equal, and hash alike, exactly when they hold the same minutes."""
    left, right = SpanSet.of(one), SpanSet.of(two)
    assert (minutes_of(one) == minutes_of(two)) == (left == right)
    if left == right:
        assert hash(left) == hash(right)


@given(PAIRS, PAIRS)
@example(NOTHING, ADJACENT)
@example(ADJACENT, NOTHING)
@example([(0, 5)], [(5, 9)])
@example([(0, 9)], [(0, 9)])
@example([(0, 9)], [(3, 5)])
@example([(0, 4), (6, 9)], [(4, 6)])
@example(SAME_START, NESTED)
def test_set_algebra(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    """Union, intersection and difference are those of the minutes."""
    left, right = SpanSet.of(one), SpanSet.of(two)
    assert minutes_of(one) | minutes_of(two) == minutes_in(left | right)
    assert minutes_of(one) & minutes_of(two) == minutes_in(left & right)
    assert minutes_of(one) - minutes_of(two) == minutes_in(left - right)


@given(st.lists(PAIRS, min_size=1, max_size=5))
@example([NOTHING])
@example([ADJACENT, ADJACENT, NOTHING])
@example([[(0, 9)], [(0, 4), (5, 9)], [(3, 6)]])
@example([[(0, 4)], [(0, 9)], [(9, 12)]])
def test_many_sets_at_once(family: list[list[tuple[int, int]]]) -> None:
    """The union and the intersection of many sets are those of all their minutes."""
    sets = [SpanSet.of(pairs) for pairs in family]
    assert set().union(*map(minutes_of, family)) == minutes_in(SpanSet.union(sets))
    assert set.intersection(*map(minutes_of, family)) == minutes_in(SpanSet.intersection(sets))


@given(PAIRS, WINDOWS)
@example(NOTHING, Span(0, 1))
@example([(0, 10)], Span(0, 10))
@example([(0, 10)], Span(3, 4))
@example([(0, 3), (7, 10)], Span(3, 7))
@example([(0, 3), (7, 10)], Span(2, 8))
@example([(0, 3)], Span(3, 7))
@example([(7, 9)], Span(3, 7))
@example([(3, 4), (6, 7)], Span(3, 7))
def test_windows(pairs: list[tuple[int, int]], window: Span) -> None:
    """What a window cuts out, leaves over and asks of a set agrees with its minutes."""
    spans, held, inside = SpanSet.of(pairs), minutes_of(pairs), set(range(window.start, window.end))
    assert held & inside == minutes_in(spans.clip(window))
    assert inside - held == minutes_in(spans.complement(window))
    assert len(held & inside) == spans.minutes_in(window)
    assert (inside <= held) == spans.covers(window)
    assert bool(inside & held) == spans.overlaps(window)
    assert (window.start in held) == spans.contains_minute(window.start)


@given(PAIRS)
@example(NOTHING)
@example([(0, 3)])
@example([(0, 3), (5, 6), (9, 10)])
def test_gaps(pairs: list[tuple[int, int]]) -> None:
    """The gaps are the minutes between the first and the last that the set does not hold."""
    held = minutes_of(pairs)
    between = set(range(min(held), max(held))) if held else set()
    assert between - held == minutes_in(SpanSet.of(pairs).gaps())


@given(PAIRS, st.integers(-30, 30), st.integers(0, 12), st.integers(0, 12))
@example([(0, 3), (6, 9)], 0, 0, 3)
@example([(0, 3), (6, 9)], 0, 1, 2)
@example([(0, 3), (6, 9)], 0, 1, 1)
@example(NOTHING, 5, 5, 5)
def test_moved_and_widened(pairs: list[tuple[int, int]], by: int, before: int, after: int) -> None:
    """Shifting moves every minute, widening gives every minute its neighbours."""
    spans, held = SpanSet.of(pairs), minutes_of(pairs)
    assert {minute + by for minute in held} == minutes_in(spans.shift(by))
    near = {other for minute in held for other in range(minute - before, minute + after + 1)}
    assert near == minutes_in(spans.widen(before, after))


@given(PAIRS, st.integers(1, 20))
@example(NOTHING, 1)
@example([(0, 5)], 5)
@example([(0, 5)], 6)
@example(ADJACENT, 9)
def test_starts(pairs: list[tuple[int, int]], duration: int) -> None:
    """A start is a minute from which the whole duration lies in the set."""
    held = minutes_of(pairs)
    fitting = {start for start in held if set(range(start, start + duration)) <= held}
    assert fitting == minutes_in(SpanSet.of(pairs).starts(duration))
