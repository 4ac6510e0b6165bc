"""The key of id_tokens, and the set it is published in (RFC 7517)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

_BITS = 2048
_EXPONENT = 65537


@cache
def _key() -> rsa.RSAPrivateKey:
    """One key for every emulator of the process: making one takes a while."""
    return rsa.generate_private_key(_EXPONENT, _BITS)


def key_set() -> dict[str, Any]:
    """The document behind the discovery document's jwks_uri."""
    return {
        "keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _key_id(), "n": _modulus(), "e": "AQAB"}]
    }


def signed(claims: Mapping[str, Any]) -> str:
    """A JWT by RS256."""
    return jwt.encode(dict(claims), _key(), "RS256", headers={"kid": _key_id()})


def _modulus() -> str:
    number = _key().public_key().public_numbers().n
    return base64.urlsafe_b64encode(number.to_bytes(_BITS // 8, "big")).decode().rstrip("=")


def _key_id() -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(_modulus().encode()).digest()[:20]).decode().rstrip("=")
