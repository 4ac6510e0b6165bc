"""The service as a whole: envelopes, headers, faults, throttling, the journal, the clock and the controls."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from scheduler.emulator import Fault, ReplyDropped

CALENDAR = "users/ana@contoso.example/calendar"
NINE, TEN = "2026-03-03T09:00:00", "2026-03-03T10:00:00"
CONTROL = "https://graph.emulated.test/emulator"


def test_headers(client: Any) -> None:
    """Every reply names the request, echoes the client's id and dates itself by the emulator's clock."""
    client.emulator.clock.advance(61)
    answer = client.http.get(CALENDAR, headers={"client-request-id": "mine"})
    assert ("mine", "Mon, 02 Mar 2026 06:01:01 GMT", "4.0") == (
        answer.headers["client-request-id"],
        answer.headers["Date"],
        answer.headers["OData-Version"],
    )
    assert 36 == len(answer.headers["request-id"])
    assert "odata.metadata=minimal" in answer.headers["Content-Type"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nothing/here", 404, "ResourceNotFound"),
        ("PUT", CALENDAR, 405, "MethodNotAllowed"),
        ("GET", "https://login.emulated.test/beta/users", 404, "ResourceNotFound"),
    ],
)
def test_every_failure_has_the_envelope(client: Any, method: str, path: str, status: int, code: str) -> None:
    """Routes that do not exist answer in Graph's error shape as well."""
    answer = client.http.request(method, path)
    assert (status, code) == client.code(answer)
    inner = answer.json()["error"]["innerError"]
    assert {"date", "request-id", "client-request-id"} == set(inner)
    assert answer.headers["request-id"] == inner["request-id"]


def test_refusing_fault(client: Any) -> None:
    """A planned 503 with Retry-After hits one request of the operation, after those it skips."""
    client.emulator.faults.add(Fault(operation="getDefaultCalendar", skip=1, retry_after=7))
    answers = [client.http.get(CALENDAR) for _ in range(3)]
    assert [200, 503, 200] == [answer.status_code for answer in answers]
    assert "7" == answers[1].headers["Retry-After"]
    assert [] == client.emulator.faults.planned


@pytest.mark.parametrize(("kind", "made"), [("refuse", 0), ("html", 0), ("fail_after", 1), ("truncate", 1)])
def test_fault_kinds(client: Any, kind: Any, made: int) -> None:
    """Some failures leave the work undone and some come after it; pages and halves are no JSON."""
    before = len(client.events("ana@contoso.example"))
    client.emulator.faults.add(Fault(operation="createEvent", kind=kind))
    answer = client.book(NINE, TEN)
    assert (201 if kind == "truncate" else 503) == answer.status_code
    if kind in {"html", "truncate"}:
        with pytest.raises(ValueError, match=r"."):
            answer.json()
    assert before + made == len(client.events("ana@contoso.example"))


def test_dropped_reply(client: Any) -> None:
    """The work is done, the caller hears nothing, the journal says so, and trying again is the same event."""
    client.emulator.faults.add(
        Fault(operation="createEvent", mailbox="ANA@contoso.example", kind="drop_reply")
    )
    with pytest.raises(ReplyDropped):
        client.book(NINE, TEN, transactionId="t-1")
    assert ("createEvent", 0) == (
        client.emulator.journal.requests[-1].operation,
        client.emulator.journal.requests[-1].status,
    )
    assert 201 == client.book(NINE, TEN, transactionId="t-1").status_code
    created = [effect for effect in client.emulator.journal.effects if effect.name == "created"]
    assert 1 == len(created)


def test_fault_of_the_token_endpoint(client: Any) -> None:
    """The sign-in side can be made to fail too."""
    client.emulator.faults.add(Fault(operation="token", status=500))
    with pytest.raises(KeyError):
        client.sign_in()


