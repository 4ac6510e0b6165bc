"""The code flow: pages, redirects, PKCE, codes and the tokens made of them."""

from __future__ import annotations

import re
import threading
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest

from scheduler.emulator import IN_PROCESS_AUTHORITY

BEN = "ben@contoso.example"
BACK = "https://portal.example/back"
AUTHORIZE = f"{IN_PROCESS_AUTHORITY}/contoso.example/oauth2/v2.0/authorize"


def asked(**changes: str) -> str:
    """The address of an authorization request of the portal."""
    values = {
        "client_id": "portal",
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "openid offline_access Calendars.Read",
        "state": "s1",
        **changes,
    }
    return f"{AUTHORIZE}?{urlencode({name: value for name, value in values.items() if value})}"


def test_pages_lead_msal_to_tokens(organization: Any) -> None:
    """Account page, consent page, redirect: MSAL gets tokens that open the person's own calendar by /me."""
    app = organization.public()
    flow = app.initiate_auth_code_flow(
        ["Calendars.Read"],
        redirect_uri="http://localhost:4711",
        login_hint=BEN,
        domain_hint="contoso.example",
        response_mode="form_post",
    )
    first = organization.browse(flow["auth_uri"])
    assert ("Sign in to Desktop", True) == (organization.title(first), f'value="{BEN}"' in first.text)
    assert ["<button>Next</button>"] == re.findall("<button.*?</button>", first.text)
    second = organization.browse(flow["auth_uri"], account=BEN)
    assert ("Permissions requested: Desktop", True) == (
        organization.title(second),
        "Calendars.Read" in second.text,
    )
    assert "behalf of your organization" not in second.text
    third = organization.browse(flow["auth_uri"], account=BEN, decision="accept")
    assert 'action="http://localhost:4711"' in third.text
    tokens = app.acquire_token_by_auth_code_flow(flow, organization.returned(third))
    assert 200 == organization.ask("GET", "me/calendar", tokens).status_code
    assert BEN == tokens["id_token_claims"]["preferred_username"]
    assert [BEN] == [account["username"] for account in app.get_accounts()]
    again = organization.browse(flow["auth_uri"], account=BEN)
    assert "code" in organization.returned(again), "what was consented once is not asked again"


def test_automatic_mode_answers_at_once(organization: Any) -> None:
    """With automatic sign-in the login_hint goes straight back to the app, consent given; without hint it asks."""
    organization.control("options", automatic_sign_in=True)
    assert "code" in organization.returned(organization.browse(asked(login_hint=BEN)))
    assert 200 == organization.browse(asked()).status_code
    unknown = organization.browse(asked(login_hint="ghost@contoso.example"))
    assert (400, True) == (unknown.status_code, "AADSTS50034" in unknown.text)


def test_delegated_token_claims(organization: Any) -> None:
    """A person's token says scp, oid and upn, not idtyp or roles; everything consented is in it."""
    organization.sign_in(["Calendars.Read"])
    tokens = organization.sign_in(["User.Read"])
    claims = organization.claims(tokens["access_token"])
    assert ("Calendars.Read User.Read", BEN, "desktop") == (claims["scp"], claims["upn"], claims["appid"])
    assert {"idtyp", "roles"}.isdisjoint(claims)
    assert claims["oid"] == tokens["id_token_claims"]["oid"]


def test_id_token_verifies_by_the_published_key(organization: Any) -> None:
    """Another library finds the key by the discovery document and accepts signature, issuer, audience and nonce."""
    code = organization.returned(organization.browse(asked(nonce="n1"), account=BEN, decision="accept"))[
        "code"
    ]
    form = {"client_id": "portal", "client_secret": "s3cret", "redirect_uri": BACK, "code": code}
    token = organization.token(grant_type="authorization_code", **form).json()["id_token"]
    path = f"{IN_PROCESS_AUTHORITY}/contoso.example/v2.0/.well-known/openid-configuration"
    described = organization.http.get(path).json()
    keys = jwt.PyJWKSet.from_dict(organization.http.get(described["jwks_uri"]).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token,
        key,
        ["RS256"],
        audience="portal",
        issuer=described["issuer"],
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    assert "n1" == claims["nonce"]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token[:-8] + "AAAAAAAA", key, ["RS256"], audience="portal")


def test_refresh_token_only_by_offline_access(organization: Any) -> None:
    """Without offline_access there is no refresh token, without openid no id_token."""
    for scope, held in (("Calendars.Read", set()), ("openid Calendars.Read", {"id_token"})):
        url = asked(scope=scope)
        code = organization.returned(organization.browse(url, account=BEN, decision="accept"))["code"]
        form = {"client_id": "portal", "client_secret": "s3cret", "redirect_uri": BACK, "code": code}
        answer = organization.token(grant_type="authorization_code", **form).json()
        assert held == {"refresh_token", "id_token"} & set(answer)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"client_id": "nobody"}, 700016),
        ({"redirect_uri": "https://portal.example/other"}, 50011),
        ({"redirect_uri": "https://portal.example/back/"}, 50011),
        ({"client_id": "desktop", "redirect_uri": "http://127.0.0.1:80"}, 50011),
        ({"client_id": "desktop", "redirect_uri": "https://localhost"}, 50011),
    ],
)
def test_untrusted_addresses_get_a_page(organization: Any, changes: dict[str, str], number: int) -> None:
    """An unknown app or address is told on a page and never redirected to."""
    page = organization.browse(asked(**changes))
    assert (400, True) == (page.status_code, f"AADSTS{number}:" in page.text)


