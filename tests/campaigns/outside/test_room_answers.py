"""R-08: rooms accept, decline, hesitate, say nothing, and change their minds, at once or a day later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from scheduler.booking import proof
from scheduler.booking.booking import Booking, ConcernKind, RoomState
from scheduler.booking.states import State
from scheduler.emulator.tenant import Attendant, Tenant
from scheduler.testing.tenants import (
    APPROVAL_ROOM,
    HIDDEN_ROOM,
    OPEN_ROOM,
    PICKY_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    SILENT_ROOM,
    WALLED_ROOM,
    small_tenant,
)
from solvers.timeline import Span

GRACE = 5
PROMPT = (0, 1, 30, 100)
SLOW = (130, 600, 3_600, 86_400)
LATER = (0, 1, 30, 59, 61, 300, 599, 601, 1_800, 14_400, 86_400)
BEFORE_START = (7_300, 3_700, 3_500, 1_000)
"""Seconds before the start: around the look an hour before it, and when nothing is changed by itself any more."""

STANDS = frozenset({State.CONFIRMED})
WAITS = frozenset({State.PENDING})


@dataclass(frozen=True)
class Script:
    """What a room does.

    Args:
        attendant: how it treats an invitation.
        act: what somebody does to what it holds.
        at: when, in seconds after we had booked, or before the start.
        ends: the states in which the booking may be at last.
    """

    name: str
    attendant: dict[str, Any] = field(default_factory=dict)
    act: str = ""
    at: float = 0
    before_start: bool = False
    ends: frozenset[State] = STANDS


def later(name: str, act: str) -> list[Script]:
    """The room changes its mind at all those moments; at some of them somebody else takes it as well."""
    left = STANDS | {State.ROOM_DECLINED}
    return [
        *(Script(name, act=act, at=at) for at in LATER),
        *(Script(name, act=act, at=at, before_start=True, ends=left) for at in BEFORE_START),
        *(Script(name, act="given away", at=at) for at in LATER[2::4]),
        Script(name, act="given away", at=BEFORE_START[0], before_start=True, ends=left),
    ]


CONFLICT = [Script("declines for a conflict", act="taken between read and write")]
INVITED = [
    *(Script("accepts", {"delay_seconds": each}) for each in PROMPT),
    *(Script("answers too late", {"delay_seconds": each}) for each in SLOW),
    Script("declines by policy", {"book_in_policy": [RECRUITER]}),
    Script("says nothing", {"automate": "None"}),
    *CONFLICT,
    Script("waits for approval", {"automate": "AutoUpdate"}, ends=WAITS),
    *(Script("is approved", {"automate": "AutoUpdate"}, "approved", at) for at in (30, 900, 14_400)),
    *(Script("is not approved", {"automate": "AutoUpdate"}, "declined", at) for at in (30, 900, 14_400)),
    *(Script("hesitates later", {}, "tentativelyAccept", at, ends=WAITS) for at in (30, 900, 14_400)),
    *later("declines later", "decline"),
]
CELLS = {
    OPEN_ROOM: [Script("is written"), *CONFLICT, *later("is deleted later", "deleted")],
    WALLED_ROOM: INVITED,
    HIDDEN_ROOM: INVITED,
}


@dataclass
class Trial:
    """One booking of a room that follows a script, up to its end."""

    office: Any
    script: Script
    room: str
    lag: float = 0
    unread: bool = False
    false_since: float | None = None
    by: float = 0
    false_at_once: bool = False
    slowest: float = 0
    late: list[str] = field(default_factory=list)

    def run(self) -> tuple[Booking, list[str]]:
        """The booking as it stands at the end, and the invariants that do not hold."""
        office, script = self.office, self.script
        waiting = {script.act}

        def relay(request: Callable[[], Any], environ: dict[str, Any]) -> Any:
            path = environ["PATH_INFO"]
            reserving = (
                environ["REQUEST_METHOD"] == "POST" and path.endswith("/events") and RECRUITER not in path
            )
            if reserving and "taken between read and write" in waiting:
                waiting.clear()
                office.occupy(self.room, Span(office.span.start - 30, office.span.end))
            return request()

        start = office.span.start * 60
        if script.before_start:
            office.pass_until(start - 3 * 3_600)
        with office.open(relay=relay) as slotwright:
            booking = office.desk.book(slotwright, office.slot)
            self.false_at_once = booking.state is State.CONFIRMED and not office.holds(booking)
            booked, watch = office.now, office.watch(slotwright)
            acts = start - script.at if script.before_start else booked + script.at
            ends, done = min(max(acts, booked) + 2_000, start - 1), not script.act or "taken" in script.act
            stood, since = booking.state, booked
            # The watch was there before, so that its next look is anywhere in the next minute.
            due = booked + office.chance.uniform(1, 60)
            while office.now < ends:
                office.pass_until(min([due, ends] + ([acts] if not done else [])))
                if not done and office.now >= acts:
                    done = True
                    self.act(script.act)
                    shows = office.now + self.lag
                    interval = 60 if shows - since <= 600 else 900
                    by = shows + min(interval, max(start - 3600 - shows, 0) or interval) + GRACE
                    self.sample(booking, by)
                    continue
                self.sample(booking, None)
                watch.look()
                due = office.now + watch.pause()
                booking = slotwright.store.booking(booking.booking_id)
                self.sample(booking, None)
                if booking.state is not stood:
                    stood, since = booking.state, office.now
            broken = office.broken(slotwright)
            office.pass_until(office.now + 3 * 86_400)
            return booking, [*broken, *self.left_over(booking)]

    def act(self, what: str) -> None:
        """Somebody does that to what is in the room."""
        office = self.office
        (meeting,) = [each for each in office.in_room(self.room) if each.ours]
        path = f"/users/{self.room}/events/{meeting.event.event_id}"
        if what in {"decline", "tentativelyAccept"}:
            office.desk.outsider("POST", f"{path}/{what}", {"sendResponse": True})
        elif what == "approved":
            office.desk.outsider("PATCH", path, {"showAs": "busy"})
        else:
            office.desk.outsider("DELETE", path)
        if what == "given away":
            # Of a room that shows its free/busy only, another meeting of exactly our time cannot be told from ours.
            office.occupy(self.room, Span(office.span.start - 30 * self.unread, office.span.end))

    def sample(self, booking: Booking, by: float | None) -> None:
        """Note since when the booking has been called confirmed although the room is not held."""
        now = self.office.now
        wrong = booking.state is State.CONFIRMED and not self.office.holds(booking)
        if wrong and self.false_since is None:
            self.false_since, self.by = now, now + GRACE if by is None else by
        elif not wrong and self.false_since is not None:
            self.slowest = max(self.slowest, now - self.false_since)
            if now > self.by:
                self.late.append(f"noticed {now - self.by:.0f} s late")
            self.false_since = None

    def left_over(self, booking: Booking) -> list[str]:
        """Reservations of ours that are in a room which the booking does not name."""
        mine = booking.room.address if booking.room is not None else ""
        return [
            f"something of ours is left in {room}"
            for room in (OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM, APPROVAL_ROOM, PICKY_ROOM, SILENT_ROOM)
            for meeting in self.office.in_room(room)
            if room != mine and (meeting.ours or meeting.event.organizer_address == SCHEDULING_USER)
        ]

    def verdict(self, booking: Booking) -> list[str]:
        """What must not have happened."""
        found = list(self.late)
        if self.false_at_once or self.false_since is not None:
            found.append("confirmed, and the room is not ours")
        if booking.state not in self.script.ends:
            found.append(f"at last it is {booking.state.value}: {booking.reason}")
        if booking.state is State.ROOM_DECLINED and not booking.concerns:
            found.append("there is no room, and nobody is told")
        mails = Counter(
            (mail.kind, mail.recipient)
            for mail in self.office.emulator.journal.mail
            if mail.kind in {"invitation", "update"} and not mail.recipient.startswith("room.")
        )
        for (kind, person), times in mails.items():
            allowed = 1 if kind == "invitation" else booking.revision - 1
            if times > allowed:
                found.append(f"{person} got {times} messages of the kind {kind}, {allowed} allowed")
        return found


def changed(tenant: Tenant, room: str, attendant: dict[str, Any]) -> Tenant:
    """The tenant with that room's attendant following other rules."""
    rooms = [
        each.model_copy(update={"attendant": Attendant.model_validate({"delay_seconds": 1, **attendant})})
        if each.address == room
        else each
        for each in tenant.rooms
    ]
    return tenant.model_copy(update={"rooms": rooms})


