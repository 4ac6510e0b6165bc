"""R-07: two installations that know nothing of one another book one room at the same moment."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from scheduler.booking import proof
from scheduler.booking.booking import Booking, RoomState
from scheduler.booking.states import State
from scheduler.emulator.tenant import App, Grant
from scheduler.testing.tenants import (
    BEN,
    CLIENT_SECRET,
    OPEN_ROOM,
    READABLE_ROOMS,
    RECRUITER,
    SCHEDULING_USER,
    WALLED_ROOM,
    small_tenant,
)

LAGS = (0, 5, 40, 120)
READER = "5a11a11e-0000-4000-8000-0000000000cc"
"""Client id of an app that may write into no room, so that it invites them."""


class Turns:
    """Lets one of several threads go on at a time, and chooses anew before each of their requests."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._change = threading.Condition()
        self._living: list[str] = []
        self._turn = ""

    @contextmanager
    def of(self, name: str, among: int) -> Iterator[None]:
        """This thread takes part until it is done, once so many do."""
        with self._change:
            self._living = sorted([*self._living, name])
            if len(self._living) == among:
                self._choose()
            self._change.wait_for(lambda: self._turn == name)
        try:
            yield
        finally:
            with self._change:
                self._living.remove(name)
                self._choose()

    def next(self, name: str) -> None:
        """This thread is about to send a request."""
        with self._change:
            self._choose()
            self._change.wait_for(lambda: self._turn == name)

    def _choose(self) -> None:
        self._turn = self._chance.choice(self._living) if self._living else ""
        self._change.notify_all()


