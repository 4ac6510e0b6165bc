"""The sign-in side: OpenID discovery and the token endpoint for client credentials with a secret."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from scheduler.emulator import zones
from scheduler.emulator.envelope import Stamp
from scheduler.emulator.tenant import App, Tenant
from scheduler.emulator.tokens import Tokens

GRAPH_HOSTS = frozenset({"https://graph.microsoft.com", "https://graph.emulated.test"})
_APP_ID = "00000003-0000-0000-c000-000000000000"


class SignInRefused(Exception):  # noqa: N818 - an answer that is raised, not a fault of the program
    """An answer of the token endpoint that carries an AADSTS number."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(f"AADSTS{number}: {text}")
        self.status = status
        self.error = error
        self.number = number


def discovery(tenant: Tenant, request: Request, key: str) -> Response:
    """The OpenID configuration of the tenant, for the host it was asked on."""
    _known_tenant(tenant, key, error="invalid_tenant")
    root = f"{request.host_url}{key}"
    return _json({
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{root}/v2.0",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "emulated.test",
        "msgraph_host": "graph.emulated.test",
    })  # fmt: skip


def token(tenant: Tenant, tokens: Tokens, request: Request, key: str, stamp: Stamp) -> Response:
    """An access token for an app that proves itself by its secret, in the form or by Basic authentication."""
    _known_tenant(tenant, key, error="invalid_request")
    form = request.form
    if form.get("grant_type") != "client_credentials":
        text = "The grant type is not supported by the emulator, which has client_credentials."
        raise SignInRefused(400, "unsupported_grant_type", 70003, text)
    basic = request.authorization
    named = basic is not None and basic.type == "basic"
    client_id = unquote((basic.username if named and basic else None) or form.get("client_id", ""))
    secret = unquote((basic.password or "") if named and basic else "") or form.get("client_secret", "")
    app = _proven(tenant, client_id, secret, stamp)
    audience = _audience(form.get("scope", ""), request)
    seconds = tenant.options.token_seconds
    return _json({
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": tokens.issue(app, audience, stamp.now),
    })  # fmt: skip


def refused(refusal: SignInRefused, stamp: Stamp) -> Response:
    """The refusal as the token endpoint writes it."""
    moment = stamp.now.strftime("%Y-%m-%d %H:%M:%SZ")
    trace = f"Trace ID: {stamp.request_id} Correlation ID: {stamp.client_request_id} Timestamp: {moment}"
    body = {
        "error": refusal.error,
        "error_description": f"{refusal} {trace}",
        "error_codes": [refusal.number],
        "timestamp": moment,
        "trace_id": stamp.request_id,
        "correlation_id": stamp.client_request_id,
        "error_uri": f"https://login.microsoftonline.com/error?code={refusal.number}",
    }
    return _json(body, refusal.status)


def _known_tenant(tenant: Tenant, key: str, *, error: str) -> None:
    if key.casefold() not in {tenant.id.casefold(), tenant.domain.casefold()}:
        raise SignInRefused(
            400, error, 90002, f"Tenant '{key}' not found. Check to make sure you have the correct tenant ID."
        )


def _proven(tenant: Tenant, client_id: str, secret: str, stamp: Stamp) -> App:
    app = next((known for known in tenant.apps if known.client_id == client_id), None)
    if app is None:
        text = f"Application with identifier '{client_id}' was not found in the directory '{tenant.domain}'."
        raise SignInRefused(400, "unauthorized_client", 700016, text)
    if not secret:
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise SignInRefused(401, "invalid_client", 7000218, text)
    if secret != app.secret:
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client "
            f"secret value, not the client secret ID, for a secret added to app '{client_id}'."
        )
        raise SignInRefused(401, "invalid_client", 7000215, text)
    if app.secret_expires is not None and stamp.now >= zones.instant(app.secret_expires, "UTC"):
        text = f"The provided client secret keys for app '{client_id}' are expired."
        raise SignInRefused(401, "invalid_client", 7000222, text)
    return app


def _audience(scope: str, request: Request) -> str:
    resource = scope.strip().removesuffix("/.default").rstrip("/")
    if not scope.strip().endswith("/.default") or " " in scope.strip():
        text = f"The provided value for the input parameter 'scope' is not valid: {scope}"
        raise SignInRefused(400, "invalid_scope", 70011, text)
    if resource not in {*GRAPH_HOSTS, request.host_url.rstrip("/"), _APP_ID}:
        text = f"The resource principal named {resource} was not found in the tenant."
        raise SignInRefused(400, "invalid_resource", 500011, text)
    return resource


def _json(body: dict[str, Any], status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store, no-cache"}
    return Response(json.dumps(body), status, headers, content_type="application/json; charset=utf-8")
