"""People and rooms of the vocabulary as Microsoft Graph would send them: `scheduleInformation` objects.

>>> from scheduler.testing.vocabulary import Busy, Room
>>> monday = 29_671_200  # 2026-06-01T00:00Z
>>> answer = schedule_information(Room("singel", (Busy(monday, monday + 20, "oof"),)), (monday, monday + 60))
>>> answer["availabilityView"], answer["scheduleItems"][0]["end"]["dateTime"]
('3300', '2026-06-01T00:20:00.0000000')
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Literal

from scheduler.testing.clocks import EPOCH
from scheduler.testing.vocabulary import Block, Busy, Person, Room
from scheduler.zones import windows_name

_DIGITS = {"free": 0, "workingElsewhere": 0, "tentative": 1, "busy": 2, "oof": 3, "unknown": 4}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_END_OF_DAY = "23:59:59.9999999"


def _switch(month: int, week: int, time: str) -> dict[str, Any]:
    return {
        "month": month,
        "dayOccurrence": week,
        "dayOfWeek": "sunday",
        "time": f"{time}:00.0000000",
        "year": 0,
    }


def _custom(
    bias: int, standard: dict[str, Any] | None = None, daylight: dict[str, Any] | None = None, by: int = -60
) -> dict[str, Any]:
    never = {**_switch(0, 0, "00:00")}
    return {
        "@odata.type": "#microsoft.graph.customTimeZone",
        "name": "Customized Time Zone",
        "bias": bias,
        "standardOffset": standard or never,
        "daylightOffset": {"daylightBias": by if daylight else 0, **(daylight or never)},
    }


RULES: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        "UTC": _custom(0),
        "Europe/Amsterdam": _custom(-60, _switch(10, 5, "03:00"), _switch(3, 5, "02:00")),
        "America/New_York": _custom(300, _switch(11, 1, "02:00"), _switch(3, 2, "02:00")),
        "Asia/Kolkata": _custom(-330),
        "Australia/Lord_Howe": _custom(-630, _switch(4, 1, "02:00"), _switch(10, 1, "02:00"), -30),
        "America/St_Johns": _custom(210, _switch(11, 1, "02:00"), _switch(3, 2, "02:00")),
        "Pacific/Chatham": _custom(-765, _switch(4, 1, "03:45"), _switch(9, 5, "02:45")),
        "Asia/Kathmandu": _custom(-345),
    }
)
"""By IANA id, the customTimeZone that shows the same time in 2026 to 2028: UTC = local + bias."""


@dataclass(frozen=True)
class Style:
    """One of the ways in which the same fact is spelt.

    Args:
        zone: how a clock is named: by its IANA id, its Windows name, or by rules alone. Where a clock has no such
            name, its IANA id is used.
        pascal: keys as the concept pages write them, `ScheduleId`, instead of the reference's `scheduleId`.
        seconds: 0 to 59; entries begin so many seconds late and end so many early inside their first and last minute,
            so that whoever rounds the wrong way loses a minute at either end.
    """

    zone: Literal["iana", "windows", "rules"] = "iana"
    pascal: bool = False
    seconds: int = 0


def schedule_information(
    mailbox: Person | Room,
    window: tuple[int, int],
    *,
    interval: int = 15,
    style: Style | None = None,
    code: str = "ErrorNoFreeBusyAccess",
) -> dict[str, Any]:
    """The answer to getSchedule about somebody: entries that touch the window, whole, their view, and working hours.

    Args:
        mailbox: a calendar of None becomes a per-mailbox error.
        window: UTC minutes that were asked about.
        interval: minutes of one digit of the view.
        style: how it is spelt; as the reference page if absent.
        code: the responseCode of that error.

    Raises:
        ValueError: hours that differ from day to day, which `workingHours` cannot say.
    """
    style = style or Style()
    answer: dict[str, Any] = {"scheduleId": f"{mailbox.key}@contoso.example"}
    if mailbox.busy is None:
        answer["error"] = {"message": "Unable to read the free/busy data.", "responseCode": code}
    else:
        inside = [entry for entry in mailbox.busy if entry.start < window[1] and window[0] < entry.end]
        answer["availabilityView"] = view(inside, *window, interval)
        answer["scheduleItems"] = [item(entry, style) for entry in inside]
        if isinstance(mailbox, Person):
            answer["workingHours"] = working_hours(mailbox.hours, mailbox.zone, style)
    return pascal(answer) if style.pascal else answer


def item(entry: Busy, style: Style) -> dict[str, Any]:
    """One scheduleItem in UTC, with seven fraction digits."""
    # An entry of one minute and 59 seconds cut off at both ends would end before it starts.
    seconds = min(style.seconds, 29) if entry.end - entry.start == 1 else style.seconds
    start = EPOCH + timedelta(minutes=entry.start, seconds=seconds)
    end = EPOCH + timedelta(minutes=entry.end, seconds=-seconds)
    written = {
        name: {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
        for name, moment in (("start", start), ("end", end))
    }
    return {"status": entry.status, **written}


def view(entries: Iterable[Busy], start: int, end: int, interval: int) -> str:
    """The availabilityView: a digit per interval from the window's start, the highest that any minute of it has."""
    digits = [0] * -(-(end - start) // interval)
    for entry in entries:
        for place in range(len(digits)):
            first = start + place * interval
            if entry.start < min(first + interval, end) and first < entry.end:
                digits[place] = max(digits[place], _DIGITS[entry.status])
    return "".join(map(str, digits))


def working_hours(hours: tuple[Block, ...], zone: str, style: Style) -> dict[str, Any]:
    """The workingHours of weekly blocks.

    Raises:
        ValueError: the blocks differ from day to day, or a whole day begins at another time than midnight.
    """
    stretches = {(block.start, block.end) for block in hours} or {(0, 1440)}
    if len(stretches) > 1:
        raise ValueError(f"workingHours says one stretch for all days, not {len(stretches)}")
    ((start, end),) = stretches
    if end == start + 1440 and start:
        raise ValueError("workingHours cannot say a whole day that does not begin at midnight")
    return {
        "daysOfWeek": [_DAYS[day] for day in sorted({block.weekday for block in hours})],
        "startTime": f"{_clock(start)}:00.0000000",
        "endTime": _END_OF_DAY if end == 1440 else f"{_clock(end % 1440)}:00.0000000",
        "timeZone": _zone(zone, style),
    }


def pascal(value: Any) -> Any:
    """The same JSON with keys as the concept pages write them."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(each) for key, each in value.items()}
    return [pascal(each) for each in value] if isinstance(value, list) else value


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _zone(zone: str, style: Style) -> dict[str, Any]:
    if style.zone == "rules" and zone in RULES:
        return dict(RULES[zone])
    return {"name": (windows_name(zone) if style.zone == "windows" else None) or zone}
