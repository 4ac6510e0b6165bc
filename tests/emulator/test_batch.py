"""$batch: many requests in one, each with a reply, a place in the throttle and a line in the journal of its own."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx
import pytest

from scheduler.emulator import Fault

ANA = "users/ana@contoso.example"
NINE, TEN = "2026-03-03T09:00:00", "2026-03-03T10:00:00"
JSON = {"Content-Type": "application/json"}


def get(name: str, url: str = f"/{ANA}/calendar", **more: Any) -> dict[str, Any]:
    """A read inside a batch."""
    return {"id": name, "method": "GET", "url": url, **more}


def create(name: str, **more: Any) -> dict[str, Any]:
    """A new event inside a batch."""
    times = {side: {"dateTime": at, "timeZone": "UTC"} for side, at in (("start", NINE), ("end", TEN))}
    body = {"subject": name, **times}
    return {"id": name, "method": "POST", "url": f"/{ANA}/events", "headers": JSON, "body": body, **more}


def send(client: Any, *requests: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The replies of a batch by id."""
    answer = client.http.post("$batch", json={"requests": list(requests)})
    assert 200 == answer.status_code, answer.text
    replies = answer.json()["responses"]
    assert len(replies) == len(requests)
    return {reply["id"]: reply for reply in replies}


def test_every_request_has_its_own_reply(client: Any) -> None:
    """Reads, writes and failures come back by id inside one 200, with status, headers and a JSON body each."""
    missing = get("missing", f"/{ANA}/events/AAMkgone=")
    replies = send(
        client, get("1"), create("2"), missing, get("4", "users/ben@contoso.example/events?$top=1")
    )
    assert {"1": 200, "2": 201, "missing": 404, "4": 200} == {
        key: one["status"] for key, one in replies.items()
    }
    assert "Ana Silva" == replies["1"]["body"]["owner"]["name"]
    assert replies["2"]["headers"]["Location"].endswith(f"/events('{replies['2']['body']['id']}')")
    assert "ErrorItemNotFound" == replies["missing"]["body"]["error"]["code"]
    assert 1 == len(replies["4"]["body"]["value"])
    assert "2" in {event["subject"] for event in client.events("ana@contoso.example")}


def test_replies_come_in_an_order_of_the_seed(make_client: Any) -> None:
    """Twenty replies are not in the order of their requests; the same seed orders them alike, another differently."""
    orders = []
    for seed in (7, 7, 8):
        answer = make_client(seed=seed).http.post(
            "$batch", json={"requests": [get(str(n)) for n in range(20)]}
        )
        orders.append([reply["id"] for reply in answer.json()["responses"]])
    assert sorted(orders[0]) == sorted(str(n) for n in range(20))
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert orders[0] != [str(n) for n in range(20)]


def test_a_dependent_waits_and_fails_with_its_own(client: Any) -> None:
    """A dependent is done after what it names, in whatever order they are written; after a failure it is 424."""
    listing = get("list", f"/{ANA}/events?$filter=subject eq 'made'&$top=5", dependsOn=["MADE"])
    fails = get("fails", f"/{ANA}/events/AAMkgone=")
    after, later = create("after", dependsOn=["fails"]), get("later", dependsOn=["after"])
    replies = send(client, listing, create("made"), later, after, fails)
    assert ["made"] == [event["subject"] for event in replies["list"]["body"]["value"]]
    assert [404, 424, 424] == [replies[name]["status"] for name in ("fails", "after", "later")]
    assert {"date", "request-id", "client-request-id"} == set(replies["after"]["body"]["error"]["innerError"])
    assert "after" not in {event["subject"] for event in client.events("ana@contoso.example")}


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [get(str(n)) for n in range(21)],
        [get("a"), get("A")],
        [get("")],
        [{"id": "1", "url": "/users"}],
        [{"id": "1", "method": "TRACE", "url": "/users"}],
        [get("1", "")],
        [get("1", dependsOn=["2"])],
        [get("1", dependsOn=["2"]), get("2", dependsOn=["1"])],
        [get("1", dependsOn="2"), get("2")],
        [get("1", headers={"Prefer": 1})],
        [create("1") | {"headers": {}}],
        [create("1") | {"headers": {}, "body": {}}],
        ["text"],
    ],
)
def test_an_unlawful_batch_is_refused_whole(client: Any, requests: list[Any]) -> None:
    """More than twenty, ids that differ by case only, circles and bodies without type are 400; nothing is done."""
    answer = client.http.post("$batch", json={"requests": [create("done"), *requests] if requests else []})
    assert 400 == answer.status_code
    assert "done" not in {event["subject"] for event in client.events("ana@contoso.example")}


def test_a_batch_needs_a_token(client: Any) -> None:
    """Without a token the whole batch is 401; with one each request inside is let in by its own right."""
    bare = client.http.post("$batch", json={"requests": [get("1")]}, headers={"Authorization": ""})
    assert (401, "InvalidAuthenticationToken") == client.code(bare)


