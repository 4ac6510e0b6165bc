"""From the name of a zone, whoever coined it, to a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

from pendulum.tz.timezone import Timezone
from tzlocal.windows_tz import tz_win, win_tz

from scheduler.zones.local import DAY
from scheduler.zones.text import wall_of_date

_UTC_NAMES = frozenset({"utc", "z", "gmt", "etc/utc", "etc/gmt", "tzone://microsoft/utc"})
_CUSTOM_NAMES = frozenset({"customized time zone", "tzone://microsoft/custom"})
_PLACEHOLDERS = frozenset({"Factory"})  # tzdb's entry for a computer whose zone nobody has set


@dataclass(frozen=True, slots=True)
class UnknownZone:
    """A zone that cannot be used, and why, in one sentence for a person."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone of the IANA database, by its id as the tzdata package spells it.

    Rules come from the tzdata package and never from the operating system, so that every installation agrees.
    Offsets that were not whole minutes, before 1972, are floored.

    Raises:
        ValueError: there is no such id; `find_zone` is the forgiving way in.
    """

    key: str

    def __post_init__(self) -> None:
        if _iana_ids().get(self.key.casefold()) != self.key:
            raise ValueError(f"{self.key!r} is not an IANA time zone")

    def offset_at(self, minute: int) -> int:
        """Minutes east of UTC at a UTC minute.

        Raises:
            ValueError: the minute is not in the years 1 to 9999.
        """
        offset = _offset_all_day(self.key, minute // DAY)
        return _offset(self.key, minute) if offset is None else offset


def find_zone(name: str) -> NamedZone | UnknownZone:
    """The zone of an IANA id, an IANA alias, a Windows name or a name of UTC; letter case does not matter.

    An alias keeps its own id, because tzdb merges zones that people tell apart, as Amsterdam and Brussels.
    Names of UTC all become `UTC`. Windows names go to the zone of their main territory (CLDR windowsZones).
    """
    wanted = name.strip()
    folded = wanted.casefold()
    if not wanted:
        return UnknownZone(name, "The time zone is empty, so its clock is not known.")
    if folded in _CUSTOM_NAMES:
        return UnknownZone(name, f"The name {wanted!r} only says that somebody made up rules, not which.")
    if folded in _UTC_NAMES:
        return NamedZone("UTC")
    key = _iana_ids().get(folded) or _windows_names().get(folded)
    if key is None:
        shown = wanted if len(wanted) <= 60 else f"{wanted[:57]}..."
        return UnknownZone(name, f"{shown!r} is neither an IANA nor a Windows time zone.")
    return NamedZone(key)


def windows_name(zone_key: str) -> str | None:
    """The Windows name under which Graph runs the same clock as an IANA id or alias, or None.

    CLDR also lists zones under names whose clock has since gone another way, such as Antarctica/Casey. A name
    whose main zone differs within ten years of the zone data's release is not given out.
    """
    if _iana_ids().get(zone_key.casefold()) != zone_key:  # tz_win has an entry for the empty string
        return None
    name = tz_win.get(zone_key) or tz_win.get(_alias_targets().get(zone_key, zone_key))
    return name if name is not None and _agree(zone_key, win_tz[name]) else None


def zone_data_version() -> str:
    """The release of the IANA database in use, such as `2026a`, to be recorded with what was computed."""
    with _zone_file("tzdata.zi").open(encoding="utf-8") as lines:
        return next(lines).removeprefix("# version ").strip()


@cache
def posix_rules() -> frozenset[str]:
    """The rules that the zones of the database follow from now on, as POSIX writes them (RFC 9636, 3.3)."""
    footers = (_zone_file(*key.split("/")).read_bytes().rsplit(b"\n", 2)[-2] for key in _iana_ids().values())
    return frozenset(footer.decode("ascii") for footer in footers)


@lru_cache(maxsize=1 << 16)
def _offset_all_day(key: str, day: int) -> int | None:
    """The offset of a whole UTC day, or None where the clock changes in it.

    This is the fast path: one dictionary lookup answers for 1440 minutes.
    """
    start = _offset(key, day * DAY)
    return start if start == _offset(key, day * DAY + DAY - 1) else None


@cache
def _agree(key: str, other: str) -> bool:
    """Whether two zones show the same time, looked at weekly over the ten years from the data's release."""
    start = wall_of_date(date(int(zone_data_version()[:4]), 1, 1))
    weeks = range(start, start + 3653 * DAY, 7 * DAY)
    return all(_offset(key, minute) == _offset(other, minute) for minute in weeks)


def _offset(key: str, minute: int) -> int:
    try:
        offset = datetime.fromtimestamp(minute * 60, _timezone(key)).utcoffset()
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"UTC minute {minute} is not in the years 1 to 9999") from error
    assert offset is not None
    return (offset.days * 86400 + offset.seconds) // 60


@cache
def _timezone(key: str) -> Timezone:
    with _zone_file(*key.split("/")).open("rb") as data:
        return Timezone.from_file(data, key=key)


@cache
def _iana_ids() -> dict[str, str]:
    """Case-folded id to id, aliases included; the only names that ever become a file path."""
    ids = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return {key.casefold(): key for key in ids if key not in _PLACEHOLDERS}


@cache
def _windows_names() -> dict[str, str]:
    """Case-folded Windows name to id, names of UTC folded into one."""
    found = {name.casefold(): key for name, key in win_tz.items()}
    return {name: "UTC" if key.casefold() in _UTC_NAMES else key for name, key in found.items()}


@cache
def _alias_targets() -> dict[str, str]:
    """IANA alias to the id it stands for, from the link lines of the database."""
    lines = _zone_file("tzdata.zi").read_text(encoding="utf-8").splitlines()
    links = (line.split() for line in lines if line.startswith("L "))
    return {alias: target for _, target, alias in links}


def _zone_file(*parts: str) -> Traversable:
    return resources.files("tzdata").joinpath("zoneinfo", *parts)
