"""What counting means to a meeting, and what it refuses."""

from __future__ import annotations

import pytest

from solvers.timeline import Bits, Span, SpanSet, minutes_of, starts_of

WINDOW = Span(0, 120)
EARLY, LATE, ALL_DAY = (SpanSet.of([pair]) for pair in ((0, 60), (60, 120), (0, 120)))


def test_people_who_take_turns_do_not_make_a_meeting() -> None:
    """One is free before the hour and one after it: at every minute somebody is, but nobody for a meeting across."""
    assert minutes_of(1, [EARLY, LATE], WINDOW) == ALL_DAY
    assert starts_of(1, [EARLY, LATE], WINDOW, 60) == SpanSet.of([(0, 1), (60, 61)])
    assert starts_of(2, [EARLY, LATE, ALL_DAY], WINDOW, 60) == SpanSet.of([(0, 1), (60, 61)])
    assert starts_of(2, [EARLY, LATE, ALL_DAY], WINDOW, 61) == SpanSet.EMPTY


def test_the_meeting_lies_inside_the_window() -> None:
    """Free time beyond the window is of no use."""
    always = SpanSet.of([(-600, 600)])
    assert starts_of(1, [always], WINDOW, 60) == SpanSet.of([(0, 61)])
    assert starts_of(1, [always] * 40, WINDOW, 121) == SpanSet.EMPTY


@pytest.mark.parametrize("sets", [[EARLY], [EARLY] * 200], ids=["few", "many"])
def test_refuses_impossible_amounts(sets: list[SpanSet]) -> None:
    """Nobody at all, and a meeting of no length, are no question."""
    with pytest.raises(ValueError, match="at least 1 minute"):
        starts_of(1, sets, WINDOW, 0)


@pytest.mark.parametrize("count", [0, -1])
def test_refuses_to_count_to_nothing(count: int) -> None:
    """Every form asks for at least one set."""
    for sets in ([EARLY], [EARLY] * 200):
        with pytest.raises(ValueError, match="at least 1 set"):
            starts_of(count, sets, WINDOW, 1)
        with pytest.raises(ValueError, match="at least 1 set"):
            minutes_of(count, sets, WINDOW)
    with pytest.raises(ValueError, match="at least 1 set"):
        SpanSet.at_least(count, [EARLY])
    with pytest.raises(ValueError, match="at least 1 set"):
        Bits.at_least(count, [Bits.full(WINDOW)])


def test_bits_are_counted_over_one_window() -> None:
    """Without one window that all sets share, there is no answer."""
    with pytest.raises(ValueError, match="one window, not 0"):
        Bits.at_least(1, [])
    with pytest.raises(ValueError, match="one window, not 2"):
        Bits.at_least(1, [Bits.full(Span(0, 3)), Bits.full(Span(1, 4))])
