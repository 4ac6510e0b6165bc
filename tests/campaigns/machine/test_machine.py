"""R-14: whatever clients, people, rooms, time and death do in whatever order, no promise is broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, select

from scheduler.booking.booking import Role
from scheduler.graph.client import Graph
from scheduler.store import ledger
from scheduler.store.ledger import Claim
from scheduler.store.store import Store
from scheduler.store.tables import claims
from scheduler.testing.experiments import Tally
from scheduler.testing.tenants import (
    ANA,
    APPROVAL_ROOM,
    BEN,
    HIDDEN_ROOM,
    OPEN_ROOM,
    PICKY_ROOM,
    SILENT_ROOM,
    WALLED_ROOM,
)
from solvers.timeline import Span

ROOMS = st.sampled_from([
    (),
    (OPEN_ROOM,),
    (WALLED_ROOM,),
    (OPEN_ROOM, WALLED_ROOM),
    (WALLED_ROOM, PICKY_ROOM, OPEN_ROOM),
    (HIDDEN_ROOM, OPEN_ROOM),
    (APPROVAL_ROOM, WALLED_ROOM),
    (SILENT_ROOM,),
])  # fmt: skip
ONE_ROOM = st.sampled_from([None, OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM, APPROVAL_ROOM])
WHO = st.integers(0, 1)
SOME = st.integers(0, 7)
MINUTES = st.sampled_from([15, 30, 60, 120, -30, -60, 0, 1440])
SECONDS = st.sampled_from([1, 61, 600, 3_600, 6 * 3_600, 26 * 3_600])
WRITES = st.sampled_from(["createEvent", "createCalendarEvent", "updateEvent", "cancelEvent", "deleteEvent"])
READS = st.sampled_from(["getEvent", "calendarView", "getSchedule", "*"])


class Runs:
    """How often each rule ran to some effect, and each after each other one."""

    def __init__(self) -> None:
        self.rules: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.steps = 0
        self.examples = 0


class Machine(RuleBasedStateMachine):
    """Draws what happens next."""

    def __init__(self, bench: Any, runs: Runs) -> None:
        super().__init__()
        self.bench = bench
        self.runs = runs
        self.last = ""
        runs.examples += 1

    def ran(self, name: str, done: object = 1) -> None:
        """Count a rule that had some effect."""
        if done:
            self.runs.steps += 1
            self.runs.rules[name] += 1
            if self.last:
                self.runs.pairs[self.last, name] += 1
            self.last = name

    def offers(self) -> bool:
        return bool(self.bench.offers)

    def bookings(self) -> bool:
        return self.bench.living(0) is not None

    @initialize(who=WHO, rooms=ROOMS, panel=SOME)
    def begin(self, *, who: int, rooms: tuple[str, ...], panel: int) -> None:
        self.bench.find(who, panel, 1, rooms, pooled=True)
        if self.bench.offers:
            self.bench.book(who, 0, "new", wait=True)
        self.bench.pass_time(5)

    @rule(who=WHO, panel=SOME, day=st.integers(0, 2), rooms=ROOMS, pooled=st.booleans())
    def find(self, *, who: int, panel: int, day: int, rooms: tuple[str, ...], pooled: bool) -> None:
        self.ran("find", self.bench.find(who, panel, day, rooms, pooled=pooled))

    @precondition(lambda self: self.offers())
    @rule(who=WHO, number=SOME, key=st.sampled_from(["", "new", "again", "other"]), wait=st.booleans())
    def book(self, *, who: int, number: int, key: str, wait: bool) -> None:
        self.ran("book", self.bench.book(who, number, key, wait=wait))

    @precondition(lambda self: len(self.bench.offers) > 1)
    @rule(who=WHO, number=SOME, keep=st.booleans(), again=st.booleans(), wait=st.booleans())
    def book_loop(self, *, who: int, number: int, keep: bool, again: bool, wait: bool) -> None:
        self.ran("book_loop", self.bench.book_loop(who, number, keep=keep, again=again, wait=wait))

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, number=SOME, wait=st.booleans())
    def show(self, *, who: int, number: int, wait: bool) -> None:
        self.ran("show", self.bench.show(who, number, wait=wait))

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, number=SOME, minutes=MINUTES, wait=st.booleans())
    def reschedule(self, *, who: int, number: int, minutes: int, wait: bool) -> None:
        self.ran("reschedule", self.bench.reschedule(who, number, minutes, wait=wait))

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, number=SOME, leaving=SOME, joining=SOME)
    def swap(self, *, who: int, number: int, leaving: int, joining: int) -> None:
        self.ran("swap", self.bench.swap(who, number, leaving, joining))

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, number=SOME, address=ONE_ROOM, wait=st.booleans())
    def room(self, *, who: int, number: int, address: str | None, wait: bool) -> None:
        self.ran("room", self.bench.room(who, number, address, wait=wait))

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, number=SOME)
    def cancel(self, *, who: int, number: int) -> None:
        self.ran("cancel", self.bench.cancel(who, number))

    @precondition(lambda self: self.bench.loops)
    @rule(who=WHO, number=SOME)
    def cancel_loop(self, *, who: int, number: int) -> None:
        self.ran("cancel_loop", self.bench.cancel_loop(who, number))

    @precondition(lambda self: self.bookings())
    @rule(number=SOME, person=SOME, answer=st.sampled_from(["decline", "decline", "accept"]))
    def person_answers(self, *, number: int, person: int, answer: str) -> None:
        self.ran("person_answers", self.bench.answer(number, person, answer))

    @precondition(lambda self: self.bookings())
    @rule(number=SOME, yes=st.booleans())
    def room_answers(self, *, number: int, yes: bool) -> None:
        self.ran("room_answers", self.bench.room_answers(number, yes=yes))

    @precondition(lambda self: self.bookings())
    @rule(number=SOME, what=st.sampled_from(["time", "place", "guests"]))
    def edit(self, *, number: int, what: str) -> None:
        self.ran("edit", self.bench.edit(number, what))

    @precondition(lambda self: self.bookings())
    @rule(number=SOME, role=st.sampled_from(list(Role)))
    def delete(self, *, number: int, role: Role) -> None:
        self.ran("delete", self.bench.delete(number, role))

    @precondition(lambda self: self.offers())
    @rule(number=SOME, resource=st.sampled_from([OPEN_ROOM, WALLED_ROOM, HIDDEN_ROOM, ANA, BEN]))
    def occupy(self, *, number: int, resource: str) -> None:
        self.ran("occupy", self.bench.occupy(number, resource))

    @rule(seconds=SECONDS)
    def time(self, *, seconds: int) -> None:
        self.ran("time", self.bench.pass_time(seconds))

    @rule(who=WHO, points=st.integers(0, 30))
    def crash(self, *, who: int, points: int) -> None:
        self.bench.processes[who].left = points
        self.ran("crash")

    @precondition(lambda self: self.bookings())
    @rule(
        who=WHO,
        calls=st.integers(0, 8),
        number=SOME,
        act=st.sampled_from(["show", "recover", "watch", "cancel", "reschedule", "swap", "room", "book"]),
    )
    def meanwhile(self, *, who: int, calls: int, number: int, act: str) -> None:
        """The other process does something while this one waits for an answer of Graph."""
        bench, other = self.bench, 1 - who
        acts: dict[str, Callable[[], object]] = {
            "show": lambda: bench.show(other, number, wait=True),
            "recover": lambda: bench.recover(other),
            "watch": lambda: bench.look(other),
            "cancel": lambda: bench.cancel(other, number),
            "reschedule": lambda: bench.reschedule(other, number, 30, wait=True),
            "swap": lambda: bench.swap(other, number, number, number),
            "room": lambda: bench.room(other, number, None, wait=True),
            "book": lambda: bench.book(other, number, "", wait=True),
        }
        bench.processes[who].visit = calls, acts[act]
        self.ran("meanwhile")

    @rule(
        operation=WRITES | READS,
        kind=st.sampled_from(["refuse", "fail_after", "drop_reply", "truncate", "html"]),
        status=st.sampled_from([503, 504, 429]),
        skip=st.integers(0, 2),
    )
    def trouble(self, *, operation: str, kind: str, status: int, skip: int) -> None:
        self.ran("trouble", self.bench.trouble(operation, kind, status, skip))

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, wait=st.booleans())
    def recover(self, *, who: int, wait: bool) -> None:
        self.bench.recover(who, wait=wait)
        self.ran("recover")

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, afresh=st.booleans(), wait=st.booleans())
    def watch(self, *, who: int, afresh: bool, wait: bool) -> None:
        self.bench.look(who, afresh=afresh, wait=wait)
        self.ran("watch")

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, number=SOME)
    def decide(self, *, who: int, number: int) -> None:
        self.ran("decide", self.bench.settle(who, number))

    @precondition(lambda self: self.bookings())
    @rule(who=WHO, apply=st.booleans())
    def reconcile(self, *, who: int, apply: bool) -> None:
        self.bench.reconcile(who, apply=apply)
        self.ran("reconcile")

    @rule(who=WHO)
    def restart(self, *, who: int) -> None:
        self.bench.restart(who)
        self.ran("restart")

    @precondition(lambda self: self.bookings())
    @rule()
    def settle(self) -> None:
        self.bench.settle_all()
        assert () == self.bench.broken()
        self.ran("settle")

    @invariant()
    def claims_hold(self) -> None:
        self.bench.check_claims()

    def teardown(self) -> None:
        self.bench.settle_all()
        assert () == self.bench.broken()


def run(benches: Callable[[], Any], tally: Tally, examples: int, steps: int, **how: Any) -> None:
    """Let the machine run and account for it."""
    runs = Runs()
    limits = settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        **how,
    )
    try:
        run_state_machine_as_test(lambda: Machine(benches(), runs), settings=limits)
    except Exception as error:
        tally.violated(f"{type(error).__name__}: {error}")
        raise
    finally:
        tally.tried(runs.examples)
        tally.counted("steps", runs.steps)
        tally.counted("pairs of rules", len(runs.pairs))
        for name, times in runs.rules.items():
            tally.counted(name, times)
        every = [runs.pairs[one, other] for one in runs.rules for other in runs.rules]
        if every:
            tally.noted(f"the rarest of {len(every)} ordered pairs of rules ran {min(every)} times")


EVERY_RUN = pytest.param(4, 12)
CAMPAIGN = pytest.param(200, 30, marks=pytest.mark.campaign)
NIGHTLY = pytest.param(5_000, 60, marks=pytest.mark.nightly)


@pytest.mark.experiment("R-14", "anything in any order, SQLite")
@pytest.mark.parametrize(("examples", "steps"), [EVERY_RUN, CAMPAIGN, NIGHTLY])
def test_whatever_happens(benches: Any, tally: Tally, examples: int, steps: int) -> None:
    """Every promise holds after every rule, and everything comes to rest in the end."""
    run(benches, tally, examples, steps)


@pytest.mark.experiment("R-14", "anything in any order, PostgreSQL")
@pytest.mark.parametrize("benches", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("examples", "steps"),
    [
        pytest.param(10, 20, marks=pytest.mark.campaign),
        pytest.param(300, 60, marks=pytest.mark.nightly),
    ],
)
def test_whatever_happens_on_postgresql(benches: Any, tally: Tally, examples: int, steps: int) -> None:
    """The same on the other engine."""
    run(benches, tally, examples, steps)


def must_fail(benches: Callable[[], Any], tally: Tally) -> None:
    """Let the machine run on what a control has broken."""
    how = {"phases": (Phase.generate,), "report_multiple_bugs": False}
    with pytest.raises(AssertionError):
        run(benches, tally, 400, 30, **how)
    assert [] != tally.violations


@pytest.mark.campaign
@pytest.mark.experiment("R-14", "a ledger that does not look", control=True)
def test_claims_that_may_overlap(
    benches: Any, spoil: Any, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its checks the ledger holds a resource twice, and the machine finds out."""

    def blind(connection: Connection, wanted: Mapping[str, Collection[Claim]]) -> Any:
        held = connection.execute(select(claims))
        mine: dict[str, set[Claim]] = {booking_id: set() for booking_id in wanted}
        for row in held:
            if row.booking_id in mine:
                mine[row.booking_id].add(Claim(row.resource, Span(row.start_minute, row.end_minute)))
        return mine

    spoil.unguarded = True
    monkeypatch.setattr(ledger, "look", blind)
    monkeypatch.setattr(Store, "claims", lambda _, resources, *__, **___: dict.fromkeys(resources, ()))
    must_fail(benches, tally)


@pytest.mark.campaign
@pytest.mark.experiment("R-14", "recovery that does not read back", control=True)
def test_a_recovery_that_does_not_look(
    benches: Any, spoil: Any, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without reading back, and without transaction ids, a second event is written, and the machine finds out."""
    spoil.forgets_transactions = True
    monkeypatch.setattr(Graph, "find_marked", lambda *_: ())
    must_fail(benches, tally)
