"""Totals where 64 bits are not enough, and where rooms need not be looked at."""

from __future__ import annotations

from collections.abc import Callable

from solvers import Attendee, Query, RoomOption, Weights, find_starts, score
from solvers.totals import total_costs

Person = Callable[..., Attendee]
Room = Callable[..., RoomOption]
Ask = Callable[..., Query]


def test_points_beyond_64_bits_are_exact(person: Person, room: Room, ask: Ask) -> None:
    """Absurd weights make absurd totals, not wrong ones."""
    weights = Weights(earliness=10**18, tentative=10**30, optional_missing=10**25, room_fit=10**40)
    query = ask(
        person("ann", soft=[(0, 70)]),
        person("bo", required=False, blocked=[(0, 30)], soft=[(90, 95)]),
        rooms=(room("aula", 3, soft=[(60, 90)]), room("baie", 2, blocked=[(0, 50)])),
        weights=weights,
    )
    costs = total_costs(query)
    starts = list(find_starts(query))
    assert [score(query, start).total for start in starts] == [costs[start] for start in starts]
    assert 10**40 < min(costs[start] for start in starts)


def test_an_earliest_beyond_all_reason_prices_nothing(person: Person, ask: Ask) -> None:
    """With no start allowed there are places, but none of them matters."""
    assert 61 == len(total_costs(ask(person("ann"), earliest=10**30)))
    assert 0 == len(total_costs(ask(person("ann"), minutes=121)))


def test_known_starts_cost_what_they_cost_anyway(room: Room, ask: Ask) -> None:
    """Told the feasible starts, the search may skip rooms, but no feasible start gets another total."""
    rooms = tuple(room(f"room {at}", at, open=[(at % 50, at % 50 + 60)]) for at in range(150))
    query = ask(rooms=rooms)
    found = find_starts(query)
    all_costs, costs = total_costs(query), total_costs(query, found)
    assert [all_costs[start] for start in found] == [costs[start] for start in found]
    assert [score(query, start).total for start in found] == [costs[start] for start in found]
