"""A bench to let anything happen to bookings: two processes on one database, people who use Outlook, time, and death.

Processes live in this process. One that dies is left by an exception that nothing catches, at a call to Graph or a
commit; whatever it still tries on its way out dies too, and what comes after it knows the database alone. What is
checked in between is what clients were told, against the claims as a query of its own reads them.
"""

from __future__ import annotations

import io
import json
import logging
import shlex
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine.default import DefaultDialect

from scheduler.app.attention import attention, settle
from scheduler.app.book import book, span_of
from scheduler.app.book_loop import Wanted, book_loop
from scheduler.app.bookings import bring_up_to_date
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.changing import NotChanged
from scheduler.app.drive_loop import cancel_loop, loop_of
from scheduler.app.reconcile import Report, examine
from scheduler.app.reconcile import settle as settle_report
from scheduler.app.reschedule import Target, at_local_time, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.app.watch import Watch
from scheduler.booking.booking import Booking, Course, Role
from scheduler.booking.loop import Loop
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import ENDED, RESTING, State
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.faults import Fault
from scheduler.errors import InputError, SlotwrightError
from scheduler.planning.answer import Slot
from scheduler.planning.loops.offer import LoopOffer, OfferedSession
from scheduler.store.ledger import Taken
from scheduler.store.store import Store
from scheduler.testing.invariants import Broken, Told, invariants
from scheduler.testing.tenants import (
    ANA,
    BEN,
    CHITRA,
    RECRUITER,
    SCHEDULING_USER,
    START,
    small_tenant,
)
from scheduler.wiring import Slotwright, open_slotwright
from solvers.timeline import Span

DAY = 1440
ROUNDS = 9
PEOPLE = (ANA, SCHEDULING_USER, BEN, CHITRA, RECRUITER)
PANELS = ((ANA, SCHEDULING_USER), (ANA, BEN), (CHITRA, ANA), (ANA,), (RECRUITER, SCHEDULING_USER), (BEN,))
ZOE = {"name": "Zoe", "address": "zoe@elsewhere.example", "zone": "Europe/Amsterdam"}

OVERLAPS = """
SELECT one.booking_id, other.booking_id, one.resource FROM claims AS one JOIN claims AS other
ON one.resource = other.resource AND one.booking_id < other.booking_id
AND one.start_minute < other.end_minute AND other.start_minute < one.end_minute
"""
CLAIMS = "SELECT booking_id, resource, start_minute, end_minute FROM claims"


class Died(BaseException):
    """The process is no more; derived so that no `except Exception` notices."""


@dataclass(slots=True)
class Spoil:
    """Mistakes that controls plant; none unless a test says so.

    Args:
        forgets_transactions: whether Graph is not told by which transaction ids it could know a write again.
        unguarded: whether the database lets claims overlap.
    """

    forgets_transactions: bool = False
    unguarded: bool = False

    def request(self, environ: dict[str, Any]) -> None:
        """Change what is sent."""
        if self.forgets_transactions and environ["REQUEST_METHOD"] == "POST":
            content = environ["wsgi.input"].read()
            if content:
                body = json.loads(content)
                body.pop("transactionId", None)
                content = json.dumps(body).encode()
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(content), str(len(content))


@dataclass(slots=True)
class Process:
    """One of ours, from when it starts to when it dies or is ended.

    Args:
        left: how many points it passes before it dies; None while it is well.
        visit: after how many calls to Graph somebody else does something, and what.
    """

    slotwright: Slotwright
    watch: Watch
    stack: ExitStack
    left: int | None = None
    visit: tuple[int, Callable[[], object]] | None = None
    dead: bool = False

    def point(self) -> None:
        """It is about to do something that others can see, or has just done it."""
        if self.left is not None:
            self.left -= 1
            self.dead = self.dead or self.left < 0
        if self.dead:
            raise Died


class AsToldByUs:
    """The tenant for the checker, without the updates that people caused who used Outlook themselves."""

    def __init__(self, emulator: Emulator, foreign: set[int]) -> None:
        self._emulator = emulator
        self._foreign = foreign

    @property
    def journal(self) -> AsToldByUs:
        """Itself."""
        return self

    def wire(self) -> dict[str, Any]:
        """The journal."""
        said = self._emulator.journal.wire()
        mail = [each for number, each in enumerate(said["mail"]) if number not in self._foreign]
        return {**said, "mail": mail}

    def snapshot(self) -> dict[str, Any]:
        """The calendars."""
        return self._emulator.snapshot()


