"""Who signed in, by the id_token.

The token comes over TLS straight from the token endpoint, so that its signature need not be checked (OpenID Connect
Core 1.0, 3.1.3.7, step 6). What it says of issuer, audience, tenant and time is checked all the same: a token that is
for somebody else is a mistake of a proxy or a setting that nobody would notice otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.graph.errors import BadAnswer
from scheduler.graph.signin.refusals import DOING

SKEW_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody.

    Args:
        address: the user principal name, lower case; it can be given to somebody else one day.
        name: as they are called.
        tenant_id: where the account lives.
        object_id: what identifies it there for good.
    """

    address: str
    name: str
    tenant_id: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What an id_token has to say.

    Args:
        issuer: of the discovery document.
        audience: the client id.
        tenant_id: an id, or a domain, of which the token says nothing.
        now: seconds since 1970, by the sign-in service's own clock.
    """

    issuer: str
    audience: str
    tenant_id: str
    now: float


def identity_of(claims: Mapping[str, Any], expected: Expected) -> Identity:
    """Who it is.

    Raises:
        BadAnswer: the token is not the one that was asked for, or does not say who it is.
    """
    tenant, thing = str(claims.get("tid", "")), str(claims.get("oid", ""))
    address = str(claims.get("preferred_username", "")).strip().casefold()
    ends = claims.get("exp")
    if not (tenant and thing and address):
        raise _bad("does not say who signed in")
    if not expected.issuer or claims.get("iss") != expected.issuer:
        raise _bad("comes from another issuer than the one that was asked")
    if claims.get("aud") != expected.audience:
        raise _bad("is for another app")
    if tenant.casefold() not in expected.issuer.casefold() or (
        "." not in expected.tenant_id and tenant.casefold() != expected.tenant_id.casefold()
    ):
        raise _bad("is of another tenant")
    if not isinstance(ends, int | float) or ends + SKEW_SECONDS < expected.now:
        raise _bad("has ended already")
    return Identity(address, str(claims.get("name") or address), tenant, thing)


def _bad(what: str) -> BadAnswer:
    return BadAnswer(
        DOING,
        f"the identity that came back {what}",
        "check tenant_id and authority, and any proxy on the way",
    )
