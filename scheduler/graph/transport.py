"""One HTTP exchange: bounded in time and size, never redirected, its failures told apart by what was sent."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from scheduler.errors import InputError


class NothingSent(Exception):  # noqa: N818 - an outcome the gate turns into an error for people
    """No connection came about, so the other side cannot have acted."""


class OutcomeUnknown(Exception):  # noqa: N818 - an outcome the gate turns into an error for people
    """The request may have arrived, but no usable answer did."""


class UnusableAnswer(Exception):  # noqa: N818 - an outcome the gate turns into an error for people
    """An answer arrived that breaks the limits or the agreed form; asking again would bring the same."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost, in seconds and bytes.

    Args:
        connect_seconds: until a connection stands.
        read_seconds: between two pieces of the answer.
        total_seconds: until the last byte of the answer, which stops a server that drips.
        max_bytes: size of the answer.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 60.0
    max_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests over TLS, or into a WSGI application in this process.

    Safe to share between threads. The environment is not read (no proxies, no netrc): what a token
    may pass through is configuration, not chance.

    Args:
        ca_file: PEM file of the authorities to trust instead of the usual ones.
        wsgi_app: answers in this process instead of the network.
        limits: time and size of one exchange.
        monotonic: a clock in seconds.

    Raises:
        InputError: the CA file is missing or holds no certificate.
    """

    def __init__(
        self,
        *,
        ca_file: Path | None,
        wsgi_app: Callable[..., Any] | None,
        limits: Limits,
        monotonic: Callable[[], float],
    ) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._wsgi_app = wsgi_app
        self._trust = _trust(ca_file)
        self._client = self._open()
        # These log whole addresses, with mailboxes in them, from INFO downwards.
        for name in ("httpx", "httpcore", "msal"):
            logging.getLogger(name).setLevel(logging.WARNING)

    def _open(self) -> httpx.Client:
        limits = self._limits
        wsgi = httpx.WSGITransport(self._wsgi_app) if self._wsgi_app is not None else None
        return httpx.Client(
            transport=wsgi,
            verify=self._trust,
            timeout=httpx.Timeout(
                limits.read_seconds, connect=limits.connect_seconds, pool=limits.total_seconds
            ),
            follow_redirects=False,
            trust_env=False,
            # An encoded body could swell beyond max_bytes while it is being decoded.
            headers={"Accept-Encoding": "identity", "User-Agent": "slotwright"},
        )

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        new_connection: bool = False,
    ) -> RawAnswer:
        """Send one request and read its whole answer, whatever its status.

        Args:
            method: HTTP method.
            url: full address; the caller has checked it.
            headers: request headers.
            content: body.
            new_connection: do not reuse a connection, as Graph wants after a 503.

        Raises:
            NothingSent: no connection.
            OutcomeUnknown: no answer, half of one, or one that came too slowly.
            UnusableAnswer: an answer that is too large or compressed.
        """
        if new_connection:
            with self._open() as once:
                return self._read(once, method, url, headers, content)
        return self._read(self._client, method, url, headers, content)

    def _read(
        self,
        client: httpx.Client,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        content: bytes | None,
    ) -> RawAnswer:
        ends_at = self._monotonic() + self._limits.total_seconds
        body = bytearray()
        try:
            with client.stream(method, url, headers=headers, content=content) as answer:
                if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
                    raise UnusableAnswer("the answer was compressed although that was declined")
                for piece in answer.iter_raw():
                    body += piece
                    if len(body) > self._limits.max_bytes:
                        raise UnusableAnswer(f"the answer is larger than {self._limits.max_bytes} bytes")
                    if self._monotonic() > ends_at:
                        raise OutcomeUnknown(
                            f"the answer was not complete after {self._limits.total_seconds:g} seconds"
                        )
                return RawAnswer(answer.status_code, dict(answer.headers), bytes(body))
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
        ) as fault:
            raise NothingSent(_reason(fault)) from fault
        # An application in this process loses its reply by raising what a socket would.
        except (httpx.TransportError, httpx.InvalidURL, ConnectionError) as fault:
            raise OutcomeUnknown(_reason(fault)) from fault

    def close(self) -> None:
        """Close every idle connection."""
        self._client.close()


def _trust(ca_file: Path | None) -> ssl.SSLContext | bool:
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as fault:
        raise InputError(
            "ca_file", f"{ca_file} is not a readable file of PEM certificates", "name one that is, or none"
        ) from fault


def _reason(fault: Exception) -> str:
    text = str(fault)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not trusted (the setting ca_file names the authority to trust)"
    match fault:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "no connection came about in time"
        case httpx.ConnectError():
            return "no connection could be made"
        case httpx.TimeoutException():
            return "it stopped answering"
        case _:
            return "the connection broke"
