"""Calendars and ledger are compared both ways, and nothing is removed but what is certainly left over and ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr

from scheduler.app.cancel import cancel
from scheduler.app.changing import NotChanged
from scheduler.app.reconcile import Report, examine, settle
from scheduler.app.reschedule import Target, reschedule
from scheduler.booking.booking import Booking
from scheduler.booking.reconciling import Action, Kind
from scheduler.booking.states import State
from scheduler.emulator.faults import Fault
from scheduler.testing.tenants import (
    ANA,
    APPROVAL_ROOM,
    BEN,
    CHITRA,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    WALLED_ROOM,
)
from scheduler.wiring import Slotwright

DAY = 1440
Facts = list[tuple[str, str, str | None]]


def examined(slotwright: Slotwright) -> Report:
    """What a run over a week back and a month ahead finds."""
    return examine(
        slotwright.graph,
        slotwright.store,
        slotwright.rules,
        past=7 * DAY,
        ahead=30 * DAY,
        mailboxes=(RECRUITER, SCHEDULING_USER),
    )


def facts(report: Report) -> Facts:
    """What was found, by kind, booking and what would be done."""
    return [
        (each.kind.value, each.booking_id, None if each.action is None else each.action.value)
        for each in report.findings
    ]


def booked(desk: Any, slotwright: Slotwright, room: str, day: str = "2026-03-03") -> Booking:
    """An hour with Ana and Ben in that room."""
    wish = {"room": {"among": [room]}} if room else {}
    slots = desk.find(slotwright, [ANA, BEN], between=day, **wish)
    booking: Booking = desk.book(slotwright, slots.slots[0])
    desk.settle()
    return booking


def everything(desk: Any) -> list[Any]:
    """Every event of every mailbox."""
    return [each for address in desk.emulator.snapshot()["mailboxes"] for each in desk.events(address)]


def again(desk: Any, mailbox: str, event_id: str, **changes: Any) -> str:
    """Somebody makes a copy of an event, marker and all; returns its id."""
    shown = next(each for each in desk.events(mailbox) if event_id in {each["id"], each["immutableId"]})
    kept = ("subject", "start", "end", "attendees", "singleValueExtendedProperties")
    copy = {name: shown[name] for name in kept} | changes
    calendar = next(
        calendar["id"]
        for calendar in desk.emulator.snapshot()["mailboxes"][mailbox]["calendars"]
        if any(each["id"] == shown["id"] for each in calendar["events"])
    )
    return str(desk.outsider("POST", f"/users/{mailbox}/calendars/{calendar}/events", copy)["id"])


def at(minute_text: str) -> dict[str, Any]:
    """Start and end of an hour, as Graph writes them."""
    hour = int(minute_text[11:13])
    end = f"{minute_text[:11]}{hour + 1:02}{minute_text[13:]}"
    return {
        name: {"dateTime": f"{text}:00", "timeZone": "UTC"}
        for name, text in (("start", minute_text), ("end", end))
    }


def test_what_stands_agrees(desk: Any) -> None:
    """On either route, with a room that has to approve, or none, all agrees, and looking changes nothing."""
    with desk.open() as slotwright:
        for day, room in enumerate((OPEN_ROOM, WALLED_ROOM, APPROVAL_ROOM, ""), start=2):
            booked(desk, slotwright, room, f"2026-03-0{day}")
        before = everything(desk)
        report = examined(slotwright)
        assert ([], (), 7, 4) == (facts(report), report.unread, report.events, report.bookings)
        assert before == everything(desk)


def test_a_moved_and_a_cancelled_booking_agree(desk: Any) -> None:
    """A change and a cancellation leave nothing that the ledger does not know."""
    with desk.open() as slotwright:
        one = booked(desk, slotwright, OPEN_ROOM)
        to = Target(one.interview.span.start + 60)
        reschedule(one, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True)
        other = booked(desk, slotwright, WALLED_ROOM, "2026-03-04")
        cancel(other, slotwright.store, slotwright.driver, comment="")
        desk.settle()
        assert [] == facts(examined(slotwright))


def test_what_is_left_of_a_cancelled_booking_is_removed(desk: Any) -> None:
    """Both events of a booking that has ended are found on a dry run, which changes nothing, and then removed."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, WALLED_ROOM)
        slotwright.store.save(replace(booking, state=State.CANCELLED, invitation=None, reservation=None))
        before = everything(desk)
        report = examined(slotwright)
        orphan = ("orphan", booking.booking_id, "remove the event")
        assert ([orphan, orphan], before) == (facts(report), everything(desk))
        settled = settle(report, slotwright.graph, slotwright.store)
        desk.settle()
        assert [(True, "removed")] * 2 == [(each.done, each.outcome) for each in settled]
        left = [each for each in everything(desk) if not each["isCancelled"]]
        assert ([], []) == (left, facts(examined(slotwright)))
        told = [entry.reason for entry in slotwright.store.audit(booking.booking_id)][-2:]
        assert all("is being removed" in reason for reason in told)
        assert slotwright.store.verify_audit().broken is None


