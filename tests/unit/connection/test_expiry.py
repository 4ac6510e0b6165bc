"""How early people are told that a secret ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduler.connection.expiry import Expiry

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("days", "urgency", "words"),
    [
        (61, "fine", None),
        (60, "soon", "ends in 60 days, on 2027-01-19"),
        (31, "soon", "ends in 31 days"),
        (30, "urgent", "ends in 30 days"),
        (8, "urgent", "ends in 8 days"),
        (7, "now", "ends in 7 days"),
        (1, "now", "ends tomorrow"),
        (0, "now", "ends today"),
        (-1, "over", "ended on 2026-11-19"),
    ],
)
def test_the_warning_grows_as_the_end_comes_near(days: int, urgency: str, words: str | None) -> None:
    """60, 30 and 7 days before it becomes more urgent; before that nothing is said."""
    expiry = Expiry("client secret", TODAY + timedelta(days), TODAY)
    warning = expiry.warning()
    assert (urgency, words is None) == (expiry.urgency, warning is None)
    assert words is None or words in (warning or "")


def test_an_end_that_nobody_recorded_is_unknown() -> None:
    """Nothing is claimed about it."""
    expiry = Expiry("client secret", None, TODAY)
    assert ("unknown", None, None) == (expiry.urgency, expiry.days, expiry.warning())
