"""Calendars of a mailbox: the default one with the caller's rights, the list, and secondary calendars."""

from __future__ import annotations

import base64
from typing import Any

from scheduler.emulator.access import READ_BASIC, WRITE, access_denied
from scheduler.emulator.envelope import Answer, GraphFailure, bad_request
from scheduler.emulator.registration import Level
from scheduler.emulator.routes.events import calendar_of
from scheduler.emulator.service import Call, Operation
from scheduler.emulator.state import Calendar

_PROPERTIES = (
    *("id", "name", "color", "hexColor", "isDefaultCalendar", "changeKey", "canShare", "canViewPrivateItems"),
    *("canEdit", "allowedOnlineMeetingProviders", "defaultOnlineMeetingProvider", "isTallyingResponses"),
    *("isRemovable", "owner"),
)
_FILTERABLE = frozenset({"name"})
_ROLES: dict[Level, str] = {
    "none": "none",
    "freeBusy": "freeBusyRead",
    "limited": "limitedRead",
    "read": "read",
    "write": "write",
    "delegate": "delegateWithPrivateEventAccess",
}


def _wire(call: Call, calendar: Calendar) -> dict[str, Any]:
    caller, owner = call.caller, call.owner
    writes = caller.may_edit(call.world, owner)
    teams = call.world.tenant.options.teams
    return {
        "id": calendar.calendar_id,
        "name": calendar.name,
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": calendar.is_default,
        "changeKey": call.world.ids.change_key(calendar.calendar_id, calendar.writes),
        "canShare": caller.is_owner(owner) if caller.delegated else writes,
        "canViewPrivateItems": caller.sees_private(owner) if caller.delegated else writes,
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
        [
            _wire(call, calendar)
            for calendar in call.owner.calendars.values()
            if call.caller.opens(call.owner, calendar)
        ],
        call.query("select", "top", "skip", "count", "filter"),
        filterable=_FILTERABLE,
        known=_PROPERTIES,
    )


def create_calendar(call: Call) -> Answer:
    """201; a used name is ErrorFolderExists; a tenant may want the first try to fail after the fact."""
    _require_owner(call)
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
    _require_owner(call)
    calendar = calendar_of(call)
    name = _name(call)
    if name.casefold() != calendar.name.casefold():
        _refuse_duplicate(call, name)
    calendar.name = name
    calendar.writes += 1
    return _entity(call, calendar)


def delete_calendar(call: Call) -> Answer:
    """204; the calendar and its events are gone, nobody is told. The default calendar cannot be deleted."""
    _require_owner(call)
    calendar = calendar_of(call)
    if calendar.is_default:
        raise bad_request("ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
    del call.owner.calendars[calendar.calendar_id]
    call.world.effect(call.now, "calendarDeleted", call.owner, "", reason=calendar.name)
    return Answer(204)


def list_permissions(call: Call) -> Answer:
    """The organization's default entry and those of people and groups; to nobody but the owner in delegated access."""
    calendar_of(call)
    if call.caller.delegated and not call.caller.is_owner(call.owner):
        raise bad_request(
            "ErrorNotSupported", "The operation is not supported for a calendar of someone else."
        )
    entries = [
        _permission("Default", "My Organization", call.caller.registry.level(call.owner, ""), None),
        *(
            _permission(address, _name_of(call, address), level, address)
            for address, level in call.owner.spec.shared_with.items()
        ),
    ]
    fragment = f"users('{call.owner.object_id}')/calendar/calendarPermissions"
    return call.collection(fragment, entries, call.query("top", "skip"))


def _permission(key: str, name: str, level: Level, address: str | None) -> dict[str, Any]:
    reached = {} if address is None else {"address": address}
    return {
        "id": base64.b64encode(key.encode()).decode(),
        "isRemovable": address is not None,
        "isInsideOrganization": True,
        "role": _ROLES[level],
        "allowedRoles": ["none", "freeBusyRead", "limitedRead", "read", "write"],
        "emailAddress": {"name": name, **reached},
    }


def _name_of(call: Call, address: str) -> str:
    mailbox = call.world.mailbox(address)
    return address.partition("@")[0] if mailbox is None else mailbox.name


def _require_owner(call: Call) -> None:
    """Rights in somebody's calendar are no rights over their folders."""
    if call.caller.delegated and not call.caller.is_owner(call.owner):
        raise access_denied()


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
