"""What one slot costs and names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from solvers import TERMS, Attendee, Bits, Query, RoomOption, Slot, Span, SpanSet, Weights, score

Person = Callable[..., Attendee]
Room = Callable[..., RoomOption]
Ask = Callable[..., Query]


def units(slot: Slot) -> dict[str, int]:
    """The units of the terms that are not 0."""
    return {cost.term: cost.units for cost in slot.costs if cost.units}


def test_every_slot_lists_every_term_in_order(person: Person, ask: Ask) -> None:
    """A perfect slot lists six terms of no units and costs nothing."""
    slot = score(ask(person("ann")), 0)
    assert tuple(cost.term for cost in slot.costs) == TERMS
    assert units(slot) == {}
    assert slot.total == 0
    assert TERMS == ("earliness", "tentative", "optional_missing", "preferred_hours", "day_part", "room_fit")


@pytest.mark.parametrize(("start", "hours"), [(0, 0), (1, 1), (60, 1)])
def test_earliness_counts_started_hours(person: Person, ask: Ask, start: int, hours: int) -> None:
    """The first minute of waiting starts an hour, the sixty-first the next."""
    assert hours == score(ask(person("ann")), start).costs[0].units


def test_earliness_counts_from_the_first_minute_allowed(person: Person, ask: Ask) -> None:
    """It counts from earliest when that lies in the window, else from the window's start."""
    assert score(ask(person("ann"), earliest=-500), 30).costs[0].units == 1
    assert score(ask(person("ann"), earliest=30), 30).costs[0].units == 0
    assert score(ask(person("ann"), window=Span(0, 400), earliest=30), 151).costs[0].units == 3


def test_tentative_minutes_cost_per_person_and_for_the_proposed_room(
    person: Person, room: Room, ask: Ask
) -> None:
    """Overlap with the meeting itself counts, whoever holds it; buffers and other rooms do not."""
    query = ask(
        person("ann", soft=[(0, 10), (55, 65)]),
        person("bo", soft=[(50, 70)]),
        person("cy", soft=[(60, 70)]),
        rooms=(room("aula", soft=[(0, 60)]), room("baie", soft=[(0, 5)])),
        buffer_after=15,
    )
    slot = score(query, 0)
    assert units(slot) == {"tentative": 10 + 5 + 10 + 5}
    assert slot.soft == ("ann", "bo", "baie")


def test_the_missing_cost_once_and_nothing_else(person: Person, ask: Ask) -> None:
    """An optional person who cannot come counts as missing, and their other minutes count no more."""
    query = ask(
        person("ann"),
        person("bo", required=False, blocked=[(61, 62)], soft=[(0, 60)], preferred=[], dislikes=[(0, 60)]),
        person("cy", required=False),
        buffer_after=2,
    )
    slot = score(query, 0)
    assert units(slot) == {"optional_missing": 1}
    assert (slot.attending, slot.missing) == (("ann", "cy"), ("bo",))
    assert slot.soft == ()


def test_minutes_outside_preferred_hours_and_disliked_minutes(person: Person, ask: Ask) -> None:
    """They add up over the people who attend; None means no preference, no minutes means none is liked."""
    query = ask(
        person("ann", preferred=[(0, 45)], dislikes=[(50, 90)]),
        person("bo", preferred=[]),
        person("cy", preferred=None),
        person("dee", required=False, dislikes=[(0, 3)]),
    )
    assert units(score(query, 0)) == {"preferred_hours": 15 + 60, "day_part": 10 + 3}


def test_the_proposed_room_costs_least_with_its_own_tentative_minutes(room: Room, ask: Ask) -> None:
    """A worse fit wins over a tentative room when that is cheaper; the rest follow in the same order."""
    rooms = (
        room("dune", 11),
        room("cove", 10),
        room("baie", 10),
        room("aula", 0, soft=[(0, 6)]),
        room("eden", 0, blocked=[(59, 60)]),
        room("fjord", 0, unknown=[(0, 1)]),
        room("gulf", 0, open=[(0, 59)]),
    )
    slot = score(ask(rooms=rooms), 0)
    assert slot.room == "baie"
    assert slot.alternatives == ("cove", "dune", "aula")
    assert units(slot) == {"room_fit": 10}
    cheap_doubt = score(ask(rooms=rooms, weights=Weights(tentative=1)), 0)
    assert cheap_doubt.room == "aula"
    assert units(cheap_doubt) == {"tentative": 6}
    assert cheap_doubt.soft == ("aula",)


def test_no_room_is_named_when_none_was_asked_for(person: Person, ask: Ask) -> None:
    """Without rooms in the question, the slot has none and no alternatives."""
    slot = score(ask(person("ann")), 0)
    assert (slot.room, slot.alternatives) == (None, ())


def test_names_come_in_the_order_of_the_question(person: Person, ask: Ask) -> None:
    """Nobody is sorted: the answer names people as they were asked about."""
    query = ask(
        person("zoe", soft=[(0, 1)]),
        person("max", required=False, open=[]),
        person("ann", soft=[(0, 1)]),
        person("kim", required=False, open=[]),
    )
    slot = score(query, 0)
    assert (slot.attending, slot.missing, slot.soft) == (("zoe", "ann"), ("max", "kim"), ("zoe", "ann"))


def test_the_total_weighs_the_terms(person: Person, room: Room, ask: Ask) -> None:
    """Each term counts with its own weight."""
    query = ask(
        person("ann", soft=[(60, 62)], preferred=[(60, 117)], dislikes=[(60, 64)]),
        person("bo", required=False, open=[]),
        rooms=(room("aula", 5),),
        weights=Weights(1, 10, 100, 1000, 10000, 100000),
    )
    slot = score(query, 60)
    assert slot.total == 1 + 2 * 10 + 100 + 3 * 1000 + 4 * 10000 + 5 * 100000
    assert (slot.start, slot.end) == (60, 120)


def test_refuses_a_start_that_is_not_feasible(person: Person, room: Room, ask: Ask) -> None:
    """The message tells whether the time, a person or the rooms stand in the way."""
    with pytest.raises(ValueError, match="no meeting may start at minute 61"):
        score(ask(person("ann")), 61)
    with pytest.raises(ValueError, match="no meeting may start at minute 1"):
        score(ask(person("ann"), starts=Bits.grid(Span(0, 120), 5, 0)), 1)
    with pytest.raises(ValueError, match="no meeting may start at minute 0"):
        score(ask(person("ann"), candidate=SpanSet.of([(1, 120)])), 0)
    with pytest.raises(ValueError, match="required attendee cannot be there at minute 0"):
        score(ask(person("ann", blocked=[(0, 1)])), 0)
    with pytest.raises(ValueError, match="no room is free at minute 0"):
        score(ask(person("ann"), rooms=(room("aula", blocked=[(0, 1)]),)), 0)
