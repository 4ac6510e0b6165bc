"""Why a sign-in was refused, in plain words with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scheduler.graph.errors import BadAnswer, SignInFailed

DOING = "signing in to Microsoft 365"

# learn.microsoft.com/entra/identity-platform/reference-error-codes
_CAUSES: Mapping[int, tuple[str, str]] = {
    7000215: (
        "the client secret is wrong",
        "copy the secret's Value, not its Secret ID, from Certificates & secrets into client_secret",
    ),
    7000222: (
        "the client secret has expired",
        "make a new one under Certificates & secrets and put its Value into client_secret",
    ),
    7000218: (
        "the app registration expects a secret or certificate, and none was sent",
        "set client_secret or certificate_file, or allow public client flows under Authentication",
    ),
    700027: (
        "the certificate is not one of the app's",
        "upload the public part of certificate_file under Certificates & secrets, Certificates",
    ),
    700024: (
        "the clock of this machine is wrong",
        "set it by network time (NTP), because what a certificate signs is good for some minutes only",
    ),
    1000502: (
        "the certificate has ended, or does not begin yet",
        "make a new one, and upload its public part under Certificates & secrets, Certificates",
    ),
    700016: (
        "no app with this client id is known in this tenant",
        "copy Application (client) ID into client_id and Directory (tenant) ID into tenant_id; they are easily swapped",
    ),
    90002: (
        "no such tenant is known there",
        "copy Directory (tenant) ID into tenant_id, which is easily swapped with client_id, and check cloud",
    ),
    65001: (
        "nobody has consented to what the app asks for",
        "let an administrator press Grant admin consent under API permissions, or sign in again and accept",
    ),
    90094: (
        "an administrator has to consent to what the app asks for",
        "let one press Grant admin consent under API permissions, or allow user consent in the tenant",
    ),
    90097: (
        "an administrator has to consent to what the app asks for",
        "let one press Grant admin consent under API permissions",
    ),
    500011: (
        "the tenant does not know this Graph",
        "check that graph_url and authority are of one cloud, best by setting cloud alone",
    ),
    50011: (
        "the redirect URI is not one of the app's",
        "add it under Authentication, for this program as Mobile and desktop application http://localhost",
    ),
    700025: (
        "the redirect URI belongs to a public client, to which no secret may be sent",
        "leave out client_secret and certificate_file, or add the redirect URI under Authentication as Web",
    ),
    50057: ("the account is disabled", "ask an administrator, or sign in as somebody else"),
    50034: ("no such user is known in this tenant", "check the address, and tenant_id with it"),
    50105: (
        "the user is not assigned to the app",
        "assign the user under Enterprise applications, Users and groups",
    ),
    50076: (
        "the tenant wants a second factor",
        "type `slotwright connect` and sign in with it",
    ),
    50079: (
        "the user has to set up a second factor first",
        "sign in at https://aka.ms/mfasetup, then connect again",
    ),
    53003: ("a conditional access policy blocks the sign-in", "ask an administrator to look at that policy"),
    53000: (
        "the tenant wants a managed device",
        "connect from one, or ask an administrator about the policy",
    ),
    70008: ("the sign-in has expired", "type `slotwright connect` and sign in again"),
    700082: ("the sign-in has not been used for too long", "type `slotwright connect` and sign in again"),
    50173: ("the sign-in was revoked", "type `slotwright connect` and sign in again"),
    70011: (
        "one of the permissions asked for does not exist there",
        "check that graph_url and cloud fit together",
    ),
}
_BY_ERROR: Mapping[str, tuple[str, str]] = {
    "authorization_declined": ("the sign-in was declined", "type `slotwright connect` again and accept"),
    "access_denied": ("consent was declined", "type `slotwright connect` again and accept"),
    "expired_token": ("nobody entered the code in time", "type `slotwright connect` again"),
    "authorization_pending": ("nobody entered the code in time", "type `slotwright connect` again"),
    "invalid_tenant": _CAUSES[90002],
    "interaction_required": ("the tenant wants a person to sign in", "type `slotwright connect`"),
    "invalid_grant": ("the sign-in is not valid any more", "type `slotwright connect` and sign in again"),
}
_WITHOUT_NUMBER = frozenset({"authorization_pending", "expired_token"})
_OTHER = (
    "the sign-in was refused",
    "look the number up, or ask an administrator to check the app registration",
)
_NUMBER = re.compile(r"AADSTS(\d{4,9})")


def refused(text: str, error: str, address: str = "") -> SignInFailed:
    """A refusal by its number or else by its OAuth error; Microsoft's own text, which may name people, is left out.

    Args:
        text: `error_description`, from which the number is read.
        error: the OAuth error.
    """
    found = _NUMBER.search(text)
    # A device that has waited long enough is told no more than that it would have to wait.
    number = int(found[1]) if found and error not in _WITHOUT_NUMBER else None
    cause, remedy = _CAUSES.get(number or 0) or _BY_ERROR.get(error) or _OTHER
    shown = f" (AADSTS{number})" if number else "" if error == "invalid_tenant" else f" ({error})"
    doing = f"{DOING} as {address}" if address else DOING
    if address:
        remedy = remedy.replace("`slotwright connect`", f"`slotwright connect --as {address}`")
    failure = SignInFailed(doing, f"{cause}{shown}", remedy, code=error)
    failure.number = number
    return failure


def no_token() -> BadAnswer:
    """A 200 that has no token that could be used."""
    return BadAnswer(
        DOING, "the sign-in service answered without a usable token", "check the setting authority"
    )


def no_discovery() -> BadAnswer:
    """A discovery document that MSAL cannot use."""
    return BadAnswer(DOING, "the authority's discovery document is not usable", "check the setting authority")


def token_of(result: Any, address: str = "") -> str:
    """The access token in what MSAL returned.

    Args:
        address: as for `refused`.

    Raises:
        SignInFailed: it says that the sign-in was refused.
        BadAnswer: it is neither a token nor a refusal.
    """
    token = result.get("access_token") if isinstance(result, dict) else None
    if isinstance(token, str) and token.isascii() and token.isprintable() and token:
        return token
    if isinstance(result, dict) and "error" in result:
        raise refused(str(result.get("error_description", "")), str(result["error"]), address)
    raise no_token()
