"""Trials of one booking each in a tenant of its own, with what is really in the rooms known at every moment."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.watch import Watch
from scheduler.booking.booking import Booking
from scheduler.booking.repairing import RepairRules
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.state import Event
from scheduler.emulator.tenant import Tenant
from scheduler.planning.answer import Slot
from scheduler.testing.invariants import MARKER, invariants
from scheduler.testing.tenants import ANA, CHITRA, HIDDEN_ROOM, OPEN_ROOM, START, WALLED_ROOM, small_tenant
from scheduler.wiring import Slotwright
from scheduler.zones import format_wall, parse_utc
from solvers.timeline import Span

ROOMS = (OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM)
"""One of each kind: we write into it, we invite it and read its calendar, we invite it and see its free/busy only."""

_IDLE = {"free", "workingElsewhere"}


@dataclass(frozen=True, slots=True)
class Meeting:
    """An event in a room's calendar.

    Args:
        ours: the id of our booking that it belongs to; None for what is somebody else's.
    """

    room: str
    event: Event
    ours: str | None

    @property
    def span(self) -> Span:
        """UTC minutes."""
        return Span(_minute(self.event.content.start), _minute(self.event.content.end))

    @property
    def rank(self) -> tuple[datetime, str]:
        """The smaller of two stays, by the rule that is written down."""
        return self.event.created, self.event.immutable_id


class Office:
    """A tenant, and everything that a trial does in it.

    Args:
        desk_type: the desk of the project's tests.
        folder: empty.
        empty: a migrated database with nothing in it.
        slot: what is booked.
        chance: where every choice of the trial comes from.
    """

    def __init__(
        self, desk_type: Any, folder: Path, empty: Path, tenant: Tenant, *, slot: Slot, chance: random.Random
    ) -> None:
        self.slot = slot
        self.span = Span(parse_utc(slot.start_utc), parse_utc(slot.end_utc))
        self.chance = chance
        self.emulator = Emulator(tenant, clock=Clock(tenant.clock or START))
        self._desk_type = desk_type
        self._folder = folder
        self._empty = empty
        self._plain = self.emulator.wsgi
        self._numbers = count(1)
        self.desk = self.another_desk()

    # Time

    @property
    def now(self) -> float:
        """UTC seconds."""
        return self.emulator.clock.now().timestamp()

    def pass_until(self, moment: float) -> None:
        """Let time pass until then or a thousandth of a second later; a moment that has gone by already is now."""
        left = moment - self.now
        self.emulator.clock.advance(left + 0.001 if left > 0 else 0)

    # Our side

    def another_desk(self) -> Any:
        """One more installation, with a database of its own."""
        number = next(self._numbers)
        database = self._folder / f"{number}.db"
        shutil.copyfile(self._empty, database)
        desk = self._desk_type(self.emulator, database)
        desk.settings = desk.settings.model_copy(update={"room_answer_seconds": 120})
        return desk

    @contextmanager
    def open(
        self, desk: Any = None, *, relay: Callable[[Callable[[], Any], dict[str, Any]], Any] | None = None
    ) -> Iterator[Slotwright]:
        """An installation at work.

        Args:
            relay: is given each request of this installation as something to do, and its WSGI environment.
        """

        def through(environ: dict[str, Any], start_response: Any) -> Any:
            if relay is None:
                return self._plain(environ, start_response)
            return relay(lambda: self._plain(environ, start_response), environ)

        chosen = desk or self.desk
        self.emulator.wsgi = through  # type: ignore[method-assign]  # what the desk connects to
        try:
            with chosen.open() as slotwright:
                self.emulator.wsgi = self._plain  # type: ignore[method-assign]  # and nobody else
                number = chosen.settings.database.stem
                names = (f"b-{number}-{each}" for each in count(1))
                yield replace(slotwright, new_id=lambda: next(names))
        finally:
            self.emulator.wsgi = self._plain  # type: ignore[method-assign]  # as it was

    def watch(self, slotwright: Slotwright) -> Watch:
        """A watch that begins now."""
        return Watch(
            slotwright.graph, slotwright.store, slotwright.driver, RepairRules(), lambda: int(self.now)
        )

    # Other people

    def occupy(self, room: str, span: Span) -> None:
        """Somebody who may writes straight into the room's calendar, whatever is there already."""
        self.desk.occupy(room, span)

    def invite(self, room: str, span: Span) -> None:
        """Somebody invites the room in Outlook, and its attendant decides."""
        times = {
            key: {"dateTime": f"{format_wall(minute)}:00", "timeZone": "UTC"}
            for key, minute in (("start", span.start), ("end", span.end))
        }
        guest = {"type": "resource", "emailAddress": {"address": room}}
        body = {"subject": "Somebody else", "attendees": [guest], **times}
        self.desk.outsider("POST", f"/users/{CHITRA}/events", body)

    # The truth

    def in_room(self, room: str) -> list[Meeting]:
        """What takes the interview's time in a room now."""
        world = self.emulator._world
        ours = {
            event.ical_uid: value.partition("/")[0]
            for mailbox in world.mailboxes.values()
            for calendar in mailbox.calendars.values()
            for event in calendar.events.values()
            if (
                value := next(
                    (text for key, text in event.extended.items() if key.lower() == MARKER.lower()), ""
                )
            )
        }
        found = []
        for event in world.mailboxes[room].default.events.values():
            meeting = Meeting(room, event, ours.get(event.ical_uid))
            if not event.cancelled and event.show_as not in _IDLE and meeting.span.overlaps(self.span):
                found.append(meeting)
        return found

    def holds(self, booking: Booking) -> bool:
        """Whether the room of the booking really is its own at the interview's time."""
        room = booking.room
        return room is not None and any(
            meeting.ours == booking.booking_id
            and meeting.event.show_as == "busy"
            and meeting.span == booking.interview.span
            for meeting in self.in_room(room.address)
        )

    def broken(self, slotwright: Slotwright) -> list[str]:
        """The invariants that do not hold, once all that is on its way has arrived."""
        self.emulator.clock.advance(60)
        found = invariants(slotwright.store, self.emulator, now=int(self.now))
        return [f"{each.invariant}: {each.what}" for each in found]


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60


