"""Signing in as the app itself: MSAL's client credentials over our own transport."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import msal
from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS

from scheduler.errors import InputError
from scheduler.graph.errors import BadAnswer, SignInFailed, Unavailable
from scheduler.graph.origin import https_root
from scheduler.graph.pacing import Patience, retry_after
from scheduler.graph.refusals import parse_json
from scheduler.graph.transport import NothingSent, OutcomeUnknown, RawAnswer, Transport, UnusableAnswer

_DOING = "signing in to Microsoft 365"
# learn.microsoft.com/entra/identity-platform/reference-error-codes
_CAUSES: Mapping[int, tuple[str, str]] = {
    7000215: ("the client secret is wrong", "copy the secret's value, not its id, into the settings"),
    7000222: ("the client secret has expired", "make a new one for the app registration and store it"),
    7000218: ("the app registration expects no secret", "register it as a confidential client"),
    700016: ("no app with this client id is known there", "check client_id, and tenant_id with it"),
    90002: ("no such tenant is known there", "check tenant_id, and that authority is the right cloud"),
    65001: ("nobody has consented to the app", "let an administrator grant consent to its permissions"),
    500011: ("the tenant does not know this Graph", "check that graph_url and authority are of one cloud"),
    53003: ("a conditional access policy blocks the app", "ask an administrator to look at that policy"),
}
_OTHER = (
    "the sign-in was refused",
    "look the number up, or ask an administrator to check the app registration",
)
_NUMBER = re.compile(r"AADSTS(\d{4,9})")


@dataclass(frozen=True, slots=True)
class _HttpResponse:
    """What MSAL reads of an answer (msal.oauth2cli.http.Response)."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Answers of 5xx have been raised before MSAL sees them, so nothing is left to raise."""


