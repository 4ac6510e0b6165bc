"""Answers and failures: what every reply carries, and the shape of every Graph error (concepts/errors.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from werkzeug.wrappers import Response

JSON_TYPE = (
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers; `applied` lists the preferences it honoured."""

    status: int = 200
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    applied: tuple[str, ...] = ()


class GraphFailure(Exception):  # noqa: N818 - an answer that is raised, not a fault of the program
    """A Graph error: HTTP status, Exchange or directory code, message, more members of the error object."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


def bad_request(code: str, message: str) -> GraphFailure:
    """A 400 with this code."""
    return GraphFailure(400, code, message)


def item_not_found() -> GraphFailure:
    """The 404 of Exchange for an id that names nothing the caller can see."""
    return GraphFailure(404, "ErrorItemNotFound", "The specified object was not found in the store.")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The ids and the time that head one reply."""

    request_id: str
    client_request_id: str
    now: datetime

    def headers(self) -> dict[str, str]:
        """The headers of every Graph reply."""
        return {
            "request-id": self.request_id,
            "client-request-id": self.client_request_id,
            "Date": format_datetime(self.now.replace(microsecond=0), usegmt=True),
            "OData-Version": "4.0",
            "Cache-Control": "private",
        }


def reply(answer: Answer, stamp: Stamp) -> Response:
    """A success as an HTTP response."""
    headers = {**stamp.headers(), **answer.headers}
    if answer.applied:
        headers["Preference-Applied"] = ", ".join(answer.applied)
    if answer.body is None:
        return Response(b"", answer.status, headers)
    return Response(json.dumps(answer.body), answer.status, headers, content_type=JSON_TYPE)


def refusal(failure: GraphFailure, stamp: Stamp) -> Response:
    """A failure as an HTTP response with the error envelope."""
    error = {
        "code": failure.code,
        "message": failure.message,
        "innerError": {
            "date": stamp.now.strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": stamp.request_id,
            "client-request-id": stamp.client_request_id,
        },
        **failure.extra,
    }
    headers = {**stamp.headers(), **failure.headers}
    return Response(json.dumps({"error": error}), failure.status, headers, content_type=JSON_TYPE)
