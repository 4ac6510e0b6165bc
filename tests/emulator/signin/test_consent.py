"""Consent: by people, by an administrator for all, taken back, and refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from scheduler.emulator import IN_PROCESS_AUTHORITY

ANA, BEN = "ana@contoso.example", "ben@contoso.example"
ROOT = f"{IN_PROCESS_AUTHORITY}/contoso.example"
BACK = "https://portal.example/back"


def asked(scope: str, **more: str) -> str:
    """The address of an authorization request of the portal."""
    values = {"client_id": "portal", "response_type": "code", "redirect_uri": BACK, "scope": scope, **more}
    return f"{ROOT}/oauth2/v2.0/authorize?{urlencode(values)}"


def admin_consent(**more: str) -> str:
    """The address at which an administrator consents to the portal."""
    return f"{ROOT}/adminconsent?{urlencode({'client_id': 'portal', 'redirect_uri': BACK, 'state': 's', **more})}"


def roles(organization: Any) -> list[str]:
    """The roles the portal is granted in its next token."""
    tokens = organization.confidential().acquire_token_for_client(["https://graph.emulated.test/.default"])
    return list(organization.claims(tokens["access_token"]).get("roles", []))


def test_cancel_is_told_to_the_app(organization: Any) -> None:
    """Somebody who cancels is sent back with access_denied; nothing was consented."""
    told = organization.returned(
        organization.browse(asked("Calendars.Read"), account=BEN, decision="decline")
    )
    assert ("access_denied", "cancel") == (told["error"], told["error_subcode"])
    assert [] == organization.control("apps")["apps"][1]["consents"]


def test_what_only_administrators_consent_to(organization: Any) -> None:
    """Place.Read.All is refused to a person by 90094 and offered to an administrator for everybody."""
    page = organization.browse(asked("Place.Read.All"), account=BEN)
    assert (400, True) == (page.status_code, "AADSTS90094:" in page.text)
    page = organization.browse(asked("Place.Read.All"), account=ANA)
    assert "Consent on behalf of your organization" in page.text
    organization.browse(asked("Place.Read.All"), account=ANA, decision="accept", organization="true")
    assert "code" in organization.returned(organization.browse(asked("Place.Read.All"), account=BEN))


def test_consent_of_one_is_not_that_of_all(organization: Any) -> None:
    """What one person accepted is asked of the next."""
    organization.browse(asked("Calendars.Read"), account=ANA, decision="accept")
    assert "Permissions requested" in organization.browse(asked("Calendars.Read"), account=BEN).text


def test_blocked_user_consent(organization: Any) -> None:
    """Where people may not consent at all, anything new is refused by 90094, to the app in automatic mode."""
    organization.control("options", user_consent="blocked")
    assert "AADSTS90094:" in organization.browse(asked("Calendars.Read"), account=BEN).text
    organization.control("options", automatic_sign_in=True)
    told = organization.returned(organization.browse(asked("Calendars.Read", login_hint=BEN)))
    assert ("access_denied", True) == (told["error"], "AADSTS90094:" in told["error_description"])
    flow = organization.public().initiate_device_flow(["Calendars.Read"])
    page = organization.browse(flow["verification_uri"], user_code=flow["user_code"], account=BEN)
    assert "AADSTS90094:" in page.text


def test_basic_read_as_the_registry_says(organization: Any) -> None:
    """An organization may want an administrator for Calendars.ReadBasic, as one of Microsoft's lists has it."""
    assert 200 == organization.browse(asked("Calendars.ReadBasic"), account=BEN).status_code
    organization.control("options", read_basic_needs_admin=True)
    assert "AADSTS90094:" in organization.browse(asked("Calendars.ReadBasic"), account=BEN).text


