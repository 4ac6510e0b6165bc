"""Zone names of every origin."""

from __future__ import annotations

import copy
import pickle

import pytest
from tzlocal.windows_tz import win_tz

from scheduler.zones.names import NamedZone, UnknownZone, find_zone, windows_name, zone_data_version

JULY = 29_735_000  # a UTC minute in July 2026


class TestFindZone:
    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("Europe/Amsterdam", "Europe/Amsterdam"),
            ("europe/amsterdam", "Europe/Amsterdam"),
            ("America/ST_JOHNS", "America/St_Johns"),
            (" Asia/Kolkata ", "Asia/Kolkata"),
            ("Europe/Kiev", "Europe/Kiev"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("w. europe standard time", "Europe/Berlin"),
            ("GMT Standard Time", "Europe/London"),
            ("UTC", "UTC"),
            ("utc", "UTC"),
            ("Z", "UTC"),
            ("GMT", "UTC"),
            ("Etc/UTC", "UTC"),
            ("tzone://Microsoft/Utc", "UTC"),
        ],
    )
    def test_known(self, name: str, key: str) -> None:
        """IANA ids, aliases, Windows names and names of UTC are found in any letter case."""
        assert NamedZone(key) == find_zone(name)

    def test_alias_keeps_time(self) -> None:
        """An alias runs as the zone it stands for."""
        assert NamedZone("Europe/Kyiv").offset_at(JULY) == NamedZone("Europe/Kiev").offset_at(JULY)

    @pytest.mark.parametrize("name", sorted(win_tz))
    def test_every_windows_name(self, name: str) -> None:
        """Each Windows name of the CLDR table is found and has an offset."""
        zone = find_zone(name)
        assert isinstance(zone, NamedZone)
        assert -720 <= zone.offset_at(JULY) <= 840

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("", "empty"),
            ("   ", "empty"),
            ("tzone://Microsoft/Custom", "made up rules"),
            ("Customized Time Zone", "made up rules"),
            ("[]", "neither an IANA nor a Windows"),
            ("undefined", "neither"),
            ("GMT+6:30", "neither"),
            ("Factory", "neither"),
            ("../etc", "neither"),
            ("../../../etc/passwd", "neither"),
            ("/usr/share/zoneinfo/UTC", "neither"),
            ("Europe/../UTC", "neither"),
            ("Europe", "neither"),
            ("tzdata.zi", "neither"),
            ("UTC\x00", "neither"),
        ],
    )
    def test_unknown(self, name: str, reason: str) -> None:
        """Whatever is no zone is a value with a reason and never a guess, nor a path."""
        zone = find_zone(name)
        assert isinstance(zone, UnknownZone)
        assert name == zone.name
        assert reason in zone.reason

    def test_long_name(self) -> None:
        """The reason quotes only the beginning of a long name."""
        zone = find_zone("x" * 10_000)
        assert isinstance(zone, UnknownZone)
        assert len(zone.reason) < 150


class TestNamedZone:
    def test_only_ids(self) -> None:
        """The value itself takes nothing but exact ids."""
        with pytest.raises(ValueError, match="'europe/amsterdam' is not an IANA time zone"):
            NamedZone("europe/amsterdam")

    def test_is_a_value(self) -> None:
        """Zones compare, hash, copy and pickle by their id."""
        zone = NamedZone("Europe/Amsterdam")
        copies = {zone, NamedZone("Europe/Amsterdam"), copy.deepcopy(zone), pickle.loads(pickle.dumps(zone))}  # noqa: S301 - our own bytes
        assert {zone} == copies

    def test_out_of_range(self) -> None:
        """A minute beyond the calendar is refused."""
        with pytest.raises(ValueError, match="not in the years 1 to 9999"):
            NamedZone("Europe/Amsterdam").offset_at(10**12)


class TestWindowsName:
    @pytest.mark.parametrize(
        ("key", "name"),
        [
            ("Europe/Amsterdam", "W. Europe Standard Time"),
            ("Europe/Kyiv", "FLE Standard Time"),
            ("Europe/Kiev", "FLE Standard Time"),
            ("US/East-Indiana", "US Eastern Standard Time"),
            ("Asia/Kolkata", "India Standard Time"),
            ("UTC", "UTC"),
        ],
    )
    def test_known(self, key: str, name: str) -> None:
        """Ids and aliases have the Windows name of their zone."""
        assert name == windows_name(key)

    @pytest.mark.parametrize(
        "key", ["Antarctica/Troll", "Antarctica/Casey", "Customized Time Zone", "../UTC", ""]
    )
    def test_none(self, key: str) -> None:
        """A zone that Windows does not know, or under whose name it runs another clock, has no name there."""
        assert windows_name(key) is None


def test_data_version() -> None:
    """The release of the zone data is a year and a letter."""
    version = zone_data_version()
    assert version[:4].isdigit()
    assert version[4:].isalpha()
