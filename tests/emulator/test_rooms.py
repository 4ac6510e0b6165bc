"""Booking rooms: by invitation through the attendant, and by a direct write past it."""

from __future__ import annotations

from typing import Any

import pytest

NINE, TEN, ELEVEN = "2026-03-03T09:00:00", "2026-03-03T10:00:00", "2026-03-03T11:00:00"
ROOM = "room-a@contoso.example"


def response_of(client: Any, event_id: str, address: str) -> str:
    """What the organizer's copy knows of one guest's answer."""
    event = client.http.get(f"users/ana@contoso.example/events/{event_id}").json()
    return next(
        guest["status"]["response"]
        for guest in event["attendees"]
        if guest["emailAddress"]["address"] == address
    )


def room_client(make_client: Any, **attendant: Any) -> Any:
    """A client of a tenant with one room of these attendant settings."""
    rooms = [{"address": ROOM, "name": "Room A", "attendant": attendant}]
    return make_client(rooms=rooms)


def test_room_accepts_later(client: Any) -> None:
    """The 201 says nothing; after its delay the room holds a stripped copy, then the row is accepted."""
    made = client.book(NINE, TEN, ROOM, subject="Secret", sensitivity="private").json()
    assert "none" == response_of(client, made["id"], ROOM)
    assert [] == client.events(ROOM)
    client.emulator.clock.advance(4.9)
    assert [] == client.events(ROOM)
    client.emulator.clock.advance(0.1)
    (copy,) = client.events(ROOM)
    assert ("Ana Silva", "", "normal", "busy", False, made["iCalUId"]) == (
        copy["subject"],
        copy["body"]["content"],
        copy["sensitivity"],
        copy["showAs"],
        copy["isOrganizer"],
        copy["iCalUId"],
    )
    assert made["id"] != copy["id"]
    assert "none" == response_of(client, made["id"], ROOM)
    client.emulator.clock.advance(2)
    assert "accepted" == response_of(client, made["id"], ROOM)


def test_second_booking_is_declined(client: Any) -> None:
    """Of two overlapping invitations the later is declined; meetings that only touch are both accepted."""
    first = client.book(NINE, TEN, ROOM).json()
    clash = client.book("2026-03-03T09:59:00", ELEVEN, ROOM).json()
    after = client.book(TEN, ELEVEN, ROOM).json()
    client.emulator.clock.advance(60)
    answers = [response_of(client, made["id"], ROOM) for made in (first, clash, after)]
    assert ["accepted", "declined", "accepted"] == answers
    assert {first["iCalUId"], after["iCalUId"]} == {copy["iCalUId"] for copy in client.events(ROOM)}


def test_secondary_calendar_never_tallies(client: Any) -> None:
    """An event in a secondary calendar reserves the room, but its own row for the room stays none."""
    calendar = client.http.post("users/ana@contoso.example/calendars", json={"name": "Scheduler"}).json()
    assert calendar["isTallyingResponses"] is False
    made = client.book(NINE, TEN, ROOM, where=f"users/ana@contoso.example/calendars/{calendar['id']}").json()
    client.emulator.clock.advance(600)
    assert "none" == response_of(client, made["id"], ROOM)
    assert [made["iCalUId"]] == [copy["iCalUId"] for copy in client.events(ROOM)]


@pytest.mark.parametrize(
    ("settings", "answer", "status"),
    [
        ({}, "accepted", "busy"),
        ({"automate": "AutoUpdate"}, "none", "tentative"),
        ({"automate": "None"}, "none", None),
        ({"maximum_minutes": 59}, "declined", None),
        ({"maximum_minutes": 60}, "accepted", "busy"),
        ({"maximum_minutes": 0}, "accepted", "busy"),
        ({"booking_window_days": 1}, "declined", None),
        ({"booking_window_days": 2}, "accepted", "busy"),
        ({"book_in_policy": ["ben@contoso.example"]}, "declined", None),
        ({"book_in_policy": ["panel@contoso.example"]}, "accepted", "busy"),
        ({"only_work_hours": True}, "accepted", "busy"),
    ],
)
def test_attendant_settings(
    make_client: Any, settings: dict[str, Any], answer: str, status: str | None
) -> None:
    """Each setting of the attendant decides as Exchange documents it."""
    client = room_client(make_client, **settings)
    made = client.book(NINE, TEN, ROOM).json()
    client.emulator.clock.advance(60)
    assert answer == response_of(client, made["id"], ROOM)
    assert ([] if status is None else [status]) == [copy["showAs"] for copy in client.events(ROOM)]


