"""POST getSchedule: the request, its limits and their errors (calendar-getschedule.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scheduler.emulator import zones
from scheduler.emulator.access import READ_BASIC
from scheduler.emulator.envelope import Answer, GraphFailure, bad_request
from scheduler.emulator.freebusy import Window, schedule_of
from scheduler.emulator.odata import checked_zone
from scheduler.emulator.service import Call, Operation
from scheduler.emulator.world import World

_MOST_SCHEDULES = 100
_DOCUMENTED_SCHEDULES = 20
_LONGEST = timedelta(days=62)


def get_schedule(call: Call) -> Answer:
    """Free/busy of the addresses in the body, one entry each, in their order."""
    call.query()
    body = _folded(call.body())
    addresses = _addresses(call.world, body)
    window = _window(body, call.preferences.output_zone())
    return Answer(
        200,
        {
            "@odata.context": call.context("Collection(microsoft.graph.scheduleInformation)"),
            "value": [
                schedule_of(call.world, address, window, call.caller.free_busy_level) for address in addresses
            ],
        },
        applied=call.preferences.applied(),
    )


def _folded(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object with its keys in lower case: action parameters are accepted in either case."""
    return {name.lower(): item for name, item in value.items()}


def _addresses(world: World, body: Mapping[str, Any]) -> list[str]:
    addresses = body.get("schedules")
    if not addresses:
        raise bad_request("ErrorMailboxDataArrayEmpty", "The MailboxDataArray is empty.")
    if not isinstance(addresses, list) or not all(isinstance(address, str) for address in addresses):
        raise bad_request("RequestBodyRead", "The property 'schedules' must be a collection of strings.")
    strict = world.tenant.options.strict_schedules
    limit = _DOCUMENTED_SCHEDULES if strict else _MOST_SCHEDULES
    size = (
        sum(len(world.members(address) or [address]) for address in addresses) if strict else len(addresses)
    )
    if size > limit:
        raise bad_request(
            "ErrorMailboxDataArrayTooBig",
            "There are too many mailboxes in the request. "
            f"The allowed size = {limit}; the actual size = {size}.",
        )
    return addresses


def _window(body: Mapping[str, Any], output_zone: str) -> Window:
    start, zone = _moment(body, "starttime")
    end, _ = _moment(body, "endtime")
    if end <= start:
        raise bad_request("ErrorInvalidTimeInterval", "The FreeBusyViewOptions.TimeWindow is invalid.")
    if end - start > _LONGEST:
        raise bad_request(
            "ErrorTimeIntervalTooBig",
            "The requested time duration specified for FreeBusyViewOptions.TimeWindow is too long. "
            "The allowed limit = 62 days.",
        )
    interval = _interval(body)
    if not 5 <= interval <= 1440 or timedelta(minutes=interval) > end - start:
        raise bad_request(
            "ErrorInvalidMergedFreeBusyInterval",
            "The merged free/busy interval must be between 5 and 1440 minutes and no longer than the window.",
        )
    return Window(start, end, interval, floating_zone=zone, output_zone=output_zone)


def _interval(body: Mapping[str, Any]) -> int:
    value = body.get("availabilityviewinterval", 30)
    if value is None:
        raise GraphFailure(
            500, "ErrorInternalServerError", "An internal server error occurred. The operation failed."
        )
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_request(
            "RequestBodyRead", f"Cannot convert the value {value!r} to the expected type Edm.Int32."
        )
    return value


def _moment(body: Mapping[str, Any], name: str) -> tuple[datetime, str]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise bad_request("ErrorInvalidTimeInterval", f"The parameter {name} is missing.")
    parts = _folded(value)
    zone = parts.get("timezone")
    name_of_zone = "UTC" if zone is None else checked_zone(str(zone))
    try:
        return zones.instant(zones.parse(parts["datetime"]), name_of_zone), name_of_zone
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise bad_request("RequestBodyRead", f"The dateTime of {name} cannot be read.") from error


OPERATIONS = (
    Operation("getSchedule", "POST", "/users/<user>/calendar/getSchedule", get_schedule, READ_BASIC),
    # A calendar in the path changes nothing: free/busy is always that of default calendars.
    Operation(
        "getSchedule", "POST", "/users/<user>/calendars/<calendar_id>/getSchedule", get_schedule, READ_BASIC
    ),
)
