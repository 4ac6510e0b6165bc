"""App registrations of a tenant file: how an app proves itself, and what was granted to it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import AfterValidator, BaseModel, ConfigDict

Role = Literal[
    "Calendars.ReadBasic",
    "Calendars.ReadBasic.All",
    "Calendars.Read",
    "Calendars.ReadWrite",
    "Directory.Read.All",
    "GroupMember.Read.All",
    "MailboxSettings.Read",
    "Place.Read.All",
    "Place.ReadWrite.All",
    "User.Read.All",
    "User.ReadBasic.All",
]

Scope = Literal[
    "Calendars.Read",
    "Calendars.Read.Shared",
    "Calendars.ReadBasic",
    "Calendars.ReadWrite",
    "Calendars.ReadWrite.Shared",
    "Directory.Read.All",
    "GroupMember.Read.All",
    "MailboxSettings.Read",
    "MailboxSettings.ReadWrite",
    "Organization.Read.All",
    "Place.Read.All",
    "Place.ReadWrite.All",
    "User.Read",
    "User.Read.All",
    "User.ReadBasic.All",
]
"""Delegated permissions of Graph; those of OpenID (openid, profile, email, offline_access) need no consent here."""
Level = Literal["none", "freeBusy", "limited", "read", "write", "delegate"]
"""What someone may do in another's calendar, least first (outlook-share-or-delegate-calendar.md).

`freeBusy` shows times in getSchedule only, `limited` adds subject and location, `read` all of events that are not
private, `write` changes those, `delegate` sees and changes private ones as well.
"""

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def _check_address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise ValueError(f"{value!r} is not an e-mail address")
    return value


def _check_certificate(value: str) -> str:
    if not isinstance(x509.load_pem_x509_certificate(value.encode()).public_key(), rsa.RSAPublicKey):
        raise ValueError("the certificate has no RSA key")  # noqa: TRY004 - pydantic reads ValueErrors only
    return value


Address = Annotated[str, AfterValidator(_check_address)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Grant(_Strict):
    """One application role, over every mailbox or over the named addresses and groups only.

    `all` is a consented app role of Entra ID: it is in the token's `roles`, and a change of it shows in the next token.
    A list is a scoped role assignment of Exchange (RBAC for Applications): it is in no token, a change of it takes
    `Options.policy_delay_seconds`, and a grant of the same role over all beside it wins. Directory roles (places and
    users) are always over all.
    """

    role: Role
    over: Literal["all"] | list[Address] = "all"


class Secret(_Strict):
    """A client secret; its id is what people paste in the place of its value."""

    id: str
    value: str
    expires: datetime | None = None


class Certificate(_Strict):
    """A registered certificate, without its key; it ends when it says so."""

    pem: Annotated[str, AfterValidator(_check_certificate)]


class Consent(_Strict):
    """Delegated permissions given to an app by one person, or by an administrator for the organization (null)."""

    scopes: list[Scope]
    person: Address | None = None


class App(_Strict):
    """An application registered in the tenant, and what was granted to it there."""

    client_id: str
    name: str = "Scheduler"
    secret: str = ""
    """One secret in short; `secrets` may hold more. An app with neither these nor a certificate is public only."""
    secret_expires: datetime | None = None
    secrets: list[Secret] = []
    certificates: list[Certificate] = []
    public: bool = False
    """Whether public client flows are allowed: device codes, and codes redeemed without a secret."""
    redirect_uris: list[str] = []
    """`http://localhost` stands for any port of this machine, as in Entra ID."""
    required_roles: list[Role] = []
    """The application permissions of the registration: what an administrator's consent grants."""
    required_scopes: list[Scope] = []
    """Its delegated permissions: what `.default` and an administrator's consent ask for."""
    grants: list[Grant] = []
    access_policy: list[Address] | None = None
    """An Exchange application access policy: grants over all reach these mailboxes and groups only.

    It does not hold for Calendars.ReadBasic (auth-limit-mailbox-access.md).
    """
    consents: list[Consent] = []
    sign_in: Literal["allowed", "blocked_by_policy"] = "allowed"
