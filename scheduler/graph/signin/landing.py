"""The page on this machine to which the sign-in page sends people back (RFC 8252, section 7.3).

Any page and any program of this machine can call it, so that what does not carry our own `state` is turned away and
waited on further.
"""

from __future__ import annotations

import hmac
import threading
from http.server import BaseHTTPRequestHandler
from queue import Empty, SimpleQueue
from socketserver import ThreadingTCPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from scheduler.errors import InputError, WorldError

LOOPBACK = frozenset({"localhost", "127.0.0.1"})
"""Names of this machine that Entra ID takes; it does not know `[::1]` (reply-url.md)."""

MOST_BYTES = 64 * 1024
"""Size of a form; codes take a few kilobytes."""

_MOST_FIELDS = 32
_SECONDS_FOR_A_REQUEST = 5
_FORM = "application/x-www-form-urlencoded"


class Landing:
    """Waits for one answer; leaving the context closes the port.

    Args:
        redirect_uri: a loopback address; without a port any free one is taken, which Entra ID allows for it.
        state: what an answer to us carries.

    Attributes:
        uri: the redirect URI with its port.

    Raises:
        InputError: the redirect URI is not on this machine.
        WorldError: its port is taken.
    """

    def __init__(self, redirect_uri: str, state: str) -> None:
        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise InputError(
                "settings.redirect_uri",
                f"{redirect_uri!r} is not on this machine",
                "use http://localhost here, or sign in with --device-code",
            )
        try:
            self._server = _Server(parts.port or 0, parts.path or "/", state)
        except OSError as error:
            raise WorldError(
                f"The port {parts.port} of redirect_uri cannot be listened on ({error.strerror}); choose another one,"
                " or none for any that is free."
            ) from error
        self.uri = urlunsplit(parts._replace(netloc=f"{parts.hostname}:{self._server.server_address[1]}"))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="landing", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, seconds: float) -> dict[str, str]:
        """The parameters of the answer.

        Raises:
            WorldError: none came in time.
        """
        try:
            return self._server.answers.get(timeout=seconds)
        except Empty:
            raise WorldError(
                f"Nobody came back from the sign-in page within {seconds:.0f} seconds; type the command again, or let"
                " an administrator consent if the page asks for one."
            ) from None


class _Server(ThreadingTCPServer):
    """Serves each connection by itself, because browsers also open some on which they say nothing."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, path: str, state: str) -> None:
        self.path = path
        self.answers: SimpleQueue[dict[str, str]] = SimpleQueue()
        self._state = state.encode()
        self._lock = threading.Lock()
        self._answered = False
        super().__init__(("127.0.0.1", port), _Page)

    def takes(self, answer: dict[str, str]) -> bool:
        """Whether this is the answer: the first one that carries our state."""
        ours = hmac.compare_digest(answer.get("state", "").encode(), self._state)
        if not ours or not {"code", "error"} & answer.keys():
            return False
        with self._lock:
            first, self._answered = not self._answered, True
        return first

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a traceback of a connection that a browser broke off helps nobody, and could show a code."""


class _Page(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SECONDS_FOR_A_REQUEST
    server_version = "Slotwright"
    sys_version = ""

    def do_GET(self) -> None:
        """An answer in the query (response_mode=query)."""
        self._received(urlsplit(self.path).query)

    def do_POST(self) -> None:
        """An answer in a form (response_mode=form_post), which keeps the code out of the browser's history."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._say(411, "The form has no length.")
        elif int(length) > MOST_BYTES:
            self._say(413, "The form is too large.")
        elif self.headers.get_content_type() != _FORM:
            self._say(415, "This is no form.")
        else:
            self._received(self.rfile.read(int(length)).decode("ascii", "replace"))

    def _received(self, text: str) -> None:
        try:
            answer = dict(parse_qsl(text, max_num_fields=_MOST_FIELDS))
        except ValueError:
            self._say(400, "The form has too many fields.")
            return
        if (urlsplit(self.path).path or "/") != self.server.path or not self.server.takes(answer):
            self._say(404, "Nothing is here.")
            return
        done = "code" in answer
        self._say(200, f"You {'are' if done else 'were not'} signed in. Go back to where you came from.")
        self.server.answers.put(answer)

    def _say(self, status: int, text: str) -> None:
        page = f"<!doctype html><title>Slotwright</title><p>{text}".encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Say nothing: the address may have a code in it, which belongs into no log."""
