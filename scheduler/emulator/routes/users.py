"""Users of the directory and the settings of their mailboxes, as far as a scheduler asks."""

from __future__ import annotations

from typing import Any

from scheduler.emulator import odata
from scheduler.emulator.access import SETTINGS, USERS
from scheduler.emulator.envelope import Answer, GraphFailure
from scheduler.emulator.service import Call, Operation
from scheduler.emulator.state import Mailbox
from scheduler.emulator.tenant import Room
from scheduler.emulator.workhours import wire_hours

_PROPERTIES = (
    *("id", "displayName", "mail", "userPrincipalName", "givenName", "surname", "jobTitle", "officeLocation"),
    *("mobilePhone", "preferredLanguage", "businessPhones"),
)


def wire_user(mailbox: Mailbox) -> dict[str, Any]:
    """A user as the directory shows it."""
    given, _, surname = mailbox.name.partition(" ")
    return {
        "businessPhones": [],
        "displayName": mailbox.name,
        "givenName": None if mailbox.is_room else given,
        "jobTitle": None,
        "mail": None if mailbox.hosting == "none" else mailbox.address,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": None if mailbox.is_room else surname or None,
        "userPrincipalName": mailbox.address,
        "id": mailbox.object_id,
    }


def get_user(call: Call) -> Answer:
    """A user by object id or principal name, rooms included."""
    key = call.path["user_id"]
    mailbox = call.world.mailbox(key)
    if mailbox is None:
        raise GraphFailure(
            404,
            "Request_ResourceNotFound",
            f"Resource '{key}' does not exist or one of its queried reference-property objects is absent.",
        )
    body = odata.project(wire_user(mailbox), call.query("select"), _PROPERTIES)
    return Answer(200, {"@odata.context": call.context("users/$entity"), **body})


def get_settings(call: Call) -> Answer:
    """Zone, working hours and purpose of a mailbox."""
    spec = call.owner.spec
    query = call.query("select")
    purpose = "user"
    if isinstance(spec, Room):
        purpose = "equipment" if spec.kind == "equipment" else "room"
    settings: dict[str, Any] = {
        "timeZone": spec.time_zone,
        "userPurpose": purpose,
        "workingHours": wire_hours(spec),
        "timeFormat": "HH:mm",
        "dateFormat": "yyyy-MM-dd",
    }
    body = odata.project(settings, query, tuple(settings))
    return Answer(
        200,
        {"@odata.context": call.context(f"users('{call.owner.object_id}')/mailboxSettings"), **body},
        applied=call.preferences.applied(),
    )


OPERATIONS = (
    Operation("getUser", "GET", "/users/<user_id>", get_user, USERS, "directory"),
    Operation("getMailboxSettings", "GET", "/users/<user>/mailboxSettings", get_settings, SETTINGS),
)
