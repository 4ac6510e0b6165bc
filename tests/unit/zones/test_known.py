"""The rules of clocks that exist."""

from __future__ import annotations

from scheduler.zones.known import YearlyRule, known_rules, looks_exchanged

EUROPE = YearlyRule(-60, 60, back_on=(10, 5, 6, 180), forward_on=(3, 5, 6, 120))
MADE_UP = (-60, -60, (11, 2, 2, 180), (2, 3, 4, 120))


def test_from_the_database() -> None:
    """Rules of all kinds are read: the usual, half an hour, two hours, at midnight, and Dublin's winter time."""
    expected = {
        EUROPE,
        YearlyRule(-630, 30, back_on=(4, 1, 6, 120), forward_on=(10, 1, 6, 120)),
        YearlyRule(0, 120, back_on=(10, 5, 6, 180), forward_on=(3, 5, 6, 60)),
        YearlyRule(-120, 60, back_on=(10, 5, 3, 1440), forward_on=(4, 5, 4, 0)),
        YearlyRule(210, 60, back_on=(11, 1, 6, 120), forward_on=(3, 2, 6, 120)),
        YearlyRule(0, 60, back_on=(10, 5, 6, 120), forward_on=(3, 5, 6, 60)),
    }
    assert set() == expected - known_rules()


def test_one_clock_under_two_names() -> None:
    """Summer as standard time and winter as daylight time is the same rule."""
    assert EUROPE == YearlyRule.of(-120, 60, EUROPE.forward_on, EUROPE.back_on)


def test_exchanged() -> None:
    """Exchanged changes are noticed with either bias, and neither real nor made-up rules are suspected."""
    assert not looks_exchanged(-60, -60, EUROPE.back_on, EUROPE.forward_on)
    assert looks_exchanged(-60, -60, EUROPE.forward_on, EUROPE.back_on)
    assert looks_exchanged(-120, -60, EUROPE.forward_on, EUROPE.back_on)
    assert not looks_exchanged(*MADE_UP)
