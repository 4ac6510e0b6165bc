"""kill -9 on both sides of every call to Graph and every commit, then `slotwright show`: all of it, once, or nothing.

The desk of every test is ready before its trials begin; each trial kills one more point until a victim survives, so
that no point is left out and none is written down.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from scheduler.app.book import book
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.changing import NotChanged
from scheduler.app.reschedule import Target, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.app.writes import Writer
from scheduler.booking.booking import Booking, RoomChoice
from scheduler.booking.events import EventChange
from scheduler.booking.states import State
from scheduler.graph.client import Graph
from scheduler.planning.answer import Slot
from scheduler.testing.tenants import ANA, BEN, CHITRA, OPEN_ROOM, PICKY_ROOM, RECRUITER, WALLED_ROOM
from scheduler.wiring import Slotwright
from solvers.timeline import Span

DAY = 1440
Work = Callable[[Slotwright], object]


@dataclass(frozen=True)
class Flow:
    """Something that is asked of a desk.

    Args:
        room: the room that is booked before, or by it; empty for none.
        ready: makes the desk ready and returns the work that a victim will be killed in.
        ends: state and revision in which every recovery has to end.
        points: how many there are at least.
    """

    name: str
    room: str
    ready: Callable[[Any, Flow], Work]
    ends: tuple[State, int]
    points: int


def a_slot(desk: Any, slotwright: Slotwright, room: str) -> Slot:
    """An hour with two people and that room, tomorrow morning."""
    wish = {"room": {"among": [room]}} if room else {}
    slot: Slot = desk.find(slotwright, [ANA, BEN], between="2026-03-03", **wish).slots[0]
    return slot


def booking_it(desk: Any, flow: Flow) -> Work:
    """A slot is booked."""
    with desk.open() as slotwright:
        slot = a_slot(desk, slotwright, flow.room)
    desk.emulator.journal.clear()

    def work(slotwright: Slotwright) -> object:
        return book(
            slot,
            slotwright.store,
            slotwright.driver,
            organizer=RECRUITER,
            new_id=slotwright.new_id,
            wait=True,
        )

    return work


def standing(desk: Any, flow: Flow) -> Booking:
    """A confirmed booking of which everybody knows."""
    with desk.open() as slotwright:
        booking: Booking = desk.book(slotwright, a_slot(desk, slotwright, flow.room))
    assert State.CONFIRMED is booking.state
    desk.settle()
    desk.emulator.journal.clear()
    return booking


def cancelling(desk: Any, flow: Flow) -> Work:
    """The interview is cancelled."""
    booking = standing(desk, flow)
    return lambda slotwright: cancel(booking, slotwright.store, slotwright.driver, comment="withdrawn")


def moving_by(minutes: int) -> Callable[[Any, Flow], Work]:
    """The interview is moved."""

    def ready(desk: Any, flow: Flow) -> Work:
        booking = standing(desk, flow)
        to = Target(booking.interview.span.start + minutes)
        return lambda slotwright: reschedule(
            booking, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True
        )

    return ready


def moving_in_vain(desk: Any, flow: Flow) -> Work:
    """The interview would be moved, but the one room that is free then declines."""
    booking = standing(desk, flow)
    span = booking.interview.span
    desk.occupy(flow.room, Span(span.start + DAY, span.end + DAY))
    to = Target(span.start + DAY, rooms=(RoomChoice(PICKY_ROOM, "Picky"),))

    def work(slotwright: Slotwright) -> object:
        try:
            return reschedule(
                booking, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True
            )
        except NotChanged:
            return None

    return work


def swapping(desk: Any, flow: Flow) -> Work:
    """Chitra comes in Ben's place."""
    booking = standing(desk, flow)
    return lambda slotwright: swap_person(
        booking,
        slotwright.store,
        slotwright.driver,
        leaving=BEN,
        joining=CHITRA,
        wait=True,
    )


def rehousing(desk: Any, flow: Flow) -> Work:
    """The other room is taken."""
    booking = standing(desk, flow)
    other = WALLED_ROOM if flow.room == OPEN_ROOM else OPEN_ROOM
    return lambda slotwright: change_room(
        booking, slotwright.graph, slotwright.store, slotwright.driver, address=other, wait=True
    )