@dataclass(slots=True)
class Client:
    """What clients were told, and asked for.

    Args:
        diary: by booking, when it takes place and whose time it takes, as it was last said.
        booked: bookings that were said to stand, and that nobody asked to cancel.
        keys: by idempotency key, the slot or loop that it was used for.
    """

    diary: dict[str, tuple[Span, tuple[str, ...]]] = field(default_factory=dict)
    booked: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    replies: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def told(self) -> Told:
        """As the checker takes it."""
        return Told(self.booked, self.refused, self.replies)

    def withdraws(self, booking_id: str) -> None:
        """Somebody asks to cancel it, which may or may not come about."""
        self.booked.discard(booking_id)
        self.diary.pop(booking_id, None)
        self.cancelled.add(booking_id)

    def hears(self, booking: Booking) -> None:
        """Somebody is told how it stands."""
        self.diary.pop(booking.booking_id, None)
        if booking.state in RESTING - ENDED:
            interview = (booking.before or booking).interview
            self.diary[booking.booking_id] = interview.span, interview.busy
            if booking.booking_id not in self.cancelled:
                self.booked.add(booking.booking_id)


class Bench:
    """Everything at hand; its methods are what people and processes may do, each with one of the two processes."""

    def __init__(self, make_desk: Callable[..., Any], database: Path | str, spoil: Spoil) -> None:
        self.emulator = Emulator(small_tenant(), clock=Clock(START))
        self.desk = make_desk(self.emulator, database)
        self.desk.settings = self.desk.settings.model_copy(update={"room_poll_seconds": 5})
        self.client = Client()
        self.offers: list[Slot] = []
        self.loops: list[LoopOffer] = []
        self.log: list[logging.LogRecord] = []
        self.running: list[Process] = []
        self._spoil = spoil
        self._edited: set[str] = set()
        self._foreign: set[int] = set()
        self._visits = 0
        self._numbers = count(1)
        self._keys = count(1)
        self._raw = psycopg.connect(database, autocommit=True) if isinstance(database, str) else None
        self._file = database
        self.processes = [self._started(), self._started()]

    # Processes

    def _started(self) -> Process:
        clock, stack = self.emulator.clock, ExitStack()
        made: list[Process] = []

        def pause(seconds: float) -> None:
            clock.advance(max(seconds, 0.001))

        def second() -> int:
            return int(clock.now().timestamp())

        slotwright = stack.enter_context(
            open_slotwright(
                self.desk.settings,
                wsgi_app=lambda environ, start: self._served(made[0], environ, start),
                clock=second,
                monotonic=lambda: clock.now().timestamp(),
                pause=pause,
                new_id=lambda: f"b-{next(self._numbers)}",
            )
        )
        watch = Watch(slotwright.graph, slotwright.store, slotwright.driver, RepairRules(), second)
        made.append(Process(slotwright, watch, stack))
        return made[0]

    def _served(self, process: Process, environ: dict[str, Any], start: Any) -> Any:
        if not environ["PATH_INFO"].startswith("/v1.0/"):
            return self.emulator.wsgi(environ, start)
        if process.visit is not None:
            left, act = process.visit
            process.visit = (left - 1, act) if left else None
            if not left:
                self._visits += 1
                act()
        process.point()
        self._spoil.request(environ)
        answer = self.emulator.wsgi(environ, start)
        process.point()
        return answer

    def restart(self, number: int) -> None:
        """End a process, dead or alive, and start another one."""
        self.processes[number].stack.close()
        self.processes[number] = self._started()

    def close(self) -> None:
        """End everything."""
        for process in self.processes:
            process.stack.close()
        if self._raw is not None:
            self._raw.close()

    def _tried(self, number: int, work: Callable[[Slotwright], Any]) -> Any:
        """What the work came to in that process: its result, the error that people saw, or that it died."""
        process, visits = self.processes[number], self._visits
        self.running.append(process)
        try:
            result = work(process.slotwright)
        except SlotwrightError as error:
            result = error
        except Died as death:
            result = death
        finally:
            self.running.pop()
        if process.dead:
            self.restart(number)
        if self._visits != visits:
            self.client.diary.clear()
        return result

    @property
    def store(self) -> Any:
        """The database, for looking."""
        return self.processes[0].slotwright.store

    @property
    def now(self) -> int:
        """The UTC second."""
        return int(self.emulator.clock.now().timestamp())

    def sql(self, statement: str) -> list[Any]:
        """A query by none of our code."""
        if self._raw is not None:
            return self._raw.execute(statement).fetchall()
        with closing(sqlite3.connect(self._file)) as connection:
            return connection.execute(statement).fetchall()

    def one(self, number: int) -> Booking | None:
        """Some booking, the later ones first; None while there is none."""
        bookings = self.store.bookings()
        return bookings[-1 - number % len(bookings)] if bookings else None

    def living(self, number: int) -> Booking | None:
        """Some booking that has not ended; None while there is none."""
        bookings = [booking for booking in self.store.bookings() if booking.state not in ENDED]
        return bookings[-1 - number % len(bookings)] if bookings else None

    # What clients do

    def find(self, who: int, panel: int, day: int, rooms: tuple[str, ...], *, pooled: bool) -> bool:
        """Look for slots and keep the first three, the seats of some having pools."""
        date = (self.emulator.clock.now() + timedelta(days=day)).date()
        wish: dict[str, Any] = {"room": {"among": list(rooms)}} if rooms else {}
        wish |= {"between": f"{date}", "and": f"{date + timedelta(days=1)}", "candidate": ZOE}
        found = self._tried(
            who, lambda s: self.desk.find(s, list(PANELS[panel % len(PANELS)]), limit=6, **wish).slots
        )
        if isinstance(found, SlotwrightError | Died) or not found:
            return False
        for slot in found[:: 2 if len(found) > 3 else 1][:3]:
            pool = {"stand_ins": PEOPLE if pooled else ()}
            people = tuple(each.model_copy(update=pool) for each in slot.people)
            kept = slot.model_copy(update={"people": people})
            if kept.id not in {each.id for each in self.offers}:
                self.offers.append(kept)
            if pooled:
                self._tried(who, lambda s, k=kept: s.store.remember_offers({k.id: k.model_dump_json()}))
        return True

    def book(self, who: int, number: int, key: str, *, wait: bool) -> bool:
        """Book an offer, or one whose key is used again; `key` is "", "new", "again" or "other"."""
        slot = self.offers[-1 - number % len(self.offers)]
        text, used = "", [each for each, of in self.client.keys.items() if of != "loop"]
        if key == "new":
            text = f"key-{next(self._keys)}"
        elif key and used:
            text = used[-1 - number % len(used)]
            if key == "again":
                slot = next(each for each in self.offers if each.id == self.client.keys[text])
        misused = bool(text) and self.client.keys.get(text, slot.id) != slot.id
        if not misused:
            self.client.refused.discard(slot.id)
        made = self._tried(
            who,
            lambda s: book(
                slot,
                s.store,
                s.driver,
                organizer=RECRUITER,
                new_id=s.new_id,
                wait=wait,
                key=text,
            ),
        )
        if misused and self.client.replies.get(text):
            assert isinstance(made, InputError | Died), f"a key was used for two requests: {made}"
        if misused:
            return True
        if text:
            self.client.keys.setdefault(text, slot.id)
        if isinstance(made, Booking):
            self._replied(made, text)
            self._learns(made)
            if made.state is State.UNDONE and not self._stands(slot.id):
                self.client.refused.add(slot.id)
        elif isinstance(made, Taken) and not self._stands(slot.id):
            self.client.refused.add(slot.id)
        return True

    def _replied(self, booking: Booking, key: str) -> None:
        """A request with that key was answered."""
        if key:
            self.client.replies.setdefault(key, []).append(booking.booking_id)

    def _stands(self, slot_id: str) -> bool:
        return any(
            slot_id in {each.interview.slot_id, each.before.interview.slot_id if each.before else ""}
            for each in self.store.bookings()
            if each.state not in ENDED
        )

    def book_loop(self, who: int, number: int, *, keep: bool, again: bool, wait: bool) -> bool:
        """Book two offers as a loop, or a loop that was asked for before."""
        if again and self.loops:
            offer = self.loops[number % len(self.loops)]
        else:
            first = self.offers[-1 - number % len(self.offers)]
            second = self.offers[-1 - (number * 7 + 1) % len(self.offers)]
            pair = sorted((first, second), key=lambda slot: slot.start_utc)
            if pair[0].end_utc > pair[1].start_utc:
                return False
            name = f"l-{len(self.loops) + 1}"
            sessions = [OfferedSession(name=f"Talk {at}", slot=slot) for at, slot in enumerate(pair)]
            offer = LoopOffer(id=name, sessions=tuple(sessions))
            self.loops.append(offer)
        self.client.refused -= {session.slot.id for session in offer.sessions}
        text = f"{offer.id}-{keep}"
        made = self._tried(
            who,
            lambda s: book_loop(offer, s.store, s.driver, Wanted(RECRUITER, s.new_id, wait, keep, text)),
        )
        if isinstance(made, Loop):
            self._replied(made.members[0], text)
            for booking in made.members:
                self._learns(booking)
        return True

    def _learns(self, booking: Booking) -> None:
        """A client is told; of a loop only once it is settled."""
        if booking.place is not None:
            first = self.store.booking(booking.place.members[0])
            if first.place.course is not Course.SETTLED:
                return
        self.client.hears(booking)

    def show(self, who: int, number: int, *, wait: bool) -> bool:
        """Look at one booking, which finishes it."""
        booking = self.one(number)
        if booking is None:
            return False
        seen = self._about(who, booking, lambda s: bring_up_to_date(booking, s.store, s.driver, wait=wait))
        if isinstance(seen, Booking):
            self._learns(seen)
        return True

    def _about(self, who: int, booking: Booking, work: Callable[[Slotwright], Any]) -> Any:
        """Something that may change the booking, or others of its loop: what was said of them is in doubt."""
        members = booking.place.members if booking.place is not None else ()
        for each in (booking.booking_id, *members):
            self.client.diary.pop(each, None)
        return self._tried(who, work)

    def _changed(self, who: int, booking: Booking, work: Callable[[Slotwright], Booking]) -> Any:
        after = self._about(who, booking, work)
        if isinstance(after, NotChanged):
            self._learns(after.booking)
        elif isinstance(after, Booking):
            self._learns(after)
        return after

    def reschedule(self, who: int, number: int, minutes: int, *, wait: bool) -> bool:
        """Ask for another time."""
        booking = self.living(number)
        if booking is None:
            return False
        to = Target(booking.interview.span.start + minutes)
        after = self._changed(
            who, booking, lambda s: reschedule(booking, s.graph, s.store, s.driver, to=to, wait=wait)
        )
        if isinstance(after, Booking) and after.state is State.CONFIRMED:
            assert to.start == after.interview.span.start, f"{after.booking_id} was said to be moved"
        return True

    def swap(self, who: int, number: int, leaving: int, joining: int) -> bool:
        """Ask for another interviewer."""
        booking = self.living(number)
        if booking is None:
            return False
        busy = [each for each in booking.interview.busy if each != RECRUITER]
        others = [each for each in PEOPLE if each not in {*booking.interview.busy, RECRUITER}]
        if not busy or not others:
            return False
        gone, new = busy[leaving % len(busy)], others[joining % len(others)]
        self._changed(
            who,
            booking,
            lambda s: swap_person(booking, s.store, s.driver, leaving=gone, joining=new, wait=True),
        )
        return True

    def room(self, who: int, number: int, address: str | None, *, wait: bool) -> bool:
        """Ask for another room."""
        booking = self.living(number)
        if booking is None:
            return False
        self._changed(
            who,
            booking,
            lambda s: change_room(booking, s.graph, s.store, s.driver, address=address, wait=wait),
        )
        return True

    def cancel(self, who: int, number: int) -> bool:
        """Ask to cancel a booking."""
        booking = self.one(number)
        if booking is None:
            return False
        self._cancel(who, booking)
        return True

    def _cancel(self, who: int, booking: Booking) -> Any:
        self.client.withdraws(booking.booking_id)
        done = self._about(who, booking, lambda s: cancel(booking, s.store, s.driver, comment="no"))
        if isinstance(done, Booking):
            assert done.state in ENDED, f"{done.booking_id} was said to be cancelled"
        return done

    def cancel_loop(self, who: int, number: int) -> bool:
        """Ask to cancel all sessions of a loop."""
        firsts = [
            each for each in self.store.bookings() if each.place and each.place.members[0] == each.booking_id
        ]
        if not firsts:
            return False
        booking = firsts[number % len(firsts)]
        assert booking.place is not None
        for each in booking.place.members:
            self.client.withdraws(each)
        self._about(
            who,
            booking,
            lambda s: cancel_loop(loop_of(booking, s.store), s.store, s.driver, comment="no"),
        )
        return True

    # What keeps bookings in order

    def recover(self, who: int, *, wait: bool = True) -> list[SlotwrightError]:
        """Show everything, which finishes everything; returns what could not be finished."""
        failed = []
        for booking in self.store.bookings():
            seen = self._about(
                who,
                booking,
                lambda s, each=booking: bring_up_to_date(
                    s.store.booking(each.booking_id), s.store, s.driver, wait=wait
                ),
            )
            if isinstance(seen, Booking):
                self._learns(seen)
            elif isinstance(seen, SlotwrightError):
                failed.append(seen)
            else:
                break
        return failed

    def look(self, who: int, *, afresh: bool = False, wait: bool = True) -> None:
        """What `slotwright watch` does once."""
        watch = self.processes[who].watch
        if afresh:
            watch = Watch(watch.calendars, watch.ledger, watch.driver, watch.rules, watch.clock)
        before = dict(self.client.diary)
        self.client.diary.clear()
        noticed = self._tried(who, lambda _: watch.look(wait=wait))
        if isinstance(noticed, tuple):
            changed = {each.booking_id for each in noticed}
            self.client.diary |= {each: said for each, said in before.items() if each not in changed}

    def settle(self, who: int, number: int) -> bool:
        """A person lets be what is to be decided about a booking."""
        booking = self.one(number)
        if booking is None:
            return False
        self._tried(who, lambda s: settle(booking.booking_id, s.store))
        return True

    def reconcile(self, who: int, *, apply: bool) -> Report | None:
        """Compare calendars and ledger; a dry run writes nothing."""
        before = len(self.emulator.journal.requests)
        visits = self._visits
        report = self._tried(who, self._examined)
        if not isinstance(report, Report):
            return None
        if self._visits == visits:
            asked = {
                seen.operation for seen in self.emulator.journal.requests[before:] if seen.method != "GET"
            }
            assert not asked - {"getSchedule", "token"}, f"a dry run wrote: {asked}"
        if apply:
            self._tried(who, lambda s: settle_report(report, s.graph, s.store))
        return report

    @staticmethod
    def _examined(slotwright: Slotwright) -> Report:
        return examine(
            slotwright.graph,
            slotwright.store,
            slotwright.rules,
            past=7 * DAY,
            ahead=30 * DAY,
            mailboxes=(RECRUITER, SCHEDULING_USER),
        )

    # What others do

    def _event(self, mailbox: str, booking: Booking, role: Role) -> dict[str, Any] | None:
        """The mailbox's event that belongs to that role of the booking."""
        written = booking.event(role)
        if written is None or written.ical_uid is None:
            return None
        events = [each for each in self.desk.events(mailbox) if not each["isCancelled"]]
        return next((each for each in events if each["iCalUId"] == written.ical_uid), None)

    @contextmanager
    def _spared(self) -> Iterator[None]:
        """Graph's troubles are ours alone."""
        planned = self.emulator.faults.planned
        self.emulator.faults.clear()
        yield
        self.emulator.faults.add(*planned)

    def _outlook(self, method: str, path: str, body: dict[str, Any] | None = None) -> bool:
        before = len(self.emulator.journal.mail)
        with self._spared():
            self.desk.outsider(method, path, body)
        sent = self.emulator.journal.mail[before:]
        self._foreign |= {before + at for at, each in enumerate(sent) if each.kind == "update"}
        return True

    def answer(self, number: int, person: int, answer: str) -> bool:
        """An interviewer answers the invitation."""
        booking = self.living(number)
        if booking is None:
            return False
        busy = [each for each in booking.interview.busy if each != booking.interview.organizer]
        events = [(each, self._event(each, booking, Role.INVITATION)) for each in busy]
        got = [(each, event) for each, event in events if event is not None]
        if not got:
            return False
        address, event = got[person % len(got)]
        return self._outlook(
            "POST", f"/users/{address}/events/{event['id']}/{answer}", {"sendResponse": True}
        )

    def room_answers(self, number: int, *, yes: bool) -> bool:
        """Whoever looks after the room approves of a booking, or gives the time away."""
        booking = self.living(number)
        return booking is not None and self._room_answers(booking, yes=yes)

    def _room_answers(self, booking: Booking, *, yes: bool) -> bool:
        if booking.room is None:
            return False
        room = booking.room.address
        event = self._event(room, booking, Role.RESERVATION)
        if event is None:
            return False
        if yes:
            return self._outlook("PATCH", f"/users/{room}/events/{event['id']}", {"showAs": "busy"})
        self._edited.add(booking.booking_id)
        return self._outlook("DELETE", f"/users/{room}/events/{event['id']}")

    def edit(self, number: int, what: str) -> bool:
        """The organizer edits the invitation by hand: `time`, `place` or `guests`."""
        booking = self.living(number)
        event = None if booking is None else self._event(RECRUITER, booking, Role.INVITATION)
        if booking is None or event is None:
            return False
        self._edited.add(booking.booking_id)
        if what == "time":
            hour = int(event["start"]["dateTime"][11:13])
            moved = {
                side: {
                    **event[side],
                    "dateTime": event[side]["dateTime"].replace(f"T{at:02}", f"T{at + 1:02}"),
                }
                for side, at in (("start", hour), ("end", hour + 1))
            }
            change: dict[str, Any] = moved if hour < 22 else {"subject": "Later"}
        elif what == "place":
            change = {"location": {"displayName": "The garden"}}
        else:
            change = {"attendees": event["attendees"][:-1]}
        return self._outlook("PATCH", f"/users/{RECRUITER}/events/{event['id']}", change)

    def delete(self, number: int, role: Role) -> bool:
        """Somebody deletes one of our two events by hand."""
        booking = self.living(number)
        written = None if booking is None else booking.event(role)
        if booking is None or written is None or written.event_id is None:
            return False
        mailbox = written.calendar.mailbox
        shown = {each["immutableId"] for each in self.desk.events(mailbox)}
        if written.event_id not in shown:
            return False
        self._edited.add(booking.booking_id)
        return self._outlook("DELETE", f"/users/{mailbox}/events/{written.event_id}")

    def occupy(self, number: int, resource: str) -> bool:
        """Somebody writes straight into a calendar, over a booking or an offer."""
        booking = self.living(number)
        if number % 2 and booking is not None:
            span = booking.interview.span
        elif self.offers:
            slot = self.offers[-1 - number % len(self.offers)]
            span = span_of(slot)
        else:
            return False
        with self._spared():
            self.desk.occupy(resource, span)
        return True

    def pass_time(self, seconds: int) -> bool:
        """Nothing happens for a while."""
        self.emulator.clock.advance(seconds)
        return True

    def trouble(self, operation: str, kind: str, status: int, skip: int) -> bool:
        """Graph will fail once."""
        planned: Any = kind
        self.emulator.faults.add(Fault(operation=operation, kind=planned, status=status, skip=skip))
        return True

    # What must be so

    def check_claims(self) -> None:
        """No two bookings hold the same resource at once, and what clients were told is held."""
        overlaps = self.sql(OVERLAPS)
        assert [] == [tuple(each) for each in overlaps], overlaps
        held = self.sql(CLAIMS)
        for booking_id, (span, busy) in self.client.diary.items():
            for address in busy:
                # What a change needs beside it may be held in one piece with it.
                assert any(
                    (holder, resource) == (booking_id, address) and start <= span.start and span.end <= end
                    for holder, resource, start, end in held
                ), f"{booking_id} was said to be at {span} and {address} is not held"
        said = Counter(
            (address, minute)
            for span, busy in self.client.diary.values()
            for address in busy
            for minute in range(span.start, span.end, 15)
        )
        assert not [each for each, times in said.items() if times > 1], "clients were told of two at once"

    def settle_all(self) -> None:
        """All trouble is over, everything is finished, and a person does what `attention` says until it is empty."""
        self.emulator.faults.clear()
        for process in self.processes:
            process.left, process.visit = None, None
        for turn in range(ROUNDS):
            self.recover(0)
            self.emulator.clock.advance(301)
            self.look(1, afresh=True)
            waiting = [each for each in self.store.bookings() if each.state is State.PENDING]
            for booking in waiting:
                self._room_answers(booking, yes=True)
            items = attention(self.store, now=self.now)
            if not items and not waiting:
                return
            for item in items:
                self._decide(item.commands, resolute=turn > ROUNDS // 2)
        raise AssertionError(f"there is always something to decide: {items}")

    def _decide(self, commands: tuple[str, ...], *, resolute: bool) -> None:
        if resolute:
            last = [each for each in commands if "--settle" in each or "cancel" in each]
            commands = tuple(last[:1])
        for command in commands:
            if self._typed(command):
                return

    def _typed(self, command: str) -> bool:
        """Do what a command does that `attention` offers; False when it was refused or names nothing."""
        booking = self.store.booking(next(word for word in command.split() if word.startswith("b-")))
        done: Any = None
        match shlex.split(command)[1:]:
            case ["cancel", _]:
                done = self._cancel(0, booking)
            case ["show", _]:
                return False
            case ["attention", "--settle", _]:
                done = self._tried(0, lambda s: settle(booking.booking_id, s.store))
            case ["swap", _, leaving, joining] if "@" in joining:
                done = self._changed(
                    0,
                    booking,
                    lambda s: swap_person(
                        booking, s.store, s.driver, leaving=leaving, joining=joining, wait=True
                    ),
                )
            case ["room", _, address] if "@" in address:
                done = self._changed(
                    0,
                    booking,
                    lambda s: change_room(booking, s.graph, s.store, s.driver, address=address, wait=True),
                )
            case ["reschedule", _, when] if when != "WHEN":
                to = at_local_time(when, booking.interview.zone)
                done = self._changed(
                    0,
                    booking,
                    lambda s: reschedule(booking, s.graph, s.store, s.driver, to=to, wait=True),
                )
            case _:
                return False
        return not isinstance(done, SlotwrightError)

    def broken(self) -> tuple[Broken, ...]:
        """What is wrong with database, calendars and mail; to be asked once everything is settled."""
        self.emulator.clock.advance(120)
        bookings = self.store.bookings()
        let_be = {
            each.booking_id
            for each in bookings
            if any(concern.settled for concern in each.concerns)
            or (each.booking_id in self._edited and each.interview.span.start * 60 <= self.now)
        }
        seen = AsToldByUs(self.emulator, self._foreign)
        found = list(invariants(self.store, seen, told=self.client.told(), let_be=let_be, log=self.log))
        report = self.reconcile(0, apply=False)
        if report is None or report.unread:
            found.append(Broken("reconcile", "it could not be compared"))
        else:
            found += [
                Broken("reconcile", f"{each.booking_id}: {each.what}")
                for each in report.findings
                if each.booking_id not in let_be
            ]
        return tuple(found)


def _unguard(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.commit()


@pytest.fixture
def spoil() -> Spoil:
    """What a control plants."""
    return Spoil()


@pytest.fixture
def benches(
    request: pytest.FixtureRequest, desk: Any, spoil: Spoil, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Bench]]:
    """Makes benches, each with a database that nobody has used; on PostgreSQL where the test is parametrized so."""
    engine = getattr(request, "param", "sqlite")
    commit = DefaultDialect.do_commit
    changes: dict[int, int] = {}
    made: list[Bench] = []

    def commits(dialect: DefaultDialect, connection: Any) -> None:
        process = made[-1].running[-1] if made and made[-1].running else None
        raw = connection.dbapi_connection if hasattr(connection, "dbapi_connection") else connection
        wrote = getattr(raw, "total_changes", -1) != changes.get(id(raw), 0)
        changes[id(raw)] = getattr(raw, "total_changes", 0)
        if process is None or not wrote:
            commit(dialect, connection)
            return
        process.point()
        commit(dialect, connection)
        process.point()

    monkeypatch.setattr(DefaultDialect, "do_commit", commits)
    logger = logging.getLogger("scheduler")
    with ExitStack() as stack:
        # In memory where there is such a place: a process that dies here loses nothing that it gave to the system.
        memory = Path("/dev/shm")  # noqa: S108 - the folder made in it is this user's alone
        folder = Path(stack.enter_context(TemporaryDirectory(dir=memory if memory.is_dir() else None)))
        template = folder / "template.db"
        if engine == "sqlite":
            Store(template, clock=lambda: 0).close()
        each = stack.enter_context(ExitStack())

        def make() -> Bench:
            each.close()
            if engine == "sqlite":
                database: Path | str = folder / "bench.db"
                for old in folder.glob("bench.db*"):
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
                shutil.copy(template, database)
                if spoil.unguarded:
                    _unguard(database)
            else:
                server = request.getfixturevalue("postgres")
                database = server.url(each.enter_context(server.empty_database()))
            bench = Bench(type(desk), database, spoil)
            each.callback(bench.close)
            handler = logging.Handler()
            handler.emit = bench.log.append  # type: ignore[method-assign]
            logger.addHandler(handler)
            each.callback(logger.removeHandler, handler)
            made.append(bench)
            return bench

        yield make
