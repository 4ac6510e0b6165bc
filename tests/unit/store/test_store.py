"""Offers, bookings and claims survive, and claims never overlap, on either engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from scheduler.booking.booking import Booking, RoomChoice
from scheduler.booking.states import State
from scheduler.errors import StoreError
from scheduler.store.ledger import Claim, Taken
from scheduler.store.store import JournalEntry, Store
from scheduler.store.tables import claims
from solvers.timeline import Span, SpanSet

ANA, BO, ROOM, OTHER = "ana@x.example", "bo@x.example", "room@x.example", "other@x.example"
Make = Callable[..., Booking]
Open = Callable[..., Store]


def claimed(booking: Booking, *resources: str) -> list[Claim]:
    """These resources over the booking's span."""
    return [Claim(resource, booking.interview.span) for resource in resources]


def held(store: Store, resource: str) -> SpanSet:
    """What the ledger holds of a resource."""
    return store.claimed([resource], Span(0, 10_000))[resource]


def test_a_booking_comes_back_as_it_was(store: Store, opened: Open, booking: Make) -> None:
    """Everything of a booking survives the process."""
    asked = store.reserve(booking("b-1", 600))
    store.close()
    again = opened()
    assert (asked, (asked,)) == (again.booking("b-1"), again.bookings())


def test_solutions_come_back_the_latest_first(store: Store, opened: Open) -> None:
    """What was solved is found by its id; solving it again makes it the latest; an unknown id is nothing."""
    store.remember_solution("r-1", "{}")
    store.close()
    later = opened(at=2000)
    later.remember_solution("r-2", "[]")
    assert ("{}", None, ("r-2", "r-1")) == (later.solution("r-1"), later.solution("r-3"), later.solutions())
    latest = opened(at=3000)
    latest.remember_solution("r-1", "{}")
    assert ("r-1", "r-2") == latest.solutions()


def test_reserving_claims_people_and_room(store: Store, booking: Make) -> None:
    """Everybody whose time was promised is held, and so is the room."""
    store.reserve(booking("b-1", 600, (ANA, BO)))
    assert [SpanSet((600, 660))] * 3 == [held(store, each) for each in (ANA, BO, ROOM)]


def test_an_overlapping_reservation_changes_nothing(store: Store, booking: Make) -> None:
    """The second booking is refused whole: neither its row nor any of its claims is left."""
    store.reserve(booking("b-1", 600))
    with pytest.raises(Taken, match=f"{ROOM} is already booked at that time by b-1"):
        store.reserve(booking("b-2", 630, (BO,)))
    assert (None, SpanSet()) == (store.booking("b-2"), held(store, BO))


def test_back_to_back_reservations_are_both_kept(store: Store, booking: Make) -> None:
    """Spans are half-open: one ends in the minute in which the next begins."""
    store.reserve(booking("b-1", 600))
    store.reserve(booking("b-2", 660))
    assert SpanSet((600, 720)) == held(store, ANA)


def test_the_same_slot_is_booked_once(store: Store, booking: Make) -> None:
    """A second request for a slot gets the first one's booking."""
    first = store.reserve(booking("b-1", 600))
    again = replace(booking("b-2", 600), interview=first.interview)
    assert (first, 1) == (store.reserve(again), len(store.bookings()))


def test_a_slot_whose_booking_ended_can_be_booked_again(store: Store, booking: Make) -> None:
    """A cancellation gives the claims back and leaves the slot free to be taken."""
    first = store.reserve(booking("b-1", 600))
    store.save(replace(first, state=State.CANCELLED))
    again = replace(booking("b-2", 600), interview=first.interview)
    assert again == store.reserve(again)


def test_a_room_is_exchanged_in_one_commit(store: Store, booking: Make) -> None:
    """The old claim goes and the new one comes together."""
    first = store.reserve(booking("b-1", 600))
    store.save(replace(first, room=RoomChoice(OTHER, OTHER)), hold=claimed(first, ANA, OTHER))
    assert (SpanSet(), SpanSet((600, 660))) == (held(store, ROOM), held(store, OTHER))


def test_a_room_that_is_taken_leaves_the_old_claim(store: Store, booking: Make) -> None:
    """A failed exchange changes nothing at all."""
    first = store.reserve(booking("b-1", 600))
    store.reserve(booking("b-2", 600, (BO,), OTHER))
    with pytest.raises(Taken):
        store.save(replace(first, room=RoomChoice(OTHER, OTHER)), hold=claimed(first, ANA, OTHER))
    assert (SpanSet((600, 660)), first) == (held(store, ROOM), store.booking("b-1"))


