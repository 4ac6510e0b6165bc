"""Where notifications go: receivers inside this process, or whatever listens at the address."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.test import Client
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver answered, and after how many seconds; status 0 is no answer at all."""

    status: int
    seconds: float
    content_type: str = ""
    body: bytes = b""


class Receivers:
    """WSGI applications of this process by origin; other addresses are reached over the network.

    Over HTTPS a receiver's certificate is checked by the authorities of this machine (`SSL_CERT_FILE` names others).
    """

    def __init__(self) -> None:
        self._apps: dict[str, tuple[WSGIApplication, float]] = {}

    def register(self, origin: str, app: WSGIApplication, *, answer_seconds: float = 0) -> None:
        """Let an application receive what goes to an origin such as `https://hook.example`.

        Args:
            answer_seconds: how long it takes to answer, on the emulated clock.
        """
        self._apps[_origin(origin)] = app, answer_seconds

    def lawful(self, url: str) -> bool:
        """Whether Graph would post there: to HTTPS, and the emulator to this machine by plain HTTP as well."""
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
        )

    def post(self, url: str, body: bytes, content_type: str, patience: float) -> Receipt:
        """Post to a receiver, which has `patience` seconds to answer."""
        app, seconds = self._apps.get(_origin(url), (None, 0.0))
        headers = {"Content-Type": content_type}
        if app is None:
            return _over_the_network(url, body, headers, patience)
        parts = urlsplit(url)
        answer = Client(app, Response).post(
            parts.path or "/",
            base_url=_origin(url),
            query_string=parts.query,
            data=body,
            headers=headers,
        )
        return Receipt(answer.status_code, seconds, answer.content_type or "", answer.get_data())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".casefold()


def _over_the_network(url: str, body: bytes, headers: Mapping[str, str], patience: float) -> Receipt:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=patience, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=patience)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    began = time.monotonic()
    try:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read(_MOST_BYTES)
        kind = answer.headers.get("Content-Type", "")
        return Receipt(answer.status, time.monotonic() - began, kind, content)
    except (OSError, http.client.HTTPException):
        return Receipt(0, time.monotonic() - began)
    finally:
        connection.close()
