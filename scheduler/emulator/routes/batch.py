"""POST $batch: up to twenty requests in one, each with a reply of its own (concepts/json-batching.md).

Each request inside goes the way of one outside: token, faults, throttle and journal. At most four of one mailbox are
under way at once. Where no fault makes a request wait, they are done in the order they were written, which keeps a
run repeatable; their replies always come in an order of the tenant's seed.
"""

from __future__ import annotations

import base64
import json
import random
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from scheduler.emulator.envelope import Answer, GraphFailure, bad_request, refusal
from scheduler.emulator.faults import ReplyDropped
from scheduler.emulator.service import Call, Deferred, Operation

MOST_REQUESTS = 20
AT_ONCE = 4
_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})
_NOT_REPEATED = frozenset({"content-length", "date", "client-request-id"})
_Reply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Item:
    """One request of a batch; `after` are the keys of those that have to succeed first."""

    name: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: Any
    after: tuple[str, ...]

    @property
    def key(self) -> str:
        """The id as it is compared: in any case."""
        return self.name.casefold()

    @property
    def mailbox(self) -> str:
        """What the path says before the third slash, which is the same for requests to the same mailbox."""
        return "/".join(self.url.partition("?")[0].casefold().strip("/").split("/")[:2])


def batch(call: Call) -> Deferred:
    """200 with a reply to each request.

    Raises:
        GraphFailure: 400 when the batch as a whole cannot be read; then nothing of it is done.
    """
    call.query()
    items = _items(call.body())
    order = random.Random(f"{call.world.tenant.seed} batch {call.world.ids.next_number('batch')}")

    def finish() -> Answer:
        replies = list(_done(call, items).values())
        order.shuffle(replies)
        return Answer(200, {"responses": replies})

    return Deferred(finish)


def _items(body: Mapping[str, Any]) -> list[_Item]:
    requests = body.get("requests")
    if not isinstance(requests, list) or not requests:
        raise bad_request("BadRequest", "Invalid batch payload format.")
    if len(requests) > MOST_REQUESTS:
        message = f"Number of batch request steps exceeds the maximum value of {MOST_REQUESTS}."
        raise bad_request("MaximumValueExceeded", message)
    items = [_item(request) for request in requests]
    if len({item.key for item in items}) < len(items):
        raise bad_request("BadRequest", "The id of each request in a batch has to be unique.")
    waiting, done = list(items), set[str]()
    while ready := [item for item in waiting if done.issuperset(item.after)]:
        done |= {item.key for item in ready}
        waiting = [item for item in waiting if item not in ready]
    if waiting:
        message = f"Request {waiting[0].name} depends on one that is not there or that waits for it."
        raise bad_request("BadRequest", message)
    return items


def _item(request: Any) -> _Item:
    if not isinstance(request, dict):
        raise bad_request("BadRequest", "Invalid batch payload format.")
    name, method, url = (request.get(key) for key in ("id", "method", "url"))
    if not isinstance(name, str) or not name:
        raise bad_request("BadRequest", "A request of a batch needs an id that is a string.")
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise bad_request("BadRequest", f"Request {name} has no method that a batch can have.")
    if not isinstance(url, str) or not url:
        raise bad_request("BadRequest", f"Request {name} has no url.")
    headers, after = request.get("headers") or {}, request.get("dependsOn") or []
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise bad_request("BadRequest", f"The headers of request {name} have to be an object of strings.")
    if not isinstance(after, list) or not all(isinstance(other, str) for other in after):
        raise bad_request("BadRequest", f"dependsOn of request {name} has to be a list of ids.")
    if "body" in request and "content-type" not in {header.casefold() for header in headers}:
        raise bad_request("BadRequest", f"Write request id : {name} does not contain Content-Type header.")
    keys = tuple(other.casefold() for other in after)
    return _Item(name, method.upper(), "/" + url.lstrip("/"), headers, request.get("body"), keys)


def _done(call: Call, items: list[_Item]) -> dict[str, _Reply]:
    done: dict[str, _Reply] = {}
    while ready := [item for item in items if item.key not in done and done.keys() >= set(item.after)]:
        for item in ready:
            if any(done[key]["status"] >= 400 for key in item.after):
                done[item.key] = _refused(
                    call, item, 424, "FailedDependency", "A request before this one failed."
                )
        done |= _answered(call, [item for item in ready if item.key not in done])
    return done


def _answered(call: Call, items: list[_Item]) -> dict[str, _Reply]:
    if not call.at_once or not any(fault.delay_seconds for fault in call.faults.planned):
        return {item.key: _answer(call, item) for item in items}
    doors = {item.mailbox: threading.Semaphore(AT_ONCE) for item in items}

    def answer(item: _Item) -> _Reply:
        with doors[item.mailbox]:
            return _answer(call, item)

    with ThreadPoolExecutor(MOST_REQUESTS, "batch") as pool:
        return dict(zip((item.key for item in items), pool.map(answer, items), strict=True))


def _answer(call: Call, item: _Item) -> _Reply:
    if item.url.partition("?")[0].casefold() == "/$batch":
        return _refused(call, item, 400, "BadRequest", "A batch cannot be a request of a batch.")
    if "://" in item.url.partition("?")[0]:
        # Seen from the service for absolute addresses, which its Python SDK sends (msgraph-sdk-python#1015).
        segment = item.url.lstrip("/").partition("/")[0]
        return _refused(call, item, 400, "BadRequest", f"Resource not found for the segment '{segment}'.")
    try:
        return _wire(item, call.relay(_request(call, item)))
    except ReplyDropped:
        # Between Graph and Exchange the connection is Graph's own: its loss is the gateway's to report.
        return _refused(call, item, 504, "GatewayTimeout", "The service did not answer in time.")


def _request(call: Call, item: _Item) -> Request:
    outer: dict[str, str] = {
        name: value
        for name, value in call.request.headers.items()
        if name.casefold() in {"authorization", "user-agent"}
    }
    builder = EnvironBuilder(
        path=f"/v1.0{item.url}",
        base_url=call.request.host_url,
        method=item.method,
        headers=list({**outer, **item.headers}.items()),
        data=None if item.body is None else json.dumps(item.body),
        environ_base={"REMOTE_ADDR": call.request.remote_addr or ""},
    )
    return Request(builder.get_environ())


def _wire(item: _Item, response: Response) -> _Reply:
    headers = {
        name: value for name, value in response.headers.items() if name.casefold() not in _NOT_REPEATED
    }
    reply: _Reply = {"id": item.name, "status": response.status_code, "headers": headers}
    data = response.get_data()
    if data:
        try:
            reply["body"] = json.loads(data)
        except ValueError:
            reply["body"] = base64.b64encode(data).decode()
    return reply


def _refused(call: Call, item: _Item, status: int, code: str, message: str) -> _Reply:
    return _wire(item, refusal(GraphFailure(status, code, message), call.stamp))


OPERATIONS = (Operation("batch", "POST", "/$batch", batch, frozenset(), "none"),)
