"""getSchedule: shape, view, details, zones, errors of one mailbox and of the whole request."""

from __future__ import annotations

from typing import Any

import pytest

DAY = {"start": "2026-03-02T08:00:00", "end": "2026-03-02T18:00:00"}


def test_entry_shape(client: Any) -> None:
    """An entry has view, items with seven-digit UTC times, and hours; private items keep neither subject nor place."""
    ana = client.schedule("ana@contoso.example", **DAY)["ana@contoso.example"]
    assert [
        {
            "isPrivate": False,
            "subject": "Standup",
            "location": "",
            "status": "busy",
            "start": {"dateTime": "2026-03-02T08:00:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-02T08:15:00.0000000", "timeZone": "UTC"},
        },
        {
            "isPrivate": True,
            "status": "oof",
            "start": {"dateTime": "2026-03-02T13:00:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-02T13:20:00.0000000", "timeZone": "UTC"},
        },
    ] == ana["scheduleItems"]
    assert "20000000003000000000" == ana["availabilityView"]
    assert {
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"name": "W. Europe Standard Time"},
    } == ana["workingHours"]