def test_a_copy_that_somebody_moved_is_left_to_a_person(desk: Any) -> None:
    """An event of an ended booking at another time may be somebody's own by now; it is listed and never removed."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, "")
        assert booking.invitation is not None
        again(desk, RECRUITER, booking.invitation.event_id or "", **at("2026-03-05T13:00"))
        cancel(booking, slotwright.store, slotwright.driver, comment="")
        report = examined(slotwright)
        assert [("orphan", booking.booking_id, None)] == facts(report)
        assert () == settle(report, slotwright.graph, slotwright.store)


@pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM])
def test_of_twins_the_one_that_the_booking_names_stays(desk: Any, room: str) -> None:
    """A second event of the same marker at the same time goes, the booking's own stays, and then all agrees."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, room)
        for written in (booking.invitation, booking.reservation):
            assert written is not None
            again(desk, written.calendar.mailbox, written.event_id or "")
        desk.settle()
        report = examined(slotwright)
        twin = ("twin", booking.booking_id, "remove the event")
        assert [twin, twin] == facts(report)
        settle(report, slotwright.graph, slotwright.store)
        desk.settle()
        assert [] == facts(examined(slotwright))


def test_a_twin_at_another_time_is_left_to_a_person(desk: Any) -> None:
    """A copy of an invitation on another day is somebody's doing, not a retry of ours."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, "")
        assert booking.invitation is not None
        again(desk, RECRUITER, booking.invitation.event_id or "", **at("2026-03-05T13:00"))
        assert [("twin", booking.booking_id, None)] == facts(examined(slotwright))


def test_missing_moved_and_changed_events_are_told(desk: Any) -> None:
    """Outside edits of events are named one by one, and none of them is undone by itself."""
    with desk.open() as slotwright:
        gone, moved, fewer, renamed, roomless = (
            booked(desk, slotwright, room, f"2026-03-0{day}")
            for day, room in enumerate(("", OPEN_ROOM, "", OPEN_ROOM, WALLED_ROOM), start=2)
        )
        ids = [
            each.invitation.event_id for each in (gone, moved, fewer, renamed, roomless) if each.invitation
        ]
        desk.outsider("DELETE", f"/users/{RECRUITER}/events/{ids[0]}")
        desk.outsider("PATCH", f"/users/{RECRUITER}/events/{ids[1]}", at("2026-05-12T13:00"))
        desk.outsider("PATCH", f"/users/{RECRUITER}/events/{ids[2]}", {"attendees": []})
        desk.outsider(
            "PATCH", f"/users/{RECRUITER}/events/{ids[3]}", {"location": {"displayName": "Canteen"}}
        )
        assert roomless.reservation is not None
        path = f"/users/{SCHEDULING_USER}/events/{roomless.reservation.event_id}"
        desk.outsider("PATCH", path, {"attendees": []})
        desk.settle()
        report = examined(slotwright)
        expected = [
            ("missing", gone.booking_id, None),
            ("moved", moved.booking_id, None),
            ("guests", fewer.booking_id, None),
            ("room", renamed.booking_id, None),
            ("room", roomless.booking_id, None),
        ]
        assert sorted(expected) == sorted(facts(report))
        assert () == settle(report, slotwright.graph, slotwright.store)
        said = " ".join(each.what for each in report.findings)
        assert not [name for name in ("ana", "ben", "Ana", "Ben") if f"{name}@" in said or f" {name}" in said]


def test_an_event_that_lost_its_marker_is_still_the_booking_s(desk: Any) -> None:
    """What a booking names by id is not missing because a client dropped the property."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, "")
        for mailbox in desk.emulator._world.mailboxes.values():
            for event in mailbox.default.events.values():
                event.extended.clear()
        report = examined(slotwright)
        assert ([], 1) == (facts(report), report.events)
        assert booking == slotwright.store.booking(booking.booking_id)


