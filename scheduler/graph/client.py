"""Microsoft Graph as the rest of the program sees it: one object, domain words in and out."""

from __future__ import annotations

import copy
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scheduler.booking.events import CalendarAccess, CalendarRef, EventChange, EventCopy, EventDraft
from scheduler.calendars.disclosure import Disclosure
from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.directory.groups import Group
from scheduler.directory.rooms import Room, RoomList
from scheduler.graph import calendars, events, groups, places, schedules
from scheduler.graph.clock import GraphClock
from scheduler.graph.errors import CallFailed, NotAllowed, NotThere
from scheduler.graph.gate import Gate, Tokens
from scheduler.graph.origin import graph_origin, https_root
from scheduler.graph.pacing import Patience
from scheduler.graph.reach import Reach
from scheduler.graph.signin.app_tokens import AppTokens
from scheduler.graph.signin.claims import claims_of
from scheduler.graph.signin.connecting import Hints, SignedIn, by_browser, by_code
from scheduler.graph.signin.http import SignInHttp
from scheduler.graph.signin.registration import Certificate, Registration
from scheduler.graph.signin.user_tokens import Caches, UserTokens
from scheduler.graph.transport import Limits, Transport
from scheduler.graph.wire import events as wire_events
from solvers.timeline import Span

if TYPE_CHECKING:
    from scheduler.graph.shared_lanes import SharedLane

OUR_EVENTS = ("events of ours",)


@dataclass(frozen=True, slots=True)
class Door:
    """How one gets in.

    Args:
        scopes: full names of what people are asked to consent to; empty where the app is asked.
        whose: the mailbox to ask through where somebody's is named and any will do: that of whose token is sent.
    """

    registration: Registration
    tokens: Tokens
    scopes: tuple[str, ...]
    whose: Callable[[str], str]


