"""Weekly hours around changes of the clock."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.zones.hours import DateException, DayBlock, WeeklyHours, expand
from scheduler.zones.names import NamedZone
from scheduler.zones.text import parse_utc
from solvers.timeline import Span, SpanSet

AMSTERDAM = NamedZone("Europe/Amsterdam")


def utc(*pairs: tuple[str, str]) -> SpanSet:
    """The minutes between pairs of UTC times."""
    return SpanSet.of((parse_utc(start), parse_utc(end)) for start, end in pairs)


def daily(start: int, end: int, zone: NamedZone = AMSTERDAM) -> WeeklyHours:
    """The same hours on all seven days."""
    return WeeklyHours(tuple(DayBlock.between(weekday, start, end) for weekday in range(7)), zone)


def span(start: str, end: str) -> Span:
    """The span between two UTC times."""
    return Span(parse_utc(start), parse_utc(end))


class TestDayBlock:
    def test_plain(self) -> None:
        """A block within a day keeps its ends."""
        assert DayBlock(0, 540, 1020) == DayBlock.between(0, 540, 1020)

    def test_night(self) -> None:
        """A block that ends before it starts ends the day after."""
        assert DayBlock(0, 1320, 1800) == DayBlock.between(0, 1320, 360)

    def test_whole_day(self) -> None:
        """A whole day is written with its end at 1440."""
        assert DayBlock(0, 0, 1440) == DayBlock.between(0, 0, 1440)

    @pytest.mark.parametrize(
        ("weekday", "start", "end", "reason"),
        [
            (0, 540, 540, "Monday end when they start"),
            (6, -1, 60, "Sunday start at minute -1"),
            (0, 1440, 1500, "start at minute 1440"),
            (0, 60, 1501, "last 1441 minutes"),
            (0, 60, 30, "last -30 minutes"),
            (7, 0, 60, "numbered 0 to 6"),
        ],
    )
    def test_refused(self, weekday: int, start: int, end: int, reason: str) -> None:
        """A block that means nothing, or two things, is refused with the day named."""
        with pytest.raises(ValueError, match=reason):
            DayBlock(weekday, start, end)

    def test_equal_ends_are_refused(self) -> None:
        """The same time twice is not taken for a night shift of a whole day."""
        with pytest.raises(ValueError, match="a whole day or none"):
            DayBlock.between(0, 540, 540)


class TestExpand:
    def test_plain(self) -> None:
        """Blocks are worked on their weekdays and cut at the horizon."""
        hours = WeeklyHours((DayBlock(0, 540, 1020), DayBlock(1, 540, 720)), AMSTERDAM)
        expected = utc(("2026-11-23T12:00Z", "2026-11-23T16:00Z"), ("2026-11-24T08:00Z", "2026-11-24T11:00Z"))
        assert expected == expand(hours, span("2026-11-23T12:00Z", "2026-11-29T00:00Z"))

    def test_readings_stay_over_a_change(self) -> None:
        """The day the clock moves, nine o'clock is still nine o'clock, after noon as before it."""
        expected = utc(("2026-03-28T08:00Z", "2026-03-28T16:00Z"), ("2026-03-29T07:00Z", "2026-03-29T15:00Z"))
        assert expected == expand(daily(540, 1020), span("2026-03-28T00:00Z", "2026-03-29T20:00Z"))

    def test_repeated(self) -> None:
        """An hour that the clock repeats inside the hours is worked both times."""
        expected = utc(("2026-10-24T23:00Z", "2026-10-25T03:00Z"))
        assert expected == expand(daily(60, 240), span("2026-10-24T20:00Z", "2026-10-25T20:00Z"))

    def test_end_in_the_repeated_hour(self) -> None:
        """Hours that end in the repeated hour are worked up to that reading both times, not between."""
        expected = utc(("2026-10-24T23:00Z", "2026-10-25T00:30Z"), ("2026-10-25T01:00Z", "2026-10-25T01:30Z"))
        assert expected == expand(daily(60, 150), span("2026-10-24T20:00Z", "2026-10-25T20:00Z"))

    def test_skipped_start(self) -> None:
        """Hours that start in the skipped hour start with the first minute after it."""
        expected = utc(("2026-03-29T01:00Z", "2026-03-29T02:00Z"))
        assert expected == expand(daily(150, 240), span("2026-03-28T20:00Z", "2026-03-29T20:00Z"))

    def test_skipped_whole(self) -> None:
        """Hours that lie wholly in the skipped hour do not take place."""
        assert SpanSet() == expand(daily(125, 175), span("2026-03-28T20:00Z", "2026-03-29T20:00Z"))

    def test_skipped_day(self) -> None:
        """A day that a zone jumped over at the date line has no hours."""
        hours = daily(540, 1020, NamedZone("Pacific/Apia"))
        expected = utc(("2011-12-29T19:00Z", "2011-12-30T03:00Z"), ("2011-12-30T19:00Z", "2011-12-31T03:00Z"))
        assert expected == expand(hours, span("2011-12-29T12:00Z", "2011-12-31T12:00Z"))

    def test_night_from_before_the_horizon(self) -> None:
        """A night shift that began the evening before the horizon is worked until its end."""
        hours = WeeklyHours((DayBlock.between(6, 1320, 360),), AMSTERDAM)
        expected = utc(("2026-11-22T23:00Z", "2026-11-23T05:00Z"))
        assert expected == expand(hours, span("2026-11-22T23:00Z", "2026-11-24T00:00Z"))

    def test_no_blocks(self) -> None:
        """No block means never."""
        assert SpanSet() == expand(WeeklyHours((), AMSTERDAM), Span(0, 100_000))


class TestExceptions:
    def test_a_day_off(self) -> None:
        """A date without blocks is not worked, and the days beside it are."""
        hours = WeeklyHours(daily(540, 1020).blocks, AMSTERDAM, (DateException(date(2026, 12, 25)),))
        expected = utc(("2026-12-24T08:00Z", "2026-12-24T16:00Z"), ("2026-12-26T08:00Z", "2026-12-26T16:00Z"))
        assert expected == expand(hours, span("2026-12-24T00:00Z", "2026-12-27T00:00Z"))

    def test_other_hours_once(self) -> None:
        """The hours of a date stand in for those of its weekday, also on a day that is otherwise free."""
        once = (
            DateException.between(date(2026, 11, 23), 600, 720),
            DateException.between(date(2026, 11, 28), 540, 600),
        )
        hours = WeeklyHours((DayBlock(0, 540, 1020),), AMSTERDAM, once)
        expected = utc(
            ("2026-11-23T09:00Z", "2026-11-23T11:00Z"),
            ("2026-11-28T08:00Z", "2026-11-28T09:00Z"),
            ("2026-11-30T08:00Z", "2026-11-30T16:00Z"),
        )
        assert expected == expand(hours, span("2026-11-23T00:00Z", "2026-12-01T00:00Z"))

    def test_the_night_before_a_day_off(self) -> None:
        """A night that began the evening before a day off is worked to its end; the next one is not begun."""
        hours = WeeklyHours(daily(1320, 360).blocks, AMSTERDAM, (DateException(date(2026, 12, 25)),))
        expected = utc(("2026-12-24T21:00Z", "2026-12-25T05:00Z"), ("2026-12-26T21:00Z", "2026-12-27T05:00Z"))
        assert expected == expand(hours, span("2026-12-24T12:00Z", "2026-12-27T12:00Z"))

    def test_a_night_begun_on_an_exception(self) -> None:
        """A night of one date reaches into the next, even when that is a day off."""
        rules = (DateException.between(date(2026, 12, 24), 1320, 120), DateException(date(2026, 12, 25)))
        expected = utc(("2026-12-24T21:00Z", "2026-12-25T01:00Z"))
        hours = WeeklyHours(daily(540, 1020).blocks, AMSTERDAM, rules)
        assert expected == expand(hours, span("2026-12-24T17:00Z", "2026-12-26T00:00Z"))

    def test_the_day_the_clock_changes(self) -> None:
        """Readings of an exception are read on the clock of its own day."""
        hours = WeeklyHours((), AMSTERDAM, (DateException.between(date(2026, 3, 29), 60, 240),))
        expected = utc(("2026-03-29T00:00Z", "2026-03-29T02:00Z"))
        assert expected == expand(hours, span("2026-03-28T00:00Z", "2026-03-30T00:00Z"))

    def test_another_weekday_is_refused(self) -> None:
        """Hours that begin on another weekday than their date are a mistake, and both days are named."""
        with pytest.raises(ValueError, match="2026-12-25 must begin on a Friday, not a Monday"):
            DateException(date(2026, 12, 25), (DayBlock(0, 540, 600),))

    def test_two_for_one_date_are_refused(self) -> None:
        """Two exceptions for one date contradict each other."""
        off = DateException(date(2026, 12, 25))
        with pytest.raises(ValueError, match="two sets of hours for 2026-12-25"):
            WeeklyHours((), AMSTERDAM, (off, DateException(date(2026, 12, 24)), off))
