"""The endpoints of the sign-in side, by the paths of Entra ID."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from scheduler.emulator.signin.admin_consent import admin_consent
from scheduler.emulator.signin.authorize import authorize
from scheduler.emulator.signin.desk import Visit
from scheduler.emulator.signin.device import device_code, verification
from scheduler.emulator.signin.grants import token
from scheduler.emulator.signin.keys import key_set
from scheduler.emulator.signin.pages import refusal_page
from scheduler.emulator.signin.refusals import SignInRefused, json_response

_PAGES = frozenset({"adminConsent", "authorize", "deviceLogin"})


def answer(operation: str, visit: Visit) -> Response:
    """The answer of one endpoint.

    Raises:
        SignInRefused: whatever is the matter, 90002 for another tenant's name first.
    """
    _require_tenant(operation, visit)
    response = _ENDPOINTS[operation](visit)
    response.date = visit.now
    return response


@cache
def sign_in_urls() -> Map:
    """The URLs; they are the same for every emulator of a process."""
    return Map([
        Rule("/<tenant>/v2.0/.well-known/openid-configuration", methods=["GET"], endpoint="discovery"),
        Rule("/<tenant>/discovery/v2.0/keys", methods=["GET"], endpoint="keys"),
        Rule("/<tenant>/oauth2/v2.0/authorize", methods=["GET", "POST"], endpoint="authorize"),
        Rule("/<tenant>/oauth2/v2.0/devicecode", methods=["POST"], endpoint="deviceCode"),
        Rule("/<tenant>/oauth2/v2.0/token", methods=["POST"], endpoint="token"),
        Rule("/<tenant>/oauth2/deviceauth", methods=["GET", "POST"], endpoint="deviceLogin"),
        Rule("/<tenant>/adminconsent", methods=["GET", "POST"], endpoint="adminConsent"),
        Rule("/<tenant>/v2.0/adminconsent", methods=["GET", "POST"], endpoint="adminConsent"),
    ])  # fmt: skip


def _discovery(visit: Visit) -> Response:
    """The OpenID configuration of the tenant, for the host it was asked on."""
    root = f"{visit.request.host_url}{visit.tenant}"
    return json_response({
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": visit.issuer,
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "oid", "ver", "email"),
        ],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "emulated.test",
        "msgraph_host": "graph.emulated.test",
    })  # fmt: skip


def _require_tenant(operation: str, visit: Visit) -> None:
    ours = visit.registry.world.tenant
    if visit.tenant.casefold() in {ours.id.casefold(), ours.domain.casefold()}:
        return
    error = "invalid_tenant" if operation == "discovery" else "invalid_request"
    text = f"Tenant '{visit.tenant}' not found. Check to make sure you have the correct tenant ID."
    refusal = SignInRefused(400, error, 90002, text)
    raise refusal.shown(refusal_page) if operation in _PAGES else refusal


_ENDPOINTS: Mapping[str, Callable[[Visit], Response]] = {
    "adminConsent": admin_consent,
    "authorize": authorize,
    "deviceCode": device_code,
    "deviceLogin": verification,
    "discovery": _discovery,
    "keys": lambda _: json_response(key_set()),
    "token": token,
}
