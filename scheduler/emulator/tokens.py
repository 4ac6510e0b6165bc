"""Access tokens: JWTs the emulator signs for itself, checked on its own clock.

Claims follow what Entra ID issues for Graph in its first version (access-token-claims-reference.md): `roles` for an app
by itself, `scp` with `oid` and `upn` for a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import jwt
from jwt.types import Options

from scheduler.emulator.access import Caller
from scheduler.emulator.envelope import GraphFailure
from scheduler.emulator.registration import App
from scheduler.emulator.registry import Registry
from scheduler.emulator.state import Mailbox
from scheduler.emulator.tenant import Tenant

_UNTIMED = Options(verify_exp=False, verify_nbf=False, verify_iat=False, verify_aud=False)
"""Times are judged on the emulated clock, audiences by whoever reads the token."""


class Tokens:
    """Issues and reads tokens of one tenant, and seals what only the sign-in side itself reads back."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant_id = tenant.id
        self._key = hashlib.sha256(f"slotwright token key {tenant.id} {tenant.seed}".encode()).digest()

    def for_app(self, app: App, audience: str, now: datetime, seconds: int) -> str:
        """A token by which an app acts itself: with the roles that Entra ID grants it over everything."""
        roles = sorted({grant.role for grant in app.grants if grant.over == "all"})
        held = {"roles": roles} if roles else {}
        return self._issue(app, audience, now, seconds, {"idtyp": "app", **held})

    def for_person(
        self,
        app: App,
        audience: str,
        now: datetime,
        seconds: int,
        *,
        mailbox: Mailbox,
        scopes: Collection[str],
    ) -> str:
        """A token by which an app acts for a person."""
        claims = {
            "name": mailbox.name,
            "oid": mailbox.object_id,
            "scp": " ".join(sorted(scopes)),
            "unique_name": mailbox.address,
            "upn": mailbox.address,
        }
        return self._issue(app, audience, now, seconds, claims)

    def caller(self, authorization: str, now: datetime, registry: Registry) -> Caller:
        """Who an Authorization header stands for.

        Raises:
            GraphFailure: 401 InvalidAuthenticationToken for no, a garbled, a foreign or an expired token.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _refused("Access token is empty.")
        claims = self.claims(token.strip())
        if claims is None:
            raise _refused("CompactToken parsing failed with error code: 80049217")
        if now.timestamp() >= claims["exp"]:
            raise _refused("Lifetime validation failed, the token is expired.")
        app = registry.app(claims["appid"])
        own = {known.client_id for known in registry.apps} | {
            f"api://{known.client_id}" for known in registry.apps
        }
        if app is None or claims["tid"] != self._tenant_id or claims["aud"] in own:
            raise _refused("Access token validation failure. Invalid audience.")
        scopes = frozenset(claims.get("scp", "").split())
        return Caller(
            app, frozenset(claims.get("roles", ())), registry, now, scopes, person=claims.get("upn", "")
        )

    def claims(self, token: str) -> dict[str, Any] | None:
        """What an access token of this tenant says, expired or not; None for anything else."""
        return self.unseal("access", token)

    def seal(self, use: str, content: Mapping[str, Any]) -> str:
        """A text that only `unseal` with the same use reads."""
        return jwt.encode({**content, "use": use}, self._key, "HS256")

    def unseal(self, use: str, text: str) -> dict[str, Any] | None:
        """What was sealed for this use; None for anything else."""
        try:
            content: dict[str, Any] = jwt.decode(text, self._key, ["HS256"], options=_UNTIMED)
        except jwt.InvalidTokenError:
            return None
        return content if content.get("use") == use else None

    def _issue(self, app: App, audience: str, now: datetime, seconds: int, more: Mapping[str, Any]) -> str:
        issued = int(now.timestamp())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self._tenant_id}/",
            "iat": issued,
            "nbf": issued,
            "exp": issued + seconds,
            "app_displayname": app.name,
            "appid": app.client_id,
            "tid": self._tenant_id,
            "ver": "1.0",
            **more,
        }
        return self.seal("access", claims)


def _refused(message: str) -> GraphFailure:
    return GraphFailure(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": 'Bearer realm=""'})
