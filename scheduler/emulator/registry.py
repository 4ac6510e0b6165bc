"""What administrators decide while the emulator runs: registrations, consents, sharing, and when it takes effect."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel

from scheduler.emulator.registration import App, Consent, Grant, Level
from scheduler.emulator.state import Mailbox
from scheduler.emulator.tenant import Options, Person
from scheduler.emulator.world import World

_Model = TypeVar("_Model", bound=BaseModel)

CHANGEABLE_OPTIONS = frozenset({
    *("automatic_sign_in", "check_assertion_times", "code_seconds", "device_code_seconds"),
    *("device_interval_seconds", "policy_delay_seconds", "policy_pending_status", "read_basic_needs_admin"),
    *("refresh_token_days", "slow_down", "token_seconds", "user_consent"),
})  # fmt: skip
"""The options that are read whenever they matter, so that a change of them at run time is a change of behaviour."""
_CHANGEABLE_OF_MAILBOX = frozenset({"admin", "shares", "shared_with", "sign_in"})
_EXCHANGE = ("grants", "access_policy")
_LEVELS: tuple[Level, ...] = ("none", "freeBusy", "limited", "read", "write", "delegate")


class Registry:
    """The apps of a tenant as they are now, with what was granted to them.

    Entra ID's side of a change (credentials, redirects, consents, grants over all) is there at once and meets whoever
    asks for a token; Exchange's side (scoped grants, access policies) follows `Options.policy_delay_seconds` later.

    Args:
        lock: the emulator's.
    """

    def __init__(self, world: World, lock: threading.RLock) -> None:
        self.world = world
        self.lock = lock
        self._apps = {app.client_id: app for app in world.tenant.apps}
        self._exchange = {app.client_id: [(world.clock.start, app)] for app in world.tenant.apps}

    @property
    def options(self) -> Options:
        """The options as they are now."""
        return self.world.tenant.options

    @property
    def apps(self) -> list[App]:
        """All registrations."""
        return list(self._apps.values())

    def app(self, client_id: str) -> App | None:
        """A registration; ids are compared in any case."""
        return self._apps.get(client_id) or next(
            (app for key, app in self._apps.items() if key.casefold() == client_id.casefold()), None
        )

    def person(self, key: str) -> tuple[Mailbox, Person] | None:
        """Someone who can sign in, by address or object id."""
        mailbox = self.world.mailbox(key)
        if mailbox is None or not isinstance(mailbox.spec, Person):
            return None
        return mailbox, mailbox.spec

    def in_exchange(self, client_id: str, now: datetime) -> App:
        """The registration whose scoped grants and access policy Exchange goes by at an instant."""
        return [app for since, app in self._exchange[client_id] if since <= now][-1]

    def awaited(self, client_id: str, now: datetime) -> App | None:
        """The registration Exchange will go by, if that is not the one it goes by now."""
        since, app = self._exchange[client_id][-1]
        return app if since > now else None

    def change_app(self, client_id: str, **changes: Any) -> App:
        """Replace fields of a registration; the others stay.

        Raises:
            KeyError: there is no such app.
            ValidationError: a field is unknown, or its value no such thing.
            ValueError: the client id is to change, or an address is not of this tenant.
        """
        with self.lock:
            before = self._apps[client_id]
            after = _changed(before, changes)
            if after.client_id != client_id:
                raise ValueError("a registration keeps its client_id")
            for address in _mentioned(after):
                self._require(address)
            self._apps[client_id] = after
            if any(getattr(before, name) != getattr(after, name) for name in _EXCHANGE):
                delay = timedelta(seconds=self.options.policy_delay_seconds)
                self._exchange[client_id].append((self.world.clock.now() + delay, after))
            return after

    def change_mailbox(self, address: str, **changes: Any) -> None:
        """Replace `shares`, `shared_with` or, of a person, `admin` and `sign_in`.

        Raises:
            KeyError: there is no such mailbox.
            ValidationError: a value is no such thing, or a room is to sign in.
            ValueError: another field is to change, or an address is not of this tenant.
        """
        with self.lock:
            _only(changes, _CHANGEABLE_OF_MAILBOX)
            mailbox = self.world.mailboxes[address.casefold()]
            changed = _changed(mailbox.spec, changes)
            for other in changed.shared_with:
                self._require(other)
            mailbox.spec = changed

    def change_options(self, **changes: Any) -> Options:
        """Replace some of `CHANGEABLE_OPTIONS`.

        Raises:
            ValidationError: a value is no such thing.
            ValueError: the option cannot change at run time.
        """
        with self.lock:
            _only(changes, CHANGEABLE_OPTIONS)
            options = _changed(self.options, changes)
            self.world.tenant = self.world.tenant.model_copy(update={"options": options})
            return options

    def consented(self, app: App, person: str) -> frozenset[str]:
        """The delegated permissions an app has for a person, by their own consent or the organization's."""
        given = (
            consent.scopes
            for consent in app.consents
            if consent.person is None or consent.person.casefold() == person.casefold()
        )
        return frozenset(scope for scopes in given for scope in scopes)

    def consent(self, app: App, scopes: Collection[str], person: str | None) -> App:
        """Note a consent of a person, or of the organization for None."""
        given = Consent.model_validate({"scopes": sorted(scopes), "person": person})
        return self.change_app(app.client_id, consents=[*app.consents, given])

    def consent_for_organization(self, app: App) -> App:
        """Grant all that the registration requires: its application roles and its delegated permissions."""
        held = {grant.role for grant in app.grants if grant.over == "all"}
        missing = [Grant(role=role) for role in app.required_roles if role not in held]
        if missing:
            app = self.change_app(app.client_id, grants=[*app.grants, *missing])
        return self.consent(app, app.required_scopes, None) if app.required_scopes else app

    def level(self, mailbox: Mailbox, person: str) -> Level:
        """What someone may do in a calendar that is not theirs; an empty name is just anybody."""
        spec = mailbox.spec
        anybody = spec.shares or ("limited" if spec.share_details else "freeBusy")
        own = {address.casefold(): level for address, level in spec.shared_with.items()}
        if person.casefold() in own:
            return own[person.casefold()]
        groups = [
            level
            for address, level in own.items()
            if person.casefold() in (self.world.members(address) or ())
        ]
        return max(groups, key=_LEVELS.index, default=anybody)

    def _require(self, address: str) -> None:
        if self.world.mailbox(address) is None and self.world.members(address) is None:
            raise ValueError(f"{address} is neither a mailbox nor a group of this tenant")


def allows(level: Level, needed: Level) -> bool:
    """Whether one level is at least the other."""
    return _LEVELS.index(level) >= _LEVELS.index(needed)


def _changed(model: _Model, changes: dict[str, Any]) -> _Model:
    values = {name: getattr(model, name) for name in type(model).model_fields}
    return type(model).model_validate({**values, **changes})


def _only(changes: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(changes) - set(known))
    if unknown:
        raise ValueError(f"{unknown[0]} cannot change at run time; what can is {', '.join(sorted(known))}")


def _mentioned(app: App) -> list[str]:
    named = [address for grant in app.grants if grant.over != "all" for address in grant.over]
    people = [consent.person for consent in app.consents if consent.person is not None]
    return [*named, *(app.access_policy or ()), *people]
