"""Simulated annealing that looks at all places of a session at once.

A step picks a session at random and moves it to a place drawn from the Boltzmann distribution over all of its places,
and over being left out. Drawing is one pass: the least of cost + temperature * noise, where the noise is Gumbel's, has
that distribution. The noise is read from one long table at random offsets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

import numpy as np

from solvers.local.ground import OUT
from solvers.local.table import FORBIDDEN, Table

_NOISE = 2**17


@dataclass
class Budget:
    """What a search may spend, and has spent.

    Args:
        until: a moment of time.monotonic() at which it ends; checked every few hundred steps.
        steps: how many steps it may take.
        taken: how many it has taken.
    """

    until: float
    steps: float = inf
    taken: int = 0

    @property
    def over(self) -> bool:
        """Whether it is spent."""
        return self.taken >= self.steps or time.monotonic() >= self.until

    def part(self, share: float, steps: float = inf) -> Slice:
        """A share of what is left, and no more steps than given."""
        return Slice(self, share, steps)


class Slice:
    """A part of a budget, and how much of it is used."""

    def __init__(self, budget: Budget, share: float, steps: float) -> None:
        self._budget = budget
        self._began, self._first = time.monotonic(), budget.taken
        self._seconds = max(1e-9, (budget.until - self._began) * share)
        self._steps = max(1.0, min(steps, (budget.steps - budget.taken) * share))

    @property
    def used(self) -> float:
        """From 0 to 1, and 1 once it is over.

        Where steps are limited they alone count until the budget itself is over, so that equal steps make equal runs.
        """
        if self._budget.over:
            return 1.0
        by_steps = (self._budget.taken - self._first) / self._steps
        if self._budget.steps < inf:
            return min(1.0, by_steps)
        return min(1.0, max(by_steps, (time.monotonic() - self._began) / self._seconds))


class Annealer:
    """Moves sessions of a table at random.

    Args:
        visit: called with the table every so many steps.
    """

    def __init__(
        self, table: Table, rng: np.random.Generator, budget: Budget, visit: Callable[[Table], None]
    ) -> None:
        self._table = table
        self._rng = rng
        self._budget = budget
        self._visit = visit
        self._noise = np.log(rng.exponential(size=_NOISE + table.size + 1)).astype(np.float32)
        self._scaled = np.empty_like(self._noise)
        self._drawn = np.empty(table.size, np.float32)
        self._batch = max(64, len(table.rooms))

    def fill(self, order: Iterable[int]) -> None:
        """Hold each session that is out at its cheapest place, in this order, unless being out is cheaper."""
        table = self._table
        for index in order:
            if table.rooms[index] == OUT:
                costs = table.costs(index)
                place = int(costs.argmin())
                if costs[place] < min(table.out[index], FORBIDDEN / 2):
                    table.put(index, place)

    def walk(self, temperature: float, enough: Callable[[], bool]) -> None:
        """Take steps at one temperature, at least one batch of them, until it is enough."""
        np.multiply(self._noise, np.float32(temperature), out=self._scaled)
        while True:
            self._take_steps(self._batch)
            self._budget.taken += self._batch
            self._visit(self._table)
            if enough():
                return

    def _take_steps(self, count: int) -> None:
        table, scaled, drawn, size = self._table, self._scaled, self._drawn, self._table.size
        indices = self._rng.integers(len(table.rooms), size=count).tolist()
        offsets = self._rng.integers(_NOISE, size=count).tolist()
        rooms, ticks, out = table.rooms, table.ticks, table.out
        for index, offset in zip(indices, offsets, strict=True):
            costs = table.costs(index)
            np.add(costs, scaled[offset : offset + size], out=drawn)
            place = int(drawn.argmin())
            held = rooms[index] != OUT
            if drawn[place] > FORBIDDEN / 2 or out[index] + scaled[offset + size] < drawn[place]:
                if held and out[index] < FORBIDDEN / 2:
                    table.take(index)
                continue
            if held:
                if place == table.place(rooms[index], ticks[index]):
                    continue
                table.take(index)
            table.put(index, place)
