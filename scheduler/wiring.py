"""The composition root: settings in, working objects out."""

from __future__ import annotations

import getpass
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scheduler.app.doctor import Doctor, Patient
from scheduler.app.drive import BookingRules, Driver
from scheduler.app.tested import fingerprint
from scheduler.calendars.disclosure import Disclosure
from scheduler.connection.expiry import Expiry
from scheduler.connection.report import Step
from scheduler.errors import InputError
from scheduler.graph.client import Graph, People, connect
from scheduler.graph.reach import Reach
from scheduler.graph.signin.certificates import certificate_ends, read_certificate
from scheduler.settings import Settings
from scheduler.store.connections import Connections
from scheduler.store.sealing import Seal, keys_in, read_keys
from scheduler.store.store import Store

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def system_clock() -> int:
    """The present UTC second by this computer's clock."""
    return int(time.time())


def random_booking_id() -> str:
    """An id no other booking has, on any installation (64 random bits)."""
    return f"b-{secrets.token_hex(8)}"


def system_user() -> str:
    """Who runs this process, by the name that the operating system knows; empty where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # the user has an id and no name; before Python 3.13 it was a KeyError
        return ""


@dataclass(frozen=True, slots=True)
class Slotwright:
    """Everything a use case needs, connected."""

    settings: Settings
    graph: Graph
    store: Store
    connections: Connections
    driver: Driver
    rules: BookingRules
    new_id: Callable[[], str]


@contextmanager
def open_store(settings: Settings, *, clock: Callable[[], int] = system_clock) -> Iterator[Store]:
    """The database alone, for whatever needs no calendar."""
    where = settings.database
    store = Store(
        where if isinstance(where, Path) else where.get_secret_value(),
        clock=clock,
        who=settings.audit_identity or system_user(),
    )
    try:
        yield store
    finally:
        store.close()


def key_file(settings: Settings) -> Path:
    """Where the keys are that seal kept sign-ins.

    Raises:
        InputError: the database is a server, beside which there is no place for a file.
    """
    if settings.token_key_file is not None:
        return settings.token_key_file
    if isinstance(settings.database, Path):
        return settings.database.with_name(f"{settings.database.name}.keys")
    raise InputError(
        "settings.token_key_file",
        "is missing",
        "name a file for the keys that seal kept sign-ins, or set SLOTWRIGHT_TOKEN_KEYS",
    )


def lanes_folder(settings: Settings) -> Path | None:
    """Where the processes of this machine agree on their calls to each mailbox; None where each keeps to itself."""
    if sys.platform == "win32":
        return None
    if settings.lanes_folder is None and isinstance(settings.database, Path):
        return settings.database.with_name(f"{settings.database.name}.lanes")
    return settings.lanes_folder


def connections_in(store: Store, settings: Settings, *, clock: Callable[[], int]) -> Connections:
    """What the database keeps about the connection; keys are only looked for when a sign-in is."""

    def seal() -> Seal:
        given = keys_in(settings.token_keys.get_secret_value())
        return Seal(given or read_keys(key_file(settings)))

    return Connections(store.database, clock=clock, seal=seal)


def tested_settings(settings: Settings) -> str:
    """A digest of every setting that a test of the connection depends on."""
    proof = settings.client_secret.get_secret_value().strip()
    if settings.certificate_file is not None:
        password = settings.certificate_password.get_secret_value()
        proof = read_certificate(settings.certificate_file, password).thumbprint
    return fingerprint([
        settings.connection,
        settings.consent,
        settings.used_profile.name,
        settings.graph_url,
        settings.authority,
        settings.tenant_id,
        settings.client_id,
        proof,
        settings.organizer,
        settings.scheduling_user,
        settings.scheduler_calendar,
    ])  # fmt: skip


def expiry(settings: Settings, *, minute: int) -> Expiry:
    """When the secret or certificate ends, as of a UTC minute."""
    today = datetime.fromtimestamp(minute * 60, UTC).date()
    if settings.certificate_file is not None:
        return Expiry("certificate", certificate_ends(settings.certificate_file), today)
    secret = settings.client_secret.get_secret_value().strip()
    return Expiry("client secret", settings.secret_expires if secret else None, today)


def doctor_for(
    slotwright: Slotwright,
    *,
    people: Sequence[str],
    room_limit: int | None,
    write_test: bool,
    tell: Callable[[Step], None],
) -> Doctor:
    """Whoever tests this connection."""
    settings = slotwright.settings
    patient = Patient(
        connection=settings.connection,
        consent=settings.consent,
        profile=settings.used_profile,
        tenant_id=settings.tenant_id,
        organizer=settings.organizer,
        scheduling_user=settings.scheduling_user,
        scheduler_calendar=settings.scheduler_calendar,
        expiry=lambda minute: expiry(settings, minute=minute),
        emulated=urlsplit(settings.graph_url).hostname in _THIS_MACHINE,
        people=tuple(people),
        room_limit=room_limit,
        write_test=write_test,
    )
    return Doctor(
        slotwright.graph, slotwright.store, slotwright.connections, patient, slotwright.new_id, tell
    )


class Disclosures:
    """Collects what was read of whom, each thing once, and writes it down in batches and at the end.

    Args:
        request: what it is read for.
    """

    BATCH = 500

    def __init__(self, connections: Connections, request: str) -> None:
        self._connections = connections
        self._request = request
        self._seen: dict[Disclosure, None] = {}

    def __call__(self, seen: Disclosure) -> None:
        """Something was read."""
        self._seen[replace(seen, request=self._request)] = None
        if len(self._seen) >= self.BATCH:
            self.flush()

    def flush(self) -> None:
        """Write down what was collected."""
        seen, self._seen = tuple(self._seen), {}
        if seen:
            self._connections.disclose(seen)


@contextmanager
def open_slotwright(
    settings: Settings,
    *,
    request: str = "",
    background: bool = False,
    wsgi_app: Callable[..., Any] | None = None,
    clock: Callable[[], int] = system_clock,
    monotonic: Callable[[], float] = time.monotonic,
    system: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
    tell: Callable[[str], None] = lambda _: None,
    new_id: Callable[[], str] = random_booking_id,
) -> Iterator[Slotwright]:
    """Graph, database and driver for these settings.

    Args:
        request: what all of it is for, in the account of what was read of whom; empty keeps no account.
        background: whether nobody waits for it, so that at each mailbox others go first.
        wsgi_app: a Graph that runs in this process; None goes over the network.
        clock: UTC seconds, for the journal and for waiting on rooms.
        monotonic: seconds on a clock that never goes back, for patience with Graph.
        system: seconds since 1970 as this machine believes.
        pause: waits that many seconds of both clocks.
        tell: takes short progress lines.
        new_id: makes booking ids.

    Raises:
        InputError: a setting is missing.
        StoreError: the database cannot be opened.
    """
    settings = settings.connected()
    with ExitStack() as stack:
        store = stack.enter_context(open_store(settings, clock=clock))
        connections = connections_in(store, settings, clock=clock)
        profile = settings.used_profile
        disclosures = Disclosures(connections, request)
        stack.callback(disclosures.flush)
        people = None
        if settings.consent == "user":
            people = People(profile.asked["user"], connections, default=settings.organizer)
        certificate = None
        if settings.certificate_file is not None:
            certificate = read_certificate(
                settings.certificate_file, settings.certificate_password.get_secret_value()
            )
        graph = stack.enter_context(
            connect(
                graph_url=settings.graph_url,
                authority=settings.authority,
                tenant_id=settings.tenant_id,
                client_id=settings.client_id,
                client_secret=settings.client_secret.get_secret_value().strip(),
                certificate=certificate,
                people=people,
                reach=Reach.BOOKING if profile.books else Reach.FREE_BUSY,
                ca_file=settings.ca_file,
                wsgi_app=wsgi_app,
                monotonic=monotonic,
                system=system,
                sleep=pause,
                lanes=None if wsgi_app is not None else lanes_folder(settings),
                disclosed=disclosures if request else lambda _: None,
            )
        )
        if background:
            graph = graph.in_background()
        rules = BookingRules(
            scheduling_user=settings.scheduling_user,
            scheduler_calendar=settings.scheduler_calendar,
            answer_seconds=settings.room_answer_seconds,
            poll_seconds=settings.room_poll_seconds,
        )
        driver = Driver(graph, store, rules, clock=clock, pause=pause, tell=tell)
        yield Slotwright(settings, graph, store, connections, driver, rules, new_id)
