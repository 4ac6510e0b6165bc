"""Every fault on every call to Graph that booking makes, once, three times and until it is mended: R-05.

The calls are those that a run without faults makes. Whatever a cell meets, afterwards all is as it was asked for or as
it was before, no invariant is broken, Graph was never called before it allowed that, and never stormed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from scheduler.app.attention import attention
from scheduler.app.book import book
from scheduler.app.bookings import bring_up_to_date
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.reschedule import Target, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.app.watch import Watch
from scheduler.booking.booking import Booking
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import ENDED, RESTING, State
from scheduler.emulator.faults import Fault
from scheduler.errors import InputError, SlotwrightError, WorldError
from scheduler.planning.answer import Slot
from scheduler.testing.invariants import Told, invariants
from scheduler.testing.tenants import ANA, BEN, CHITRA, OPEN_ROOM, RECRUITER, WALLED_ROOM
from scheduler.wiring import Slotwright

DAY = 1440
SECONDS_A_DAY = 86_400
Work = Callable[[Slotwright], Booking]
Route = Literal["direct", "scheduler"]
ROOMS: dict[Route, str] = {"direct": OPEN_ROOM, "scheduler": WALLED_ROOM}
ROUTES: tuple[Route, ...] = ("direct", "scheduler")

# What is asked for


@dataclass(frozen=True)
class Flow:
    """Something that is asked of a desk.

    Args:
        ready: makes the desk ready and returns the work.
        reached: whether a booking is as the work wants it.
    """

    name: str
    ready: Callable[[Any, str], Work]
    reached: Callable[[Booking], bool]


def a_slot(desk: Any, slotwright: Slotwright, room: str) -> Slot:
    """An hour with two people on Thursday; a day may pass before that."""
    slot: Slot = desk.find(
        slotwright, [ANA, BEN], between="2026-03-05", room={"among": [room]}, **{"and": "2026-03-05"}
    ).slots[0]
    return slot


def standing(desk: Any, room: str) -> Booking:
    """A confirmed booking of which everybody knows."""
    with desk.open() as slotwright:
        booking: Booking = desk.book(slotwright, a_slot(desk, slotwright, room))
    assert State.CONFIRMED is booking.state
    desk.settle()
    return booking


def booking_it(desk: Any, room: str) -> Work:
    """A slot is booked."""
    with desk.open() as slotwright:
        slot = a_slot(desk, slotwright, room)

    def work(slotwright: Slotwright) -> Booking:
        return book(
            slot,
            slotwright.store,
            slotwright.driver,
            organizer=RECRUITER,
            new_id=slotwright.new_id,
            wait=True,
        )

    return work


def moving(desk: Any, room: str) -> Work:
    """The interview is moved by a day."""
    booking = standing(desk, room)
    to = Target(booking.interview.span.start + DAY)
    return lambda slotwright: reschedule(
        booking, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True
    )


def rehousing(desk: Any, room: str) -> Work:
    """The other room is taken, so that the one of the route is left."""
    other = WALLED_ROOM if room == OPEN_ROOM else OPEN_ROOM
    booking = standing(desk, other)
    return lambda slotwright: change_room(
        booking, slotwright.graph, slotwright.store, slotwright.driver, address=room, wait=True
    )


def swapping(desk: Any, room: str) -> Work:
    """Chitra comes in Ben's place."""
    booking = standing(desk, room)
    return lambda slotwright: swap_person(
        booking, slotwright.store, slotwright.driver, leaving=BEN, joining=CHITRA, wait=True
    )


def cancelling(desk: Any, room: str) -> Work:
    """The interview is cancelled."""
    booking = standing(desk, room)
    return lambda slotwright: cancel(booking, slotwright.store, slotwright.driver, comment="withdrawn")


def changed(booking: Booking) -> bool:
    """Whether the change is made."""
    return (State.CONFIRMED, 2) == (booking.state, booking.revision)


FLOWS = [
    Flow("book", booking_it, lambda booking: booking.state is State.CONFIRMED),
    Flow("move", moving, changed),
    Flow("rehouse", rehousing, changed),
    Flow("swap", swapping, changed),
    Flow("cancel", cancelling, lambda booking: booking.state is State.CANCELLED),
]
BY_NAME = {flow.name: flow for flow in FLOWS}