def slot_in(slot: Slot, room: str, others: tuple[str, ...] = ROOMS) -> Slot:
    """The slot with this room, the others being what is tried next."""
    known = {each.address: each for each in (slot.room, *slot.alternatives) if each is not None}
    return slot.model_copy(
        update={"room": known[room], "alternatives": tuple(known[each] for each in others if each != room)}
    )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Slot]]:
    """An empty database and the slot that is booked, once somebody has made them."""
    return tmp_path_factory.mktemp("prepared") / "empty.db", []


@pytest.fixture
def make_office(desk: Any, tmp_path: Path, prepared: tuple[Path, list[Slot]]) -> Callable[..., Office]:
    """Makes an office with a fresh tenant; what is booked is an hour of somebody on Tuesday, in one of its rooms."""
    numbers = count(1)
    empty, slots = prepared
    if not slots:
        first = type(desk)(Emulator(small_tenant(), clock=Clock(START)), empty)
        with first.open() as slotwright:
            wish = {"among": list(ROOMS)}
            slots.append(first.find(slotwright, [ANA], between="2026-03-03", room=wish).slots[0])

    def make(seed: str, room: str = OPEN_ROOM, *, lag: float = 0, tenant: Tenant | None = None) -> Office:
        tenant = tenant or small_tenant()
        options = tenant.options.model_copy(update={"free_busy_lag_seconds": lag})
        folder = tmp_path / f"trial-{next(numbers)}"
        folder.mkdir()
        chance = random.Random(seed)  # noqa: S311 - a seeded choice
        # The ids of events follow from the tenant's seed, and who has the smaller one must not be the same each time.
        lagging = tenant.model_copy(update={"options": options, "seed": chance.randrange(2**31)})
        return Office(type(desk), folder, empty, lagging, slot=slot_in(slots[0], room), chance=chance)

    return make
