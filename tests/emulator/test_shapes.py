"""Every body of a run over all operations has the names, types, members and nullability of Graph v1.0."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from werkzeug.wrappers import Request, Response

from scheduler.emulator import Fault
from scheduler.emulator.operations import OPERATIONS

ANA, BEN, ROOM = (f"users/{name}@contoso.example" for name in ("ana", "ben", "room-a"))
NINE, TEN = "2026-03-03T09:00:00", "2026-03-03T10:00:00"
JSON = {"Content-Type": "application/json"}
SHAPES = yaml.safe_load(Path(__file__).with_name("shapes.yaml").read_text(encoding="utf-8"))
TYPES = {
    kind: dict(member.split() for member in members.split(",")) for kind, members in SHAPES["types"].items()
}
SUPPORTED = {operation.name for operation in OPERATIONS if not operation.refusal}
PATTERNS = {
    "wall": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}"),
    "instant": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z"),
    "clock": re.compile(r"\d\d:\d\d:\d\d\.\d{7}"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
}
PLAIN = {"string": str, "int": int, "bool": bool}


def problems(value: Any, kind: str, path: str = "") -> Iterator[str]:
    """Where a value is not of its type."""
    if kind.endswith("?"):
        if value is not None:
            yield from problems(value, kind[:-1], path)
    elif kind.startswith("["):
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no collection"
            return
        for index, item in enumerate(value):
            yield from problems(item, kind[1:-1], f"{path}/{index}")
    elif "|" in kind:
        if all(any(True for _ in problems(value, one, path)) for one in kind.split("|")):
            yield f"{path}: {value!r} is none of {kind}"
    elif kind in TYPES:
        yield from members(value, TYPES[kind], path)
    elif not fits(value, kind):
        yield f"{path}: {value!r} is no {kind}"


def members(value: Any, known: dict[str, str], path: str) -> Iterator[str]:
    """Where the members of an object are not those of its type."""
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    if "@removed" in value:
        if {"id", "@removed"} != set(value) or value["@removed"] != {"reason": "deleted"}:
            yield f"{path}: {value!r} is no removed item"
        return
    for name, item in value.items():
        if name.startswith("@odata."):
            if not isinstance(item, str | int):
                yield f"{path}/{name}: {item!r} is no annotation"
        elif name not in known:
            yield f"{path}/{name} does not exist"
        else:
            yield from problems(item, known[name], f"{path}/{name}")


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a primitive type or a member of an enum."""
    if kind in PATTERNS:
        return isinstance(value, str) and PATTERNS[kind].fullmatch(value) is not None
    if kind in PLAIN:
        return type(value) is PLAIN[kind]
    if kind == "null":
        return value is None
    return value in SHAPES["enums"][kind]


def body_problems(operation: str, body: Any) -> Iterator[str]:
    """Where the body of a success is not what its operation answers."""
    kind = SHAPES["answers"][operation]
    if kind == "none":
        if body is not None:
            yield f"{operation} has a body"
    elif kind == "batch":
        for reply in body["responses"]:
            if {"id", "status", "headers", "body"} != set(reply):
                yield f"a reply of a batch has {sorted(reply)}"
    elif kind.startswith("["):
        if "@odata.context" not in body or [name for name in body if not name.startswith("@odata.")] != [
            "value"
        ]:
            yield f"{operation} is no collection: {sorted(body)}"
        yield from problems(body["value"], kind, operation)
    else:
        if "@odata.context" not in body:
            yield f"{operation} has no context"
        yield from problems(body, kind, operation)


def error_problems(response: httpx.Response, body: Any) -> Iterator[str]:
    """Where a failure has no error envelope, or one that does not belong to its reply."""
    error = body.get("error", {})
    if not isinstance(error.get("code"), str) or not isinstance(error.get("message"), str):
        yield f"{body!r} is no error"
        return
    inner = error.get("innerError", {})
    if {"date", "request-id", "client-request-id"} != set(inner):
        yield f"{inner!r} is no innerError"
    elif [inner["request-id"], inner["client-request-id"]] != [
        response.headers[name] for name in ("request-id", "client-request-id")
    ]:
        yield "the innerError is of another request"