class SignInHttp:
    """The http_client MSAL calls (msal.oauth2cli.http.HttpClient), bounded and pinned.

    It lets only JSON objects through, because MSAL logs any other body. It goes only to the authority or to a
    host that MSAL knows as Microsoft's, because the secret travels to whatever the discovery document names.

    Args:
        authority: the https root that was configured.
        transport: does one exchange.
        patience: bound on tries and total time.
        monotonic: a clock in seconds.
        system: seconds since 1970.
        sleep: waits for so many seconds.
        jitter: a number in [0, 1).
    """

    def __init__(
        self,
        *,
        authority: str,
        transport: Transport,
        patience: Patience,
        monotonic: Callable[[], float],
        system: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
    ) -> None:
        self._authority = urlsplit(authority)
        self._transport = transport
        self._patience = patience
        self._monotonic = monotonic
        self._system = system
        self._sleep = sleep
        self._jitter = jitter
        self._opens_at = -math.inf
        self.last_refusal = ""

    def post(
        self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any
    ) -> _HttpResponse:
        """POST a form; `data` is a mapping or ready text."""
        form = data if isinstance(data, str) else urlencode(data or {})
        sent = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", url, params, sent, form.encode())

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> _HttpResponse:
        """GET a document."""
        return self._send("GET", url, params, dict(headers or {}), None)

    def close(self) -> None:
        """Part of MSAL's contract; the transport belongs to whoever made it."""

    def _send(
        self, method: str, url: str, params: Any, headers: dict[str, str], content: bytes | None
    ) -> _HttpResponse:
        target = urlsplit(url)
        ours = (target.scheme, target.netloc) == (self._authority.scheme, self._authority.netloc)
        if not ours and not (target.scheme == "https" and target.netloc in WELL_KNOWN_AUTHORITY_HOSTS):
            raise BadAnswer(
                _DOING, "the authority sent us to a host that is not its own", "check the setting authority"
            )
        if params:
            url = f"{url}?{urlencode(params)}"
        answer = self._patiently(method, url, headers, content)
        text = _json_object(answer)
        # MSAL would raise a bare RuntimeError for anything that is neither success nor refusal.
        if not (200 <= answer.status < 300 or 400 <= answer.status < 500):
            raise BadAnswer(
                _DOING,
                f"the sign-in service answered {answer.status}",
                "check the setting authority",
                status=answer.status,
            )
        if answer.status >= 400:
            self.last_refusal = text
        return _HttpResponse(answer.status, text, answer.headers)

    def _patiently(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> RawAnswer:
        """Asking for a token changes nothing, so every try may be repeated."""
        closed = self._opens_at - self._monotonic()
        if closed > self._patience.total_seconds:
            said = f"the sign-in service wants no call for another {closed:.0f} seconds"
            raise Unavailable(_DOING, said, "try again after that")
        if closed > 0:
            self._sleep(closed)
        gives_up_at = self._monotonic() + self._patience.total_seconds
        failures = 0
        while True:
            asked: float | None = None
            status: int | None = None
            try:
                answer = self._transport.exchange(
                    method, url, headers=headers, content=content, new_connection=failures > 0
                )
            except UnusableAnswer as fault:
                raise BadAnswer(_DOING, str(fault), "check the setting authority") from fault
            except (NothingSent, OutcomeUnknown) as fault:
                said = f"the sign-in service could not be used: {fault}"
            else:
                if answer.status != 429 and answer.status < 500:
                    return answer
                status = answer.status
                said = f"the sign-in service answered {status}"
                asked = retry_after(answer.headers, self._system())
                self._opens_at = self._monotonic() + (asked or 0)
            failures += 1
            pause = asked or self._patience.pause(failures, self._jitter())
            if failures >= self._patience.attempts or self._monotonic() + pause > gives_up_at:
                raise Unavailable(
                    _DOING, said, "check the network and authority, then try again", status=status
                )
            self._sleep(pause)


class SignIn:
    """Hands out app-only tokens; one thread at a time asks for one, the others wait for its answer.

    Nothing is sent before the first token is wanted.

    Args:
        authority: https root of the sign-in service, such as `https://login.microsoftonline.com`.
        tenant_id: the tenant's id or domain.
        client_id: the app registration.
        client_secret: its secret.
        graph_root: whose `/.default` scope is asked for.
        http: what MSAL sends through.

    Raises:
        InputError: the tenant id is none.
    """

    def __init__(
        self,
        *,
        authority: str,
        tenant_id: str,
        client_id: str,
        client_secret: str,
        graph_root: str,
        http: SignInHttp,
    ) -> None:
        if not re.fullmatch(r"[A-Za-z0-9.-]+", tenant_id):
            raise InputError("tenant_id", f"{tenant_id!r} is no tenant", "write its id or its domain name")
        self._authority = f"{https_root('authority', authority)}/{tenant_id}"
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = f"{graph_root}/.default"
        self._http = http
        self._lock = threading.Lock()
        self._app: Any = None

    def token(self) -> str:
        """A bearer token; MSAL keeps it until shortly before it ends.

        Raises:
            SignInFailed: refused; `number` says how.
            Unavailable: the service could not be reached.
            BadAnswer: it answered something that is no token.
        """
        with self._lock:
            return self._acquire()

    def renew(self, refused: str) -> None:
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
            self._app = self._connect()
        try:
            result = self._app.acquire_token_for_client([self._scope])
        except (ValueError, KeyError, TypeError) as fault:
            raise _no_token() from fault
        token = result.get("access_token") if isinstance(result, dict) else None
        if isinstance(token, str) and token.isascii() and token.isprintable() and token:
            return token
        if isinstance(result, dict) and "error" in result:
            raise _refused(str(result.get("error_description", "")), str(result["error"]))
        raise _no_token()

    def _connect(self) -> Any:
        """MSAL reads the tenant's discovery document here and raises ValueError for a tenant nobody knows."""
        try:
            return msal.ConfidentialClientApplication(
                self._client_id,
                authority=self._authority,
                client_credential=self._client_secret,
                instance_discovery=False,
                http_client=self._http,
            )
        except ValueError as fault:
            raise _refused(self._http.last_refusal, "invalid_tenant") from fault
        except (KeyError, TypeError, AttributeError) as fault:
            raise BadAnswer(
                _DOING, "the authority's discovery document is not usable", "check the setting authority"
            ) from fault


def _json_object(answer: RawAnswer) -> str:
    try:
        if isinstance(parse_json(answer.body), dict):
            return answer.body.decode()
    except ValueError:
        pass
    raise BadAnswer(
        _DOING,
        f"the sign-in service answered {answer.status} without a JSON object",
        "check the setting authority, and any proxy on the way",
        status=answer.status,
    )


def _no_token() -> BadAnswer:
    return BadAnswer(
        _DOING, "the sign-in service answered without a usable token", "check the setting authority"
    )


def _refused(text: str, error: str) -> SignInFailed:
    found = _NUMBER.search(text)
    number = int(found[1]) if found else None
    if number is None and error == "invalid_tenant":
        number_text, (cause, remedy) = "", _CAUSES[90002]
    else:
        number_text = f" (AADSTS{number})" if number else f" ({error})"
        cause, remedy = _CAUSES.get(number or 0, _OTHER)
    failure = SignInFailed(_DOING, f"{cause}{number_text}", remedy, code=error)
    failure.number = number
    return failure
