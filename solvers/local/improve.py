"""Better plans by annealing, again and again, each run followed by a descent that keeps to the true order of levels."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

import numpy as np

from solvers.check import judge
from solvers.local.anneal import Annealer, Budget, Slice
from solvers.local.count import Count, clash_free
from solvers.local.ground import OUT, Ints, survey
from solvers.local.support import unsupported
from solvers.local.table import FORBIDDEN, Kernels, Rates, Table
from solvers.local.tiers import tiers_of
from solvers.plan import Objective, Plan
from solvers.problem import Problem

_SWEEPS = 4000
"""Steps for each session in one run: more runs are better than longer ones from there on."""
_STAGES = 60
_MANY_SWEEPS = 300
_SLOW = (4.0, 0.1)
"""The first and the last temperature of a run, in what a unit of the top tier is worth, where sweeps are many."""
_QUICK = (1.0, 0.05)
"""The same where they are few."""
_STEEP = 30.0
"""How many units of a tier one unit of the tier above is worth in the final descent."""
_DESCENT = 0.12
"""The part of a run that is the descent."""


def improve(
    problem: Problem,
    plan: Plan,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    work: int | None = None,
    on_better: Callable[[Plan, Objective], None] | None = None,
) -> Plan:
    """A plan that is lawful and, level by level, not worse than the one given; the better, the more time there is.

    It ends early with a plan that costs nothing at any level. Ctrl-C passes through, after `on_better` was
    told of the best plan.

    Args:
        plan: a lawful plan, which may be the empty one if no loop must be held.
        seconds: wall time for all of it.
        work: a limit in steps, of which each tries all places of one session. With one that is reached before the
            seconds are over, the same seed gives the same plan.
        on_better: told of better plans as they are found, lawful each, and of the one returned.

    Raises:
        ValueError: the problem is not one that `suits`, or the plan is not lawful.
        RuntimeError: the search contradicts `solvers.check`, which is a fault of the search.
    """
    budget = Budget(time.monotonic() + seconds, inf if work is None else work)
    if (reason := unsupported(problem)) is not None:
        raise ValueError(f"the local search does not serve {reason}")
    given = judge(problem, plan)
    if not given.lawful:
        raise ValueError(f"the plan to improve is not lawful: {given.violations[0].text}")
    best = _Best(problem, plan, given.objective, on_better)
    if any(given.objective.levels):
        try:
            _Improving(problem, plan, seed, budget, best).run()
        except KeyboardInterrupt:
            best.plan()
            raise
    return best.plan()


class _Best:
    """The best state so far, told of when there is time for it."""

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        objective: Objective,
        on_better: Callable[[Plan, Objective], None] | None,
    ) -> None:
        self.levels = objective.levels
        self._problem = problem
        self._plan = plan
        self._make: Callable[[], Plan] | None = None
        self._on_better = on_better
        self._told = self._cost = 0.0

    def offer(self, levels: tuple[int, ...], make: Callable[[], Plan]) -> None:
        """Take a state if it is better."""
        if levels < self.levels:
            self.levels, self._make = levels, make
            # Making and judging a plan takes a while where pairs are many; it may cost a twentieth of the time.
            if self._on_better is not None and time.monotonic() >= self._told + 20 * self._cost:
                self.plan()

    def plan(self) -> Plan:
        """The plan of the best state."""
        if self._make is not None:
            began = time.monotonic()
            self._plan, self._make = self._make(), None
            judgement = judge(self._problem, self._plan)
            if not judgement.lawful:
                raise RuntimeError(f"the local search broke a rule: {judgement.violations[0].text}")
            if judgement.objective.levels != self.levels:
                raise RuntimeError(
                    f"the local search counts {self.levels}, the judge {judgement.objective.levels}"
                )
            if self._on_better is not None:
                self._on_better(self._plan, judgement.objective)
            self._told = time.monotonic()
            self._cost = self._told - began
        return self._plan


class _Improving:
    """One problem on its way to a better plan."""

    def __init__(self, problem: Problem, plan: Plan, seed: int, budget: Budget, best: _Best) -> None:
        self._budget = budget
        self._best = best
        self._rng = np.random.default_rng(seed)
        self._ground = survey(problem)
        self._count = Count(self._ground)
        self._tiers = tiers_of(self._ground, self._count)
        self._priced = [not tier.attendance_only for tier in self._tiers]
        self._table = Table(self._ground, Kernels(self._ground, self._count, self._tiers), self._tiers)
        self._annealer = Annealer(self._table, self._rng, budget, self._visit)
        self._rooms, self._ticks = self._ground.places(plan)
        self._of_run: tuple[int, ...] | None = None
        self._state = self._rooms, self._ticks
        self._clashes = False
        self._heat = _SLOW

    def run(self) -> None:
        """Anneal until the budget is spent."""
        began = time.monotonic()
        spread = self._spread()
        # A look at every session costs about a sweep, which tells whether there is time for a slow start.
        sweeps = (self._budget.until - began) / max(1e-6, time.monotonic() - began)
        if self._budget.steps < inf:
            sweeps = self._budget.steps / len(self._table.rooms)
        self._heat = _SLOW if sweeps >= _MANY_SWEEPS else _QUICK
        first, taken = True, 0.0
        while not self._done:
            began = time.monotonic()
            sweeps = float(_SWEEPS * len(self._table.rooms))
            if self._budget.steps < inf:
                runs = max(1, round((self._budget.steps - self._budget.taken) / sweeps))
            else:
                runs = 1 if first else max(1, round((self._budget.until - began) / taken))
            part = self._budget.part(1 / runs, sweeps if first and self._budget.steps == inf else inf)
            self._run(part, spread)
            first, taken = False, max(1e-3, time.monotonic() - began)

    @property
    def _done(self) -> bool:
        return self._budget.over or not any(self._best.levels)

    def _rates(self, spread: float, ratio: float, clash: float, out: float) -> tuple[Rates, float]:
        """Rates in which a unit of each tier is worth so many of the tier below, and the worth of the top one."""
        worth, rates = spread, []
        lowest = True
        for tier, priced in zip(reversed(self._tiers), reversed(self._priced), strict=True):
            if not priced:
                rates.append(0.0)
            elif lowest:
                rates.append(1.0)
                lowest = False
            else:
                worth *= ratio
                rates.append(worth / tier.unit)
        attended = any(not priced for priced in self._priced)
        return Rates(tuple(reversed(rates)), clash * worth, out * clash * worth if attended else 0.0), worth

    def _spread(self) -> float:
        """By how much the good places of a session differ in the lowest tier, when the others are anywhere."""
        rates, _ = self._rates(1.0, 0.0, 0.0, 0.0)
        table, ground = self._table, self._ground
        count = len(table.rooms)
        table.reset(rates, [OUT] * count, [0] * count)
        for index in range(count):
            places = np.flatnonzero(ground.lawful[index].any(axis=0))
            if len(places):
                tick = int(self._rng.choice(places))
                room = int(self._rng.choice(np.flatnonzero(ground.lawful[index, :, tick])))
                table.put(index, table.place(room, tick))
        spreads = []
        for index in range(count):
            costs = table.costs(index)
            allowed = costs[costs < FORBIDDEN / 2]
            if len(allowed):
                spreads.append(float(np.quantile(allowed, 0.1) - allowed.min()))
        return max(1.0, float(np.median(spreads))) if spreads else 1.0

    def _run(self, part: Slice, spread: float) -> None:
        table, annealer = self._table, self._annealer
        count = len(table.rooms)
        ratio = 2.0 * float(np.exp(self._rng.uniform(-0.5, 0.5)))
        rates, worth = self._rates(spread, ratio, 5.0, 1.5)
        self._of_run = None
        table.reset(rates, [OUT] * count, [0] * count)
        annealer.fill(self._order())
        stages = _STAGES if count <= 150 else _STAGES // 4
        hot, cold = self._heat[0] * worth, self._heat[1] * worth
        clash = rates.clash
        for stage in range(stages):
            end = (1 - _DESCENT) * (stage + 1) / stages
            self._clashes = False
            annealer.walk(hot * (cold / hot) ** (stage / stages), self._until(part, end))
            if self._done:
                break
            if stage > stages // 3:
                clash *= 1.15 if self._clashes else 1.0
                rates = Rates(rates.tiers, clash, rates.out)
                table.reset(rates, table.rooms, table.ticks)
        self._settle()
        self._descend(part, spread, cold)

    def _descend(self, part: Slice, spread: float, hot: float) -> None:
        """From the best state of the run, with tiers and clashes too dear to trade."""
        table, annealer = self._table, self._annealer
        rates, _ = self._rates(spread, _STEEP, 20.0, 0.5)
        table.reset(rates, *self._state)
        annealer.fill(self._order())
        cold = 0.01 * spread
        stages = _STAGES // 4
        for stage in range(stages):
            end = 1 - _DESCENT * (1 - (stage + 1) / stages)
            annealer.walk(hot * (cold / hot) ** (stage / stages), self._until(part, end))
            if self._done:
                break
        self._settle()

    def _until(self, part: Slice, end: float) -> Callable[[], bool]:
        """Whether so much of a part of the budget is used, or nothing could be better."""
        return lambda: part.used >= end or not any(self._best.levels)

    def _order(self) -> list[int]:
        """Sessions, those first that are long and have many people and few places."""
        ground = self._ground
        need = ground.minutes * (1 + ground.seated.sum(axis=1)) * ground.left_out["unscheduled"]
        places = 1 + ground.lawful.sum(axis=(1, 2))
        order: list[int] = np.lexsort((-need / places, ~ground.due)).tolist()
        return order

    def _visit(self, table: Table) -> None:
        rooms, ticks = np.array(table.rooms, np.int64), np.array(table.ticks, np.int64)
        if self._count.broken(rooms, ticks).any():
            self._clashes = True
        else:
            self._consider(rooms, ticks)

    def _settle(self) -> None:
        """Consider the state at the end of a run, without what clashes."""
        rooms, ticks = clash_free(
            self._count, np.array(self._table.rooms, np.int64), np.array(self._table.ticks, np.int64)
        )
        if not self._count.broken(rooms, ticks).any():
            self._consider(rooms, ticks)

    def _consider(self, rooms: Ints, ticks: Ints) -> None:
        levels = self._count.levels(rooms, ticks)
        if self._of_run is None or levels < self._of_run:
            self._of_run = levels
            self._state = rooms.tolist(), ticks.tolist()
            ground, state = self._ground, self._state
            self._best.offer(levels, lambda: ground.plan(*state))
