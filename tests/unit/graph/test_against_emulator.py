"""Every operation once against the emulator, which shares no code with this adapter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from scheduler.booking.events import Answer, CalendarRef, EventDraft, Guest, GuestKind
from scheduler.calendars.snapshot import BusyItem, Status
from scheduler.emulator import IN_PROCESS_AUTHORITY, IN_PROCESS_GRAPH, Clock, Emulator, Fault, Tenant
from scheduler.graph import Graph, connect
from scheduler.graph.errors import Clash, SignInFailed, Unavailable
from scheduler.zones import DayBlock, NamedZone, WeeklyHours, parse_utc, utc_order
from solvers.timeline import Span

ORG, ANA, BEN = (f"{name}@contoso.test" for name in ("organizer", "ana", "ben"))
WRITABLE, READABLE, CLOSED = (f"room-{letter}@contoso.test" for letter in "abc")
NINE = parse_utc("2026-03-02T09:00Z")
HOUR = Span(NINE, NINE + 60)
DAY = Span(NINE - 180, NINE + 600)


@pytest.fixture
def emulator() -> Emulator:
    """Three people, three rooms: one the app may write, one it may read, one it may not touch."""
    return Emulator(
        Tenant.model_validate(
            {
                "id": "11111111-2222-4333-8444-555555555555",
                "domain": "contoso.test",
                "apps": [
                    {
                        "client_id": "app",
                        "secret": "right",
                        "grants": [
                            {"role": "Calendars.Read", "over": [ORG, ANA, BEN, WRITABLE, READABLE]},
                            {"role": "Calendars.ReadWrite", "over": [ORG, WRITABLE]},
                            {"role": "Place.Read.All"},
                        ],
                    }
                ],
                "people": [
                    {"address": ORG},
                    {
                        "address": ANA,
                        "time_zone": "W. Europe Standard Time",
                        "events": [
                            {"start": "2026-03-02T09:00Z", "end": "2026-03-02T09:15Z", "show_as": "tentative"}
                        ],
                        "answers": {"answer": "accept", "delay_seconds": 5},
                    },
                    {"address": BEN, "working_hours": None, "free_busy_error": "5006"},
                ],
                "rooms": [
                    {"address": WRITABLE, "name": "Room A", "capacity": 8, "tags": ["Whiteboard"]},
                    {"address": READABLE, "name": "Room B", "booking_type": "reserved"},
                    {"address": CLOSED, "name": "Room C"},
                ],
            }
        ),
        clock=Clock(datetime(2026, 3, 2, 6, 0, 30, tzinfo=UTC)),
    )


def connected(emulator: Emulator, secret: str = "right") -> Graph:
    """A Graph that signs in to the emulator in this process and never really sleeps."""
    return connect(
        graph_url=IN_PROCESS_GRAPH,
        authority=IN_PROCESS_AUTHORITY,
        tenant_id="contoso.test",
        client_id="app",
        client_secret=secret,
        wsgi_app=emulator.wsgi,
        sleep=lambda _: None,
    )


@pytest.fixture
def graph(emulator: Emulator) -> Iterator[Graph]:
    """The signed-in Graph."""
    with connected(emulator) as made:
        yield made


def draft(transaction_id: str = "t-1", *guests: Guest) -> EventDraft:
    """An interview of one hour."""
    return EventDraft("Interview", "Agenda", HOUR, guests, marker="booking-7", transaction_id=transaction_id)


def test_a_wrong_secret_is_named(emulator: Emulator) -> None:
    """The emulated sign-in refuses with the number that the cause is known by."""
    with connected(emulator, "wrong") as graph, pytest.raises(SignInFailed, match="secret is wrong") as error:
        graph.rooms()
    assert error.value.number == 7000215


def test_schedules(graph: Graph) -> None:
    """Items, hours, an unknown person and one with too many entries, in order; the time is Graph's."""
    ghost = "ghost@contoso.test"
    ana, unknown, ben, room = graph.read_schedules([ANA, ghost, BEN, WRITABLE], DAY, as_mailbox=ORG)
    assert (BusyItem(Span(NINE, NINE + 15), Status.TENTATIVE),) == ana.items
    assert (
        WeeklyHours(tuple(DayBlock(d, 480, 1020) for d in range(5)), NamedZone("Europe/Berlin")) == ana.hours
    )
    assert "0" * 12 + "1" + "0" * 39 == ana.view
    assert unknown.problem is not None
    assert "No mailbox was found" in unknown.problem
    assert ben.problem is not None
    assert "more entries" in ben.problem
    assert ((), None) == (room.items, room.problem)
    assert parse_utc("2026-03-02T06:00Z") == graph.now()


