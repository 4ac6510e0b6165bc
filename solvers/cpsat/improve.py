"""Better and better plans: one part of a plan after another is searched for something better, the rest stays.

A plan is better if it is at the first level in which two differ. In a part, all levels are minimised at once, each
weighed so that nothing of the levels below it can outweigh one unit.
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


@dataclass(frozen=True, eq=False)
class _Goal:
    """What to beat: the levels of a plan, those before the first to stay as good.

    Args:
        weights: for each level from the first on, so much that lower ones together never outweigh one unit of it.
    """

    first: int
    levels: tuple[int, ...]
    weights: tuple[int, ...]

    def cost(self, levels: Sequence[Linear]) -> Linear:
        """What is minimised."""
        return sum(
            weight * level for weight, level in zip(self.weights, levels[self.first :], strict=True) if weight
        )


@dataclass(frozen=True, eq=False)
class _Part:
    drawn: Neighbourhood
    model: Model


def improvements(
    stage: Stage,
    start: Plan,
    first: int,
    neighbourhoods: Neighbourhoods,
    *,
    attempt: Callable[[Sequence[CpModel]], Sequence[Run] | None],
    at_once: int,
) -> Iterator[Plan]:
    """Better and better plans, until no part is expected to hold another one.

    Args:
        start: a plan that may leave out loops that must be scheduled.
        first: index of the first level that may change; those before stay as good.
        attempt: solves models side by side; None ends it all.
        at_once: how many.
    """
    problem, plan = stage.problem, start
    goal = _Goal(first, judge(problem, plan).objective.levels, _weights(problem, first))
    neighbourhoods.settle(plan)
    patience = _PATIENCE[0] + _PATIENCE[1] * len(stage.choices.loops)
    waited = 0
    while waited < patience and goal.weights:
        drawn = [each for _ in range(at_once) if (each := neighbourhoods.draw()) is not None]
        parts = [_part(stage, plan, each, goal) for each in drawn]
        done = attempt([part.model.variables.model for part in parts]) if parts else None
        if done is None:
            return
        waited += len(parts)
        for part, run in zip(parts, done, strict=True):
            found = run.found
            searched = run.infeasible or (found is not None and found.proved)
            neighbourhoods.learn(part.drawn, searched=searched, better=found is not None)
            if found is not None:
                better = extract(part.model.variables, found.value)
                levels = judge(problem, better).objective.levels
                if levels < goal.levels:
                    plan, goal, waited = better, replace(goal, levels=levels), 0
        if not waited:
            neighbourhoods.settle(plan)
            yield plan


def _part(stage: Stage, plan: Plan, drawn: Neighbourhood, goal: _Goal) -> _Part:
    """The model of a neighbourhood, in which only something better is possible."""
    model = stage.part(narrow(stage.choices, plan, drawn))
    cp = model.variables.model
    for level, most in zip(model.levels[: goal.first], goal.levels, strict=False):
        if not isinstance(level, int):
            cp.add(level <= most)
    cost, value = goal.cost(model.levels), goal.cost(goal.levels)
    assert isinstance(value, int)
    if isinstance(cost, int):
        cp.add_bool_or([model.variables.true if cost < value else model.variables.false])
    else:
        cp.minimize(cost)
        cp.add(cost <= value - 1)
        hint(cp, model.variables.values(plan))
    return _Part(drawn, model)


def _weights(problem: Problem, first: int) -> tuple[int, ...]:
    """A weight for each level from the first on, above all that follow; 0 for the last ones if numbers run out."""
    most = ceilings(problem)[first:]
    for count in range(len(most), 0, -1):
        weights = [prod(each + 1 for each in most[index + 1 : count]) for index in range(count)]
        if count == 1 or weights[0] * (most[0] + 1) < _LARGEST:
            return (*weights, *[0] * (len(most) - count))
    return ()
