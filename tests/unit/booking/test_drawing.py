"""The document shows the table of states that the program goes by."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.booking.drawing import BEGIN, END, drawing, redrawn
from scheduler.booking.states import TABLE, State

DOCUMENT = Path(__file__).parents[3] / "docs" / "booking.md"


def test_the_document_is_up_to_date() -> None:
    """What is there is drawn from today's table; `python -m scheduler.booking.drawing docs/booking.md` does it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert redrawn(text) == text


def test_every_state_and_transition_is_drawn() -> None:
    """The drawing leaves no row of the table out; only the arrows of cancelling are left to the tables."""
    text = drawing()
    for state, row in TABLE.items():
        assert f"| `{state.value}` | {row.meaning} |" in text
        for after, when in row.leads_to.items():
            assert f"| `{state.value}` | `{after.value}` | {when} |" in text
            assert (f"    {state.value} --> {after.value}\n" in text) == (after is not State.CANCELLING)


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_a_document_without_a_place_for_it(text: str) -> None:
    """Nothing is guessed about where the drawing belongs."""
    with pytest.raises(ValueError, match="each of the two marks once"):
        redrawn(text)