def test_rooms(graph: Graph) -> None:
    """The listed rooms with what is known of them."""
    rooms = {room.address: room for room in graph.rooms()}
    assert {WRITABLE, READABLE, CLOSED} == set(rooms)
    assert (8, frozenset({"whiteboard"}), False) == (
        rooms[WRITABLE].seats,
        rooms[WRITABLE].equipment,
        rooms[WRITABLE].reserved,
    )
    assert rooms[READABLE].reserved


def test_access(graph: Graph) -> None:
    """Write access, read access, and none with a reason."""
    writable, readable = graph.access(WRITABLE), graph.access(READABLE)
    assert writable is not None
    assert readable is not None
    assert (True, False) == (writable.can_edit, readable.can_edit)
    assert graph.access(CLOSED) is None
    assert "403" in (graph.access_refusal(CLOSED) or "")


def test_the_life_of_an_event_in_our_calendar(emulator: Emulator, graph: Graph) -> None:
    """Made once, found by its marker, seen in the view, cancelled, and gone."""
    calendar = CalendarRef(ORG, graph.get_or_create_calendar(ORG, "Scheduler"))
    assert graph.get_or_create_calendar(ORG, "scheduler") == calendar.calendar_id
    assert graph.get_or_create_calendar(ORG, "Renamed", calendar.calendar_id) == calendar.calendar_id
    body = graph.encode(draft("t-1", Guest(ANA, "Ana", GuestKind.REQUIRED)))
    made = graph.create(calendar, body)
    assert made.event_id == graph.create(calendar, body).event_id
    with pytest.raises(Clash):
        graph.create(calendar, graph.encode(draft("t-1")))
    (found,) = graph.find_marked(calendar, "booking-7", DAY)
    assert (made.event_id, "booking-7", HOUR, ORG) == (
        found.event_id,
        found.marker,
        found.span,
        found.organizer,
    )
    assert () == graph.find_marked(calendar, "booking-8", DAY)
    assert () == graph.find_marked(CalendarRef(ORG), "booking-7", DAY)
    assert [made.event_id] == [copy.event_id for copy in graph.view(calendar, HOUR)]
    assert () == graph.view(calendar, Span(HOUR.end, HOUR.end + 60))
    emulator.clock.advance(60)
    (guest,) = graph.view(CalendarRef(ANA), Span(NINE + 30, NINE + 60))
    assert made.ical_uid == guest.ical_uid
    assert graph.cancel(ORG, made.event_id, "Moved") is True
    assert graph.read(ORG, made.event_id) is None
    assert graph.cancel(ORG, made.event_id, "Moved") is False


def test_the_life_of_an_event_in_a_room(emulator: Emulator, graph: Graph) -> None:
    """Written directly into a room's own calendar, with answers tallied, and deleted."""
    made = graph.create(
        CalendarRef(WRITABLE), graph.encode(draft("t-2", Guest(ANA, "Ana", GuestKind.REQUIRED)))
    )
    emulator.clock.advance(60)
    read = graph.read(WRITABLE, made.event_id)
    assert read is not None
    assert ("booking-7", ((ANA, Answer.ACCEPTED),)) == (read.marker, read.answers)
    assert read.created == utc_order("2026-03-02T06:00:30Z")
    (schedule,) = graph.read_schedules([WRITABLE], DAY, as_mailbox=ORG)
    assert (BusyItem(HOUR, Status.BUSY),) == schedule.items
    assert graph.delete(WRITABLE, made.event_id) is True
    assert graph.delete(WRITABLE, made.event_id) is False


@pytest.mark.parametrize("kind", ["fail_after", "drop_reply"])
def test_a_lost_creation_is_found_by_its_marker(emulator: Emulator, graph: Graph, kind: str) -> None:
    """A creation whose answer was lost leaves the outcome open, and reading back closes it."""
    graph.access(ORG)
    emulator.faults.add(Fault.model_validate({"kind": kind, "mailbox": ORG}))
    body = graph.encode(draft())
    with pytest.raises(Unavailable) as error:
        graph.create(CalendarRef(ORG), body)
    assert error.value.applied == "unknown"
    (found,) = graph.find_marked(CalendarRef(ORG), "booking-7", DAY)
    assert found.event_id == graph.create(CalendarRef(ORG), body).event_id


def test_reads_ride_out_faults(emulator: Emulator, graph: Graph) -> None:
    """Refusals, pages of HTML and lost replies on reads pass without a trace, or as what they are."""
    for fault in (
        Fault(kind="refuse", status=429, retry_after=0),
        Fault(kind="refuse", status=503),
        Fault(kind="drop_reply"),
    ):
        emulator.faults.add(fault)
    assert 3 == len(graph.rooms())