class Watch:
    """Sees every reply of a client and what is wrong with it."""

    def __init__(self, client: Any) -> None:
        self.emulator = client.emulator
        self.problems: list[str] = []
        self.succeeded: set[str] = set()
        self.seen = 0
        client.http.event_hooks["response"] = [self.see]

    def see(self, response: httpx.Response) -> None:
        """Judge one reply."""
        if response.url.path.startswith("/emulator"):
            return
        text = response.read().decode()
        body = json.loads(text) if text else None
        operation = self.emulator.journal.requests[-1].operation
        self.seen += 1
        if response.status_code < 400:
            self.succeeded.add(operation)
            self.problems += body_problems(operation, body)
            if response.status_code == 201 and "Location" not in response.headers:
                self.problems.append(f"{operation} is 201 without Location")
        else:
            self.problems += error_problems(response, body)
        for name in ("request-id", "client-request-id", "Date", "OData-Version"):
            if name not in response.headers:
                self.problems.append(f"{operation} has no {name}")


def shake_hands(environ: Any, start_response: Any) -> Any:
    """A receiver of notifications that only shakes hands."""
    token = Request(environ).args.get("validationToken", "")
    return Response(token, content_type="text/plain")(environ, start_response)


def read_everything(client: Any) -> None:
    """Each operation that changes nothing, in its shapes."""
    http = client.http
    strangers = [
        "hal@contoso.example",
        "nomail@contoso.example",
        "ghost@contoso.example",
        "panel@contoso.example",
    ]
    addresses = ["ana@contoso.example", "ben@contoso.example", "room-a@contoso.example", *strangers]
    client.schedule(*addresses, start="2026-03-02T00:00:00", end="2026-03-06T00:00:00")
    for path in (
        *(
            f"{box}/{what}"
            for box in (ANA, BEN, ROOM)
            for what in ("calendars", "calendar", "events?$count=true")
        ),
        f"{ANA}/calendar/calendarPermissions",
        f"{ANA}/mailboxSettings",
        f"{BEN}/mailboxSettings",
        f"{ROOM}/mailboxSettings",
        f"{ANA}/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01&$orderby=start/dateTime",
        f"{ANA}/calendar/events/delta",
        f"{ANA}/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01",
        *(f"places/microsoft.graph.{kind}" for kind in ("room?$count=true", "workspace", "roomlist")),
        "places/room-a@contoso.example",
        "places/hq@contoso.example",
        "places/hq@contoso.example/microsoft.graph.roomlist/rooms",
        "users/ana@contoso.example",
        "users/room-b@contoso.example",
        "groups",
    ):
        assert 200 == http.get(path).status_code, path
    group = http.get("groups?$filter=mail eq 'panel@contoso.example'").json()["value"][0]["id"]
    assert 200 == http.get(f"groups/{group}/transitiveMembers").status_code


def write_everything(client: Any) -> None:
    """Each operation that changes something, and the copies that come of it."""
    http, clock = client.http, client.emulator.clock
    calendar = http.post(f"{ANA}/calendars", json={"name": "Scheduler"}).json()["id"]
    http.patch(f"{ANA}/calendars/{calendar}", json={"name": "Interviews"})
    http.get(f"{ANA}/calendars/{calendar}")
    body = {"isOnlineMeeting": True, "transactionId": "t-1", "location": {"displayName": "Here"}}
    weekly = {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "numbered", "startDate": "2026-03-03", "numberOfOccurrences": 3},
    }
    made = client.book(NINE, TEN, "ben@contoso.example", "room-a@contoso.example", **body).json()
    client.book("2026-03-03T12:00:00", "2026-03-03T13:00:00", recurrence=weekly)
    client.book(NINE, TEN, where=f"{ANA}/calendars/{calendar}", isAllDay=False)
    http.patch(f"{ANA}/events/{made['id']}", json={"subject": "Other"})
    for answer in ("accept", "tentativelyAccept", "decline"):
        clock.advance(5)
        (copy,) = client.events("ben@contoso.example", **{"$filter": f"iCalUId eq '{made['iCalUId']}'"})
        http.post(f"{BEN}/events/{copy['id']}/{answer}", json={})
    clock.advance(120)
    link = http.get(f"{ANA}/events/delta").json()["@odata.deltaLink"]
    read_everything(client)
    http.get(f"{ANA}/events/{made['id']}")
    http.post(f"{ANA}/events/{made['id']}/cancel", json={"comment": "Sorry"})
    for event in client.events("ana@contoso.example"):
        http.delete(f"{ANA}/events/{event['id']}")
    assert http.get(link).json()["value"]
    http.delete(f"{ANA}/calendars/{calendar}")


