"""S-05: whatever Microsoft's side, or somebody in its place, answers, nothing goes anywhere but to the origin."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from scheduler.booking.events import CalendarRef
from scheduler.errors import GraphError
from scheduler.graph import Patience, connect
from scheduler.graph.errors import BadAnswer
from solvers.timeline import Span

ROOM = "room@contoso.test"
NINE = 29_541_180
HOUR = Span(NINE, NINE + 60)
HERE = "https://localhost:8443"
AWAY = [
    "http://localhost:8443/v1.0/x",
    "http://localhost/v1.0/x",
    "https://localhost/v1.0/x",
    "https://localhost:/v1.0/x",
    "https://localhost:443/v1.0/x",
    "https://localhost:8444/v1.0/x",
    "https://localhost:84430/v1.0/x",
    "https://localhost:0/v1.0/x",
    "https://localhost:-1/v1.0/x",
    "https://localhost:8443.evil.test/v1.0/x",
    "https://evil.test/v1.0/x",
    "https://evil.test:8443/v1.0/x",
    "https://localhost.evil.test:8443/v1.0/x",
    "https://localhost%2eevil.test:8443/v1.0/x",
    "https://localhost%00.evil.test:8443/v1.0/x",
    "https://localhost\x00.evil.test:8443/v1.0/x",
    "https://localhost.:8443/v1.0/x",
    "https://.localhost:8443/v1.0/x",
    "https://localhost@evil.test/v1.0/x",
    "https://localhost:8443@evil.test/v1.0/x",
    "https://user:password@localhost:8443/v1.0/x",
    "https://@localhost:8443/v1.0/x",
    "https://evil.test\\@localhost:8443/v1.0/x",
    "https://localhost:8443\\@evil.test/v1.0/x",
    "https:\\\\evil.test\\v1.0\\x",
    "https://evil.test#@localhost:8443/v1.0/x",
    "https://evil.test?@localhost:8443/v1.0/x",
    "https://localhost:8443/v1.0/x#fragment",
    "https://localhost:8443/v1.0.evil/x",
    "https://localhost:8443/v1.0evil/x",
    "https://localhost:8443/beta/x",
    "https://localhost:8443/V1.0/x",
    "https://localhost:8443//v1.0/x",
    "https://localhost:8443/v1.0/../beta/x",
    "https://localhost:8443/v1.0/%2e%2e/beta/x",
    "https://localhost:8443/v1.0/.%2E/beta/x",
    "https://localhost:8443/v1.0/x\r\nX-Evil: y",
    "https://local\thost:8443/v1.0/x",
    "https://localhost:8443/v1.0/x y",
    " https://evil.test/v1.0/x",
    "https://l\u043ecalhost:8443/v1.0/x",
    "https://localhost\uff0eevil.test:8443/v1.0/x",
    "https://xn--lcalhost-3gg:8443/v1.0/x",
    "https://\u24dbocalhost:8443/v1.0/x",
    "https://127.0.0.1:8443/v1.0/x",
    "https://127.1:8443/v1.0/x",
    "https://2130706433:8443/v1.0/x",
    "https://0x7f000001:8443/v1.0/x",
    "https://0177.0.0.1:8443/v1.0/x",
    "https://[::1]:8443/v1.0/x",
    "https://[::ffff:127.0.0.1]:8443/v1.0/x",
    "https://[localhost]:8443/v1.0/x",
    "https://[::1/v1.0/x",
    "https://[fe80::1%25eth0]:8443/v1.0/x",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/v1.0/x",
    "https://metadata.google.internal/v1.0/x",
    "//evil.test/v1.0/x",
    "///evil.test/v1.0/x",
    "/\\evil.test/v1.0/x",
    "https:/evil.test/v1.0/x",
    "https:evil.test/v1.0/x",
    "https:///evil.test/v1.0/x",
    "file:///etc/passwd",
    "ftp://localhost:8443/v1.0/x",
    "gopher://localhost:8443/v1.0/x",
    "ws://localhost:8443/v1.0/x",
    "javascript:alert(1)",
    "data:application/json,{}",
    "users/other@contoso.test/calendarView",
    "/users/other@contoso.test/calendarView",
    "?$skip=10",
    "",
]
"""Addresses that are not below https://localhost:8443/v1.0, and some that are no addresses."""
ODD: list[Any] = [7, True, [], {}, ["https://localhost:8443/v1.0/x"], {"href": "https://evil.test/"}]
STAYING = [
    "HTTPS://localhost:8443/v1.0/x?$skiptoken=a",
    "https://LOCALHOST:8443/v1.0/x",
    "https://localhost:8443/v1.0/x?next=https://evil.test/",
    "https://localhost:8443/v1.0/%252e%252e/beta",
    "https://localhost:8443/v1.0/..;/beta",
]
"""Odd addresses that do lie there."""
REDIRECTS = [300, 301, 302, 303, 305, 307, 308]

