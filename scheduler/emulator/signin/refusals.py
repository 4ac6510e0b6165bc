"""Refusals of the sign-in side: AADSTS numbers, as JSON for programs and as a page or a redirect for browsers.

Numbers and meanings are those of reference-error-codes.md of the identity platform; programs are told not to depend on
the numbers, but people look them up.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from scheduler.emulator.envelope import Stamp


class SignInRefused(Exception):  # noqa: N818 - an answer that is raised, not a fault of the program
    """An answer that carries an AADSTS number.

    Args:
        error: the OAuth error.
        suberror: what kind of interaction would help, as MSAL reads it.
    """

    def __init__(self, status: int, error: str, number: int, text: str, *, suberror: str = "") -> None:
        super().__init__(f"AADSTS{number}: {text}")
        self.status = status
        self.error = error
        self.number = number
        self.suberror = suberror
        self._shown: Callable[[SignInRefused, Stamp], Response] | None = None

    @property
    def has_form(self) -> bool:
        """Whether it was said how this is shown; what is not goes out as JSON."""
        return self._shown is not None

    def shown(self, how: Callable[[SignInRefused, Stamp], Response]) -> SignInRefused:
        """The same refusal in another form."""
        self._shown = how
        return self

    def response(self, stamp: Stamp) -> Response:
        """The refusal as it is sent."""
        return (self._shown or _json_body)(self, stamp)

    def description(self, stamp: Stamp) -> str:
        """The sentence with the ids that support asks for."""
        moment = stamp.now.strftime("%Y-%m-%d %H:%M:%SZ")
        return f"{self} Trace ID: {stamp.request_id} Correlation ID: {stamp.client_request_id} Timestamp: {moment}"


def invalid_request(number: int, text: str) -> SignInRefused:
    """A request that is not well-formed."""
    return SignInRefused(400, "invalid_request", number, text)


def invalid_grant(number: int, text: str, *, suberror: str = "") -> SignInRefused:
    """A code, token or account that does not do."""
    return SignInRefused(400, "invalid_grant", number, text, suberror=suberror)


def invalid_client(number: int, text: str) -> SignInRefused:
    """An app that did not prove itself."""
    return SignInRefused(401, "invalid_client", number, text)


def missing(parameter: str) -> SignInRefused:
    """A required parameter is not there."""
    return invalid_request(900144, f"The request body must contain the following parameter: '{parameter}'.")


def unconsented(client_id: str, name: str) -> SignInRefused:
    """Neither the person nor an administrator consented to what is asked for."""
    text = f"The user or administrator has not consented to use the application with ID '{client_id}' named '{name}'."
    return invalid_grant(65001, text, suberror="consent_required")


def json_response(body: dict[str, Any], status: int = 200) -> Response:
    """A body that must not be cached."""
    headers = {"Cache-Control": "no-store, no-cache"}
    return Response(json.dumps(body), status, headers, content_type="application/json; charset=utf-8")


def _json_body(refusal: SignInRefused, stamp: Stamp) -> Response:
    body = {
        "error": refusal.error,
        "error_description": refusal.description(stamp),
        "error_codes": [refusal.number],
        "timestamp": stamp.now.strftime("%Y-%m-%d %H:%M:%SZ"),
        "trace_id": stamp.request_id,
        "correlation_id": stamp.client_request_id,
        "error_uri": f"https://login.microsoftonline.com/error?code={refusal.number}",
    }
    if refusal.suberror:
        body["suberror"] = refusal.suberror
    return json_response(body, refusal.status)
