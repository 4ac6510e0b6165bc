"""Stretches of UTC minutes."""

from __future__ import annotations

from scheduler.testing.clocks import FIRST, LAST
from scheduler.testing.hypothesis_door import st
from scheduler.testing.strategies.arguments import check_bounds, check_whole
from solvers.timeline import Span, SpanSet


def minutes(min_value: int = FIRST, max_value: int = LAST) -> st.SearchStrategy[int]:
    """UTC minutes, every other one on a quarter of an hour, because edges that meet hide most mistakes.

    Shrinks to a quarter of an hour, then to `min_value`.

    Raises:
        InvalidArgument: the bounds are no whole numbers, or in the wrong order.
    """
    check_bounds("min_value", min_value, "max_value", max_value)
    first, last = -(-min_value // 15), max_value // 15
    anywhere = st.integers(min_value, max_value)
    return anywhere if first > last else st.integers(first, last).map(lambda quarter: quarter * 15) | anywhere


def spans(
    min_start: int = FIRST, max_end: int = LAST, *, min_minutes: int = 1, max_minutes: int | None = None
) -> st.SearchStrategy[Span]:
    """Half-open spans inside the bounds; the longest allowed by default.

    Shrinks to a short span at the beginning.

    Raises:
        InvalidArgument: no span fits the bounds.
    """
    check_whole("min_minutes", min_minutes, least=1)
    check_bounds("min_start", min_start, "max_end", max_end, apart=min_minutes)
    longest = max_end - min_start
    if max_minutes is not None:
        check_bounds("min_minutes", min_minutes, "max_minutes", max_minutes)
        longest = min(longest, max_minutes)

    def from_start(start: int) -> st.SearchStrategy[Span]:
        most = min(longest, max_end - start)
        lengths = st.integers(min_minutes, min(most, max(min_minutes, 120))) | st.integers(min_minutes, most)
        return lengths.map(lambda length: Span(start, start + length))

    return minutes(min_start, max_end - min_minutes).flatmap(from_start)


def span_sets(
    min_start: int = FIRST,
    max_end: int = LAST,
    *,
    max_spans: int = 8,
    min_minutes: int = 1,
    max_minutes: int | None = None,
) -> st.SearchStrategy[SpanSet]:
    """Sets of minutes inside the bounds: the union of at most so many spans of such lengths.

    Raises:
        InvalidArgument: no span fits the bounds.
    """
    check_whole("max_spans", max_spans, least=0)
    each = spans(min_start, max_end, min_minutes=min_minutes, max_minutes=max_minutes)
    return st.lists(each, max_size=max_spans).map(SpanSet.of)
