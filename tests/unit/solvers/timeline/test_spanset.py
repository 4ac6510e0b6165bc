"""What SpanSet refuses, and how it shows itself."""

from __future__ import annotations

import pytest

from solvers.timeline import Span, SpanSet


def test_no_spans_and_the_empty_constant_are_one_value() -> None:
    """There is one empty set, however it is made."""
    assert SpanSet.EMPTY == SpanSet() == SpanSet.of([]) == SpanSet.of([(0, 1)]) - SpanSet.of([(0, 1)])


def test_adjacent_spans_become_one() -> None:
    """Spans that touch are one span, so equal sets look equal."""
    assert (Span(0, 10),) == tuple(SpanSet.of([Span(5, 10), (0, 5)]))


def test_shows_itself_as_code() -> None:
    """The representation makes the same set again."""
    assert repr(SpanSet.of([(7, 9), (0, 5)])) == "SpanSet.of([(0, 5), (7, 9)])"


@pytest.mark.parametrize("edges", [(1,), (1, 1), (2, 1), (0, 5, 5, 9), (0, 5, 3, 9)])
def test_refuses_edges_that_are_not_canonical(edges: tuple[int, ...]) -> None:
    """Edges that are odd in number, or do not ascend strictly, make no set."""
    with pytest.raises(ValueError, match=r"edge"):
        SpanSet(edges)


def test_refuses_a_span_that_ends_before_it_starts() -> None:
    """A reversed or empty pair is an error, never an empty set."""
    with pytest.raises(ValueError, match="must end after it starts"):
        SpanSet.of([(5, 5)])


def test_refuses_impossible_amounts() -> None:
    """A duration of nothing, a negative widening and the intersection of no sets have no answer."""
    with pytest.raises(ValueError, match="at least 1 minute"):
        SpanSet().starts(0)
    with pytest.raises(ValueError, match="0 minutes or more"):
        SpanSet().widen(-1, 0)
    with pytest.raises(ValueError, match="0 minutes or more"):
        SpanSet().widen(0, -1)
    with pytest.raises(ValueError, match="no sets"):
        SpanSet.intersection([])


def test_union_of_no_sets_is_empty() -> None:
    """Nobody's minutes are no minutes."""
    assert SpanSet.union([]) == SpanSet.EMPTY