# What goes wrong

Kind = Literal["held", "unknown", "garbled", "definite"]


@dataclass(frozen=True)
class Trouble:
    """A fault, and what has to come of it.

    Args:
        kind: `held` is not acted on; `unknown` may have been; `garbled` has been, but nobody can read it;
            `definite` is an answer.
        only: the operations it can befall; empty for all of Graph.
    """

    name: str
    kind: Kind
    fault: dict[str, Any]
    only: frozenset[str] = frozenset()


WRITES = frozenset({"createEvent", "updateEvent", "cancelEvent", "deleteEvent", "createCalendar"})
SIGN_IN = frozenset({"token"})
CAE = {"WWW-Authenticate": 'Bearer realm="", error="insufficient_claims", claims="e30="'}
DENIED = {"status": 403, "code": "ErrorAccessDenied"}


def _throttled() -> Iterator[Trouble]:
    date = "Mon, 02 Mar 2026 06:05:00 GMT"
    for name, wait in (("3", 3), ("2.128", 2.128), ("date", date), ("0", 0), ("day", SECONDS_A_DAY), ("none", None)):
        yield Trouble(
            f"429-{name}", "held", {"status": 429, "code": "ApplicationThrottled", "retry_after": wait}
        )
    full = {"status": 429, "code": "ApplicationThrottled", "message": "MailboxConcurrency", "retry_after": 1}
    yield Trouble("429-mailbox", "held", full)


def _unknown() -> Iterator[Trouble]:
    for status in (500, 502, 503, 504, 507, 509):
        yield Trouble(f"{status}-before", "unknown", {"status": status})
    for status in (500, 502, 503, 504):
        yield Trouble(f"{status}-after", "unknown", {"kind": "fail_after", "status": status}, WRITES)
    yield Trouble("503-retry", "unknown", {"status": 503, "retry_after": 5})
    yield Trouble("lost-before", "unknown", {"kind": "drop_request"})
    yield Trouble("lost-after", "unknown", {"kind": "drop_reply"})
    for seconds in (2, 50, 240, 1500):
        late = {"late_seconds": seconds}
        yield Trouble(f"late-lost-{seconds}", "unknown", {"kind": "drop_reply", **late}, WRITES)
        yield Trouble(f"late-504-{seconds}", "unknown", {"kind": "fail_after", "status": 504, **late}, WRITES)


def _garbled() -> Iterator[Trouble]:
    for kind in ("truncate", "empty", "malformed", "mistyped", "deep", "huge"):
        yield Trouble(kind, "garbled", {"kind": kind})
    yield Trouble("html", "garbled", {"kind": "html", "status": 502})


def _definite() -> Iterator[Trouble]:
    yield Trouble("400", "definite", {"status": 400, "code": "ErrorInvalidRequest"})
    yield Trouble("401-expired", "held", {"status": 401, "code": "InvalidAuthenticationToken"})
    yield Trouble("401-claims", "held", {"status": 401, "code": "InvalidAuthenticationToken", "headers": CAE})
    yield Trouble("403", "definite", DENIED)
    yield Trouble("404", "definite", {"status": 404, "code": "ErrorItemNotFound"})
    yield Trouble("404-mailbox", "definite", {"status": 404, "code": "MailboxNotEnabledForRESTAPI"})
    used = {"code": "ErrorDuplicateTransactionId"}
    create = frozenset({"createEvent"})
    for status in (400, 409):
        for done in ("refuse", "fail_after"):
            yield Trouble(f"{status}-used-{done}", "definite", {"status": status, "kind": done, **used}, create)
    named = {"status": 409, "extra": {"@event.existingEventId": "AAMkNothing="}, **used}
    yield Trouble("409-named", "definite", named, create)
    conflict = {"status": 412, "code": "ErrorIrresolvableConflict"}
    yield Trouble("412", "definite", conflict, frozenset({"updateEvent", "deleteEvent", "cancelEvent"}))
    yield Trouble("shifted", "definite", {"kind": "shifted"}, create)