def account(
    tally: Any, make_office: Callable[..., Any], room: str, scripts: list[Script], lag: float = 0
) -> None:
    """Follow the scripts, and count what comes of them."""
    slowest = 0.0
    for number, script in enumerate(scripts):
        tenant = changed(small_tenant(), room, script.attendant)
        office = make_office(f"{room}-{number}", room, lag=lag, tenant=tenant)
        hidden = room == HIDDEN_ROOM
        trial = Trial(office, script, room, lag if hidden else 0, unread=hidden)
        booking, broken = trial.run()
        tally.tried()
        where = f"{room}: {script} (lag {lag})"
        tally.violated(*(f"{where}: {each}" for each in (*trial.verdict(booking), *broken)))
        slowest = max(slowest, trial.slowest)
        journal = office.emulator.journal
        moved = booking.room is not None and booking.room.address != room
        tally.counted(f"{booking.state.value}{' in another room' if moved else ''}")
        tally.counted("handed to a person", sum(each.kind is ConcernKind.ROOM for each in booking.concerns))
        tally.counted("updates", sum(mail.kind == "update" for mail in journal.mail))
    tally.noted(
        f"{room.partition('@')[0]}, {lag:g} s late: confirmed without the room for at most {slowest:.0f} s"
    )


def every(number: int, scripts: list[Script]) -> list[Script]:
    """So many of them, spread over all."""
    return scripts[:: max(1, len(scripts) // number)]


KINDS = pytest.mark.parametrize(
    "room",
    [
        pytest.param(OPEN_ROOM, marks=pytest.mark.experiment("R-08", "rooms that are written directly")),
        pytest.param(WALLED_ROOM, marks=pytest.mark.experiment("R-08", "rooms that are invited and read")),
        pytest.param(HIDDEN_ROOM, marks=pytest.mark.experiment("R-08", "rooms of which free/busy is seen")),
    ],
)


@KINDS
def test_some_answers(tally: Any, make_office: Callable[..., Any], room: str) -> None:
    """Nothing is called confirmed for longer than a poll after the room was lost, and nobody is mailed twice."""
    short = [each for each in CELLS[room] if each.at < 3_600 and not each.before_start]
    account(tally, make_office, room, every(1, short))
    assert [] == tally.violations


@KINDS
@pytest.mark.campaign
def test_all_answers(tally: Any, make_office: Callable[..., Any], room: str) -> None:
    """The same for every script."""
    account(tally, make_office, room, CELLS[room])
    assert [] == tally.violations


@pytest.mark.experiment("R-08", "rooms of which free/busy is seen, 40 s late")
@pytest.mark.campaign
def test_all_answers_late(tally: Any, make_office: Callable[..., Any]) -> None:
    """What a room answers is noticed at the first poll after it shows."""
    account(tally, make_office, HIDDEN_ROOM, CELLS[HIDDEN_ROOM], 40)
    assert [] == tally.violations


@pytest.mark.experiment("R-08", "a 201 counts as a yes", control=True)
@pytest.mark.campaign
def test_trusting_the_201(
    tally: Any, make_office: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes the answer to a write for the answer of the room says confirmed where nothing is held."""
    trusting = proof.RoomAnswer(RoomState.VERIFIED, "Graph said 201")
    monkeypatch.setattr(proof, "from_calendar", lambda *_, **__: trusting)
    scripts = [each for each in INVITED if each.name in {"declines by policy", "says nothing"}]
    account(tally, make_office, WALLED_ROOM, scripts)
    assert all("the room is not ours" in each for each in tally.violations)
    assert len(scripts) == len(tally.violations)