def test_claims_are_corrected(desk: Any) -> None:
    """Claims that a booking does not need are given back, and those that it lacks are taken again."""
    with desk.open() as slotwright:
        more = booked(desk, slotwright, "")
        less = booked(desk, slotwright, OPEN_ROOM, "2026-03-04")
        span = less.interview.span
        claims = slotwright.store.all_claims()
        extra = [replace(claim, resource=CHITRA) for holder, claim in claims if holder == more.booking_id][:1]
        own = [claim for holder, claim in claims if holder == more.booking_id]
        slotwright.store.save(more, hold=[*own, *extra])
        slotwright.store.save(less, hold=[])
        report = examined(slotwright)
        correct = Action.CLAIM.value
        assert [("claims", more.booking_id, correct), ("claims", less.booking_id, correct)] == facts(report)
        settle(report, slotwright.graph, slotwright.store)
        assert ([], claims) == (facts(examined(slotwright)), slotwright.store.all_claims())
        assert span == less.interview.span


def test_a_claim_that_somebody_else_took_is_not_taken_back(desk: Any) -> None:
    """The ledger stays free of overlaps; the finding stays and says who holds it."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, OPEN_ROOM)
        own = [claim for _, claim in slotwright.store.all_claims()]
        slotwright.store.save(booking, hold=[])
        other = replace(
            booking,
            booking_id="b-other",
            interview=replace(booking.interview, slot_id="s-other"),
            before=None,
        )
        slotwright.store.reserve(replace(other, state=State.CLAIMED, invitation=None, reservation=None))
        report = examined(slotwright)
        wanted = [each for each in report.findings if each.booking_id == booking.booking_id]
        assert [Kind.CLAIMS] == [each.kind for each in wanted]
        settled = settle(report, slotwright.graph, slotwright.store)
        assert [(False, True)] == [(each.done, "b-other" in each.outcome) for each in settled]
        assert {claim for _, claim in slotwright.store.all_claims()} == set(own)


def test_a_booking_in_the_middle_is_left_to_its_driver(desk: Any) -> None:
    """What a crash left half done is named, its events are neither orphans nor missing, and `show` goes on with it."""
    with desk.open() as slotwright:
        desk.emulator.faults.add(Fault(operation="createEvent", mailbox=OPEN_ROOM, kind="refuse", times=None))
        with pytest.raises(Exception, match="failed"):
            booked(desk, slotwright, OPEN_ROOM)
        report = examined(slotwright)
        assert [("unfinished", "b-1", None)] == facts(report)
        assert () == settle(report, slotwright.graph, slotwright.store)


def test_what_changes_between_report_and_removal_stays(desk: Any) -> None:
    """An orphan that somebody moved after the report was made is not removed."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, "")
        assert booking.invitation is not None
        slotwright.store.save(replace(booking, state=State.CANCELLED, invitation=None))
        report = examined(slotwright)
        path = f"/users/{RECRUITER}/events/{booking.invitation.event_id}"
        desk.outsider("PATCH", path, at("2026-03-05T13:00"))
        settled = settle(report, slotwright.graph, slotwright.store)
        assert [(False, "it or its booking has changed meanwhile")] == [
            (each.done, each.outcome) for each in settled
        ]
        assert 1 == len(desk.events(RECRUITER))


