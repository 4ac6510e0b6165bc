"""Slotwright keeps every law of its own book: from schedules, from Graph's JSON, and through the whole of Graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.find import find
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.tenant import Tenant
from scheduler.graph.client import connect
from scheduler.planning.request import make_request
from scheduler.store.store import Store
from scheduler.testing import oracle, ours
from scheduler.testing.clocks import EPOCH, utc
from scheduler.testing.laws import SlotLaws, check_laws
from scheduler.testing.strategies import cases
from scheduler.testing.vocabulary import Find, Person, Request, Room, Slot
from scheduler.zones import parse_utc

TENANT, CLIENT, SECRET = "7a11a11e-0000-4000-8000-000000000001", "7a11a11e-0000-4000-8000-0000000000aa", "s"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WIRED = cases(
    max_people=2,
    uniform_hours=True,
    grids=[15, 5],
    zones=[
        "UTC",
        "Europe/Amsterdam",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Africa/Cairo",
    ],
)


class TestOurs(SlotLaws):
    """The pipeline from mailbox schedules on."""

    find = staticmethod(ours.find)
    max_examples = 5


class TestOurPayloads(SlotLaws):
    """The same from the JSON of every mailbox, in every spelling."""

    find = staticmethod(ours.find_in_payloads)
    cases = cases(uniform_hours=True)
    max_examples = 3


def event(start: int, end: int, status: str) -> dict[str, str]:
    """An entry of a tenant file."""
    edges = {"start": start, "end": end}
    return {
        "show_as": status,
        **{name: (EPOCH + timedelta(minutes=minute)).isoformat() for name, minute in edges.items()},
    }


def mailbox(each: Person | Room) -> dict[str, Any]:
    """Somebody's entry in a tenant file."""
    facts: dict[str, Any] = {
        "address": f"{each.key}@x.example",
        "events": [event(*entry) for entry in each.busy or ()],
        "free_busy_error": "ErrorNoFreeBusyAccess" if each.busy is None else None,
    }
    if isinstance(each, Room):
        return {**facts, "name": each.key, "capacity": 10}
    ((start, end),) = {(block.start, block.end % 1440) for block in each.hours}
    hours = {
        "days": [DAYS[block.weekday] for block in each.hours],
        "start": f"{start // 60:02}:{start % 60:02}",
        "end": f"{end // 60:02}:{end % 60:02}" if end else "23:59:59",
        "time_zone": each.zone,
    }
    return {**facts, "working_hours": hours}


@pytest.fixture
def through_graph(tmp_path: Path) -> Iterator[Find]:
    """`find` as a recruiter has it: sign-in, HTTP and JSON against an emulated tenant of the people asked for."""
    running: list[Emulator] = []
    store = Store(tmp_path / "laws.db", clock=lambda: 0)

    def ask(people: Sequence[Person], rooms: Sequence[Room], request: Request) -> Iterator[Slot]:
        app = {
            "client_id": CLIENT,
            "secret": SECRET,
            "grants": [{"role": "Calendars.Read"}, {"role": "Place.Read.All"}],
        }
        tenant = {
            "id": TENANT,
            "domain": "x.example",
            "apps": [app],
            "people": [mailbox(person) for person in people],
            "rooms": [mailbox(room) for room in rooms],
        }
        now = EPOCH + timedelta(minutes=request.window[0] - 1440)
        running[:] = [Emulator(Tenant.model_validate(tenant), clock=Clock(now))]
        asked = {
            "people": [f"{person.key}@x.example" for person in people],
            "minutes": request.minutes,
            "between": utc(request.window[0])[:-1],
            "and": utc(request.window[1])[:-1],
            "zone": "UTC",
            "room": {"seats": 1} if request.needs_room else None,
            "grid": request.grid,
            "buffer_before": request.buffer_before,
            "buffer_after": request.buffer_after,
            "notice": 0,
            "tentative": "blocked" if request.tentative_blocks else "soft",
            "elsewhere": "blocked" if request.elsewhere_blocks else "free",
            "limit": 10_000,
            "apart": 0,
        }
        for slot in find(make_request(asked), graph, store, organizer="").slots:
            keys = tuple(each.address.partition("@")[0] for each in slot.people if each.attends)
            rooms_free = [slot.room, *slot.alternatives] if slot.room else [None]
            for room in rooms_free:
                key = None if room is None else room.address.partition("@")[0]
                yield Slot(parse_utc(slot.start_utc), parse_utc(slot.end_utc), keys, key)

    with connect(
        graph_url="https://graph.emulated.test/v1.0",
        authority="https://login.emulated.test",
        tenant_id=TENANT,
        client_id=CLIENT,
        client_secret=SECRET,
        wsgi_app=lambda environ, start: running[0].wsgi(environ, start) if running else [],
    ) as graph:
        yield ask
    store.close()


def test_the_whole_of_graph_keeps_the_laws(through_graph: Find) -> None:
    """The two laws that say most about reading, on a few tenants."""
    check_laws(through_graph, laws=["unreadable_not_free", "complete"], cases=WIRED, max_examples=4)


def test_the_oracle_keeps_the_laws() -> None:
    """What the laws are measured against keeps them too."""
    check_laws(oracle.find, max_examples=2)


@pytest.mark.campaign
@pytest.mark.parametrize("find", [ours.find, oracle.find], ids=["ours", "oracle"])
def test_the_laws_hold_in_depth(find: Find) -> None:
    """Hundreds of cases for each law."""
    check_laws(find, max_examples=200)


@pytest.mark.campaign
def test_the_laws_hold_for_payloads_in_depth() -> None:
    """The same for what Graph sends."""
    check_laws(ours.find_in_payloads, cases=cases(uniform_hours=True), max_examples=150)


@pytest.mark.campaign
def test_the_whole_of_graph_keeps_every_law(through_graph: Find) -> None:
    """Every law, sign-in to answer."""
    check_laws(through_graph, cases=WIRED, max_examples=25)
