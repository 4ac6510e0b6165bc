"""Working hours that the request brings: defaults, a person's own, holidays and one-off hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.errors import InputError
from scheduler.planning.localtimes import Window, minute_of_day, request_zone
from scheduler.planning.request import WEEKDAYS, Colleague, DateHours, Hours, Search
from scheduler.zones import DateException, DayBlock, WeeklyHours, Zone


def default_hours(request: Search, window: Window) -> WeeklyHours:
    """The hours of a mailbox that has none: the request's, on the request's clock, with its days off."""
    return WeeklyHours(_blocks([request.hours]), window.zone, _exceptions(request, ()))


def with_own_hours(
    schedule: MailboxSchedule, request: Search, person: Colleague, window: Window, path: str
) -> MailboxSchedule:
    """The mailbox's answer with the hours the request gives the person.

    Hours of their own are on the clock of the person's `zone`, else of the mailbox, else of the request. A mailbox
    whose clock cannot be read stays unknown, unless the request says which clock the person keeps.

    Args:
        path: where the request speaks of the person.

    Raises:
        InputError: an unknown zone, or two sets of hours for one date.
    """
    read = schedule.hours
    zone: Zone | None = read.zone if isinstance(read, WeeklyHours) else None
    if person.zone is not None:
        zone = request_zone(person.zone, f"{path}.zone")
    elif read is None:
        zone = window.zone
    if zone is None:
        return schedule
    try:
        exceptions = _exceptions(request, person.exceptions)
        if person.hours:
            return replace(schedule, hours=WeeklyHours(_blocks(person.hours), zone, exceptions))
        if isinstance(read, WeeklyHours):
            return replace(schedule, hours=replace(read, exceptions=exceptions))
        if read is None and _differs(person):
            standing_in = default_hours(request, window)
            return replace(schedule, hours=WeeklyHours(standing_in.blocks, zone, exceptions))
    except ValueError as error:
        raise InputError(
            f"{path}.exceptions", str(error).rstrip("."), "give one set of hours for each date"
        ) from None
    return schedule


def _differs(person: Colleague) -> bool:
    return bool(person.exceptions) or person.zone is not None


def _blocks(hours: Iterable[Hours]) -> tuple[DayBlock, ...]:
    return tuple(
        DayBlock.between(WEEKDAYS.index(day), minute_of_day(each.start), minute_of_day(each.end))
        for each in hours
        for day in each.days
    )


def _exceptions(request: Search, own: Iterable[DateHours]) -> tuple[DateException, ...]:
    """Days off for everybody, except where the person has hours of their own on that date."""
    personal = [
        DateException(
            each.day,
            tuple(
                DayBlock(each.day.weekday(), minute_of_day(part.start), minute_of_day(part.end))
                for part in each.hours
            ),
        )
        for each in own
    ]
    taken = {exception.day for exception in personal}
    everybody = [DateException(day) for day in dict.fromkeys(request.days_off) if day not in taken]
    return (*everybody, *personal)
