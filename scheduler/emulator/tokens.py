"""Access tokens: JWTs the emulator signs for itself, checked on its own clock."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from scheduler.emulator.access import Caller
from scheduler.emulator.envelope import GraphFailure
from scheduler.emulator.tenant import App, Tenant


class Tokens:
    """Issues and reads tokens of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._key = hashlib.sha256(f"slotwright token key {tenant.id} {tenant.seed}".encode()).digest()

    def issue(self, app: App, audience: str, now: datetime) -> str:
        """A token for an app, living `options.token_seconds` from now."""
        issued = int(now.timestamp())
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self._tenant.id}/",
            "iat": issued,
            "nbf": issued,
            "exp": issued + self._tenant.options.token_seconds,
            "app_displayname": app.name,
            "appid": app.client_id,
            "idtyp": "app",
            "roles": sorted({grant.role for grant in app.grants}),
            "tid": self._tenant.id,
            "ver": "1.0",
        }
        signed = f"{_encode({'typ': 'JWT', 'alg': 'HS256'})}.{_encode(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def caller(self, authorization: str, now: datetime) -> Caller:
        """Who an Authorization header stands for.

        Raises:
            GraphFailure: 401 InvalidAuthenticationToken for no, a garbled, a foreign or an expired token.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _refused("Access token is empty.")
        signed, _, signature = token.strip().rpartition(".")
        if signed.count(".") != 1 or not hmac.compare_digest(signature, self._signature(signed)):
            raise _refused("CompactToken parsing failed with error code: 80049217")
        try:
            payload = signed.partition(".")[2]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (binascii.Error, ValueError) as error:
            raise _refused("CompactToken parsing failed with error code: 80049217") from error
        if now.timestamp() >= claims["exp"]:
            raise _refused("Lifetime validation failed, the token is expired.")
        app = next((known for known in self._tenant.apps if known.client_id == claims["appid"]), None)
        if app is None or claims["tid"] != self._tenant.id:
            raise _refused("Access token validation failure. Invalid audience.")
        return Caller(app, frozenset(claims["roles"]))

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _refused(message: str) -> GraphFailure:
    return GraphFailure(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": 'Bearer realm=""'})
