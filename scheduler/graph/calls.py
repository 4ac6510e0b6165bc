"""One call to Graph: what is asked, its way through the gate, and what comes of it."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scheduler.graph.errors import BadAnswer, Throttled, Unavailable
from scheduler.graph.refusals import is_json, parse_json
from scheduler.graph.transport import RawAnswer

_ROUTE_WORDS = frozenset(
    {"$batch", "calendar", "calendars", "calendarview", "cancel", "events", "getschedule"}
    | {"microsoft.graph.room", "places", "users", "v1.0"}
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A read that may go together with others.

    Args:
        method: HTTP method.
        path: below the version, such as `/users/...`, or a link that Graph gave.
        mailbox: whose lane it takes; empty for calls that are about no mailbox.
        doing: what it is for, as a phrase for error messages.
        json: body as a JSON value; None for none.
        headers: extra headers.
    """

    method: str
    path: str
    mailbox: str
    doing: str
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """A 2xx answer: `body` is the JSON value, or None when there was no body; header names are lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class Call:
    """One call on its way through the gate, with the counts that bound it.

    Args:
        gives_up_at: monotonic second after which it is not tried again.
        not_before: monotonic second before which it is not tried again.
        alone: whether it can be no part of a batch.
    """

    ask: Ask
    url: str
    content: bytes | None
    write: bool
    gives_up_at: float
    failures: int = 0
    token_renewed: bool = False
    new_connection: bool = False
    not_before: float = 0.0
    alone: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """What goes with every try of it."""
        sent = {"Accept": "application/json", **self.ask.headers}
        return sent if self.content is None else {**sent, "Content-Type": "application/json"}


def body_of(json: Any) -> bytes | None:
    """A JSON value as it is sent; None for none."""
    return None if json is None else jsonlib.dumps(json, separators=(",", ":")).encode()


def route(url: str) -> str:
    """A path with everything that could name a person, mailbox or event left out; for logs."""
    segments = urlsplit(url).path.split("/")
    return "/".join(part if not part or part.lower() in _ROUTE_WORDS else "{}" for part in segments)


def reply_of(call: Call, answer: RawAnswer) -> Reply:
    """What a 2xx answer holds.

    Raises:
        BadAnswer: something that is not JSON.
    """
    if not answer.body.strip():
        return Reply(answer.status, None, answer.headers)
    if not is_json(answer.headers):
        raise unusable(call, "the answer is not JSON, as if a proxy or a sign-in page had answered", answer)
    try:
        return Reply(answer.status, parse_json(answer.body), answer.headers)
    except ValueError as fault:
        raise unusable(call, "the answer is broken JSON", answer) from fault


def unusable(call: Call, said: str, answer: RawAnswer | None = None) -> BadAnswer:
    """That nothing of an answer is used."""
    return BadAnswer(
        call.ask.doing,
        said,
        "check graph_url, and any proxy on the way",
        status=answer.status if answer else None,
        request_id=answer.headers.get("request-id", "") if answer else "",
        applied="unknown" if call.write else "no",
    )


def unreachable(call: Call, said: str, *, certain: bool) -> Unavailable:
    """That no answer came; `certain` is that nothing was done."""
    return Unavailable(
        call.ask.doing,
        said,
        "check the network and the setting graph_url, then try again",
        applied="no" if certain else "unknown",
    )


def throttled(call: Call, seconds: float) -> Throttled:
    """That the mailbox wants no call for so many seconds."""
    error = Throttled(
        call.ask.doing,
        f"Graph wants no call about this mailbox for another {seconds:.0f} seconds",
        "try again after that",
    )
    error.retry_after = seconds
    return error


def away(doing: str) -> BadAnswer:
    """That a link leads elsewhere."""
    return BadAnswer(
        doing,
        "a link in Graph's answer leads away from Graph and was not followed",
        "report this, because Graph gives no such links",
    )
