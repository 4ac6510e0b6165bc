"""What a planned fault does to one request: to its work, to its reply, or to when the one or the other happens."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from werkzeug.wrappers import Request, Response

from scheduler.emulator.envelope import GraphFailure
from scheduler.emulator.faults import Fault, ReplyDropped
from scheduler.emulator.signin.refusals import SignInRefused

Work = Callable[[Request], Response]
"""Does the work of a request, as it stands or altered."""

DEEP = 10_000
HUGE_MEGABYTES = 50
_SIGN_IN = "AADSTS"
_SECRETS = range(7_000_000, 7_001_000)


def through(
    fault: Fault | None, request: Request, work: Work, later: Callable[[float, Work], None]
) -> Response:
    """The reply to a request, spoilt by the fault that it meets.

    Args:
        later: does the work so many seconds after the present.

    Raises:
        GraphFailure, SignInRefused: the fault's own error, or that of the work.
        ReplyDropped: the caller gets no answer.
    """
    if fault is None:
        return work(request)
    if fault.delay_seconds:
        time.sleep(fault.delay_seconds)
    match fault.kind:
        case "refuse":
            raise _failure(fault)
        case "html":
            page = f"<html><body><h1>{fault.status}</h1><p>{fault.message}</p></body></html>"
            return Response(page, fault.status, _headers(fault), content_type="text/html")
        case "drop_request":
            raise ReplyDropped
        case "fail_after" | "drop_reply" if fault.late_seconds is not None:
            request.get_data(cache=True)  # by then there will be no connection to read it from
            later(fault.late_seconds, work)
        case "fail_after" | "drop_reply":
            work(request)
        case "shifted" | "unmarked":
            return work(_altered(request, fault.kind))
        case _:
            return _spoilt(work(request), fault.kind)
    raise ReplyDropped if fault.kind == "drop_reply" else _failure(fault)


def _failure(fault: Fault) -> GraphFailure | SignInRefused:
    if fault.code.startswith(_SIGN_IN):
        number = int(fault.code.removeprefix(_SIGN_IN))
        error = "invalid_client" if number in _SECRETS else "invalid_grant"
        return SignInRefused(fault.status, error, number, fault.message)
    return GraphFailure(fault.status, fault.code, fault.message, _headers(fault), fault.extra)


def _headers(fault: Fault) -> dict[str, str]:
    retry = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return {**fault.headers, **retry}


def _spoilt(response: Response, kind: str) -> Response:
    body = response.get_data()
    match kind:
        case "truncate":
            response.set_data(body[: len(body) // 2])
        case "empty":
            response.set_data(b"")
        case "malformed":
            response.set_data(b'{"value": [,]}')
        case "mistyped":
            response.content_type = "text/plain"
        case "deep":
            response.set_data(b'{"value": ' + b"[" * DEEP + b"]" * DEEP + b"}")
        case "huge":
            response.response = _padded(body)
            response.headers.pop("Content-Length", None)
        case _:
            pass
    return response


def _padded(body: bytes) -> Iterator[bytes]:
    """JSON may begin with any amount of space (RFC 8259, section 2)."""
    megabyte = b" " * 1_000_000
    for _ in range(HUGE_MEGABYTES):
        yield megabyte
    yield body


def _altered(request: Request, kind: str) -> Request:
    """The request that Exchange acts on in the place of the one that was sent; one without such a body stays."""
    try:
        body = json.loads(request.get_data())
    except ValueError:
        return request
    if not isinstance(body, dict):
        return request
    if kind == "unmarked":
        body.pop("singleValueExtendedProperties", None)
    else:
        body |= {side: _an_hour_later(body[side]) for side in ("start", "end") if side in body}
    sent = json.dumps(body).encode()
    return Request({**request.environ, "wsgi.input": io.BytesIO(sent), "CONTENT_LENGTH": str(len(sent))})


def _an_hour_later(side: dict[str, str]) -> dict[str, str]:
    moment = datetime.fromisoformat(side["dateTime"][:19]).replace(tzinfo=UTC) + timedelta(hours=1)
    return {**side, "dateTime": moment.strftime("%Y-%m-%dT%H:%M:%S")}
