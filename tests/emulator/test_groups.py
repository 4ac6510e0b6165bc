"""Groups by address and everybody in them, workspaces and equipment."""

from __future__ import annotations

from typing import Any

import pytest

ROLES = [{"role": "GroupMember.Read.All"}, {"role": "User.Read.All"}]
GROUPS = [
    {
        "address": "panel@contoso.example",
        "name": "Panel",
        "members": ["ana@contoso.example", "inner@contoso.example"],
    },
    {
        "address": "inner@contoso.example",
        "members": ["nomail@contoso.example", "ana@contoso.example", "panel@contoso.example"],
    },
]


def tenant(*roles: dict[str, str], **changes: Any) -> dict[str, Any]:
    """Two groups inside each other, and one app with these roles."""
    return {
        "apps": [{"client_id": "all", "secret": "s3cret", "grants": list(roles)}],
        "groups": GROUPS,
        **changes,
    }


def members(client: Any) -> list[dict[str, Any]]:
    """The transitive members of the panel."""
    query = {"$filter": "mail eq 'PANEL@contoso.example'", "$select": "id,displayName"}
    (group,) = client.http.get("groups", params=query).json()["value"]
    assert "Panel" == group["displayName"]
    found: list[dict[str, Any]] = client.http.get(f"groups/{group['id']}/transitiveMembers").json()["value"]
    return found


def test_members_of_groups_inside(make_client: Any) -> None:
    """Everybody once, groups that contain each other end, and who has no mailbox has no mail."""
    found = members(make_client(**tenant(*ROLES)))
    kinds = [(each["@odata.type"].rpartition(".")[2], each["mail"]) for each in found]
    assert [
        ("user", "ana@contoso.example"),
        ("group", "inner@contoso.example"),
        ("user", None),
    ] == kinds[:3]


def test_people_whom_the_app_may_not_read(make_client: Any) -> None:
    """Of them it gets type and id, and null for the rest."""
    found = members(make_client(**tenant(ROLES[0])))
    ana = found[0]
    assert ("#microsoft.graph.user", None, None) == (ana["@odata.type"], ana["displayName"], ana["mail"])
    assert ana["id"]


@pytest.mark.parametrize("path", ["groups", "groups/x/transitiveMembers"])
def test_without_permission(make_client: Any, path: str) -> None:
    """Without a role for groups the directory refuses."""
    client = make_client(**tenant({"role": "User.Read.All"}))
    assert (403, "Authorization_RequestDenied") == client.code(client.http.get(path))


def test_an_unknown_group(make_client: Any) -> None:
    """It is the directory's 404."""
    client = make_client(**tenant(*ROLES))
    assert (404, "Request_ResourceNotFound") == client.code(client.http.get("groups/x/transitiveMembers"))


PLACES = [
    {"address": "room-a@contoso.example", "name": "Room A"},
    {"address": "desks@contoso.example", "name": "Desks", "kind": "workspace", "capacity": 12},
    {"address": "beamer@contoso.example", "name": "Beamer", "kind": "equipment"},
    {"address": "cellar@contoso.example", "name": "Cellar", "mailbox": "on_premises"},
]


def test_workspaces_and_equipment_are_no_rooms(make_client: Any) -> None:
    """Each place is in its own list, equipment in none, and the mailbox says what it is for."""
    client = make_client(rooms=PLACES)
    rooms = client.http.get("places/microsoft.graph.room").json()["value"]
    assert ["Room A", "Cellar"] == [each["displayName"] for each in rooms]
    (desks,) = client.http.get("places/microsoft.graph.workspace").json()["value"]
    assert ("Desks", 12, False) == (desks["displayName"], desks["capacity"], "bookingType" in desks)
    single = client.http.get("places/desks@contoso.example").json()
    assert "#microsoft.graph.workspace" == single["@odata.type"]
    purposes = [
        client.http.get(f"users/{name}@contoso.example/mailboxSettings").json()["userPurpose"]
        for name in ("room-a", "desks", "beamer", "ana")
    ]
    assert ["room", "room", "equipment", "user"] == purposes


def test_an_on_premises_room(make_client: Any) -> None:
    """Its calendar does not open, but its free/busy is known."""
    client = make_client(rooms=PLACES)
    refused = client.http.get("users/cellar@contoso.example/calendar")
    assert (404, "MailboxNotEnabledForRESTAPI") == client.code(refused)