class Graph:
    """Everything that is asked of Graph; made by `connect`, closed by `close` or by leaving a `with`.

    Safe to share between threads. Every method raises scheduler.graph.errors.CallFailed when Graph does not
    do what was asked; the modules that do the work say which branch and when.
    """

    def __init__(
        self, gate: Gate, transport: Transport, door: Door, disclosed: Callable[[Disclosure], None]
    ) -> None:
        self._gate = gate
        self._transport = transport
        self._door = door
        self._disclosed = disclosed
        self._access_refusals: dict[str, str] = {}
        self.rooms_without_address: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def in_background(self) -> Self:
        """The same for work that nobody waits for: at each mailbox its calls let all others go first."""
        behind = copy.copy(self)
        behind._gate = self._gate.in_background()  # noqa: SLF001 - it is of this class
        return behind

    def discover(self) -> None:
        """Read what the sign-in service says of the tenant.

        Raises:
            CallFailed: it knows no such tenant, or cannot be used.
        """
        self._door.registration.public()

    def skew(self) -> float:
        """Seconds by which this machine's clock is ahead of Graph's, as of its last answer."""
        return self._gate.skew()

    def claims(self, mailbox: str = "") -> Mapping[str, Any]:
        """What the token for calls about a mailbox says of itself, for people to compare; nothing may rely on it.

        Raises:
            CallFailed: there is no token.
        """
        return claims_of(self._door.tokens.token(mailbox))

    def sign_in_by_code(self, *, show: Callable[[str, str], None], wait_seconds: float) -> SignedIn:
        """Let somebody sign in at another machine; see scheduler.graph.signin.connecting."""
        return by_code(self._door.registration, self._door.scopes, show=show, wait_seconds=wait_seconds)

    def sign_in_by_browser(
        self, *, redirect_uri: str, hints: Hints, show: Callable[[str], None], wait_seconds: float
    ) -> SignedIn:
        """Let somebody sign in with a browser on this machine; see scheduler.graph.signin.connecting."""
        return by_browser(
            self._door.registration,
            self._door.scopes,
            redirect_uri=redirect_uri,
            hints=hints,
            show=show,
            wait_seconds=wait_seconds,
        )

    def now(self) -> int:
        """The UTC minute that is running by Graph's last answer; by this machine before the first one."""
        return self._gate.now()

    def read_schedules(
        self, addresses: Sequence[str], window: Span, *, as_mailbox: str
    ) -> tuple[MailboxSchedule, ...]:
        """One schedule per distinct address, in the asked order; see scheduler.graph.schedules.

        An app may ask through every mailbox, somebody who signed in through their own.
        """
        through = () if self._door.scopes else addresses
        found = schedules.read_schedules(
            self._gate, addresses, window, as_mailbox=self._door.whose(as_mailbox), through=through
        )
        for schedule in found:
            self._saw(schedule.address, ("status", "start", "end", "workingHours"), window)
        return found

    def rooms(self) -> tuple[Room, ...]:
        """Every listed room; `rooms_without_address` then has the names of those that had no address."""
        found = places.read_rooms(self._gate)
        self.rooms_without_address = found.without_address
        return found.rooms

    def workspaces(self) -> tuple[Room, ...]:
        """Every listed workspace that has an address."""
        return places.read_workspaces(self._gate).rooms

    def room_lists(self) -> tuple[RoomList, ...]:
        """Every list of rooms."""
        return places.read_room_lists(self._gate)

    def rooms_of_list(self, address: str) -> tuple[Room, ...]:
        """The rooms of one list."""
        return places.read_rooms_of_list(self._gate, address).rooms

    def purpose(self, mailbox: str) -> str | None:
        """What a mailbox is for, such as `room` or `equipment`; None if we may not know.

        Somebody who signed in may read no settings but their own, so that nothing is asked in their name.
        """
        if self._door.scopes:
            return None
        found = calendars.purpose(self._gate, mailbox)
        if found is not None:
            self._saw(mailbox, ("userPurpose",))
        return found

    def group(self, address: str) -> Group | None:
        """A group with everybody in it, or None; see scheduler.graph.groups."""
        return groups.read_group(self._gate, address)

    def _saw(self, mailbox: str, fields: tuple[str, ...], window: Span | None = None) -> None:
        self._disclosed(Disclosure(0, "", mailbox.casefold(), fields, window))

    @contextmanager
    def _seeing(self, mailbox: str, fields: tuple[str, ...], window: Span | None = None) -> Iterator[None]:
        """What was refused was not seen; whatever else fails may have been seen in part."""
        try:
            yield
        except (NotAllowed, NotThere):
            raise
        except CallFailed:
            self._saw(mailbox, fields, window)
            raise
        self._saw(mailbox, fields, window)

    def access(self, mailbox: str) -> CalendarAccess | None:
        """What we may do with the default calendar; None is nothing, and `access_refusal` says why.

        Raises:
            NotThere: there is no such mailbox in the cloud; it may be on-premises, or gone.
        """
        answer = calendars.access(self._gate, mailbox)
        if isinstance(answer, NotThere) and answer.whole_mailbox:
            raise answer
        if isinstance(answer, CalendarAccess):
            self._saw(mailbox, ("canEdit",))
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
        with self._seeing(ref.mailbox, OUR_EVENTS, around):
            return events.find_marked(self._gate, ref, marker, around)

    def all_marked(self, ref: CalendarRef, window: Span) -> tuple[EventCopy, ...]:
        """Every event of a calendar that carries a marker of ours and shares time with the window."""
        with self._seeing(ref.mailbox, OUR_EVENTS, window):
            return events.all_marked(self._gate, ref, window)

    def read(self, mailbox: str, event_id: str) -> EventCopy | None:
        """An event, or None when it is gone."""
        with self._seeing(mailbox, OUR_EVENTS):
            return events.read(self._gate, mailbox, event_id)

    def view(self, ref: CalendarRef, span: Span) -> tuple[EventCopy, ...]:
        """Every occurrence that shares time with the span."""
        with self._seeing(ref.mailbox, ("events",), span):
            return events.view(self._gate, ref, span)

    def read_many(self, wanted: Sequence[tuple[str, str]]) -> tuple[EventCopy | CallFailed | None, ...]:
        """The events with these ids in these mailboxes, None for one that is gone, or why one could not be read."""
        found = events.read_many(self._gate, wanted)
        for (mailbox, _), answer in zip(wanted, found, strict=True):
            if not isinstance(answer, NotAllowed | NotThere):
                self._saw(mailbox, OUR_EVENTS)
        return found

    def view_many(
        self, wanted: Sequence[tuple[CalendarRef, Span]]
    ) -> tuple[tuple[EventCopy, ...] | CallFailed, ...]:
        """Every occurrence that shares time with each span, or why a calendar could not be read."""
        found = events.view_many(self._gate, wanted)
        for (ref, span), answer in zip(wanted, found, strict=True):
            if not isinstance(answer, NotAllowed | NotThere):
                self._saw(ref.mailbox, ("events",), span)
        return found

    def amend(self, mailbox: str, event_id: str, change: EventChange, *, version: str) -> EventCopy:
        """Change the version of an event that was read, and nothing of it that the change does not name."""
        return events.amend(self._gate, mailbox, event_id, change, version=version)

    def cancel(self, mailbox: str, event_id: str, comment: str) -> bool:
        """Cancel a meeting as its organizer; False when it was already gone."""
        return events.cancel(self._gate, mailbox, event_id, comment)

    def delete(self, mailbox: str, event_id: str) -> bool:
        """Delete an event; False when it was already gone."""
        return events.delete(self._gate, mailbox, event_id)


