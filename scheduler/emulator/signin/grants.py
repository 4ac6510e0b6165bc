"""The token endpoint: one function a grant type."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Response

from scheduler.emulator.registration import App
from scheduler.emulator.signin.clients import Credentials, known_app, proven
from scheduler.emulator.signin.desk import SignedIn, Visit, tokens_of
from scheduler.emulator.signin.device import polled
from scheduler.emulator.signin.people import account, blocked, still_welcome
from scheduler.emulator.signin.refusals import SignInRefused, invalid_grant, json_response, missing
from scheduler.emulator.signin.scopes import application_audience, wanted

_DAY = 86_400


def token(visit: Visit) -> Response:
    """Tokens for whatever the grant type is.

    Raises:
        SignInRefused: the app, the person or the grant is refused.
    """
    kind = visit.form.get("grant_type", "")
    grant = _GRANTS.get(kind)
    if not kind:
        raise missing("grant_type")
    if grant is None:
        text = f"The app requested an unsupported grant type '{kind}'."
        raise SignInRefused(400, "unsupported_grant_type", 70003, text)
    return json_response(grant(visit))


def _client_credentials(visit: Visit) -> dict[str, Any]:
    registry = visit.registry
    app = proven(registry, visit.request, visit.now, public=False)
    audience = application_audience(registry, visit.form.get("scope", ""), visit.request)
    if app.sign_in == "blocked_by_policy":
        raise blocked()
    seconds = registry.options.token_seconds
    return {
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": visit.desk.tokens.for_app(app, audience, visit.now, seconds),
    }


def _authorization_code(visit: Visit) -> dict[str, Any]:
    registry, desk, form = visit.registry, visit.desk, visit.form
    app = proven(registry, visit.request, visit.now, public=True)
    code = _unsealed(visit, "code", form.get("code", ""), app)
    if code["number"] in desk.redeemed:
        raise invalid_grant(
            54005, "OAuth2 Authorization code was already redeemed, please retry with a new code."
        )
    if visit.now.timestamp() - code["at"] >= registry.options.code_seconds:
        text = "The provided authorization code or refresh token has expired due to inactivity."
        raise invalid_grant(70008, text)
    if form.get("redirect_uri", "") != code["redirect_uri"]:
        text = "The reply address does not match the one provided when requesting the authorization code."
        raise invalid_grant(500112, text)
    _check_verifier(code["challenge"], form.get("code_verifier", ""))
    desk.redeemed.add(code["number"])
    wish = wanted(registry, form.get("scope") or code["scope"], visit.request)
    mailbox, _ = account(registry, code["person"])
    who = SignedIn(app, mailbox, code["second_factor"], code["nonce"])
    offline = "offline_access" in code["scope"].split()
    return tokens_of(visit, who, wish, refreshable=offline)


def _check_verifier(challenge: str, verifier: str) -> None:
    if not challenge:
        return
    if not verifier:
        raise invalid_grant(
            50148, "The code_verifier is missing: the code was requested with a code_challenge."
        )
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if not hmac.compare_digest(digest, challenge):
        text = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
        raise invalid_grant(501481, text)


def _refresh_token(visit: Visit) -> dict[str, Any]:
    registry, form = visit.registry, visit.form
    app = proven(registry, visit.request, visit.now, public=True)
    sent = _unsealed(visit, "refresh", form.get("refresh_token", ""), app)
    days = (visit.now.timestamp() - sent["at"]) / _DAY
    if days >= registry.options.refresh_token_days:
        text = f"The refresh token has expired due to inactivity. It was inactive for {int(days)}.00:00:00."
        raise invalid_grant(700082, text, suberror="bad_token")
    if visit.desk.is_revoked(sent["person"], sent["number"]):
        text = "The provided grant has expired due to it being revoked, a fresh auth token is needed."
        raise invalid_grant(50173, text, suberror="bad_token")
    mailbox = still_welcome(registry, sent["person"], second_factor=sent["second_factor"])
    wish = wanted(registry, form.get("scope") or sent["scope"], visit.request)
    return tokens_of(visit, SignedIn(app, mailbox, sent["second_factor"]), wish, refreshable=True)


def _on_behalf_of(visit: Visit) -> dict[str, Any]:
    registry, form = visit.registry, visit.form
    app = proven(registry, visit.request, visit.now, public=False)
    if form.get("requested_token_use") != "on_behalf_of":
        raise missing("requested_token_use")
    if not form.get("assertion"):
        raise missing("assertion")
    claims = visit.desk.tokens.claims(form["assertion"])
    if claims is None or claims["aud"] != f"api://{app.client_id}" or "upn" not in claims:
        text = (
            "Assertion failed signature validation, or its audience is not the application that presents it."
        )
        raise invalid_grant(50013, text)
    if visit.now.timestamp() >= claims["exp"]:
        raise invalid_grant(500133, "Assertion is not within its valid time range.")
    mailbox = still_welcome(registry, claims["upn"], second_factor=False, error="interaction_required")
    wish = wanted(registry, form.get("scope", ""), visit.request)
    return tokens_of(
        visit, SignedIn(app, mailbox, second_factor=False), wish, refreshable="offline_access" in wish.openid
    )


def _device_code(visit: Visit) -> dict[str, Any]:
    app = known_app(visit.registry, Credentials.of(visit.request).client_id)
    if not app.public:
        proven(visit.registry, visit.request, visit.now, public=False)
    return polled(visit)


def _unsealed(visit: Visit, use: str, text: str, app: App) -> dict[str, Any]:
    if not text:
        raise missing("code" if use == "code" else "refresh_token")
    content = visit.desk.tokens.unseal(use, text)
    if content is None:
        raise invalid_grant(9002313, "Invalid request. Request is malformed or invalid.")
    if content["client"] != app.client_id:
        raise invalid_grant(70000, "Provided grant is invalid: it was issued to another client.")
    return content


_GRANTS: Mapping[str, Callable[[Visit], dict[str, Any]]] = {
    "client_credentials": _client_credentials,
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "urn:ietf:params:oauth:grant-type:device_code": _device_code,
    "device_code": _device_code,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _on_behalf_of,
}
