"""The main job in the name of people who consented: what they may do is what is done, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from scheduler.app.cancel import cancel
from scheduler.app.explain_time import explain_time
from scheduler.app.reconcile import examine
from scheduler.app.reschedule import at_local_time, reschedule
from scheduler.app.room_catalogue import Choice, import_rooms
from scheduler.booking.booking import RoomState, Route
from scheduler.booking.states import State
from scheduler.errors import InputError
from scheduler.graph.errors import NotAllowed, SignInFailed
from scheduler.testing.tenants import (
    ANA,
    BEN,
    CLIENT_SECRET,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    WALLED_ROOM,
)

PLACES = ("Place.Read.All",)
WRITING = ("Place.Read.All", "Calendars.ReadWrite.Shared")
CSV = b"address,name,seats\nroom.walled@small.example,Walled,6\nroom.open@small.example,Open,6\n"


def consent_for_all(people: Any, *scopes: str) -> None:
    """An administrator consents for the organization."""
    app = people.desk.settings.client_id
    people.control("apps", client_id=app, consents=[{"scopes": list(scopes)}] if scopes else [])


def slot_in(desk: Any, slotwright: Any, room: str) -> Any:
    """The best slot with Ana in this room."""
    return desk.find(slotwright, [ANA], room={"among": [room]}).slots[0]


def living(desk: Any, mailbox: str) -> int:
    """How many events of a mailbox are not cancelled."""
    return sum(not event["isCancelled"] for event in desk.events(mailbox))


@pytest.mark.parametrize("room", [WALLED_ROOM, pytest.param(OPEN_ROOM, marks=pytest.mark.campaign)])
def test_rooms_are_invited_by_the_second_identity(people: Any, room: str) -> None:
    """Without a scope to write others' calendars each room is invited from the scheduling user's calendar."""
    consent_for_all(people, *PLACES)
    people.connect(RECRUITER, SCHEDULING_USER)
    desk = people.desk
    with desk.open() as slotwright:
        booking = desk.book(slotwright, slot_in(desk, slotwright, room))
        assert (State.CONFIRMED, Route.SCHEDULER) == (booking.state, booking.route), booking.reason
        (event,) = desk.events(SCHEDULING_USER)
        assert [room] == [guest["emailAddress"]["address"] for guest in event["attendees"]]
        desk.settle()
        assert [1, 1, 1] == [living(desk, each) for each in (RECRUITER, ANA, room)]
        later = at_local_time("2026-03-05T10:00", "UTC")
        moved = reschedule(
            booking, slotwright.graph, slotwright.store, slotwright.driver, to=later, wait=True
        )
        assert (State.CONFIRMED, later.start) == (moved.state, moved.interview.span.start), moved.reason
        gone = cancel(moved, slotwright.store, slotwright.driver, comment="off")
    desk.settle()
    assert (State.CANCELLED, 0) == (gone.state, sum(living(desk, each) for each in (ANA, RECRUITER, room)))


def test_a_room_shared_for_writing_is_written(people: Any) -> None:
    """With the scope and the folder right the room's own calendar is written, and proved there."""
    consent_for_all(people, *WRITING)
    people.connect(RECRUITER, SCHEDULING_USER)
    desk = people.desk
    with desk.open() as slotwright:
        booking = desk.book(slotwright, slot_in(desk, slotwright, OPEN_ROOM))
        other = desk.book(slotwright, slot_in(desk, slotwright, WALLED_ROOM))
    assert [(Route.DIRECT, RoomState.VERIFIED), (Route.SCHEDULER, RoomState.VERIFIED)] == [
        (each.route, each.room_state) for each in (booking, other)
    ]
    assert 1 == living(desk, SCHEDULING_USER)


def test_the_organizer_alone_books_too(people: Any) -> None:
    """Without a scheduling user the generated calendar is in the organizer's own mailbox."""
    consent_for_all(people, *PLACES)
    people.settings(scheduling_user="")
    people.connect(RECRUITER)
    desk = people.desk
    with desk.open() as slotwright:
        booking = desk.book(slotwright, slot_in(desk, slotwright, WALLED_ROOM))
    assert (State.CONFIRMED, Route.SCHEDULER) == (booking.state, booking.route)
    assert (2, 0) == (living(desk, RECRUITER), living(desk, SCHEDULING_USER))


