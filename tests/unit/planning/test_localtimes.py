"""Local times that people write: plain, repeated, skipped and invalid."""

from __future__ import annotations

import pytest

from scheduler.errors import InputError
from scheduler.planning.localtimes import (
    instant,
    local,
    local_ranges,
    parts_of_day,
    request_window,
    start_of,
    starts_on_grid,
)
from scheduler.planning.request import DayRange, LocalRange, make_request
from scheduler.zones import NamedZone, parse_utc, parse_wall
from solvers.timeline import Span, SpanSet

AMSTERDAM = NamedZone("Europe/Amsterdam")
CAIRO = NamedZone("Africa/Cairo")
LORD_HOWE = NamedZone("Australia/Lord_Howe")


def request(**changes: object) -> object:
    """A request's window for these changes."""
    values = {
        "people": ["ana@x.example"],
        "minutes": 60,
        "between": "2026-11-23",
        "and": "2026-11-24",
        "zone": "Europe/Amsterdam",
        **changes,
    }
    return request_window(make_request(values))


class TestInstant:
    """One reading of a clock, as the person wrote it."""

    def test_plain(self) -> None:
        """A reading the clock shows once is that instant."""
        assert parse_utc("2026-11-23T08:00Z") == instant("2026-11-23T09:00", AMSTERDAM, "between")

    def test_repeated(self) -> None:
        """A reading the clock shows twice is refused, with both meanings named."""
        with pytest.raises(InputError, match=r"shows 2026-10-25T02:30 twice \(UTC\+02:00 and UTC\+01:00\)"):
            instant("2026-10-25T02:30", AMSTERDAM, "between")

    def test_skipped(self) -> None:
        """A reading the clock skips is refused, with both neighbours offered."""
        with pytest.raises(
            InputError, match=r"skips 2026-03-29T02:30; write 2026-03-29T01:30 or 2026-03-29T03:30"
        ):
            instant("2026-03-29T02:30", AMSTERDAM, "between")

    @pytest.mark.parametrize(
        "text", ["2026-02-30T09:00", "2026-11-23T25:00", "tomorrow", "2026-11-23T09:00Z", ""]
    )
    def test_invalid(self, text: str) -> None:
        """No time, an impossible one, or one with an offset: refused, and the field is named."""
        with pytest.raises(InputError, match=r"^candidate\.available\.0\.from: "):
            instant(text, AMSTERDAM, "candidate.available.0.from")

    def test_a_bare_date_is_the_whole_day(self) -> None:
        """From the first minute of the day to the first minute of the next."""
        start = instant("2026-11-23", AMSTERDAM, "between")
        end = instant("2026-11-23", AMSTERDAM, "and", day_end=True)
        assert (parse_utc("2026-11-22T23:00Z"), 1440) == (start, end - start)


class TestStartOfDay:
    """The first minute of a day, wherever the clock is moved."""

    def test_plain(self) -> None:
        """Midnight is midnight."""
        assert parse_utc("2026-11-22T23:00Z") == start_of(AMSTERDAM, parse_wall("2026-11-23"))

    def test_skipped_midnight(self) -> None:
        """Cairo skips 00:00 of 24 April 2026, so its day begins at 01:00 on the clock."""
        start = start_of(CAIRO, parse_wall("2026-04-24"))
        assert "2026-04-24T01:00" == local(CAIRO, start)
        assert "2026-04-23T23:59" == local(CAIRO, start - 1)

    def test_repeated_midnight(self) -> None:
        """Havana shows 00:00 of 1 November 2026 twice; the day begins at the first."""
        havana = NamedZone("America/Havana")
        assert parse_utc("2026-11-01T04:00Z") == start_of(havana, parse_wall("2026-11-01"))


class TestWindow:
    """The window of a request."""

    def test_days_are_inclusive(self) -> None:
        """`and` names the last day, which belongs to the window."""
        assert Span(parse_utc("2026-11-22T23:00Z"), parse_utc("2026-11-24T23:00Z")) == request().span  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"and": "2026-11-22"}, "^and: 2026-11-22 is not after 2026-11-23"),
            ({"and": "2028-11-22"}, "^and: the window is longer than 366 days"),
            ({"zone": "Mars/Olympus"}, "^zone: 'Mars/Olympus' is neither an IANA nor a Windows time zone"),
            ({"zone": ""}, "^zone: The time zone is empty"),
            ({"between": "2026-13-01"}, "^between: "),
        ],
    )
    def test_a_window_that_cannot_be_used(self, changes: dict[str, object], message: str) -> None:
        """The field, what is wrong with it, and what to write instead."""
        with pytest.raises(InputError, match=message):
            request(**changes)


class TestGrid:
    """Starts lie on the local clock, not on UTC."""

    def test_a_half_hour_zone(self) -> None:
        """Whole hours in Kolkata are half hours in UTC."""
        day = Span(parse_utc("2026-11-23T00:00Z"), parse_utc("2026-11-23T03:00Z"))
        zone = NamedZone("Asia/Kolkata")
        assert ["06:00", "07:00", "08:00"] == [
            local(zone, each)[11:] for each in starts_on_grid(day, 60, zone)
        ]

    def test_a_half_hour_change(self) -> None:
        """Lord Howe moves by 30 minutes; starts stay on its whole hours before and after."""
        night = Span(parse_utc("2026-04-04T12:00Z"), parse_utc("2026-04-04T18:00Z"))
        shown = {local(LORD_HOWE, each)[14:] for each in starts_on_grid(night, 60, LORD_HOWE)}
        assert {"00"} == shown


def test_parts_of_the_day_follow_the_clock() -> None:
    """Nine on the clock is another UTC hour after the change."""
    nine = (DayRange.model_validate({"from": "09:00", "to": "10:00"}),)
    span = Span(parse_utc("2026-10-24T00:00Z"), parse_utc("2026-10-26T00:00Z"))
    expected = SpanSet.of(
        [
            (parse_utc("2026-10-24T07:00Z"), parse_utc("2026-10-24T08:00Z")),
            (parse_utc("2026-10-25T08:00Z"), parse_utc("2026-10-25T09:00Z")),
        ]
    )
    assert expected == parts_of_day(nine, AMSTERDAM, span)


def test_a_stretch_that_ends_before_it_starts_is_refused() -> None:
    """The path leads to the offending part."""
    stretch = (LocalRange.model_validate({"from": "2026-11-23T12:00", "to": "2026-11-23T09:00"}),)
    with pytest.raises(InputError, match=r"^candidate\.available\.0\.to: "):
        local_ranges(stretch, AMSTERDAM, "candidate.available")
