"""Clock readings as text."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.zones.names import NamedZone
from scheduler.zones.text import (
    GraphTime,
    WallParts,
    format_wall,
    iso_utc,
    parse_graph,
    parse_time_of_day,
    parse_utc,
    parse_wall,
    utc_order,
    wall_of_date,
    wall_parts,
    weekday_name,
)

NINE = 20_780 * 1440 + 540  # 2026-11-23T09:00, counted by hand: 20,780 days after 1970-01-01
AMSTERDAM = NamedZone("Europe/Amsterdam")


class TestParseWall:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-23T09:00",
            "2026-11-23 09:00",
            "2026-11-23T09:00:00",
            "2026-11-23T09:00:00.0000000",
            "2026-11-23T09:00:59.9999999",
        ],
    )
    def test_plain(self, text: str) -> None:
        """Seconds and fractions may follow and are floored."""
        assert NINE == parse_wall(text)

    def test_date_alone(self) -> None:
        """A date alone is its midnight."""
        assert NINE - 540 == parse_wall("2026-11-23")

    @pytest.mark.parametrize("text", ["2026-10-25T02:30", "2026-03-29T02:30"])
    def test_repeated_and_skipped(self, text: str) -> None:
        """A reading is read without a zone, so one that a zone repeats or skips is as good as any."""
        assert text == format_wall(parse_wall(text))

    @pytest.mark.parametrize("text", ["2026-02-30T09:00", "2026-13-01", "0000-01-01", "2027-02-29T00:00"])
    def test_invalid_date(self, text: str) -> None:
        """A date that does not exist is named."""
        with pytest.raises(ValueError, match=f"'{text}' names a date that no calendar has"):
            parse_wall(text)

    @pytest.mark.parametrize("text", ["2026-11-23T24:00", "2026-11-23T09:60", "2026-11-23T09:00:60"])
    def test_invalid_time(self, text: str) -> None:
        """A time that does not exist is named."""
        with pytest.raises(ValueError, match="names a time that no clock shows"):
            parse_wall(text)

    @pytest.mark.parametrize("suffix", ["Z", "+01:00", "-0500"])
    def test_offset(self, suffix: str) -> None:
        """An offset is refused and not ignored."""
        with pytest.raises(ValueError, match="carries an offset"):
            parse_wall(f"2026-11-23T09:00{suffix}")

    @pytest.mark.parametrize(
        "text", ["", "tomorrow", "23-11-2026", "2026-11-23T9:00", "٢٠٢٦-11-23", "2026-11-23T09:00\n"]
    )
    def test_garbage(self, text: str) -> None:
        """Anything else is refused with an example of how to write it."""
        with pytest.raises(ValueError, match="write it like 2026-11-23T09:00"):
            parse_wall(text)

    def test_long_garbage(self) -> None:
        """A message quotes only the beginning of a long text."""
        with pytest.raises(ValueError, match=r"xxx\.\.\.") as caught:
            parse_wall("x" * 10_000)
        assert len(str(caught.value)) < 200


class TestParseGraph:
    def test_plain(self) -> None:
        """A whole minute is its own floor and ceiling."""
        assert GraphTime(NINE - 60, NINE - 60) == parse_graph("2026-11-23T09:00:00.0000000", AMSTERDAM)

    @pytest.mark.parametrize("rest", ["00.0000001", "30.0000000", "59.9999999"])
    def test_seconds(self, rest: str) -> None:
        """Any part of a minute widens outwards."""
        assert GraphTime(NINE - 60, NINE - 59) == parse_graph(f"2026-11-23T09:00:{rest}", AMSTERDAM)

    def test_repeated(self) -> None:
        """A repeated reading starts the first time and ends the second, and is marked."""
        one = parse_utc("2026-10-25T01:30Z")
        assert GraphTime(one - 60, one, doubtful=True) == parse_graph(
            "2026-10-25T02:30:00.0000000", AMSTERDAM
        )

    def test_skipped(self) -> None:
        """A skipped reading starts at its earlier meaning and ends at its later one, and is marked."""
        one = parse_utc("2026-03-29T01:30Z")
        assert GraphTime(one - 60, one, doubtful=True) == parse_graph(
            "2026-03-29T02:30:00.0000000", AMSTERDAM
        )

    def test_invalid(self) -> None:
        """A dateTime with an offset of its own contradicts the zone beside it and is refused."""
        with pytest.raises(ValueError, match="carries an offset"):
            parse_graph("2026-11-23T09:00:00Z", AMSTERDAM)


class TestUtc:
    @pytest.mark.parametrize(
        "text", ["2026-11-23T09:00Z", "2026-11-23T09:00:12.1234567Z", "2026-11-23T09:00+00:00"]
    )
    def test_plain(self, text: str) -> None:
        """A text that says it is UTC is read."""
        assert NINE == parse_utc(text)

    @pytest.mark.parametrize("text", ["2026-11-23T09:00", "2026-11-23T09:00+01:00", "2026-11-23Z", "Z", ""])
    def test_not_utc(self, text: str) -> None:
        """A text that does not say so is refused."""
        with pytest.raises(ValueError, match="is not a UTC time"):
            parse_utc(text)

    def test_round_trip(self) -> None:
        """What is written is read back."""
        assert "2026-11-23T09:00Z" == iso_utc(parse_utc("2026-11-23T09:00Z"))


class TestOrder:
    def test_what_a_minute_hides(self) -> None:
        """Texts are ordered by their instants, however many digits they have, to the microsecond."""
        tails = [
            "09:00Z",
            "09:00:00.000001Z",
            "09:00:00.1Z",
            "09:00:00.12Z",
            "09:00:59.1234567Z",
            "09:01:00+00:00",
        ]
        orders = [utc_order(f"2026-11-23T{tail}") for tail in tails]
        assert sorted(set(orders)) == orders
        assert [NINE * 60_000_000, (NINE * 60 + 59) * 1_000_000 + 123_456] == [orders[0], orders[4]]

    def test_not_utc(self) -> None:
        """A text that does not say that it is UTC has no place in that order."""
        with pytest.raises(ValueError, match="is not a UTC time"):
            utc_order("2026-11-23T09:00:00")


class TestTimeOfDay:
    @pytest.mark.parametrize(
        ("text", "minute"),
        [
            ("08:00:00.0000000", 480),
            ("00:00", 0),
            ("23:59:00", 1439),
            ("23:59:59.9990000", 1440),
            ("17:30:29.9999999", 1050),
            ("17:30:30", 1051),
        ],
    )
    def test_plain(self, text: str, minute: int) -> None:
        """A time of day is rounded to the nearest minute, so that the end of a day is the end of a day."""
        assert minute == parse_time_of_day(text)

    @pytest.mark.parametrize("text", ["", "8:00", "24:00", "08:60", "noon", "08:00Z"])
    def test_invalid(self, text: str) -> None:
        """What no clock shows is refused."""
        with pytest.raises(ValueError, match=r"time of day|no clock shows"):
            parse_time_of_day(text)


class TestParts:
    def test_plain(self) -> None:
        """A reading comes apart into its date, its weekday and its minute."""
        assert WallParts(date(2026, 11, 23), 0, 540) == wall_parts(NINE)

    def test_before_1970(self) -> None:
        """Negative readings come apart the same way."""
        assert WallParts(date(1969, 12, 31), 2, 1439) == wall_parts(-1)

    def test_date(self) -> None:
        """A date's midnight is the reading it came from."""
        assert NINE - 540 == wall_of_date(date(2026, 11, 23))

    def test_out_of_range(self) -> None:
        """A reading beyond the calendar is refused."""
        with pytest.raises(ValueError, match="not in the years 1 to 9999"):
            format_wall(10**12)

    def test_weekday_names(self) -> None:
        """Monday is 0 and Sunday is 6."""
        assert ("Monday", "Sunday") == (weekday_name(0), weekday_name(6))

    @pytest.mark.parametrize("weekday", [-1, 7])
    def test_no_such_weekday(self, weekday: int) -> None:
        """Other numbers have no name, and none is taken from the end of the week."""
        with pytest.raises(ValueError, match="numbered 0 to 6"):
            weekday_name(weekday)
