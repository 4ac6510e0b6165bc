"""Places, users and mailbox settings."""

from __future__ import annotations

from typing import Any

ROOMS = "places/microsoft.graph.room"


def names(answer: Any) -> list[str]:
    """Display names of a collection."""
    return [place["displayName"] for place in answer.json()["value"]]


def test_rooms(client: Any) -> None:
    """Hidden rooms are absent, what was not set is null, and a plain room is bookable."""
    answer = client.http.get(ROOMS)
    assert ["Room A", "Room B"] == names(answer)
    room = answer.json()["value"][1]
    assert (None, None, "standard", []) == (
        room["capacity"],
        room["building"],
        room["bookingType"],
        room["tags"],
    )


def test_hundred_a_page_without_a_next_link(make_client: Any) -> None:
    """The trap of the real service: a hundred rooms and no word of the rest, which $skip and $count reach."""
    rooms = [{"address": f"room-{n}@contoso.example", "name": f"R{n:03}"} for n in range(130)]
    client = make_client(rooms=[*rooms, {"address": "room-a@contoso.example"}])
    first = client.http.get(ROOMS).json()
    assert (100, False) == (len(first["value"]), "@odata.nextLink" in first)
    rest = client.http.get(ROOMS, params={"$top": "100", "$skip": "100", "$count": "true"}).json()
    assert (31, 131) == (len(rest["value"]), rest["@odata.count"])


def test_rooms_by_filter(client: Any) -> None:
    """Simple filters work, and one the emulator cannot evaluate is refused."""
    filtered = client.http.get(ROOMS, params={"$filter": "capacity ge 5 and building eq 'HQ'"})
    assert ["Room A"] == names(filtered)
    refused = client.http.get(ROOMS, params={"$filter": "phone eq '1'"})
    assert (400, "ErrorInvalidProperty") == client.code(refused)


def test_room_lists(client: Any) -> None:
    """A list's rooms are asked for by its address; its id is not understood."""
    (found,) = client.http.get("places/microsoft.graph.roomList").json()["value"]
    by_address = client.http.get(f"places/{found['emailAddress']}/microsoft.graph.roomlist/rooms")
    assert ["Room A"] == names(by_address)
    by_id = client.http.get(f"places/{found['id']}/microsoft.graph.roomlist/rooms")
    assert 404 == by_id.status_code


def test_single_place(client: Any) -> None:
    """A place is found by id or address; a hidden room is not."""
    room = client.http.get("places/room-a@contoso.example").json()
    assert room == client.http.get(f"places/{room['id']}").json() | {"@odata.context": room["@odata.context"]}
    assert 404 == client.http.get("places/room-c@contoso.example").status_code


def test_new_room_appears_later(make_client: Any) -> None:
    """A room is listed from its moment on."""
    rooms = [{"address": "room-a@contoso.example", "appears_after": "2026-03-02T06:30:00Z"}]
    client = make_client(rooms=rooms)
    assert [] == names(client.http.get(ROOMS))
    client.emulator.clock.advance(1800)
    assert ["room-a"] == names(client.http.get(ROOMS))


def test_user(client: Any) -> None:
    """A user is found by address or id; a stranger is the directory's 404."""
    user = client.http.get("users/ana@contoso.example", params={"$select": "id,displayName,mail"}).json()
    assert ("Ana Silva", "ana@contoso.example") == (user["displayName"], user["mail"])
    assert "ana@contoso.example" == client.http.get(f"users/{user['id']}").json()["userPrincipalName"]
    assert (404, "Request_ResourceNotFound") == client.code(client.http.get("users/ghost@contoso.example"))


def test_mailbox_settings(client: Any) -> None:
    """Settings tell zone, hours and purpose, empty or null where the mailbox has none."""
    ana = client.http.get("users/ana@contoso.example/mailboxSettings").json()
    assert ("W. Europe Standard Time", "user", "08:00:00.0000000") == (
        ana["timeZone"],
        ana["userPurpose"],
        ana["workingHours"]["startTime"],
    )
    ben = client.http.get("users/ben@contoso.example/mailboxSettings").json()
    assert ("", None) == (ben["timeZone"], ben["workingHours"])
    assert "room" == client.http.get("users/room-a@contoso.example/mailboxSettings").json()["userPurpose"]
