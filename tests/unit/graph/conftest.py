"""A scripted stand-in for Microsoft's side: a small WSGI application, and time that passes by sleeping."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest

from scheduler.graph import Graph, Patience, connect

GRAPH = "https://graph.test"
LOGIN = "https://login.test"
TENANT = "contoso.test"
DISCOVERY = {
    "issuer": f"{LOGIN}/{TENANT}/v2.0",
    "authorization_endpoint": f"{LOGIN}/{TENANT}/oauth2/v2.0/authorize",
    "token_endpoint": f"{LOGIN}/{TENANT}/oauth2/v2.0/token",
}


@dataclass
class Time:
    """Seconds that pass only when somebody sleeps; every nap is kept."""

    seconds: float = 1000.0
    naps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.seconds += seconds


@dataclass
class Asked:
    """One request as Microsoft's side saw it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Microsoft:
    """Plays Graph and the sign-in service.

    `answers` is a list used up from the front, or a function of the request; requests of a batch get one each. `batch`
    may answer a batch instead. An answer is (status, body) or
    (status, body, headers); a body of bytes goes out as it is, anything else as JSON.
    """

    answers: list[Any] | Callable[[Asked], Any]
    time: Time
    asked: list[Asked] = field(default_factory=list)
    sign_ins: list[Asked] = field(default_factory=list)
    batches: list[Asked] = field(default_factory=list)
    batch: Callable[[Asked], Any] = field(init=False)
    discovery: Any = (200, DISCOVERY)
    token: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.batch = self._batch

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        asked = Asked(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            unquote(environ["QUERY_STRING"]),
            {key[5:].lower().replace("_", "-"): text for key, text in environ.items() if key[:5] == "HTTP_"}
            | {"content-type": environ.get("CONTENT_TYPE", "")},
            environ["wsgi.input"].read(),
            self.time.monotonic(),
        )
        if environ["SERVER_NAME"] == "login.test":
            answer = self._sign_in(asked)
        elif asked.path == "/v1.0/$batch":
            self.batches.append(asked)
            answer = self.batch(asked)
        else:
            answer = self.answer(asked)
        status, body, headers = (*answer, {})[:3]
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        start_response(f"{status} .", list(({"Content-Type": "application/json"} | headers).items()))
        return [raw]

    def answer(self, asked: Asked) -> Any:
        """The scripted answer to one request."""
        with self.lock:
            self.asked.append(asked)
            scripted = self.answers
            answer = scripted.pop(0) if isinstance(scripted, list) else None
        return answer if isinstance(scripted, list) else scripted(asked)

    def in_batch(self, asked: Asked) -> list[tuple[dict[str, Any], Any]]:
        """Each request of a batch and its scripted answer."""
        found = []
        for item in asked.json["requests"]:
            path, _, query = item["url"].partition("?")
            inner = Asked(
                item["method"],
                f"/v1.0{path}",
                unquote(query),
                {name.lower(): value for name, value in item["headers"].items()},
                json.dumps(item.get("body")).encode(),
                asked.at,
            )
            found.append((item, (*self.answer(inner), {})[:3]))
        return found

    def _batch(self, asked: Asked) -> Any:
        responses = [
            {"id": item["id"], "status": status, "headers": headers, "body": body}
            for item, (status, body, headers) in self.in_batch(asked)
        ]
        return 200, {"responses": responses[::-1]}

    def _sign_in(self, asked: Asked) -> Any:
        if asked.method == "GET":
            return self.discovery
        self.sign_ins.append(asked)
        if self.token is not None:
            return self.token
        return 200, {
            "token_type": "Bearer",
            "expires_in": 3599,
            "access_token": f"token-{len(self.sign_ins)}",
        }


@dataclass
class Stage:
    """A connected Graph and who plays Microsoft."""

    graph: Graph
    microsoft: Microsoft
    time: Time

    @property
    def asked(self) -> list[Asked]:
        return self.microsoft.asked


@pytest.fixture
def play() -> Iterator[Callable[..., Stage]]:
    """Connect a Graph to scripted answers; see Microsoft for their form."""
    stages: list[Stage] = []

    def make(answers: list[Any] | Callable[[Asked], Any], **script: Any) -> Stage:
        time = Time()
        microsoft = Microsoft(answers, time, **script)
        graph = connect(
            graph_url=GRAPH,
            authority=LOGIN,
            tenant_id=TENANT,
            client_id="app-id",
            client_secret="s3cret-canary",
            wsgi_app=microsoft,
            patience=Patience(attempts=4, total_seconds=100.0),
            monotonic=time.monotonic,
            system=lambda: 60.0 * 500,
            sleep=time.sleep,
            jitter=lambda: 0.0,
        )
        stages.append(Stage(graph, microsoft, time))
        return stages[-1]

    yield make
    for stage in stages:
        stage.graph.close()
