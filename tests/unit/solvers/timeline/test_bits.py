"""What Bits refuses."""

from __future__ import annotations

from collections.abc import Callable
from operator import and_, or_, sub

import pytest

from solvers.timeline import Bits, Span


@pytest.mark.parametrize("mask", [-1, 0b1000])
def test_refuses_bits_beyond_the_window(mask: int) -> None:
    """Every bit stands for a minute of the window."""
    with pytest.raises(ValueError, match="within the 3 minutes"):
        Bits(Span(0, 3), mask)


@pytest.mark.parametrize("operation", [and_, or_, sub])
def test_refuses_to_combine_different_windows(operation: Callable[[Bits, Bits], Bits]) -> None:
    """Windows of equal length but different place do not combine, as their bits mean different minutes."""
    with pytest.raises(ValueError, match="different windows"):
        operation(Bits.full(Span(0, 3)), Bits.full(Span(1, 4)))


def test_full_and_empty_are_complements() -> None:
    """A full window leaves nothing out."""
    assert Bits.empty(Span(5, 9)) == ~Bits.full(Span(5, 9))
    assert list(Bits.full(Span(5, 9))) == [5, 6, 7, 8]


def test_refuses_impossible_amounts() -> None:
    """A duration or a step of nothing, and a negative widening, have no answer."""
    bits = Bits.full(Span(0, 3))
    with pytest.raises(ValueError, match="at least 1 minute"):
        bits.starts(0)
    with pytest.raises(ValueError, match="at least 1 minute"):
        Bits.grid(Span(0, 3), 0, 0)
    with pytest.raises(ValueError, match="0 minutes or more"):
        bits.widen(-1, 0)
    with pytest.raises(ValueError, match="0 minutes or more"):
        bits.widen(0, -1)


def test_refuses_the_intersection_of_no_sets_or_different_windows() -> None:
    """Without one window that all sets share, there is no answer."""
    with pytest.raises(ValueError, match="one window, not 0"):
        Bits.intersection([])
    with pytest.raises(ValueError, match="one window, not 2"):
        Bits.intersection([Bits.full(Span(0, 3)), Bits.full(Span(1, 4))])