def test_fifth_request_at_once_is_throttled(make_client: Any) -> None:
    """Four requests of an app at one mailbox pass at once, a fifth is 429; another mailbox is free."""
    client = make_client()
    emulator = client.emulator
    emulator.faults.add(
        Fault(operation="getDefaultCalendar", kind="delay", delay_seconds=0.3, times=4),
    )
    workers = [threading.Thread(target=client.http.get, args=(CALENDAR,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    while len(emulator.faults.planned):
        threading.Event().wait(0.01)
    fifth = client.http.get(CALENDAR)
    other = client.http.get("users/ben@contoso.example/calendar")
    for worker in workers:
        worker.join()
    assert (429, "ApplicationThrottled") == client.code(fifth)
    assert "1" == fifth.headers["Retry-After"]
    assert 200 == other.status_code
    assert 200 == client.http.get(CALENDAR).status_code


def test_same_seed_same_ids(make_client: Any) -> None:
    """Two emulators of one tenant give the same ids to the same calls, another seed gives others."""
    ids = [make_client(seed=seed).book(NINE, TEN, "ben@contoso.example").json()["id"] for seed in (7, 7, 8)]
    assert ids[0] == ids[1]
    assert ids[0] != ids[2]


def test_reset(client: Any) -> None:
    """A reset brings back state, clock, journal and plan; the same calls then give the same ids."""
    first = client.book(NINE, TEN).json()
    client.emulator.clock.advance(60)
    client.emulator.faults.add(Fault())
    client.emulator.reset()
    assert ([], "2026-03-02T06:00:00Z") == (
        client.emulator.journal.mail,
        client.http.get(f"{CONTROL}/clock").json()["now"],
    )
    assert first["id"] == client.book(NINE, TEN).json()["id"]


def test_many_threads(client: Any) -> None:
    """Writes from many threads at different mailboxes are all kept, each with its own id."""
    made: list[str] = []

    def work(mailbox: str) -> None:
        made.extend(client.book(NINE, TEN, where=f"users/{mailbox}").json()["id"] for _ in range(10))

    mailboxes = ["ana@contoso.example", "ben@contoso.example", "room-a@contoso.example"]
    workers = [threading.Thread(target=work, args=(mailbox,)) for mailbox in mailboxes]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert 30 == len(set(made))
    held = [sum(event["subject"] == "Interview" for event in client.events(box)) for box in mailboxes]
    assert [10, 10, 10] == held


def test_control_routes(client: Any) -> None:
    """Clock, faults, journal and snapshot work over HTTP, without a token."""
    bare = httpx.Client(transport=httpx.WSGITransport(client.emulator.wsgi), base_url=CONTROL)
    client.book(NINE, TEN, "room-a@contoso.example")
    moved = bare.post("/clock", json={"advance_seconds": 60}).json()
    assert {"now": "2026-03-02T06:01:00Z", "running": False} == moved
    journal = bare.get("/journal").json()
    assert ["invitation", "accepted"] == [mail["kind"] for mail in journal["mail"]]
    assert ("createEvent", "ana@contoso.example", 201) == tuple(
        journal["requests"][-1][key] for key in ("operation", "mailbox", "status")
    )
    room = bare.get("/snapshot").json()["mailboxes"]["room-a@contoso.example"]
    assert ["Ana Silva"] == [event["subject"] for event in room["calendars"][0]["events"]]
    planned = bare.post("/faults", json={"faults": [{"operation": "getUser", "status": 500}]}).json()[
        "faults"
    ]
    assert [("getUser", 500)] == [(fault["operation"], fault["status"]) for fault in planned]
    assert "getSchedule" in {operation["name"] for operation in bare.get("/").json()["operations"]}
    assert {"now": "2026-03-02T06:00:00Z", "running": False} == bare.post("/reset").json()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/clock", {"advance_seconds": -1}, 400),
        ("POST", "/clock", {"seconds": 1}, 400),
        ("POST", "/faults", {"faults": [{"kind": "explode"}]}, 400),
        ("DELETE", "/journal", None, 405),
        ("GET", "/nothing", None, 404),
    ],
)
def test_refused_controls(client: Any, method: str, path: str, body: Any, status: int) -> None:
    """A control request that cannot be read changes nothing and says so."""
    assert status == client.http.request(method, f"{CONTROL}{path}", json=body).status_code


def test_controls_answer_this_machine_only(client: Any) -> None:
    """A caller from another address is refused."""
    transport = httpx.WSGITransport(client.emulator.wsgi, remote_addr="10.0.0.9")
    assert 403 == httpx.Client(transport=transport, base_url=CONTROL).get("/journal").status_code


@pytest.mark.parametrize(
    "spelling", ["microsoft.graph.roomlist", "Microsoft.Graph.RoomList", "graph.roomList"]
)
def test_spelling_of_paths(client: Any, spelling: str) -> None:
    """Fixed segments are read in any case, with the namespace or its alias; ids keep their case."""
    assert 200 == client.http.get(f"places/{spelling}").status_code
    made = client.book(NINE, TEN).json()["id"]
    assert 200 == client.http.get(f"Users/ANA@contoso.example/Calendar/Events/{made}").status_code
    assert (
        404
        == client.http.get(
            f"users/ana@contoso.example/events/{made.swapcase().replace('aamKe', 'AAMkE')}"
        ).status_code
    )
