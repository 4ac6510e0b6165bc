"""What is kept about a connection, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.calendars.disclosure import Disclosure
from scheduler.errors import StoreError
from scheduler.store.connections import Connections, Person, Switch
from scheduler.store.sealing import Seal, new_key
from scheduler.store.store import Store
from solvers.timeline import Span

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
OLD, NEW = new_key(), new_key()


@pytest.fixture
def store(database: Path | str) -> Iterator[Store]:
    """An empty store."""
    opened = Store(database, clock=lambda: 1000)
    yield opened
    opened.close()


def kept(store: Store, *keys: str, clock: int = 1000) -> Connections:
    """What is kept, opened with these keys."""
    return Connections(store.database, clock=lambda: clock, seal=lambda: Seal(keys))


def person(address: str, object_id: str = "") -> Person:
    """Somebody of one tenant."""
    return Person("t", object_id or address, address)


def test_tokens_come_back_and_are_sealed(store: Store, sql: Callable[[str], list[Any]]) -> None:
    """Whoever has the key reads them; whoever has the database alone does not."""
    kept(store, OLD).keep_account(person("rita@x.example"), "secret-token", "{}")
    assert "secret-token" == kept(store, OLD).tokens("rita@x.example")
    assert (("rita@x.example", "{}"),) == kept(store, OLD).accounts()
    assert "secret" not in str(sql("SELECT * FROM accounts"))


def test_a_renewed_token_replaces_the_old_one_unless_it_was_forgotten(store: Store) -> None:
    """A refresh that ends after somebody was forgotten does not bring them back."""
    connections = kept(store, OLD)
    connections.keep_account(person("rita@x.example"), "one", "{}")
    assert connections.keep_tokens("rita@x.example", "two")
    assert "two" == connections.tokens("rita@x.example")
    assert (1, 0) == (connections.forget("rita@x.example"), connections.forget("rita@x.example"))
    assert not connections.keep_tokens("rita@x.example", "three")
    assert (None, ()) == (connections.tokens("rita@x.example"), connections.accounts())


def test_people_are_told_apart_by_what_never_changes_hands(store: Store) -> None:
    """A new address of somebody replaces the old one; whoever gets a used address has nothing of who had it."""
    connections = kept(store, OLD)
    connections.keep_account(person("rita@x.example", "1"), "rita's", "{}")
    connections.keep_account(person("rita.new@x.example", "1"), "rita's", "{}")
    assert (("rita.new@x.example", "{}"),) == connections.accounts()
    connections.keep_account(person("rita.new@x.example", "2"), "another rita's", "{}")
    assert (("rita.new@x.example", "{}"),) == connections.accounts()
    assert "another rita's" == connections.tokens("rita.new@x.example")


def test_keys_are_exchanged(store: Store) -> None:
    """After the seals were renewed the old key opens nothing any more, twice is as good as once."""
    kept(store, OLD).keep_account(person("a@x.example"), "one", "{}")
    kept(store, OLD).keep_account(person("b@x.example"), "two", "{}")
    both = kept(store, NEW, OLD)
    assert (2, 2) == (both.renew_seals(lambda: Seal([NEW, OLD])), both.renew_seals(lambda: Seal([NEW, OLD])))
    assert ("one", "two") == tuple(kept(store, NEW).tokens(name) for name in ("a@x.example", "b@x.example"))
    with pytest.raises(StoreError):
        kept(store, OLD).tokens("a@x.example")


def test_no_key_is_needed_where_nobody_signed_in(store: Store) -> None:
    """Without sign-ins keys are not even looked for."""

    def no_seal() -> Seal:
        raise AssertionError

    connections = Connections(store.database, clock=lambda: 1, seal=no_seal)
    assert (None, ()) == (connections.tokens("a@x.example"), connections.accounts())


def test_the_last_test_counts(store: Store) -> None:
    """A test is found by the settings it was made with, and a later one takes its place."""
    kept(store, OLD).keep_test("these", "failed")
    kept(store, OLD, clock=2000).keep_test("these", "passed")
    assert ((2000, "passed"), None) == (kept(store, OLD).test("these"), kept(store, OLD).test("others"))


def test_who_switched_it_is_kept(store: Store) -> None:
    """For each tenant, who let people connect or not, and when."""
    connections = kept(store, OLD)
    assert connections.switched("t") is None
    connections.switch("t", enabled=True, who="ada")
    assert Switch(enabled=True, who="ada", switched_at=1000) == connections.switched("t")


def test_what_was_read_can_be_told(store: Store) -> None:
    """Of everybody or of one mailbox, in the order in which it was read."""
    first = Disclosure(0, "find", "ana@x.example", ("status", "times"), Span(10, 20))
    second = Disclosure(0, "b-1", "ben@x.example", ("rights",))
    kept(store, OLD).disclose([first, second])
    one, two = kept(store, OLD).disclosed()
    assert [(1000, "find", Span(10, 20)), (1000, "b-1", None)] == [
        (each.read_at, each.request, each.window) for each in (one, two)
    ]
    assert (two,) == kept(store, OLD).disclosed("ben@x.example")
