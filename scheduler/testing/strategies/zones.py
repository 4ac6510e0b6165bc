"""Clocks, and the minutes around which they are nasty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal, NamedTuple, TypeAlias, get_args

from tzlocal.windows_tz import win_tz

from scheduler.testing.clocks import FIRST, LAST, ClockChange, changes, changes_of, ids, offset
from scheduler.testing.hypothesis_door import InvalidArgument, st
from scheduler.testing.strategies.arguments import check_choice, check_whole
from scheduler.zones import Change, NamedZone, RuleZone, Zone, format_wall

NASTY_ZONES = (
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Europe/Dublin",
    "Antarctica/Troll",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
)
"""Simplest first: whole, half and quarter hours east and west; changes of half an hour, one and two; at midnight, in
the south, by negative daylight time; and the two ends of the day line."""

Kind: TypeAlias = Literal["exact", "repeated", "skipped", "invalid"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class LocalTime(NamedTuple):
    """A clock reading as text, such as `2026-03-29T02:30`, and what the clock of its zone makes of it.

    exact: shown once. repeated: shown twice. skipped: never shown. invalid: no calendar or clock has it.
    """

    zone: str
    text: str
    kind: Kind


def check_zones(name: str, chosen: Iterable[str]) -> Sequence[str]:
    """The chosen IANA ids.

    Raises:
        InvalidArgument: none is chosen, or one does not exist.
    """
    return check_choice(name, chosen, _known())


def iana_zones() -> st.SearchStrategy[str]:
    """Every IANA id and alias, half of the time one of NASTY_ZONES; shrinks to UTC."""
    return st.sampled_from(NASTY_ZONES) | st.sampled_from(ids())


def windows_zones() -> st.SearchStrategy[str]:
    """Every Windows name that CLDR knows; shrinks to UTC."""
    return st.sampled_from(sorted(win_tz, key=lambda name: (name != "UTC", name)))


def named_zones() -> st.SearchStrategy[NamedZone]:
    """`iana_zones` as the zones of Slotwright."""
    return iana_zones().map(NamedZone)


@st.composite
def _rule_zones(draw: st.DrawFn) -> RuleZone:
    bias = 15 * draw(st.integers(-56, 48))
    if draw(st.booleans()):
        return RuleZone("Customized Time Zone", bias)
    month = draw(st.integers(1, 12))
    other = (month - 1 + draw(st.integers(2, 10))) % 12 + 1
    to_standard, to_daylight = (
        Change(each, draw(st.integers(1, 5)), draw(st.integers(0, 6)), 30 * draw(st.integers(0, 47)))
        for each in (month, other)
    )
    daylight_bias = draw(st.sampled_from((-60, -30, -120, 60)))
    return RuleZone("Customized Time Zone", bias, to_standard, to_daylight, daylight_bias)


def rule_zones() -> st.SearchStrategy[RuleZone]:
    """Clocks told by rules alone, as Graph's customTimeZone: half of them change twice a year, north or south.

    Shrinks to a clock that never changes.
    """
    return _rule_zones()


def zones() -> st.SearchStrategy[Zone]:
    """Any clock Slotwright can read: `named_zones` and `rule_zones`."""
    return st.one_of(named_zones(), rule_zones())


def minutes_near_changes(zone: str | Zone, *, reach: int = 180) -> st.SearchStrategy[int]:
    """UTC minutes at most `reach` minutes from a change of this clock in 2026 to 2028; it shrinks to the change.

    Of a clock that never changes, minutes near midnights in UTC.

    Args:
        zone: an IANA id, or a zone of Slotwright.
        reach: 0 or more.

    Raises:
        InvalidArgument: a negative reach, or an unknown id.
    """
    check_whole("reach", reach, least=0)
    near = [change.minute for change in _changes(zone)] or list(range(FIRST + 151 * 1440, LAST, 7 * 1440))
    return st.builds(int.__add__, st.sampled_from(near), st.integers(-reach, reach))


def local_times(zone: str | None = None, *, kinds: Iterable[Kind] = KINDS) -> st.SearchStrategy[LocalTime]:
    """Readings of 2026 to 2028 of every kind, skipped and repeated ones as often as the others.

    Args:
        zone: an IANA id; any of NASTY_ZONES that has every kind of reading if absent.
        kinds: which kinds, the simplest first.

    Raises:
        InvalidArgument: an unknown id or kind, or a kind of reading that the zone's clock never has.
    """
    wanted = check_choice("kinds", kinds, KINDS)
    if zone is None:
        usable = [name for name in NASTY_ZONES if len({change.skips for change in changes(name)}) == 2]
        return st.sampled_from(usable).flatmap(lambda name: local_times(name, kinds=wanted))
    found = _changes(zone)
    for kind, skips in (("skipped", True), ("repeated", False)):
        if kind in wanted and not any(change.skips == skips for change in found):
            raise InvalidArgument(f"zone={zone!r} has no {kind} reading in 2026 to 2028")
    return st.one_of([_readings(zone, kind) for kind in wanted])


def _readings(zone: str, kind: Kind) -> st.SearchStrategy[LocalTime]:
    if kind == "invalid":
        texts = st.sampled_from(
            (
                "2026-02-30T09:00",
                "2027-02-29T09:00",
                "2026-13-01T09:00",
                "2026-06-01T24:30",
                "2026-06-01T09:60",
            )
        )
    elif kind == "exact":
        texts = st.one_of(st.integers(FIRST, LAST - 1), minutes_near_changes(zone, reach=360)).map(
            lambda minute: _outside_changes(zone, minute)
        )
    else:
        walls = [
            # What is read at the change by the old offset and by the new one bounds what is skipped or repeated.
            sorted((change.minute + change.before, change.minute + change.after))
            for change in changes(zone)
            if change.skips == (kind == "skipped")
        ]
        texts = (
            st.sampled_from(walls).flatmap(lambda edge: st.integers(edge[0], edge[1] - 1)).map(format_wall)
        )
    return texts.map(lambda text: LocalTime(zone, text, kind))


def _outside_changes(zone: str, minute: int) -> str:
    """The reading at a UTC minute, moved a little later where the clock repeats it."""
    wall = minute + offset(zone, minute)
    for change in changes(zone):
        low, high = change.minute + change.after, change.minute + change.before
        if low <= wall < high:
            wall = high + wall - low
    return format_wall(wall)


@cache
def _known() -> frozenset[str]:
    return frozenset(ids())


def _changes(zone: str | Zone) -> tuple[ClockChange, ...]:
    if not isinstance(zone, str):
        return changes_of(zone.offset_at)
    check_zones("zone", (zone,))
    return changes(zone)