def test_prompts(organization: Any) -> None:
    """prompt=none never shows a page, prompt=consent always does."""
    organization.control("options", automatic_sign_in=True)
    silent = organization.browse(asked("Calendars.Read", prompt="none", login_hint=BEN))
    told = organization.returned(silent)
    assert ("interaction_required", "consent_required") == (told["error"], told["suberror"])
    organization.browse(asked("Calendars.Read", login_hint=BEN))
    silent = organization.browse(asked("Calendars.Read", prompt="none", login_hint=BEN))
    assert "code" in organization.returned(silent)
    organization.control("options", automatic_sign_in=False)
    assert 200 == organization.browse(asked("Calendars.Read", prompt="consent"), account=BEN).status_code
    declined = organization.browse(asked("Calendars.Read", prompt="consent"), account=BEN, decision="decline")
    assert "access_denied" == organization.returned(declined)["error"]


def test_administrator_consents_to_everything_required(organization: Any) -> None:
    """The admin consent page grants the registration's roles and scopes, to be seen in the next tokens."""
    assert [] == roles(organization)
    page = organization.browse(admin_consent(), account=ANA)
    assert "Calendars.Read" in page.text
    told = organization.returned(organization.browse(admin_consent(), account=ANA, decision="accept"))
    assert {"admin_consent": "True", "tenant": organization.emulator.tenant.id, "state": "s"} == told
    assert ["Calendars.Read", "Place.Read.All"] == roles(organization)
    assert "code" in organization.returned(organization.browse(asked(".default"), account=BEN))


def test_admin_consent_refused(organization: Any) -> None:
    """Nobody but an administrator consents for all; a cancelled consent grants nothing; addresses are checked."""
    assert "AADSTS90093:" in organization.browse(admin_consent(), account=BEN).text
    told = organization.returned(organization.browse(admin_consent(), account=ANA, decision="decline"))
    assert "access_denied" == told["error"]
    assert "AADSTS50011:" in organization.browse(admin_consent(redirect_uri="https://evil.example/")).text
    assert [] == roles(organization)


def test_consent_taken_back(organization: Any) -> None:
    """Without its consent a token in hand works on, and renewing it is refused by 65001 with its suberror."""
    app = organization.public()
    tokens = organization.sign_in(["Calendars.Read"], app=app)
    organization.control("apps", client_id="desktop", consents=[])
    assert 200 == organization.ask("GET", "me/events", tokens).status_code
    form = {"client_id": "desktop", "refresh_token": tokens["refresh_token"], "scope": "Calendars.Read"}
    answer = organization.token(grant_type="refresh_token", **form)
    assert (400, "invalid_grant", 65001) == organization.number(answer)
    assert "consent_required" == answer.json()["suberror"]


@pytest.mark.parametrize(
    "body",
    [
        {"client_id": "portal", "grants": [{"role": "Calendars.Read", "over": ["ghost@contoso.example"]}]},
        {"client_id": "portal", "grants": [{"role": "Calendars.Sing"}]},
        {"client_id": "portal", "colour": "red"},
    ],
)
def test_control_refuses_what_a_tenant_file_could_not_say(organization: Any, body: dict[str, Any]) -> None:
    """A change with an unknown field, role or address is 400 and changes nothing."""
    before = organization.control("apps")
    answer = organization.http.post("https://graph.emulated.test/emulator/apps", json=body)
    assert 400 == answer.status_code
    assert before == organization.control("apps")


def test_control_never_tells_a_secret(organization: Any) -> None:
    """The list of registrations has ids and ends of secrets, not their values."""
    assert "s3cret" not in str(organization.control("apps"))


def test_admin_consent_to_some_scopes_by_itself(organization: Any) -> None:
    """In automatic mode an administrator accepts at once; with a scope only that is consented to, for everybody."""
    organization.control("options", automatic_sign_in=True)
    url = f"{ROOT}/v2.0/adminconsent?{admin_consent(scope='Place.Read.All').partition('?')[2]}"
    assert "True" == organization.returned(organization.browse(url))["admin_consent"]
    consents = organization.control("apps")["apps"][1]["consents"]
    assert [{"scopes": ["Place.Read.All"], "person": None}] == consents
    assert [] == roles(organization)


def test_control_says_what_it_can(organization: Any) -> None:
    """The index names the routes by which permissions change at run time."""
    told = "\n".join(organization.control("")["control"])
    for route in ("apps", "mailboxes", "options", "devices", "revocations"):
        assert f"POST /emulator/{route}" in told
