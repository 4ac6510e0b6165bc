"""What BitTable refuses."""

from __future__ import annotations

from collections.abc import Callable
from operator import and_, or_, sub

import numpy as np
import pytest

from solvers.timeline import Bits, BitTable, Span, SpanSet


@pytest.mark.parametrize("shape", [(1, 3), (3, 3), (2,)])
def test_refuses_sets_of_another_length(shape: tuple[int, ...]) -> None:
    """A window of 65 minutes takes two words a set."""
    with pytest.raises(ValueError, match="65 minutes take 2 words"):
        BitTable(Span(0, 65), np.zeros(shape, dtype=np.uint64))


@pytest.mark.parametrize("operation", [and_, or_, sub])
def test_refuses_to_combine_different_windows(operation: Callable[[BitTable, BitTable], BitTable]) -> None:
    """Windows of equal length but different place do not combine, as their bits mean different minutes."""
    one, two = (BitTable.from_spans(window, [SpanSet.EMPTY]) for window in (Span(0, 3), Span(1, 4)))
    with pytest.raises(ValueError, match="different windows"):
        operation(one, two)
    with pytest.raises(ValueError, match="one window"):
        BitTable.joined([one, two])
    with pytest.raises(ValueError, match="one window"):
        BitTable.joined([])


def test_refuses_meetings_of_no_length() -> None:
    """A duration of nothing has no starts."""
    with pytest.raises(ValueError, match="at least 1 minute"):
        BitTable.from_spans(Span(0, 3), []).starts(0)


def test_its_words_do_not_change() -> None:
    """Neither eroding nor combining touches the table it starts from, and nobody else can."""
    table = BitTable.from_spans(Span(0, 100), [SpanSet.of([(0, 90)])])
    assert 31 == table.starts(60)[0].count()
    assert (table - table)[0] == Bits.empty(Span(0, 100))
    assert 90 == table[0].count()
    with pytest.raises(ValueError, match="read-only"):
        table.words[0, 0] = 0
