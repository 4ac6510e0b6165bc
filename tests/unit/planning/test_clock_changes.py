"""Clock changes are told on the slots and windows they touch, and on no others."""

from __future__ import annotations

from scheduler.planning.clock_changes import changes, local_day
from scheduler.zones import NamedZone, parse_utc
from solvers.timeline import Span

AMSTERDAM = NamedZone("Europe/Amsterdam")
LORD_HOWE = NamedZone("Australia/Lord_Howe")
CHANGE = parse_utc("2026-03-29T01:00Z")
SENTENCE = "Clocks in Europe/Amsterdam go forward by 60 minutes after 2026-03-29 01:59."


def test_a_change_inside_the_span() -> None:
    """The last reading before it, the direction and the size."""
    assert (SENTENCE,) == changes([AMSTERDAM], Span(CHANGE - 60, CHANGE + 60))


def test_a_change_at_the_edges() -> None:
    """A span that begins with the change has it; one that ends before its minute has not."""
    assert (SENTENCE,) == changes([AMSTERDAM], Span(CHANGE, CHANGE + 60))
    assert () == changes([AMSTERDAM], Span(CHANGE - 60, CHANGE))


def test_no_change() -> None:
    """Ordinary days say nothing."""
    assert () == changes([AMSTERDAM], Span(CHANGE + 60, CHANGE + 86_400))


def test_several_clocks_in_order() -> None:
    """Each zone's change once, by time; half an hour is half an hour."""
    start, end = parse_utc("2026-03-28T00:00Z"), parse_utc("2026-04-06T00:00Z")
    found = changes([LORD_HOWE, AMSTERDAM, LORD_HOWE], Span(start, end))
    assert (SENTENCE, "Clocks in Australia/Lord_Howe go back by 30 minutes after 2026-04-05 01:59.") == found


def test_the_day_of_a_slot_holds_its_night() -> None:
    """A slot at nine in the morning has the change of the night before on its day."""
    day = local_day(AMSTERDAM, parse_utc("2026-03-29T07:00Z"))
    assert (parse_utc("2026-03-28T23:00Z"), 23 * 60) == (day.start, day.minutes)