def test_an_event_without_our_marker_is_never_looked_at(desk: Any) -> None:
    """Strangers' events are neither counted nor found, nor even read, beside a booking that has ended."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, "")
        cancel(booking, slotwright.store, slotwright.driver, comment="")
        desk.occupy(RECRUITER, booking.interview.span)
        desk.emulator.journal.clear()
        report = examined(slotwright)
        assert ([], 0) == (facts(report), report.events)
        assert set() == {"calendarView", "getEvent"} & set(desk.calls())


def test_a_server_without_the_filter_is_read_through_its_view(desk: Any) -> None:
    """Where Exchange refuses to filter by the property, the window is read event by event, with the same result."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, WALLED_ROOM)
        slotwright.store.save(replace(booking, state=State.CANCELLED, invitation=None, reservation=None))
        desk.emulator.faults.add(
            Fault(operation="listEvents", status=400, code="ErrorInvalidRestriction", times=None)
        )
        assert ["orphan", "orphan"] == [kind for kind, _, _ in facts(examined(slotwright))]


def test_a_calendar_that_does_not_open_is_unknown_not_empty(desk: Any) -> None:
    """Its bookings are not missing; the report says what could not be read."""
    with desk.open() as slotwright:
        booked(desk, slotwright, OPEN_ROOM)
        for operation in ("listEvents", "getEvent"):
            desk.emulator.faults.add(
                Fault(
                    operation=operation, mailbox=RECRUITER, status=403, code="ErrorAccessDenied", times=None
                )
            )
        report = examined(slotwright)
        assert ([], [RECRUITER]) == (facts(report), [each.calendar.mailbox for each in report.unread])


class Backups:
    """Keeps the desk's database as it is, and lets the desk work with what was kept, or with nothing."""

    def __init__(self, desk: Any, database: Path | str, postgres: Any) -> None:
        self._desk = desk
        self._postgres = postgres
        self._where = database
        self._copies: list[str] = []
        self._use(database)

    def keep(self) -> Path | str:
        """A copy of the database as it is now."""
        if isinstance(self._where, Path):
            copy = self._where.with_suffix(f".{len(self._copies)}")
            with closing(sqlite3.connect(self._where)) as connection:
                connection.execute("VACUUM INTO ?", [str(copy)])
            self._copies.append(str(copy))
            return copy
        return self._database(f" TEMPLATE {self._name()}")

    def put_back(self, copy: Path | str | None) -> None:
        """The desk's database is the copy from now on; without one it is lost."""
        if copy is None:
            copy = self._where.with_suffix(".empty") if isinstance(self._where, Path) else self._database("")
        self._use(copy)

    def close(self) -> None:
        """Remove the copies that are not files of the test's own folder."""
        for name in self._copies:
            if isinstance(self._where, str):
                self._postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _name(self) -> str:
        return str(self._where).removeprefix("postgresql:///").partition("?")[0]

    def _database(self, template: str) -> str:
        name = f"{self._name()}_{len(self._copies)}"
        self._postgres.break_sessions(self._name())
        self._postgres.sql(f"CREATE DATABASE {name}{template}")
        self._copies.append(name)
        return str(self._postgres.url(name))

    def _use(self, where: Path | str) -> None:
        value = SecretStr(where) if isinstance(where, str) else where
        self._desk.settings = self._desk.settings.model_copy(update={"database": value})


@pytest.fixture
def backups(desk: Any, database: Path | str, request: pytest.FixtureRequest) -> Iterator[Backups]:
    """Backups of the desk, which then works with the test's database."""
    server = request.getfixturevalue("postgres") if isinstance(database, str) else None
    made = Backups(desk, database, server)
    yield made
    made.close()


ENGINES = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.campaign)], indirect=True
)


def marked(desk: Any) -> set[tuple[str, str]]:
    """Mailbox and immutable id of every live event that carries our marker, read past all of our code."""
    return {
        (address, event["immutableId"])
        for address in desk.emulator.snapshot()["mailboxes"]
        for event in desk.events(address)
        if not event["isCancelled"]
        and any(
            each["id"].endswith("Name SlotwrightMarker") for each in event["singleValueExtendedProperties"]
        )
    }


def explained(slotwright: Slotwright, report: Report) -> set[tuple[str, str]]:
    """The events that the report lists, and those that a booking of the ledger names."""
    listed = {
        (each.found.calendar.mailbox, each.found.event.event_id) for each in report.findings if each.found
    }
    named_ones = {
        (written.calendar.mailbox, str(written.event_id))
        for booking in slotwright.store.bookings()
        for written in (booking.invitation, booking.reservation)
        if written is not None
    }
    return listed | named_ones


