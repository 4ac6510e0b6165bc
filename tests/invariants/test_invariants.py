"""The checker of invariants is silent after honest work, and finds each violation that is planted."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.cancel import cancel
from scheduler.app.reschedule import Target, reschedule
from scheduler.booking.booking import Booking
from scheduler.booking.states import State
from scheduler.testing.invariants import Told, invariants
from scheduler.testing.tenants import ANA, BEN, OPEN_ROOM, RECRUITER, WALLED_ROOM
from scheduler.wiring import Slotwright


@dataclass(frozen=True)
class Scene:
    """What a violation is planted in."""

    desk: Any
    slotwright: Slotwright
    booking: Booking


Plant = Callable[[Scene], Told | None]


def booked(desk: Any, slotwright: Slotwright, room: str, day: str = "2026-03-03") -> Booking:
    """An hour with Ana and Ben in that room."""
    slots = desk.find(slotwright, [ANA, BEN], between=day, room={"among": [room]})
    booking: Booking = desk.book(slotwright, slots.slots[0])
    desk.settle()
    return booking


def sql(desk: Any, statement: str, *values: object) -> None:
    """Change the database past all that guards it."""
    with closing(sqlite3.connect(Path(desk.settings.database))) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        assert connection.execute(statement, values).rowcount > 0
        connection.commit()


@pytest.mark.parametrize("room", [OPEN_ROOM, WALLED_ROOM])
def test_honest_work_breaks_nothing(desk: Any, room: str) -> None:
    """Booked, moved, and another one cancelled: every invariant holds, and what was told is so."""
    with desk.open() as slotwright:
        stands = booked(desk, slotwright, room)
        to = Target(stands.interview.span.start + 60)
        reschedule(stands, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=True)
        gone = booked(desk, slotwright, room, "2026-03-04")
        cancel(gone, slotwright.store, slotwright.driver, comment="")
        desk.settle()
        told = Told(
            booked=[stands.booking_id],
            refused=[gone.interview.slot_id],
            replies={"k": [stands.booking_id, stands.booking_id]},
        )
        assert () == invariants(slotwright.store, desk.emulator, told=told)


def overlapping(scene: Scene) -> None:
    """I1: a second booking holds the same room."""
    other = booked(scene.desk, scene.slotwright, OPEN_ROOM, "2026-03-05")
    claims = "UPDATE claims SET start_minute = ?, end_minute = ? WHERE booking_id = ?"
    span = scene.booking.interview.span
    sql(scene.desk, claims, span.start, span.end, other.booking_id)


def twin(scene: Scene) -> None:
    """I2: a retry wrote the invitation twice."""
    assert scene.booking.invitation is not None
    body = {**json.loads(scene.booking.invitation.body), "transactionId": "again", "attendees": []}
    scene.desk.outsider("POST", f"/users/{RECRUITER}/events", body)


def elsewhere(scene: Scene) -> None:
    """I2: the reservation is at another time."""
    assert scene.booking.reservation is not None
    times = {
        name: {"dateTime": f"2026-03-06T{hour}:00:00", "timeZone": "UTC"}
        for name, hour in (("start", "13"), ("end", "14"))
    }
    scene.desk.outsider("PATCH", f"/users/{OPEN_ROOM}/events/{scene.booking.reservation.event_id}", times)


def unclaimed(scene: Scene) -> None:
    """I2: a confirmed booking without its claims."""
    scene.slotwright.store.save(scene.booking, hold=[])


def foreign(scene: Scene) -> None:
    """I3: an event of a booking that nobody knows."""
    assert scene.booking.invitation is not None
    text = scene.booking.invitation.body.replace(f"{scene.booking.booking_id}/", "b-unknown/")
    body = {**json.loads(text), "transactionId": "another", "attendees": []}
    scene.desk.outsider("POST", f"/users/{RECRUITER}/events", body)


def lost(_: Scene) -> Told:
    """I4: something was said to be booked that is not there."""
    return Told(booked=["b-lost"])


def left(scene: Scene) -> None:
    """I5: a booking ended and its event stayed."""
    scene.slotwright.store.save(replace(scene.booking, state=State.CANCELLING))
    scene.slotwright.store.save(
        replace(scene.booking, state=State.CANCELLED, invitation=None, reservation=None)
    )


def refused(scene: Scene) -> Told:
    """I5: somebody was told no, and it was booked."""
    return Told(refused=[scene.booking.interview.slot_id])


def twice(scene: Scene) -> None:
    """I6: two bookings stand for one slot."""
    other = booked(scene.desk, scene.slotwright, OPEN_ROOM, "2026-03-04")
    same = replace(other.interview, slot_id=scene.booking.interview.slot_id)
    scene.slotwright.store.save(replace(other, interview=same))


def answered_twice(scene: Scene) -> Told:
    """I6: one request was answered with two bookings."""
    return Told(replies={"key": [scene.booking.booking_id, "b-other"]})


def invited_again(scene: Scene) -> None:
    """I7: a guest gets the same invitation once more."""
    journal = scene.desk.emulator.journal
    journal.add(next(mail for mail in journal.mail if mail.kind == "invitation"))


def updated_for_nothing(scene: Scene) -> None:
    """I7: guests are told of changes that nobody made."""
    assert scene.booking.invitation is not None
    for subject in ("One", "Two"):
        path = f"/users/{RECRUITER}/events/{scene.booking.invitation.event_id}"
        scene.desk.outsider("PATCH", path, {"subject": subject})


def forgotten(scene: Scene) -> None:
    """I8: a booking was left half done."""
    scene.slotwright.store.save(replace(scene.booking, state=State.CANCELLING))
    scene.desk.emulator.clock.advance(301)


def rewritten(scene: Scene) -> None:
    """I9: a row of the audit was changed."""
    sql(scene.desk, "UPDATE audit SET reason = 'by hand' WHERE entry_id = 2")


def unrecorded(scene: Scene) -> None:
    """I9: a booking was changed without a row."""
    sql(scene.desk, "UPDATE bookings SET document = replace(document, '\"confirmed\"', '\"pending\"')")


def jumped(scene: Scene) -> None:
    """I9: a booking took a way that the table of states does not have."""
    scene.slotwright.store.save(replace(scene.booking, state=State.PROVING))
    scene.slotwright.store.save(scene.booking)


def logged(desk: Any, slotwright: Slotwright, *arguments: Any, level: int = logging.INFO) -> set[str]:
    """Which invariants are broken by a line with these arguments in the log."""
    record = logging.LogRecord("scheduler", level, "", 1, "%s was asked", arguments, None)
    return {each.invariant for each in invariants(slotwright.store, desk.emulator, log=[record])}


def test_what_was_logged_is_read(desk: Any) -> None:
    """An address or a token in the log, and anything logged as an error, breaks an invariant; other lines do not."""
    with desk.open() as slotwright:
        assert set() == logged(desk, slotwright, "a room")
        assert {"I10"} == logged(desk, slotwright, ANA.upper())
        assert {"I10"} == logged(desk, slotwright, "Authorization: Bearer eyJ0")
        assert {"I12"} == logged(desk, slotwright, "a room", level=logging.ERROR)


def test_what_is_let_be_is_not_missed(desk: Any) -> None:
    """An event that somebody removed by hand breaks no invariant once a person wants it so."""
    with desk.open() as slotwright:
        booking = booked(desk, slotwright, OPEN_ROOM)
        assert booking.reservation is not None
        desk.outsider("DELETE", f"/users/{OPEN_ROOM}/events/{booking.reservation.event_id}")
        found = {each.invariant for each in invariants(slotwright.store, desk.emulator)}
        assert {"I2"} == found
        assert () == invariants(slotwright.store, desk.emulator, let_be=[booking.booking_id])


IN_PLACE: tuple[tuple[str, Plant], ...] = (
    ("I4", lost),
    ("I5", refused),
    ("I6", answered_twice),
    ("I3", foreign),
    ("I2", twin),
    ("I7", invited_again),
    ("I7", updated_for_nothing),
    ("I2", elsewhere),
    ("I2", unclaimed),
    ("I9", jumped),
    ("I9", unrecorded),
    ("I9", rewritten),
)
WITH_ANOTHER: tuple[tuple[str, Plant], ...] = (
    ("I6", twice),
    ("I1", overlapping),
    ("I5", left),
    ("I8", forgotten),
)


@pytest.mark.parametrize("plants", [IN_PLACE, WITH_ANOTHER])
def test_what_is_planted_is_found(desk: Any, plants: tuple[tuple[str, Plant], ...]) -> None:
    """Each violation in its turn breaks the invariant that forbids it, in a way that was not seen before it."""
    with desk.open() as slotwright:
        scene = Scene(desk, slotwright, booked(desk, slotwright, OPEN_ROOM))
        assert () == invariants(slotwright.store, desk.emulator)
        for name, plant in plants:
            before = set(invariants(slotwright.store, desk.emulator))
            told = plant(scene) or Told()
            found = set(invariants(slotwright.store, desk.emulator, told=told)) - before
            assert name in {each.invariant for each in found}, (plant, found)