def _sign_in() -> Iterator[Trouble]:
    for number in (65001, 7000222, 50173):
        yield Trouble(f"AADSTS{number}", "held", {"status": 400, "code": f"AADSTS{number}"}, SIGN_IN)


TROUBLES = [*_throttled(), *_unknown(), *_garbled(), *_definite(), *_sign_in()]
"""Faults of the table of R-05 that an exchange in process can have; the transport's own are in tests/unit/graph."""


def befalls(trouble: Trouble, operation: str) -> bool:
    """Whether the call can meet it."""
    if operation in {"token", "discovery"}:
        return trouble.only == SIGN_IN if trouble.only else trouble.kind != "definite"
    return not trouble.only or operation in trouble.only


# One cell


@dataclass
class Outcome:
    """What a cell came to."""

    hits: int = 0
    error: str = ""
    ends: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0


def watch_of(desk: Any, slotwright: Slotwright) -> Watch:
    """A watch that begins now."""
    clock = desk.emulator.clock
    return Watch(
        slotwright.graph,
        slotwright.store,
        slotwright.driver,
        RepairRules(),
        lambda: int(clock.now().timestamp()),
    )


class Cell:
    """A flow that meets a fault, and everything that is asked of it afterwards."""

    def __init__(self, desk: Any, flow: Flow, fault: Fault) -> None:
        self._desk = desk
        self._flow = flow
        self._fault = fault
        self._outcome = Outcome()
        self._told: list[str] = []

    def run(self, work: Work) -> Outcome:
        """Do the work under the fault, mend it, let everything recover, and look."""
        emulator, outcome = self._desk.emulator, self._outcome
        began = emulator.clock.now()
        with self._desk.open() as slotwright:
            emulator.faults.add(self._fault)
            self._ask(work, slotwright)
            outcome.requests = len(emulator.journal.requests)
            outcome.seconds = (emulator.clock.now() - began).total_seconds()
            if self._fault.times is None:
                self._under_fault(slotwright)
            emulator.faults.clear()
            if self._fault.operation not in SIGN_IN:
                self._recover(slotwright)
        # MSAL believes a refusal for a minute of the machine's own time, so that another process has to go on.
        with self._desk.open() as slotwright:
            if self._fault.operation in SIGN_IN:
                self._recover(slotwright)
            emulator.clock.advance(300)
            outcome.ends = [self._end(booking) for booking in slotwright.store.bookings()]
            told = Told(booked=self._told)
            outcome.wrong += [
                f"{each.invariant}: {each.what}" for each in invariants(slotwright.store, emulator, told=told)
            ]
        outcome.hits = len(self._hit())
        outcome.wrong += self._too_early()
        return outcome

    def _ask(self, work: Work, slotwright: Slotwright) -> None:
        try:
            booking = work(slotwright)
        except SlotwrightError as error:
            self._outcome.error = type(error).__name__
        else:
            if booking.state is State.CONFIRMED:
                self._told.append(booking.booking_id)

    def _under_fault(self, slotwright: Slotwright) -> None:
        """The fault stays for eight minutes: people are told, and Graph is not stormed."""
        watch, clock = watch_of(self._desk, slotwright), self._desk.emulator.clock
        before = len(self._desk.emulator.journal.requests)
        for _ in range(8):
            watch.look()
            clock.advance(60)
        now = int(clock.now().timestamp())
        asked = len(self._desk.emulator.journal.requests) - before
        if asked > 8 * 40:
            self._outcome.wrong.append(f"storm: {asked} requests in eight minutes")
        flagged = {item.booking for item in attention(slotwright.store, now=now)}
        self._outcome.wrong += [
            f"{each.invariant} meanwhile: {each.what}"
            for each in invariants(slotwright.store, self._desk.emulator, flagged=flagged)
            if each.invariant in {"I1", "I6", "I7", "I8", "I9"}
        ]

    def _recover(self, slotwright: Slotwright) -> None:
        """`slotwright show`, and a watch for as long as events may come late; a day passes where Graph wanted that."""
        watch, clock = watch_of(self._desk, slotwright), self._desk.emulator.clock
        for pause in (0, 60, 120, 120, 1500, SECONDS_A_DAY, 60):
            unfinished = not all(self._shown(slotwright))
            if pause == SECONDS_A_DAY and not unfinished:
                break
            clock.advance(pause)
            watch.look(wait=True)
        for booking in slotwright.store.bookings():
            if booking.state not in RESTING or booking.before is not None:
                self._outcome.wrong.append(f"unfinished: {booking.state.value}: {booking.reason}")
            if booking.doubts:
                self._outcome.wrong.append("unfinished: something may still appear")

    def _shown(self, slotwright: Slotwright) -> Iterator[bool]:
        for booking in slotwright.store.bookings():
            try:
                after = bring_up_to_date(booking, slotwright.store, slotwright.driver, wait=True)
            except WorldError:
                yield False
            else:
                yield after.state in RESTING

    def _end(self, booking: Booking) -> str:
        if self._flow.reached(booking):
            return "done"
        if booking.state in ENDED:
            return "undone"
        return "kept" if (State.CONFIRMED, 1) == (booking.state, booking.revision) else booking.state.value

    def _hit(self) -> list[Any]:
        fault = self._fault
        return [
            seen
            for seen in self._desk.emulator.journal.requests
            if seen.operation == fault.operation
            and (not fault.mailbox or seen.mailbox == fault.mailbox)
            and seen.status in ({0} if fault.kind.startswith("drop") else {fault.status, 200, 201, 202, 204})
        ]

    def _too_early(self) -> Iterator[str]:
        """Calls to a mailbox before it allowed them."""
        wait = self._fault.retry_after
        if not isinstance(wait, int | float):
            return
        requests = self._desk.emulator.journal.requests
        for number, seen in enumerate(requests):
            if seen.status == self._fault.status and seen.operation == self._fault.operation:
                later = [each for each in requests[number + 1 :] if each.mailbox == seen.mailbox]
                if later and (later[0].at - seen.at).total_seconds() < wait:
                    yield f"early: {later[0].operation} after {(later[0].at - seen.at).total_seconds()} s of {wait} s"


