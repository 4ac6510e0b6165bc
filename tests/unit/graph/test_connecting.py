"""A sign-in whose answers are not what was asked for: each is refused in words, and nobody is believed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from scheduler.graph.errors import BadAnswer, CallFailed, SignInFailed
from scheduler.graph.signin.connecting import Hints, with_home_realm

ISSUER = "https://login.test/contoso.test/v2.0"


def part(value: Any) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def sign_in(stage: Any, **changes: Any) -> Any:
    """Somebody comes back from the sign-in page; the id_token says what it should, but for the changes."""

    def show(url: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        claims = {
            "iss": ISSUER,
            "aud": "app-id",
            "tid": "contoso.test",
            "oid": "o-1",
            "preferred_username": "rita@contoso.test",
            "sub": "s-1",
            "exp": 4_000_000_000,
            "nonce": asked["nonce"],
            **changes,
        }
        token = {"access_token": "t", "expires_in": 3599, "id_token": f"{part({})}.{part(claims)}.x"}
        if stage.microsoft.token is None:
            stage.microsoft.token = (200, token)
        form = {"state": asked["state"], "code": "c"}
        httpx.post(asked["redirect_uri"], data=form, trust_env=False).raise_for_status()

    return stage.graph.sign_in_by_browser(
        redirect_uri="http://localhost", hints=Hints(), show=show, wait_seconds=5
    )


def test_somebody_signs_in(play: Callable[..., Any]) -> None:
    """The script plays what Microsoft does, so that each change below is the only thing that is wrong."""
    assert "rita@contoso.test" == sign_in(play([])).identity.address


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nonce": "of another sign-in"}, "belongs to another sign-in"),
        ({"iss": "https://login.test/evil.test/v2.0"}, "another issuer"),
        ({"aud": "other-app"}, "another app"),
        ({"tid": "evil.test"}, "another tenant"),
        ({"oid": ""}, "does not say who"),
        ({"preferred_username": ""}, "does not say who"),
        ({"exp": 0}, "has ended"),
    ],
)
def test_a_token_for_somebody_else(play: Callable[..., Any], changes: dict[str, Any], words: str) -> None:
    """Nobody is signed in, and the sentence shows nothing of the token."""
    with pytest.raises(BadAnswer, match=words) as refused:
        sign_in(play([]), **changes)
    assert "rita" not in str(refused.value)


@pytest.mark.parametrize(
    ("token", "kind", "words"),
    [
        ((200, {"access_token": "t", "expires_in": 3599}), BadAnswer, "does not say who"),
        (
            (200, {"access_token": "t", "expires_in": 3599, "id_token": "x.y.z"}),
            BadAnswer,
            "without a usable token",
        ),
        ((200, {"token_type": "Bearer"}), BadAnswer, "without a usable token"),
        (
            (400, {"error": "invalid_grant", "error_description": "AADSTS54005: canary"}),
            SignInFailed,
            "AADSTS54005",
        ),
        (
            (401, {"error": "invalid_client", "error_description": "AADSTS700025: c"}),
            SignInFailed,
            "public client",
        ),
    ],
)
def test_answers_without_anybody(
    play: Callable[..., Any], token: Any, kind: type[CallFailed], words: str
) -> None:
    """No identity, a broken one, no token, a used code, a secret that may not be sent."""
    with pytest.raises(kind, match=words) as refused:
        sign_in(play([], token=token))
    assert "canary" not in str(refused.value)


def test_the_home_realm_is_added_to_the_address() -> None:
    """Whatever the address has stays in it, and nothing is added without a realm."""
    assert "https://x/a?b=1&c=&whr=r.example" == with_home_realm("https://x/a?b=1&c=", "r.example")
    assert "https://x/a?b=1" == with_home_realm("https://x/a?b=1", "")
