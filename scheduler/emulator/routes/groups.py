"""Groups of the directory by address, and everybody in them (api/group-list, api/group-list-transitivemembers)."""

from __future__ import annotations

from typing import Any

from scheduler.emulator.access import USERS
from scheduler.emulator.envelope import Answer, GraphFailure
from scheduler.emulator.routes.users import wire_user
from scheduler.emulator.service import Call, Operation
from scheduler.emulator.tenant import Group

GROUPS = frozenset({"GroupMember.Read.All", "Directory.Read.All"})
_FILTERABLE = frozenset({"displayName", "id", "mail", "mailNickname"})
_PROPERTIES = (
    *("id", "displayName", "description", "groupTypes", "mail", "mailEnabled", "mailNickname"),
    "securityEnabled",
)
_MEMBER_PROPERTIES = ("id", "displayName", "mail", "userPrincipalName", "givenName", "surname", "jobTitle")
_UNKNOWN = "Resource '{}' does not exist or one of its queried reference-property objects is absent."


def _id(call: Call, group: Group) -> str:
    return call.world.ids.named_uuid("group", group.address.casefold())


def _wire(call: Call, group: Group) -> dict[str, Any]:
    nickname = group.address.partition("@")[0]
    return {
        "id": _id(call, group),
        "displayName": group.name or nickname,
        "description": None,
        "groupTypes": [],
        "mail": group.address,
        "mailEnabled": True,
        "mailNickname": nickname,
        "securityEnabled": False,
    }


def list_groups(call: Call) -> Answer:
    """Groups, a hundred a page; usually one is asked for by its address."""
    return call.collection(
        "groups",
        [_wire(call, group) for group in call.world.tenant.groups],
        call.query("select", "top", "filter", "count", "orderby"),
        filterable=_FILTERABLE,
        known=_PROPERTIES,
        size=100,
    )


def list_transitive_members(call: Call) -> Answer:
    """Everybody in a group and in the groups inside it, and those groups, each once.

    Of people the caller may not read, only the type and the id are told.
    """
    members: dict[str, dict[str, Any]] = {}
    waiting = [_named(call, call.path["group_id"])]
    opened = {waiting[0].address.casefold()}
    groups = {group.address.casefold(): group for group in call.world.tenant.groups}
    readable = call.caller.holds(USERS)
    while waiting:
        for address in waiting.pop(0).members:
            key = address.casefold()
            if (inner := groups.get(key)) is not None:
                if key not in opened:
                    opened.add(key)
                    waiting.append(inner)
                    members[key] = {"@odata.type": "#microsoft.graph.group", **_wire(call, inner)}
                continue
            mailbox = call.world.mailbox(address)
            assert mailbox is not None
            user = wire_user(mailbox)
            shown = user if readable else dict.fromkeys(user) | {"id": user["id"]}
            members[key] = {"@odata.type": "#microsoft.graph.user", **shown}
    return call.collection(
        "directoryObjects",
        list(members.values()),
        call.query("select", "top", "count"),
        known=(*_MEMBER_PROPERTIES, *_PROPERTIES),
        size=100,
    )


def _named(call: Call, group_id: str) -> Group:
    for group in call.world.tenant.groups:
        if _id(call, group) == group_id:
            return group
    raise GraphFailure(404, "Request_ResourceNotFound", _UNKNOWN.format(group_id))


OPERATIONS = (
    Operation("listGroups", "GET", "/groups", list_groups, GROUPS, "directory"),
    Operation(
        "listTransitiveMembers",
        "GET",
        "/groups/<group_id>/transitiveMembers",
        list_transitive_members,
        GROUPS,
        "directory",
    ),
)