def test_rights_are_those_of_each_request(make_client: Any) -> None:
    """A scoped app reads one mailbox and is refused the other in the same batch."""
    client = make_client("narrow")
    replies = send(client, get("own"), get("other", "/users/ben@contoso.example/calendar"))
    assert [200, 403] == [replies[name]["status"] for name in ("own", "other")]


def test_a_throttled_request_says_so_itself(client: Any) -> None:
    """A 429 inside leaves the batch at 200 and has its Retry-After among the headers of the item."""
    client.emulator.faults.add(
        Fault(operation="getDefaultCalendar", status=429, code="ApplicationThrottled", retry_after=9, skip=1)
    )
    replies = send(client, get("1"), get("2"), get("3"))
    assert [200, 429, 200] == [replies[name]["status"] for name in "123"]
    assert "9" == replies["2"]["headers"]["Retry-After"]


def test_four_of_a_mailbox_at_once(client: Any) -> None:
    """Twenty slow requests at one mailbox queue four at a time and none is refused; two mailboxes do not share."""
    client.emulator.faults.add(
        Fault(operation="getDefaultCalendar", kind="delay", delay_seconds=0.02, times=None)
    )
    other = "/users/ben@contoso.example/calendar"
    replies = send(client, *(get(str(n)) for n in range(10)), *(get(f"b{n}", other) for n in range(10)))
    assert {200} == {reply["status"] for reply in replies.values()}


def test_a_batch_takes_places_of_the_throttle(make_client: Any) -> None:
    """While three places are left to a mailbox, one of four requests of a batch at once is 429."""
    client = make_client(options={"concurrent_requests": 3})
    client.emulator.faults.add(
        Fault(operation="getDefaultCalendar", kind="delay", delay_seconds=0.1, times=None)
    )
    replies = send(client, *(get(str(n)) for n in range(4)))
    assert [200, 200, 200, 429] == sorted(reply["status"] for reply in replies.values())
    (refused,) = (reply for reply in replies.values() if reply["status"] == 429)
    assert ("1", "ApplicationThrottled") == (
        refused["headers"]["Retry-After"],
        refused["body"]["error"]["code"],
    )


def test_the_journal_tells_the_parts(client: Any) -> None:
    """Each request inside is journalled with its own path and the id of the batch, which follows them."""
    send(client, get("1"), get("2", f"/{ANA}/events?$top=1"))
    first, second, outer = client.emulator.journal.requests[-3:]
    assert ["getDefaultCalendar", "listEvents", "batch"] == [one.operation for one in (first, second, outer)]
    assert [outer.request_id, outer.request_id, ""] == [one.batch for one in (first, second, outer)]


def test_a_lost_reply_inside_is_a_gateway_timeout(client: Any) -> None:
    """The work behind a lost reply is done, and the batch still answers for it."""
    client.emulator.faults.add(Fault(operation="createEvent", kind="drop_reply"))
    assert 504 == send(client, create("lost"))["lost"]["status"]
    assert "lost" in {event["subject"] for event in client.events("ana@contoso.example")}


def test_a_batch_is_no_request_of_a_batch(client: Any) -> None:
    """A batch inside a batch is refused as an item."""
    inner = {"id": "1", "method": "POST", "url": "/$batch", "headers": JSON, "body": {"requests": [get("1")]}}
    assert 400 == send(client, inner)["1"]["status"]


def test_a_batch_that_is_done_late(client: Any) -> None:
    """A lost batch is done when its moment comes, with requests inside that take their time."""
    client.emulator.faults.add(
        Fault(operation="batch", kind="fail_after", late_seconds=60),
        Fault(operation="createEvent", kind="delay", delay_seconds=0.01, times=None),
    )
    assert 503 == client.http.post("$batch", json={"requests": [create("late"), create("later")]}).status_code
    passing = threading.Thread(target=client.emulator.clock.advance, args=(60,), daemon=True)
    passing.start()
    passing.join(timeout=5)
    assert not passing.is_alive()
    assert {"late", "later"} <= {event["subject"] for event in client.events("ana@contoso.example")}


def test_addresses_are_relative(client: Any) -> None:
    """An absolute address is refused as an item; one slash too many, as the SDK of Python writes it, is not."""
    replies = send(
        client, get("1", f"https://graph.emulated.test/v1.0/{ANA}/calendar"), get("2", f"//{ANA}/calendar")
    )
    assert [400, 200] == [replies["1"]["status"], replies["2"]["status"]]
    assert "segment 'https:'" in replies["1"]["body"]["error"]["message"]


def test_the_batch_itself_can_fail(client: Any) -> None:
    """A fault of the batch hits it as a whole, and its parts are not done."""
    client.emulator.faults.add(Fault(operation="batch", retry_after=3))
    answer: httpx.Response = client.http.post("$batch", json={"requests": [create("never")]})
    assert (503, "3") == (answer.status_code, answer.headers["Retry-After"])
    assert "never" not in json.dumps(client.events("ana@contoso.example"))
