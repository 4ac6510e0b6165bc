"""A desk to work at: an emulated tenant in process, a database, and everything connected to both."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import settings
from pydantic import SecretStr

from scheduler.app.book import book
from scheduler.app.find import find
from scheduler.booking.booking import Booking
from scheduler.connection.report import Report
from scheduler.emulator.app import Emulator
from scheduler.planning.answer import Slot, Slots
from scheduler.planning.request import make_request
from scheduler.settings import Settings, load_settings
from scheduler.store.store import Store
from scheduler.testing.tenants import CLIENT_SECRET, OUTSIDER, RECRUITER, SCHEDULING_USER
from scheduler.wiring import Slotwright, connections_in, open_slotwright, open_store, tested_settings
from scheduler.zones import format_wall
from solvers.timeline import Span

# The same examples on every run and no deadlines: a machine that is busy must not change what a test says.
settings.register_profile("slotwright", derandomize=True, deadline=None, database=None, max_examples=40)
# What CI adds once: pytest tests/property tests/testing --hypothesis-profile thorough
settings.register_profile("thorough", settings.get_profile("slotwright"), max_examples=200)
settings.load_profile("slotwright")


class Desk:
    """Slotwright on an emulator whose clock moves only when the driver waits for a room.

    Args:
        database: a SQLite file, or a URL.
    """

    def __init__(self, emulator: Emulator, database: Path | str) -> None:
        self.emulator = emulator
        self._numbers = count(1)
        app = emulator.tenant.apps[0]
        self.settings = Settings(
            connection="advanced",
            graph_url="https://graph.emulated.test/v1.0",
            authority="https://login.emulated.test",
            tenant_id=emulator.tenant.id,
            client_id=app.client_id,
            client_secret=SecretStr(app.secret),
            organizer=RECRUITER,
            scheduling_user=SCHEDULING_USER,
            database=database if isinstance(database, Path) else SecretStr(database),
            room_answer_seconds=60,
            room_poll_seconds=1,
        )

    @contextmanager
    def open(self) -> Iterator[Slotwright]:
        """Everything connected; opening again is what a new process would find."""
        with open_slotwright(
            self.settings,
            wsgi_app=self.emulator.wsgi,
            clock=lambda: int(self.emulator.clock.now().timestamp()),
            monotonic=lambda: self.emulator.clock.now().timestamp(),
            pause=self._let_pass,
            new_id=lambda: f"b-{next(self._numbers)}",
        ) as slotwright:
            yield slotwright

    def _let_pass(self, seconds: float) -> None:
        # The emulated clock counts microseconds: less than one would never pass.
        self.emulator.clock.advance(max(seconds, 0.001))

    def find(self, slotwright: Slotwright, people: list[Any], **changes: Any) -> Slots:
        """Slots of an hour in the tenant's first week."""
        values = {
            "people": people,
            "minutes": 60,
            "between": "2026-03-02",
            "and": "2026-03-06",
            "zone": "Europe/Amsterdam",
            **changes,
        }
        return find(
            make_request(values),
            slotwright.graph,
            slotwright.store,
            organizer=RECRUITER,
            rules=slotwright.rules,
        )

    def book(self, slotwright: Slotwright, slot: Slot, *, wait: bool = True) -> Booking:
        """Book a slot and, unless told otherwise, wait for its room."""
        return book(
            slot,
            slotwright.store,
            slotwright.driver,
            organizer=RECRUITER,
            new_id=slotwright.new_id,
            wait=wait,
        )

    def outsider(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Somebody with full rights does something to the tenant's calendars; returns the answer."""
        tenant = self.emulator.tenant
        with httpx.Client(
            transport=httpx.WSGITransport(app=self.emulator.wsgi), base_url="https://x.test"
        ) as web:
            form = {
                "client_id": OUTSIDER,
                "client_secret": CLIENT_SECRET,
                "grant_type": "client_credentials",
                "scope": "https://graph.emulated.test/.default",
            }
            token = (
                web.post(f"/{tenant.id}/oauth2/v2.0/token", data=form)
                .raise_for_status()
                .json()["access_token"]
            )
            headers = {"Authorization": f"Bearer {token}"}
            answer = web.request(method, f"/v1.0{path}", json=body, headers=headers).raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def occupy(self, mailbox: str, span: Span, *, show_as: str = "busy") -> str:
        """Somebody with full rights puts an event into a mailbox; returns its id."""
        times = {
            key: {"dateTime": f"{format_wall(minute)}:00", "timeZone": "UTC"}
            for key, minute in (("start", span.start), ("end", span.end))
        }
        event = {"subject": "Somebody else", "showAs": show_as, **times}
        return str(self.outsider("POST", f"/users/{mailbox}/events", event)["id"])

    def settle(self) -> None:
        """Let every delivery that is on its way arrive."""
        self.emulator.clock.advance(60)

    def events(self, mailbox: str) -> list[dict[str, Any]]:
        """Every event that is in any calendar of a mailbox, as the wire writes it."""
        calendars = self.emulator.snapshot()["mailboxes"][mailbox]["calendars"]
        return [event for calendar in calendars for event in calendar["events"]]

    def mails(self, kind: str) -> list[str]:
        """Who got a meeting message of that kind, in order."""
        return [mail.recipient for mail in self.emulator.journal.mail if mail.kind == kind]

    def calls(self) -> list[str]:
        """The operations that were asked of Graph, in order: without sign-in, and what was in a batch without it."""
        return [
            seen.operation
            for seen in self.emulator.journal.requests
            if seen.operation not in {"token", "discovery", "batch"}
        ]


@pytest.fixture(scope="session")
def pass_test() -> Callable[[Path | Settings], None]:
    """Keeps a passed test of the connection that some settings or their file make, as `slotwright doctor` does."""

    def passed(given: Path | Settings) -> None:
        settings = load_settings(given) if isinstance(given, Path) else given
        report = Report(
            tested="2026-03-02T06:00Z",
            connection=settings.connection,
            consent=settings.consent,
            profile=settings.used_profile.name,
            steps=(),
        )
        with open_store(settings) as store:
            kept = connections_in(store, settings, clock=lambda: 0)
            kept.keep_test(tested_settings(settings), report.model_dump_json())

    return passed


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is up to date, because migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "migrated.db"
    Store(path, clock=lambda: 0).close()
    return path


@pytest.fixture
def desk(graph_emulator: Emulator, database: Path | str, migrated: Path) -> Desk:
    """A desk at the small tenant; on PostgreSQL where the test is parametrized so."""
    if isinstance(database, Path):
        shutil.copyfile(migrated, database)
    return Desk(graph_emulator, database)
