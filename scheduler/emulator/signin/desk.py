"""What the sign-in side remembers between requests, and the answers of the token endpoint made from it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from werkzeug.wrappers import Request

from scheduler.emulator.envelope import Stamp
from scheduler.emulator.registration import App
from scheduler.emulator.registry import Registry
from scheduler.emulator.signin.keys import signed
from scheduler.emulator.signin.people import unconsented_of
from scheduler.emulator.signin.refusals import unconsented
from scheduler.emulator.signin.scopes import Wanted
from scheduler.emulator.state import Mailbox
from scheduler.emulator.tokens import Tokens


@dataclass(slots=True)
class DeviceCode:
    """A device that waits for somebody to enter its code; `polled` is when it last asked."""

    client_id: str
    user_code: str
    scope: str
    ends: datetime
    polled: datetime | None = None
    state: Literal["pending", "accepted", "declined", "redeemed"] = "pending"
    person: str = ""
    second_factor: bool = False


@dataclass(slots=True)
class Desk:
    """The state of the sign-in side; whoever calls holds the emulator's lock.

    Args:
        redeemed: numbers of the codes that were exchanged for tokens.
        devices: device codes by what the device polls with.
        revoked: for each person the number up to which refresh tokens are void.
    """

    registry: Registry
    tokens: Tokens
    redeemed: set[int] = field(default_factory=set)
    devices: dict[str, DeviceCode] = field(default_factory=dict)
    revoked: dict[str, int] = field(default_factory=dict)

    def number(self) -> int:
        """The next number of whatever is handed out."""
        return self.registry.world.ids.next_number("sign-in")

    def revoke(self, address: str) -> None:
        """End all of a person's sessions, as an administrator or a new password does; access tokens run out.

        Raises:
            KeyError: there is no such person.
        """
        known = self.registry.person(address)
        if known is None:
            raise KeyError(address)
        self.revoked[known[0].address] = self.number()

    def is_revoked(self, address: str, number: int) -> bool:
        """Whether a refresh token of this number was revoked since."""
        return number <= self.revoked.get(address, 0)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to the sign-in side.

    Args:
        tenant: the tenant as the path spells it.
    """

    desk: Desk
    request: Request
    tenant: str
    stamp: Stamp

    @property
    def registry(self) -> Registry:
        """The registrations."""
        return self.desk.registry

    @property
    def now(self) -> datetime:
        """The instant of the request, on the emulated clock."""
        return self.stamp.now

    @property
    def form(self) -> Mapping[str, str]:
        """The form."""
        return self.request.form

    @property
    def issuer(self) -> str:
        """The issuer of id_tokens: always by the tenant's id."""
        return f"{self.request.host_url}{self.registry.world.tenant.id}/v2.0"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in to an app.

    Args:
        second_factor: whether they showed one.
        nonce: of the authorization request, for the id_token.
    """

    app: App
    mailbox: Mailbox
    second_factor: bool
    nonce: str = ""


def tokens_of(visit: Visit, who: SignedIn, wanted: Wanted, *, refreshable: bool) -> dict[str, Any]:
    """The answer with tokens for a person: as much as was asked for, with every permission that was consented.

    Args:
        refreshable: whether a refresh token is part of the answer.

    Raises:
        SignInRefused: 65001 where something asked for was not consented to.
    """
    registry, mailbox, app = visit.registry, who.mailbox, who.app
    if unconsented_of(registry, app, wanted, mailbox.address):
        raise unconsented(app.client_id, app.name)
    scopes = registry.consented(app, mailbox.address) if wanted.is_graph else wanted.names
    seconds = registry.options.token_seconds
    answer: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": wanted.granted(scopes),
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": visit.desk.tokens.for_person(
            app, wanted.resource, visit.now, seconds, mailbox=mailbox, scopes=scopes
        ),
    }
    if refreshable:
        answer["refresh_token"] = _refresh_token(visit, who, answer["scope"])
    if "openid" in wanted.openid:
        answer["id_token"] = _id_token(visit, who, wanted, seconds)
    if visit.form.get("client_info") == "1":
        ids = {"uid": mailbox.object_id, "utid": registry.world.tenant.id}
        answer["client_info"] = base64.urlsafe_b64encode(json.dumps(ids).encode()).decode().rstrip("=")
    return answer


def _refresh_token(visit: Visit, who: SignedIn, scope: str) -> str:
    content = {
        "client": who.app.client_id,
        "person": who.mailbox.address,
        "scope": scope,
        "at": visit.now.timestamp(),
        "number": visit.desk.number(),
        "second_factor": who.second_factor,
    }
    return visit.desk.tokens.seal("refresh", content)


def _id_token(visit: Visit, who: SignedIn, wanted: Wanted, seconds: int) -> str:
    issued = int(visit.now.timestamp())
    mailbox, world = who.mailbox, visit.registry.world
    claims: dict[str, Any] = {
        "aud": who.app.client_id,
        "iss": visit.issuer,
        "iat": issued,
        "nbf": issued,
        "exp": issued + seconds,
        "sub": world.ids.named_uuid("subject", who.app.client_id, mailbox.object_id),
        "tid": world.tenant.id,
        "ver": "2.0",
    }
    if who.nonce:
        claims["nonce"] = who.nonce
    if "profile" in wanted.openid:
        claims |= {"name": mailbox.name, "oid": mailbox.object_id, "preferred_username": mailbox.address}
    if "email" in wanted.openid:
        claims["email"] = mailbox.address
    return signed(claims)
