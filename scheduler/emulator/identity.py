"""Identifiers that look arbitrary and are not: the same tenant and the same calls give the same ones."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections import Counter


class Identities:
    """Mints ids from a seed. Named ids depend on their parts only; the others on how many came before."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._minted: Counter[str] = Counter()

    def _digest(self, *parts: object) -> bytes:
        return hashlib.sha256("\x1f".join(map(str, (self._seed, *parts))).encode()).digest()

    def named_uuid(self, *parts: object) -> str:
        """A GUID for a thing that has a name of its own, such as a user by address."""
        return str(uuid.UUID(bytes=self._digest(*parts)[:16], version=4))

    def next_uuid(self, kind: str) -> str:
        """The next GUID of a kind."""
        self._minted[kind] += 1
        return self.named_uuid(kind, self._minted[kind])

    def item(self, prefix: str, *parts: object) -> str:
        """An Exchange-like item id that begins with `prefix`; safe in a URL path, case-sensitive."""
        text = base64.urlsafe_b64encode(self._digest(prefix, *parts) + self._digest(*parts, prefix)).decode()
        return f"{prefix}{text.rstrip('=')}="

    def next_number(self, kind: str) -> int:
        """The next number of a kind, from 1."""
        self._minted[kind] += 1
        return self._minted[kind]

    def ical_uid(self, number: int) -> str:
        """A global object id as Exchange writes it: the fixed class id, then hexadecimal digits."""
        return f"040000008200E00074C5B7101A82E008{self._digest('ical', number).hex().upper()}"

    def change_key(self, *parts: object) -> str:
        """A change key: different whenever the parts are."""
        return base64.b64encode(self._digest("change", *parts)[:16]).decode()