@dataclass
class Race:
    """Two installations, each with an interview of its own at the same time.

    Args:
        second: by which route the second one takes a room.
        watched: whether each has a watch.
    """

    office: Any
    second: str
    watched: bool = True
    both_since: float | None = None
    longest: float = 0
    first: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def run(self) -> tuple[list[Booking], list[str]]:
        """The two bookings as they stand at the end, and the invariants that do not hold."""
        office = self.office
        other = office.another_desk()
        client = {"client_id": READER} if self.second == "invited" else {}
        (person,) = office.slot.people
        slot = office.slot.model_copy(
            update={"id": "s-2", "people": (person.model_copy(update={"address": SCHEDULING_USER}),)}
        )
        settings = {"organizer": BEN, "scheduling_user": BEN, "client_secret": SecretStr(CLIENT_SECRET)}
        other.settings = other.settings.model_copy(update={**settings, **client})
        desks = {"one": (office.desk, office.slot), "two": (other, slot)}
        self.at_once(desks)
        with ExitStack() as stack:
            opened = [stack.enter_context(office.open(desk)) for desk, _ in desks.values()]
            watches = [office.watch(each) for each in opened]
            office.chance.shuffle(watches)
            ends, due = office.now + 900, [office.now + office.chance.uniform(0, 60) for _ in watches]
            while self.watched and office.now < ends:
                place = due.index(min(due))
                office.pass_until(due[place])
                self.compare()
                watches[place].look()
                self.compare()
                due[place] = office.now + watches[place].pause()
            self.compare()
            broken = [
                each for slotwright in opened for each in self.own(office.broken(slotwright), slotwright)
            ]
            return [each.store.bookings()[0] for each in opened], broken

    def own(self, broken: list[str], slotwright: Any) -> list[str]:
        """Those that are about this installation: events of the other one are strangers to it."""
        mine = slotwright.store.bookings()[0].booking_id
        return [each for each in broken if not each.startswith("I3") or f"{mine}/" in each]

    def at_once(self, desks: dict[str, tuple[Any, Any]]) -> None:
        """Both book, request by request in an order of chance."""
        office, turns, failed = self.office, Turns(self.office.chance), []

        def relay_of(name: str) -> Callable[[Callable[[], Any], dict[str, Any]], Any]:
            def relay(request: Callable[[], Any], _: dict[str, Any]) -> Any:
                turns.next(name)
                answer = request()
                office.pass_until(office.now + office.chance.choice([0.0, 0.05, 0.3]))
                self.compare()
                return answer

            return relay

        def work(name: str, desk: Any, slotwright: Any, slot: Any) -> None:
            try:
                with turns.of(name, len(desks)):
                    interview = slot.interview.model_copy(update={"organizer": desk.settings.organizer})
                    desk.book(slotwright, slot.model_copy(update={"interview": interview}))
            except Exception as error:  # noqa: BLE001 - told by the test itself
                failed.append(error)

        with ExitStack() as stack:
            threads = [
                threading.Thread(
                    target=work,
                    args=(name, desk, stack.enter_context(office.open(desk, relay=relay_of(name))), slot),
                )
                for name, (desk, slot) in desks.items()
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            assert ([], [False, False]) == (failed, [thread.is_alive() for thread in threads])

    def compare(self) -> None:
        """Note for how long both are in one room."""
        for room in (OPEN_ROOM, WALLED_ROOM):
            ours = [each for each in self.office.in_room(room) if each.ours]
            if len(ours) == 2 and self.both_since is None:
                self.both_since = self.office.now
                self.first = min(ours, key=lambda each: each.rank).ours
                self.ids = {each.ours: room for each in ours}
            if len(ours) == 2 and self.both_since is not None:
                self.longest = max(self.longest, self.office.now - self.both_since)

    def verdict(self, bookings: list[Booking]) -> list[str]:
        """What must not have happened."""
        found = []
        rooms = [each.room.address for each in bookings if each.room and self.office.holds(each)]
        if len(set(rooms)) < len(rooms):
            found.append(f"both are in {rooms[0]}")
        for each in bookings:
            if each.state is State.CONFIRMED and not self.office.holds(each):
                found.append(f"{each.booking_id} is confirmed and does not hold its room")
            stays = each.room is not None and each.room.address == self.ids.get(each.booking_id)
            if self.ids and stays is not (each.booking_id == self.first):
                found.append(f"{each.booking_id} {'stayed' if stays else 'yielded'}, against the rule")
        return found


def account(
    tally: Any, make_office: Callable[..., Any], name: str, trials: int, second: str, **how: Any
) -> None:
    """Race as often, and count what comes of it."""
    tenant = small_tenant(writable=(OPEN_ROOM, WALLED_ROOM))
    reader = App(
        client_id=READER,
        secret=CLIENT_SECRET,
        grants=[
            Grant(role="Place.Read.All"),
            Grant(role="Calendars.Read", over=[*READABLE_ROOMS, *(each.address for each in tenant.people)]),
            Grant(role="Calendars.ReadWrite", over=[RECRUITER, SCHEDULING_USER, BEN]),
        ],
    )
    tenant.apps[0].grants.append(Grant(role="Calendars.ReadWrite", over=[BEN]))
    tenant = tenant.model_copy(update={"apps": [*tenant.apps, reader]})
    longest = 0.0
    for number in range(trials):
        lag = LAGS[number % len(LAGS)]
        seed = f"{name}-{second}-{number}"
        office = make_office(seed, OPEN_ROOM, tenant=tenant, lag=lag)
        race = Race(office, second, **how)
        bookings, broken = race.run()
        tally.tried()
        tally.violated(
            *(f"{second} {number} (lag {lag}): {each}" for each in (*race.verdict(bookings), *broken))
        )
        if not race.ids:
            continue
        longest = max(longest, race.longest)
        stand = [each for each in bookings if each.state is State.CONFIRMED and office.holds(each)]
        there = [
            each for each in stand if each.room is not None and each.room.address == race.ids[each.booking_id]
        ]
        tally.counted("collisions")
        tally.counted("both yielded", int(not there))
        tally.counted("rebooked by themselves", len(stand) - len(there))
        tally.counted("handed to a person", sum(bool(each.concerns) for each in bookings))
    tally.noted(f"{name}, {second}: both in one room for at most {longest:.0f} s")


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(
            "direct", marks=pytest.mark.experiment("R-07", "two installations, both write directly")
        ),
        pytest.param(
            "invited", marks=pytest.mark.experiment("R-07", "two installations, one writes, one invites")
        ),
    ],
)
@pytest.mark.parametrize(
    ("tier", "trials"),
    [
        pytest.param("campaign", 40, marks=pytest.mark.campaign),
        pytest.param("nightly", 500, marks=pytest.mark.nightly),
    ],
)
def test_two_installations(
    tally: Any, make_office: Callable[..., Any], tier: str, trials: int, second: str
) -> None:
    """Of two exactly one yields, by the rule that both read; it finds itself another room."""
    account(tally, make_office, tier, trials, second)
    assert [] == tally.violations


@pytest.mark.experiment("R-07", "two installations, neither reads back", control=True)
@pytest.mark.campaign
def test_neither_reads_back(
    tally: Any, make_office: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without reading back both stay in the room."""
    trusting = proof.RoomAnswer(RoomState.VERIFIED, "Graph said 201")
    monkeypatch.setattr(proof, "from_calendar", lambda *_, **__: trusting)
    account(tally, make_office, "control", 2, "direct", watched=False)
    assert any("both are in" in each for each in tally.violations)
