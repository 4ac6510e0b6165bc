"""Working hours of a mailbox: as the wire has them, and whether a meeting is inside."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from typing import Any

from scheduler.emulator import zones
from scheduler.emulator.recurrence import WEEKDAYS
from scheduler.emulator.tenant import CustomZone, Person, Room, WorkingHours, ZoneSwitch


def wire_hours(spec: Person | Room) -> dict[str, Any] | None:
    """The workingHours object of a mailbox, or None for one that reports none."""
    hours = spec.working_hours
    if hours is None:
        return None
    zone = hours.time_zone
    named = {"name": zone if isinstance(zone, str) else spec.time_zone}
    return {
        "daysOfWeek": list(hours.days),
        "startTime": _wire_time(hours.start),
        "endTime": _wire_time(hours.end),
        "timeZone": _wire_custom(zone) if isinstance(zone, CustomZone) else named,
    }


def _wire_time(reading: time) -> str:
    return f"{reading:%H:%M:%S}.0000000"


def _wire_custom(zone: CustomZone) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.customTimeZone",
        "name": "Customized Time Zone",
        "bias": zone.bias,
        "standardOffset": _wire_switch(zone.standard),
        "daylightOffset": {"daylightBias": zone.daylight_bias, **_wire_switch(zone.daylight)},
    }


def _wire_switch(switch: ZoneSwitch | None) -> dict[str, Any]:
    if switch is None:
        return {"time": "00:00:00.0000000", "dayOccurrence": 0, "dayOfWeek": "sunday", "month": 0, "year": 0}
    return {
        "time": _wire_time(switch.time),
        "dayOccurrence": switch.day_occurrence,
        "dayOfWeek": switch.day_of_week,
        "month": switch.month,
        "year": 0,
    }


def inside_hours(spec: Person | Room, start: datetime, end: datetime) -> bool:
    """Whether [start, end) lies in one working interval; a mailbox without hours refuses nothing."""
    hours = spec.working_hours
    if hours is None:
        return True
    begin, finish = _local(spec, hours, start), _local(spec, hours, end)
    for day in (begin.date() - timedelta(days=1), begin.date()):
        opens, closes = datetime.combine(day, hours.start), datetime.combine(day, hours.end)
        if closes <= opens:
            closes += timedelta(days=1)
        if WEEKDAYS[day.weekday()] in hours.days and opens <= begin and finish <= closes:
            return True
    return False


def _local(spec: Person | Room, hours: WorkingHours, moment: datetime) -> datetime:
    zone = hours.time_zone
    if not isinstance(zone, CustomZone):
        return zones.wall(moment, zone if zone is not None else spec.time_zone)
    standard = moment.replace(tzinfo=None) - timedelta(minutes=zone.bias)
    to_daylight = _switch_wall(zone.daylight, standard.year)
    to_standard = _switch_wall(zone.standard, standard.year)
    if to_daylight is None or to_standard is None:
        return standard
    shift = timedelta(minutes=zone.daylight_bias)
    # The switch to standard time is read on the daylight clock, so both are compared on the standard clock.
    back = to_standard + shift
    northern = to_daylight < back
    summer = to_daylight <= standard < back if northern else not back <= standard < to_daylight
    return standard - shift if summer else standard


def _switch_wall(switch: ZoneSwitch | None, year: int) -> datetime | None:
    if switch is None or switch.month == 0:
        return None
    days = [
        date(year, switch.month, number)
        for number in range(1, calendar.monthrange(year, switch.month)[1] + 1)
        if date(year, switch.month, number).weekday() == WEEKDAYS.index(switch.day_of_week)
    ]
    return datetime.combine(days[min(max(switch.day_occurrence, 1), len(days)) - 1], switch.time)