DONE, CHANGED, KEPT, GONE = (
    (State.CONFIRMED, 1),
    (State.CONFIRMED, 2),
    (State.CONFIRMED, 1),
    (State.CANCELLED, 1),
)
FLOWS = [
    Flow("book-direct", OPEN_ROOM, booking_it, DONE, 11),
    Flow("book-scheduler", WALLED_ROOM, booking_it, DONE, 14),
    Flow("cancel-direct", OPEN_ROOM, cancelling, GONE, 6),
    Flow("cancel-scheduler", WALLED_ROOM, cancelling, GONE, 6),
    Flow("move-no-room", "", moving_by(DAY), CHANGED, 6),
    Flow("move-direct", OPEN_ROOM, moving_by(DAY), CHANGED, 13),
    Flow("move-scheduler", WALLED_ROOM, moving_by(DAY), CHANGED, 17),
    Flow("move-overlapping-direct", OPEN_ROOM, moving_by(30), CHANGED, 13),
    Flow("move-overlapping-scheduler", WALLED_ROOM, moving_by(30), CHANGED, 19),
    Flow("move-in-vain", WALLED_ROOM, moving_in_vain, KEPT, 20),
    Flow("swap-direct", OPEN_ROOM, swapping, CHANGED, 6),
    Flow("swap-scheduler", WALLED_ROOM, swapping, CHANGED, 6),
    Flow("room-direct-to-scheduler", OPEN_ROOM, rehousing, CHANGED, 18),
    Flow("room-scheduler-to-direct", WALLED_ROOM, rehousing, CHANGED, 13),
]
BY_NAME = {flow.name: flow for flow in FLOWS}


@pytest.fixture(autouse=True)
def brisk(desk: Any) -> None:
    """Rooms answer within two seconds here, and none is waited for much longer."""
    desk.settings = desk.settings.model_copy(update={"room_answer_seconds": 4})


EVERY_TIME = {("book-scheduler", "sqlite")}
"""What every run of the tests kills; a campaign kills all flows on both engines."""


def on_both(flows: list[Flow], every_time: set[tuple[str, str]]) -> list[Any]:
    """Each flow with each engine."""
    return [
        pytest.param(
            flow,
            engine,
            id=f"{flow.name}-{engine}",
            marks=() if (flow.name, engine) in every_time else pytest.mark.campaign,
        )
        for flow in flows
        for engine in ("sqlite", "postgresql")
    ]


@pytest.mark.experiment("R-03", "kill -9 at each point, then recovery")
@pytest.mark.parametrize(("flow", "database"), on_both(FLOWS, EVERY_TIME), indirect=["database"])
def test_one_death(desk: Any, on_trial: Any, tally: Any, flow: Flow) -> None:
    """Wherever the process died, the next one ends with one event per role, the right claims, and one mail for each."""
    work = flow.ready(desk, flow)
    point, asked = 0, False
    while True:
        point += 1

        def trial(world: Any, point: int = point) -> Any:
            died = world.dies(work, point)
            bookings, problems = world.recovered()
            return died, [(each.state, each.revision) for each in bookings], problems

        died, ended, problems = on_trial(trial)
        tally.tried()
        tally.violated(*(f"killed at point {point}: {problem}" for problem in problems))
        if ended == [flow.ends]:
            asked = True
        elif asked or ended not in ([], [DONE]):
            # Before its first commit a victim has not asked for anything; after it the asked is what happens.
            tally.violated(f"killed at point {point} it ended as {ended}")
        if not died:
            break
    assert [] == tally.violations
    assert flow.points < point, "the enumeration ends only when a run survives"


SHARES = 4
"""In how many parts, of about equal length, the pairs of a flow are tried."""


