"""Subscriptions: the handshake, what is told to whom and when, and what becomes of receivers that do not answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cheroot.wsgi import Server as WSGIServer
from werkzeug.wrappers import Request, Response

from scheduler.emulator import Clock, Emulator, serve

ANA, ROOM = "ana@contoso.example", "room-a@contoso.example"
HOOK, LIFE = "https://hook.example/graph", "https://hook.example/life"
NINE, TEN = "2026-03-03T09:00:00", "2026-03-03T10:00:00"


class Receiver:
    """A receiver that shakes hands and keeps what it was told; `status` is its answer to notifications."""

    def __init__(self) -> None:
        self.status = 202
        self.told: list[dict[str, Any]] = []
        self.lived: list[dict[str, Any]] = []
        self.hands: list[str] = []
        self.greeting = Response

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        token = request.args.get("validationToken")
        if token is not None:
            self.hands.append(request.path)
            return self.greeting(token, content_type="text/plain")(environ, start_response)
        kept = self.lived if request.path == "/life" else self.told
        kept += json.loads(request.get_data())["value"]
        return Response(b"", self.status)(environ, start_response)

    def kinds(self) -> list[str]:
        """The kinds of change it was told of."""
        return [one["changeType"] for one in self.told]


@pytest.fixture
def receiver() -> Receiver:
    """A receiver that does everything right."""
    return Receiver()


def subscribe(client: Any, mailbox: str = ANA, /, **more: Any) -> Any:
    """Ask for a subscription to a default calendar for a day."""
    body = {
        "changeType": "created,updated,deleted",
        "notificationUrl": HOOK,
        "lifecycleNotificationUrl": LIFE,
        "resource": f"/users/{mailbox}/events",
        "expirationDateTime": "2026-03-03T06:00:00Z",
        "clientState": "s3cret",
        **more,
    }
    return client.http.post(
        "subscriptions", json={key: value for key, value in body.items() if value is not None}
    )


def made(client: Any, receiver: Receiver, mailbox: str = ANA, /, **more: Any) -> dict[str, Any]:
    """A subscription whose receiver is in this process."""
    client.emulator.receivers.register("https://hook.example", receiver)
    answer = subscribe(client, mailbox, **more)
    assert 201 == answer.status_code, answer.text
    return dict(answer.json())


def test_life_of_a_subscription(client: Any, receiver: Receiver) -> None:
    """Made after both addresses shook hands, read, listed, renewed, and gone after its deletion."""
    created = made(client, receiver)
    assert ["/graph", "/life"] == receiver.hands
    path = f"subscriptions/{created['id']}"
    assert ("all", "s3cret", None) == tuple(
        created[key] for key in ("applicationId", "clientState", "includeResourceData")
    )
    assert [created["id"]] == [one["id"] for one in client.http.get("subscriptions").json()["value"]]
    renewed = client.http.patch(path, json={"expirationDateTime": "2026-03-04T06:00:00Z"})
    assert (200, "2026-03-04T06:00:00Z") == (renewed.status_code, renewed.json()["expirationDateTime"])
    assert renewed.json() == client.http.get(path).json()
    assert 204 == client.http.delete(path).status_code
    assert (404, "ResourceNotFound") == client.code(client.http.get(path))
    assert (404, "ResourceNotFound") == client.code(client.http.delete(path))


def test_subscriptions_belong_to_their_app(make_client: Any, client: Any, receiver: Receiver) -> None:
    """Another app neither sees nor ends them."""
    path = f"subscriptions/{made(client, receiver)['id']}"
    other = make_client("scoped", emulator=client.emulator)
    assert [] == other.http.get("subscriptions").json()["value"]
    assert [404, 404] == [other.http.get(path).status_code, other.http.delete(path).status_code]


@pytest.mark.parametrize(
    "greeting",
    [
        lambda token, **_: Response(token, content_type="application/json"),
        lambda token, **more: Response(token, 202, **more),
        lambda token, **more: Response(token.replace(" ", "+"), **more),
        lambda token, **more: Response(f"{token}\n", **more),
        lambda _, **more: Response("ok", **more),
    ],
)
def test_a_wrong_handshake(client: Any, receiver: Receiver, greeting: Any) -> None:
    """Another type, status or text than the decoded token is 400, and there is no subscription."""
    receiver.greeting = greeting
    client.emulator.receivers.register("https://hook.example", receiver)
    assert (400, "ValidationError") == client.code(subscribe(client))
    assert [] == client.http.get("subscriptions").json()["value"]


@pytest.mark.parametrize(("seconds", "status"), [(10, 201), (10.5, 400)])
def test_the_handshake_has_ten_seconds(client: Any, receiver: Receiver, seconds: float, status: int) -> None:
    """A receiver that takes longer is refused."""
    client.emulator.receivers.register("https://hook.example", receiver, answer_seconds=seconds)
    assert status == subscribe(client).status_code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expirationDateTime": "2026-03-09T05:50:01Z"}, "ExtensionError"),
        ({"expirationDateTime": "2026-03-02T06:00:00Z"}, "InvalidRequest"),
        ({"expirationDateTime": "soon"}, "InvalidRequest"),
        ({"expirationDateTime": None}, "InvalidRequest"),
        ({"changeType": "moved"}, "InvalidRequest"),
        ({"changeType": None}, "InvalidRequest"),
        ({"resource": f"/users/{ANA}/messages"}, "InvalidRequest"),
        ({"notificationUrl": "http://hook.example/graph"}, "InvalidRequest"),
        ({"notificationUrl": "hook"}, "InvalidRequest"),
        ({"clientState": "x" * 129}, "InvalidRequest"),
        ({"includeResourceData": True}, "InvalidRequest"),
        ({"latestSupportedTlsVersion": "v2"}, "InvalidRequest"),
        ({"colour": "red"}, "BadRequest"),
    ],
)
def test_refused_subscriptions(client: Any, receiver: Receiver, changes: dict[str, Any], code: str) -> None:
    """What cannot be is 400 before anybody is asked; over 10,070 minutes it is ExtensionError."""
    client.emulator.receivers.register("https://hook.example", receiver)
    assert (400, code) == client.code(subscribe(client, **changes))
    assert [] == receiver.hands


def test_the_longest_and_the_shortest_life(client: Any, receiver: Receiver) -> None:
    """10,070 minutes pass; less than 45 become 45, after which the subscription is gone without a word."""
    assert (
        "2026-03-09T05:50:00Z"
        == made(client, receiver, expirationDateTime="2026-03-09T05:50:00Z")["expirationDateTime"]
    )
    short = made(client, receiver, expirationDateTime="2026-03-02T06:01:00Z")
    assert "2026-03-02T06:45:00Z" == short["expirationDateTime"]
    client.emulator.clock.advance(45 * 60)
    assert 404 == client.http.get(f"subscriptions/{short['id']}").status_code
    assert [] == receiver.lived


def test_rights_of_a_subscription(make_client: Any, receiver: Receiver) -> None:
    """A mailbox out of scope, one that is not there and a role that is not there are refused as for reading."""
    narrow = make_client("narrow")
    narrow.emulator.receivers.register("https://hook.example", receiver)
    assert 201 == subscribe(narrow).status_code
    assert (403, "ErrorAccessDenied") == narrow.code(subscribe(narrow, ROOM))
    assert (404, "ErrorInvalidUser") == make_client().code(subscribe(make_client(), "ghost@contoso.example"))
    assert (403, "ErrorAccessDenied") == make_client("bare").code(subscribe(make_client("bare")))


def test_a_person_subscribes_to_the_own_mailbox_only(client: Any, receiver: Receiver) -> None:
    """In the name of somebody the own calendar can be subscribed to, by /me or by name; others cannot be."""
    emulator = client.emulator
    app = emulator.registry.app("all")
    token = emulator._tokens.for_person(
        app,
        "https://graph.emulated.test",
        emulator.clock.now(),
        3600,
        mailbox=emulator._world.mailbox(ANA),
        scopes={"Calendars.Read", "Calendars.Read.Shared", "User.Read"},
    )
    client.http.headers["Authorization"] = f"Bearer {token}"
    emulator.registry.change_mailbox("ben@contoso.example", shares="read")
    assert 200 == client.http.get("users/ben@contoso.example/events").status_code
    made(client, receiver, resource="me/events")
    made(client, receiver)
    assert (403, "ErrorAccessDenied") == client.code(subscribe(client, "ben@contoso.example"))


def test_changes_are_told(client: Any, receiver: Receiver) -> None:
    """Each change of an event is told after its time, with the client's state and the etag of the change."""
    subscription = made(client, receiver)
    event = client.book(NINE, TEN).json()
    path = f"users/{ANA}/events/{event['id']}"
    client.emulator.clock.advance(9)
    assert [] == receiver.told
    client.emulator.clock.advance(1)
    (told,) = receiver.told
    assert ("created", "s3cret", subscription["id"], event["id"], event["@odata.etag"]) == (
        told["changeType"],
        told["clientState"],
        told["subscriptionId"],
        told["resourceData"]["id"],
        told["resourceData"]["@odata.etag"],
    )
    client.http.patch(path, json={"subject": "Other"})
    client.emulator.clock.advance(10)
    client.http.delete(path)
    client.emulator.clock.advance(10)
    assert ["created", "updated", "deleted"] == receiver.kinds()


