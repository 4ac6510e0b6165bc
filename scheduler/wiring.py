"""The composition root: settings in, working objects out."""

from __future__ import annotations

import getpass
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler.app.drive import BookingRules, Driver
from scheduler.graph.client import Graph, connect
from scheduler.settings import Settings
from scheduler.store.store import Store


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


@contextmanager
def open_slotwright(
    settings: Settings,
    *,
    wsgi_app: Callable[..., Any] | None = None,
    clock: Callable[[], int] = system_clock,
    monotonic: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
    tell: Callable[[str], None] = lambda _: None,
    new_id: Callable[[], str] = random_booking_id,
) -> Iterator[Slotwright]:
    """Graph, database and driver for these settings.

    Args:
        wsgi_app: a Graph that runs in this process; None goes over the network.
        clock: UTC seconds, for the journal and for waiting on rooms.
        monotonic: seconds on a clock that never goes back, for patience with Graph.
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
        graph = stack.enter_context(
            connect(
                graph_url=settings.graph_url,
                authority=settings.authority,
                tenant_id=settings.tenant_id,
                client_id=settings.client_id,
                client_secret=settings.client_secret.get_secret_value().strip(),
                ca_file=settings.ca_file,
                wsgi_app=wsgi_app,
                monotonic=monotonic,
                sleep=pause,
            )
        )
        rules = BookingRules(
            scheduling_user=settings.scheduling_user,
            scheduler_calendar=settings.scheduler_calendar,
            answer_seconds=settings.room_answer_seconds,
            poll_seconds=settings.room_poll_seconds,
        )
        driver = Driver(graph, store, rules, clock=clock, pause=pause, tell=tell)
        yield Slotwright(settings, graph, store, driver, rules, new_id)
