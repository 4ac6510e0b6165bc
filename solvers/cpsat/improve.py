"""Better and better plans: one part of a plan after another is searched for something better, the rest stays.

A plan is better if it is at the first level in which two differ. In a part, all levels are minimised at once, each
weighed so that nothing of the levels below it can outweigh one unit. Where nothing better turns up for a while, a plan
that is different and as good will do, as others are near to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Final

from ortools.sat.python.cp_model import CpModel

from solvers.check import judge
from solvers.cpsat.extract import extract
from solvers.cpsat.magnitude import ceilings
from solvers.cpsat.model import Model
from solvers.cpsat.narrow import Neighbourhood, narrow
from solvers.cpsat.neighbourhoods import Neighbourhoods
from solvers.cpsat.search import Run, hint
from solvers.cpsat.stage import Stage
from solvers.cpsat.variables import Linear
from solvers.plan import Plan
from solvers.problem import Problem

_LARGEST: Final = 2**50
"""Sums beyond this leave the solver little room for its own; lower levels are then not weighed along."""

_PATIENCE: Final = 30, 6
"""Parts in a row that may hold nothing better: so many, and so many for each loop."""

_STALLED: Final = 12
"""After so many parts in vain, small gains will do, and now and then a plan that is different and as good."""

_GREED: Final = 12
"""Otherwise a part must gain one in so many of the units to the bound: where much is asked, the search is over soon."""


@dataclass(frozen=True, eq=False)
class _Goal:
    """What to beat: the levels of a plan, those before the first to stay as good.

    Args:
        bound: of the first level.
        weights: for each level from the first on, so much that lower ones together never outweigh one unit of it.
    """

    first: int
    bound: int
    levels: tuple[int, ...]
    weights: tuple[int, ...]

    def cost(self, levels: Sequence[Linear]) -> Linear:
        """What is minimised."""
        return sum(
            weight * level for weight, level in zip(self.weights, levels[self.first :], strict=True) if weight
        )

    def gain(self, turn: int | None) -> int:
        """How much less a part must cost: a good part of the way to the bound; by turns 0, 1 and that when stalled."""
        if turn is not None and turn % 3 < 2:
            return turn % 3
        return max(1, (self.levels[self.first] - self.bound) * self.weights[0] // _GREED)


@dataclass(frozen=True, eq=False)
class _Part:
    drawn: Neighbourhood
    gain: int
    model: Model


def improvements(
    stage: Stage,
    start: Plan,
    first: int,
    neighbourhoods: Neighbourhoods,
    *,
    bound: int,
    attempt: Callable[[Sequence[CpModel], Callable[[], None]], Sequence[Run] | None],
    at_once: int,
) -> Iterator[Plan]:
    """Better and better plans, until no part is expected to hold another one.

    Args:
        start: a plan that may leave out loops that must be scheduled.
        first: index of the first level that may change; those before stay as good.
        bound: no plan has less at the first level.
        attempt: solves models side by side and does something meanwhile; None ends it all.
        at_once: how many.
    """
    problem, plan = stage.problem, start
    goal = _Goal(first, bound, judge(problem, plan).objective.levels, _weights(problem, first))
    neighbourhoods.settle(plan)
    patience = _PATIENCE[0] + _PATIENCE[1] * len(stage.choices.loops)
    waited = 0
    parts: list[_Part] = []
    ahead: list[_Part] = []

    def prepare() -> None:
        """Build the next parts, on the plan as it is now; they are dropped if it changes before their turn."""
        turn = waited // at_once if waited >= _STALLED else None
        gain = goal.gain(turn)
        drawn = [each for _ in range(at_once) if (each := neighbourhoods.draw()) is not None]
        ahead.extend(_part(stage, plan, each, goal, gain) for each in drawn)

    while waited < patience and goal.weights:
        if not ahead:
            prepare()
        parts, ahead = ahead, []
        done = attempt([part.model.variables.model for part in parts], prepare) if parts else None
        if done is None:
            return
        waited += len(parts)
        before = plan
        for part, run in zip(parts, done, strict=True):
            found = None if run.found is None else extract(part.model.variables, run.found.value)
            levels = goal.levels if found is None else judge(problem, found).objective.levels
            searched = run.infeasible or (run.found is not None and run.found.proved)
            barren = searched and part.gain <= 1 and levels == goal.levels
            neighbourhoods.learn(part.drawn, searched=searched, barren=barren)
            if found is not None and (levels < goal.levels or (plan is before and levels == goal.levels)):
                waited = 0 if levels < goal.levels else waited
                plan, goal = found, replace(goal, levels=levels)
        if plan != before:
            neighbourhoods.settle(plan)
            ahead.clear()
        if not waited:
            yield plan


def _part(stage: Stage, plan: Plan, drawn: Neighbourhood, goal: _Goal, gain: int) -> _Part:
    """The model of a neighbourhood, in which only what costs so much less is possible."""
    model = stage.part(narrow(stage.choices, plan, drawn))
    cp = model.variables.model
    for level, most in zip(model.levels[: goal.first], goal.levels, strict=False):
        if not isinstance(level, int):
            cp.add(level <= most)
    cost, value = goal.cost(model.levels), goal.cost(goal.levels)
    assert isinstance(value, int)
    most = value - gain
    if isinstance(cost, int):
        cp.add_bool_or([model.variables.true if cost <= most else model.variables.false])
    else:
        cp.minimize(cost)
        cp.add(cost <= most)
        if gain:
            hint(cp, model.variables.values(plan))
    return _Part(drawn, gain, model)


def _weights(problem: Problem, first: int) -> tuple[int, ...]:
    """A weight for each level from the first on, above all that follow; 0 for the last ones if numbers run out."""
    most = ceilings(problem)[first:]
    for count in range(len(most), 0, -1):
        weights = [prod(each + 1 for each in most[index + 1 : count]) for index in range(count)]
        if count == 1 or weights[0] * (most[0] + 1) < _LARGEST:
            return (*weights, *[0] * (len(most) - count))
    return ()
