"""Which slots are chosen, and in which order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from solvers import Attendee, Query, Ranking, RoomOption, Span, Weights, rank

Person = Callable[..., Attendee]
Room = Callable[..., RoomOption]
Ask = Callable[..., Query]


def starts(ranking: Ranking) -> list[int]:
    """The chosen starts, best first."""
    return [slot.start for slot in ranking.slots]


def test_cheapest_first_then_earliest(person: Person, ask: Ask) -> None:
    """Equal totals come in order of start; a cheaper later start comes before them."""
    query = ask(person("ann", soft=[(0, 58)]), weights=Weights(earliness=0))
    assert starts(rank(query, 5)) == [58, 59, 60, 57, 56]


def test_chosen_starts_keep_apart_on_both_sides(person: Person, ask: Ask) -> None:
    """A start exactly so far from every chosen one is taken, a minute nearer is passed over."""
    query = ask(person("ann", soft=[(0, 30), (90, 120)]), weights=Weights(earliness=0))
    assert starts(rank(query, 5, apart=30)) == [30, 0, 60]
    assert starts(rank(query, 5, apart=31)) == [30]


def test_counts_every_feasible_start_chosen_or_not(person: Person, ask: Ask) -> None:
    """The limit and the distance cut the slots, not the count."""
    assert rank(ask(person("ann")), 2, apart=20).feasible == 61
    assert len(rank(ask(person("ann")), 2, apart=20).slots) == 2


def test_nothing_feasible_is_an_empty_ranking(person: Person, ask: Ask) -> None:
    """No start, no slot, and no error, also where the meeting is longer than the window."""
    assert Ranking((), 0) == rank(ask(person("ann", open=[])), 5)
    assert Ranking((), 0) == rank(ask(person("ann"), minutes=500), 5)


def test_a_better_room_makes_a_better_slot(room: Room, ask: Ask) -> None:
    """The cost of the cheapest room that is free then decides between starts."""
    rooms = (room("aula", 1, open=[(30, 120)]), room("baie", 5, soft=[(110, 120)]))
    ranking = rank(ask(rooms=rooms, window=Span(0, 120), weights=Weights(earliness=0)), 61)
    assert list(range(30, 61)) + list(range(30)) == starts(ranking)
    assert {(1, "aula"), (5, "baie")} == {(slot.total, slot.room) for slot in ranking.slots}


def test_a_tentative_room_may_still_be_the_cheapest(room: Room, ask: Ask) -> None:
    """While a good room is tentative, a worse one is proposed exactly where it costs less."""
    rooms = (room("aula", 0, soft=[(0, 10)]), room("baie", 8))
    ranking = rank(ask(rooms=rooms, weights=Weights(earliness=0, tentative=1)), 61)
    expected = {
        0: (8, "baie"),
        1: (8, "baie"),
        2: (8, "aula"),
        3: (7, "aula"),
        9: (1, "aula"),
        10: (0, "aula"),
    }
    found = {slot.start: (slot.total, slot.room) for slot in ranking.slots}
    assert expected == {start: found[start] for start in expected}


def test_refuses_impossible_wishes(person: Person, ask: Ask) -> None:
    """At least one slot, and no negative distance."""
    with pytest.raises(ValueError, match="at least 1 slot"):
        rank(ask(person("ann")), 0)
    with pytest.raises(ValueError, match="0 or more minutes apart"):
        rank(ask(person("ann")), 1, apart=-1)
