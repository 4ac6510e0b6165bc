"""Zones from bare rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.zones.custom import Change, RuleZone, rule_zone
from scheduler.zones.local import Exact, Fold, Gap, resolve
from scheduler.zones.names import UnknownZone
from scheduler.zones.text import parse_utc, parse_wall

TO_STANDARD = Change(month=11, week=1, weekday=6, minute=120)
TO_DAYLIGHT = Change(month=3, week=2, weekday=6, minute=120)


def eastern() -> RuleZone:
    """New York's rules of today."""
    zone = rule_zone(
        "Customized Time Zone", bias=300, to_standard=TO_STANDARD, to_daylight=TO_DAYLIGHT, daylight_bias=-60
    )
    assert isinstance(zone, RuleZone)
    return zone


class TestOffsets:
    @pytest.mark.parametrize(
        ("instant", "offset"),
        [
            ("2026-01-15T12:00Z", -300),
            ("2026-03-08T06:59Z", -300),
            ("2026-03-08T07:00Z", -240),
            ("2026-11-01T05:59Z", -240),
            ("2026-11-01T06:00Z", -300),
        ],
    )
    def test_eastern(self, instant: str, offset: int) -> None:
        """Bias 300 is west of UTC, and each change is read on the clock as it runs before it."""
        assert offset == eastern().offset_at(parse_utc(instant))

    @pytest.mark.parametrize(("instant", "offset"), [("2026-01-01T00:00Z", 660), ("2026-07-01T00:00Z", 600)])
    def test_southern(self, instant: str, offset: int) -> None:
        """Where daylight time spans New Year it still holds on both sides of it."""
        zone = rule_zone(
            "Sydney",
            bias=-600,
            to_standard=Change(4, 1, 6, 180),
            to_daylight=Change(10, 1, 6, 120),
            daylight_bias=-60,
        )
        assert isinstance(zone, RuleZone)
        assert offset == zone.offset_at(parse_utc(instant))

    def test_change_at_new_year(self) -> None:
        """A change whose UTC minute falls into the year before its local one is not missed."""
        zone = rule_zone(
            "New Year",
            bias=-600,
            to_standard=Change(1, 1, 3, 0),
            to_daylight=Change(7, 1, 2, 0),
            daylight_bias=-60,
        )  # 2026-01-01 is a Thursday, so standard time begins at 2025-12-31T13:00Z
        assert isinstance(zone, RuleZone)
        instants = ("2025-12-31T12:59Z", "2025-12-31T13:00Z")
        assert [660, 600] == [zone.offset_at(parse_utc(instant)) for instant in instants]

    @pytest.mark.parametrize(
        ("to_standard", "to_daylight", "daylight_bias"),
        [
            (None, None, 0),
            (None, None, None),
            (None, None, -60),
            (replace(TO_STANDARD, month=0), replace(TO_DAYLIGHT, month=0), -60),
            (TO_STANDARD, TO_DAYLIGHT, 0),
            (TO_STANDARD, None, 0),
        ],
    )
    def test_never_changes(
        self, to_standard: Change | None, to_daylight: Change | None, daylight_bias: int | None
    ) -> None:
        """Without any change, or with one that moves nothing, the clock stands at its bias all year."""
        zone = rule_zone(
            "x", bias=300, to_standard=to_standard, to_daylight=to_daylight, daylight_bias=daylight_bias
        )
        assert isinstance(zone, RuleZone)
        assert {-300} == {zone.offset_at(parse_utc(f"2026-{month:02}-15T12:00Z")) for month in range(1, 13)}

    def test_winter_under_the_other_name(self) -> None:
        """Rules that call winter daylight time, with a daylight bias above 0, show the same time."""
        zone = rule_zone(
            "Summer", bias=240, to_standard=TO_DAYLIGHT, to_daylight=TO_STANDARD, daylight_bias=60
        )
        assert isinstance(zone, RuleZone)
        for month in range(1, 13):
            minute = parse_utc(f"2026-{month:02}-15T12:00Z")
            assert eastern().offset_at(minute) == zone.offset_at(minute)


class TestReadings:
    def test_plain(self) -> None:
        """A reading away from the changes is one instant."""
        assert Exact(parse_utc("2026-07-01T13:00Z")) == resolve(eastern(), parse_wall("2026-07-01T09:00"))

    def test_repeated(self) -> None:
        """A reading in the repeated hour is two."""
        first = parse_utc("2026-11-01T05:30Z")
        assert Fold(first, first + 60) == resolve(eastern(), parse_wall("2026-11-01T01:30"))

    def test_skipped(self) -> None:
        """A reading in the skipped hour is none."""
        before = parse_utc("2026-03-08T07:30Z")
        assert Gap(before, before - 60) == resolve(eastern(), parse_wall("2026-03-08T02:30"))


class TestRefused:
    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"bias": 960}, "960 minutes from UTC"),
            ({"bias": -960}, "960 minutes from UTC"),
            ({"daylight_bias": -1300}, "1000 minutes from UTC"),
            ({"to_standard": replace(TO_STANDARD, month=13)}, "month 13"),
            ({"to_standard": replace(TO_STANDARD, month=-1)}, "month -1"),
            ({"to_standard": replace(TO_STANDARD, week=0)}, "week 0"),
            ({"to_daylight": replace(TO_DAYLIGHT, week=6)}, "week 6"),
            ({"to_daylight": replace(TO_DAYLIGHT, weekday=7)}, "weekday 7"),
            ({"to_daylight": replace(TO_DAYLIGHT, minute=1441)}, "minute 1441"),
            ({"to_daylight": replace(TO_DAYLIGHT, minute=-1)}, "minute -1"),
            ({"to_daylight": replace(TO_DAYLIGHT, year=2026)}, "2026 alone"),
            ({"to_daylight": TO_STANDARD}, "within two days"),
            ({"to_daylight": None}, "one change of its clock"),
            ({"to_standard": None}, "one change of its clock"),
            ({"to_standard": replace(TO_STANDARD, month=0)}, "one change of its clock"),
            ({"to_daylight": replace(TO_DAYLIGHT, month=0)}, "one change of its clock"),
            ({"to_daylight": None, "daylight_bias": None}, "one change of its clock"),
            ({"daylight_bias": None}, "not by how much"),
            ({"to_standard": TO_DAYLIGHT, "to_daylight": TO_STANDARD}, "look exchanged"),
            ({"bias": 240, "to_standard": TO_DAYLIGHT, "to_daylight": TO_STANDARD}, "look exchanged"),
        ],
    )
    def test_impossible_numbers(self, changed: dict[str, object], reason: str) -> None:
        """Numbers that no clock follows are a value with a reason."""
        numbers: dict[str, object] = {
            "bias": 300,
            "to_standard": TO_STANDARD,
            "to_daylight": TO_DAYLIGHT,
            "daylight_bias": -60,
        }
        zone = rule_zone("Odd", **(numbers | changed))  # type: ignore[arg-type]
        assert isinstance(zone, UnknownZone)
        assert "Odd" == zone.name
        assert reason in zone.reason

    def test_one_change_only(self) -> None:
        """The value itself refuses a clock that is never put back."""
        with pytest.raises(ValueError, match="never back"):
            RuleZone("x", 0, to_standard=TO_STANDARD)

    def test_equal_rules_are_equal_zones(self) -> None:
        """Rule zones are values."""
        assert {eastern()} == {eastern(), eastern()}
