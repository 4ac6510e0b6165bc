"""How apps prove themselves: several secrets, and certificates by MSAL and by hand."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from scheduler.emulator.signin.clients import ASSERTION_TYPE

GRAPH = "https://graph.emulated.test/.default"
SECRETS = [
    {"id": "6a0c1c5e-0001", "value": "old", "expires": "2026-03-03T00:00:00Z"},
    {"id": "6a0c1c5e-0002", "value": "new", "expires": "2027-03-03T00:00:00Z"},
]


def ask(organization: Any, secret: str, client_id: str = "portal") -> Any:
    """A token by a secret."""
    form = {"client_id": client_id, "client_secret": secret, "scope": GRAPH}
    return organization.token(
        grant_type="client_credentials", **{name: text for name, text in form.items() if text}
    )


def assertion(pem: str, key: str, now: int, *, algorithm: str = "PS256", **changes: Any) -> str:
    """A client assertion by hand."""
    mark = x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256())
    claims = {
        "aud": "https://login.emulated.test/contoso.example/oauth2/v2.0/token",
        "iss": "portal",
        "sub": "portal",
        "nbf": now,
        "exp": now + 600,
        **changes,
    }
    return jwt.encode(claims, key, algorithm, headers={"x5t#S256": base64.urlsafe_b64encode(mark).decode()})


def prove(organization: Any, text: str, **changes: str) -> Any:
    """A token by an assertion."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "portal",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": text,
        "scope": GRAPH,
        **changes,
    }
    return organization.http.post("https://login.emulated.test/contoso.example/oauth2/v2.0/token", data=form)


def test_several_secrets(organization: Any) -> None:
    """Each secret works until its own day; the id of a secret is a wrong secret; a removed one is too."""
    organization.control("apps", client_id="portal", secret="", secrets=SECRETS)
    assert [200, 200] == [ask(organization, secret).status_code for secret in ("old", "new")]
    assert (401, "invalid_client", 7000215) == organization.number(ask(organization, "6a0c1c5e-0002"))
    organization.advance(days=1)
    assert (401, "invalid_client", 7000222) == organization.number(ask(organization, "old"))
    assert 200 == ask(organization, "new").status_code
    organization.control("apps", client_id="portal", secrets=SECRETS[:1])
    assert (401, "invalid_client", 7000215) == organization.number(ask(organization, "new"))


def test_no_secret_where_one_is_needed(organization: Any) -> None:
    """Nothing sent is 7000218, a secret of a public client 700025, a policy against the app 53003."""
    assert (401, "invalid_client", 7000218) == organization.number(ask(organization, ""))
    assert (401, "invalid_client", 7000218) == organization.number(ask(organization, "", "desktop"))
    assert (401, "invalid_client", 700025) == organization.number(ask(organization, "s3cret", "desktop"))
    organization.control("apps", client_id="portal", sign_in="blocked_by_policy")
    assert (400, "invalid_grant", 53003) == organization.number(ask(organization, "s3cret"))


def test_msal_signs_in_by_certificate(organization: Any, make_certificate: Callable[..., Any]) -> None:
    """MSAL's assertion, by either thumbprint, is accepted for the registered certificate and no other."""
    pem, key = make_certificate()
    organization.control(
        "apps", client_id="portal", certificates=[{"pem": pem}], grants=[{"role": "Calendars.Read"}]
    )
    credential = {"private_key": key, "public_certificate": pem}
    tokens = organization.confidential(credential).acquire_token_for_client([GRAPH])
    assert 200 == organization.ask("GET", "users/ana@contoso.example/events", tokens).status_code
    sha1 = x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA1()).hex()  # noqa: S303 - what MSAL calls a thumbprint
    tokens = organization.confidential({"private_key": key, "thumbprint": sha1}).acquire_token_for_client(
        [GRAPH]
    )
    assert "access_token" in tokens
    other, other_key = make_certificate(new_key=True)
    stranger = organization.confidential({"private_key": other_key, "public_certificate": other})
    assert [700027] == stranger.acquire_token_for_client([GRAPH])["error_codes"]


def test_certificate_expires_on_the_clock(organization: Any, make_certificate: Callable[..., Any]) -> None:
    """A certificate works to its end and is then refused by 1000502."""
    now = organization.emulator.clock.now()
    pem, key = make_certificate(ends=now + timedelta(days=1))
    organization.control("apps", client_id="portal", certificates=[{"pem": pem}])
    text = assertion(pem, key, int(now.timestamp()))
    assert 200 == prove(organization, text).status_code
    organization.advance(days=1)
    assert (401, "invalid_client", 1000502) == organization.number(prove(organization, text))


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"iss": "someone"}, 700021),
        ({"aud": "https://login.microsoftonline.com/x"}, 700023),
        ({"exp": 1}, 700024),
        ({}, 200),
    ],
)
def test_what_an_assertion_says(
    organization: Any, make_certificate: Callable[..., Any], changes: dict[str, Any], number: int
) -> None:
    """Issuer, audience and, where the tenant wants it, the times of an assertion are checked."""
    pem, key = make_certificate()
    organization.control("apps", client_id="portal", certificates=[{"pem": pem}])
    organization.control("options", check_assertion_times=True)
    now = int(organization.emulator.clock.now().timestamp())
    answer = prove(organization, assertion(pem, key, now, **changes))
    assert number == (200 if answer.status_code == 200 else organization.number(answer)[2])


def test_assertions_that_are_none(organization: Any, make_certificate: Callable[..., Any]) -> None:
    """A garbled assertion, one of another type, one signed by another key and one by a shared secret are refused."""
    pem, key = make_certificate()
    _, other_key = make_certificate(new_key=True)
    organization.control("apps", client_id="portal", certificates=[{"pem": pem}])
    now = int(organization.emulator.clock.now().timestamp())
    good = assertion(pem, key, now)
    assert 50027 == organization.number(prove(organization, "x.y.z"))[2]
    assert 900144 == organization.number(prove(organization, good, client_assertion_type=""))[2]
    assert 700027 == organization.number(prove(organization, assertion(pem, other_key, now)))[2]
    shared = assertion(pem, "k" * 32, now, algorithm="HS256")
    assert 700027 == organization.number(prove(organization, shared))[2]
    nameless = prove(organization, good, client_id="")
    assert 200 == nameless.status_code, "the client may be named by its assertion alone"
