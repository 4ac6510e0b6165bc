"""One exchange over a real socket: what may have been sent, and the bounds on what comes back."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from scheduler.errors import InputError
from scheduler.graph.clock import GraphClock
from scheduler.graph.errors import BadAnswer, Unavailable
from scheduler.graph.gate import Gate
from scheduler.graph.origin import Origin
from scheduler.graph.pacing import Patience
from scheduler.graph.reach import Reach
from scheduler.graph.signin.app_tokens import AppTokens
from scheduler.graph.signin.http import SignInHttp
from scheduler.graph.signin.registration import Registration
from scheduler.graph.transport import Limits, NothingSent, OutcomeUnknown, Transport, UnusableAnswer

Peer = Callable[[socket.socket], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Peer], str]]:
    """Answer connections on this machine with a function of the socket; gives the address."""
    listeners: list[socket.socket] = []

    def start(peer: Peer) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def loop() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65536)
                        peer(connection)
                    except OSError:
                        continue

        threading.Thread(target=loop, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def transport() -> Iterator[Transport]:
    """Small bounds, so that tests are quick."""
    made = Transport(
        ca_file=None,
        wsgi_app=None,
        limits=Limits(connect_seconds=0.5, read_seconds=0.4, total_seconds=0.6, max_bytes=1000),
        monotonic=time.monotonic,
    )
    yield made
    made.close()


def closed_port() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def send(text: str) -> Peer:
    """Answers with this text and hangs up."""
    return lambda connection: connection.sendall(text.encode())


def drip(connection: socket.socket) -> None:
    """Answers one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    for _ in range(20):
        connection.sendall(b" ")
        time.sleep(0.1)


def silent(_: socket.socket) -> None:
    """Never answers."""
    time.sleep(0.8)


class Tokens:
    """Hands out one word."""

    def token(self, mailbox: str = "") -> str:
        return "t" if mailbox is not None else ""

    def renew(self, refused: str, mailbox: str = "") -> None:
        raise AssertionError(refused, mailbox)


def gate_to(url: str, transport: Transport, naps: list[float]) -> Gate:
    """A gate to a peer on this machine; naps are noted, not taken."""
    return Gate(
        origin=Origin(url, "/v1.0"),
        transport=transport,
        tokens=Tokens(),
        reach=Reach.BOOKING,
        clock=GraphClock(monotonic=time.monotonic, system=time.time),
        patience=Patience(attempts=3),
        monotonic=time.monotonic,
        sleep=naps.append,
        jitter=lambda: 0.0,
        new_id=lambda: "id",
    )