def test_outside_working_hours_is_declined(make_client: Any) -> None:
    """With ScheduleOnlyDuringWorkHours a meeting that ends after five is declined."""
    client = room_client(make_client, only_work_hours=True)
    made = client.book("2026-03-03T16:30:00", "2026-03-03T17:30:00", ROOM).json()
    client.emulator.clock.advance(60)
    assert "declined" == response_of(client, made["id"], ROOM)
    reasons = [effect.reason for effect in client.emulator.journal.effects if effect.name == "declined"]
    assert ["outside working hours"] == reasons


def test_conflicts_allowed(make_client: Any) -> None:
    """With AllowConflicts both meetings are accepted."""
    client = room_client(make_client, allow_conflicts=True)
    for _ in range(2):
        client.book(NINE, TEN, ROOM)
    client.emulator.clock.advance(60)
    assert 2 == len(client.events(ROOM))


WEEKLY = {
    "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
    "range": {"type": "numbered", "startDate": "2026-03-03", "numberOfOccurrences": 30},
}


@pytest.mark.parametrize(
    ("settings", "copies"),
    [
        ({}, 0),
        ({"booking_window_days": 300}, 1),
        ({"enforce_horizon": False}, 1),
        ({"allow_recurring": False}, 0),
    ],
)
def test_series(make_client: Any, settings: dict[str, Any], copies: int) -> None:
    """A series past the booking window is declined whole, unless the window is long or not enforced."""
    client = room_client(make_client, **settings)
    client.book(NINE, TEN, ROOM, recurrence=WEEKLY)
    client.emulator.clock.advance(60)
    assert copies == len(client.events(ROOM))


def test_series_meets_a_conflict(make_client: Any) -> None:
    """One clash of one occurrence declines the whole series."""
    client = room_client(make_client, booking_window_days=300)
    client.book("2026-03-17T09:30:00", "2026-03-17T10:30:00", ROOM)
    series = client.book(NINE, TEN, ROOM, recurrence=WEEKLY).json()
    client.emulator.clock.advance(60)
    assert "declined" == response_of(client, series["id"], ROOM)


def test_direct_write_meets_no_attendant(client: Any) -> None:
    """A write into the room's calendar is 201, the room is organizer, nothing is checked or stripped."""
    where = f"users/{ROOM}"
    made = [client.book(NINE, TEN, where=where, subject="Secret") for _ in range(2)]
    assert [201, 201] == [answer.status_code for answer in made]
    assert [(ROOM, "Secret", True)] * 2 == [
        (
            event["organizer"]["emailAddress"]["address"],
            event["subject"],
            event["isOrganizer"],
        )
        for event in client.events(ROOM)
    ]


def test_move_is_judged_again(client: Any) -> None:
    """A new time resets the room's answer; a time taken by another meeting frees the room's copy."""
    client.book(TEN, ELEVEN, ROOM)
    made = client.book(NINE, TEN, ROOM).json()
    client.emulator.clock.advance(60)
    path = f"users/ana@contoso.example/events/{made['id']}"
    client.http.patch(path, json={"end": {"dateTime": "2026-03-03T10:30:00", "timeZone": "UTC"}})
    assert "none" == response_of(client, made["id"], ROOM)
    client.emulator.clock.advance(60)
    assert "declined" == response_of(client, made["id"], ROOM)
    assert 1 == len(client.events(ROOM))


@pytest.mark.parametrize("way", ["cancel", "delete"])
def test_room_is_freed(client: Any, way: str) -> None:
    """Cancelling and deleting the organizer's event both free the room, a moment later."""
    made = client.book(NINE, TEN, ROOM).json()
    client.emulator.clock.advance(60)
    path = f"users/ana@contoso.example/events/{made['id']}"
    answer = client.http.delete(path) if way == "delete" else client.http.post(f"{path}/cancel", json={})
    assert {"cancel": 202, "delete": 204}[way] == answer.status_code
    assert 1 == len(client.events(ROOM))
    client.emulator.clock.advance(60)
    assert [] == client.events(ROOM)


def test_own_old_time_is_no_conflict(client: Any) -> None:
    """A meeting moved onto a part of its old time is accepted again, and the answer is tallied again."""
    made = client.book(NINE, TEN, ROOM).json()
    client.emulator.clock.advance(60)
    path = f"users/ana@contoso.example/events/{made['id']}"
    client.http.patch(path, json={"end": {"dateTime": "2026-03-03T10:30:00", "timeZone": "UTC"}})
    client.emulator.clock.advance(60)
    assert "accepted" == response_of(client, made["id"], ROOM)
    assert ["2026-03-03T10:30:00.0000000"] == [copy["end"]["dateTime"] for copy in client.events(ROOM)]
