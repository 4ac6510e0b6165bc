"""Who is let in: tokens, roles, scopes of mailboxes, and mailboxes that cannot be reached."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

ROOM_A, ROOM_B = "users/room-a@contoso.example", "users/room-b@contoso.example"


def test_token_is_needed(client: Any) -> None:
    """No token, a garbled one and one of another tenant are 401 InvalidAuthenticationToken."""
    good = client.http.headers["Authorization"].removeprefix("Bearer ")
    head, payload, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(
        json.dumps({**claims, "roles": ["Directory.Read.All"]}).encode()
    ).decode()
    for header in ("", "Bearer ", "Bearer x", f"Bearer {head}.{forged}.{signature}", f"Basic {good}"):
        answer = client.http.get("users/ana@contoso.example/calendar", headers={"Authorization": header})
        assert (401, "InvalidAuthenticationToken") == client.code(answer), header


def test_token_claims(client: Any) -> None:
    """An app token carries audience, tenant, app, roles and an end on the emulator's clock."""
    payload = client.http.headers["Authorization"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    start = int(client.emulator.clock.now().timestamp())
    assert ("https://graph.emulated.test", client.emulator.tenant.id, "all", start + 3599) == (
        claims["aud"],
        claims["tid"],
        claims["appid"],
        claims["exp"],
    )
    assert ["Calendars.ReadWrite", "MailboxSettings.Read", "Place.Read.All", "User.Read.All"] == claims[
        "roles"
    ]


def test_token_ends_on_the_clock(client: Any) -> None:
    """A token lives to its last second and no longer; a new one helps."""
    client.emulator.clock.advance(3598)
    assert 200 == client.http.get("users/ana@contoso.example/calendar").status_code
    client.emulator.clock.advance(1)
    answer = client.http.get("users/ana@contoso.example/calendar")
    assert "Lifetime validation failed, the token is expired." == answer.json()["error"]["message"]
    client.sign_in()
    assert 200 == client.http.get("users/ana@contoso.example/calendar").status_code


def test_room_the_app_may_read_but_not_write(make_client: Any) -> None:
    """Write access over a group shows in canEdit, and a write elsewhere is refused by the scope."""
    client = make_client("scoped")
    assert [True, False] == [
        client.http.get(f"{room}/calendar").json()["canEdit"] for room in (ROOM_A, ROOM_B)
    ]
    assert 201 == client.book("2026-03-03T09:00:00", "2026-03-03T10:00:00", where=ROOM_A).status_code
    refused = client.book("2026-03-03T09:00:00", "2026-03-03T10:00:00", where=ROOM_B)
    assert (403, "ErrorAccessDenied") == client.code(refused)
    assert "Access is denied. Check credentials and try again." == refused.json()["error"]["message"]


def test_scoped_roles_are_in_no_token(make_client: Any) -> None:
    """A token names what Entra ID granted; what Exchange assigned over a scope works without being named."""
    client = make_client("scoped")
    payload = client.http.headers["Authorization"].split(".")[1]
    assert ["Calendars.Read"] == json.loads(base64.urlsafe_b64decode(payload + "=="))["roles"]
    assert 201 == client.book("2026-03-03T09:00:00", "2026-03-03T10:00:00", where=ROOM_A).status_code


def test_grant_over_all_beside_a_scope_wins(make_client: Any) -> None:
    """Rights add up: as long as the role is granted over everything as well, its scope limits nothing."""
    client = make_client("scoped")
    registry = client.emulator.registry
    assert 403 == client.book("2026-03-03T09:00:00", "2026-03-03T10:00:00", where=ROOM_B).status_code
    scoped = registry.app("scoped").grants
    registry.change_app("scoped", grants=[*scoped, {"role": "Calendars.ReadWrite"}])
    assert 403 == client.book("2026-03-03T09:00:00", "2026-03-03T10:00:00", where=ROOM_B).status_code
    client.sign_in()
    assert 201 == client.book("2026-03-03T09:00:00", "2026-03-03T10:00:00", where=ROOM_B).status_code
    registry.change_app("scoped", grants=scoped)
    client.sign_in()
    assert 403 == client.book("2026-03-03T10:00:00", "2026-03-03T11:00:00", where=ROOM_B).status_code


def test_access_policy_limits_grants_over_all(make_client: Any) -> None:
    """An application access policy shuts mailboxes outside it with its own text, except to ReadBasic."""
    client = make_client("all")
    client.emulator.registry.change_app("all", access_policy=["writers@contoso.example"])
    assert 200 == client.http.get(f"{ROOM_A}/calendar").status_code
    refused = client.http.get(f"{ROOM_B}/calendar")
    assert (403, "ErrorAccessDenied") == client.code(refused)
    assert "[RAOP]" in refused.json()["error"]["message"]
    client.emulator.registry.change_app("all", grants=[{"role": "Calendars.ReadBasic.All"}])
    client.sign_in()
    assert 200 == client.http.get(f"{ROOM_B}/calendar").status_code


@pytest.mark.parametrize("meanwhile", [(403, "ErrorAccessDenied"), (404, "ErrorItemNotFound")])
def test_exchange_is_slow_to_follow(make_client: Any, meanwhile: tuple[int, str]) -> None:
    """A scope that was widened or taken away takes effect later; until then the former one answers."""
    client = make_client(
        "scoped", options={"policy_delay_seconds": 3600, "policy_pending_status": meanwhile[0]}
    )
    registry = client.emulator.registry
    wider = [{"role": "Calendars.ReadWrite", "over": ["writers@contoso.example", "room-b@contoso.example"]}]
    registry.change_app("scoped", grants=[{"role": "Calendars.Read"}, *wider])
    client.emulator.clock.advance(3500)
    assert meanwhile == client.code(client.book("2026-03-03T09:00:00", "2026-03-03T10:00:00", where=ROOM_B))
    client.emulator.clock.advance(100)
    client.sign_in()
    assert 201 == client.book("2026-03-03T09:00:00", "2026-03-03T10:00:00", where=ROOM_B).status_code
    registry.change_app("scoped", grants=[{"role": "Calendars.Read"}])
    assert 201 == client.book("2026-03-03T10:00:00", "2026-03-03T11:00:00", where=ROOM_B).status_code
    client.emulator.clock.advance(3599)
    client.sign_in()
    assert 201 == client.book("2026-03-03T11:00:00", "2026-03-03T12:00:00", where=ROOM_B).status_code
    client.emulator.clock.advance(1)
    assert 403 == client.book("2026-03-03T12:00:00", "2026-03-03T13:00:00", where=ROOM_B).status_code


@pytest.mark.parametrize(
    ("role", "path", "code"),
    [
        ("Calendars.ReadWrite", "users/ana@contoso.example/events", "ErrorAccessDenied"),
        ("Place.Read.All", "places/microsoft.graph.room", "ErrorAccessDenied"),
        ("MailboxSettings.Read", "users/ana@contoso.example/mailboxSettings", "ErrorAccessDenied"),
        ("User.Read.All", "users/ana@contoso.example", "Authorization_RequestDenied"),
    ],
)
def test_one_permission_taken_away_in_turn(client: Any, role: str, path: str, code: str) -> None:
    """Without one of its permissions the app is refused just what needed it, from its next token on."""
    kept = [grant for grant in client.emulator.registry.app("all").grants if grant.role != role]
    client.emulator.registry.change_app("all", grants=kept)
    assert 200 == client.http.get(path).status_code
    client.sign_in()
    assert (403, code) == client.code(client.http.get(path))


def test_reset_takes_changes_back(client: Any) -> None:
    """After a reset the registrations are those of the tenant file."""
    client.emulator.registry.change_app("all", grants=[], secret="other")
    client.emulator.reset()
    client.sign_in()
    assert 200 == client.http.get("users/ana@contoso.example/events").status_code


def test_room_the_app_may_not_even_read(make_client: Any) -> None:
    """A mailbox outside every scope is 403 for reading; as one of the schedules it is still answered."""
    client = make_client("narrow")
    assert (403, "ErrorAccessDenied") == client.code(client.http.get(f"{ROOM_A}/calendar"))
    found = client.schedule("room-a@contoso.example", start="2026-03-02T08:00:00", end="2026-03-02T09:00:00")
    assert "availabilityView" in found["room-a@contoso.example"]


def test_missing_role_differs_from_scope(make_client: Any) -> None:
    """Without the role at all the text is the plain denial; directory routes use the directory's code."""
    client = make_client("bare")
    denied = client.http.get("users/ana@contoso.example/calendar")
    assert (403, "ErrorAccessDenied") == client.code(denied)
    assert "Access is denied. Check credentials and try again." == denied.json()["error"]["message"]
    assert (403, "Authorization_RequestDenied") == client.code(client.http.get("users/ana@contoso.example"))
    assert (403, "ErrorAccessDenied") == client.code(client.http.get("places/microsoft.graph.room"))
    assert (403, "ErrorAccessDenied") == client.code(
        client.http.get("users/ana@contoso.example/mailboxSettings")
    )


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ghost@contoso.example", "ErrorInvalidUser"),
        ("nomail@contoso.example", "MailboxNotEnabledForRESTAPI"),
        ("hal@contoso.example", "MailboxNotEnabledForRESTAPI"),
    ],
)
def test_unreachable_mailboxes(client: Any, address: str, code: str) -> None:
    """Unknown users and mailboxes outside the cloud are different 404s."""
    assert (404, code) == client.code(client.http.get(f"users/{address}/calendar"))


def test_basic_read_hides_details(make_client: Any, make_tenant: Any) -> None:
    """With Calendars.ReadBasic an event has neither body nor extended properties, and cannot be written."""
    apps = [app.model_dump() for app in make_tenant().apps[:3]]
    apps.append({"client_id": "basic", "secret": "s3cret", "grants": [{"role": "Calendars.ReadBasic.All"}]})
    writer = make_client(apps=apps)
    made = writer.book("2026-03-03T09:00:00", "2026-03-03T10:00:00").json()
    reader = make_client("basic", emulator=writer.emulator)
    seen = reader.http.get(f"users/ana@contoso.example/events/{made['id']}").json()
    assert "Interview" == seen["subject"]
    assert {"body", "bodyPreview"}.isdisjoint(seen)
    assert (403, "ErrorAccessDenied") == reader.code(
        reader.book("2026-03-03T09:00:00", "2026-03-03T10:00:00")
    )


def test_me_needs_a_person(client: Any) -> None:
    """An app has no /me."""
    assert (400, "BadRequest") == client.code(client.http.get("me/calendar"))
