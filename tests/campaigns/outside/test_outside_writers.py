"""R-07: people who use Outlook take our rooms around our writes, and free/busy is behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from scheduler.booking import proof
from scheduler.booking.booking import Booking, ConcernKind, RoomState
from scheduler.booking.states import State
from scheduler.testing.tenants import HIDDEN_ROOM, OPEN_ROOM, RECRUITER, WALLED_ROOM
from solvers.timeline import Span

LAGS = (0, 5, 40, 120)
SEEN = {OPEN_ROOM: "read", WALLED_ROOM: "read", HIDDEN_ROOM: "free/busy only"}
MOMENTS = ("before the read", "between read and write", "between write and read-back", "after")
CELLS = tuple(product(LAGS, MOMENTS))
HORIZON = 1_560
"""Seconds after the booking: the looks of the first ten minutes, and one of the slower ones."""
GRACE = 5


@dataclass
class Collision:
    """We and somebody else in one room at one time.

    Args:
        by: when we have to know of it, at the latest.
        first: whether ours was there first; None where that cannot be read.
    """

    room: str
    began: float
    by: float
    first: bool | None
    known: float | None = None


@dataclass
class Trial:
    """One booking, and somebody who takes the same room, and perhaps a second one who does so again.

    Args:
        watched: whether there is a watch.
    """

    office: Any
    lag: float
    watched: bool = True
    collisions: list[Collision] = field(default_factory=list)
    since: float | None = None
    state: State | None = None

    def run(self, moment: str, room: str) -> tuple[Booking, list[str]]:
        """The booking as it stands at the end, and the invariants that do not hold."""
        office, chance = self.office, self.office.chance
        waiting = {moment}
        if moment == "before the read":
            self.somebody(room)
            office.pass_until(office.now + chance.uniform(0, self.lag + GRACE))

        def relay(request: Callable[[], Any], environ: dict[str, Any]) -> Any:
            path = environ["PATH_INFO"]
            reserving = (
                environ["REQUEST_METHOD"] == "POST" and path.endswith("/events") and RECRUITER not in path
            )
            if reserving and "between read and write" in waiting:
                waiting.clear()
                self.somebody(room)
            answer = request()
            office.pass_until(office.now + chance.uniform(0.02, 0.4))
            if reserving and "between write and read-back" in waiting:
                waiting.clear()
                # An invited room answers after two seconds: somebody comes before that or after it.
                office.pass_until(office.now + chance.choice([0, chance.uniform(0, 4)]))
                self.somebody(room)
            self.compare()
            return answer

        with office.open(relay=relay) as slotwright:
            booking = office.desk.book(slotwright, office.slot)
            self.learn(booking)
            ends = office.now + HORIZON
            later = [office.now + chance.uniform(0, 600)] if moment == "after" else []
            later += [office.now + chance.uniform(0, 600)] if chance.random() < 0.25 else []
            # The watch was there before, so that its next look is anywhere in the next minute.
            watch, due = office.watch(slotwright), office.now + chance.uniform(1, 60)
            while office.now < ends:
                office.pass_until(min([due, ends, *later]) if self.watched else min([ends, *later]))
                if later and office.now >= min(later):
                    later.remove(min(later))
                    self.somebody(booking.room.address if booking.room is not None else room)
                elif self.watched:
                    watch.look()
                    due = office.now + watch.pause()
                booking = slotwright.store.booking(booking.booking_id)
                self.learn(booking)
            return booking, office.broken(slotwright)

    def somebody(self, room: str) -> None:
        """Takes the room at about our time."""
        chance, span = self.office.chance, self.office.span
        shift, longer = chance.choice([(0, 0), (-30, 0), (15, 0), (0, 30), (10, -20)])
        theirs = Span(span.start + shift, span.end + shift + longer)
        chance.choice([self.office.occupy, self.office.invite])(room, theirs)
        self.compare()

    def compare(self) -> None:
        """Note what collides now."""
        known = {each.room for each in self.collisions}
        for room, seen in SEEN.items():
            present = self.office.in_room(room)
            mine, others = ([each for each in present if bool(each.ours) is ours] for ours in (True, False))
            if mine and others and room not in known:
                first = mine[0].rank < min(each.rank for each in others) if seen == "read" else None
                self.collisions.append(Collision(room, self.office.now, self.deadline(seen), first))

    def deadline(self, seen: str) -> float:
        """When the next check after the room shows it is over."""
        now: float = self.office.now
        if seen == "read" and self.since is None:
            return now + GRACE
        shows = now if seen == "read" else now + self.lag
        frequent = self.since is None or shows - self.since <= 600
        return shows + (60 if frequent else 900) + GRACE

    def learn(self, booking: Booking) -> None:
        """Note what we know after a look."""
        self.compare()
        if booking.state is not self.state:
            self.state, self.since = booking.state, self.office.now
        for each in self.collisions:
            if each.known is None and knows(booking, each.room):
                each.known = self.office.now

    def verdict(self, booking: Booking) -> list[str]:
        """What must not have happened."""
        found = []
        for each in self.collisions:
            stays = booking.room is not None and booking.room.address == each.room
            kept = stays and self.office.holds(booking)
            if each.known is None and (kept or self.office.now > each.by):
                found.append(f"undetected in {each.room}")
            elif each.known is not None and each.known > each.by:
                found.append(f"detected {each.known - each.by:.0f} s late in {each.room}")
            if each.first is not None and each.known is not None and kept is not each.first:
                found.append(f"the wrong one yielded in {each.room}")
        return found


def knows(booking: Booking, room: str) -> bool:
    """Whether we know that the room is not ours alone: we are on our way out of it, or a person was told."""
    told = any(each.kind is ConcernKind.CONTESTED and each.who == room for each in booking.concerns)
    left = booking.room is None or booking.room.address != room
    return told or left or booking.state in {State.FREEING, State.ROOM_DECLINED, State.UNDOING, State.UNDONE}


def mistaken(office: Any, booking: Booking) -> bool:
    """Whether somebody else's entry of exactly our time is in a room of which we see free/busy only."""
    assert booking.room is not None
    return booking.room.address == HIDDEN_ROOM and any(
        meeting.ours is None and meeting.span == office.span for meeting in office.in_room(HIDDEN_ROOM)
    )


