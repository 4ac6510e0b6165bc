"""From a status and an error envelope to the error a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from scheduler.graph.errors import (
    Applied,
    BadAnswer,
    CallFailed,
    Clash,
    NotAllowed,
    NotThere,
    RequestRefused,
    SignInFailed,
    Throttled,
    Unavailable,
)
from scheduler.graph.transport import RawAnswer

# The codes this adapter acts on or can explain; a nested one of these is more telling than the outer code.
KNOWN_CODES = frozenset(
    {
        "ApplicationThrottled",
        "Authorization_RequestDenied",
        "ErrorAccessDenied",
        "ErrorDuplicateTransactionId",
        "ErrorFolderExists",
        "ErrorInvalidIdMalformed",
        "ErrorInvalidMergedFreeBusyInterval",
        "ErrorInvalidRequest",
        "ErrorInvalidTimeInterval",
        "ErrorInvalidUser",
        "ErrorIrresolvableConflict",
        "ErrorItemNotFound",
        "ErrorMailboxDataArrayTooBig",
        "ErrorNotSupported",
        "ErrorPropertyValidationFailure",
        "ErrorServerBusy",
        "ErrorTimeIntervalTooBig",
        "InvalidAuthenticationToken",
        "MailboxNotEnabledForRESTAPI",
        "Request_ResourceNotFound",
        "TimeZoneNotSupportedException",
        "activityLimitReached",
    }
)
_EXISTING_EVENT = "@event.existingEventId"
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an error body said, as far as it could be read."""

    code: str = ""
    message: str = ""
    request_id: str = ""
    existing_event_id: str | None = None


def parse_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises:
        ValueError: malformed, not UTF-8, nested beyond reason, or with NaN or infinity.
    """
    return from_json(body, allow_inf_nan=False)


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether an answer says that it is JSON."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def read_envelope(answer: RawAnswer) -> Envelope:
    """Walk the error object and what is nested in it (concepts/errors.md).

    The innermost code that is known wins, because outer codes such as `BadRequest` say little; with none
    known, the outermost stands. A body that is no such object gives an empty envelope.
    """
    request_id = answer.headers.get("request-id", "")
    if not is_json(answer.headers):
        return Envelope(request_id=request_id)
    try:
        body = parse_json(answer.body)
    except ValueError:
        return Envelope(request_id=request_id)
    layers = _layers(body)
    codes = [code for layer in layers if (code := _text(layer.get("code")))]
    known = [code for code in codes if code in KNOWN_CODES]
    existing = [event for layer in layers if (event := _text(layer.get(_EXISTING_EVENT)))]
    nested_ids = [nested for layer in layers if (nested := _text(layer.get("request-id")))]
    return Envelope(
        code=known[-1] if known else codes[0] if codes else "",
        message=_text(layers[0].get("message"))[:300] if layers else "",
        request_id=request_id or (nested_ids[0] if nested_ids else ""),
        existing_event_id=existing[-1] if existing else None,
    )


def _layers(body: Any) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    inner = body.get("error") if isinstance(body, dict) else None
    while isinstance(inner, dict) and len(layers) < _DEEPEST:
        layers.append(inner)
        inner = next((inner[key] for key in ("innerError", "innererror") if key in inner), None)
    return layers


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def refusal(answer: RawAnswer, *, doing: str, write: bool) -> CallFailed:
    """The error that an answer other than 2xx is.

    Only a definite refusal leaves a write certainly not done: a 5xx or a redirect may come from in front of a
    server that did act.
    """
    envelope = read_envelope(answer)
    status, code = answer.status, envelope.code
    kind, remedy = _judge(status, code)
    indefinite = kind is BadAnswer or kind is Unavailable
    applied: Applied = "unknown" if write and indefinite else "no"
    error = kind(
        doing,
        f"Graph answered {status} {code}".rstrip(),
        remedy,
        code=code,
        request_id=envelope.request_id,
        status=status,
        applied=applied,
        detail=envelope.message,
    )
    if isinstance(error, Clash):
        error.existing_event_id = envelope.existing_event_id
    return error


def _judge(status: int, code: str) -> tuple[type[CallFailed], str]:
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return Unavailable, "try again in a few minutes"
    if status >= 400:
        return RequestRefused, "report this, because asking again cannot help"
    return BadAnswer, "check graph_url, and any proxy on the way, because Graph answers no such thing"


_READ_AGAIN = "read what is there now and decide again"
_GONE = "check the address, or whether it was removed, or is hidden from this app"
# Codes before statuses: the same clash has been seen with 400 and with 409.
_BY_CODE: dict[str, tuple[type[CallFailed], str]] = {
    "ErrorDuplicateTransactionId": (Clash, _READ_AGAIN),
    "ErrorFolderExists": (Clash, _READ_AGAIN),
    "ErrorIrresolvableConflict": (Clash, _READ_AGAIN),
    "ErrorTimeIntervalTooBig": (RequestRefused, "ask about a shorter window"),
    "ErrorInvalidTimeInterval": (RequestRefused, "ask about a window that ends after it starts"),
    "ErrorMailboxDataArrayTooBig": (RequestRefused, "ask about fewer mailboxes at once"),
    "MailboxNotEnabledForRESTAPI": (
        NotThere,
        "use a mailbox in Exchange Online; this one is on-premises, unlicensed or inactive",
    ),
    "TimeZoneNotSupportedException": (RequestRefused, "use a time zone that Exchange knows"),
}
_BY_STATUS: dict[int, tuple[type[CallFailed], str]] = {
    401: (SignInFailed, "check that the app registration still has its permissions and admin consent"),
    403: (
        NotAllowed,
        "grant the app the missing permission, or let its access policy include the mailbox",
    ),
    404: (NotThere, _GONE),
    408: (Unavailable, "try again in a few minutes"),
    409: (Clash, _READ_AGAIN),
    410: (NotThere, _GONE),
    412: (Clash, _READ_AGAIN),
    423: (Clash, _READ_AGAIN),
    429: (Throttled, "try again later"),
}
