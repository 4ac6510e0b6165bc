"""kill -9 anywhere in the booking of a loop, then `slotwright show`: every session, each once, or none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from scheduler.app.book_loop import Wanted, book_loop
from scheduler.app.drive_loop import cancel_loop, loop_of
from scheduler.booking.booking import Booking
from scheduler.booking.states import State
from scheduler.planning.loops.offer import LoopOffer, OfferedSession
from scheduler.store.store import Store
from scheduler.testing.tenants import ANA, BEN, CHITRA, OPEN_ROOM, PICKY_ROOM, RECRUITER, WALLED_ROOM
from scheduler.wiring import Slotwright

Work = Callable[[Slotwright], object]


@dataclass(frozen=True)
class Flow:
    """Something that is asked of a desk about a loop of two sessions.

    Args:
        rooms: of the two sessions.
        ready: makes the desk ready and returns the work that a victim will be killed in.
        ends: the states in which every recovery has to end.
        points: how many there are at least.
    """

    name: str
    rooms: tuple[str, str]
    ready: Callable[[Any, Flow], Work]
    ends: tuple[State, State]
    points: int


def the_offer(desk: Any, slotwright: Slotwright, flow: Flow) -> LoopOffer:
    """An hour with Ben on Tuesday and one with Chitra on Wednesday, Ana at both."""
    sessions = []
    for person, room, day in zip((BEN, CHITRA), flow.rooms, ("2026-03-03", "2026-03-04"), strict=True):
        slot = desk.find(slotwright, [ANA, person], between=day, room={"among": [room]})
        sessions.append(OfferedSession(name=person.partition("@")[0], slot=slot.slots[0]))
    return LoopOffer(id="l-1", sessions=tuple(sessions))


def booking_it(desk: Any, flow: Flow) -> Work:
    """The loop is booked."""
    with desk.open() as slotwright:
        offer = the_offer(desk, slotwright, flow)
    desk.emulator.journal.clear()

    def work(slotwright: Slotwright) -> object:
        wanted = Wanted(RECRUITER, slotwright.new_id, wait=True)
        return book_loop(offer, slotwright.store, slotwright.driver, wanted)

    return work


def cancelling(desk: Any, flow: Flow) -> Work:
    """A loop of which everybody knows is cancelled."""
    work = booking_it(desk, flow)
    with desk.open() as slotwright:
        work(slotwright)
        loop = loop_of(slotwright.store.bookings()[0], slotwright.store)
    desk.settle()
    desk.emulator.journal.clear()
    return lambda slotwright: cancel_loop(loop, slotwright.store, slotwright.driver, comment="withdrawn")


DONE, GONE = (State.CONFIRMED,) * 2, (State.CANCELLED,) * 2
BOTH = (OPEN_ROOM, WALLED_ROOM)
FLOWS = [
    Flow("book", BOTH, booking_it, DONE, 26),
    Flow("undo", (OPEN_ROOM, PICKY_ROOM), booking_it, GONE, 34),
    Flow("cancel", BOTH, cancelling, GONE, 14),
]
BY_NAME = {flow.name: flow for flow in FLOWS}


@pytest.fixture(autouse=True)
def brisk(desk: Any) -> None:
    """Rooms answer within two seconds here, and none is waited for much longer."""
    desk.settings = desk.settings.model_copy(update={"room_answer_seconds": 4})


def wrong(flow: Flow, problems: list[str]) -> list[str]:
    """What is wrong; whoever was invited to what is undone is told of both."""
    return [text for text in problems if flow.name != "undo" or not text.endswith("messages")]


def killed_at(on_trial: Any, tally: Any, flow: Flow, work: Work, points: Iterator[int]) -> int:
    """Kill a victim at each of these points until one survives; the first point that no victim reached."""
    asked = False
    for point in points:

        def trial(world: Any, point: int = point) -> Any:
            died = world.dies(work, point)
            bookings, problems = world.recovered()
            return died, tuple(each.state for each in bookings), problems

        died, ended, problems = on_trial(trial)
        tally.tried()
        tally.violated(*(f"killed at point {point}: {problem}" for problem in wrong(flow, problems)))
        if ended == flow.ends:
            asked = True
        elif asked or ended not in ((), DONE):
            # Before its first commit a victim has not asked for anything; after it the asked is what happens.
            tally.violated(f"killed at point {point} it ended as {ended}")
        if not died:
            return point
    raise AssertionError("unreachable")


SAMPLE = 4
"""At how many points, about, a flow is tried every time."""


def every(step: int) -> Iterator[int]:
    """1, and on by the step."""
    return iter(range(1, 10_000, step))


@pytest.mark.experiment("R-03", "kill -9 while a loop is booked or cancelled, then recovery")
def test_a_sample_of_deaths(desk: Any, on_trial: Any, tally: Any) -> None:
    """Wherever the process died, the next one books all sessions or undoes them, and nobody is told twice."""
    flow = BY_NAME["book"]
    last = killed_at(on_trial, tally, flow, flow.ready(desk, flow), every(flow.points // SAMPLE))
    assert [] == tally.violations
    assert flow.points < last


@pytest.mark.campaign
@pytest.mark.experiment("R-03", "kill -9 while a loop is booked or cancelled, then recovery")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_one_death(desk: Any, on_trial: Any, tally: Any, flow: Flow) -> None:
    """The same at each point."""
    last = killed_at(on_trial, tally, flow, flow.ready(desk, flow), every(1))
    assert [] == tally.violations
    assert flow.points < last


SHARES, STRIDE = 5, 3
"""Of the pairs, those of each third first death are tried, with each second one, in so many parts of equal length."""


@pytest.mark.experiment("R-03", "kill -9 while a loop is booked or cancelled, and again in recovery")
@pytest.mark.nightly
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_two_deaths(desk: Any, on_trial: Any, tally: Any, flow: Flow, share: int) -> None:
    """The process that recovers dies as well, at each of its own points, and the one after it ends all the same."""
    work = flow.ready(desk, flow)
    first, died = 1 + STRIDE * (share - SHARES), True
    while died:
        first, second, died_again = first + STRIDE * SHARES, 0, True
        while died and died_again:
            second += 1

            def trial(world: Any, first: int = first, second: int = second) -> Any:
                died = world.dies(work, first)
                died_again = died and world.dies(world.recover, second)
                return died, died_again, world.recovered()[1]

            died, died_again, problems = on_trial(trial)
            tally.tried()
            found = wrong(flow, problems)
            tally.violated(*(f"killed at point {first}, again at {second}: {problem}" for problem in found))
    assert [] == tally.violations


@pytest.mark.experiment("R-03", "each session of a loop recovered for itself", control=True)
def test_without_looking_at_the_others_loops_are_torn(desk: Any, on_trial: Any, tally: Any) -> None:
    """A recovery that takes each session for itself keeps one and loses the other."""
    flow = BY_NAME["undo"]
    work = flow.ready(desk, flow)

    def each_for_itself(slotwright: Slotwright) -> list[Booking]:
        return [slotwright.driver.drive(each, wait=True) for each in slotwright.store.bookings()]

    def trial(world: Any) -> Any:
        return world.dies(work, 9), world.after(each_for_itself)[1]

    died, problems = on_trial(trial)
    tally.tried()
    tally.violated(*problems)
    assert died
    assert {"torn", "unsettled"} <= {problem.partition(":")[0] for problem in problems}


@pytest.mark.experiment("R-03", "sessions of a loop claimed in several commits", control=True)
def test_without_one_commit_sessions_are_lost(
    desk: Any, on_trial: Any, tally: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claiming one session after the other leaves a loop of which half was never written."""

    def one_by_one(store: Store, asked: Any) -> Any:
        return tuple(store._reserve([booking]) for booking in asked)

    flow = BY_NAME["book"]
    work = flow.ready(desk, flow)
    monkeypatch.setattr(Store, "reserve_together", one_by_one)
    with pytest.raises(AssertionError, match="of a loop is not in the database") as raised:
        on_trial(lambda world: (world.dies(work, 2), world.recovered()))
    tally.tried()
    tally.violated(str(raised.value))
