"""The one door to Graph: every call passes here, with its token, its place in the lane and its retries.

What is tried again, and when:

====================  =========================  ======================================================
what came back        a read                     a write
====================  =========================  ======================================================
no connection         again                      again; nothing was sent
429                   after the asked pause      after the asked pause; it was not acted on
401                   once, with a new token     once, with a new token; it was not acted on
5xx (not 501)         again                      never here: Unavailable, `applied="unknown"`
broken connection     again                      never here: Unavailable, `applied="unknown"`
anything malformed    never: BadAnswer           never: BadAnswer, `applied="unknown"`
====================  =========================  ======================================================

A write of unknown outcome is left to booking, which reads back before it sends the same bytes again.
"""

from __future__ import annotations

import json as jsonlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from scheduler.graph.clock import GraphClock
from scheduler.graph.errors import BadAnswer, CallFailed, SignInFailed, Throttled, Unavailable
from scheduler.graph.origin import Origin
from scheduler.graph.pacing import Lane, Lanes, Patience, retry_after
from scheduler.graph.refusals import is_json, parse_json, refusal
from scheduler.graph.transport import NothingSent, OutcomeUnknown, RawAnswer, Transport, UnusableAnswer

_log = logging.getLogger("scheduler.graph")
_ROUTE_WORDS = frozenset(
    {"calendar", "calendars", "calendarview", "cancel", "events", "getschedule", "microsoft.graph.room"}
    | {"places", "users", "v1.0"}
)


class Tokens(Protocol):
    """Where bearer tokens come from; see scheduler.graph.auth."""

    def token(self) -> str:
        """A token that should be valid now."""

    def renew(self, refused: str) -> None:
        """Replace a token that Graph refused, unless somebody already did."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A 2xx answer: `body` is the JSON value, or None when there was no body; header names are lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class _Call:
    """One call on its way through the gate, with the counts that bound it."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None
    doing: str
    write: bool
    gives_up_at: float
    failures: int = 0
    token_renewed: bool = False
    new_connection: bool = False


