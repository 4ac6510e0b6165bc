"""What planned faults do to the work of a request and to its reply, and when."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from scheduler.emulator import Fault, ReplyDropped
from scheduler.emulator.faults import FaultPlan

ANA = "ana@contoso.example"
CALENDAR = f"users/{ANA}/calendar"
NINE, TEN = "2026-03-03T09:00:00", "2026-03-03T10:00:00"
CONTROL = "https://graph.emulated.test/emulator"
MARKER = {"id": "String {00020329-0000-0000-C000-000000000046} Name Mark", "value": "m-1"}


def made(client: Any) -> int:
    """How many events Ana's calendar has had created."""
    return sum(effect.name == "created" for effect in client.emulator.journal.effects)


def late(client: Any) -> list[str]:
    """What became of work that was done late."""
    return [effect.reason for effect in client.emulator.journal.effects if effect.name == "appliedLate"]


def test_a_lost_request_is_not_done(client: Any) -> None:
    """A connection that breaks before the work leaves everything as it was."""
    client.emulator.faults.add(Fault(operation="createEvent", kind="drop_request"))
    with pytest.raises(ReplyDropped):
        client.book(NINE, TEN)
    assert 0 == made(client)


@pytest.mark.parametrize("kind", ["drop_reply", "fail_after"])
def test_late_work(client: Any, kind: Any) -> None:
    """The caller hears of a failure at once, and the event comes when the clock passes its moment, not before."""
    client.emulator.faults.add(Fault(operation="createEvent", kind=kind, status=504, late_seconds=50))
    if kind == "drop_reply":
        with pytest.raises(ReplyDropped):
            client.book(NINE, TEN, "ben@contoso.example")
    else:
        assert 504 == client.book(NINE, TEN, "ben@contoso.example").status_code
    client.emulator.clock.advance(49)
    assert (0, []) == (made(client), late(client))
    client.emulator.clock.advance(1)
    assert (1, ["createEvent: 201"]) == (made(client), late(client))
    client.emulator.clock.advance(60)
    assert "invitation" in [mail.kind for mail in client.emulator.journal.mail]


def test_late_work_meets_what_was_done_meanwhile(client: Any) -> None:
    """The same bytes that come late make no second event; after its event was deleted they are refused."""
    client.emulator.faults.add(
        Fault(operation="createEvent", kind="fail_after", status=504, late_seconds=50),
        Fault(operation="createEvent", kind="fail_after", status=504, late_seconds=90),
    )
    for _ in range(2):
        assert 504 == client.book(NINE, TEN, transactionId="t-1").status_code
    event = client.book(NINE, TEN, transactionId="t-1").json()
    client.emulator.clock.advance(60)
    client.http.delete(f"users/{ANA}/events/{event['id']}")
    client.emulator.clock.advance(60)
    assert 1 == made(client)
    again, after_its_end = late(client)
    assert "createEvent: 201" == again
    assert after_its_end.startswith("createEvent: 400 ErrorDuplicateTransactionId")


def test_only_lost_work_can_be_late() -> None:
    """A reply cannot show what has not been done yet."""
    with pytest.raises(ValidationError, match="cannot be late"):
        Fault(kind="truncate", late_seconds=1)


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("empty", lambda answer: answer.content == b""),
        ("malformed", lambda answer: not _is_json(answer.content)),
        ("mistyped", lambda answer: answer.headers["Content-Type"].startswith("text/plain")),
        ("deep", lambda answer: answer.content.count(b"[") == 10_000),
        ("huge", lambda answer: len(answer.content) > 50_000_000),
    ],
)
def test_spoilt_replies(client: Any, kind: Any, read: Any) -> None:
    """The work is done and its success said, in a body that no client can use."""
    client.emulator.faults.add(Fault(operation="createEvent", kind=kind))
    answer = client.book(NINE, TEN)
    assert (201, True, 1) == (answer.status_code, read(answer), made(client))
    assert 201 == client.book(NINE, TEN).status_code


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def test_wrongly_done_work(client: Any) -> None:
    """Exchange may write another time than asked, or leave a property out, and say so in its reply only."""
    client.emulator.faults.add(
        Fault(operation="createEvent", kind="shifted"), Fault(operation="createEvent", kind="unmarked")
    )
    marked = {"singleValueExtendedProperties": [MARKER]}
    shifted, unmarked, right = (client.book(NINE, TEN, **marked).json() for _ in range(3))
    assert ("2026-03-03T10:00:00", "2026-03-03T11:00:00") == (
        shifted["start"]["dateTime"][:19],
        shifted["end"]["dateTime"][:19],
    )
    expand = f"singleValueExtendedProperties($filter=id eq '{MARKER['id']}')"
    found = [
        client.http.get(f"users/{ANA}/events/{event['id']}", params={"$expand": expand}).json()
        for event in (shifted, unmarked, right)
    ]
    assert [True, False, True] == ["singleValueExtendedProperties" in event for event in found]


