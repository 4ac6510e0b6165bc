"""Tokens of people who signed in and consented; whose token goes with a call follows from the mailbox it is about."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msal

from scheduler.graph.errors import SignInFailed
from scheduler.graph.signin.refusals import DOING, no_token, token_of
from scheduler.graph.signin.registration import Registration


class Caches(Protocol):
    """Where the token caches of people are kept; scheduler.store.connections seals them."""

    def tokens(self, address: str) -> str | None:
        """Somebody's cache, or None."""

    def keep_tokens(self, address: str, tokens: str) -> bool:
        """Replace it; False if they were forgotten meanwhile."""


@dataclass(frozen=True, slots=True)
class _Session:
    """Somebody who is signed in: MSAL's client with their cache, and that cache as it was kept."""

    app: Any
    cache: Any
    kept: str


class UserTokens:
    """Hands out delegated tokens; of all threads that need a new one for somebody, one asks and the others wait.

    A call about the mailbox of somebody who signed in carries that person's token, any other call that of `default`.
    Whoever connects again while this runs is noticed when their earlier sign-in fails, and whoever was forgotten when
    their token ends.

    Args:
        registration: the app.
        scopes: full names of the permissions asked for; openid, profile and offline_access are MSAL's own.
        caches: the kept sign-ins.
        default: address of whoever calls are made for.
    """

    def __init__(
        self, registration: Registration, *, scopes: Sequence[str], caches: Caches, default: str
    ) -> None:
        self._registration = registration
        self._scopes = list(scopes)
        self._caches = caches
        self._default = default.casefold()
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session | None] = {}

    def token(self, mailbox: str = "") -> str:
        """A bearer token for calls about this mailbox.

        Raises:
            SignInFailed: nobody signed in who could, or the sign-in is not valid any more.
            StoreError: the kept sign-in cannot be read.
            Unavailable: the service could not be reached.
            BadAnswer: it answered something that is no token.
        """
        with self._lock:
            return self._acquire(mailbox, force=False)

    def renew(self, refused: str, mailbox: str = "") -> None:
        """Get another token in place of one that Graph refused, unless another thread has done so.

        Raises:
            CallFailed: as `token`.
        """
        with self._lock:
            if self._acquire(mailbox, force=False) == refused:
                self._acquire(mailbox, force=True)

    def whose(self, mailbox: str) -> str:
        """The address whose token goes with calls about a mailbox.

        Raises:
            StoreError: the kept sign-ins cannot be read.
            CallFailed: the tenant is not known there.
        """
        with self._lock:
            return self._whose(mailbox.casefold())

    def _acquire(self, mailbox: str, *, force: bool) -> str:
        address = self._whose(mailbox.casefold())
        session = self._session(address)
        if session is None:
            del self._sessions[address]  # they may connect while this runs
            raise _nobody(address)
        try:
            return self._silently(address, session, force=force)
        except SignInFailed:
            self._sessions.clear()
            again = self._session(address)
            if again is None or again.kept == session.kept:
                raise
            return self._silently(address, again, force=False)

    def _silently(self, address: str, session: _Session, *, force: bool) -> str:
        app, cache = session.app, session.cache
        try:
            account = next(iter(app.get_accounts()), None)
            result = app.acquire_token_silent_with_error(self._scopes, account, force_refresh=force)
        except (ValueError, KeyError, TypeError) as fault:
            raise no_token() from fault
        token = None if result is None else token_of(result, address)
        if cache.has_state_changed:
            kept = cache.serialize()
            cache.has_state_changed = False
            if not self._caches.keep_tokens(address, kept):
                self._sessions[address] = None
                raise _nobody(address)
            self._sessions[address] = _Session(app, cache, kept)
        if token is None:
            raise _nobody(address)
        return token

    def _whose(self, mailbox: str) -> str:
        return mailbox if mailbox and self._session(mailbox) is not None else self._default

    def _session(self, address: str) -> _Session | None:
        if address not in self._sessions:
            kept = self._caches.tokens(address)
            self._sessions[address] = None if kept is None else self._opened(kept)
        return self._sessions[address]

    def _opened(self, kept: str) -> _Session:
        cache = msal.SerializableTokenCache()
        cache.deserialize(kept)
        return _Session(client_of(self._registration, cache), cache, kept)


def client_of(registration: Registration, cache: Any) -> Any:
    """MSAL's client for people: one that proves itself where the app has a secret or certificate, else a public one.

    Raises:
        CallFailed: the tenant is not known there, or the authority is none.
    """
    proven = bool(registration.secret) or registration.certificate is not None
    return registration.confidential(cache) if proven else registration.public(cache)


def _nobody(address: str) -> SignInFailed:
    who = f" as {address}" if address else ""
    as_whom = f" --as {address}" if address else ""
    return SignInFailed(
        DOING,
        f"nobody is signed in{who}",
        f"type `slotwright connect{as_whom}` and sign in",
        code="no_account",
    )