def test_what_the_attendant_does_is_told(client: Any, receiver: Receiver) -> None:
    """A room's calendar tells of the invitation it accepted, several times for one action, and of its end."""
    made(client, receiver, ROOM)
    event = client.book(NINE, TEN, ROOM).json()
    client.emulator.clock.advance(60)
    assert {"created", "updated"} == set(receiver.kinds())
    assert receiver.kinds().count("updated") >= 1
    ids = {one["resourceData"]["id"] for one in receiver.told}
    (copy,) = client.events(ROOM)
    assert {copy["id"]} == ids
    client.http.post(f"users/{ANA}/events/{event['id']}/cancel", json={})
    client.emulator.clock.advance(60)
    assert "deleted" == receiver.kinds()[-1]


def test_only_what_was_asked_for(client: Any, receiver: Receiver) -> None:
    """Other kinds of change, other calendars and other mailboxes are not told."""
    calendar = client.http.post(f"users/{ANA}/calendars", json={"name": "Scheduler"}).json()["id"]
    where = f"users/{ANA}/calendars/{calendar}"
    made(client, receiver, changeType="deleted", resource=f"{where}/events")
    inside = client.book(NINE, TEN, where=where).json()
    client.book(NINE, TEN)
    client.book(NINE, TEN, where="users/ben@contoso.example")
    client.http.delete(f"users/{ANA}/events/{inside['id']}")
    client.emulator.clock.advance(60)
    assert [("deleted", inside["id"])] == [
        (one["changeType"], one["resourceData"]["id"]) for one in receiver.told
    ]


