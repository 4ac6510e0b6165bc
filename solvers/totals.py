"""The total cost of every start at once.

Scoring the starts of a month one by one would ask each calendar about each of them. But the minutes a meeting
shares with a set of spans are a difference of two prefix sums, so one pass over the window prices all starts
together; and the minutes of all required people add up before that pass, however many people there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, repeat
from operator import add, sub

from solvers.query import Attendee, Query, RoomOption
from solvers.slots import attendee_starts, room_starts
from solvers.timeline import Span, SpanSet

# Above every total a feasible start can have; only starts without a room keep it.
_NO_ROOM = 1 << 62


def total_costs(query: Query) -> list[int]:
    """What `score(query, start).total` is, at place start - window.start, for every start of the window.

    Only the places of feasible starts carry a meaning. Starts whose meeting would not fit in the window have
    no place; the list is empty when no meeting fits at all. Time: a few passes over the window's minutes for
    the query, one more for each optional attendee and each room with minutes to pay for.
    """
    window, minutes, weights = query.window, query.minutes, query.weights
    places = window.minutes - minutes + 1
    if places < 1:
        return []
    since = window.start - query.first_allowed
    totals = [-(-minute // 60) * weights.earliness for minute in range(since, since + places)]

    # Required people attend at every feasible start, so their minutes may be priced together.
    shared = [priced for attendee in query.required for priced in _priced_minutes(query, attendee)]
    if shared:
        totals = list(map(add, totals, _overlap_costs(shared, window, minutes)))

    optional = [(each, attendee_starts(query, each)) for each in query.attendees if not each.required]
    absences = [(starts.complement(window), weights.optional_missing) for _, starts in optional]
    if absences:
        totals = list(map(add, totals, _levels(absences, window)))
    for attendee, starts in optional:
        if priced := list(_priced_minutes(query, attendee)):
            costs = _overlap_costs(priced, window, minutes)
            for first, last in _places(starts, window, places):
                totals[first:last] = map(add, totals[first:last], costs[first:last])

    if query.rooms is not None:
        totals = list(map(add, totals, _room_costs(query, query.rooms, places)))
    return totals


def _priced_minutes(query: Query, attendee: Attendee) -> Iterator[tuple[SpanSet, int]]:
    """The minutes that cost when this attendee attends, with what one of them costs."""
    weights = query.weights
    if attendee.calendar.soft and weights.tentative:
        yield attendee.calendar.soft, weights.tentative
    if attendee.preferred is not None and weights.preferred_hours:
        yield attendee.preferred.complement(query.window), weights.preferred_hours
    if attendee.dislikes and weights.day_part:
        yield attendee.dislikes, weights.day_part


def _levels(priced: Iterable[tuple[SpanSet, int]], window: Span) -> Iterator[int]:
    """For every minute of the window, and one more, the sum of the prices of the sets that hold it."""
    steps = [0] * (window.minutes + 1)
    for spans, price in priced:
        edges = spans.clip(window).edges
        for edge in edges[0::2]:
            steps[edge - window.start] += price
        for edge in edges[1::2]:
            steps[edge - window.start] -= price
    return accumulate(steps)


def _overlap_costs(priced: Iterable[tuple[SpanSet, int]], window: Span, minutes: int) -> list[int]:
    """For every start whose meeting fits in the window, the price of all minutes of the meeting."""
    before = list(accumulate(_levels(priced, window), initial=0))
    before.pop()
    return list(map(sub, before[minutes:], before))


def _places(starts: SpanSet, window: Span, places: int) -> Iterator[tuple[int, int]]:
    """The runs of starts as half-open ranges of places."""
    for run in starts.clip(Span(window.start, window.start + places)):
        yield run.start - window.start, run.end - window.start


def _room_costs(query: Query, rooms: tuple[RoomOption, ...], places: int) -> list[int]:
    """For every start, what the cheapest free room costs.

    Rooms are tried from the best fit on. Where one is free and holds nothing tentative, no later room can be
    cheaper, so that start is settled and later rooms need not look at it.
    """
    window, weights = query.window, query.weights
    best = [_NO_ROOM] * places
    unsettled = SpanSet((window.start, window.start + places))
    for room in sorted(rooms, key=lambda room: room.cost):
        fit = weights.room_fit * room.cost
        usable = room_starts(query, room) & unsettled
        tentative = usable & room.calendar.soft.widen(query.minutes - 1, 0)
        if tentative:
            overlaps = _overlap_costs([(room.calendar.soft, weights.tentative)], window, query.minutes)
            for first, last in _places(tentative, window, places):
                costs = map(add, overlaps[first:last], repeat(fit))
                best[first:last] = map(min, best[first:last], costs)
        settled = usable - tentative
        for first, last in _places(settled, window, places):
            best[first:last] = map(min, best[first:last], repeat(fit))
        unsettled -= settled
        if not unsettled:
            break
    return best
