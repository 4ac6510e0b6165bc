"""`slotwright demo`: the whole main job on an embedded tenant, in a minute, leaving nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import count as counter
from pathlib import Path

import click
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.app.attention import attention
from scheduler.app.book import book
from scheduler.app.cancel import cancel
from scheduler.app.find import find
from scheduler.app.find_loop import find_loop
from scheduler.app.glance import glance
from scheduler.booking.booking import Booking, RoomState, Route
from scheduler.booking.document import document
from scheduler.booking.events import CalendarRef, EventCopy
from scheduler.booking.states import State
from scheduler.booking.watching import Sight, leaving
from scheduler.cli import tables
from scheduler.cli.context import output
from scheduler.cli.watch import watch_of
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.demo import DECLINES, PANEL, POLICY_ROOM, RECRUITER, SCHEDULING_USER, demo_tenant
from scheduler.emulator.server import serve
from scheduler.errors import SlotwrightError, WorldError
from scheduler.graph.errors import CallFailed
from scheduler.planning.answer import Slot, Slots
from scheduler.planning.loops.request import make_loop_request
from scheduler.planning.request import make_request
from scheduler.settings import Settings
from scheduler.wiring import Slotwright, open_slotwright

START = datetime(2026, 11, 23, 7, tzinfo=UTC)
"""The Monday on which the demo plays, so that it prints the same every time."""


@click.command()
def demo() -> int:
    """Run the main job on an embedded Microsoft 365 tenant: find, book by both routes, prove, repair, cancel.

    Nothing is read from or written to any real calendar. Exit code 1 when anything is less than promised.
    """
    console = output()
    emulator = Emulator(demo_tenant(START), clock=Clock(START, running=True))
    with tempfile.TemporaryDirectory(prefix="slotwright-demo-") as folder, serve(emulator) as server:
        connection = {key: str(value) for key, value in server.connection.items()}
        settings = Settings(
            connection="advanced",
            graph_url=connection["graph_url"],
            authority=connection["authority"],
            tenant_id=connection["tenant_id"],
            client_id=connection["client_id"],
            client_secret=SecretStr(connection["client_secret"]),
            ca_file=Path(connection["ca_file"]),
            organizer=RECRUITER,
            scheduling_user=SCHEDULING_USER,
            database=Path(folder) / "demo.db",
            room_answer_seconds=8,
            room_poll_seconds=0.25,
        )
        numbers = counter(1)

        def clock() -> int:
            return int(emulator.clock.now().timestamp())

        with open_slotwright(
            settings,
            clock=clock,
            new_id=lambda: f"b-demo-{next(numbers)}",
        ) as slotwright:
            try:
                return _play(slotwright, console, clock)
            except SlotwrightError as error:
                console.print(f"demo: failed: {error}", markup=False)
                return 1


def _play(slotwright: Slotwright, console: Console, clock: Callable[[], int]) -> int:
    _title(console, "1. Find: three people on three continents' clocks, one hour, a room in Amsterdam")
    slots = _find(slotwright, [])
    tables.print_slots(slots.model_copy(update={"slots": slots.slots[:5]}), console)

    rooms = {room.address: room for slot in slots.slots for room in (slot.room, *slot.alternatives) if room}
    direct: list[str] = []
    indirect: list[str] = []
    for address in sorted(rooms):
        access = slotwright.graph.access(address)
        (direct if access is not None and access.can_edit else indirect).append(address)
    _title(console, "2. Routes: which rooms may be written, and which have to be invited")
    for name, addresses in (("direct", direct), ("via Scheduler", indirect)):
        console.print(
            f"  {name:14} {', '.join(rooms[address].name for address in addresses) or 'none'}", markup=False
        )

    booked: list[Booking] = []
    for title, among in (
        ("3. Book into a room we may write: an event in the room's own calendar", direct),
        ("4. Book into a room we may not: the generated Scheduler calendar, the room as a guest", indirect),
    ):
        _title(console, title)
        booking = _book(slotwright, _first_free_of(booked, _find(slotwright, among)))
        tables.print_booking(document(booking), slotwright.store.history(booking.booking_id), console)
        booked.append(booking)

    _title(console, "5. What is in which calendar now")
    _print_calendars(slotwright, booked, console)

    _title(console, "6. A third one, whose room declines and whose interviewer declines")
    third = _book_what_will_be_declined(slotwright)
    tables.print_booking(document(third), (), console)

    _title(console, "7. Watch: another room, somebody else of the pool, the candidate's time stays")
    repaired = _watched(slotwright, third, clock)
    tables.print_booking(document(repaired), slotwright.store.history(repaired.booking_id), console)
    rehoused = int(_is_proved(repaired) and repaired.room != third.room)
    replaced = int(DECLINES not in repaired.interview.busy and repaired.repairs == rehoused + 1)
    undecided = len(attention(slotwright.store, now=clock()))

    _title(console, "8. Cancel the second one: people uninvited, room freed, claims given back")
    cancelled = cancel(booked[1], slotwright.store, slotwright.driver, comment="The candidate withdrew.")
    tables.print_booking(document(cancelled), (), console)
    left = _left_behind(slotwright, booked[1])
    _print_calendars(slotwright, booked, console)

    done = {
        route: sum(_is_proved(booking) and booking.route is route for booking in booked) for route in Route
    }
    gone = int(cancelled.state is State.CANCELLED)
    click.echo(
        f"demo: {slots.feasible} slots found, {done[Route.DIRECT]} direct reservation verified, "
        f"{done[Route.SCHEDULER]} scheduler reservation verified, {rehoused} declined room replaced, "
        f"{replaced} declined interviewer replaced, {undecided} to decide, {gone} cancelled, {left} left behind"
    )
    kept = repaired.interview.span == third.interview.span
    ones = {*done.values(), rehoused, replaced, gone}
    return 0 if slots.feasible and kept and ones == {1} and undecided == left == 0 else 1


def _find(slotwright: Slotwright, among: list[str]) -> Slots:
    request = make_request(
        {
            "people": list(PANEL),
            "minutes": 60,
            "between": "2026-11-23",
            "and": "2026-12-04",
            "zone": "Europe/Amsterdam",
            "room": {"seats": 4, "building": "Herengracht", "among": among},
            "candidate": {"name": "Sam Jansen", "address": "sam.jansen@candidate.example"},
            "subject": "Interview: Sam Jansen, backend engineer",
            "text": "Panel interview. The room is in the location field.",
            "limit": 40,
        }
    )
    return find(
        request,
        slotwright.graph,
        slotwright.store,
        organizer=slotwright.settings.organizer,
        rules=slotwright.rules,
    )


def _book_what_will_be_declined(slotwright: Slotwright) -> Booking:
    """An interview in a room that only the leadership may book, with somebody who declines whatever comes."""
    request = make_loop_request(
        {
            "sessions": [
                {
                    "name": "Pairing",
                    "minutes": 60,
                    "seats": [[PANEL[0]], {"name": "New York", "pool": [DECLINES, PANEL[1]]}],
                }
            ],
            "between": "2026-11-23",
            "and": "2026-12-04",
            "zone": "Europe/Amsterdam",
            "room": {"building": "Herengracht", "among": [POLICY_ROOM]},
            "candidate": {"name": "Kim de Boer", "address": "kim.deboer@candidate.example"},
            "subject": "Interview: Kim de Boer",
        }
    )
    organizer = slotwright.settings.organizer
    found = find_loop(
        request, slotwright.graph, slotwright.store, organizer=organizer, rules=slotwright.rules
    )
    slots = [option.sessions[0].slot for option in found.options]
    wanted = next((slot for slot in slots if (DECLINES, True) in _seated(slot)), None)
    if wanted is None:
        raise WorldError("No slot is left for somebody who declines; the demo tenant should have one.")
    return _book(slotwright, wanted)


def _seated(slot: Slot) -> list[tuple[str, bool]]:
    return [(person.address, bool(person.stand_ins)) for person in slot.people]


def _watched(slotwright: Slotwright, booking: Booking, clock: Callable[[], int]) -> Booking:
    """The booking once the interviewer has answered and everything is repaired that can be."""
    for _ in range(60):
        sight = glance([booking], slotwright.graph)[booking.booking_id]
        if isinstance(sight, Sight) and leaving(booking, sight):
            break
        slotwright.driver.rest()
    watch_of(slotwright, clock=clock).look(wait=True)
    return slotwright.store.booking(booking.booking_id) or booking


def _first_free_of(booked: Iterable[Booking], slots: Slots) -> Slot:
    taken = {document(booking).start_utc for booking in booked}
    slot = next((slot for slot in slots.slots if slot.start_utc not in taken), None)
    if slot is None:
        raise WorldError("No slot is left for this route; the demo tenant should have one.")
    return slot


def _book(slotwright: Slotwright, slot: Slot) -> Booking:
    return book(
        slot,
        slotwright.store,
        slotwright.driver,
        organizer=slotwright.settings.organizer,
        new_id=slotwright.new_id,
        wait=True,
    )


def _is_proved(booking: Booking) -> bool:
    held = booking.room_state in {RoomState.ACCEPTED, RoomState.VERIFIED}
    return held and booking.state is State.CONFIRMED


def _print_calendars(slotwright: Slotwright, booked: list[Booking], console: Console) -> None:
    table = Table("calendar", *(booking.booking_id for booking in booked), pad_edge=False)
    organizer = booked[0].interview.organizer
    rows: list[tuple[str, CalendarRef]] = [(f"{organizer} (invitation)", CalendarRef(organizer))]
    for booking in booked:
        assert booking.reservation is not None
        assert booking.room is not None
        if booking.route is Route.SCHEDULER:
            owner = booking.reservation.calendar
            rows.append((f"{owner.mailbox} (Scheduler)", owner))
        rows.append((f"{booking.room.address} (room)", CalendarRef(booking.room.address)))
    rows.extend((f"{address} (interviewer)", CalendarRef(address)) for address in PANEL)
    for name, calendar in rows:
        table.add_row(
            name, *(Text("yes" if _shows(slotwright, calendar, booking) else "–") for booking in booked)
        )
    console.print(table)


def _shows(slotwright: Slotwright, calendar: CalendarRef, booking: Booking) -> bool:
    keys = {event.ical_uid for event in (booking.invitation, booking.reservation) if event is not None}
    return any(
        event.ical_uid in keys and not event.cancelled for event in _events(slotwright, calendar, booking)
    )


def _events(slotwright: Slotwright, calendar: CalendarRef, booking: Booking) -> tuple[EventCopy, ...]:
    try:
        return slotwright.graph.view(calendar, booking.interview.span)
    except CallFailed:
        return ()


def _left_behind(slotwright: Slotwright, booking: Booking) -> int:
    """How many events of a removed booking are still in any calendar it touched, once the deliveries are through."""
    assert booking.room is not None
    guests = [CalendarRef(address) for address in booking.interview.busy]
    places = [CalendarRef(booking.interview.organizer), CalendarRef(booking.room.address), *guests]
    places += [event.calendar for event in (booking.invitation, booking.reservation) if event is not None]
    left = 0
    for _ in range(40):
        left = sum(_shows(slotwright, place, booking) for place in set(places))
        if left == 0:
            break
        slotwright.driver.rest()
    return left


def _title(console: Console, text: str) -> None:
    console.print(f"\n{text}", style="bold", markup=False)
