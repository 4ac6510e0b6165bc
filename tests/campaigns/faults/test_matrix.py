"""Every fault on every call to Graph that booking makes, once, three times and until it is mended: R-05.

The calls are those that a run without faults makes. Whatever a cell meets, afterwards all is as it was asked for or as
it was before, no invariant is broken, Graph was never called before it allowed that, and never stormed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any, Literal

import pytest

from scheduler.app.book import book
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.reschedule import Target, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.booking.booking import Booking
from scheduler.booking.states import State
from scheduler.emulator.faults import Fault
from scheduler.graph.client import Graph
from scheduler.planning.answer import Slot
from scheduler.testing.tenants import ANA, BEN, CHITRA, OPEN_ROOM, RECRUITER, WALLED_ROOM
from scheduler.wiring import Slotwright

DAY = 1440
SECONDS_A_DAY = 86_400
MOST_REQUESTS, MOST_SECONDS = 60, 600
"""What one command may ask of Graph, and how long it may take, whatever happens."""
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
        rare: whether it is so much like another one that only a long run tries it.
    """

    name: str
    kind: Kind
    fault: dict[str, Any]
    only: frozenset[str] = frozenset()
    rare: bool = False


WRITES = frozenset({"createEvent", "updateEvent", "cancelEvent", "deleteEvent", "createCalendar"})
SIGN_IN = frozenset({"token"})
SIGNING_IN = frozenset({"token", "discovery"})
DATE = "in half a minute"
"""Stands for the HTTP date of then."""
CAE = {"WWW-Authenticate": 'Bearer realm="", error="insufficient_claims", claims="e30="'}


def _throttled() -> Iterator[Trouble]:
    full = {"status": 429, "code": "ApplicationThrottled"}
    for name, wait in (("2.128", 2.128), ("date", DATE), ("day", SECONDS_A_DAY), ("none", None)):
        yield Trouble(f"429-{name}", "held", {**full, "retry_after": wait})
    for name, wait in (("3", 3), ("0", 0)):
        yield Trouble(f"429-{name}", "held", {**full, "retry_after": wait}, rare=True)
    concurrency = {**full, "message": "MailboxConcurrency", "retry_after": 1}
    yield Trouble("429-mailbox", "held", concurrency, rare=True)


def _unknown() -> Iterator[Trouble]:
    for status in (500, 502, 503, 504, 507, 509):
        yield Trouble(f"{status}-before", "unknown", {"status": status}, rare=status != 503)
    for status in (500, 502, 503, 504):
        after = {"kind": "fail_after", "status": status}
        yield Trouble(f"{status}-after", "unknown", after, WRITES, rare=status != 504)
    yield Trouble("503-retry", "unknown", {"status": 503, "retry_after": 5})
    yield Trouble("lost-before", "unknown", {"kind": "drop_request"})
    yield Trouble("lost-after", "unknown", {"kind": "drop_reply"}, WRITES)
    for seconds in (2, 50, 240, 1500):
        lost = {"kind": "drop_reply", "late_seconds": seconds}
        failed = {"kind": "fail_after", "status": 504, "late_seconds": seconds}
        yield Trouble(f"late-lost-{seconds}", "unknown", lost, WRITES, rare=seconds not in {2, 240})
        yield Trouble(f"late-504-{seconds}", "unknown", failed, WRITES, rare=True)


def _garbled() -> Iterator[Trouble]:
    for kind in ("truncate", "empty", "malformed", "mistyped", "deep", "huge"):
        yield Trouble(kind, "garbled", {"kind": kind}, rare=kind in {"malformed", "mistyped", "deep"})
    yield Trouble("html", "garbled", {"kind": "html", "status": 502}, rare=True)


def _definite() -> Iterator[Trouble]:
    yield Trouble("400", "definite", {"status": 400, "code": "ErrorInvalidRequest"})
    yield Trouble("403", "definite", {"status": 403, "code": "ErrorAccessDenied"})
    yield Trouble("404", "definite", {"status": 404, "code": "ErrorItemNotFound"})
    yield Trouble("404-mailbox", "definite", {"status": 404, "code": "MailboxNotEnabledForRESTAPI"})
    create, used = frozenset({"createEvent"}), {"code": "ErrorDuplicateTransactionId"}
    for status in (400, 409):
        for done in ("refuse", "fail_after"):
            again = {"status": status, "kind": done, **used}
            yield Trouble(f"{status}-used-{done}", "definite", again, create, rare=status == 400)
    named = {"status": 409, "extra": {"@event.existingEventId": "AAMkNothing="}, **used}
    yield Trouble("409-named", "definite", named, create, rare=True)
    conflict = {"status": 412, "code": "ErrorIrresolvableConflict"}
    yield Trouble("412", "definite", conflict, frozenset({"updateEvent", "deleteEvent", "cancelEvent"}))
    yield Trouble("shifted", "definite", {"kind": "shifted"}, create)


def _stranger() -> Iterator[Trouble]:
    """Nothing can be asked in our name."""
    expired = {"status": 401, "code": "InvalidAuthenticationToken"}
    yield Trouble("401-expired", "held", expired)
    yield Trouble("401-claims", "held", {**expired, "headers": CAE}, rare=True)
    for number in (65001, 7000222, 50173):
        refused = {"status": 400, "code": f"AADSTS{number}"}
        yield Trouble(f"AADSTS{number}", "held", refused, SIGN_IN, rare=number != 65001)


TROUBLES = [*_throttled(), *_unknown(), *_garbled(), *_definite(), *_stranger()]
"""Faults of the table of R-05 that an exchange in process can have; the transport's own are in tests/unit/graph."""


