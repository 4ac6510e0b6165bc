"""How a mailbox's time was read, told with its sources."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.app.explain_time import explain_time
from scheduler.emulator.tenant import Tenant
from scheduler.errors import InputError
from scheduler.planning.explanation import TimeExplanation
from scheduler.testing.tenants import ANA, BEN, OPEN_ROOM, RECRUITER, small_tenant
from scheduler.zones import parse_utc
from solvers.timeline import Span


def explained(desk: Any, address: str, day: str = "2026-03-02") -> TimeExplanation:
    """One day of a mailbox, asked for in Amsterdam's time."""
    with desk.open() as slotwright:
        return explain_time(
            address, day, day, "Europe/Amsterdam", slotwright.graph, slotwright.store, organizer=RECRUITER
        )


def rows(found: TimeExplanation, layer: str) -> list[tuple[str, str, str, str]]:
    """A layer's stretches: times of day on the local clock, what, and from where."""
    return [
        (each.start[11:], each.end[11:], each.what, each.source)
        for each in found.stretches
        if each.layer == layer
    ]


def test_hours_entries_and_layers(desk: Any) -> None:
    """Entries come as they are; layers are what is made of them."""
    for start, end, status in (
        ("08:00", "09:00", "busy"),
        ("08:30", "10:00", "busy"),
        ("13:00", "14:00", "tentative"),
    ):
        span = Span(parse_utc(f"2026-03-02T{start}Z"), parse_utc(f"2026-03-02T{end}Z"))
        desk.occupy(ANA, span, show_as=status)
    found = explained(desk, ANA)
    assert "Mon-Fri 08:00-17:00 in Europe/Amsterdam (UTC+01:00 on 2026-03-02)" == found.hours
    assert ["09:00-10:00 busy", "09:30-11:00 busy", "14:00-15:00 tentative"] == [
        f"{entry.start[11:]}-{entry.end[11:]} {entry.status}" for entry in found.entries
    ]
    assert [("08:00", "17:00", "at work", "working hours of the mailbox")] == rows(found, "hours")
    assert [("09:00", "11:00", "busy", "calendar entry")] == rows(found, "blocked")
    assert [("14:00", "15:00", "may be asked for", "calendar entry")] == rows(found, "soft")
    assert [("08:00", "09:00"), ("11:00", "17:00")] == [each[:2] for each in rows(found, "offered")]


def test_both_clocks(desk: Any) -> None:
    """The mailbox's own clock and UTC, side by side."""
    found = explained(desk, BEN)
    (hours,) = [each for each in found.stretches if each.layer == "hours"]
    assert ("America/New_York", "2026-03-02T08:00", "2026-03-02T13:00Z") == (
        found.zone,
        hours.start,
        hours.start_utc,
    )


def test_a_room_is_not_bound_by_hours(desk: Any) -> None:
    """The whole window is open, and said to be so."""
    found = explained(desk, OPEN_ROOM)
    assert ("hours do not bind a room", "the whole window") == (found.hours, rows(found, "hours")[0][3])


def test_our_own_claims_are_told_apart(desk: Any) -> None:
    """What our ledger holds is not called a calendar entry."""
    with desk.open() as slotwright:
        desk.book(slotwright, desk.find(slotwright, [ANA]).slots[0])
    assert ("booked by us", "our ledger") in [each[2:] for each in rows(explained(desk, ANA), "blocked")]


def test_a_clock_change_is_told(desk: Any) -> None:
    """A day on which the clock moves says so."""
    assert explained(desk, ANA, "2026-03-29").notes == (
        "Clocks in Europe/Amsterdam go forward by 60 minutes after 2026-03-29 01:59.",
    )


def test_nobody(desk: Any) -> None:
    """A misspelt mailbox is an input error."""
    with pytest.raises(InputError, match=r"^mailbox: Microsoft 365 knows nobody under"):
        explained(desk, "nobody@small.example")


class TestUnreadable:
    """A mailbox that cannot be read."""

    @pytest.fixture
    def graph_tenant(self) -> Tenant:
        """Ana's mailbox is being moved, and Ben has no working hours."""
        tenant = small_tenant()
        people = [
            person.model_copy(
                update={
                    ANA: {"free_busy_error": "ErrorMailboxMoveInProgress"},
                    BEN: {"working_hours": None},
                }.get(person.address, {})
            )
            for person in tenant.people
        ]
        return tenant.model_copy(update={"people": people})

    def test_the_reason_is_the_source(self, desk: Any) -> None:
        """The whole window is unknown, and nothing is offered."""
        found = explained(desk, ANA)
        ((start, end, what, source),) = rows(found, "unknown")
        assert ("00:00", "00:00", "nobody can say", []) == (start, end, what, rows(found, "offered"))
        assert "ErrorMailboxMoveInProgress" in source

    def test_default_hours_are_called_default(self, desk: Any) -> None:
        """Hours that were assumed do not look like hours that were read."""
        found = explained(desk, BEN)
        assert (True, "default hours") == (found.hours.endswith("(default)"), rows(found, "hours")[0][3])
