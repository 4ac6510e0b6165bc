"""How many of many sets hold a minute: every form against counting minute by minute."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from solvers.timeline import Bits, Span, SpanSet, counting, minutes_of, starts_of

PAIRS = st.lists(
    st.tuples(st.integers(-40, 40), st.integers(1, 15)).map(lambda pair: (pair[0], sum(pair))), max_size=7
)
FAMILIES = st.lists(PAIRS.map(SpanSet.of), max_size=6)
WINDOWS = st.tuples(st.integers(-50, 50), st.integers(1, 70)).map(lambda pair: Span(pair[0], sum(pair)))
TURNS = [SpanSet.of([(0, 10)]), SpanSet.of([(10, 20)])]


def minutes_in(spans: SpanSet, window: Span) -> set[int]:
    """The minutes of the spans that lie in the window, one by one."""
    inside = range(window.start, window.end)
    return {minute for span in spans for minute in range(span.start, span.end) if minute in inside}


def starts_in(spans: SpanSet, window: Span, duration: int) -> set[int]:
    """The starts of the meetings that lie in the window and in the spans, one by one."""
    held = minutes_in(spans, window)
    return {start for start in held if set(range(start, start + duration)) <= held}


def counted(count: int, sets: list[set[int]]) -> list[int]:
    """The minutes that come up at least so often."""
    times = Counter(minute for each in sets for minute in each)
    return sorted(minute for minute, often in times.items() if often >= count)


@given(FAMILIES, WINDOWS, st.integers(1, 7))
@example([], Span(0, 9), 1)
@example(TURNS, Span(0, 20), 1)
@example(TURNS, Span(0, 20), 2)
@example([*TURNS, *TURNS], Span(0, 20), 2)
@example([SpanSet.of([(0, 9)])] * 3, Span(0, 9), 3)
@example([SpanSet.of([(0, 4), (6, 9)]), SpanSet.of([(4, 6)]), SpanSet.of([(2, 7)])], Span(0, 9), 2)
def test_spans_and_bits_count_minutes(family: list[SpanSet], window: Span, count: int) -> None:
    """Both forms hold the minutes that come up at least so often, as the same spans."""
    expected = counted(count, [minutes_in(spans, window) for spans in family])
    held = SpanSet.at_least(count, family).clip(window)
    assert expected == list(Bits.from_spans(window, held))
    if family:
        bits = Bits.at_least(count, [Bits.from_spans(window, spans) for spans in family])
        assert held == bits.to_spans()


@given(FAMILIES)
def test_union_and_intersection_are_counts(family: list[SpanSet]) -> None:
    """At least one of the sets is their union, at least all of them their intersection."""
    assert SpanSet.union(family) == SpanSet.at_least(1, family)
    if family:
        assert SpanSet.intersection(family) == SpanSet.at_least(len(family), family)


@settings(deadline=None)
@pytest.mark.parametrize("minutes_an_edge", [0, 10**9], ids=["edges", "difference array"])
@given(FAMILIES, WINDOWS, st.integers(1, 7), st.integers(1, 20))
@example([], Span(0, 9), 1, 1)
@example(TURNS, Span(0, 20), 1, 11)
@example(TURNS, Span(0, 20), 1, 10)
@example([SpanSet.of([(-30, 30)])], Span(0, 9), 1, 9)
@example([SpanSet.of([(-30, 30)])], Span(0, 9), 1, 10)
@example([SpanSet.of([(-30, -20), (20, 30)])], Span(0, 9), 1, 1)
@example([SpanSet.of([(0, 8), (10, 18)]), SpanSet.of([(4, 14)])], Span(0, 18), 2, 4)
def test_asked_once(
    minutes_an_edge: int, family: list[SpanSet], window: Span, count: int, duration: int
) -> None:
    """A start needs the same sets for the whole meeting, whichever form counts them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_MINUTES_AN_EDGE", minutes_an_edge)
        starts = starts_of(count, family, window, duration)
        minutes = minutes_of(count, family, window)
    expected = counted(count, [starts_in(spans, window, duration) for spans in family])
    assert expected == list(Bits.from_spans(window, starts))
    assert starts == starts.clip(window)
    assert counted(count, [minutes_in(spans, window) for spans in family]) == list(
        Bits.from_spans(window, minutes)
    )
    assert minutes == minutes.clip(window)