def test_our_own_claims_can_be_left_out(store: Store, booking: Make) -> None:
    """A booking that looks again must not stand in its own way."""
    store.reserve(booking("b-1", 600))
    assert SpanSet() == store.claimed([ANA], Span(0, 10_000), except_booking="b-1")[ANA]


def test_the_journal_tells_every_state_in_order(store: Store, booking: Make) -> None:
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


def test_the_database_itself_stands_behind_the_ledger(store: Store, booking: Make) -> None:
    """An overlapping claim is refused by the database, whoever writes it and however."""
    store.reserve(booking("b-1", 600))
    row = {"booking_id": "b-1", "resource": ANA, "start_minute": 659, "end_minute": 700}
    with (
        pytest.raises(IntegrityError, match=r"claims overlap|claims_never_overlap"),
        store.database.engine.begin() as connection,
    ):
        connection.execute(insert(claims).values(row))


def test_a_reservation_done_twice_is_done_once(store: Store, booking: Make) -> None:
    """The same booking again is the one that is there, however far it has come since."""
    first = replace(store.reserve(booking("b-1", 600)), state=State.CANCELLED)
    store.save(first)
    assert (first, 2, SpanSet()) == (
        store.reserve(booking("b-1", 600)),
        len(store.history("b-1")),
        held(store, ANA),
    )


def test_an_unchanged_booking_gets_no_second_line(store: Store, booking: Make) -> None:
    """Saving twice is saving once."""
    changed = replace(store.reserve(booking("b-1", 600)), reason="rita is away")
    store.save(changed)
    store.save(changed)
    assert ["", "rita is away"] == [entry.reason for entry in store.history("b-1")]


def test_a_booking_that_was_never_reserved_cannot_be_saved(store: Store, booking: Make) -> None:
    """There would be no claim behind it."""
    with pytest.raises(StoreError, match=r"b-1 is not in the .*; reserve it first"):
        store.save(booking("b-1", 600))


def test_a_booking_moves_in_one_commit_even_over_itself(store: Store, booking: Make) -> None:
    """The new hour may share minutes with the old one, and the old minutes are free afterwards; so is the old slot."""
    first = store.reserve(booking("b-1", 600))
    later = replace(first, interview=replace(first.interview, slot_id="s-new", span=Span(630, 690)))
    store.save(later, hold=claimed(later, ANA, ROOM))
    assert [SpanSet((630, 690))] * 2 == [held(store, ANA), held(store, ROOM)]
    again = store.reserve(
        replace(booking("b-2", 500), interview=replace(first.interview, span=Span(500, 560)))
    )
    assert ("b-2", later) == (again.booking_id, store.reserve(replace(later, booking_id="b-3")))


def test_a_booking_that_cannot_move_stays(store: Store, booking: Make) -> None:
    """All of the new claims are had, or none of the old ones is given up."""
    first = store.reserve(booking("b-1", 600))
    store.reserve(booking("b-2", 660))
    later = replace(first, interview=replace(first.interview, span=Span(630, 690)))
    with pytest.raises(Taken, match="by b-2"):
        store.save(later, hold=claimed(later, BO, ROOM))
    assert (first, SpanSet((600, 720)), SpanSet()) == (
        store.booking("b-1"),
        held(store, ROOM),
        held(store, BO),
    )


def test_both_engines_put_ids_in_the_order_of_their_bytes(store: Store, booking: Make) -> None:
    """What is shown does not change its order with the engine or with the server's language."""
    for start, name in enumerate(["b-é", "b-a", "b-B", "b-_", "b-10", "b-9"]):
        store.reserve(booking(name, 600 + 60 * start))
    assert ["b-10", "b-9", "b-B", "b-_", "b-a", "b-é"] == [each.booking_id for each in store.bookings()]


def test_time_does_not_end_in_2038(opened: Open, booking: Make) -> None:
    """Seconds that need more than 31 bits are kept, and so are minutes."""
    store = opened(at=2**33)
    store.reserve(booking("b-1", 2**32))
    assert ((2**33,), SpanSet((2**32, 2**32 + 60))) == (
        tuple(entry.at for entry in store.history("b-1")),
        store.claimed([ANA], Span(2**32, 2**32 + 100))[ANA],
    )


def test_any_text_comes_back_as_it_went_in(store: Store) -> None:
    """Quotes, percent signs, backslashes, emoji and other scripts mean nothing to either engine."""
    text = "'; DROP TABLE offers; -- %s %(x)s :x \\ \u202e🗓️ 面接"
    store.remember_offers({text: text})
    assert text == store.offer(text)


def test_a_reader_does_not_wait_for_a_writer(store: Store, booking: Make) -> None:
    """What is committed can be read while somebody writes, and what is not committed is not seen."""
    store.reserve(booking("b-1", 600))
    with store.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM claims")
        assert SpanSet((600, 660)) == held(store, ANA)