def test_a_second_identity_that_did_not_sign_in(people: Any) -> None:
    """Nobody acts for the scheduling user: the search says so, and a booking is taken back with nothing left behind."""
    consent_for_all(people, *PLACES)
    people.connect(RECRUITER)
    desk = people.desk
    with desk.open() as slotwright:
        found = desk.find(slotwright, [ANA], room={"among": [WALLED_ROOM]})
        assert any(f"calendars of {SCHEDULING_USER} cannot be read" in note for note in found.notes)
        booking = desk.book(slotwright, found.slots[0])
    desk.settle()
    assert State.CONFIRMED is not booking.state
    assert "no calendar to invite the room from" in booking.reason
    assert 0 == living(desk, WALLED_ROOM)


def test_whoever_is_named_and_did_not_sign_in_books_nothing(people: Any) -> None:
    """Free/busy is read through whoever signed in; somebody else's calendar is not written, and nothing is left."""
    consent_for_all(people, *PLACES)
    people.connect(RECRUITER)
    desk = people.desk
    with desk.open() as slotwright:
        booking = desk.book(slotwright, desk.find(slotwright, [ANA], organizer=BEN).slots[0])
    assert (State.UNDONE, True) == (booking.state, "the invitation was refused" in booking.reason)
    assert 0 == sum(len(desk.events(each)) for each in (ANA, BEN, RECRUITER))


class TestWithoutPlaces:
    """Rooms cannot be listed without Place.Read.All, which only an administrator gives."""

    def test_nothing_is_proposed_before_an_import(self, people: Any) -> None:
        """The search says that rooms cannot be listed, and how they become known; so for one that is named."""
        people.connect(RECRUITER, SCHEDULING_USER)
        desk = people.desk
        with desk.open() as slotwright:
            found = desk.find(slotwright, [ANA], room={})
            assert ((), True) == (found.slots, any("may not list the rooms" in note for note in found.notes))
            assert desk.find(slotwright, [ANA]).slots
            with pytest.raises(InputError, match="rooms import --csv"):
                desk.find(slotwright, [ANA], room={"among": [WALLED_ROOM]})

    def test_imported_rooms_are_used(self, people: Any) -> None:
        """A CSV file is enough to import, to find, to book, to move and to reconcile."""
        people.connect(RECRUITER, SCHEDULING_USER)
        desk = people.desk
        with desk.open() as slotwright:
            graph, store = slotwright.graph, slotwright.store
            imported = import_rooms(Choice(csv=("rooms.csv", CSV)), graph, store, as_mailbox=RECRUITER)
            assert (OPEN_ROOM, WALLED_ROOM) == tuple(sorted(imported.new))
            found = desk.find(slotwright, [ANA], room={})
            assert any("as they were imported" in note for note in found.notes)
            booking = desk.book(slotwright, found.slots[0])
            assert State.CONFIRMED is booking.state, booking.reason
            later = at_local_time("2026-03-05T10:00", "UTC")
            moved = reschedule(booking, graph, store, slotwright.driver, to=later, wait=True)
            assert State.CONFIRMED is moved.state
            when = ("2026-03-02", "2026-03-06", "UTC")
            explained = explain_time(WALLED_ROOM, *when, graph, store, organizer=RECRUITER)
            assert "hours do not bind a room" == explained.hours
            report = examine(graph, store, slotwright.rules, past=0, ahead=10_000)
            assert () == report.findings

    def test_offices_need_places(self, people: Any) -> None:
        """An import by office says which permission is missing, and writes nothing."""
        people.connect(RECRUITER)
        with people.desk.open() as slotwright, pytest.raises(NotAllowed):
            import_rooms(
                Choice(offices=["Main"], csv=("rooms.csv", CSV)),
                slotwright.graph,
                slotwright.store,
                as_mailbox=RECRUITER,
            )


def test_an_app_with_a_secret_acts_for_people_too(people: Any) -> None:
    """Somebody connects through an app that proves itself; its refresh proves itself as well."""
    portal = people.desk.emulator.tenant.apps[1].client_id
    people.control("apps", client_id=portal, public=True)
    people.settings(client_id=portal, client_secret=SecretStr(CLIENT_SECRET))
    people.connect(RECRUITER)
    people.control("apps", client_id=portal, public=False)
    people.desk.emulator.clock.advance(4000)
    with people.desk.open() as slotwright:
        assert people.desk.find(slotwright, [ANA]).slots


def test_nobody_signed_in(people: Any) -> None:
    """Every command says who has to connect."""
    with people.desk.open() as slotwright, pytest.raises(SignInFailed, match=f"connect --as {RECRUITER}"):
        people.desk.find(slotwright, [ANA])
