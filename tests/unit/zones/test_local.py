"""Clock readings of all kinds against changes of all sizes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from scheduler.zones.local import (
    ClockChange,
    Exact,
    Fold,
    Gap,
    clock_changes,
    earlier,
    later,
    resolve,
    steady,
    wall_at,
)
from scheduler.zones.names import NamedZone
from solvers.timeline import Span


def minute(text: str) -> int:
    """A reading or a UTC time as minutes since 1970, by the standard library alone."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 60


@dataclass(frozen=True)
class Stepped:
    """A made-up clock that changes once."""

    change: int
    before: int
    after: int
    key: str = "Stepped"

    def offset_at(self, at: int) -> int:
        return self.before if at < self.change else self.after


class TestResolve:
    @pytest.mark.parametrize(
        ("key", "reading", "instant"),
        [
            ("Europe/Amsterdam", "2026-01-15T09:00", "2026-01-15T08:00"),
            ("Europe/Amsterdam", "2026-07-15T09:00", "2026-07-15T07:00"),
            ("Europe/Amsterdam", "2026-10-25T01:59", "2026-10-24T23:59"),
            ("Europe/Amsterdam", "2026-10-25T03:00", "2026-10-25T02:00"),
            ("Europe/Amsterdam", "2026-03-29T01:59", "2026-03-29T00:59"),
            ("Europe/Amsterdam", "2026-03-29T03:00", "2026-03-29T01:00"),
            ("Asia/Kathmandu", "2026-07-15T09:00", "2026-07-15T03:15"),
            ("America/St_Johns", "2026-07-15T09:00", "2026-07-15T11:30"),
            ("UTC", "2026-07-15T09:00", "2026-07-15T09:00"),
        ],
    )
    def test_plain(self, key: str, reading: str, instant: str) -> None:
        """A reading that the clock shows once is one instant, right up to the edges of a change."""
        assert Exact(minute(instant)) == resolve(NamedZone(key), minute(reading))

    @pytest.mark.parametrize(
        ("key", "reading", "first", "second"),
        [
            ("Europe/Amsterdam", "2026-10-25T02:00", "2026-10-25T00:00", "2026-10-25T01:00"),
            ("Europe/Amsterdam", "2026-10-25T02:59", "2026-10-25T00:59", "2026-10-25T01:59"),
            ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", "2026-04-04T15:15"),
            ("Antarctica/Troll", "2026-10-25T02:30", "2026-10-25T00:30", "2026-10-25T02:30"),
            ("Africa/Cairo", "2026-10-29T23:30", "2026-10-29T20:30", "2026-10-29T21:30"),
        ],
    )
    def test_repeated(self, key: str, reading: str, first: str, second: str) -> None:
        """A reading that comes twice is both instants, for changes of 30, 60, 120 minutes and at midnight."""
        assert Fold(minute(first), minute(second)) == resolve(NamedZone(key), minute(reading))

    @pytest.mark.parametrize(
        ("key", "reading", "before", "after"),
        [
            ("Europe/Amsterdam", "2026-03-29T02:00", "2026-03-29T01:00", "2026-03-29T00:00"),
            ("Europe/Amsterdam", "2026-03-29T02:59", "2026-03-29T01:59", "2026-03-29T00:59"),
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45", "2026-10-03T15:15"),
            ("Antarctica/Troll", "2026-03-29T02:30", "2026-03-29T02:30", "2026-03-29T00:30"),
            ("Africa/Cairo", "2026-04-24T00:30", "2026-04-23T22:30", "2026-04-23T21:30"),
            ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00", "2011-12-29T22:00"),
        ],
    )
    def test_skipped(self, key: str, reading: str, before: str, after: str) -> None:
        """A reading that never comes shows both readings of it, even where a whole day was skipped."""
        assert Gap(minute(before), minute(after)) == resolve(NamedZone(key), minute(reading))

    def test_a_repeated_day(self) -> None:
        """A clock put back by a whole day shows each of its readings twice."""
        zone = Stepped(change=0, before=720, after=-719)
        assert Fold(-719, 720) == resolve(zone, 1)

    def test_out_of_range(self) -> None:
        """A reading beyond the calendar is refused, not wrapped."""
        with pytest.raises(ValueError, match="not in the years 1 to 9999"):
            resolve(NamedZone("Europe/Amsterdam"), 10**10)