def test_ids_are_those_of_the_request_that_subscribed(client: Any, receiver: Receiver) -> None:
    """A subscription made with immutable ids goes on with them."""
    client.http.headers["Prefer"] = 'IdType="ImmutableId"'
    made(client, receiver)
    del client.http.headers["Prefer"]
    event = client.book(NINE, TEN).json()
    client.emulator.clock.advance(10)
    (told,) = receiver.told
    assert told["resourceData"]["id"].startswith("AAkAL")
    assert told["resourceData"]["id"] != event["id"]


def test_repeated_notifications(make_client: Any, receiver: Receiver) -> None:
    """At least once is not exactly once: with the option each change is told twice, with the same etag."""
    client = make_client(options={"repeated_notifications": 1})
    made(client, receiver)
    client.book(NINE, TEN)
    client.emulator.clock.advance(60)
    first, second = receiver.told
    assert first == second


def test_missed_notifications(make_client: Any, receiver: Receiver) -> None:
    """A lost notification is never sent; the lifecycle address hears that something was missed."""
    client = make_client(options={"missed_notifications": 1})
    made(client, receiver)
    client.book(NINE, TEN)
    client.emulator.clock.advance(60)
    assert ([], ["missed"]) == (receiver.told, [one["lifecycleEvent"] for one in receiver.lived])


def test_the_seed_decides(make_client: Any) -> None:
    """The same seed repeats and loses the same notifications; another seed others."""
    runs = []
    for seed in (7, 7, 8):
        client = make_client(seed=seed, options={"repeated_notifications": 0.5, "missed_notifications": 0.3})
        receiver = Receiver()
        made(client, receiver)
        for hour in range(12):
            client.book(f"2026-03-04T{hour:02}:00:00", f"2026-03-04T{hour:02}:30:00", subject=str(hour))
        client.emulator.clock.advance(60)
        subjects = {event["id"]: event["subject"] for event in client.events(ANA)}
        runs.append([subjects[one["resourceData"]["id"]] for one in receiver.told])
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


@pytest.mark.parametrize(("status", "seconds"), [(503, 0), (404, 0), (302, 0), (202, 3.5)])
def test_a_receiver_that_fails_is_asked_again(
    client: Any, receiver: Receiver, status: int, seconds: float
) -> None:
    """No 2xx within three seconds is tried again after one, two, four minutes, until it succeeds."""
    made(client, receiver)
    receiver.status = status
    client.emulator.receivers.register("https://hook.example", receiver, answer_seconds=seconds)
    client.book(NINE, TEN)
    client.emulator.clock.advance(10 + 60 + 120)
    assert 3 == len(receiver.told)
    receiver.status = 202
    client.emulator.receivers.register("https://hook.example", receiver)
    client.emulator.clock.advance(3600)
    assert 4 == len(receiver.told)
    assert 1 == len({json.dumps(one) for one in receiver.told})
    attempts = [sent.attempt for sent in client.emulator.journal.notifications if sent.kind == "change"]
    assert [1, 2, 3, 4] == attempts


def test_a_receiver_that_stays_away(client: Any, receiver: Receiver) -> None:
    """After four hours a notification is given up and told as missed."""
    life = Receiver()
    client.emulator.receivers.register("https://life.example", life)
    made(client, receiver, lifecycleNotificationUrl="https://life.example/life")
    receiver.status = 500
    client.book(NINE, TEN)
    client.emulator.clock.advance(4 * 3600 + 60)
    tried = len(receiver.told)
    client.emulator.clock.advance(8 * 3600)
    assert (8, 8) == (tried, len(receiver.told))
    assert ["missed"] == [one["lifecycleEvent"] for one in life.lived]


