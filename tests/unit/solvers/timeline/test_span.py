"""One half-open stretch of minutes."""

from __future__ import annotations

import pytest

from solvers.timeline import Span


@pytest.mark.parametrize(("start", "end"), [(5, 5), (5, 4)])
def test_refuses_a_span_without_minutes(start: int, end: int) -> None:
    """A span ends after it starts; nothing is not a span."""
    with pytest.raises(ValueError, match="must end after it starts"):
        Span(start, end)


def test_spans_back_to_back_do_not_touch() -> None:
    """The end is not part of the span, so a neighbour shares no minute."""
    assert not Span(0, 5).overlaps(Span(5, 9))
    assert not Span(5, 9).overlaps(Span(0, 5))
    assert Span(0, 6).overlaps(Span(5, 9))
    assert Span(0, 9).overlaps(Span(3, 4))


def test_contains_every_minute_or_not() -> None:
    """A span contains itself and what lies inside, and nothing that sticks out by a minute."""
    assert Span(0, 9).contains(Span(0, 9))
    assert Span(0, 9).contains(Span(3, 4))
    assert not Span(0, 9).contains(Span(3, 10))
    assert not Span(1, 9).contains(Span(0, 4))


def test_clip_gives_the_shared_minutes() -> None:
    """What lies in the window remains, and None when that is nothing."""
    assert Span(0, 9).clip(Span(3, 20)) == Span(3, 9)
    assert Span(0, 9).clip(Span(2, 4)) == Span(2, 4)
    assert Span(0, 9).clip(Span(9, 20)) is None


def test_length_in_minutes() -> None:
    """The length is the number of minutes in it."""
    assert Span(-3, 4).minutes == len(range(-3, 4))