def calls_of(apart: Callable[[Callable[[Any], Any]], Any], work: Work) -> list[tuple[str, str]]:
    """The calls that the work makes without faults, by operation and mailbox."""

    def trial(desk: Any) -> list[tuple[str, str]]:
        with desk.open() as slotwright:
            work(slotwright)
        return [(seen.operation, seen.mailbox) for seen in desk.emulator.journal.requests]

    return list(dict.fromkeys(apart(trial)))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
@pytest.mark.parametrize("times", [1, 3, None], ids=["once", "thrice", "ever"])
def test_probe(desk: Any, apart: Any, flow: Flow, route: Route, times: int | None) -> None:
    import json, time, os
    work = flow.ready(desk, ROOMS[route])
    desk.emulator.journal.clear()
    out = open(f"/tmp/faults/out-{flow.name}-{route}-{times}.txt", "w")
    n = 0
    t0 = time.process_time(); c0 = os.times()
    for operation, mailbox in calls_of(apart, work):
        for trouble in TROUBLES:
            if not befalls(trouble, operation):
                continue
            fault = Fault(operation=operation, mailbox=mailbox or None, times=times, **trouble.fault)
            try:
                o = apart(lambda desk: Cell(desk, flow, fault).run(work))
            except AssertionError as e:
                print(operation, mailbox.split("@")[0], trouble.name, trouble.kind, "CRASH", str(e).strip().splitlines()[-1], file=out, sep="\t")
                open("/tmp/faults/crash.txt","a").write(str(e)+"\n")
                continue
            n += 1
            print(operation, mailbox.split("@")[0], trouble.name, trouble.kind, o.error or "-", ",".join(o.ends) or "none", o.hits, o.requests, round(o.seconds), o.wrong, file=out, sep="\t")
    c1 = os.times()
    print(n, "cells cpu", c1.user + c1.system + c1.children_user + c1.children_system - c0.user - c0.system - c0.children_user - c0.children_system, file=out)
    out.close()
