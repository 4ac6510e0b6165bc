"""The app registration that signs in, as MSAL sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msal

from scheduler.errors import InputError
from scheduler.graph.origin import https_root
from scheduler.graph.signin.http import SignInHttp
from scheduler.graph.signin.refusals import no_discovery, refused

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its private key, both as PEM text, and the certificate's SHA-256 thumbprint as hex."""

    private_key: str
    public: str
    thumbprint: str


@dataclass(frozen=True, slots=True)
class Registration:
    """An app registration of a tenant, and where to sign in.

    Args:
        authority: https root of the sign-in service, such as `https://login.microsoftonline.com`.
        tenant_id: the tenant's id or domain.
        client_id: the app registration's.
        secret: a secret's value; empty for none.
        certificate: instead of a secret.
        http: what MSAL sends through.

    Raises:
        InputError: the tenant id is none, or the authority no plain https address.
    """

    authority: str
    tenant_id: str
    client_id: str
    http: SignInHttp
    secret: str = ""
    certificate: Certificate | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9.-]+", self.tenant_id):
            raise InputError(
                "tenant_id", f"{self.tenant_id!r} is no tenant", "write its id or its domain name"
            )
        https_root("authority", self.authority)

    def confidential(self, cache: Any = None) -> Any:
        """MSAL's client that proves itself by secret or certificate.

        Raises:
            CallFailed: the tenant is not known there, or the authority is none.
        """
        return self._made(msal.ConfidentialClientApplication, cache, client_credential=self._credential())

    def public(self, cache: Any = None) -> Any:
        """MSAL's client for people who sign in at this machine.

        Raises:
            CallFailed: as `confidential`.
        """
        return self._made(msal.PublicClientApplication, cache)

    def _credential(self) -> Any:
        if self.certificate is None:
            return self.secret
        return {"private_key": self.certificate.private_key, "public_certificate": self.certificate.public}

    def _made(self, kind: Any, cache: Any, **credential: Any) -> Any:
        """MSAL reads the tenant's discovery document here and raises ValueError for a tenant nobody knows."""
        try:
            return kind(
                self.client_id,
                authority=f"{https_root('authority', self.authority)}/{self.tenant_id}",
                instance_discovery=False,
                http_client=self.http,
                token_cache=cache,
                **credential,
            )
        except ValueError as fault:
            raise refused(self.http.last_refusal, "invalid_tenant") from fault
        except (KeyError, TypeError, AttributeError) as fault:
            raise no_discovery() from fault


def looks_like_an_id(text: str) -> bool:
    """Whether a text is a GUID, as tenant and client ids are."""
    return _GUID.fullmatch(text) is not None
