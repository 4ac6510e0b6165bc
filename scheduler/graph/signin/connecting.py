"""How a person signs in: with a browser on this machine (RFC 8252, PKCE), or with a code on another one (RFC 8628)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msal

from scheduler.graph.errors import BadAnswer
from scheduler.graph.signin.identity import Expected, Identity, identity_of
from scheduler.graph.signin.landing import Landing
from scheduler.graph.signin.refusals import DOING, no_token, refused, token_of
from scheduler.graph.signin.registration import Registration
from scheduler.graph.signin.user_tokens import client_of

WAIT_SECONDS = 900
"""As long as a code of Entra ID lives."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What spares people questions.

    Args:
        login: the address that is asked for.
        domain: `domain_hint`: the organization, whose own sign-in page is then shown at once.
        home_realm: `whr`, which some organizations' own sign-in pages want instead.
    """

    login: str = ""
    domain: str = ""
    home_realm: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who signed in, with everything that keeps them so.

    Args:
        scopes: what was granted.
        tokens: MSAL's cache.
    """

    identity: Identity
    scopes: tuple[str, ...]
    tokens: str


def by_code(
    registration: Registration,
    scopes: Sequence[str],
    *,
    show: Callable[[str, str], None],
    wait_seconds: float = WAIT_SECONDS,
) -> SignedIn:
    """Let somebody enter a code at another machine, and wait until it is done.

    Args:
        show: takes the address to open and the code to enter there.
        wait_seconds: how long to wait for the person; not longer than the code lives.

    Raises:
        CallFailed: it was declined, not done in time, or refused.
    """
    cache = msal.SerializableTokenCache()
    app = registration.public(cache)
    try:
        flow = app.initiate_device_flow(list(scopes))
        if "user_code" not in flow:
            raise refused(str(flow.get("error_description", "")), str(flow.get("error", "")))
        show(str(flow["verification_uri"]), str(flow["user_code"]))
        ends = min(float(flow["expires_at"]), time.time() + wait_seconds)
        result = app.acquire_token_by_device_flow(flow, exit_condition=lambda _: time.time() >= ends)
    except (ValueError, KeyError, TypeError) as fault:
        raise no_token() from fault
    return _signed_in(registration, result, cache)


def by_browser(
    registration: Registration,
    scopes: Sequence[str],
    *,
    redirect_uri: str,
    hints: Hints,
    show: Callable[[str], None],
    wait_seconds: float = WAIT_SECONDS,
) -> SignedIn:
    """Send somebody to the sign-in page, and wait on this machine until the page sends them back.

    Args:
        redirect_uri: a loopback address; without a port any free one is taken, which Entra ID allows for it.
        show: takes the address to open in a browser.
        wait_seconds: how long to wait for the person.

    Raises:
        InputError: the redirect URI is not on this machine.
        WorldError: nobody came back in time, or the port is taken.
        CallFailed: it was declined or refused.
    """
    cache = msal.SerializableTokenCache()
    app = client_of(registration, cache)
    state = secrets.token_urlsafe(32)
    with Landing(redirect_uri, state) as landing:
        try:
            flow = app.initiate_auth_code_flow(
                list(scopes),
                redirect_uri=landing.uri,
                state=state,
                login_hint=hints.login or None,
                domain_hint=hints.domain or None,
                prompt=None if hints.login else "select_account",
                response_mode="form_post",
            )
            show(with_home_realm(str(flow["auth_uri"]), hints.home_realm))
            result = app.acquire_token_by_auth_code_flow(flow, landing.wait(wait_seconds))
        except RuntimeError as fault:
            # Which MSAL raises for a nonce that is not ours.
            raise BadAnswer(
                DOING,
                "the answer belongs to another sign-in than this one",
                "type `slotwright connect` again",
            ) from fault
        except (ValueError, KeyError, TypeError) as fault:
            raise no_token() from fault
    return _signed_in(registration, result, cache)


def with_home_realm(url: str, realm: str) -> str:
    """The address with `whr`, for which MSAL has no parameter."""
    if not realm:
        return url
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("whr", realm)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _signed_in(registration: Registration, result: Any, cache: Any) -> SignedIn:
    token_of(result)
    claims = result.get("id_token_claims")
    identity = identity_of(
        claims if isinstance(claims, dict) else {},
        Expected(
            issuer=registration.http.issuer,
            audience=registration.client_id,
            tenant_id=registration.tenant_id,
            now=registration.http.now(),
        ),
    )
    return SignedIn(identity, tuple(sorted(str(result.get("scope", "")).split())), cache.serialize())
