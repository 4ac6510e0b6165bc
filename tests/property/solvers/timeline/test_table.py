"""BitTable against a row of Bits."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from solvers.timeline import Bits, BitTable, Span, SpanSet

# Windows of one word of 64 bits, of several, and of a whole number of them.
WINDOWS = st.tuples(st.integers(-80, 80), st.integers(1, 260) | st.sampled_from([64, 128])).map(
    lambda pair: Span(pair[0], sum(pair))
)
PAIRS = st.lists(
    st.tuples(st.integers(-120, 280), st.integers(1, 150)).map(lambda pair: (pair[0], sum(pair))), max_size=6
)
FAMILIES = st.lists(PAIRS.map(SpanSet.of), max_size=5)


def rows(window: Span, family: list[SpanSet]) -> list[Bits]:
    """Each set on its own."""
    return [Bits.from_spans(window, spans) for spans in family]


@settings(deadline=None)
@given(WINDOWS, FAMILIES)
@example(Span(0, 1), [])
@example(Span(0, 64), [SpanSet.of([(0, 64)]), SpanSet(), SpanSet.of([(63, 64)])])
@example(Span(0, 65), [SpanSet.of([(64, 65)]), SpanSet.of([(-9, 90)])])
@example(Span(0, 128), [SpanSet.of([(-9, -4), (-3, -1), (128, 130)]), SpanSet.of([(63, 65)])])
@example(Span(0, 9), [SpanSet.of([(-9, 2), (4, 5)]), SpanSet.of([(0, 1), (8, 20)])])
def test_holds_what_the_spans_hold(window: Span, family: list[SpanSet]) -> None:
    """Every set of the table is the one made alone, in the same order."""
    table = BitTable.from_spans(window, family)
    assert rows(window, family) == list(table)
    assert len(family) == len(table)


@settings(deadline=None)
@given(WINDOWS, FAMILIES, st.data())
def test_set_algebra(window: Span, family: list[SpanSet], data: st.DataObject) -> None:
    """Union, intersection and difference join each set with the one of the same number."""
    others = [data.draw(PAIRS.map(SpanSet.of)) for _ in family]
    left, right = BitTable.from_spans(window, family), BitTable.from_spans(window, others)
    pairs = list(zip(rows(window, family), rows(window, others), strict=True))
    assert [one | two for one, two in pairs] == list(left | right)
    assert [one & two for one, two in pairs] == list(left & right)
    assert [one - two for one, two in pairs] == list(left - right)


@settings(deadline=None)
@given(WINDOWS, FAMILIES, st.integers(1, 280))
@example(Span(0, 128), [SpanSet.of([(0, 128)]), SpanSet.of([(60, 70)])], 64)
@example(Span(0, 130), [SpanSet.of([(0, 130)])], 65)
@example(Span(0, 130), [SpanSet.of([(0, 130)])], 130)
@example(Span(0, 130), [SpanSet.of([(0, 130)])], 131)
@example(Span(0, 64), [SpanSet.of([(0, 64)])], 270)
def test_starts(window: Span, family: list[SpanSet], duration: int) -> None:
    """The starts in every set are those of the set alone."""
    starts = BitTable.from_spans(window, family).starts(duration)
    assert [bits.starts(duration) for bits in rows(window, family)] == list(starts)


@settings(deadline=None)
@given(WINDOWS, st.lists(FAMILIES, min_size=1, max_size=3))
def test_joined(window: Span, families: list[list[SpanSet]]) -> None:
    """Tables joined number their sets on."""
    joined = BitTable.joined([BitTable.from_spans(window, family) for family in families])
    assert rows(window, [spans for family in families for spans in family]) == list(joined)
