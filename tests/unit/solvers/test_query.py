"""Which questions may be asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solvers import Attendee, Bits, Calendar, Query, RoomOption, Span, SpanSet, Weights

WINDOW = Span(0, 120)
ANN = Attendee(Calendar("ann", SpanSet.of([WINDOW])))
AULA = RoomOption(Calendar("aula", SpanSet.of([WINDOW])))
SOUND = Query(
    minutes=60, window=WINDOW, starts=Bits.full(WINDOW), earliest=0, attendees=(ANN,), rooms=(AULA,)
)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"minutes": 0}, "at least 1 minute, not 0"),
        ({"starts": Bits.full(Span(1, 121))}, "but the window is"),
        ({"buffer_before": -1}, "buffers must not be negative"),
        ({"buffer_after": -1}, "buffers must not be negative"),
        ({"attendees": (), "rooms": None}, "at least one attendee or room"),
        ({"attendees": (), "rooms": ()}, "at least one attendee or room"),
        ({"attendees": (ANN, ANN)}, "used twice: ann"),
        ({"rooms": (AULA, AULA)}, "used twice: aula"),
        ({"rooms": (RoomOption(ANN.calendar),)}, "used twice: ann"),
    ],
)
def test_each_rule_has_its_own_complaint(change: dict[str, object], complaint: str) -> None:
    """A question that breaks one rule is refused with a message about that rule."""
    with pytest.raises(ValueError, match=complaint):
        replace(SOUND, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"attendees": ()}, {"rooms": None}, {"rooms": ()}, {"earliest": -5}, {"minutes": 500}]
)
def test_a_question_without_an_answer_may_be_asked(change: dict[str, object]) -> None:
    """People without rooms, rooms without people, and meetings that cannot fit are questions like others."""
    replace(SOUND, **change)  # type: ignore[arg-type]


def test_parts_refuse_what_makes_no_sense() -> None:
    """A nameless calendar, a room that costs less than nothing and a negative weight are refused."""
    with pytest.raises(ValueError, match="needs a key"):
        Calendar("", SpanSet.EMPTY)
    with pytest.raises(ValueError, match="room aula must not be negative"):
        replace(AULA, cost=-1)
    with pytest.raises(ValueError, match="weight day_part must not be negative"):
        Weights(day_part=-1)


def test_default_weights_never_reward_an_absence() -> None:
    """An optional person costs no more present for a whole bad hour than absent, as `Weights` promises."""
    weights = Weights()
    worst_hour = 60 * (weights.tentative + weights.preferred_hours + weights.day_part)
    assert weights.optional_missing == worst_hour


def test_meeting_and_its_buffers() -> None:
    """The meeting is half-open, and its buffers lie around it."""
    query = replace(SOUND, buffer_before=5, buffer_after=10)
    assert Span(30, 90) == query.meeting(30)
    assert Span(25, 100) == query.guarded(30)
