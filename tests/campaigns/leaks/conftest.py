"""An origin that lies, and a listener to which every connection comes that leads anywhere else.

Both are sockets on this machine. Names are never resolved: whatever address a client dials that is not the origin's, it
gets the listener, which notes that it was dialled and every header that it is sent, with TLS and without.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from scheduler.graph import Graph, Limits, Patience, connect

TENANT = "contoso.test"
TOKEN, SECRET = "canary-token", "canary-secret"
Answer = tuple[int, dict[str, str], bytes]
Said = Answer | list[bytes]
"""An answer, or pieces of raw bytes after which the connection ends."""
PORT = 8443
"""What the origin is called; where it really listens is the system's choice."""


@dataclass
class Asked:
    """One request as it came over the socket."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """Answers every request on a loopback socket, with TLS where that is what comes."""

    def __init__(self, certificate: trustme.LeafCert, answer: Callable[[Asked], Said]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.seconds_between = 0.0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._tls)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address: tuple[str, int] = self._listener.getsockname()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # A client that dislikes what it gets breaks off, which is what most of these tests are about.
        with connection, suppress(OSError):
            connection.settimeout(10)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if connection.recv(1, socket.MSG_PEEK) == b"\x16":
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                while (asked := _request(stream)) is not None:
                    self.asked.append(asked)
                    answer = self.answer(asked)
                    if isinstance(answer, tuple):
                        connection.sendall(_written(answer))
                        continue
                    for piece in answer:
                        connection.sendall(piece)
                        time.sleep(self.seconds_between)
                    return

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def _request(stream: Any) -> Asked | None:
    line = stream.readline(65_537).decode("latin-1").split(" ")
    if len(line) != 3:
        return None
    headers = {}
    while text := stream.readline(65_537).decode("latin-1").strip():
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(line[0], line[1], headers, stream.read(int(headers.get("content-length", "0"))))


def _written(answer: Answer) -> bytes:
    status, headers, body = answer
    lines = [f"HTTP/1.1 {status} .", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Trap:
    """Graph connected to the origin that lies, and what came of it.

    Args:
        answer: what the origin says to a call of Graph; sign-in is answered honestly unless `sign_in` is changed.
        dialled: addresses other than the origin's that were dialled.
    """

    graph: Graph
    origin: Peer
    listener: Peer
    answer: Callable[[Asked], Said] = lambda _: (500, {}, b"")
    discovery: dict[str, str] = field(default_factory=dict)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    elsewhere: bool = False

    @property
    def calls(self) -> list[Asked]:
        """What reached the origin of Graph's calls."""
        return [each for each in self.origin.asked if each.path.startswith("/v1.0")]

    def leaks(self) -> list[str]:
        """Everything that went anywhere else."""
        came = [f"{each.method} {each.path}: {sorted(each.headers)}" for each in self.listener.asked]
        return [*(f"dialled {host}:{port}" for host, port in self.dialled), *came]

    def forget(self) -> None:
        """Begin anew."""
        for noted in (self.origin.asked, self.listener.asked, self.dialled):
            noted.clear()
        self.graph._gate._batches.refused_until = 0.0


def answered(body: Any, status: int = 200, **headers: str) -> Answer:
    """An answer with a JSON body."""
    return status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode()


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trap]:
    """The origin, the listener, and a Graph that is signed in."""
    authority, stranger = trustme.CA(), trustme.CA()
    folder: Path = tmp_path_factory.mktemp("leaks")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    root = f"https://localhost:{PORT}"
    honest = {
        "issuer": f"{root}/{TENANT}/v2.0",
        "authorization_endpoint": f"{root}/{TENANT}/oauth2/v2.0/authorize",
        "token_endpoint": f"{root}/{TENANT}/oauth2/v2.0/token",
    }

    def answer(asked: Asked) -> Said:
        if asked.path.startswith("/v1.0"):
            return made.answer(asked)
        if asked.method == "GET":
            return answered({**honest, **made.discovery})
        return answered({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN})

    origin = Peer(authority.issue_cert("localhost"), answer)
    listener = Peer(stranger.issue_cert("localhost", "evil.test"), lambda _: answered({"value": []}))
    dial = socket.create_connection

    def dialling(address: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
        if address == ("localhost", PORT) and not made.elsewhere:
            return dial(origin.address, *rest, **named)
        made.dialled.append(address)
        return dial(listener.address, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "create_connection", dialling)
        with connect(
            graph_url=root,
            authority=root,
            tenant_id=TENANT,
            client_id="app",
            client_secret=SECRET,
            ca_file=folder / "ca.pem",
            patience=Patience(attempts=2, total_seconds=20.0),
            limits=Limits(connect_seconds=2, read_seconds=0.3, total_seconds=0.6, max_bytes=100_000),
            sleep=lambda _: None,
        ) as graph:
            made = Trap(graph, origin, listener)
            yield made
    origin.close()
    listener.close()


@pytest.fixture(autouse=True)
def anew(trap: Trap) -> None:
    """Nothing is left of the test before."""
    trap.forget()
    trap.discovery = {}
    trap.origin.seconds_between = 0.0
    trap.elsewhere = False
