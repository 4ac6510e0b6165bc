"""Tokens of the app itself: MSAL's client credentials."""

from __future__ import annotations

import threading
from typing import Any

from scheduler.graph.signin.refusals import no_token, token_of
from scheduler.graph.signin.registration import Registration


class AppTokens:
    """Hands out app-only tokens; one thread at a time asks for one, the others wait for its answer.

    Nothing is sent before the first token is wanted.

    Args:
        registration: the app.
        graph_root: whose `/.default` scope is asked for.
    """

    def __init__(self, registration: Registration, graph_root: str) -> None:
        self._registration = registration
        self._scope = f"{graph_root}/.default"
        self._lock = threading.Lock()
        self._app: Any = None

    def token(self, mailbox: str = "") -> str:  # noqa: ARG002 - the app is the same for every mailbox
        """A bearer token; MSAL keeps it until shortly before it ends.

        Raises:
            SignInFailed: refused; `number` says how.
            Unavailable: the service could not be reached.
            BadAnswer: it answered something that is no token.
        """
        with self._lock:
            return self._acquire()

    def renew(self, refused: str, mailbox: str = "") -> None:  # noqa: ARG002 - as above
        """Get another token in place of one that Graph refused, unless another thread has done so.

        Raises:
            CallFailed: as `token`.
        """
        with self._lock:
            if self._acquire() == refused:
                self._app.remove_tokens_for_client()
                self._acquire()

    def _acquire(self) -> str:
        if self._app is None:
            self._app = self._registration.confidential()
        try:
            return token_of(self._app.acquire_token_for_client([self._scope]))
        except (ValueError, KeyError, TypeError) as fault:
            raise no_token() from fault
