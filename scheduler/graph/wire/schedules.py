"""getSchedule: what is asked and the shapes of what comes back (api/calendar-getschedule)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scheduler.graph.wire.base import DateTimeZone, Whole, Wire, utc_value
from solvers.timeline import Span


class ScheduleItem(Wire):
    """One entry. Subject and location are not read, so they cannot leave this adapter."""

    status: Any = None
    start: DateTimeZone
    end: DateTimeZone


class FreeBusyError(Wire):
    """Why one mailbox has no schedule; `response_code` is a number as text, or an Exchange name."""

    response_code: Any = None


class Transition(Wire):
    """standardTimeZoneOffset or daylightTimeZoneOffset: when the clock changes, and by how much."""

    time: str
    day_occurrence: Whole
    day_of_week: str
    month: Whole
    year: Whole = 0
    daylight_bias: Whole = 0


class HoursZone(Wire):
    """timeZoneBase, or customTimeZone when `bias` is there."""

    name: str | None = None
    bias: Whole | None = None
    standard_offset: Transition | None = None
    daylight_offset: Transition | None = None


class WorkingHours(Wire):
    """workingHours: one interval a day on some weekdays."""

    days_of_week: list[str]
    start_time: str
    end_time: str
    time_zone: HoursZone


class ScheduleInformation(Wire):
    """One mailbox's answer; `error` and `working_hours` stay raw, so an odd one does not hide the rest."""

    schedule_id: str
    availability_view: Any = None
    schedule_items: list[ScheduleItem] | None = None
    error: Any = None
    working_hours: Any = None


class ScheduleId(Wire):
    """Only whose answer it is, for an answer that is otherwise unreadable."""

    schedule_id: str


def schedule_request(addresses: Sequence[str], window: Span, interval: int) -> dict[str, Any]:
    """The body of a getSchedule call; the interval is in minutes, and both times are UTC."""
    return {
        "schedules": list(addresses),
        "startTime": utc_value(window.start),
        "endTime": utc_value(window.end),
        "availabilityViewInterval": interval,
    }
