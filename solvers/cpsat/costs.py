"""Prices that depend on when a session starts, as steps: so much from here, so much more from there."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from solvers.cpsat.options import Choice, Grid, Name
from solvers.cpsat.variables import Linear, Literal, Variables
from solvers.problem import Session
from solvers.timeline import Span, SpanSet


def stepped(
    variables: Variables, name: Name, possible: SpanSet, prices: Mapping[int, SpanSet], condition: Literal
) -> Linear:
    """What the start of a session costs if the condition holds: at least that, and just that at its least.

    With prices p1 < p2 < ... it is p1 * b1 + (p2 - p1) * b2 + ..., where bk holds if the start costs pk or more.

    Args:
        possible: the ticks at which the session starts if the condition holds.
        prices: ticks by their price, each tick once; the others are free.
    """
    total: Linear = 0
    below = 0
    dear = SpanSet.union(prices.values()) & possible
    for price in sorted(prices):
        if price > below and dear:
            cheaper = possible - dear
            if cheaper:
                costs: Literal = variables.model.new_bool_var(f"{'/'.join(name)} costs {price}")
                variables.require_start(name, cheaper, [condition, ~costs])
            else:
                costs = condition
            total = total + costs * (price - below)
        below = max(below, price)
        dear -= prices[price]
    return total


def delay(variables: Variables, name: Name) -> Linear:
    """Started steps of the grid from the horizon's start to the session's: at least these, 0 if it is not held."""
    choice = variables.choices[name]
    if not choice.session.delay_cost:
        return 0
    # Ticks are counted from the first permitted start, which may lie after the horizon's.
    late = int(choice.grid.origin > variables.problem.start)
    least, most = late + choice.ticks.edges[0], late + choice.ticks.edges[-1] - 1
    held = variables.is_scheduled(name)
    steps = variables.model.new_int_var(0, most, f"delay of {'/'.join(name)}")
    variables.model.add(steps >= variables.tick(name) + late).only_enforce_if(held)
    variables.model.add(steps >= held * least)
    return steps


def soft_minutes(choice: Choice, possible: SpanSet, soft: SpanSet) -> dict[int, SpanSet]:
    """The possible ticks at which the session has soft minutes, by how many."""
    minutes = choice.session.minutes
    touching = choice.grid.ticks(soft.widen(minutes - 1, 0)) & possible
    found: dict[int, list[tuple[int, int]]] = {}
    for span in touching:
        for tick in range(span.start, span.end):
            start = choice.grid.minute(tick)
            count = soft.minutes_in(Span(start, start + minutes))
            found.setdefault(count, []).append((tick, tick + 1))
    return {count: SpanSet.of(ticks) for count, ticks in found.items()}


def start_prices(session: Session, grid: Grid) -> dict[int, SpanSet]:
    """The ticks that cost something, by the sum of the prices on them."""
    edges = sorted({edge for start, end, _ in session.start_costs for edge in (start, end)})
    found: dict[int, list[tuple[int, int]]] = {}
    for first, last in pairwise(edges):
        price = sum(each for start, end, each in session.start_costs if start <= first < end)
        if price:
            found.setdefault(price, []).append((first, last))
    by_price = {price: grid.ticks(SpanSet.of(spans)) for price, spans in found.items()}
    return {price: ticks for price, ticks in by_price.items() if ticks}
