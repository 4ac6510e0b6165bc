"""Rule zones against the named zones that keep the same rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.zones.custom import Change, RuleZone, rule_zone
from scheduler.zones.known import known_rules
from scheduler.zones.names import UnknownZone

SUNDAY, SATURDAY, FRIDAY, THURSDAY = 6, 5, 4, 3
LAST = 5

# Name, bias, change to standard, change to daylight; all with a daylight bias of -60.
RULES = [
    ("America/New_York", 300, Change(11, 1, SUNDAY, 120), Change(3, 2, SUNDAY, 120)),
    ("America/Los_Angeles", 480, Change(11, 1, SUNDAY, 120), Change(3, 2, SUNDAY, 120)),
    ("America/St_Johns", 210, Change(11, 1, SUNDAY, 120), Change(3, 2, SUNDAY, 120)),
    ("Europe/Amsterdam", -60, Change(10, LAST, SUNDAY, 180), Change(3, LAST, SUNDAY, 120)),
    ("Europe/London", 0, Change(10, LAST, SUNDAY, 120), Change(3, LAST, SUNDAY, 60)),
    ("Africa/Cairo", -120, Change(10, LAST, THURSDAY, 1440), Change(4, LAST, FRIDAY, 0)),
    ("Australia/Sydney", -600, Change(4, 1, SUNDAY, 180), Change(10, 1, SUNDAY, 120)),
    ("Pacific/Auckland", -720, Change(4, 1, SUNDAY, 180), Change(9, LAST, SUNDAY, 120)),
    ("Asia/Kolkata", -330, None, None),
]


def made(name: str, bias: int, to_standard: Change | None, to_daylight: Change | None) -> RuleZone:
    """The rule zone of one row."""
    zone = rule_zone(name, bias=bias, to_standard=to_standard, to_daylight=to_daylight, daylight_bias=-60)
    assert isinstance(zone, RuleZone)
    return zone


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules[0])
def test_every_minute_around_changes(rules: Any, clock: Callable[[str], Any]) -> None:
    """Six hours around each change of 2026 to 2028, minute by minute, both show the same."""
    zone, named = made(*rules), clock(rules[0])
    minutes = [at for change in named.changes or [29_735_000] for at in range(change - 360, change + 360)]
    assert [named.wall(minute) for minute in minutes] == [
        minute + zone.offset_at(minute) for minute in minutes
    ]


@given(st.sampled_from(RULES), st.integers(29_455_200, 31_033_440))
def test_any_minute(clock: Callable[[str], Any], rules: Any, minute: int) -> None:
    """At any minute of 2026 to 2028 both show the same."""
    assert clock(rules[0]).wall(minute) == minute + made(*rules).offset_at(minute)


@given(
    st.integers(1, 12), st.integers(1, 5), st.integers(0, 6), st.integers(0, 1440), st.integers(1970, 2100)
)
def test_the_day_of_a_change(month: int, week: int, weekday: int, minute: int, year: int) -> None:
    """A change falls on its weekday, with exactly as many of them before it in the month as its week says."""
    days, rest = divmod(Change(month, week, weekday, minute).wall_in(year) - minute, 1440)
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days)).date()
    assert (0, month, weekday) == (rest, day.month, day.weekday())
    week_after = day + timedelta(7)
    if week == LAST:
        assert month != week_after.month
    else:
        assert week == (day.day + 6) // 7


def as_rule(clock: Any, changes: list[int]) -> Change | None:
    """The rule by which a clock made the same change in several years, as the readings before it show."""
    readings = [clock.reading(change - 1) + timedelta(minutes=1) for change in changes]
    months, weekdays = {each.month for each in readings}, {each.weekday() for each in readings}
    minutes = {each.hour * 60 + each.minute for each in readings}
    weeks = {(each.day + 6) // 7 for each in readings}
    if all((each + timedelta(7)).month != each.month for each in readings):
        weeks = {LAST}
    if {1} != {len(months), len(weekdays), len(minutes), len(weeks)}:
        return None
    return Change(months.pop(), weeks.pop(), weekdays.pop(), minutes.pop())


@pytest.mark.campaign
def test_rules_read_off_zones(clock: Callable[[str], Any]) -> None:
    """What zones do in three years, sent as a customTimeZone, shows their time in both spellings of winter.

    One zone stands for all that follow the same rule.
    """
    seen: dict[bytes, str] = {}
    for key in resources.files("tzdata").joinpath("zones").read_text("utf-8").split():
        footer = resources.files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes().splitlines()[-1]
        if b"," in footer:
            seen.setdefault(footer, key)
    made = 0
    for key in seen.values():
        named = clock(key)
        if len(named.changes) != 6:
            continue
        forward = [at for at in named.changes if named.wall(at) - named.wall(at - 1) > 1]
        back = [at for at in named.changes if at not in forward]
        to_daylight, to_standard = as_rule(named, forward), as_rule(named, back)
        if to_daylight is None or to_standard is None:
            continue
        winter, summer = (at - named.wall(at) for at in (back[0], forward[0]))
        rules = (
            rule_zone(
                key,
                bias=winter,
                to_standard=to_standard,
                to_daylight=to_daylight,
                daylight_bias=summer - winter,
            ),
            rule_zone(
                key,
                bias=summer,
                to_standard=to_daylight,
                to_daylight=to_standard,
                daylight_bias=winter - summer,
            ),
        )
        for zone in rules:
            assert isinstance(zone, RuleZone)
            for change in named.changes:
                for at in (*range(change - 1500, change + 1500, 60), *range(change - 2, change + 2)):
                    assert named.wall(at) == at + zone.offset_at(at), (key, at)
        made += 1
    assert made > 20


@given(st.sampled_from(sorted(known_rules())), st.booleans())
def test_exchanged_changes_are_never_used(rule: Any, other_bias: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
    """The rules of any known clock with standard and daylight exchanged are unknown, with the reason."""
    zone = rule_zone(
        "Customized Time Zone",
        bias=rule.bias - rule.forward * other_bias,
        to_standard=Change(*rule.forward_on),
        to_daylight=Change(*rule.back_on),
        daylight_bias=-rule.forward,
    )
    assert isinstance(zone, UnknownZone)
    assert "look exchanged" in zone.reason