@ENGINES
def test_a_restored_database_is_told_what_it_missed(desk: Any, backups: Backups) -> None:
    """Ten minutes are gone from the database: whatever was booked, moved or cancelled in them is listed, untouched."""
    with desk.open() as slotwright:
        moved = booked(desk, slotwright, OPEN_ROOM)
        ended = booked(desk, slotwright, WALLED_ROOM, "2026-03-04")
    backup = backups.keep()
    with desk.open() as slotwright:
        to = Target(moved.interview.span.start + 120)
        reschedule(moved, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True)
        cancel(ended, slotwright.store, slotwright.driver, comment="")
        newer = [booked(desk, slotwright, room, "2026-03-05") for room in (OPEN_ROOM, WALLED_ROOM)]
        desk.emulator.clock.advance(600)
    backups.put_back(backup)
    before = everything(desk)
    with desk.open() as slotwright:
        report = examined(slotwright)
        expected = [
            *[("missing", ended.booking_id)] * 2,
            *[(kind, moved.booking_id) for kind in ("missing", "moved", "stray")],
            *[("unknown", each.booking_id) for each in newer] * 2,
        ]
        assert sorted(expected) == sorted((each.kind.value, each.booking_id) for each in report.findings)
        assert (set(), ()) == (marked(desk) - explained(slotwright, report), report.unread)
        assert () == settle(report, slotwright.graph, slotwright.store)
    assert before == everything(desk)


@ENGINES
def test_a_lost_database_is_told_of_every_event(desk: Any, backups: Backups) -> None:
    """With an empty database every event of ours is listed with its booking's id, and nothing is removed."""
    with desk.open() as slotwright:
        bookings = [booked(desk, slotwright, room) for room in (OPEN_ROOM, WALLED_ROOM, "")]
    backups.put_back(None)
    before = everything(desk)
    with desk.open() as slotwright:
        report = examined(slotwright)
        listed = {
            (each.found.calendar.mailbox, each.found.event.event_id) for each in report.findings if each.found
        }
        assert (marked(desk), 5) == (listed, len(listed))
        assert {each.booking_id for each in bookings} == {each.booking_id for each in report.findings}
        assert {Kind.UNKNOWN} == {each.kind for each in report.findings}
        assert () == settle(report, slotwright.graph, slotwright.store)
    assert before == everything(desk)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(40))
def test_whatever_was_lost_every_event_is_accounted_for(desk: Any, backups: Backups, seed: int) -> None:
    """Random bookings, moves and cancellations around a random backup, put back or lost: 0 unexplained, 0 removed."""
    chance = Random(seed)  # noqa: S311 - it draws examples, not secrets
    living: list[Booking] = []
    backup: Path | str | None = None
    for step in range(8):
        with desk.open() as slotwright:
            doing = chance.choice(["book", "book", "move", "cancel"]) if living else "book"
            if doing == "book":
                day = f"2026-03-{chance.randrange(3, 7):02}"
                living.append(booked(desk, slotwright, chance.choice([OPEN_ROOM, WALLED_ROOM, ""]), day))
            else:
                one = slotwright.store.booking(living.pop(chance.randrange(len(living))).booking_id)
                assert one is not None
                if doing == "cancel":
                    cancel(one, slotwright.store, slotwright.driver, comment="")
                else:
                    to = Target(one.interview.span.start + 15 * chance.randrange(1, 200))
                    with suppress(NotChanged):
                        one = reschedule(
                            one, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True
                        )
                    living.append(one)
                desk.settle()
        if step == seed % 8:
            backup = backups.keep() if seed % 3 else None
    backups.put_back(backup)
    before = everything(desk)
    with desk.open() as slotwright:
        report = examined(slotwright)
        assert (set(), ()) == (marked(desk) - explained(slotwright, report), report.unread)
        assert [] == [each for each in report.findings if each.action is Action.REMOVE]
        settle(report, slotwright.graph, slotwright.store)
    assert before == everything(desk)
