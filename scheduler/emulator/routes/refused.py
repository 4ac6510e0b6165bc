"""Operations that are known and refused: Graph refuses them itself, or the emulator says that it does not have them."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from scheduler.emulator.envelope import Answer, GraphFailure
from scheduler.emulator.service import Call, Handler, Operation

_BETA = "findRooms and findRoomLists are beta only; Graph v1.0 has places."


def find_meeting_times(call: Call) -> Answer:
    """403 for an app by itself, as Graph has no application permission for it; for a person the emulator has none."""
    if call.caller.delegated:
        raise GraphFailure(501, "NotImplemented", "The emulator suggests no meeting times.")
    message = "Access is denied. Check credentials and try again."
    raise GraphFailure(403, "ErrorAccessDenied", message)


def _refusing(status: HTTPStatus, code: str, message: str) -> Handler:
    def refuse(_: Call) -> Answer:
        raise GraphFailure(status, code, message)

    return refuse


def _beta(name: str) -> Operation:
    handler = _refusing(HTTPStatus.BAD_REQUEST, "BadRequest", f"Resource not found for the segment '{name}'.")
    return Operation(
        name, "GET", f"/users/<user>/{name}", handler, frozenset(), "none", refusal=f"400: {_BETA}"
    )


def _missing(name: str, method: str, rule: str) -> Operation:
    handler = _refusing(HTTPStatus.NOT_IMPLEMENTED, "NotImplemented", f"The emulator does not have {name}.")
    return Operation(name, method, rule, handler, frozenset(), "none", refusal="501: not emulated.")


def _operations() -> Iterator[Operation]:
    yield Operation(
        "findMeetingTimes",
        "POST",
        "/users/<user>/findMeetingTimes",
        find_meeting_times,
        frozenset(),
        "none",
        refusal="403 for an app, which Graph gives no permission for it; 501 for a person: not emulated.",
    )
    yield _beta("findRooms")
    yield _beta("findRoomLists")
    event, permissions = "/users/<user>/events/<event_id>", "/users/<user>/calendar/calendarPermissions"
    yield _missing("forwardEvent", "POST", f"{event}/forward")
    yield _missing("listAttachments", "GET", f"{event}/attachments")
    yield _missing("listInstances", "GET", f"{event}/instances")
    yield _missing("permanentDeleteEvent", "POST", f"{event}/permanentDelete")
    yield _missing("createPermission", "POST", permissions)
    yield _missing("updateMailboxSettings", "PATCH", "/users/<user>/mailboxSettings")


OPERATIONS = tuple(_operations())

IN_PART = {
    "updateEvent, deleteEvent and answers of one occurrence": "501: single occurrences of a series do not change.",
    "a $batch inside a $batch": "400 as the reply of that item.",
    "getSchedule, events and calendarView with an unknown time zone": "400 TimeZoneNotSupportedException.",
    "$filter and $orderby by what cannot be evaluated": "400, as Graph refuses what it does not support.",
    "query options of change tracking": "400 ErrorInvalidUrlQuery.",
    "subscriptions to anything but events, or with resource data": "400 InvalidRequest.",
    "listPermissions of another's calendar by a person": "400 ErrorNotSupported, whatever the rights.",
    "an unknown property of an event, a calendar or a subscription": "400, to catch typos.",
}
