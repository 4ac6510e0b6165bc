"""R-06: whoever is waited for goes first, however much is queued in the background at the same mailbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from scheduler.emulator import IN_PROCESS_AUTHORITY, IN_PROCESS_GRAPH
from scheduler.emulator.app import Emulator
from scheduler.graph import Graph, connect
from scheduler.testing.tenants import RECRUITER, small_tenant

REQUEST_SECONDS = 0.02
BACKGROUND, EACH = 16, 6
FOREGROUND = 20
SLACK_SECONDS = 0.15
"""Between the moment a call is made and the one in which it stands in the queue."""


@dataclass
class Sent:
    """When calls were made and sent, in seconds, by whether they are in the foreground."""

    made: dict[str, float] = field(default_factory=dict)
    sent: dict[str, float] = field(default_factory=dict)


_now = threading.local()


def _sent() -> str:
    """Note that the call of this thread is being sent."""
    if (noted := getattr(_now, "noted", None)) is not None:
        noted.sent[_now.name] = time.monotonic()
    return "id"


@pytest.fixture
def graph(graph_emulator: Emulator) -> Iterator[Graph]:
    """A Graph whose every request takes a while."""

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        time.sleep(REQUEST_SECONDS)
        return graph_emulator.wsgi(environ, start_response)

    app = small_tenant().apps[0]
    with connect(
        graph_url=IN_PROCESS_GRAPH,
        authority=IN_PROCESS_AUTHORITY,
        tenant_id=graph_emulator.tenant.id,
        client_id=app.client_id,
        client_secret=app.secret,
        wsgi_app=slow,
        new_id=_sent,
    ) as made:
        made.access(RECRUITER)
        yield made


def storm(graph: Graph, behind: Graph) -> Sent:
    """Threads that read one after the other, and later others of which each wants one answer now."""
    noted = Sent()

    def read(who: Graph, name: str) -> None:
        _now.noted, _now.name = noted, name
        noted.made[name] = time.monotonic()
        who.access(RECRUITER)

    def work(number: int) -> None:
        for each in range(EACH):
            read(behind, f"background {number} {each}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(BACKGROUND)]
    for thread in threads:
        thread.start()
    for number in range(FOREGROUND):
        time.sleep(REQUEST_SECONDS / 2)
        threads.append(threading.Thread(target=read, args=(graph, f"foreground {number}")))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return noted


def inversions(noted: Sent) -> list[str]:
    """Calls in the background that were sent while one in the foreground was waiting."""
    waits = [(noted.made[name] + SLACK_SECONDS, sent) for name, sent in noted.sent.items() if name[0] == "f"]
    return [
        f"{name} overtook {sum(made < sent < until for made, until in waits)}"
        for name, sent in noted.sent.items()
        if name[0] == "b" and any(made < sent < until for made, until in waits)
    ]


@pytest.mark.campaign
@pytest.mark.experiment("R-06", "the foreground before the background")
def test_no_priority_is_inverted(tally: Any, graph: Graph) -> None:
    """Of some hundred calls of one mailbox, none in the background is sent while one in the foreground waits."""
    noted = storm(graph, graph.in_background())
    tally.tried(len(noted.sent))
    tally.violated(*inversions(noted))
    assert BACKGROUND * EACH + FOREGROUND == len(noted.sent)
    assert [] == tally.violations


@pytest.mark.experiment("R-06", "everybody in the foreground", control=True)
@pytest.mark.campaign
def test_without_a_background(tally: Any, graph: Graph) -> None:
    """Where sweeps do not say that they are in the background, they overtake."""
    noted = storm(graph, graph)
    tally.tried(len(noted.sent))
    tally.violated(*inversions(noted))
    assert [] != tally.violations
