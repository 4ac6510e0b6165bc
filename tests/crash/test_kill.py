"""kill -9 before and after every call to Graph, then `slotwright show`: one event per role, or none, none left over.

The emulator is a process of its own, so nothing of a killed booking survives but its database and the calendars.
The victim is a forked child that kills itself at the chosen call; the kill is counted in the HTTP client that it uses,
not in the product.
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from scheduler.app.book import book
from scheduler.app.bookings import bring_up_to_date
from scheduler.app.cancel import cancel
from scheduler.app.find import find
from scheduler.booking.booking import Booking
from scheduler.booking.states import ENDED, State
from scheduler.graph.client import Graph
from scheduler.planning.answer import Slot
from scheduler.planning.request import make_request
from scheduler.settings import Settings, load_settings
from scheduler.testing.tenants import (
    ANA,
    BEN,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    WALLED_ROOM,
    small_tenant,
)
from scheduler.wiring import Slotwright, open_slotwright

Side = Literal["before", "after"]
# Newer Pythons warn of forking beside threads; the children here only call our code and die.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


class Served:
    """The small tenant, emulated by another process."""

    def __init__(self, settings: Settings, trusted: ssl.SSLContext) -> None:
        self.settings = settings
        self.trusted = trusted

    def control(self, method: str, name: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One of the emulator's own routes, on a connection of its own, because a forked child must not share one."""
        url = f"{self.settings.graph_url.removesuffix('/v1.0')}/emulator/{name}"
        with httpx.Client(verify=self.trusted) as web:
            return dict(web.request(method, url, json=body).raise_for_status().json())

    def living(self) -> dict[str, list[dict[str, Any]]]:
        """Every event that is not cancelled, by mailbox, once all deliveries are through."""
        self.control("POST", "clock", {"advance_seconds": 300})
        mailboxes = self.control("GET", "snapshot")["mailboxes"]
        return {
            address: [
                event
                for calendar in mailbox["calendars"]
                for event in calendar["events"]
                if not event["isCancelled"]
            ]
            for address, mailbox in mailboxes.items()
        }

    def invitations(self) -> list[str]:
        """Who was invited by mail, people only."""
        mail = self.control("GET", "journal")["mail"]
        return [
            each["recipient"]
            for each in mail
            if each["kind"] == "invitation" and not each["recipient"].startswith("room.")
        ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`slotwright emulator` on the small tenant."""
    folder = tmp_path_factory.mktemp("emulator")
    tenant = folder / "tenant.json"
    tenant.write_text(small_tenant().model_dump_json())
    command = [sys.executable, "-m", "scheduler.cli.main", "emulator", "--tenant", str(tenant)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, ExitStack() as stack:
        stack.callback(process.terminate)
        assert process.stdout is not None
        connection = folder / "emulator.json"
        connection.write_text(process.stdout.readline())
        settings = load_settings(connection).model_copy(
            update={
                "organizer": RECRUITER,
                "scheduling_user": SCHEDULING_USER,
                "room_answer_seconds": 30,
                "room_poll_seconds": 0.01,
            }
        )
        yield Served(settings, ssl.create_default_context(cafile=settings.ca_file))


@pytest.fixture
def desk(server: Served, tmp_path: Path) -> Served:
    """The tenant as it was at its start, and an empty database."""
    server.control("POST", "reset")
    return Served(server.settings.model_copy(update={"database": tmp_path / "crash.db"}), server.trusted)


def let_time_pass(served: Served) -> Callable[[float], None]:
    """Waiting for a room moves the emulated clock."""

    def pause(_: float) -> None:
        served.control("POST", "clock", {"advance_seconds": 2})

    return pause


def connected(served: Served) -> Any:
    """A fresh process's view of the desk."""
    return open_slotwright(served.settings, pause=let_time_pass(served), new_id=lambda: f"b-{os.getpid()}")


def a_slot(slotwright: Slotwright, room: str) -> Slot:
    """An hour with two people and that room."""
    request = make_request(
        {
            "people": [ANA, BEN],
            "minutes": 60,
            "between": "2026-03-02",
            "and": "2026-03-06",
            "zone": "Europe/Amsterdam",
            "room": {"among": [room]},
        }
    )
    return find(request, slotwright.graph, slotwright.store, organizer=RECRUITER).slots[0]


def booked(slotwright: Slotwright, slot: Slot) -> Booking:
    """The slot's booking, its room waited for."""
    return book(
        slot,
        slotwright.store,
        slotwright.driver,
        organizer=RECRUITER,
        new_id=slotwright.new_id,
        wait=True,
    )


def dies_at(victim: Callable[[], None], call: int, side: Side) -> bool:
    """Run the victim in a forked child that kills itself around its n-th call; False when it ended before that."""
    child = os.fork()
    if child == 0:
        try:
            _kill_at(call, side)
            victim()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _kill_at(call: int, side: Side) -> None:
    send = httpx.Client.send
    calls = iter(range(1, 10_000))
    lock = threading.Lock()

    def counted(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        if "/v1.0/" not in str(request.url):
            return send(self, request, **options)
        with lock:
            fatal = next(calls) == call
        if fatal and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        response = send(self, request, **options)
        if fatal:
            response.read()
            os.kill(os.getpid(), signal.SIGKILL)
        return response

    httpx.Client.send = counted  # type: ignore[method-assign]  # only in the forked child, which never returns


def recovered(served: Served) -> list[Booking]:
    """What `slotwright show` does, in this process."""
    with connected(served) as slotwright:
        return [
            bring_up_to_date(booking, slotwright.store, slotwright.driver, wait=True)
            for booking in slotwright.store.bookings()
        ]


def problems(served: Served, bookings: list[Booking], room: str) -> list[str]:
    """What is wrong with ledger and calendars together; empty is the promise."""
    found = []
    home = OPEN_ROOM if room == OPEN_ROOM else SCHEDULING_USER
    living = served.living()
    confirmed = [booking for booking in bookings if booking.state is State.CONFIRMED]
    ended = [booking for booking in bookings if booking.state in ENDED]
    if len(confirmed) + len(ended) != len(bookings) or len(bookings) > 1:
        found.append(f"states: {[booking.state.value for booking in bookings]}")
    expected = {RECRUITER, home, room, ANA, BEN} if confirmed else set()
    for mailbox, events in living.items():
        if len(events) != (mailbox in expected):
            found.append(f"{mailbox} has {len(events)} events: {json.dumps([e['subject'] for e in events])}")
    invited = served.invitations()
    if len(invited) != len(set(invited)):
        found.append(f"invited twice: {invited}")
    with connected(served) as slotwright:
        for booking in bookings:
            claims = slotwright.store.claimed([ANA, BEN, room], booking.interview.span)
            if [bool(spans) for spans in claims.values()] != [booking in confirmed] * 3:
                found.append(f"claims of {booking.state.value}: {claims}")
    return found


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM])
def test_a_killed_booking_is_finished(desk: Served, room: str, side: Side) -> None:
    """Wherever the process died, the next one ends with one event per role and everybody invited once."""
    with connected(desk) as slotwright:
        slot = a_slot(slotwright, room)

    def victim() -> None:
        with connected(desk) as slotwright:
            booked(slotwright, slot)

    deaths = 0
    while True:
        desk.control("POST", "reset")
        desk.settings.database.unlink(missing_ok=True)
        if not dies_at(victim, deaths + 1, side):
            break
        deaths += 1
        bookings = recovered(desk)
        assert [] == problems(desk, bookings, room), f"killed {side} call {deaths}"
        assert [State.CONFIRMED] == [booking.state for booking in bookings]
    assert deaths >= 5, (
        "the enumeration ends only when a run survives, and a booking makes at least five calls"
    )


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM])
def test_a_killed_cancellation_is_finished(desk: Served, room: str, side: Side) -> None:
    """A cancellation that died halfway leaves nothing behind once somebody looks."""
    deaths = 0
    while True:
        desk.control("POST", "reset")
        desk.settings.database.unlink(missing_ok=True)
        with connected(desk) as slotwright:
            booking = booked(slotwright, a_slot(slotwright, room))

        def victim(booking: Booking = booking) -> None:
            with connected(desk) as slotwright:
                cancel(booking, slotwright.store, slotwright.driver, comment="withdrawn")

        if not dies_at(victim, deaths + 1, side):
            break
        deaths += 1
        assert [] == problems(desk, recovered(desk), room), f"killed {side} call {deaths}"
    assert deaths >= 2, "both events have to be removed"


def test_without_a_transaction_id_and_marker_the_harness_sees_twins(
    desk: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a client that neither reads back nor repeats its ids does leave twins behind."""
    with connected(desk) as slotwright:
        slot = a_slot(slotwright, OPEN_ROOM)
    encode = Graph.encode
    stamps = iter(range(1_000_000))

    def forgetful(draft: Any) -> bytes:
        unmarked = json.loads(encode(draft))
        unmarked.pop("transactionId")
        unmarked.pop("singleValueExtendedProperties")
        return json.dumps({**unmarked, "categories": [str(next(stamps))]}).encode()

    monkeypatch.setattr(Graph, "encode", staticmethod(forgetful))

    def victim() -> None:
        with connected(desk) as slotwright:
            booked(slotwright, slot)

    assert dies_at(victim, 2, "after")
    assert any("has 2 events" in problem for problem in problems(desk, recovered(desk), OPEN_ROOM))
