"""Working hours from Graph's shapes to a week on a clock."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from scheduler.calendars.snapshot import UnreadableHours
from scheduler.graph.wire.schedules import HoursZone, Transition, WorkingHours
from scheduler.zones import (
    Change,
    DayBlock,
    UnknownZone,
    WeeklyHours,
    Zone,
    find_zone,
    parse_time_of_day,
    rule_zone,
)

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def weekly_hours(raw: Any) -> WeeklyHours | UnreadableHours | None:
    """The hours of a `workingHours` value; None when it is null, so that the mailbox has none.

    An end before the start is on the next day. A zone with a bias is built from its numbers, whatever it is
    called, because its name is mostly `Customized Time Zone`, which names nothing; one without is found by its
    name. `scheduler.zones.rule_zone` says what the numbers mean.
    """
    if raw is None:
        return None
    try:
        hours = WorkingHours.model_validate(raw)
    except ValidationError:
        return UnreadableHours("Its working hours are not in the form that Graph documents.")
    try:
        zone = _zone(hours.time_zone)
        if isinstance(zone, UnknownZone):
            return UnreadableHours(zone.reason)
        start, end = parse_time_of_day(hours.start_time), parse_time_of_day(hours.end_time)
        days = sorted({_weekday(day) for day in hours.days_of_week})
        return WeeklyHours(tuple(DayBlock.between(day, start, end) for day in days), zone)
    except ValueError as fault:
        return UnreadableHours(f"Its working hours cannot be used: {str(fault).rstrip('.')}.")


def _zone(zone: HoursZone) -> Zone | UnknownZone:
    if zone.bias is None:
        return find_zone(zone.name or "")
    return rule_zone(
        zone.name or "",
        bias=zone.bias,
        to_standard=_change(zone.standard_offset),
        to_daylight=_change(zone.daylight_offset),
        daylight_bias=_daylight_bias(zone.daylight_offset),
    )


def _daylight_bias(transition: Transition | None) -> int | None:
    """By how much the clock is put forward; None when that was not sent, for which there is no default."""
    if transition is None or "daylight_bias" not in transition.model_fields_set:
        return None
    return transition.daylight_bias


def _change(transition: Transition | None) -> Change | None:
    # Month 0 is "never", and comes with other fields that mean nothing.
    if transition is None or transition.month == 0:
        return None
    return Change(
        month=transition.month,
        week=transition.day_occurrence,
        weekday=_weekday(transition.day_of_week),
        minute=parse_time_of_day(transition.time),
        year=transition.year,
    )


def _weekday(name: str) -> int:
    folded = name.strip().lower()
    if folded not in _DAYS:
        raise ValueError(f"{name[:20]!r} is no day of the week")
    return _DAYS.index(folded)
