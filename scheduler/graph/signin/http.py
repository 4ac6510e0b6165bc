"""What MSAL sends through: our own transport, bounded in time and pinned to the authority."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS

from scheduler.graph.clock import http_date
from scheduler.graph.errors import BadAnswer, Unavailable
from scheduler.graph.pacing import Patience, retry_after
from scheduler.graph.refusals import parse_json
from scheduler.graph.signin.refusals import DOING
from scheduler.graph.transport import NothingSent, OutcomeUnknown, RawAnswer, Transport, UnusableAnswer


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

    Attributes:
        last_refusal: the last body that refused something.
        issuer: who issues tokens, by the last discovery document; empty before the first.
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
        self._ahead = 0.0
        self.last_refusal = ""
        self.issuer = ""

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

    def now(self) -> float:
        """Seconds since 1970 by the sign-in service's last answer; by this machine where it did not say."""
        return self._system() - self._ahead

    def _send(
        self, method: str, url: str, params: Any, headers: dict[str, str], content: bytes | None
    ) -> _HttpResponse:
        target = urlsplit(url)
        ours = (target.scheme, target.netloc) == (self._authority.scheme, self._authority.netloc)
        if not ours and not (target.scheme == "https" and target.netloc in WELL_KNOWN_AUTHORITY_HOSTS):
            raise BadAnswer(
                DOING, "the authority sent us to a host that is not its own", "check the setting authority"
            )
        if params:
            url = f"{url}?{urlencode(params)}"
        answer = self._patiently(method, url, headers, content)
        text = _json_object(answer)
        # MSAL would raise a bare RuntimeError for anything that is neither success nor refusal.
        if not (200 <= answer.status < 300 or 400 <= answer.status < 500):
            raise BadAnswer(
                DOING,
                f"the sign-in service answered {answer.status}",
                "check the setting authority",
                status=answer.status,
            )
        if answer.status >= 400:
            self.last_refusal = text
        elif method == "GET" and target.path.endswith("/openid-configuration"):
            self.issuer = str(parse_json(answer.body).get("issuer", ""))
        self._heard(answer.headers.get("date", ""))
        return _HttpResponse(answer.status, text, answer.headers)

    def _heard(self, date: str) -> None:
        said = http_date(date)
        self._ahead = 0.0 if said is None else self._system() - said

    def _patiently(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> RawAnswer:
        """Asking for a token changes nothing, so every try may be repeated."""
        closed = self._opens_at - self._monotonic()
        if closed > self._patience.total_seconds:
            said = f"the sign-in service wants no call for another {closed:.0f} seconds"
            raise Unavailable(DOING, said, "try again after that")
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
                raise BadAnswer(DOING, str(fault), "check the setting authority") from fault
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
                    DOING, said, "check the network and authority, then try again", status=status
                )
            self._sleep(pause)


def _json_object(answer: RawAnswer) -> str:
    try:
        if isinstance(parse_json(answer.body), dict):
            return answer.body.decode()
    except ValueError:
        pass
    raise BadAnswer(
        DOING,
        f"the sign-in service answered {answer.status} without a JSON object",
        "check the setting authority, and any proxy on the way",
        status=answer.status,
    )
