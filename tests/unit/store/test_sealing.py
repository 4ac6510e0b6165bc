"""Sealed texts: only the keys open them, and keys can be exchanged while everything goes on."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from scheduler.errors import InputError, StoreError
from scheduler.store.sealing import Seal, keys_in, new_key, read_keys, write_keys

OLD, NEW, FOREIGN = new_key(), new_key(), new_key()


def test_what_is_sealed_is_not_there_to_read() -> None:
    """The text comes back from the seal, and is not in what is kept."""
    sealed = Seal([OLD]).close("refresh-token")
    assert "refresh-token" == Seal([OLD]).open(sealed)
    assert "refresh" not in sealed


def test_keys_are_exchanged_in_steps() -> None:
    """A new key in front opens what the old one sealed; renewed, it no longer needs the old one."""
    sealed = Seal([OLD]).close("t")
    both = Seal([NEW, OLD])
    assert "t" == both.open(sealed)
    assert "t" == Seal([NEW]).open(both.renew(sealed))


def test_a_foreign_key_opens_nothing() -> None:
    """What another key sealed, or somebody changed, is an error with a way out, never a guess."""
    sealed = Seal([OLD]).close("t")
    for attempt in (lambda: Seal([FOREIGN]).open(sealed), lambda: Seal([FOREIGN]).renew(sealed)):
        with pytest.raises(StoreError, match="connect --forget"):
            attempt()
    with pytest.raises(StoreError):
        Seal([OLD]).open(sealed[:-4] + "AAA=")


def test_a_key_with_only_its_second_half_wrong_opens_nothing() -> None:
    """The first half of a key proves the seal and the second one encrypts: garbage is never taken for the text."""
    halves = base64.urlsafe_b64decode(OLD)
    sealed = Seal([OLD]).close("canary")
    for number in range(300):
        wrong = base64.urlsafe_b64encode(halves[:16] + number.to_bytes(16)).decode()
        with pytest.raises(StoreError, match="another key"):
            Seal([wrong]).open(sealed)


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, "x" * 44]])
def test_what_is_no_key_is_named(keys: list[str]) -> None:
    """The setting is named, and no key is in the sentence."""
    with pytest.raises(InputError, match="token_keys") as error:
        Seal(keys)
    assert OLD not in str(error.value)


class TestKeyFile:
    def test_it_is_made_for_its_owner_alone(self, tmp_path: Path) -> None:
        """The first need makes a file with one key that nobody else can read; the next one reads it."""
        path = tmp_path / "keys"
        first = read_keys(path)
        assert (1, first, 0o600) == (len(first), read_keys(path), path.stat().st_mode & 0o777)

    @pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
    def test_one_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        """A key file that was opened to others is not used, and the command that mends it is told."""
        path = tmp_path / "keys"
        write_keys(path, [OLD])
        path.chmod(0o640)
        with pytest.raises(StoreError, match="chmod 600"):
            read_keys(path)

    def test_it_is_replaced_in_one_step(self, tmp_path: Path) -> None:
        """Writing leaves exactly the new keys and nothing beside the file."""
        path = tmp_path / "keys"
        write_keys(path, [OLD])
        write_keys(path, [NEW, OLD])
        assert ((NEW, OLD), ["keys"]) == (read_keys(path), [each.name for each in tmp_path.iterdir()])

    def test_an_absent_folder_is_told(self, tmp_path: Path) -> None:
        """A file that cannot be made names the setting."""
        with pytest.raises(StoreError, match="token_key_file"):
            read_keys(tmp_path / "none" / "keys")


def test_keys_are_separated_by_anything_usual() -> None:
    """Commas, spaces and lines, as environments and files have them."""
    assert ("a", "b", "c") == keys_in("a, b\nc\n")