class Gate:
    """Sends calls to Graph and to nowhere else; safe to share between threads.

    Args:
        origin: the only place requests go to.
        transport: does one exchange.
        tokens: where bearer tokens come from.
        clock: learns the time from every answer.
        patience: bound on tries and total time of one call.
        monotonic: a clock in seconds.
        sleep: waits for so many seconds.
        jitter: a number in [0, 1) for each pause of our own.
        new_id: a fresh UUID for `client-request-id`.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        transport: Transport,
        tokens: Tokens,
        clock: GraphClock,
        patience: Patience,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._origin = origin
        self._transport = transport
        self._tokens = tokens
        self._clock = clock
        self._patience = patience
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._new_id = new_id
        self._lanes = Lanes(monotonic, sleep)

    def now(self) -> int:
        """The UTC minute that is running, according to Graph's last answer; see GraphClock."""
        return self._clock.minute()

    def send(
        self,
        method: str,
        path_or_url: str,
        *,
        mailbox: str,
        doing: str,
        write: bool = False,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make one call, waiting and trying again as the table above says.

        Args:
            method: HTTP method.
            path_or_url: a path below the version such as `/users/...`, or a link that Graph gave.
            mailbox: whose lane it takes; empty for calls that are about no mailbox.
            doing: what it is for, as a phrase for error messages.
            write: whether it changes anything.
            json: body as a JSON value; None for none.
            content: body as ready JSON bytes, sent as they are; not together with json.
            headers: extra headers.

        Raises:
            CallFailed: one of the branches in scheduler.graph.errors.
        """
        url = self._origin.resolve(path_or_url)
        if url is None:
            raise BadAnswer(
                doing,
                "a link in Graph's answer leads away from Graph and was not followed",
                "report this, because Graph gives no such links",
            )
        body = jsonlib.dumps(json, separators=(",", ":")).encode() if json is not None else content
        sent = {"Accept": "application/json", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        gives_up_at = self._monotonic() + self._patience.total_seconds
        call = _Call(method, url, sent, body, doing, write, gives_up_at)
        lane = self._lanes.of(mailbox)
        while True:
            answer = self._try(call, lane)
            if answer is not None:
                return _reply(call, answer)

    def _try(self, call: _Call, lane: Lane) -> RawAnswer | None:
        """One try: the answer when it is 2xx, None when the call should be tried again.

        Raises:
            CallFailed: it should not be.
        """
        with lane.slot(call.gives_up_at) as closed:
            if closed:
                raise _throttled(call, closed)
            token = self._tokens.token()
            call.headers["Authorization"] = f"Bearer {token}"
            call.headers["client-request-id"] = self._new_id()
            began = self._monotonic()
            try:
                answer = self._transport.exchange(
                    call.method,
                    call.url,
                    headers=call.headers,
                    content=call.content,
                    new_connection=call.new_connection,
                )
            except NothingSent as fault:
                _log.warning("%s %s -> not reached", call.method, route(call.url))
                error = _unreachable(call, f"Graph could not be reached: {fault}", certain=True)
                pause = self._next_pause(call, error)
            except OutcomeUnknown as fault:
                _log.warning("%s %s -> no usable answer", call.method, route(call.url))
                error = _unreachable(call, f"Graph gave no usable answer: {fault}", certain=not call.write)
                if call.write:
                    raise error from fault
                pause = self._next_pause(call, error)
            except UnusableAnswer as fault:
                _log.warning("%s %s -> unusable answer", call.method, route(call.url))
                raise _bad(call, str(fault)) from fault
            else:
                spent = self._monotonic() - began
                _log.info("%s %s -> %d in %.3f s", call.method, route(call.url), answer.status, spent)
                self._clock.heard(answer.headers)
                if 200 <= answer.status < 300:
                    return answer
                pause = self._after_refusal(call, lane, token, answer)
        if pause:
            self._sleep(pause)
        return None

    def _after_refusal(self, call: _Call, lane: Lane, token: str, answer: RawAnswer) -> float:
        """Seconds to wait by ourselves before the next try; what the whole lane waits is left to the lane."""
        error = refusal(answer, doing=call.doing, write=call.write)
        asked = retry_after(answer.headers, self._clock.seconds())
        if isinstance(error, SignInFailed) and not call.token_renewed:
            call.token_renewed = True
            self._tokens.renew(token)
            return 0.0
        if isinstance(error, Throttled):
            error.retry_after = asked
            return self._leave_to_lane(call, lane, error, asked)
        if not isinstance(error, Unavailable) or answer.status == 501:
            raise error
        call.new_connection = answer.status == 503
        if call.write:
            if asked:
                lane.park(asked)
            raise error
        return self._leave_to_lane(call, lane, error, asked) if asked else self._next_pause(call, error)

    def _leave_to_lane(self, call: _Call, lane: Lane, error: CallFailed, asked: float | None) -> float:
        """Let every call of the mailbox wait as long as Graph asked, or as we would."""
        if asked:
            lane.park(asked)
        pause = self._next_pause(call, error)
        if not asked:
            lane.park(pause)
        return 0.0

    def _next_pause(self, call: _Call, error: CallFailed) -> float:
        """Seconds before the next try.

        Raises:
            CallFailed: the given error, when tries or time are used up.
        """
        call.failures += 1
        pause = self._patience.pause(call.failures, self._jitter())
        if call.failures >= self._patience.attempts or self._monotonic() + pause > call.gives_up_at:
            raise error
        return pause


def route(url: str) -> str:
    """A path with everything that could name a person, mailbox or event left out; for logs."""
    segments = urlsplit(url).path.split("/")
    return "/".join(part if not part or part.lower() in _ROUTE_WORDS else "{}" for part in segments)


def _reply(call: _Call, answer: RawAnswer) -> Reply:
    if not answer.body.strip():
        return Reply(answer.status, None, answer.headers)
    if not is_json(answer.headers):
        raise _bad(call, "the answer is not JSON, as if a proxy or a sign-in page had answered", answer)
    try:
        return Reply(answer.status, parse_json(answer.body), answer.headers)
    except ValueError as fault:
        raise _bad(call, "the answer is broken JSON", answer) from fault


def _bad(call: _Call, said: str, answer: RawAnswer | None = None) -> BadAnswer:
    return BadAnswer(
        call.doing,
        said,
        "check graph_url, and any proxy on the way",
        status=answer.status if answer else None,
        request_id=answer.headers.get("request-id", "") if answer else "",
        applied="unknown" if call.write else "no",
    )


def _unreachable(call: _Call, said: str, *, certain: bool) -> Unavailable:
    return Unavailable(
        call.doing,
        said,
        "check the network and the setting graph_url, then try again",
        applied="no" if certain else "unknown",
    )


def _throttled(call: _Call, seconds: float) -> Throttled:
    error = Throttled(
        call.doing,
        f"Graph wants no call about this mailbox for another {seconds:.0f} seconds",
        "try again after that",
    )
    error.retry_after = seconds
    return error