def account(
    tally: Any, make_office: Callable[..., Any], name: str, trials: int, room: str, **how: Any
) -> None:
    """Make the trials and count what comes of them."""
    times: dict[str, list[float]] = {}
    for number in range(trials):
        lag, moment = CELLS[number * 5 % len(CELLS)]
        office = make_office(f"{name}-{room}-{number}", room, lag=lag)
        trial = Trial(office, lag, **how)
        booking, broken = trial.run(moment, room)
        where = f"{room} {number} (lag {lag}, {moment})"
        tally.tried()
        tally.violated(*(f"{where}: {each}" for each in (*trial.verdict(booking), *broken)))
        for each in trial.collisions:
            tally.counted("collisions")
            if each.known is not None:
                tally.counted("detected")
                kind = "at the read-back" if each.by - each.began <= GRACE else "by the watch"
                times.setdefault(kind, []).append(each.known - each.began)
        if booking.state is not State.CONFIRMED:
            tally.counted("handed to a person" if booking.concerns else f"at last {booking.state.value}")
        elif office.holds(booking):
            tally.counted("handed to a person", int(bool(booking.concerns)))
            tally.counted("rebooked by themselves", int(booking.room.address != room))
        elif mistaken(office, booking):
            tally.counted("taken for ours: exactly our time, free/busy only")
        else:
            tally.violated(f"{where}: confirmed, and the room is not ours")
    for kind, seconds in times.items():
        tally.noted(f"{name}, {room.partition('@')[0]}: {kind} after at most {max(seconds):.0f} s")


def the_rooms(what: str) -> Any:
    """Each kind of room, as an experiment of its own."""
    kinds = {OPEN_ROOM: "written directly", WALLED_ROOM: "invited and read", HIDDEN_ROOM: "free/busy only"}
    return pytest.mark.parametrize(
        "room",
        [
            pytest.param(room, marks=pytest.mark.experiment("R-07", f"{what}: {kind}"), id=kind)
            for room, kind in kinds.items()
        ],
    )


@the_rooms("outside writers, stale free/busy")
@pytest.mark.parametrize(
    ("tier", "trials"),
    [
        ("every run", 1),
        pytest.param("campaign", 60, marks=pytest.mark.campaign),
        pytest.param("nightly", 667, marks=pytest.mark.nightly),
    ],
)
def test_outside_writers(
    tally: Any, make_office: Callable[..., Any], tier: str, trials: int, room: str
) -> None:
    """Every collision is known after the next check, and the one that came later yields, if it is ours."""
    account(tally, make_office, tier, trials, room)
    assert [] == tally.violations


@pytest.mark.experiment("R-07", "nobody reads back", control=True)
@pytest.mark.campaign
def test_without_reading_back(
    tally: Any, make_office: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 201 that is trusted, and a watch that never looks, leave collisions that nobody knows of."""
    trusting = proof.RoomAnswer(RoomState.VERIFIED, "Graph said 201")
    monkeypatch.setattr(proof, "from_calendar", lambda *_, **__: trusting)
    account(tally, make_office, "control", 3, OPEN_ROOM, watched=False)
    assert any("undetected" in each for each in tally.violations)
