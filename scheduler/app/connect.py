"""Two levels of connecting: an account is switched on for everybody, then each person signs in for themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from scheduler.connection.accounts import Account
from scheduler.errors import InputError, NotFound
from scheduler.graph.signin.connecting import SignedIn
from scheduler.store.connections import Connections, Person


class Directory(Protocol):
    """The settings, as far as they say who may sign in."""

    @property
    def consent(self) -> str:
        """`admin` or `user`."""

    @property
    def tenant_id(self) -> str:
        """The tenant."""


def insist_people_sign_in(settings: Directory) -> None:
    """Refuse what only makes sense where people consent for themselves.

    Raises:
        InputError: an administrator consented for the app.
    """
    if settings.consent != "user":
        raise InputError(
            "settings.consent",
            "is admin, so the app signs in by itself",
            'type `slotwright doctor`, or set consent = "user" where people sign in',
        )


def insist_enabled(connections: Connections, settings: Directory) -> None:
    """Refuse to let anybody sign in where nobody switched it on.

    Raises:
        InputError: it is not switched on.
    """
    switch = connections.switched(settings.tenant_id)
    if switch is None or not switch.enabled:
        by = f" by {switch.who}" if switch is not None and switch.who else ""
        raise InputError(
            "connection",
            f"nobody has let people of tenant {settings.tenant_id} connect yet"
            if switch is None
            else f"it was switched off{by}",
            "let an administrator type `slotwright connect --enable`",
        )


def sign_in(
    connections: Connections, settings: Directory, how: Callable[[], SignedIn], *, expected: str
) -> Account:
    """Let somebody sign in and keep it.

    Args:
        expected: the address that has to sign in; empty for anybody of the tenant.

    Raises:
        InputError: it is not switched on, or somebody else signed in; nothing is kept.
        CallFailed: the sign-in was refused.
    """
    insist_people_sign_in(settings)
    insist_enabled(connections, settings)
    found = how()
    who = found.identity
    if expected and who.address != expected:
        raise InputError(
            "account", f"{who.address} signed in, not {expected}", f"sign in as {expected}, or name --as"
        )
    account = Account(
        address=who.address,
        name=who.name,
        tenant_id=who.tenant_id,
        object_id=who.object_id,
        scopes=found.scopes,
    )
    person = Person(who.tenant_id, who.object_id, who.address)
    connections.keep_account(person, found.tokens, account.model_dump_json())
    return account


def forget(connections: Connections, address: str) -> None:
    """Forget somebody's sign-in, or everybody's for `all`.

    Raises:
        NotFound: nobody is signed in under this address.
    """
    wanted = address.strip().lower()
    if wanted == "all":
        connections.forget()
    elif not connections.forget(wanted):
        raise NotFound("account", f"{wanted} is not signed in", "see `slotwright connect --list`")


def accounts(connections: Connections) -> tuple[Account, ...]:
    """Everybody who is signed in."""
    return tuple(Account.model_validate_json(document) for _, document in connections.accounts())
