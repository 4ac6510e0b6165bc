"""Microsoft Graph as the rest of the program sees it: one object, domain words in and out."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from scheduler.booking.events import CalendarAccess, CalendarRef, EventChange, EventCopy, EventDraft
from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.directory.rooms import Room
from scheduler.graph import calendars, events, places, schedules
from scheduler.graph.auth import SignIn, SignInHttp
from scheduler.graph.clock import GraphClock
from scheduler.graph.errors import NotThere
from scheduler.graph.gate import Gate
from scheduler.graph.origin import graph_origin, https_root
from scheduler.graph.pacing import Patience
from scheduler.graph.transport import Limits, Transport
from scheduler.graph.wire import events as wire_events
from solvers.timeline import Span


class Graph:
    """Everything that is asked of Graph; made by `connect`, closed by `close` or by leaving a `with`.

    Safe to share between threads. Every method raises scheduler.graph.errors.CallFailed when Graph does not
    do what was asked; the modules that do the work say which branch and when.
    """

    def __init__(self, gate: Gate, transport: Transport) -> None:
        self._gate = gate
        self._transport = transport
        self._access_refusals: dict[str, str] = {}
        self.rooms_without_address = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def now(self) -> int:
        """The UTC minute that is running by Graph's last answer; by this machine before the first one."""
        return self._gate.now()

    def read_schedules(
        self, addresses: Sequence[str], window: Span, *, as_mailbox: str
    ) -> tuple[MailboxSchedule, ...]:
        """One schedule per distinct address, in the asked order; see scheduler.graph.schedules."""
        return schedules.read_schedules(self._gate, addresses, window, as_mailbox=as_mailbox)

    def rooms(self) -> tuple[Room, ...]:
        """Every listed room; `rooms_without_address` then counts the rows that had no address."""
        found = places.read_rooms(self._gate)
        self.rooms_without_address = found.without_address
        return found.rooms

    def access(self, mailbox: str) -> CalendarAccess | None:
        """What we may do with the default calendar; None is nothing, and `access_refusal` says why.

        Raises:
            NotThere: there is no such mailbox in the cloud; it may be on-premises, or gone.
        """
        answer = calendars.access(self._gate, mailbox)
        if isinstance(answer, NotThere) and answer.whole_mailbox:
            raise answer
        if isinstance(answer, CalendarAccess):
            self._access_refusals.pop(mailbox.casefold(), None)
            return answer
        self._access_refusals[mailbox.casefold()] = str(answer)
        return None

    def access_refusal(self, mailbox: str) -> str | None:
        """Why the last `access` to this mailbox gave None, as a sentence; None when it did not."""
        return self._access_refusals.get(mailbox.casefold())

    def find_calendar(self, mailbox: str, name: str, known_id: str | None = None) -> str | None:
        """The id of our own calendar in a mailbox, or None when it is not there."""
        return calendars.find_calendar(self._gate, mailbox, name, known_id)

    def get_or_create_calendar(self, mailbox: str, name: str, known_id: str | None = None) -> str:
        """The id of our own calendar in a mailbox, made when it is not there."""
        return calendars.get_or_create(self._gate, mailbox, name, known_id)

    @staticmethod
    def encode(draft: EventDraft) -> bytes:
        """The bytes that create the event; freeze them before the first try."""
        return wire_events.encode(draft)

    def create(self, ref: CalendarRef, body: bytes) -> EventCopy:
        """Create an event from frozen bytes."""
        return events.create(self._gate, ref, body)

    def find_marked(self, ref: CalendarRef, marker: str, around: Span) -> tuple[EventCopy, ...]:
        """Our events with this marker, wherever they were moved to."""
        return events.find_marked(self._gate, ref, marker, around)

    def all_marked(self, ref: CalendarRef, window: Span) -> tuple[EventCopy, ...]:
        """Every event of a calendar that carries a marker of ours and shares time with the window."""
        return events.all_marked(self._gate, ref, window)

    def read(self, mailbox: str, event_id: str) -> EventCopy | None:
        """An event, or None when it is gone."""
        return events.read(self._gate, mailbox, event_id)

    def view(self, ref: CalendarRef, span: Span) -> tuple[EventCopy, ...]:
        """Every occurrence that shares time with the span."""
        return events.view(self._gate, ref, span)

    def amend(self, mailbox: str, event_id: str, change: EventChange, *, version: str) -> EventCopy:
        """Change the version of an event that was read, and nothing of it that the change does not name."""
        return events.amend(self._gate, mailbox, event_id, change, version=version)

    def cancel(self, mailbox: str, event_id: str, comment: str) -> bool:
        """Cancel a meeting as its organizer; False when it was already gone."""
        return events.cancel(self._gate, mailbox, event_id, comment)

    def delete(self, mailbox: str, event_id: str) -> bool:
        """Delete an event; False when it was already gone."""
        return events.delete(self._gate, mailbox, event_id)


def connect(
    *,
    graph_url: str,
    authority: str,
    tenant_id: str,
    client_id: str,
    client_secret: str,
    ca_file: Path | None = None,
    wsgi_app: Callable[..., Any] | None = None,
    limits: Limits | None = None,
    patience: Patience | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    system: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
    new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
) -> Graph:
    """Put the parts together; nothing is sent before the first call.

    Args:
        graph_url: root of Graph, such as `https://graph.microsoft.com`, with or without `/v1.0`.
        authority: root of the sign-in service of the same cloud.
        tenant_id: the tenant's id or domain.
        client_id: the app registration.
        client_secret: its secret.
        ca_file: PEM file of the authorities to trust instead of the usual ones.
        wsgi_app: answers in this process instead of the network.
        limits: time and size of one exchange.
        patience: tries and total time of one call.
        monotonic: a clock in seconds that never goes back.
        system: seconds since 1970 as this machine believes.
        sleep: waits for so many seconds.
        jitter: a number in [0, 1) for each pause of our own.
        new_id: a fresh UUID for each request.

    Raises:
        InputError: an address, the tenant id or the CA file cannot be used.
    """
    origin = graph_origin(graph_url)
    patience = patience or Patience()
    transport = Transport(ca_file=ca_file, wsgi_app=wsgi_app, limits=limits or Limits(), monotonic=monotonic)
    http = SignInHttp(
        authority=https_root("authority", authority),
        transport=transport,
        patience=patience,
        monotonic=monotonic,
        system=system,
        sleep=sleep,
        jitter=jitter,
    )
    tokens = SignIn(
        authority=authority,
        tenant_id=tenant_id,
        client_id=client_id,
        client_secret=client_secret,
        graph_root=origin.root,
        http=http,
    )
    gate = Gate(
        origin=origin,
        transport=transport,
        tokens=tokens,
        clock=GraphClock(monotonic=monotonic, system=system),
        patience=patience,
        monotonic=monotonic,
        sleep=sleep,
        jitter=jitter,
        new_id=new_id,
    )
    return Graph(gate, transport)
