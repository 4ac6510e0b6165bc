"""Offers, bookings and claims survive, and claims never overlap."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.booking.events import Guest, GuestKind
from scheduler.booking.states import State
from scheduler.errors import StoreError
from scheduler.store.engine import open_engine
from scheduler.store.ledger import Taken
from scheduler.store.store import JournalEntry, Store
from scheduler.store.tables import bookings, claims
from solvers.timeline import Span, SpanSet

ANA, BO, ROOM, OTHER = "ana@x.example", "bo@x.example", "room@x.example", "other@x.example"


def booking(
    booking_id: str, start: int, people: tuple[str, ...] = (ANA,), room: str | None = ROOM
) -> Booking:
    """An hour's interview."""
    guests = tuple(Guest(person, "", GuestKind.REQUIRED) for person in people)
    interview = Interview(
        f"s-{booking_id}", Span(start, start + 60), "UTC", "rita@x.example", "Interview", "", guests, people
    )
    return Booking(booking_id, interview, room=None if room is None else RoomChoice(room, room))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "deep" / "slotwright.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An empty store whose clock stands at 1000."""
    opened = Store(path, clock=lambda: 1000)
    yield opened
    opened.close()


def held(store: Store, resource: str) -> SpanSet:
    """What the ledger holds of a resource."""
    return store.claimed([resource], Span(0, 10_000))[resource]


def test_a_booking_comes_back_as_it_was(store: Store, path: Path) -> None:
    """Everything of a booking survives the process."""
    asked = store.reserve(booking("b-1", 600))
    store.close()
    again = Store(path, clock=lambda: 0)
    assert (asked, (asked,)) == (again.booking("b-1"), again.bookings())
    again.close()


def test_solutions_come_back_the_latest_first(store: Store, path: Path) -> None:
    """What was solved is found by its id; solving it again makes it the latest; an unknown id is nothing."""
    store.remember_solution("r-1", "{}")
    store.close()
    later = Store(path, clock=lambda: 2000)
    later.remember_solution("r-2", "[]")
    assert ("{}", None, ("r-2", "r-1")) == (later.solution("r-1"), later.solution("r-3"), later.solutions())
    latest = Store(path, clock=lambda: 3000)
    latest.remember_solution("r-1", "{}")
    assert ("r-1", "r-2") == latest.solutions()
    later.close()
    latest.close()


def test_reserving_claims_people_and_room(store: Store) -> None:
    """Everybody whose time was promised is held, and so is the room."""
    store.reserve(booking("b-1", 600, (ANA, BO)))
    assert [SpanSet((600, 660))] * 3 == [held(store, each) for each in (ANA, BO, ROOM)]


def test_an_overlapping_reservation_changes_nothing(store: Store) -> None:
    """The second booking is refused whole: neither its row nor any of its claims is left."""
    store.reserve(booking("b-1", 600))
    with pytest.raises(Taken, match=f"{ROOM} is already booked at that time by b-1"):
        store.reserve(booking("b-2", 630, (BO,)))
    assert (None, SpanSet()) == (store.booking("b-2"), held(store, BO))


def test_back_to_back_reservations_are_both_kept(store: Store) -> None:
    """Spans are half-open: one ends in the minute in which the next begins."""
    store.reserve(booking("b-1", 600))
    store.reserve(booking("b-2", 660))
    assert SpanSet((600, 720)) == held(store, ANA)


def test_the_same_slot_is_booked_once(store: Store) -> None:
    """A second request for a slot gets the first one's booking."""
    first = store.reserve(booking("b-1", 600))
    again = replace(booking("b-2", 600), interview=first.interview)
    assert (first, 1) == (store.reserve(again), len(store.bookings()))


def test_a_slot_whose_booking_ended_can_be_booked_again(store: Store) -> None:
    """A cancellation gives the claims back and leaves the slot free to be taken."""
    first = store.reserve(booking("b-1", 600))
    store.save(replace(first, state=State.CANCELLED))
    again = replace(booking("b-2", 600), interview=first.interview)
    assert again == store.reserve(again)


def test_a_room_is_exchanged_in_one_commit(store: Store) -> None:
    """The old claim goes and the new one comes together."""
    first = store.reserve(booking("b-1", 600))
    store.save(replace(first, room=RoomChoice(OTHER, OTHER)), release=ROOM, claim=OTHER)
    assert (SpanSet(), SpanSet((600, 660))) == (held(store, ROOM), held(store, OTHER))