@pytest.mark.parametrize(
    ("changes", "error", "number"),
    [
        ({"response_type": "token"}, "unsupported_response_type", 700054),
        ({"scope": "Calendars.Sing"}, "invalid_client", 650053),
        ({"scope": "https://graph.other.test/Calendars.Read"}, "invalid_resource", 500011),
        ({"scope": "https://graph.emulated.test/.default Calendars.Read"}, "invalid_request", 28000),
        ({"scope": ".default Calendars.Read"}, "invalid_scope", 70011),
        ({"scope": ""}, "invalid_scope", 70011),
        ({"prompt": "maybe"}, "invalid_request", 90023),
        ({"prompt": "none"}, "login_required", 50058),
        ({"code_challenge": "x" * 43, "code_challenge_method": "plain"}, "invalid_request", 501491),
    ],
)
def test_mistakes_go_back_to_the_app(
    organization: Any, changes: dict[str, str], error: str, number: int
) -> None:
    """Other mistakes are redirected with error and state."""
    told = organization.returned(organization.browse(asked(**changes)))
    assert (error, "s1") == (told["error"], told["state"])
    assert told["error_description"].startswith(f"AADSTS{number}: ")


def test_public_clients_need_pkce(organization: Any) -> None:
    """A public client without code_challenge is refused; any port of this machine is its registered address."""
    url = asked(client_id="desktop", redirect_uri="http://localhost:1234/")
    told = organization.returned(organization.browse(url))
    assert told["error_description"].startswith("AADSTS9002325: ")


def test_the_way_back(organization: Any) -> None:
    """The answer travels in the query, the fragment or a form, as asked."""
    fragment = organization.browse(asked(response_mode="fragment"), account=BEN, decision="accept")
    assert {"code", "state", "session_state"} == set(
        parse_qs(urlsplit(fragment.headers["Location"]).fragment)
    )
    form = organization.browse(asked(response_mode="form_post"), account=BEN)
    assert (200, True) == (form.status_code, f'action="{BACK}"' in form.text)


def test_codes_work_once_for_the_one_who_asked(organization: Any) -> None:
    """A code is refused the second time, late, at another address, for another client and without its verifier."""
    app = organization.public()
    flow = app.initiate_auth_code_flow(
        ["Calendars.Read"], redirect_uri="http://localhost:1/", response_mode="form_post"
    )
    told = organization.returned(organization.browse(flow["auth_uri"], account=BEN, decision="accept"))
    form = {
        "grant_type": "authorization_code",
        "client_id": "desktop",
        "redirect_uri": "http://localhost:1/",
        "code": told["code"],
        "code_verifier": flow["code_verifier"],
    }

    def refused(**changes: str) -> Any:
        return organization.number(organization.token(**{**form, **changes}))

    assert (400, "invalid_grant", 501481) == refused(code_verifier="wrong")
    assert (400, "invalid_grant", 50148) == refused(code_verifier="")
    assert (400, "invalid_grant", 500112) == refused(redirect_uri="http://localhost:2/")
    assert (400, "invalid_grant", 70000) == refused(client_id="portal", client_secret="s3cret")
    assert (400, "invalid_grant", 9002313) == refused(code="garbled")
    assert (400, "invalid_request", 900144) == refused(code="")
    assert 200 == organization.token(**form).status_code
    assert (400, "invalid_grant", 54005) == refused()
    told = organization.returned(organization.browse(flow["auth_uri"], account=BEN))
    organization.advance(minutes=10)
    assert (400, "invalid_grant", 70008) == refused(code=told["code"])


def test_accounts_that_may_not_sign_in(organization: Any) -> None:
    """A disabled account and one that a policy blocks get a page with the number."""
    for state, number in (("disabled", 50057), ("blocked_by_policy", 53003)):
        organization.control("mailboxes", address=BEN, sign_in=state)
        assert f"AADSTS{number}:" in organization.browse(asked(), account=BEN).text


def test_msal_interactive_without_a_browser(organization: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """MSAL's interactive flow, its loopback listener included, runs by automatic sign-in and a posted form."""
    organization.control("options", automatic_sign_in=True)
    clicks: list[threading.Thread] = []

    def open_page(url: str, **_: Any) -> bool:
        page = organization.browse(url)
        target = re.search(r'action="(.*?)"', page.text)
        assert target is not None, page.text
        form = organization.returned(page)
        clicks.append(threading.Thread(target=lambda: httpx.post(target[1], data=form)))
        clicks[-1].start()
        return True

    monkeypatch.setattr("msal.oauth2cli.authcode._browse", open_page)
    app = organization.public()
    tokens = app.acquire_token_interactive(["Calendars.Read"], login_hint=BEN, timeout=10)
    clicks[0].join()
    assert 200 == organization.ask("GET", "me/events", tokens).status_code
