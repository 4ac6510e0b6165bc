"""Paths and queries: no value can become another path or another option."""

from __future__ import annotations

from scheduler.graph.paths import calendar_path, event_path, literal, query


def test_ids_stay_one_segment() -> None:
    """Slashes, quotes and question marks in addresses and ids are quoted."""
    assert "/users/o%27neil%2Fx@contoso.test/events/AA%2F1%2B%3D%3F" == event_path(
        "o'neil/x@contoso.test", "AA/1+=?"
    )
    assert "/users/ana@contoso.test/calendars/A%2FB" == calendar_path("ana@contoso.test", "A/B")


def test_values_stay_values() -> None:
    """Ampersands, plus signs and quotes do not leave the option they are in."""
    name = literal("a&b+'c")
    assert "?$filter=name%20eq%20%27a%26b%2B%27%27c%27" == query(filter=f"name eq {name}")
    assert "?startDateTime=2026-03-02T09%3A00Z&$top=5" == query(startDateTime="2026-03-02T09:00Z", top="5")
