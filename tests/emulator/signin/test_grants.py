"""Tokens renewed and passed on: refresh tokens and on-behalf-of."""

from __future__ import annotations

from typing import Any

import pytest

BEN = "ben@contoso.example"
OBO = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def renew(organization: Any, tokens: Any, **changes: str) -> Any:
    """One use of a refresh token."""
    form = {
        "client_id": "desktop",
        "refresh_token": tokens["refresh_token"],
        "scope": "Calendars.Read",
        **changes,
    }
    return organization.token(grant_type="refresh_token", **form)


def test_msal_renews_silently(organization: Any) -> None:
    """Once the access token is out of date, MSAL renews it with the refresh token and keeps the new one."""
    app = organization.public()
    first = organization.sign_in(["Calendars.Read"], app=app)
    organization.advance(hours=2)
    assert 401 == organization.ask("GET", "me/events", first).status_code
    second = app.acquire_token_silent(["Calendars.Read"], app.get_accounts()[0], force_refresh=True)
    assert 200 == organization.ask("GET", "me/events", second).status_code


def test_rotation(organization: Any) -> None:
    """Each renewal hands out another refresh token, and the former goes on working, as at Entra ID."""
    tokens = organization.sign_in(["Calendars.Read"])
    renewed = renew(organization, tokens).json()
    assert tokens["refresh_token"] != renewed["refresh_token"]
    assert [200, 200] == [renew(organization, held).status_code for held in (tokens, renewed)]


def test_unused_refresh_tokens_expire(organization: Any) -> None:
    """After ninety days without use a refresh token is refused by 700082; one renewed meanwhile works on."""
    tokens = organization.sign_in(["Calendars.Read"])
    organization.advance(days=89)
    renewed = renew(organization, tokens).json()
    organization.advance(days=1)
    assert (400, "invalid_grant", 700082) == organization.number(renew(organization, tokens))
    assert 200 == renew(organization, renewed).status_code


def test_revoked(organization: Any) -> None:
    """Revocation voids what was handed out, not what a new sign-in brings."""
    tokens = organization.sign_in(["Calendars.Read"])
    organization.control("revocations", account=BEN)
    assert (400, "invalid_grant", 50173) == organization.number(renew(organization, tokens))
    assert 200 == renew(organization, organization.sign_in(["Calendars.Read"])).status_code


@pytest.mark.parametrize(
    ("state", "number"), [("disabled", 50057), ("blocked_by_policy", 53003), ("mfa_required", 50076)]
)
def test_accounts_that_changed_meanwhile(organization: Any, state: str, number: int) -> None:
    """A disabled account, a policy and a second factor that was not shown end the renewals."""
    tokens = organization.sign_in(["Calendars.Read"])
    organization.control("mailboxes", address=BEN, sign_in=state)
    assert (400, "invalid_grant", number) == organization.number(renew(organization, tokens))


def test_second_factor_shown_at_the_pages(organization: Any) -> None:
    """Who signs in again where a second factor is required has shown it, and renews."""
    organization.control("mailboxes", address=BEN, sign_in="mfa_required")
    assert 200 == renew(organization, organization.sign_in(["Calendars.Read"])).status_code


def test_refresh_tokens_of_others(organization: Any) -> None:
    """A refresh token is bound to its client; garbled and absent ones are told apart; new scopes need consent."""
    tokens = organization.sign_in(["Calendars.Read"])
    stolen = renew(organization, tokens, client_id="portal", client_secret="s3cret")
    assert (400, "invalid_grant", 70000) == organization.number(stolen)
    assert 9002313 == organization.number(renew(organization, tokens, refresh_token="x"))[2]
    assert 900144 == organization.number(renew(organization, tokens, refresh_token=""))[2]
    assert 65001 == organization.number(renew(organization, tokens, scope="Calendars.ReadWrite"))[2]


def test_on_behalf_of(organization: Any) -> None:
    """A service exchanges a person's token for itself into one for Graph, if the person consented to that."""
    tokens = organization.sign_in(["api://portal/access_as_user"])
    refused = organization.confidential().acquire_token_on_behalf_of(
        tokens["access_token"], ["Calendars.Read"]
    )
    assert ("invalid_grant", [65001]) == (refused["error"], refused["error_codes"])
    organization.control("apps", client_id="portal", consents=[{"scopes": ["Calendars.Read"], "person": BEN}])
    middle = (
        organization.confidential()
    )  # another, because MSAL repeats a refusal for a minute without asking
    passed = middle.acquire_token_on_behalf_of(tokens["access_token"], ["Calendars.Read"])
    assert (BEN, "portal") == tuple(
        organization.claims(passed["access_token"])[name] for name in ("upn", "appid")
    )
    assert 200 == organization.ask("GET", "me/events", passed).status_code
    assert 401 == organization.ask("GET", "me/events", tokens).status_code, (
        "the token for the service is not Graph's"
    )


def test_on_behalf_of_refused(organization: Any) -> None:
    """A token for Graph, an old one, a missing use and a second factor not shown do not pass."""
    graph = organization.sign_in(["Calendars.Read"])["access_token"]
    own = organization.sign_in(["api://portal/access_as_user"])["access_token"]

    def pass_on(**changes: str) -> Any:
        form = {
            "grant_type": OBO,
            "client_id": "portal",
            "client_secret": "s3cret",
            "assertion": own,
            "requested_token_use": "on_behalf_of",
            "scope": "Calendars.Read",
            **changes,
        }
        return organization.number(organization.token(**form))

    assert (400, "invalid_grant", 50013) == pass_on(assertion=graph)
    assert (400, "invalid_request", 900144) == pass_on(requested_token_use="")
    organization.control("mailboxes", address=BEN, sign_in="mfa_required")
    assert (400, "interaction_required", 50076) == pass_on()
    organization.advance(hours=2)
    assert (400, "invalid_grant", 500133) == pass_on()
