"""S-09: what is kept of people who signed in is sealed, whoever reads the database, and whenever keys are exchanged."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

from scheduler.errors import StoreError
from scheduler.store.connections import Connections, Person
from scheduler.store.sealing import KEPT, Seal, add_key, drop_keys, new_key, read_keys
from scheduler.store.store import Store

PEOPLE = tuple(f"p{number}@x.example" for number in range(5))
pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are forked and killed")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Connections]:
    """Five people's tokens, sealed by a key file."""
    store = Store(tmp_path / "s.db", clock=lambda: 1)
    connections = opened(store, tmp_path / "keys")
    for address in PEOPLE:
        connections.keep_account(Person("t", address, address), f"token of {address}", "{}")
    yield connections
    store.close()


def opened(store: Store, keys: Path) -> Connections:
    """What is kept, with the keys of the file."""
    return Connections(store.database, clock=lambda: 1, seal=lambda: Seal(read_keys(keys)))


def exchange(connections: Connections, keys: Path) -> None:
    """What `slotwright rotate-keys` does."""
    connections.renew_seals(lambda: Seal(add_key(keys)))
    connections.while_keys_rest(lambda: drop_keys(keys))


def readable(connections: Connections) -> list[str]:
    """Whose tokens do not come back as they were."""
    wrong = []
    for address in PEOPLE:
        try:
            if connections.tokens(address) != f"token of {address}":
                wrong.append(address)
        except StoreError as refused:
            wrong.append(f"{address}: {refused}")
    return wrong


@pytest.mark.experiment("S-09", "each byte of a sealed text changed: refused")
def test_every_byte_is_guarded(tally: Any) -> None:
    """Changed, left out, doubled: whatever is not the sealed text itself opens nothing."""
    seal = Seal([new_key()])
    sealed = seal.close("refresh-token-canary")
    for place, letter in enumerate(sealed):
        spoiled = [
            f"{sealed[:place]}{other}{sealed[place + 1 :]}" for other in "AB_-=!\x00é" if other != letter
        ]
        spoiled += [sealed[:place] + sealed[place + 1 :], sealed[:place] + letter + sealed[place:]]
        for text in spoiled:
            if text == sealed:
                continue
            for attempt in (seal.open, seal.renew):
                tally.tried()
                try:
                    attempt(text)
                except StoreError as refused:
                    if "canary" in str(refused):
                        tally.violated("the refusal shows what was sealed")
                else:
                    tally.violated(f"place {place} of {len(sealed)} is not guarded")
    assert [] == tally.violations


@pytest.mark.experiment("S-09", "a key that is not the right one: refused in words")
def test_wrong_keys(tally: Any) -> None:
    """Another key, the right one with a letter exchanged, and no key: nothing is opened, and the sentence helps."""
    right = new_key()
    sealed = Seal([right]).close("canary")
    for place in range(len(right) - 2):
        other = "A" if right[place] != "A" else "B"
        tally.tried()
        try:
            Seal([right[:place] + other + right[place + 1 :]]).open(sealed)
        except StoreError as refused:
            if "token_key_file" not in str(refused) or "canary" in str(refused):
                tally.violated(str(refused))
        else:
            tally.violated(f"letter {place} of the key does not matter")
    assert [] == tally.violations


def killed_at(point: int, work: Callable[[], None]) -> bool:
    """Do the work in a process that is ended before or after its step of that number; False if it was done before."""
    child = os.fork()
    if child == 0:
        passed = count(1)

        def step(*_: object) -> None:
            if next(passed) == point:
                os.kill(os.getpid(), signal.SIGKILL)

        def around(holder: Any, name: str) -> None:
            was = getattr(holder, name)

            def both_sides(*given: Any, **more: Any) -> Any:
                step()
                result = was(*given, **more)
                step()
                return result

            setattr(holder, name, both_sides)

        for holder, name in (
            (os, "open"),
            (os, "fsync"),
            (Path, "replace"),
            (Path, "unlink"),
            (Seal, "renew"),
            (DefaultDialect, "do_commit"),
        ):
            around(holder, name)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.experiment("S-09", "an exchange of keys killed at every step: all is readable")