def subscribe_and_batch(client: Any) -> None:
    """The life of a subscription, and a batch of what succeeds and fails."""
    http = client.http
    client.emulator.receivers.register("https://hook.example", shake_hands)
    wanted = {
        "changeType": "created",
        "notificationUrl": "https://hook.example/",
        "resource": "users/ana@contoso.example/events",
        "expirationDateTime": "2026-03-03T06:00:00Z",
    }
    path = f"subscriptions/{http.post('subscriptions', json=wanted).json()['id']}"
    http.get("subscriptions")
    http.patch(path, json={"expirationDateTime": "2026-03-04T06:00:00Z"})
    http.get(path)
    http.post(f"{path}/reauthorize")
    http.delete(path)
    requests = [
        {"id": "1", "method": "GET", "url": f"/{ANA}/calendar"},
        {"id": "2", "method": "GET", "url": "/no"},
    ]
    http.post("$batch", json={"requests": requests})


def fail_in_every_way(client: Any) -> None:
    """Failures of each kind: of the path, of the token, of the right, of the body and of the service."""
    http = client.http
    for method, path, body in (
        ("GET", "nothing", None),
        ("PUT", f"{ANA}/calendar", None),
        ("GET", "me/events", None),
        ("GET", "users/ghost@contoso.example/events", None),
        ("GET", "users/hal@contoso.example/events", None),
        ("GET", f"{ANA}/events/AAMkgone=", None),
        ("GET", f"{ANA}/calendarView/delta?$deltatoken=x", None),
        ("POST", f"{ANA}/events", {"colour": "red"}),
        ("POST", f"{ANA}/calendars", {"name": "calendar"}),
        ("POST", f"{ANA}/calendar/getSchedule", {}),
        ("POST", "$batch", {"requests": []}),
        ("POST", "subscriptions", {}),
        *(
            (one.method, one.rule.replace("<user>", "ana@contoso.example").lstrip("/"), {})
            for one in OPERATIONS
            if one.refusal
        ),
    ):
        assert 400 <= http.request(method, path, json=body).status_code, path
    client.emulator.faults.add(Fault(status=503, retry_after=1))
    http.get(f"{ANA}/calendar")
    http.get(f"{ANA}/calendar", headers={"Authorization": "Bearer x", "client-request-id": "mine"})


def test_every_body_of_every_operation(make_client: Any, make_tenant: Any) -> None:
    """All operations succeed at least once, and no body of theirs or of any failure breaks the table."""
    apps = [one.model_dump(mode="json") for one in make_tenant().apps]
    apps[0]["grants"].append({"role": "Directory.Read.All", "over": "all"})
    for options in ({}, {"unknown_recipient_code": "5016", "teams": False, "name_existing_event": True}):
        client = make_client(options=options, apps=apps)
        watch = Watch(client)
        read_everything(client)
        write_everything(client)
        subscribe_and_batch(client)
        fail_in_every_way(client)
        assert [] == watch.problems
        assert SUPPORTED == watch.succeeded
        assert watch.seen > 100


def test_every_operation_is_in_the_table() -> None:
    """What is supported and what the table of shapes answers are the same operations."""
    assert SUPPORTED == set(SHAPES["answers"])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("room", {"id": "1", "displayName": "A", "capacity": "8"}),
        ("room", {"id": "1", "displayName": None}),
        ("room", {"id": "1", "displayName": "A", "isWheelchairAccessible": True}),
        ("scheduleItem", {"status": "Busy"}),
        ("dateTimeTimeZone", {"dateTime": "2026-03-03T09:00:00", "timeZone": "UTC"}),
        ("event", {"id": "1", "attendees": None}),
        ("event", {"id": "1", "@removed": {"reason": "changed"}}),
        ("workingHours", {"startTime": "08:00:00"}),
        ("workingHours", {"timeZone": {"name": "UTC", "bias": "60"}}),
    ],
)
def test_the_table_notices(kind: str, value: dict[str, Any]) -> None:
    """A wrong type, a null, an unknown name, a member in capitals and a missing fraction are each found."""
    assert 1 == len(list(problems(value, kind)))