def test_reauthorization(make_client: Any, receiver: Receiver) -> None:
    """A subscription that is not reauthorized falls silent; reauthorized it goes on and tells what was missed."""
    client = make_client(options={"reauthorize_after_seconds": 600})
    subscription = made(client, receiver)
    client.emulator.clock.advance(610)
    assert ["reauthorizationRequired"] == [one["lifecycleEvent"] for one in receiver.lived]
    client.book(NINE, TEN)
    client.emulator.clock.advance(1790)
    assert ["created"] == receiver.kinds()
    client.book(NINE, TEN)
    client.emulator.clock.advance(60)
    assert ["created"] == receiver.kinds()
    assert 204 == client.http.post(f"subscriptions/{subscription['id']}/reauthorize").status_code
    client.book(NINE, TEN)
    client.emulator.clock.advance(60)
    assert ["created", "created"] == receiver.kinds()
    assert ["reauthorizationRequired", "missed"] == [one["lifecycleEvent"] for one in receiver.lived]


def test_removal_by_the_service(client: Any, receiver: Receiver) -> None:
    """A control lets Graph remove a subscription: its lifecycle address hears of it and nothing more comes."""
    subscription = made(client, receiver)
    told = client.http.post(
        "https://graph.emulated.test/emulator/lifecycle",
        json={"subscription": subscription["id"], "event": "subscriptionRemoved"},
    )
    assert 200 == told.status_code
    client.book(NINE, TEN)
    client.emulator.clock.advance(60)
    assert ([], ["subscriptionRemoved"]) == (
        receiver.kinds(),
        [one["lifecycleEvent"] for one in receiver.lived],
    )
    assert 404 == client.http.get(f"subscriptions/{subscription['id']}").status_code


@pytest.mark.parametrize("status", [201, 409])
def test_a_second_one_just_like_it(make_client: Any, receiver: Receiver, status: int) -> None:
    """The same subscription again is another one, or refused, as the tenant says."""
    client = make_client(options={"duplicate_subscription_status": status})
    made(client, receiver)
    assert status == subscribe(client).status_code


def test_a_new_address_shakes_hands(client: Any, receiver: Receiver) -> None:
    """The address of a subscription can be changed to one that answers; what is its own cannot be changed."""
    path = f"subscriptions/{made(client, receiver)['id']}"
    other = Receiver()
    client.emulator.receivers.register("https://other.example", other)
    assert 200 == client.http.patch(path, json={"notificationUrl": "https://other.example/new"}).status_code
    assert 400 == client.http.patch(path, json={"notificationUrl": "https://nobody.invalid/"}).status_code
    assert 400 == client.http.patch(path, json={"lifecycleNotificationUrl": LIFE}).status_code
    client.book(NINE, TEN)
    client.emulator.clock.advance(10)
    assert (["/new"], 1, 0) == (other.hands, len(other.told), len(receiver.told))


def test_the_receiver_may_ask_back(client: Any) -> None:
    """While it is told of a change a receiver can read the event that changed."""
    read: list[int] = []

    class Curious(Receiver):
        def __call__(self, environ: Any, start_response: Any) -> Any:
            answer = super().__call__(environ, start_response)
            ids = [one["resourceData"]["id"] for one in self.told]
            read.extend(client.http.get(f"users/{ANA}/events/{event}").status_code for event in ids)
            return answer

    made(client, Curious())
    client.book(NINE, TEN)
    client.emulator.clock.advance(10)
    assert [200] == read


@pytest.fixture
def network() -> Iterator[tuple[Receiver, str]]:
    """A receiver on a port of this machine."""
    receiver = Receiver()
    server = WSGIServer(("127.0.0.1", 0), receiver, numthreads=2, shutdown_timeout=1)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield receiver, f"http://127.0.0.1:{server.bind_addr[1]}/graph"
    server.stop()
    thread.join(timeout=5)


def test_over_the_network(make_tenant: Any, make_client: Any, network: tuple[Receiver, str]) -> None:
    """A served emulator whose clock runs tells a receiver on the network by itself, without another request."""
    receiver, url = network
    tenant = make_tenant(options={"notification_seconds": 0.1}, clock="2026-03-02T06:00:00Z")
    emulator = Emulator(tenant, clock=Clock(tenant.clock, running=True))
    with serve(emulator):
        client = make_client(emulator=emulator)
        assert 201 == subscribe(client, notificationUrl=url, lifecycleNotificationUrl=None).status_code
        client.book(NINE, TEN)
        until = time.monotonic() + 5
        while not receiver.told and time.monotonic() < until:
            time.sleep(0.02)
    assert ["created"] == receiver.kinds()
