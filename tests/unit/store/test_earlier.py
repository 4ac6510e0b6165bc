"""Bookings that are asked for together, on both engines: all of them in one commit or none, and never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler.booking.booking import Booking, Key
from scheduler.booking.states import State
from scheduler.errors import Impossible
from scheduler.store.ledger import Taken
from scheduler.store.store import Store
from solvers.timeline import Span

ANA, BO, ROOM = "ana@x.example", "bo@x.example", "room@x.example"
Make = Callable[..., Booking]


def test_all_or_none(store: Store, booking: Make) -> None:
    """When somebody is taken in the last one, nothing is left of the others."""
    store.reserve(booking("b-1", 900, (BO,), None))
    with pytest.raises(Taken, match=f"{BO} is already booked at that time by b-1"):
        store.reserve_together([booking("b-2", 600), booking("b-3", 930, (ANA, BO))])
    assert ["b-1"] == [each.booking_id for each in store.bookings()]
    assert {ANA: (), BO: (Span(900, 960),), ROOM: ()} == store.claims([ANA, BO, ROOM], Span(0, 2000))


def test_a_minute_is_not_given_to_two_of_them(store: Store, booking: Make) -> None:
    """Sessions that were planned wrongly do not get around the ledger by being asked for together."""
    with pytest.raises(Taken):
        store.reserve_together([booking("b-1", 600), booking("b-2", 630)])
    assert () == store.bookings()


def test_twice_is_once(store: Store, booking: Make) -> None:
    """A commit whose answer was lost is done again, and finds itself."""
    asked = (booking("b-1", 600), booking("b-2", 700))
    assert asked == store.reserve_together(asked) == store._reserve(asked)
    assert 4 == sum(map(len, store.claims([ANA, ROOM], Span(0, 2000)).values()))


def test_some_of_the_slots(store: Store, booking: Make) -> None:
    """The living booking of one of the slots is returned alone, so that whoever asked sees that it is another one."""
    first = store.reserve(booking("b-1", 600))
    same = replace(booking("b-2", 600), interview=first.interview)
    assert (first,) == store.reserve_together([same, booking("b-3", 700)])
    store.save(first.to(State.CANCELLING).to(State.CANCELLED))
    assert 2 == len(store.reserve_together([same, booking("b-3", 700)]))


@pytest.mark.parametrize("text", ["k", '"%_\\', "Schlüssel", '","body":"'])
def test_a_key_is_found_again(store: Store, booking: Make, text: str) -> None:
    """Whatever it contains, in any state of its booking; another key, or a text that looks like one, is not it."""
    key = Key(text, "1")
    first = replace(booking("b-1", 600), key=key, reason=f'"key":{{"text":"{text}x",')
    store.reserve(first)
    store.save(first.to(State.CANCELLING, reason="").to(State.CANCELLED))
    (found,) = store.reserve_together([replace(booking("b-2", 600), key=key)])
    assert ("b-1", key) == (found.booking_id, found.key)
    with pytest.raises(Impossible, match="with another request, for b-1"):
        store.reserve_together([replace(booking("b-2", 600), key=replace(key, body="2"))])
    for other in (f"{text}x", text.swapcase() + "K"):
        again = store.reserve_together([replace(booking(f"b-{other}", 600), key=Key(other, "1"))])
        assert f"b-{other}" == again[0].booking_id
        store.save(again[0].to(State.CANCELLING).to(State.CANCELLED))


def test_a_key_that_found_its_slot_booked_was_answered(store: Store, booking: Make) -> None:
    """It keeps its answer when that booking has ended, and cannot be used for anything else."""
    first = store.reserve(booking("b-1", 600))
    same = replace(booking("b-2", 600), interview=first.interview, key=Key("k", "1"))
    assert (first,) == store.reserve_together([same])
    store.save(first.to(State.CANCELLING).to(State.CANCELLED))
    assert ["b-1"] == [each.booking_id for each in store.reserve_together([same])]
    with pytest.raises(Impossible):
        store.reserve_together([replace(booking("b-3", 900), key=Key("k", "2"))])
    again = replace(same, key=None)
    assert ["b-2"] == [each.booking_id for each in store.reserve_together([again])]


def test_many_at_once(opened: Callable[..., Store], booking: Make) -> None:
    """Of many who ask with the same key, or for the same loop, at the same moment, one is given it and all see it."""
    stores = [opened() for _ in range(4)]
    seen: list[tuple[str, ...]] = []

    def ask(number: int) -> None:
        loop = [booking(f"b-{number}-{session}", 600 + 100 * session) for session in range(2)]
        slots = [
            replace(each, interview=replace(each.interview, slot_id=f"s-{session}"))
            for session, each in enumerate(loop)
        ]
        keyed = replace(booking(f"b-{number}", 2000 + 100 * number), key=Key("k", "1"))
        together = stores[number].reserve_together(slots)
        seen.append(tuple(each.booking_id for each in (*together, *stores[number].reserve_together([keyed]))))

    threads = [threading.Thread(target=ask, args=[number]) for number in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(stores), 1) == (len(seen), len(set(seen)))
    assert 3 == len(stores[0].bookings())
