"""A certificate and its key from a PEM file."""

from __future__ import annotations

from datetime import UTC, date
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from scheduler.errors import InputError
from scheduler.graph.signin.registration import Certificate

_FIELD = "settings.certificate_file"


def read_certificate(path: Path, password: str = "") -> Certificate:
    """The certificate in a PEM file that also has its private key.

    Args:
        password: of an encrypted key; empty for one that is not.

    Raises:
        InputError: it cannot be read, or one of the two is missing, or they do not belong together.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise InputError(_FIELD, f"{path} cannot be read ({fault.strerror})", "check the path") from fault
    certificate = _certificate(path, content)
    if b"PRIVATE KEY-----" not in content:
        raise InputError(
            _FIELD,
            f"{path} has no private key",
            "append the key's PEM block to it, and keep it readable by you alone",
        )
    try:
        key = load_pem_private_key(content, password.encode() or None)
    except (ValueError, TypeError) as fault:
        raise InputError(
            _FIELD, f"the key in {path} cannot be opened", "check certificate_password"
        ) from fault
    if key.public_key() != certificate.public_key():
        raise InputError(
            _FIELD, f"key and certificate in {path} do not belong together", "put a pair into it"
        )
    return Certificate(
        private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        public=certificate.public_bytes(Encoding.PEM).decode(),
        thumbprint=certificate.fingerprint(SHA256()).hex(),
    )


def certificate_ends(path: Path) -> date:
    """The last day of the certificate in a PEM file, UTC.

    Raises:
        InputError: it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise InputError(_FIELD, f"{path} cannot be read ({fault.strerror})", "check the path") from fault
    return _certificate(path, content).not_valid_after_utc.astimezone(UTC).date()


def _certificate(path: Path, content: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError as fault:
        raise InputError(
            _FIELD,
            f"{path} has no certificate",
            "put the certificate and its private key into it, both as PEM",
        ) from fault