def test_a_room_that_is_taken_leaves_the_old_claim(store: Store) -> None:
    """A failed exchange changes nothing at all."""
    first = store.reserve(booking("b-1", 600))
    store.reserve(booking("b-2", 600, (BO,), OTHER))
    with pytest.raises(Taken):
        store.save(replace(first, room=RoomChoice(OTHER, OTHER)), release=ROOM, claim=OTHER)
    assert (SpanSet((600, 660)), first) == (held(store, ROOM), store.booking("b-1"))


def test_our_own_claims_can_be_left_out(store: Store) -> None:
    """A booking that looks again must not stand in its own way."""
    store.reserve(booking("b-1", 600))
    assert SpanSet() == store.claimed([ANA], Span(0, 10_000), except_booking="b-1")[ANA]


def test_the_journal_tells_every_state_in_order(store: Store) -> None:
    """What happened can be told afterwards, with time and reason."""
    first = store.reserve(booking("b-1", 600))
    store.save(replace(first, state=State.CANCELLED, reason="withdrawn"))
    expected = (JournalEntry(1000, "claimed", ""), JournalEntry(1000, "cancelled", "withdrawn"))
    assert expected == store.history("b-1")


def test_an_offer_found_again_is_the_newer_one(store: Store) -> None:
    """An id always leads to what was shown last under it."""
    store.remember_offers({"s-1": "old"})
    store.remember_offers({"s-1": "new", "s-2": "other"})
    assert ("new", "other", None) == (store.offer("s-1"), store.offer("s-2"), store.offer("s-3"))


def test_a_generated_calendar_is_remembered(store: Store) -> None:
    """The newest id of a calendar wins."""
    store.remember_calendar(ANA, "Scheduler", "old")
    store.remember_calendar(ANA, "Scheduler", "new")
    assert ("new", None) == (store.calendar_id(ANA, "Scheduler"), store.calendar_id(BO, "Scheduler"))


def test_the_right_to_work_on_a_booking_is_exclusive(store: Store, path: Path) -> None:
    """Two processes never drive the same booking; the right comes back when it is let go."""
    other = Store(path, clock=lambda: 0)
    with (
        store.working_on("b-1") as mine,
        other.working_on("b-1") as theirs,
        other.working_on("b-2") as unrelated,
    ):
        assert (True, False, True) == (mine, theirs, unrelated)
    with other.working_on("b-1") as afterwards:
        assert afterwards
    other.close()


def test_the_trigger_stands_behind_the_ledger(path: Path) -> None:
    """An overlapping claim is refused by the database itself, whoever writes it."""
    engine = open_engine(path)
    with engine.begin() as connection:
        connection.execute(
            insert(bookings).values(
                booking_id="b-1", slot_id="s", state="claimed", document="{}", created_at=0
            )
        )
        connection.execute(
            insert(claims).values(booking_id="b-1", resource=ANA, start_minute=600, end_minute=660)
        )
    with pytest.raises(IntegrityError, match="claims overlap"), engine.begin() as connection:
        connection.execute(
            insert(claims).values(booking_id="b-1", resource=ANA, start_minute=659, end_minute=700)
        )
    engine.dispose()


def test_opening_twice_migrates_once(store: Store, path: Path) -> None:
    """An existing database is opened as it is."""
    store.reserve(booking("b-1", 600))
    again = Store(path, clock=lambda: 0)
    assert again.booking("b-1") is not None
    again.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """The message names the file, and the file is left alone."""
    wrong = tmp_path / "notes.txt"
    wrong.write_text("not a database, but long enough to look like one " * 30)
    with pytest.raises(StoreError, match=r"notes\.txt cannot be opened"):
        Store(wrong, clock=lambda: 0)
    assert wrong.read_text().startswith("not a database")


def test_a_migration_that_dies_can_be_run_again(path: Path) -> None:
    """A half-made schema is rolled back, so the next start makes it whole."""
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE journal (surprise INTEGER)")
    connection.commit()
    with pytest.raises(StoreError):
        Store(path, clock=lambda: 0)
    assert [("journal",)] == connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
    ).fetchall()
    connection.execute("DROP TABLE journal")
    connection.commit()
    connection.close()
    Store(path, clock=lambda: 0).close()
