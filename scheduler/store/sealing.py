"""Encryption at rest of what must not be read from a stolen database: other people's tokens.

Fernet is cryptography's recipe of AES-128-CBC with HMAC-SHA256. What was sealed with any of the keys can be opened, and
what is sealed now is sealed with the first, so that keys can be exchanged while everything goes on working.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from scheduler.errors import InputError, StoreError

KEPT = 2
"""How many keys a key file has after a rotation: the new one, and the one before for whoever still runs with it."""

_OURS = b"slotwright "
"""Begins every text: a key of which only the half that encrypts is wrong passes the seal and opens garbage."""


class Seal:
    """Seals and opens texts.

    Args:
        keys: Fernet keys (32 bytes as URL-safe base64), the one that seals first.

    Raises:
        InputError: there is no key, or one of them is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as fault:
            raise InputError(
                "settings.token_keys",
                "is no list of keys",
                "leave it out, so that a key file is made, or write Fernet keys with commas between them",
            ) from fault

    def close(self, text: str) -> str:
        """The text, sealed."""
        return self._fernet.encrypt(_OURS + text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text that was sealed.

        Raises:
            StoreError: none of the keys sealed it, or it was changed.
        """
        try:
            content = self._fernet.decrypt(_exactly(sealed))
        except InvalidToken as fault:
            raise _foreign() from fault
        if not content.startswith(_OURS):
            raise _foreign()
        return content.removeprefix(_OURS).decode()

    def renew(self, sealed: str) -> str:
        """The same, sealed with the first key.

        Raises:
            StoreError: none of the keys sealed it, or it was changed.
        """
        return self.close(self.open(sealed))


def new_key() -> str:
    """A key that nobody has seen."""
    return Fernet.generate_key().decode()


def keys_in(text: str) -> tuple[str, ...]:
    """Keys that are separated by commas or white space."""
    return tuple(text.replace(",", " ").split())


def read_keys(path: Path) -> tuple[str, ...]:
    """The keys of a file that only its owner can read, which is made with one key where there is none.

    Raises:
        StoreError: it cannot be read or made, somebody else can read it, or it has no keys.
    """
    try:
        if not path.exists():
            _write(path, [new_key()], replace=False)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise StoreError(
                f"The key file {path} can be read by others; give it to its owner alone: chmod 600 {path}."
            )
        keys = keys_in(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as fault:
        said = fault.strerror if isinstance(fault, OSError) else "it is not a text"
        raise StoreError(
            f"The key file {path} cannot be used ({said}); check the setting token_key_file."
        ) from fault
    try:
        Seal(keys)
    except InputError:
        raise StoreError(
            f"The key file {path} has no keys, or something that is none; put the right file there, or remove it and"
            " let everybody connect again."
        ) from None
    return keys


def add_key(path: Path) -> tuple[str, ...]:
    """Put a new key in front of those of the file; one that an unfinished exchange put there will do.

    Raises:
        StoreError: as `read_keys`, or it cannot be written.
    """
    keys = read_keys(path)
    if len(keys) <= KEPT:
        keys = (new_key(), *keys)
        write_keys(path, keys)
    return keys


def drop_keys(path: Path) -> None:
    """Leave the keys in the file that are used, or were until now.

    Raises:
        StoreError: as `add_key`.
    """
    write_keys(path, read_keys(path)[:KEPT])


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Put the keys into the file in one step, readable by its owner alone; on return they are on the disk.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        _write(path, keys, replace=True)
    except OSError as fault:
        raise StoreError(
            f"The key file {path} cannot be written ({fault.strerror}); nothing was changed, check the setting"
            " token_key_file."
        ) from fault


def _write(path: Path, keys: Sequence[str], *, replace: bool) -> None:
    """Without `replace` a file that somebody else has just made is left as it is."""
    # Keys are exchanged by one process at a time, which clears away what one that was killed has left.
    beside = path.with_name(f"{path.name}.{'new' if replace else os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
        ) as file:
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            with suppress(FileExistsError):
                path.hardlink_to(beside)
        if os.name == "posix":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    finally:
        beside.unlink(missing_ok=True)


def _exactly(sealed: str) -> bytes:
    """The text, if it is spelled in the one way in which it was written: base64 overlooks other letters.

    Raises:
        InvalidToken: it is not.
    """
    raw = sealed.encode()
    try:
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(raw)) == raw:
            return raw
    except binascii.Error:
        pass
    raise InvalidToken


def _foreign() -> StoreError:
    return StoreError(
        "The kept sign-ins were sealed with another key, or changed; give that key in token_keys or token_key_file, or"
        " connect again after `slotwright connect --forget all`."
    )