def befalls(trouble: Trouble, operation: str) -> bool:
    """Whether the call can meet it."""
    if operation in SIGNING_IN:
        graphs_own = trouble.kind == "definite" or trouble.fault.get("status") == 401
        return trouble.only == SIGN_IN if trouble.only else not graphs_own
    return not trouble.only or operation in trouble.only


# The matrix

Chosen = Callable[[Trouble, int | None], bool]
ENDS: dict[Kind, set[str]] = {
    "held": {"done"},
    "unknown": {"done"},
    "garbled": {"done"},
    "definite": {"done", "kept", "undone", "room_declined", "pending"},
}
"""How a flow may end. One that was not yet in the ledger when its caller got an error is as if it was not asked."""


def judged(trouble: Trouble, fault: Fault, outcome: Any) -> Iterator[str]:
    """What is not as the table of R-05 wants it."""
    yield from outcome.wrong
    ends = set(outcome.ends)
    not_asked = outcome.error and ends <= {"kept"}
    if not ends <= ENDS[trouble.kind] and not not_asked:
        yield f"ended {outcome.ends} after {outcome.error or 'no error'}"
    patient = fault.retry_after != SECONDS_A_DAY and not fault.code.startswith("AADSTS")
    if fault.times == 1 and patient and trouble.kind in {"held", "unknown"} and outcome.error:
        yield f"told {outcome.error} of what passes by itself"
    if outcome.requests > MOST_REQUESTS or outcome.seconds > MOST_SECONDS:
        yield f"{outcome.requests} requests in {outcome.seconds:.0f} s"


def run_cells(cells: Any, tally: Any, flow: Flow, route: Route, *, chosen: Chosen) -> None:
    """Try every chosen fault on every call of the flow."""
    work = flow.ready(cells.desk, ROOMS[route])
    cells.desk.emulator.journal.clear()
    for operation, mailbox in cells.calls(work):
        if operation in SIGNING_IN and flow.name != "book":
            continue  # it comes before every flow and is the same
        for trouble in TROUBLES:
            for times in (1, 3, None):
                if not befalls(trouble, operation) or not chosen(trouble, times):
                    continue
                fault = Fault(operation=operation, mailbox=mailbox or None, times=times, **trouble.fault)
                if fault.retry_after == DATE:
                    then = cells.desk.emulator.clock.now().replace(microsecond=0) + timedelta(seconds=30)
                    fault = fault.model_copy(update={"retry_after": format_datetime(then, usegmt=True)})
                outcome = cells.run(work, fault, flow.reached)
                tally.tried()
                tally.counted("hits", outcome.hits)
                tally.counted("told of an error", bool(outcome.error))
                tally.counted("done", "done" in outcome.ends)
                cell = f"{flow.name} {route} {operation} {mailbox} {trouble.name} x{times}"
                tally.violated(*(f"{cell}: {each}" for each in judged(trouble, fault, outcome)))


def in_campaign(flow: Flow, trouble: Trouble, times: int | None) -> bool:
    """Whether CI has time for it; changes that go the ways of another one are tried three times by night."""
    return not trouble.rare and (times == 1 or (times == 3 and flow.name in {"book", "move"}))


SHARE = {"504-after": 1, "429-date": 1, "401-expired": 3}
"""Faults, and how often each."""


@pytest.mark.experiment("R-05", "some faults on every call of a booking")
def test_a_share(cells: Any, tally: Any) -> None:
    """On every run: a few faults on each call that booking a room of ours makes."""
    run_cells(
        cells,
        tally,
        BY_NAME["book"],
        "direct",
        chosen=lambda trouble, times: times == SHARE.get(trouble.name, 0),
    )
    assert [] == tally.violations


@pytest.mark.campaign
@pytest.mark.experiment("R-05", "a fault of every sort on every call, once and three times")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_once_and_thrice(cells: Any, tally: Any, flow: Flow, route: Route) -> None:
    """What passes is nobody's business; what does not is finished or undone as soon as Graph is well again."""
    run_cells(cells, tally, flow, route, chosen=lambda trouble, times: in_campaign(flow, trouble, times))
    assert [] == tally.violations


@pytest.mark.nightly
@pytest.mark.experiment("R-05", "every fault on every call, until it is mended")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_for_ever(cells: Any, tally: Any, flow: Flow, route: Route) -> None:
    """Whatever lasts is told to people and stormed by nobody; and what the campaign left out is tried as well."""
    run_cells(cells, tally, flow, route, chosen=lambda trouble, times: not in_campaign(flow, trouble, times))
    assert [] == tally.violations


@pytest.mark.experiment("R-05", "without transactionId, marker or sweep", control=True)
@pytest.mark.campaign
def test_without_identity_there_are_twins(cells: Any, tally: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a client whose events nobody can find again, or tell apart, does leave twins behind."""
    encode = Graph.encode
    stamps = count()

    def forgetful(draft: Any) -> bytes:
        unmarked = json.loads(encode(draft))
        unmarked.pop("transactionId")
        unmarked.pop("singleValueExtendedProperties")
        return json.dumps({**unmarked, "categories": [str(next(stamps))]}).encode()

    monkeypatch.setattr(Graph, "encode", staticmethod(forgetful))
    run_cells(
        cells,
        tally,
        BY_NAME["book"],
        "direct",
        chosen=lambda trouble, times: times == 1 and trouble.name in {"504-after", "lost-after"},
    )
    assert tally.violations
