"""Calendars of a mailbox: the default one with the caller's rights, the list, and secondary calendars."""

from __future__ import annotations

from typing import Any

from scheduler.emulator.access import READ_BASIC, WRITE
from scheduler.emulator.envelope import Answer, GraphFailure, bad_request
from scheduler.emulator.routes.events import calendar_of
from scheduler.emulator.service import Call, Operation
from scheduler.emulator.state import Calendar

_PROPERTIES = (
    *("id", "name", "color", "hexColor", "isDefaultCalendar", "changeKey", "canShare", "canViewPrivateItems"),
    *("canEdit", "allowedOnlineMeetingProviders", "defaultOnlineMeetingProvider", "isTallyingResponses"),
    *("isRemovable", "owner"),
)
_FILTERABLE = frozenset({"name"})


def _wire(call: Call, calendar: Calendar) -> dict[str, Any]:
    writes = call.caller.reaches(call.world, call.owner, WRITE)
    teams = call.world.tenant.options.teams
    return {
        "id": calendar.calendar_id,
        "name": calendar.name,
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": calendar.is_default,
        "changeKey": call.world.ids.change_key(calendar.calendar_id, calendar.writes),
        "canShare": writes,
        "canViewPrivateItems": writes,
        "canEdit": writes,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"] if teams else [],
        "defaultOnlineMeetingProvider": "teamsForBusiness" if teams else "unknown",
        "isTallyingResponses": calendar.is_default,
        "isRemovable": not calendar.is_default,
        "owner": {"name": call.owner.name, "address": call.owner.address},
    }


def _entity(call: Call, calendar: Calendar, status: int = 200) -> Answer:
    query = call.query("select")
    users = f"users('{call.owner.object_id}')"
    body = call.collection("", [_wire(call, calendar)], query, known=_PROPERTIES).body
    assert body is not None
    headers = (
        {"Location": f"{call.root}/{users}/calendars('{calendar.calendar_id}')"} if status == 201 else {}
    )
    context = call.context(f"{users}/calendars/$entity")
    return Answer(status, {"@odata.context": context, **body["value"][0]}, headers)


def list_calendars(call: Call) -> Answer:
    """All calendars, ten a page."""
    return call.collection(
        f"users('{call.owner.object_id}')/calendars",
        [_wire(call, calendar) for calendar in call.owner.calendars.values()],
        call.query("select", "top", "skip", "count", "filter"),
        filterable=_FILTERABLE,
        known=_PROPERTIES,
    )


def create_calendar(call: Call) -> Answer:
    """201; a used name is ErrorFolderExists; a tenant may want the first try to fail after the fact."""
    name = _name(call)
    _refuse_duplicate(call, name)
    made = call.world.add_calendar(call.owner, name)
    call.world.effect(call.now, "calendarCreated", call.owner, "", reason=name)
    key = (call.owner.object_id, name.casefold())
    if call.world.tenant.options.fail_after_calendar_create and key not in call.world.half_created:
        call.world.half_created.add(key)
        raise GraphFailure(503, "serviceNotAvailable", "The service is temporarily unavailable.")
    return _entity(call, made, 201)


def get_calendar(call: Call) -> Answer:
    """One calendar with what the caller may do in it."""
    return _entity(call, calendar_of(call))


def update_calendar(call: Call) -> Answer:
    """Rename a calendar; nothing else of it can be changed here."""
    calendar = calendar_of(call)
    name = _name(call)
    if name.casefold() != calendar.name.casefold():
        _refuse_duplicate(call, name)
    calendar.name = name
    calendar.writes += 1
    return _entity(call, calendar)


def delete_calendar(call: Call) -> Answer:
    """204; the calendar and its events are gone, nobody is told. The default calendar cannot be deleted."""
    calendar = calendar_of(call)
    if calendar.is_default:
        raise bad_request("ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
    del call.owner.calendars[calendar.calendar_id]
    call.world.effect(call.now, "calendarDeleted", call.owner, "", reason=calendar.name)
    return Answer(204)


def list_permissions(call: Call) -> Answer:
    """The permission entries of a calendar: here always the organization's default alone."""
    calendar_of(call)
    entry = {
        "id": "RGVmYXVsdA==",
        "isRemovable": False,
        "isInsideOrganization": True,
        "role": "limitedRead" if call.owner.spec.share_details else "freeBusyRead",
        "allowedRoles": ["none", "freeBusyRead", "limitedRead", "read", "write"],
        "emailAddress": {"name": "My Organization"},
    }
    fragment = f"users('{call.owner.object_id}')/calendar/calendarPermissions"
    return call.collection(fragment, [entry], call.query("top", "skip"))


def _name(call: Call) -> str:
    body = call.body()
    unknown = [name for name in body if not name.startswith("@") and name not in _PROPERTIES]
    if unknown:
        message = f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.calendar'."
        raise bad_request("RequestBodyRead", message)
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise bad_request("ErrorInvalidRequest", "A calendar needs a name.")
    return name


def _refuse_duplicate(call: Call, name: str) -> None:
    if call.owner.calendar_named(name) is not None:
        raise GraphFailure(
            call.world.tenant.options.duplicate_name_status,
            "ErrorFolderExists",
            "A folder with the specified name already exists., Could not create folder.",
        )


_ONE = "/users/<user>/calendars/<calendar_id>"
OPERATIONS = (
    Operation("listCalendars", "GET", "/users/<user>/calendars", list_calendars, READ_BASIC),
    Operation("createCalendar", "POST", "/users/<user>/calendars", create_calendar, WRITE),
    Operation("getDefaultCalendar", "GET", "/users/<user>/calendar", get_calendar, READ_BASIC),
    Operation("getCalendar", "GET", _ONE, get_calendar, READ_BASIC),
    Operation("updateCalendar", "PATCH", _ONE, update_calendar, WRITE),
    Operation("deleteCalendar", "DELETE", _ONE, delete_calendar, WRITE),
    Operation(
        "listPermissions", "GET", "/users/<user>/calendar/calendarPermissions", list_permissions, READ_BASIC
    ),
    Operation("listPermissions", "GET", f"{_ONE}/calendarPermissions", list_permissions, READ_BASIC),
)
