"""Bits against a plain set of minutes, and against SpanSet."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from solvers.timeline import Bits, Span, SpanSet

PAIRS = st.lists(
    st.tuples(st.integers(-40, 40), st.integers(1, 15)).map(lambda pair: (pair[0], sum(pair))), max_size=7
)
SPANS = PAIRS.map(SpanSet.of)
WINDOWS = st.tuples(st.integers(-50, 50), st.integers(1, 70)).map(lambda pair: Span(pair[0], sum(pair)))


def minutes_of(spans: SpanSet, window: Span) -> set[int]:
    """The minutes of the spans that lie in the window, one by one."""
    return {minute for span in spans for minute in range(span.start, span.end)} & set(
        range(window.start, window.end)
    )


@given(WINDOWS, SPANS)
@example(Span(0, 1), SpanSet())
@example(Span(0, 1), SpanSet.of([(0, 1)]))
@example(Span(0, 8), SpanSet.of([(-3, 20)]))
@example(Span(0, 16), SpanSet.of([(7, 8), (15, 16)]))
@example(Span(-5, 3), SpanSet.of([(-9, -4), (2, 9)]))
def test_holds_what_the_spans_hold(window: Span, spans: SpanSet) -> None:
    """Made from spans, the bits hold the spans' minutes of the window, and give the same spans back."""
    bits, held = Bits.from_spans(window, spans), minutes_of(spans, window)
    assert sorted(held) == list(bits)
    assert len(held) == bits.count()
    assert bool(held) == bool(bits)
    assert spans.clip(window) == bits.to_spans()
    assert [minute - window.start for minute in sorted(held)] == bits.offsets().tolist()
    for minute in range(window.start - 2, window.end + 2):
        assert (minute in held) == bits.contains_minute(minute)


@given(WINDOWS, SPANS, SPANS)
@example(Span(0, 9), SpanSet(), SpanSet.of([(0, 9)]))
@example(Span(0, 9), SpanSet.of([(0, 4)]), SpanSet.of([(4, 9)]))
def test_set_algebra(window: Span, one: SpanSet, two: SpanSet) -> None:
    """Union, intersection, difference and complement are those of the minutes, and those of SpanSet."""
    left, right = Bits.from_spans(window, one), Bits.from_spans(window, two)
    first, second = minutes_of(one, window), minutes_of(two, window)
    assert first | second == set(left | right)
    assert first & second == set(left & right)
    assert first - second == set(left - right)
    assert set(range(window.start, window.end)) - first == set(~left)
    assert (one | two).clip(window) == (left | right).to_spans()
    assert (one & two).clip(window) == (left & right).to_spans()
    assert (one - two).clip(window) == (left - right).to_spans()
    assert one.complement(window) == (~left).to_spans()


@given(WINDOWS, st.lists(SPANS, min_size=1, max_size=5))
@example(Span(0, 9), [SpanSet()])
@example(Span(0, 9), [SpanSet.of([(0, 9)]), SpanSet.of([(2, 9)]), SpanSet.of([(0, 4)])])
def test_many_sets_at_once(window: Span, family: list[SpanSet]) -> None:
    """The intersection of many sets is that of all their minutes."""
    bits = [Bits.from_spans(window, spans) for spans in family]
    expected = set.intersection(*(minutes_of(spans, window) for spans in family))
    assert expected == set(Bits.intersection(bits))


@given(WINDOWS, SPANS, st.integers(1, 25))
@example(Span(0, 8), SpanSet.of([(0, 8)]), 8)
@example(Span(0, 8), SpanSet.of([(0, 20)]), 9)
@example(Span(0, 8), SpanSet.of([(0, 3), (4, 8)]), 4)
def test_starts(window: Span, spans: SpanSet, duration: int) -> None:
    """A start is a minute from which the whole duration lies in the set and in the window."""
    held = minutes_of(spans, window)
    fitting = {start for start in held if set(range(start, start + duration)) <= held}
    bits = Bits.from_spans(window, spans).starts(duration)
    assert fitting == set(bits)
    assert spans.clip(window).starts(duration) == bits.to_spans()


@given(WINDOWS, SPANS, st.integers(0, 40), st.integers(0, 40))
@example(Span(0, 8), SpanSet.of([(0, 1)]), 3, 100)
@example(Span(0, 8), SpanSet.of([(7, 8)]), 100, 3)
@example(Span(0, 8), SpanSet.of([(3, 4)]), 0, 0)
def test_widen(window: Span, spans: SpanSet, before: int, after: int) -> None:
    """Every minute gets its neighbours, as far as the window reaches."""
    held = minutes_of(spans, window)
    near = {other for minute in held for other in range(minute - before, minute + after + 1)}
    bits = Bits.from_spans(window, spans).widen(before, after)
    assert near & set(range(window.start, window.end)) == set(bits)
    assert spans.clip(window).widen(before, after).clip(window) == bits.to_spans()


@given(WINDOWS, st.integers(1, 40), st.integers(-100, 100))
@example(Span(0, 1), 40, 1)
@example(Span(3, 4), 1, 0)
@example(Span(-7, 8), 5, 2)
def test_grid(window: Span, step: int, anchor: int) -> None:
    """A grid holds the minutes of the window a whole number of steps from the anchor, on either side."""
    on_it = [minute for minute in range(window.start, window.end) if (minute - anchor) % step == 0]
    assert on_it == list(Bits.grid(window, step, anchor))