Work = Callable[[Any], Any]
READS: dict[str, Work] = {
    "calendars": lambda graph: graph.find_calendar(ROOM, "Scheduler"),
    "marked": lambda graph: graph.all_marked(CalendarRef(ROOM), HOUR),
    "view": lambda graph: graph.view(CalendarRef(ROOM), HOUR),
    "batch": lambda graph: raising(
        graph.view_many([(CalendarRef(ROOM), HOUR), (CalendarRef("b@x.test"), HOUR)])
    ),
}
SINGLE: dict[str, Work] = {
    "read": lambda graph: graph.read(ROOM, "E1"),
    "schedules": lambda graph: graph.read_schedules([ROOM], HOUR, as_mailbox=ROOM),
    "create": lambda graph: graph.create(CalendarRef(ROOM), b"{}"),
    "cancel": lambda graph: graph.cancel(ROOM, "E1", ""),
    "rooms": lambda graph: graph.rooms(),
}


def raising(found: Any) -> Any:
    """What was found, if all of it was."""
    for each in found:
        if isinstance(each, Exception):
            raise each
    return found


def answer(body: Any, status: int = 200, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """An answer with a JSON body."""
    return status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode()


def paged(link: Any, key: str = "@odata.nextLink") -> Callable[[Any], Any]:
    """An origin whose every first page leads on to this link, in a batch too."""
    page = {"value": [], key: link}

    def say(asked: Any) -> Any:
        if asked.path == "/v1.0/$batch":
            ids = [each["id"] for each in json.loads(asked.body)["requests"]]
            return answer({"responses": [{"id": each, "status": 200, "body": page} for each in ids]})
        return answer({"value": []} if asked.path in seen else page)

    seen = {"/v1.0" + link.partition("/v1.0")[2]} if isinstance(link, str) and link in STAYING else set()
    return say


def tried(trap: Any, tally: Any, what: str, work: Work, *, fails: bool = True) -> None:
    """One trial: nothing may go astray, and what failed in part has failed."""
    trap.forget()
    tally.tried()
    try:
        work(trap.graph)
    except GraphError:
        failed = True
    else:
        failed = False
    tally.violated(*(f"{what}: {leak}" for leak in trap.leaks()))
    if failed is not fails:
        tally.violated(f"{what}: {'refused' if failed else 'a part was taken for the whole'}")
    tally.counted("requests to the origin", len(trap.calls))
    tally.counted("requests elsewhere", len(trap.leaks()))


@pytest.mark.experiment("S-05", "links to a next page")
@pytest.mark.parametrize(
    "names", [["view", "batch"], pytest.param(["calendars", "marked"], marks=pytest.mark.campaign)]
)
def test_next_links(trap: Any, tally: Any, names: list[str]) -> None:
    """No page that leads away is followed, wherever it comes, and the reading fails; one that stays is."""
    for name in names:
        work = READS[name]
        for link in [*AWAY, *ODD]:
            trap.answer = paged(link)
            tried(trap, tally, f"{name} {link!r}", work)
        for link in STAYING:
            trap.answer = paged(link)
            tried(trap, tally, f"{name} {link!r}", work, fails=False)
    assert len(AWAY) >= 40
    assert [] == tally.violations


@pytest.mark.experiment("S-05", "links that are not asked for")
@pytest.mark.parametrize(
    "keys",
    [
        ["@odata.deltaLink"],
        pytest.param(
            ["@odata.context", "@odata.id", "nextLink", "@odata.nextlink"], marks=pytest.mark.campaign
        ),
    ],
)
def test_other_links(trap: Any, tally: Any, keys: list[str]) -> None:
    """Delta links, contexts and ids in an answer are never followed, and change nothing."""
    for key in keys:
        for link in AWAY:
            trap.answer = paged(link, key)
            tried(trap, tally, f"{key} {link!r}", READS["view"], fails=False)
    assert [] == tally.violations


@pytest.mark.experiment("S-05", "redirects")
@pytest.mark.parametrize("statuses", [1, pytest.param(len(REDIRECTS), marks=pytest.mark.campaign)])
def test_redirects(trap: Any, tally: Any, statuses: int) -> None:
    """No redirect is followed, even to the origin itself: every call that gets one fails."""
    places = [link for link in [*AWAY, *STAYING] if link.isascii() and link.isprintable()]
    works = {**READS, **SINGLE}
    for number, place in enumerate(places):
        for status in (REDIRECTS * 2)[number % len(REDIRECTS) :][:statuses]:
            trap.answer = lambda _, status=status, place=place: (status, {"Location": place}, b"")
            name = list(works)[(number + status) % len(works)]
            tried(trap, tally, f"{name} {status} {place!r}", works[name])
    assert [] == tally.violations


@pytest.mark.experiment("S-05", "redirects inside a batch")
def test_redirects_in_batches(trap: Any, tally: Any) -> None:
    """An item of a batch that is a redirect fails, and so does what needed it; other addresses in it mean nothing."""

    def redirected(asked: Any, place: str, status: int) -> Any:
        if asked.path != "/v1.0/$batch":
            return (status, {"Location": place}, b"")
        item = {"status": status, "headers": {"Location": place}, "url": place, "body": {"url": place}}
        ids = [each["id"] for each in json.loads(asked.body)["requests"]]
        whole = {"responses": [{**item, "id": each} for each in ids], "@odata.nextLink": place}
        return answer(whole, Location=place if place.isascii() and place.isprintable() else "/")

    for number, place in enumerate(AWAY):
        status = REDIRECTS[number % len(REDIRECTS)]
        trap.answer = lambda asked, place=place, status=status: redirected(asked, place, status)
        tried(trap, tally, f"batch {status} {place!r}", READS["batch"])
    assert [] == tally.violations


@pytest.mark.experiment("S-05", "sign-in endpoints")
def test_sign_in_endpoints(trap: Any, tally: Any, tmp_path: Any) -> None:
    """The secret goes to no endpoint that the discovery document names elsewhere."""
    ca_file = tmp_path / "ca.pem"
    transport = trap.graph._transport
    ca_file.write_text(
        "".join(ssl.DER_cert_to_PEM_cert(each) for each in transport._trust.get_ca_certs(binary_form=True))
    )
    for link in AWAY:
        if link.startswith(HERE + "/"):
            continue  # that is the authority itself, below which every path is its own
        trap.discovery = {"token_endpoint": link}
        trap.answer = lambda _: answer({"value": []})
        with connect(
            graph_url=HERE,
            authority=HERE,
            tenant_id="contoso.test",
            client_id="app",
            client_secret="canary-secret",
            ca_file=ca_file,
            patience=Patience(attempts=2),
            sleep=lambda _: None,
        ) as graph:
            tried(trap, tally, f"token endpoint {link!r}", lambda _, graph=graph: graph.rooms())
    assert [] == tally.violations


@pytest.mark.experiment("S-05", "another machine under the origin's name")
@pytest.mark.parametrize(
    "works", [["view", "create"], pytest.param([*READS, *SINGLE], marks=pytest.mark.campaign)]
)
def test_rebinding(trap: Any, tally: Any, works: list[str]) -> None:
    """Where the origin's name leads to another machine, its certificate is not trusted, and it gets no header."""
    trap.elsewhere = True
    trap.graph._transport.close()
    trap.graph._transport._client = trap.graph._transport._open()
    for name in works:
        trap.forget()
        tally.tried()
        with pytest.raises(GraphError, match="certificate is not trusted"):
            {**READS, **SINGLE}[name](trap.graph)
        tally.violated(*(f"{name}: {each.path}" for each in trap.listener.asked))
    assert trap.dialled
    assert [] == tally.violations


def head(length: int | None, kind: str = "application/json", *more: str) -> bytes:
    """The beginning of an answer."""
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", *more]
    lines += [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


GOOD = b'{"value": []}'
BODIES: dict[str, bytes] = {
    "larger than allowed": head(200_000) + b" " * 200_000,
    "larger, in pieces": head(None, "application/json", "Transfer-Encoding: chunked")
    + (b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 8,
    "no end": head(len(GOOD) + 1) + GOOD,
    "half": head(len(GOOD)) + GOOD[:5],
    "nothing": b"",
    "no HTTP": b"\x00\x01\x02\x03",
    "a header without end": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
    "two lengths": head(5, "application/json", "Content-Length: 6") + GOOD,
    "compressed": head(4, "application/json", "Content-Encoding: gzip") + b"\x1f\x8b\x08\x00",
    "a page": head(6, "text/html") + b"<html>",
    "no kind": head(len(GOOD), "text/plain") + GOOD,
    "no JSON": head(5) + b"value",
    "cut JSON": head(9) + b'{"value":',
    "two values": head(2 * len(GOOD)) + GOOD * 2,
    "deep": head(20_000) + b"[" * 20_000,
    "not UTF-8": head(12) + b'{"value":"\xff"',
    "not a number": head(14) + b'{"value": NaN}',
    "no object": head(4) + b"null",
    "no list": head(15) + b'{"value": "[]"}',
    "an empty body": head(0),
}


@pytest.mark.experiment("S-05", "oversized and malformed bodies")
@pytest.mark.parametrize("names", [["view"], pytest.param([*READS], marks=pytest.mark.campaign)])
def test_bodies(trap: Any, tally: Any, names: list[str]) -> None:
    """A body that is too large, never ends, is cut, or is not what was asked for is no answer: the reading fails."""
    for what, raw in BODIES.items():
        for name in names:
            trap.answer = lambda _, raw=raw: [raw]
            tried(trap, tally, f"{name}: {what}", READS[name])
    assert [] == tally.violations


@pytest.mark.experiment("S-05", "slow bodies")
@pytest.mark.campaign
def test_slow_bodies(trap: Any, tally: Any) -> None:
    """A body that comes a byte at a time, or stops half way, is given up after the time that one exchange may take."""
    for name, work in {**READS, **SINGLE}.items():
        for pieces, seconds in (([head(500), *[b" "] * 500], 0.05), ([head(500), b"{"], 0.5)):
            trap.origin.seconds_between = seconds
            trap.answer = lambda _, pieces=pieces: pieces
            began = time.monotonic()
            tried(trap, tally, name, work)
            if time.monotonic() - began > 10:
                tally.violated(f"{name}: not given up")
    assert [] == tally.violations


@pytest.mark.experiment("S-05", "a client that follows links and redirects", control=True)
# httpx leaves a socket open when it finds out late that a name cannot be one.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_that_follows(trap: Any, tally: Any) -> None:
    """An ordinary client that goes where it is sent takes the token along to the listener."""
    headers = {"Authorization": "Bearer canary-token"}
    for link in AWAY:
        trap.forget()
        tally.tried()
        # Whatever an ordinary client makes of such an address; what counts is where it went.
        try:
            with httpx.Client(verify=False, trust_env=False, timeout=2, follow_redirects=True) as client:  # noqa: S501 - it is the bad example
                client.get(link, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            continue
        tally.violated(*(f"{link!r}" for each in trap.listener.asked if "authorization" in each.headers))
    assert len(tally.violations) >= 20


def test_the_origin_is_asked_at_all(trap: Any) -> None:
    """The trap would not notice a client that asks nothing: an honest origin is asked, with the token."""
    trap.answer = lambda _: answer({"value": []})
    assert () == trap.graph.view(CalendarRef(ROOM), HOUR)
    assert ["Bearer canary-token"] == [each.headers["authorization"] for each in trap.calls]
    trap.answer = lambda _: answer({"value": None})
    with pytest.raises(BadAnswer):
        trap.graph.view(CalendarRef(ROOM), HOUR)
