"""How an app proves itself: by a secret, by an assertion signed with a certificate, or not at all if it is public."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.types import Options
from werkzeug.wrappers import Request

from scheduler.emulator import zones
from scheduler.emulator.registration import App, Secret
from scheduler.emulator.registry import Registry
from scheduler.emulator.signin.refusals import SignInRefused, invalid_client, missing

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_UNTIMED = Options(verify_exp=False, verify_nbf=False, verify_iat=False, verify_aud=False)
_THUMBPRINTS = {"x5t": hashes.SHA1, "x5t#S256": hashes.SHA256}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request to the token endpoint says about its sender."""

    client_id: str
    secret: str
    assertion: str

    @classmethod
    def of(cls, request: Request) -> Credentials:
        """From the form, or from Basic authentication (RFC 6749, section 2.3.1)."""
        basic = request.authorization
        form = request.form
        if basic is not None and basic.type == "basic":
            return cls(unquote(basic.username or ""), unquote(basic.password or ""), "")
        return cls(form.get("client_id", ""), form.get("client_secret", ""), form.get("client_assertion", ""))


def known_app(registry: Registry, client_id: str) -> App:
    """The registration of an id.

    Raises:
        SignInRefused: 700016; 900144 without an id.
    """
    if not client_id:
        raise missing("client_id")
    app = registry.app(client_id)
    if app is None:
        domain = registry.world.tenant.domain
        text = f"Application with identifier '{client_id}' was not found in the directory '{domain}'."
        raise SignInRefused(400, "unauthorized_client", 700016, text)
    return app


def proven(registry: Registry, request: Request, now: datetime, *, public: bool) -> App:
    """The app behind a request to the token endpoint.

    Args:
        public: whether this grant is open to public clients.

    Raises:
        SignInRefused: the app is unknown, or did not prove itself.
    """
    sent = Credentials.of(request)
    app = known_app(registry, sent.client_id or _issuer(sent.assertion))
    if sent.assertion:
        _check_assertion(registry, app, request, sent.assertion, now)
    elif sent.secret:
        _check_secret(app, sent.secret, now)
    elif not (public and app.public):
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise invalid_client(7000218, text)
    return app


def secrets_of(app: App) -> list[Secret]:
    """All secrets of a registration."""
    own = [Secret(id="", value=app.secret, expires=app.secret_expires)] if app.secret else []
    return [*own, *app.secrets]


def _check_secret(app: App, sent: str, now: datetime) -> None:
    secrets = secrets_of(app)
    if not secrets and app.public:
        text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
        raise invalid_client(700025, text)
    match = next(
        (known for known in secrets if hmac.compare_digest(known.value.encode(), sent.encode())), None
    )
    if match is None:
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client "
            f"secret value, not the client secret ID, for a secret added to app '{app.client_id}'."
        )
        raise invalid_client(7000215, text)
    if match.expires is not None and now >= zones.instant(match.expires, "UTC"):
        raise invalid_client(
            7000222, f"The provided client secret keys for app '{app.client_id}' are expired."
        )


def _issuer(assertion: str) -> str:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return ""
    return str(claims.get("iss", ""))


def _check_assertion(registry: Registry, app: App, request: Request, assertion: str, now: datetime) -> None:
    if request.form.get("client_assertion_type") != ASSERTION_TYPE:
        raise missing("client_assertion_type")
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError as error:
        raise invalid_client(50027, "JWT token is invalid or malformed.") from error
    certificate = _registered(app, header)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        claims = jwt.decode(assertion, key, ["RS256", "PS256"], options=_UNTIMED)
    except jwt.InvalidTokenError as error:
        raise _unknown_key("Client assertion failed signature validation.") from error
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        raise invalid_client(1000502, "The provided certificate is not within its specified validity period.")
    if {claims.get("iss"), claims.get("sub")} != {app.client_id}:
        text = "Client assertion application identifier doesn't match 'client_id' parameter."
        raise invalid_client(700021, text)
    if not _is_here(claims.get("aud"), request):
        raise invalid_client(700023, "Client assertion audience claim does not match Realm issuer.")
    if registry.options.check_assertion_times:
        _check_times(claims, now)


def _registered(app: App, header: dict[str, Any]) -> x509.Certificate:
    for name, algorithm in _THUMBPRINTS.items():
        sent = str(header.get(name, "")).rstrip("=")
        for known in app.certificates if sent else ():
            certificate = x509.load_pem_x509_certificate(known.pem.encode())
            thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(algorithm()))
            if thumbprint.decode().rstrip("=") == sent:
                return certificate
    raise _unknown_key("The key was not found among those of the application.")


def _unknown_key(reason: str) -> SignInRefused:
    return invalid_client(
        700027,
        f"The certificate with identifier used to sign the client assertion is not registered. {reason}",
    )


def _is_here(audience: Any, request: Request) -> bool:
    tenant = request.path.strip("/").partition("/")[0]
    return isinstance(audience, str) and audience.startswith(f"{request.host_url}{tenant}")


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    begins, ends = claims.get("nbf", 0), claims.get("exp", 0)
    if not begins <= now.timestamp() < ends:
        valid = datetime.fromtimestamp(ends, UTC).isoformat()
        text = f"Client assertion is not within its valid time range. Current time: {now.isoformat()}, until {valid}."
        raise invalid_client(700024, text)
