"""The yearly rules of the clocks that exist, to notice rules that arrive exchanged."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple, Self

from scheduler.zones.local import DAY
from scheduler.zones.names import posix_rules

_NAME = r"(?:<[^>]+>|[A-Za-z]+)"
_TIME = r"[+-]?[0-9:]+"
_CHANGE = rf"M([0-9]+)\.([0-9])\.([0-9])(?:/({_TIME}))?"
_POSIX = re.compile(rf"{_NAME}({_TIME}){_NAME}({_TIME})?,{_CHANGE},{_CHANGE}")

Day = tuple[int, int, int, int]
"""When a clock changes: month, week (5 is the last), weekday (0 is Monday), minute on the clock before it."""


class YearlyRule(NamedTuple):
    """A clock that changes twice a year, written so that equal rules are equal.

    Args:
        bias: minutes to add to the reading to get UTC, while the clock is not put forward.
        forward: minutes by which it is put forward, above 0.
        back_on: when it is put back.
        forward_on: when it is put forward.
    """

    bias: int
    forward: int
    back_on: Day
    forward_on: Day

    @classmethod
    def of(cls, bias: int, daylight_bias: int, to_standard: Day, to_daylight: Day) -> Self:
        """The rule of a customTimeZone; a daylight time that puts the clock back is winter under another name."""
        if daylight_bias > 0:
            return cls(bias + daylight_bias, daylight_bias, to_daylight, to_standard)
        return cls(bias, -daylight_bias, to_standard, to_daylight)


def looks_exchanged(bias: int, daylight_bias: int, to_standard: Day, to_daylight: Day) -> bool:
    """Whether no zone keeps these rules while one does when the two changes are exchanged.

    The bias is tried as it is and as that of the other half of the year, because both have been reported
    (microsoft-graph-docs 8972).
    """
    if YearlyRule.of(bias, daylight_bias, to_standard, to_daylight) in known_rules():
        return False
    return any(
        YearlyRule.of(meant, daylight_bias, to_daylight, to_standard) in known_rules()
        for meant in (bias, bias - daylight_bias)
    )


@cache
def known_rules() -> frozenset[YearlyRule]:
    """The rules of every zone of the database that a customTimeZone can express."""
    found = (_POSIX.fullmatch(rule) for rule in posix_rules())
    rules = (_rule(*parts.groups()) for parts in found if parts is not None)
    return frozenset(rule for rule in rules if {rule.back_on[3], rule.forward_on[3]} <= {*range(DAY + 1)})


def _rule(standard: str, daylight: str | None, *changes: str | None) -> YearlyRule:
    bias = _minutes(standard)
    daylight_bias = -60 if daylight is None else _minutes(daylight) - bias
    to_daylight, to_standard = _day(*changes[:4]), _day(*changes[4:])
    return YearlyRule.of(bias, daylight_bias, to_standard, to_daylight)


def _day(month: str | None, week: str | None, weekday: str | None, clock: str | None) -> Day:
    # POSIX counts weekdays from Sunday and changes at 02:00 where it says nothing.
    return int(month or 0), int(week or 0), (int(weekday or 0) - 1) % 7, _minutes(clock or "2")


def _minutes(clock: str) -> int:
    hours, _, rest = clock.lstrip("+-").partition(":")
    return (-1 if clock.startswith("-") else 1) * (int(hours) * 60 + int(rest.partition(":")[0] or 0))