@pytest.mark.parametrize("wanted", [2, 2.128, 0, "Tue, 03 Mar 2026 06:00:00 GMT", None])
def test_retry_after(client: Any, wanted: Any) -> None:
    """The header says what the plan says, in whatever form, or is left out."""
    client.emulator.faults.add(Fault(status=429, retry_after=wanted))
    answer = client.http.get(CALENDAR)
    assert (429, None if wanted is None else str(wanted)) == (
        answer.status_code,
        answer.headers.get("Retry-After"),
    )


def test_claims_challenge(client: Any) -> None:
    """Headers and members of the error are the plan's, as continuous access evaluation needs them."""
    challenge = 'Bearer realm="", error="insufficient_claims", claims="e30="'
    client.emulator.faults.add(
        Fault(
            status=401,
            code="InvalidAuthenticationToken",
            headers={"WWW-Authenticate": challenge},
            extra={"@event.existingEventId": "AA1"},
        )
    )
    answer = client.http.get(CALENDAR)
    assert (challenge, "AA1") == (
        answer.headers["WWW-Authenticate"],
        answer.json()["error"]["@event.existingEventId"],
    )


@pytest.mark.parametrize(
    ("number", "error"), [(65001, "invalid_grant"), (7000222, "invalid_client"), (50173, "invalid_grant")]
)
def test_refused_sign_in(client: Any, number: int, error: str) -> None:
    """The token endpoint says its errors in its own form."""
    client.emulator.faults.add(Fault(operation="token", status=400, code=f"AADSTS{number}"))
    form = {"client_id": "all", "client_secret": "s3cret", "grant_type": "client_credentials"}
    url = f"https://login.emulated.test/{client.emulator.tenant.id}/oauth2/v2.0/token"
    answer = client.http.post(url, data={**form, "scope": "https://graph.emulated.test/.default"})
    assert (400, error, [number]) == (
        answer.status_code,
        answer.json()["error"],
        answer.json()["error_codes"],
    )


def test_chance() -> None:
    """A seed decides which requests a fault hits: the same ones again, and about as many as its chance says."""

    def hits(seed: int) -> list[bool]:
        plan = FaultPlan(seed)
        plan.add(Fault(chance=0.2, times=None))
        return [plan.meet("getEvent", ANA) is not None for _ in range(1000)]

    assert hits(1) == hits(1) != hits(2)
    assert 150 < sum(hits(1)) < 250


def test_faults_come_through_the_controls(client: Any) -> None:
    """All of it can be posted as JSON, and a plan that cannot be is refused."""
    fault = {
        "operation": "createEvent",
        "kind": "fail_after",
        "late_seconds": 2.5,
        "chance": 0.5,
        "retry_after": "soon",
    }
    answer = client.http.post(f"{CONTROL}/faults", json={"faults": [fault]})
    assert fault.items() <= answer.json()["faults"][0].items()
    refused = client.http.post(f"{CONTROL}/faults", json={"faults": [{"kind": "empty", "late_seconds": 1}]})
    assert 400 == refused.status_code
    assert isinstance(refused, httpx.Response)
