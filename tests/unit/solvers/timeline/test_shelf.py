"""A shelf at its edges."""

from __future__ import annotations

import pytest

from solvers.timeline import Bits, BitTable, Shelf, Span, SpanSet

WINDOW = Span(0, 10_000)


def shelf_of(*pairs: tuple[int, int]) -> Shelf:
    """A set of one span each."""
    return Shelf.of(BitTable.from_spans(WINDOW, [SpanSet.of([pair]) for pair in pairs]))


def test_keeps_only_words_that_matter() -> None:
    """Nights take no memory: of 157 words the two in which somebody is free are kept."""
    assert (2, 2) == shelf_of((100, 130), (120, 128)).words.shape


def test_an_empty_shelf_forbids_nothing_and_offers_nobody() -> None:
    """Of no sets, all hold every minute and none holds any."""
    empty = shelf_of()
    assert Bits.full(WINDOW) == empty.everyone()
    assert Bits.empty(WINDOW) == empty.anyone()
    assert SpanSet.EMPTY == empty.at_least(1)


def test_refuses_to_count_to_nothing() -> None:
    """At least 0 sets is no question."""
    with pytest.raises(ValueError, match="at least 1 set"):
        shelf_of((0, 9)).at_least(0)


def test_refuses_to_choose_twice() -> None:
    """A calendar is one of so many once; counted twice it would make a pair of itself."""
    with pytest.raises(ValueError, match="once only"):
        shelf_of((0, 9), (3, 9)).choose([1, 0, 1])
