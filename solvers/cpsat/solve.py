"""Solve a problem level by level: the best of the first level, then of the second among those, and so on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ortools.sat.python.cp_model import CpModel

from solvers.check import judge
from solvers.cpsat import greedy
from solvers.cpsat.extract import extract
from solvers.cpsat.magnitude import refuse_overflow
from solvers.cpsat.model import Model, build
from solvers.cpsat.options import Options, is_due, options
from solvers.cpsat.search import Effort, Found, Run, Sighting, hint, run
from solvers.cpsat.variables import Linear
from solvers.cpsat.variables import Literal as Decision
from solvers.plan import Feasible, Infeasible, Objective, Optimal, Plan, Size, Unknown
from solvers.problem import Problem

_FOR_THE_START = 0.5
"""The part of the time, at most, that goes into a first plan."""


@dataclass(frozen=True)
class Progress:
    """How far a search has come.

    Args:
        scheduled: loops the plan schedules.
        level: index of the level that is being minimised.
        objective: the level's value in the plan, as far as the solver knows.
        bound: no plan that is as good on the levels before has less.
        seconds: since the solver was asked.
    """

    scheduled: int
    level: int
    objective: int
    bound: int
    seconds: float


def solve(
    problem: Problem,
    *,
    seconds: float = 60.0,
    workers: int = 2,
    seed: int = 0,
    deterministic_time: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Optimal | Feasible | Infeasible | Unknown:
    """The best plan that is found in time, and what is proved about it.

    A level that is not the last gets at most half of the time that is left, so that the ones below it are improved
    even if it stays unproved. Ctrl-C ends the search with the best plan so far. With one worker, the same seed and a
    deterministic time that runs out before the seconds, the same problem gives the same plan.

    Args:
        seconds: wall time for all of it.
        workers: threads CP-SAT searches with.
        deterministic_time: a limit in CP-SAT's own measure of work, about seconds of one core; None is no limit.
        on_progress: told of each better plan, on the calling thread.

    Raises:
        ValueError: prices and weights are so large that their sums leave 64 bits.
        RuntimeError: the solver contradicts `solvers.check`, which is a fault of the model.
    """
    began = time.monotonic()
    refuse_overflow(problem)
    choices = options(problem)
    reasons = tuple(
        choices.impossible[loop.key]
        for loop in problem.loops
        if loop.key in choices.impossible and is_due(loop)
    )
    if reasons:
        nothing = Size(variables=0, constraints=0)
        return Infeasible(reasons=reasons, size=nothing, seconds=time.monotonic() - began)
    effort = Effort(seconds, workers, seed, deterministic_time)
    return _Solving(problem, choices, effort, on_progress, began).answer()


@dataclass(frozen=True)
class _Best:
    """The best plan so far, as the judge counts it."""

    plan: Plan
    objective: Objective


class _Solving:
    """One problem on its way to a verdict.

    The state is what a verdict needs at any moment, so that an interruption may come at any moment: the best plan, the
    first level that is not proved with its bound (None when all are), and whether there is no lawful plan.
    """

    def __init__(
        self,
        problem: Problem,
        choices: Options,
        effort: Effort,
        on_progress: Callable[[Progress], None] | None,
        began: float,
    ) -> None:
        self._problem = problem
        self._choices = choices
        self._effort = effort
        self._on_progress = on_progress
        self._began = began
        self._worked = 0.0
        self._interrupted = False
        self._infeasible = False
        self._best: _Best | None = None
        self._open: tuple[int, int] | None = (0, 0)
        self._size = Size(variables=0, constraints=0)

    def answer(self) -> Optimal | Feasible | Infeasible | Unknown:
        """Solve, and say what is known at the end or when Ctrl-C comes."""
        try:
            if len(self._choices.loops) > 1:
                self._begin()
            self._descend(build(self._problem, self._choices))
        except KeyboardInterrupt:
            self._interrupted = True
        return self._verdict()

    def _begin(self) -> None:
        """Take a plan made loop by loop, in at most half of the time, if it is lawful."""
        started = Plan()
        try:
            for started in greedy.plans(self._problem, self._choices, self._attempt):
                if self._on_progress is not None:
                    value = self._at(0, judge(self._problem, started).objective)
                    scheduled = len({each.loop for each in started.assignments})
                    self._on_progress(Progress(scheduled, 0, value, 0, self._passed()))
        finally:
            judgement = judge(self._problem, started)
            if not judgement.violations:
                self._best = _Best(started, judgement.objective)

    def _attempt(self, cp: CpModel) -> Run | None:
        """Spend a moment on one loop; None once half of the time is over."""
        spent = self._passed() / self._effort.seconds
        if self._effort.deterministic_time is not None:
            spent = max(spent, self._worked / self._effort.deterministic_time)
        if spent >= _FOR_THE_START:
            return None
        return self._run(cp, _FOR_THE_START - spent, workers=1)

    def _descend(self, model: Model) -> None:
        """Minimise level after level, each under what was reached on those before."""
        self._size = model.size
        levels = model.levels or (0,)
        for index, level in enumerate(levels):
            proved = self._is_least(index, level)
            if not proved:
                done = self._minimise(model, index, level, 1.0 if index + 1 == len(levels) else 0.5)
                self._infeasible = done is not None and done.infeasible
                if self._infeasible or self._best is None:
                    return
                proved = done is not None and done.found is not None and done.found.proved
            if self._open is not None and self._open[0] == index and proved:
                self._open = (index + 1, 0) if index + 1 < len(levels) else None
            if self._interrupted:
                return
            if self._best is not None and not isinstance(level, int):
                model.variables.model.add(level <= self._best.objective.levels[index])

    def _is_least(self, index: int, level: Linear) -> bool:
        """Whether the best plan needs no search at this level: it cannot change, or is 0, below which nothing is."""
        if self._best is None:
            return False
        return isinstance(level, int) or self._best.objective.levels[index] == 0

    def _minimise(self, model: Model, index: int, level: Linear, share: float) -> Run | None:
        """Run the solver on one level with a share of the time that is left, and remember what it finds."""
        cp = model.variables.model
        if isinstance(level, int):
            cp.proto.clear_objective()
        else:
            cp.minimize(level)
        if self._best is not None:
            self._hint(model, self._best.plan)
        watch = None if self._on_progress is None else self._watch(index, self._on_progress)
        counted = list(model.variables.scheduled.values())
        done = self._run(cp, share, counted=counted, watch=watch)
        if self._best is None and done is not None and done.found is None and not done.infeasible:
            done = self._run(cp, 1.0, counted=counted, watch=watch) or done
        if done is not None and done.found is not None:
            self._remember(model, index, level, done.found)
            if self._open is not None and self._open[0] == index:
                self._open = (index, done.found.bound)
        if done is not None and done.infeasible and self._best is not None:
            raise RuntimeError(
                f"CP-SAT denies at level {index} that there is a plan, but {self._best.plan} is lawful"
            )
        return done

    def _hint(self, model: Model, plan: Plan) -> None:
        """Give the solver this plan as a value for every variable, with every cost of the level at its least.

        CP-SAT does not reliably complete a hint by itself, so it is made to, with all decisions fixed.
        """
        cp = model.variables.model
        hint(cp, model.variables.values(plan))
        done = self._run(cp, 1.0, fix_hints=True)
        if done is not None and done.found is not None:
            hint(cp, dict(enumerate(done.found.vector)))

    def _remember(self, model: Model, index: int, level: Linear, found: Found) -> None:
        """Keep the plan if it is the best, after the judge has agreed with the solver about it."""
        plan = extract(model.variables, found.value)
        judgement = judge(self._problem, plan)
        if judgement.violations:
            raise RuntimeError(f"CP-SAT broke a rule: {judgement.violations[0].text}")
        objective = judgement.objective
        if model.levels:
            counted, claimed = objective.levels[index], found.value(level)
            if counted > claimed or (found.proved and counted < claimed):
                raise RuntimeError(f"CP-SAT counts {claimed} at level {index}, the judge {counted}")
        if self._best is None or objective.levels <= self._best.objective.levels:
            self._best = _Best(plan, objective)

    def _run(
        self,
        cp: CpModel,
        share: float,
        *,
        workers: int | None = None,
        fix_hints: bool = False,
        counted: Sequence[Decision] = (),
        watch: Callable[[Sighting], None] | None = None,
    ) -> Run | None:
        """Run the solver with a share of what is left; None if nothing is, and after an interruption."""
        effort = self._effort
        seconds = effort.seconds - self._passed()
        work = None if effort.deterministic_time is None else effort.deterministic_time - self._worked
        if self._interrupted or seconds <= 0 or (work is not None and work <= 0):
            return None
        allowed = replace(
            effort,
            seconds=seconds * share,
            workers=workers or effort.workers,
            deterministic_time=None if work is None else work * share,
        )
        done = run(cp, allowed, fix_hints=fix_hints, counted=counted, watch=watch)
        self._worked += done.deterministic_time
        self._interrupted |= done.interrupted
        return done

    def _watch(self, index: int, report: Callable[[Progress], None]) -> Callable[[Sighting], None]:
        def watch(seen: Sighting) -> None:
            report(Progress(seen.counted, index, seen.objective, seen.bound, self._passed()))

        return watch

    def _verdict(self) -> Optimal | Feasible | Infeasible | Unknown:
        size, seconds = self._size, self._passed()
        limit: Literal["time", "interrupted"] = "interrupted" if self._interrupted else "time"
        if self._infeasible:
            return Infeasible(size=size, seconds=seconds)
        if self._best is None:
            return Unknown(limit=limit, size=size, seconds=seconds)
        plan, objective = self._best.plan, self._best.objective
        level, bound = self._open or (len(objective.levels), 0)
        # A plan that meets the bound is proved best there, whether or not the search got to say so.
        while level < len(objective.levels) and objective.levels[level] <= bound:
            level, bound = level + 1, 0
        if level >= len(objective.levels):
            return Optimal(plan=plan, objective=objective, size=size, seconds=seconds)
        return Feasible(
            plan=plan,
            objective=objective,
            level=level,
            bound=bound,
            limit=limit,
            size=size,
            seconds=seconds,
        )

    @staticmethod
    def _at(level: int, objective: Objective) -> int:
        """The value of a level; 0 in a problem without levels, where every plan is as good as another."""
        return objective.levels[level] if objective.levels else 0

    def _passed(self) -> float:
        return time.monotonic() - self._began