@pytest.mark.nightly
@pytest.mark.experiment("R-03", "kill -9 at each point, and again at each point of recovery")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_two_deaths(desk: Any, on_trial: Any, tally: Any, flow: Flow, share: int) -> None:
    """The process that recovers dies as well, at each of its own points, and the one after it ends all the same."""
    work = flow.ready(desk, flow)
    first, died = share + 1 - SHARES, True
    while died:
        first, second, died_again = first + SHARES, 0, True
        while died and died_again:
            second += 1

            def trial(world: Any, first: int = first, second: int = second) -> Any:
                died = world.dies(work, first)
                died_again = died and world.dies(world.recover, second)
                return died, died_again, world.recovered()[1]

            died, died_again, problems = on_trial(trial)
            tally.tried()
            tally.violated(
                *(f"killed at point {first}, again at {second}: {problem}" for problem in problems)
            )
    assert [] == tally.violations


def all_cancelled(slotwright: Slotwright) -> list[Booking]:
    """Every booking, cancelled from where it stands."""
    return [
        cancel(booking, slotwright.store, slotwright.driver, comment="withdrawn")
        for booking in slotwright.store.bookings()
    ]


@pytest.mark.nightly
@pytest.mark.experiment("R-03", "kill -9 at each point of a change, then a cancellation")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow.ends[1] == 2], ids=lambda flow: flow.name)
def test_cancelled_after_a_death(desk: Any, on_trial: Any, tally: Any, flow: Flow) -> None:
    """A change that died anywhere can be cancelled, and nothing is left of either time, person or room."""
    work = flow.ready(desk, flow)
    point, died = 0, True
    while died:
        point += 1

        def trial(world: Any, point: int = point) -> Any:
            died = world.dies(work, point)
            (booking,), problems = world.after(all_cancelled)
            return died, booking.state, problems

        died, state, problems = on_trial(trial)
        tally.tried()
        tally.violated(
            *(f"killed at point {point}: {problem}" for problem in problems if not problem.endswith(BOTH))
        )
        if state is not State.CANCELLED:
            tally.violated(f"killed at point {point} it ended as {state}")
    assert [] == tally.violations


BOTH = "got 2 messages"
"""Somebody was told of the change, and then of the cancellation."""


def found_wrong(on_trial: Any, tally: Any, work: Work, wanted: set[str]) -> set[str]:
    """What the checker says of a victim killed at one point after the other, by kind, until it has said all of this."""
    kinds: set[str] = set()
    point, died = 0, True
    while died and not wanted <= kinds:
        point += 1

        def trial(world: Any, point: int = point) -> Any:
            return world.dies(work, point), world.recovered()[1]

        died, problems = on_trial(trial)
        tally.tried()
        tally.violated(*problems)
        kinds |= {
            "messages" if problem.endswith("messages") else problem.partition(":")[0] for problem in problems
        }
    return kinds


@pytest.mark.experiment("R-03", "without transactionId and marker", control=True)
def test_without_a_transaction_id_and_marker_there_are_twins(
    desk: Any, on_trial: Any, tally: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that neither reads back nor repeats its ids does leave twins behind."""
    encode = Graph.encode
    stamps = iter(range(1_000_000))

    def forgetful(draft: Any) -> bytes:
        unmarked = json.loads(encode(draft))
        unmarked.pop("transactionId")
        unmarked.pop("singleValueExtendedProperties")
        return json.dumps({**unmarked, "categories": [str(next(stamps))]}).encode()

    flow = BY_NAME["book-direct"]
    work = flow.ready(desk, flow)
    monkeypatch.setattr(Graph, "encode", staticmethod(forgetful))
    twins = {"events", "messages"}
    assert twins <= found_wrong(on_trial, tally, work, twins)


@pytest.mark.experiment("R-03", "a change sent again without looking", control=True)
@pytest.mark.campaign
def test_without_reading_back_people_are_told_twice(
    desk: Any, on_trial: Any, tally: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that sends its change again without looking first mails everybody again."""

    def blind(self: Any, booking: Booking) -> None:
        assert booking.invitation is not None
        assert booking.invitation.event_id is not None
        change = EventChange(span=booking.interview.span)
        mailbox = booking.invitation.calendar.mailbox
        self._calendars.amend(mailbox, booking.invitation.event_id, change, version="")

    flow = BY_NAME["move-no-room"]
    work = flow.ready(desk, flow)
    monkeypatch.setattr(Writer, "amend", blind)
    assert {"messages"} == found_wrong(on_trial, tally, work, {"messages"})
