"""Working hours: named zones, zones by numbers, nights, and what cannot be used."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendars.snapshot import UnreadableHours
from scheduler.graph.hours import weekly_hours
from scheduler.zones import DayBlock, NamedZone, WeeklyHours, parse_utc


def hours(zone: Any, **more: Any) -> dict[str, Any]:
    """Working hours on Mondays and Fridays in a zone."""
    return {
        "daysOfWeek": ["monday", "Friday", "monday"],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": zone,
    } | more


def custom(**more: Any) -> dict[str, Any]:
    """Amsterdam's clock as bare numbers."""
    change = {"time": "03:00:00.0000000", "dayOccurrence": 5, "dayOfWeek": "sunday", "year": 0}
    return {
        "name": "Customized Time Zone",
        "bias": -60,
        "standardOffset": change | {"month": 10},
        "daylightOffset": change | {"month": 3, "time": "02:00:00", "daylightBias": -60},
    } | more


def test_a_windows_zone() -> None:
    """A named zone is looked up, and days are sorted and told once."""
    expected = WeeklyHours((DayBlock(0, 480, 1020), DayBlock(4, 480, 1020)), NamedZone("Europe/Berlin"))
    assert expected == weekly_hours(hours({"name": "W. Europe Standard Time"}))


def test_a_zone_by_its_numbers() -> None:
    """Bias -60 is east of UTC, and the clock changes when Amsterdam's does."""
    found = weekly_hours(hours(custom()))
    assert isinstance(found, WeeklyHours)
    amsterdam = NamedZone("Europe/Amsterdam")
    for text in (
        "2026-01-05T12:00Z",
        "2026-03-29T00:59Z",
        "2026-03-29T01:00Z",
        "2026-10-25T00:59Z",
        "2026-10-25T01:00Z",
    ):
        assert amsterdam.offset_at(parse_utc(text)) == found.zone.offset_at(parse_utc(text))


@pytest.mark.parametrize(
    "zone",
    [
        custom(standardOffset=None, daylightOffset=None, bias=-330),
        custom(
            bias="-330",
            standardOffset={"time": "", "dayOccurrence": 0, "dayOfWeek": "", "month": 0},
            daylightOffset={"time": "", "dayOccurrence": 0, "dayOfWeek": "", "month": 0, "daylightBias": 0},
        ),
    ],
)
def test_a_clock_that_never_changes(zone: dict[str, Any]) -> None:
    """Missing changes, or changes in month 0, leave the bias alone, also when it is written as text."""
    found = weekly_hours(hours(zone))
    assert isinstance(found, WeeklyHours)
    assert {330} == {found.zone.offset_at(parse_utc(f"2026-{month:02}-15T00:00Z")) for month in range(1, 13)}


def test_a_night_shift() -> None:
    """An end before the start is on the next day."""
    found = weekly_hours(hours({"name": "UTC"}, startTime="22:00:00", endTime="06:00:00"))
    assert isinstance(found, WeeklyHours)
    assert DayBlock(0, 1320, 1800) == found.blocks[0]


def test_no_hours_are_no_hours() -> None:
    """Null means that the mailbox has none, and no days mean that nobody works."""
    assert weekly_hours(None) is None
    assert WeeklyHours((), NamedZone("UTC")) == weekly_hours(hours({"name": "UTC"}, daysOfWeek=[]))


@pytest.mark.parametrize(
    "raw",
    [
        {},
        [],
        "nine to five",
        hours(None),
        hours({}),
        hours({"name": ""}),
        hours({"name": "Customized Time Zone"}),
        hours({"name": "tzone://Microsoft/Custom"}),
        hours({"name": "Mars Standard Time"}),
        hours(custom(bias=9000)),
        hours(custom(bias="east")),
        hours(custom(standardOffset={"month": 10})),
        hours(custom(bias=None)),
        hours(custom(standardOffset=None)),
        hours(custom(daylightOffset=None)),
        hours(custom(standardOffset=custom()["daylightOffset"], daylightOffset=custom()["standardOffset"])),
        hours({"name": "UTC"}, daysOfWeek=["someday"]),
        hours({"name": "UTC"}, daysOfWeek=None),
        hours({"name": "UTC"}, startTime="25:00:00"),
        hours({"name": "UTC"}, startTime="17:00:00"),
    ],
)
def test_what_cannot_be_used_says_why(raw: Any) -> None:
    """Hours that were sent but cannot be used are a reason in words, never a guess."""
    found = weekly_hours(raw)
    assert isinstance(found, UnreadableHours)
    assert found.reason.endswith(".")


def test_the_name_beside_numbers_is_not_used() -> None:
    """With a bias the numbers are the clock, whatever name stands beside them."""
    found = weekly_hours(hours(custom(name="Tokyo Standard Time")))
    assert isinstance(found, WeeklyHours)
    assert 60 == found.zone.offset_at(parse_utc("2026-01-15T00:00Z"))


_LEFT_OUT = st.sampled_from(["kept", "missing", "null"])


@given(
    bias=_LEFT_OUT,
    standard=st.sampled_from(["kept", "missing", "null", "never"]),
    daylight=st.sampled_from(["kept", "missing", "null", "never"]),
    daylight_bias=st.sampled_from(["kept", "missing", "null", "zero"]),
    field=st.sampled_from(["time", "dayOccurrence", "dayOfWeek", "month", "year"]),
    how=_LEFT_OUT,
)
def test_missing_parts(**parts: str) -> None:
    """Whatever part of a custom zone is missing, its clock is right all year or unknown, and never a guess."""
    zone = custom()
    standard, daylight = zone["standardOffset"], zone["daylightOffset"]
    _leave_out(daylight, "daylightBias", parts["daylight_bias"])
    _leave_out(daylight, parts["field"], parts["how"])
    for change, how in ((standard, parts["standard"]), (daylight, parts["daylight"])):
        if how == "never":
            change["month"] = 0
    _leave_out(zone, "standardOffset", parts["standard"])
    _leave_out(zone, "daylightOffset", parts["daylight"])
    _leave_out(zone, "bias", parts["bias"])

    found = weekly_hours(hours(zone))
    if isinstance(found, UnreadableHours):
        assert found.reason.endswith(".")
        return
    offsets = [found.zone.offset_at(parse_utc(f"2026-{month:02}-15T00:00Z")) for month in range(1, 13)]
    assert zone["bias"] == -60
    changes = [
        each for each in (zone.get("standardOffset"), zone.get("daylightOffset")) if each and each["month"]
    ]
    if not changes or (zone.get("daylightOffset") or {}).get("daylightBias") == 0:
        assert [60] * 12 == offsets
    else:
        assert 2 == len(changes)
        assert [60] * 3 + [120] * 7 + [60] * 2 == offsets


def _leave_out(within: dict[str, Any], key: str, how: str) -> None:
    if how == "missing":
        within.pop(key, None)
    elif how in {"null", "zero"}:
        within[key] = 0 if how == "zero" else None