class TestExchange:
    def test_a_closed_port_means_nothing_was_sent(self, transport: Transport) -> None:
        """A refused connection is told apart from a lost answer."""
        with pytest.raises(NothingSent):
            transport.exchange("GET", closed_port())

    @pytest.mark.parametrize(
        "peer",
        [
            lambda _: None,
            silent,
            drip,
            send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"),
            send("this is not HTTP"),
        ],
        ids=["hang-up", "silence", "drip", "half", "noise"],
    )
    def test_lost_answers_leave_the_outcome_unknown(
        self, transport: Transport, serve: Callable[[Peer], str], peer: Peer
    ) -> None:
        """Hanging up, silence, dripping, half a body and noise end soon, with the outcome unknown."""
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            transport.exchange("GET", serve(peer))
        assert time.monotonic() - began < 2.0

    def test_large_answers_are_cut_off(self, transport: Transport, serve: Callable[[Peer], str]) -> None:
        """An answer beyond the limit is not read to its end."""
        url = serve(send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + "x" * 5000))
        with pytest.raises(UnusableAnswer, match="larger than 1000 bytes"):
            transport.exchange("GET", url)

    def test_redirects_are_answers(self, transport: Transport, serve: Callable[[Peer], str]) -> None:
        """A redirect comes back as it is and is not followed."""
        url = serve(send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"))
        assert 302 == transport.exchange("GET", url).status

    def test_a_503_is_repeated_on_a_new_connection(
        self, transport: Transport, serve: Callable[[Peer], str]
    ) -> None:
        """Connections are kept for the next request, but not for the one after a 503."""
        connections: list[int] = []

        def peer(connection: socket.socket) -> None:
            connections.append(1)
            connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            connection.settimeout(0.3)
            if connection.recv(65536):
                connections.append(0)

        with pytest.raises(Unavailable):
            gate_to(serve(peer), transport, []).send("GET", "/x", mailbox="", doing="looking")
        assert [1, 1, 1] == connections


class TestThroughTheGate:
    def test_reads_survive_lost_answers(self, transport: Transport, serve: Callable[[Peer], str]) -> None:
        """A read whose answer was lost is asked again."""
        left = [1]

        def peer(connection: socket.socket) -> None:
            if not left.pop() if left else True:
                send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")(
                    connection
                )

        naps: list[float] = []
        reply = gate_to(serve(peer), transport, naps).send("GET", "/x", mailbox="", doing="looking")
        assert ({}, 1) == (reply.body, len(naps))

    def test_lost_writes_are_unknown(self, transport: Transport, serve: Callable[[Peer], str]) -> None:
        """A write whose answer was lost is sent once and may have been applied."""
        naps: list[float] = []
        with pytest.raises(Unavailable) as error:
            gate_to(serve(lambda _: None), transport, naps).send(
                "POST", "/x", mailbox="", doing="writing", write=True
            )
        assert ("unknown", []) == (error.value.applied, naps)

    def test_unsent_writes_are_repeated_and_not_applied(self, transport: Transport) -> None:
        """A write that found no connection is tried again, and in the end was certainly not applied."""
        naps: list[float] = []
        with pytest.raises(Unavailable, match="could not be reached") as error:
            gate_to(closed_port(), transport, naps).send(
                "POST", "/x", mailbox="", doing="writing", write=True
            )
        assert ("no", 2) == (error.value.applied, len(naps))

    def test_oversized_answers_are_bad(self, transport: Transport, serve: Callable[[Peer], str]) -> None:
        """A body beyond the limit is a bad answer and not asked for again."""
        naps: list[float] = []
        url = serve(send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + "x" * 5000))
        with pytest.raises(BadAnswer):
            gate_to(url, transport, naps).send("GET", "/x", mailbox="", doing="looking")
        assert [] == naps


@pytest.fixture
def tls() -> Iterator[tuple[str, trustme.CA]]:
    """A peer that answers every request with an empty object over TLS, and who signed for it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def loop() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with plain:
                try:
                    with context.wrap_socket(plain, server_side=True) as connection:
                        connection.recv(65536)
                        send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")(connection)
                except OSError:
                    continue

    threading.Thread(target=loop, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}", authority
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def test_only_the_named_authority_is_trusted(
    tls: tuple[str, trustme.CA], transport: Transport, tmp_path: Path
) -> None:
    """An unknown authority's certificate is refused before anything is sent, and accepted once named."""
    url, authority = tls
    with pytest.raises(NothingSent, match="its certificate is not trusted"):
        transport.exchange("GET", url)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    trusting = Transport(ca_file=ca_file, wsgi_app=None, limits=Limits(), monotonic=time.monotonic)
    assert trusting.exchange("GET", url).body == b"{}"
    trusting.close()


def test_a_missing_ca_file_is_named(tmp_path: Path) -> None:
    """A CA file that is not there, or holds no certificate, is an error of the settings."""
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for path in (tmp_path / "none.pem", empty):
        with pytest.raises(InputError, match="ca_file"):
            Transport(ca_file=path, wsgi_app=None, limits=Limits(), monotonic=time.monotonic)


def test_an_unreachable_sign_in_is_unavailable(transport: Transport) -> None:
    """When no sign-in service answers, that is what is said, after bounded tries."""
    naps: list[float] = []
    host = closed_port().replace("http:", "https:")
    http = SignInHttp(
        authority=host,
        transport=transport,
        patience=Patience(attempts=2),
        monotonic=time.monotonic,
        system=time.time,
        sleep=naps.append,
        jitter=lambda: 0.0,
    )
    registration = Registration(authority=host, tenant_id="t", client_id="c", http=http, secret="s")
    sign_in = AppTokens(registration, "https://g.test")
    with pytest.raises(Unavailable, match="sign-in service could not be used"):
        sign_in.token()
    assert 1 == len(naps)
