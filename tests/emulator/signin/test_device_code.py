"""Device codes: every state a device may meet while it polls."""

from __future__ import annotations

from typing import Any

from scheduler.emulator import IN_PROCESS_AUTHORITY

BEN = "ben@contoso.example"
KIND = "urn:ietf:params:oauth:grant-type:device_code"


def poll(organization: Any, flow: dict[str, Any], **changes: str) -> Any:
    """The device asks once."""
    form = {"grant_type": KIND, "client_id": "desktop", "device_code": flow["device_code"], **changes}
    return organization.token(**form)


def start(organization: Any) -> dict[str, Any]:
    """A device shows its code."""
    return dict(organization.public().initiate_device_flow(["Calendars.Read"]))


def test_msal_signs_in_by_the_page(organization: Any) -> None:
    """Someone enters the code at the page; MSAL, polling, gets tokens with a refresh token."""
    app = organization.public()
    flow = app.initiate_device_flow(["Calendars.Read"])
    assert (5, 900) == (flow["interval"], flow["expires_in"])
    assert "verification_uri_complete" not in flow
    assert flow["user_code"] in flow["message"]
    page = organization.browse(flow["verification_uri"])
    assert "Enter the code shown on your device" == organization.title(page)
    organization.browse(flow["verification_uri"], user_code=flow["user_code"].lower(), account=BEN)
    tokens = app.acquire_token_by_device_flow(flow)
    assert (
        200
        == organization.ask(
            "GET", "me/calendarView?startDateTime=2026-03-02&endDateTime=2026-03-03", tokens
        ).status_code
    )
    assert "refresh_token" in tokens
    assert (400, "invalid_grant", 54005) == organization.number(poll(organization, flow))


def test_pending_then_declined(organization: Any) -> None:
    """Until an answer the device waits; after a no it is told so."""
    flow = start(organization)
    assert (400, "authorization_pending", 70016) == organization.number(poll(organization, flow))
    organization.control("devices", user_code=flow["user_code"], account=BEN, decision="decline")
    assert "authorization_declined" == poll(organization, flow).json()["error"]


def test_expired(organization: Any) -> None:
    """After a quarter of an hour the code is void, for the device and for whoever enters it."""
    flow = start(organization)
    organization.advance(seconds=900)
    assert "expired_token" == poll(organization, flow).json()["error"]
    page = organization.browse(flow["verification_uri"], user_code=flow["user_code"], account=BEN)
    assert "AADSTS70019" in page.text


def test_slow_down_if_wished(organization: Any) -> None:
    """An organization that wants slow_down refuses to be polled faster than the interval."""
    organization.control("options", slow_down=True)
    flow = start(organization)
    assert "authorization_pending" == poll(organization, flow).json()["error"]
    organization.advance(seconds=4)
    assert "slow_down" == poll(organization, flow).json()["error"]
    organization.advance(seconds=5)
    assert "authorization_pending" == poll(organization, flow).json()["error"]


def test_wrong_codes(organization: Any) -> None:
    """An unknown device code, one of another app, an unknown user code and a stranger are refused."""
    flow = start(organization)
    assert "bad_verification_code" == poll(organization, flow, device_code="x").json()["error"]
    assert 7000218 == poll(organization, flow, client_id="portal").json()["error_codes"][0]
    page = organization.browse(flow["verification_uri"], user_code="NOTACODE", account=BEN)
    assert "AADSTS70018" in page.text
    page = organization.browse(flow["verification_uri"], user_code=flow["user_code"], account="x@y.example")
    assert "AADSTS50034" in page.text
    assert "authorization_pending" == poll(organization, flow).json()["error"], "the device still waits"


def test_confidential_app_shows_no_code(organization: Any) -> None:
    """An app that does not allow public client flows is refused by 7000218."""
    url = f"{IN_PROCESS_AUTHORITY}/contoso.example/oauth2/v2.0/devicecode"
    answer = organization.http.post(url, data={"client_id": "portal", "scope": "Calendars.Read"})
    assert (401, "invalid_client", 7000218) == organization.number(answer)


def test_control_lists_what_waits(organization: Any) -> None:
    """The control route shows codes with their state and answers them."""
    flow = start(organization)
    waiting = organization.control("devices")["devices"]
    assert [(flow["user_code"], "pending")] == [(code["user_code"], code["state"]) for code in waiting]
    organization.control("devices", user_code=flow["user_code"], account=BEN)
    assert 200 == poll(organization, flow).status_code