@dataclass(frozen=True, slots=True)
class People:
    """That calls are made in the name of people who signed in.

    Args:
        scopes: names of the delegated permissions, such as `Calendars.ReadWrite`.
        caches: their kept sign-ins.
        default: in whose name calls are made that are about nobody's mailbox who signed in.
    """

    scopes: tuple[str, ...]
    caches: Caches
    default: str


def connect(
    *,
    graph_url: str,
    authority: str,
    tenant_id: str,
    client_id: str,
    client_secret: str = "",
    certificate: Certificate | None = None,
    people: People | None = None,
    reach: Reach = Reach.BOOKING,
    ca_file: Path | None = None,
    wsgi_app: Callable[..., Any] | None = None,
    lanes: Path | None = None,
    limits: Limits | None = None,
    patience: Patience | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    system: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
    new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    disclosed: Callable[[Disclosure], None] = lambda _: None,
) -> Graph:
    """Put the parts together; nothing is sent before the first call.

    Args:
        graph_url: root of Graph, such as `https://graph.microsoft.com`, with or without `/v1.0`.
        authority: root of the sign-in service of the same cloud.
        tenant_id: the tenant's id or domain.
        client_id: the app registration.
        client_secret: its secret.
        certificate: instead of the secret.
        people: in whose name; None is the app's own.
        reach: what may be asked at all.
        ca_file: PEM file of the authorities to trust instead of the usual ones.
        wsgi_app: answers in this process instead of the network.
        lanes: folder of every process of this machine that calls Graph as the same app, so that together they keep to
            its limits; see scheduler.graph.shared_lanes.
        limits: time and size of one exchange.
        patience: tries and total time of one call.
        monotonic: a clock in seconds that never goes back.
        system: seconds since 1970 as this machine believes.
        sleep: waits for so many seconds.
        jitter: a number in [0, 1) for each pause of our own.
        new_id: a fresh UUID for each request.
        disclosed: takes what was read of a mailbox.

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
    registration = Registration(
        authority=authority,
        tenant_id=tenant_id,
        client_id=client_id,
        http=http,
        secret=client_secret,
        certificate=certificate,
    )
    door = _door(registration, origin.root, people)
    gate = Gate(
        origin=origin,
        transport=transport,
        tokens=door.tokens,
        reach=reach,
        clock=GraphClock(monotonic=monotonic, system=system),
        patience=patience,
        monotonic=monotonic,
        sleep=sleep,
        jitter=jitter,
        new_id=new_id,
        shared=None if lanes is None else _shared(lanes, system),
    )
    return Graph(gate, transport, door, disclosed)


def _door(registration: Registration, graph_root: str, people: People | None) -> Door:
    if people is None:
        return Door(registration, AppTokens(registration, graph_root), (), lambda mailbox: mailbox)
    scopes = tuple(f"{graph_root}/{scope}" for scope in people.scopes)
    tokens = UserTokens(registration, scopes=scopes, caches=people.caches, default=people.default)
    return Door(registration, tokens, scopes, tokens.whose)


def _shared(folder: Path, system: Callable[[], float]) -> Callable[[str], SharedLane]:
    # File locks of POSIX; where there are none, nobody comes here.
    from scheduler.graph.shared_lanes import lanes_in  # noqa: PLC0415

    return lanes_in(folder, system)
