"""The total cost of every start at once.

Scoring the starts of a month one by one would ask each calendar about each of them. But the minutes a meeting
shares with a set of spans are a difference of two prefix sums, so one pass over the window prices all starts
together; and the minutes of all required people add up before that pass, however many people there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.query import Attendee, Query, RoomOption
from solvers.slots import attendee_starts, free_starts_in_turn
from solvers.timeline import Bits, Span, SpanSet

# Points, as 64-bit integers or, where those could overflow, as Python's.
Points = NDArray[Any]


def total_costs(query: Query, starts: Bits | None = None) -> Points:
    """What `score(query, start).total` is, at place start - window.start, for every start of the window.

    Only the places of feasible starts carry a meaning. Starts whose meeting would not fit in the window have
    no place; the array is empty when no meeting fits at all. Time: a few passes over the window's minutes for
    the query, one more for each optional attendee and each room with minutes to pay for.

    Args:
        query: the question.
        starts: the feasible starts, when they are known: rooms are looked at only until these have the best.
    """
    window, minutes, weights = query.window, query.minutes, query.weights
    places = window.minutes - minutes + 1
    ceiling = _ceiling(query)
    exact = np.dtype(np.int64 if ceiling < 1 << 61 else object)
    if places < 1:
        return np.empty(0, exact)
    # Earliness counts from the first start allowed; before it there is nothing to price.
    since = max(window.start - query.first_allowed, -places)
    totals: Points = -(-np.arange(since, since + places) // 60).astype(exact) * weights.earliness

    # Required people attend at every feasible start, so their minutes may be priced together.
    shared = [priced for attendee in query.required for priced in _priced_minutes(query, attendee)]
    if shared:
        totals += _overlap_costs(shared, window, minutes, exact)

    for attendee in query.attendees:
        if not attendee.required:
            fitting = Span(window.start, window.start + places)
            attended = Bits.from_spans(fitting, attendee_starts(query, attendee)).offsets()
            totals += weights.optional_missing
            totals[attended] -= weights.optional_missing
            if priced := list(_priced_minutes(query, attendee)):
                totals[attended] += _overlap_costs(priced, window, minutes, exact)[attended]

    if query.rooms is not None:
        unsettled = Bits.full(window) if starts is None else starts
        # Above every cost a room can have; only starts without a room keep it.
        without = np.full(places, ceiling, exact)
        totals += _room_costs(query, query.rooms, unsettled, without)
    return totals


def _ceiling(query: Query) -> int:
    """A number of points above every total, and every sum on the way to it."""
    dearest_room = max((room.cost for room in query.rooms or ()), default=0)
    units = (query.window.minutes + 60) * (len(query.attendees) + 1) + dearest_room
    heaviest: int = sum(astuple(query.weights))
    return units * heaviest + 1


def _priced_minutes(query: Query, attendee: Attendee) -> Iterator[tuple[SpanSet, int]]:
    """The minutes that cost when this attendee attends, with what one of them costs."""
    weights = query.weights
    if attendee.calendar.soft and weights.tentative:
        yield attendee.calendar.soft, weights.tentative
    if attendee.preferred is not None and weights.preferred_hours:
        yield attendee.preferred.complement(query.window), weights.preferred_hours
    if attendee.dislikes and weights.day_part:
        yield attendee.dislikes, weights.day_part


def _overlap_costs(
    priced: Iterable[tuple[SpanSet, int]], window: Span, minutes: int, exact: np.dtype[Any]
) -> Points:
    """For every start whose meeting fits in the window, the price of all minutes of the meeting."""
    prices = np.zeros(window.minutes + 1, exact)
    for spans, price in priced:
        # Within one set no edge comes twice, so each step is made.
        edges = np.array(spans.clip(window).edges, np.int64) - window.start
        prices[edges[0::2]] += price
        prices[edges[1::2]] -= price
    before = np.zeros(window.minutes + 1, exact)
    np.cumsum(np.cumsum(prices[:-1]), out=before[1:])
    return before[minutes:] - before[:-minutes]


def _room_costs(query: Query, rooms: tuple[RoomOption, ...], unsettled: Bits, best: Points) -> Points:
    """For every unsettled start, what the cheapest free room costs, if it costs less than the best so far.

    Rooms are tried from the best fit on. Where one is free and holds nothing tentative, no later room can be
    cheaper, so that start is settled and later rooms need not look at it.
    """
    window, weights, minutes = query.window, query.weights, query.minutes
    rooms = tuple(sorted(rooms, key=lambda room: room.cost))
    tables = free_starts_in_turn([room.calendar for room in rooms], window, minutes)
    for room, free in zip(rooms, chain.from_iterable(tables), strict=True):
        usable = free & unsettled
        soft, fit = room.calendar.soft, weights.room_fit * room.cost
        tentative = usable & Bits.from_spans(window, soft.widen(minutes - 1, 0))
        if tentative:
            offsets = tentative.offsets()
            overlaps = _overlap_costs([(soft, weights.tentative)], window, minutes, best.dtype)
            best[offsets] = np.minimum(best[offsets], overlaps[offsets] + fit)
        settled = usable - tentative
        if settled:
            offsets = settled.offsets()
            best[offsets] = np.minimum(best[offsets], fit)
            unsettled -= settled
            if not unsettled:
                break
    return best