class TestChoice:
    def test_plain(self) -> None:
        """One instant is both the earliest and the latest meaning."""
        assert (5, 5) == (earlier(Exact(5)), later(Exact(5)))

    def test_repeated(self) -> None:
        """Of a repeated reading the first time is the earlier."""
        assert (5, 65) == (earlier(Fold(5, 65)), later(Fold(5, 65)))

    def test_skipped(self) -> None:
        """Of a skipped reading the one with the offset after the change is the earlier."""
        assert (5, 65) == (earlier(Gap(65, 5)), later(Gap(65, 5)))


class TestWallAt:
    @pytest.mark.parametrize(
        ("instant", "reading"),
        [
            ("2026-03-29T00:59", "2026-03-29T01:59"),
            ("2026-03-29T01:00", "2026-03-29T03:00"),
            ("2026-10-25T00:30", "2026-10-25T02:30"),
            ("2026-10-25T01:30", "2026-10-25T02:30"),
        ],
    )
    def test_around_changes(self, instant: str, reading: str) -> None:
        """The clock jumps over the skipped hour and shows the repeated one twice."""
        assert minute(reading) == wall_at(NamedZone("Europe/Amsterdam"), minute(instant))


class TestSteady:
    def test_cut_at_the_change(self) -> None:
        """A span over a change is cut at the first minute of the new offset."""
        start, change, end = (
            minute("2026-03-20T12:34"),
            minute("2026-03-29T01:00"),
            minute("2026-04-02T00:00"),
        )
        expected = [(Span(start, change), 60), (Span(change, end), 120)]
        assert expected == list(steady(NamedZone("Europe/Amsterdam"), Span(start, end)))

    @pytest.mark.parametrize("change", [1, 2, 1439, 1440, 1441, 2879])
    def test_change_anywhere(self, change: int) -> None:
        """A change is found wherever it lies between the days that are looked at."""
        parts = list(steady(Stepped(change, 0, 30), Span(0, 2880)))
        assert [(Span(0, change), 0), (Span(change, 2880), 30)] == parts

    def test_change_in_the_last_minute(self) -> None:
        """A change one minute before the end is found although the days looked at stop just short of it."""
        parts = list(steady(Stepped(1441, 0, 30), Span(0, 1442)))
        assert [(Span(0, 1441), 0), (Span(1441, 1442), 30)] == parts

    @pytest.mark.parametrize("change", [0, 2880])
    def test_change_at_the_edge(self, change: int) -> None:
        """A change on the edge of a span cuts nothing off it."""
        assert [Span(0, 2880)] == [part for part, _ in steady(Stepped(change, 0, 30), Span(0, 2880))]

    def test_one_minute(self) -> None:
        """The shortest span is one part."""
        assert [(Span(7, 8), 0)] == list(steady(NamedZone("UTC"), Span(7, 8)))


class TestClockChanges:
    @pytest.mark.parametrize(
        ("key", "start", "end", "changes"),
        [
            (
                "Europe/Amsterdam",
                "2026-01-01T00:00",
                "2027-01-01T00:00",
                [("2026-03-29T01:00", 60), ("2026-10-25T01:00", -60)],
            ),
            ("Australia/Lord_Howe", "2026-10-01T00:00", "2026-10-05T00:00", [("2026-10-03T15:30", 30)]),
            ("Antarctica/Troll", "2026-10-24T00:00", "2026-10-26T00:00", [("2026-10-25T01:00", -120)]),
            ("Pacific/Apia", "2011-12-30T00:00", "2012-01-01T00:00", [("2011-12-30T10:00", 1440)]),
            ("Asia/Kolkata", "2026-01-01T00:00", "2029-01-01T00:00", []),
        ],
    )
    def test_found(self, key: str, start: str, end: str, changes: list[tuple[str, int]]) -> None:
        """Every change of a span is told with its first minute and how far the clock went forward."""
        expected = tuple(ClockChange(minute(at), forward) for at, forward in changes)
        assert expected == clock_changes(NamedZone(key), Span(minute(start), minute(end)))

    def test_edges(self) -> None:
        """A change in the first minute of a span is in it, one at its end is not, nor one long before."""
        zone = Stepped(change=1000, before=0, after=30)
        found = [
            [change.minute for change in clock_changes(zone, span)]
            for span in (Span(1000, 1001), Span(999, 1000), Span(1001, 5000))
        ]
        assert [[1000], [], []] == found
