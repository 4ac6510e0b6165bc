"""Shelf against counting minute by minute."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from solvers.timeline import Bits, BitTable, Shelf, Span, SpanSet

# One that ends within a word of 64 bits, and one that ends with a word.
WINDOWS = st.sampled_from([Span(-100, 150), Span(-100, 156)])
PAIRS = st.lists(
    st.tuples(st.integers(-120, 150), st.integers(1, 90)).map(lambda pair: (pair[0], sum(pair))), max_size=5
)
KINDS = st.lists(PAIRS.map(SpanSet.of), min_size=1, max_size=6)
NOTHING, ALWAYS = SpanSet(), SpanSet.of([(-100, 150)])


def counted(count: int, sets: list[Bits]) -> list[int]:
    """The minutes that come up at least so often."""
    times = Counter(minute for bits in sets for minute in bits)
    return sorted(minute for minute, often in times.items() if often >= count)


def minutes_of(spans: SpanSet) -> list[int]:
    """The minutes of the spans, one by one."""
    return [minute for span in spans for minute in range(span.start, span.end)]


@given(WINDOWS, KINDS, st.lists(st.integers(0, 5), max_size=140), st.integers(1, 150))
@example(Span(-100, 150), [NOTHING], [], 1)
@example(Span(-100, 150), [NOTHING], [0] * 3, 1)
@example(Span(-100, 150), [ALWAYS], [0] * 130, 130)
@example(Span(-100, 156), [SpanSet.of([(-100, 160)])], [0] * 130, 130)
@example(Span(-100, 150), [ALWAYS, NOTHING, SpanSet.of([(-40, 30), (60, 70)])], [0, 1, 2] * 30, 31)
@example(
    Span(-100, 150),
    [SpanSet.of([(0, 9)]), SpanSet.of([(9, 20)]), SpanSet.of([(20, 64), (65, 66)])],
    [0, 1, 1, 2],
    1,
)
@settings(deadline=None)
def test_counts(window: Span, kinds: list[SpanSet], picks: list[int], some: int) -> None:
    """Whatever the count, the minutes are those that come up so often, as the spans that hold them."""
    family = [kinds[pick % len(kinds)] for pick in picks]
    sets = [Bits.from_spans(window, spans) for spans in family]
    kept = Shelf.of(BitTable.from_spans(window, family))
    half = len(family) // 2
    for count in {1, 2, 3, half, half + 1, len(family) - 1, len(family), len(family) + 1, some} - {-1, 0}:
        held = SpanSet.at_least(count, family).clip(window)
        assert counted(count, sets) == minutes_of(held)
        assert held == kept.at_least(count), f"at least {count} of {len(family)}"
    assert counted(1, sets) == list(kept.anyone())
    assert (Bits.intersection(sets) if sets else Bits.full(window)) == kept.everyone()
    assert len(family) == len(kept)


@given(WINDOWS, st.lists(PAIRS.map(SpanSet.of), max_size=8), st.data())
@settings(deadline=None)
def test_some_of_the_sets(window: Span, family: list[SpanSet], data: st.DataObject) -> None:
    """A choice of sets answers as a shelf of them alone would, and can be chosen from again."""
    chosen = data.draw(st.lists(st.sampled_from(range(len(family))), unique=True) if family else st.just([]))
    again = data.draw(st.lists(st.sampled_from(range(len(chosen))), unique=True) if chosen else st.just([]))
    kept = Shelf.of(BitTable.from_spans(window, family)).choose(chosen)
    for some, numbers in ((kept, chosen), (kept.choose(again), [chosen[number] for number in again])):
        alone = Shelf.of(BitTable.from_spans(window, [family[number] for number in numbers]))
        assert alone.everyone() == some.everyone()
        assert alone.anyone() == some.anyone()
        assert [alone.at_least(count) for count in range(1, 10)] == [
            some.at_least(count) for count in range(1, 10)
        ]


@given(
    WINDOWS, st.lists(PAIRS.map(SpanSet.of), min_size=1, max_size=5), st.integers(1, 5), st.integers(1, 80)
)
@settings(deadline=None)
def test_the_same_sets_for_the_whole_meeting(
    window: Span, family: list[SpanSet], count: int, duration: int
) -> None:
    """On a shelf of starts, at least so many sets hold the meeting from its first minute to its last."""
    kept = Shelf.of(BitTable.from_spans(window, family).starts(duration))
    fitting = [Bits.from_spans(window, spans).starts(duration) for spans in family]
    assert counted(count, fitting) == minutes_of(kept.at_least(count))
