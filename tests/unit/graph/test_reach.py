"""A connection that reads free/busy only cannot ask for anything else, whatever code runs."""

from __future__ import annotations

import pytest

from scheduler.graph.errors import NotAllowed
from scheduler.graph.reach import Reach


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/users/ana@x.example/calendar/getSchedule", True),
        ("GET", "/places/microsoft.graph.room", True),
        ("GET", "/groups", True),
        ("GET", "/users/ana@x.example/calendar", False),
        ("GET", "/users/ana@x.example/calendar/getSchedule", False),
        ("GET", "/users/ana@x.example/calendarView", False),
        ("POST", "/users/ana@x.example/events", False),
        ("PATCH", "/users/ana@x.example/events/1", False),
        ("POST", "/users/ana@x.example/calendar/getSchedule/events", False),
        ("POST", "/users/a/b/calendar/getSchedule", False),
        ("POST", "/$batch", False),
    ],
)
def test_only_free_busy_and_the_directory(method: str, path: str, allowed: bool) -> None:  # noqa: FBT001 - a table
    """Every other path and method is refused; a connection that books is not held back."""
    assert allowed is Reach.FREE_BUSY.allows(method, path)
    assert Reach.BOOKING.allows(method, path)


def test_the_refusal_says_what_to_change() -> None:
    """It is one sentence that names the setting."""
    error = Reach.FREE_BUSY.refusal("creating an event")
    assert isinstance(error, NotAllowed)
    assert "connection" in str(error)