@pytest.mark.parametrize("stride", [8, pytest.param(1, marks=pytest.mark.campaign)])
def test_killed_at_every_step(kept: Connections, tmp_path: Path, tally: Any, stride: int) -> None:
    """Before and after each write, flush, rename, row and commit: everything opens, and the next exchange completes."""
    keys = tmp_path / "keys"
    kept.database.engine.dispose()

    def rotate() -> None:
        store = Store(tmp_path / "s.db", clock=lambda: 1)
        exchange(opened(store, keys), keys)

    for point in count(1, stride):
        was_killed = killed_at(point, rotate)
        tally.tried()
        tally.violated(*(f"killed at {point}: {wrong}" for wrong in readable(kept)))
        if not 1 <= len(read_keys(keys)) <= KEPT + 1:
            tally.violated(f"killed at {point}: {len(read_keys(keys))} keys in the file")
        if keys.stat().st_mode & 0o077:
            tally.violated(f"killed at {point}: others can read the keys")
        if not was_killed:
            break
    tally.counted("steps", point - 1)
    exchange(kept, keys)
    assert (KEPT, []) == (len(read_keys(keys)), readable(kept))
    assert [] == tally.violations
    assert point > len(PEOPLE) * 2
    assert ["keys"] == [path.name for path in tmp_path.glob("keys*")], "nothing is left beside it"


@pytest.mark.campaign
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.experiment("S-09", "keys exchanged the wrong way round", control=True)
def test_the_wrong_order_loses_tokens(kept: Connections, tmp_path: Path, tally: Any) -> None:
    """Sealing with the new key before it is in the file, killed in between, leaves what nobody can open."""
    keys = tmp_path / "keys"
    kept.database.engine.dispose()

    def rotate() -> None:
        store = Store(tmp_path / "s.db", clock=lambda: 1)
        fresh = [new_key(), *read_keys(keys)]
        opened(store, keys).renew_seals(lambda: Seal(fresh))
        keys.write_text("\n".join(fresh))

    for point in count(1):
        was_killed = killed_at(point, rotate)
        tally.tried()
        if wrong := readable(kept):
            tally.violated(*wrong)
            break
        if not was_killed:
            break
    assert tally.violations


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.experiment("S-09", "two exchanges at the same time: all is readable")
@pytest.mark.parametrize("rounds", [1, pytest.param(40, marks=pytest.mark.campaign)])
def test_two_at_the_same_time(kept: Connections, tmp_path: Path, tally: Any, rounds: int) -> None:
    """Four processes that exchange keys at once, beside one that keeps renewed tokens, lose nothing."""
    keys = tmp_path / "keys"

    def rotate() -> None:
        store = Store(tmp_path / "s.db", clock=lambda: 1)
        exchange(opened(store, keys), keys)

    def renew() -> None:
        store = Store(tmp_path / "s.db", clock=lambda: 1)
        for address in PEOPLE:
            opened(store, keys).keep_tokens(address, f"token of {address}")

    for _ in range(rounds):
        kept.database.engine.dispose()
        children = []
        for work in (rotate, rotate, renew):
            child = os.fork()
            if child == 0:
                try:
                    work()
                except BaseException:  # noqa: BLE001 - a child tells by how it ends
                    os._exit(1)
                os._exit(0)
            children.append(child)
        ended = [os.waitpid(child, 0)[1] for child in children]
        tally.tried()
        tally.violated(*readable(kept), *(f"a process ended with {status}" for status in ended if status))
    assert [] == tally.violations


@pytest.mark.experiment("S-09", "a dump of the database: no key, no token")
def test_a_dump_has_neither_key_nor_token(kept: Connections, tmp_path: Path, tally: Any) -> None:
    """Whoever takes the database, its log, and every row of it as text, has nothing that opens anything."""
    keys = tmp_path / "keys"
    exchange(kept, keys)
    with closing(sqlite3.connect(tmp_path / "s.db")) as connection:
        dump = "\n".join(connection.iterdump())
    files = b"".join(path.read_bytes() for path in tmp_path.glob("s.db*") if path.is_file())
    for secret in (*read_keys(keys), *(f"token of {address}" for address in PEOPLE)):
        tally.tried()
        if secret in dump or secret.encode() in files:
            tally.violated(f"{secret[:8]}... is in the database")
    assert all(address in dump for address in PEOPLE), "the dump is one of all rows"
    assert [] == tally.violations
