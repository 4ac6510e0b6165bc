"""Solve a problem level by level: the best of the first level, then of the second among those, and so on."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ortools.sat.python.cp_model import CpModel

from solvers.check import judge
from solvers.cpsat import greedy
from solvers.cpsat.budget import Budget, Until
from solvers.cpsat.components import Apart, Merged, Report, groups
from solvers.cpsat.extract import extract
from solvers.cpsat.improve import improvements
from solvers.cpsat.magnitude import refuse_excess, refuse_overflow
from solvers.cpsat.model import Model
from solvers.cpsat.narrow import tightened, without_late
from solvers.cpsat.neighbourhoods import Neighbourhoods
from solvers.cpsat.options import Options, is_due, options
from solvers.cpsat.progress import Progress
from solvers.cpsat.relaxation import relaxed
from solvers.cpsat.search import Effort, Found, Run, Sighting, hint
from solvers.cpsat.stage import Means, Stage
from solvers.local import improve, suits
from solvers.plan import Feasible, Infeasible, Objective, Optimal, Plan, Size, Unknown
from solvers.problem import Problem

_FOR_THE_START = 0.5
"""The part of the time, at most, that goes into a first plan."""

_FEW_LOOPS = 3
"""So many loops are searched as a whole only."""

_FOR_THE_BOUND, _MOST_FOR_THE_BOUND = 0.1, 3.0
"""The part of what is left, and the seconds, that go into the relaxation of a level."""

_FOR_THE_AIM = 0.6
"""The part of what is left that goes into meeting the bound of the worst-off candidate."""

_FOR_A_TRY, _MOST_FOR_A_TRY = 0.1, 1.0
"""The part of what is left, and the seconds, that go into a first search of a whole level."""

_SMALL = 8000
"""A model of more constraints is not searched as a whole before its parts are."""

_FOR_THE_PARTS = 0.9
"""The part of what is left that goes into searching a level part by part."""

_MANY_PAIRS, _TOO_MANY_PAIRS = 200, 5000
"""From so many prices on pairs on single sessions are annealed first, and no model is made of more than the latter."""

_FOR_ANNEALING = 0.8
"""The part of the time that goes into annealing, where a model follows."""

_STEPS_OF_WORK = 2_000_000
"""Steps of annealing that take as long as a unit of CP-SAT's own work, divided by the number of loops."""

_FOR_A_PART = 0.1
"""The work, in CP-SAT's own measure, that goes into one part."""


def solve(
    problem: Problem,
    *,
    seconds: float = 60.0,
    workers: int = 2,
    seed: int = 0,
    deterministic_time: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    without: Collection[Means] = (),
) -> Optimal | Feasible | Infeasible | Unknown:
    """The best plan that is found in time, and what is proved about it.

    A level that is not the last gets at most half of the time that is left, so that the ones below it are improved
    even if it stays unproved. Ctrl-C ends the search with the best plan so far. With one worker, the same seed and a
    deterministic time that runs out before the seconds, the same problem gives the same plan.

    Args:
        seconds: wall time for all of it.
        workers: threads CP-SAT searches with.
        deterministic_time: a limit in CP-SAT's own measure of work, about seconds of one core; None is no limit.
        on_progress: told of each better plan, and of each level that is settled, on the calling thread.
        without: means to leave aside, to measure what they are worth.

    Raises:
        ValueError: prices and weights are so large that their sums leave 64 bits, or there is so much to choose from
            that the model would not fit into memory.
        RuntimeError: the solver contradicts `solvers.check`, which is a fault of the model.
    """
    began = time.monotonic()
    refuse_overflow(problem)
    refuse_excess(problem)
    choices = options(problem)
    reasons = tuple(
        choices.impossible[loop.key]
        for loop in problem.loops
        if loop.key in choices.impossible and is_due(loop)
    )
    if reasons:
        nothing = Size(variables=0, constraints=0)
        return Infeasible(reasons=reasons, size=nothing, seconds=time.monotonic() - began)
    budget = Budget(Effort(seconds, workers, seed, deterministic_time), began)
    return _Solving(problem, choices, budget, on_progress, frozenset(without)).answer()


@dataclass(frozen=True)
class _Best:
    """The best plan so far, as the judge counts it."""

    plan: Plan
    objective: Objective


class _Solving:
    """One problem on its way to a verdict.

    The state is what a verdict needs at any moment, so that an interruption may come at any moment: the best plan, the
    first level that is not proved with its bound (None when all are), and whether there is no lawful plan.

    Args:
        start: a lawful plan, if one is known.
        first: so many levels are proved of it already.
    """

    def __init__(
        self,
        problem: Problem,
        choices: Options,
        budget: Budget,
        on_progress: Callable[[Progress], None] | None,
        without: frozenset[Means],
        *,
        start: Plan | None = None,
        first: int = 0,
    ) -> None:
        self._problem = problem
        self._choices = choices
        self._budget = budget
        self._on_progress = on_progress
        self._without = without
        self._infeasible = False
        self._best = None if start is None else _Best(start, judge(problem, start).objective)
        self._open: tuple[int, int] | None = (first, 0)
        self._size = Size(variables=0, constraints=0)
        self._neighbourhoods = Neighbourhoods(problem, choices, budget.seed)

    def answer(self) -> Optimal | Feasible | Infeasible | Unknown:
        """Solve, and say what is known at the end or when Ctrl-C comes."""
        try:
            if len(self._choices.loops) > 1 and self._best is None:
                self._begin()
            if self._anneal():
                self._divide()
                self._descend()
        except KeyboardInterrupt:
            self._budget.interrupted = True
        return self._verdict()

    def _begin(self) -> None:
        """Take a plan made loop by loop, in at most half of the time, if it is lawful."""
        until = self._budget.until(_FOR_THE_START)
        started = Plan()
        try:
            for started in greedy.plans(
                self._problem, self._choices, lambda cp: self._budget.run(cp, until, workers=1)
            ):
                if self._on_progress is not None:
                    self._tell(0, _Best(started, judge(self._problem, started).objective))
        finally:
            judgement = judge(self._problem, started)
            if not judgement.violations:
                self._best = _Best(started, judgement.objective)

    def _anneal(self) -> bool:
        """Improve the plan where single sessions have prices on pairs; whether an exact model is of use beside that.

        Amounts of overlap have no linear relaxation worth the name, so that a model of many pairs neither finds nor
        proves anything.
        """
        problem, best = self._problem, self._best
        pairs = len(problem.pair_costs)
        if "annealing" in self._without or best is None or pairs < _MANY_PAIRS or not suits(problem):
            return True
        share = _FOR_ANNEALING if pairs < _TOO_MANY_PAIRS else 1.0
        seconds, work = self._budget.left(share)
        steps = None if work is None else int(work * _STEPS_OF_WORK / len(problem.loops))

        def told(plan: Plan, objective: Objective) -> None:
            self._best = _Best(plan, objective)
            self._tell(0, self._best)

        plan = improve(
            problem, best.plan, seconds=seconds, seed=self._budget.seed, work=steps, on_better=told
        )
        self._best = _Best(plan, judge(problem, plan).objective)
        return share < 1.0

    def _divide(self) -> None:
        """Solve apart what has nothing in common, and go on with the whole where that leaves off."""
        parts = () if "components" in self._without else groups(self._problem, self._choices)
        if len(parts) < 2:
            return
        start = None if self._best is None else self._best.plan
        merged = Apart(
            self._problem, parts, start, self._budget, attempt=self._solve_part, report=self._on_progress
        ).solve()
        self._infeasible = isinstance(merged, Infeasible)
        if not isinstance(merged, Merged):
            return
        judgement = judge(self._problem, merged.plan)
        if judgement.violations:
            raise RuntimeError(f"parts do not fit together: {judgement.violations[0].text}")
        self._best = _Best(merged.plan, judgement.objective)
        self._size = merged.size
        proved = merged.level >= len(judgement.objective.levels)
        self._open = None if proved else (merged.level, merged.bound)
        for index in range(merged.level):
            self._tell(index, self._best, proved=True)

    def _solve_part(
        self, problem: Problem, budget: Budget, start: Plan | None, first: int, report: Report | None
    ) -> Optimal | Feasible | Infeasible | Unknown:
        whole: frozenset[Means] = self._without | frozenset[Means](("components",))
        choices = options(problem)
        return _Solving(problem, choices, budget, report, whole, start=start, first=first).answer()

    def _descend(self) -> None:
        """Minimise level after level, each under what was reached on those before."""
        if self._infeasible or self._open is None:
            return
        stage: Stage | None = None
        count = max(1, len(self._problem.levels))
        for index in range(self._open[0], count):
            reached = () if self._best is None else self._best.objective.levels[:index]
            problem = tightened(self._problem, reached) if reached else self._problem
            if stage is None or problem != stage.problem:
                choices = self._choices if problem is self._problem else options(problem)
                stage = Stage(problem, choices, self._without)
                self._size = self._size if self._size.variables else stage.model.size
                for number, value in enumerate(reached):
                    stage.keep(number, value)
            if not self._settle(stage, index, last=index + 1 == count):
                return
            assert self._best is not None
            if self._problem.levels:
                stage.keep(index, self._best.objective.levels[index])

    def _settle(self, stage: Stage, index: int, *, last: bool) -> bool:
        """Minimise one level by turns of all means; whether to go on with the next."""
        until = self._budget.until(1.0 if last else 0.5)
        proved = self._is_least(stage, index)
        if not proved and self._is_large and self._best is not None:
            proved = (
                self._bounded(stage, index, until)
                or self._aimed(stage, index, until)
                or self._tried(stage, index, until)
                or self._improved(stage, index, until)
            )
        if not proved:
            done = self._minimise(stage, index, until)
            self._infeasible = done is not None and done.infeasible
            if self._infeasible or self._best is None:
                return False
            proved = done is not None and done.found is not None and done.found.proved
        if self._open is not None and self._open[0] == index and (proved or self._meets_bound(index)):
            self._open = (index + 1, 0) if not last else None
            if self._is_large and self._best is not None:
                self._tell(index, self._best, proved=True)
        return not self._budget.interrupted

    @property
    def _is_large(self) -> bool:
        return len(self._choices.loops) > _FEW_LOOPS

    def _is_least(self, stage: Stage, index: int) -> bool:
        """Whether the best plan needs no search at this level: it cannot change, or is 0, below which nothing is."""
        if self._best is None:
            return False
        return stage.is_fixed(index) or self._best.objective.levels[index] == 0

    def _meets_bound(self, index: int) -> bool:
        return (
            self._best is not None
            and self._open is not None
            and self._open[0] == index
            and bool(self._best.objective.levels)
            and self._best.objective.levels[index] <= self._open[1]
        )

    def _bounded(self, stage: Stage, index: int, within: Until) -> bool:
        """Bound the level by its relaxation; whether the best plan meets the bound."""
        if "relaxation" in self._without:
            return False
        until = self._budget.until(_FOR_THE_BOUND, most=_MOST_FOR_THE_BOUND, within=within)
        self._aim_at(stage, index)
        relaxation = relaxed(stage.model.variables.model)
        hint(relaxation, self._vector(relaxation, stage, until))
        done = self._budget.run(relaxation, until, thorough=True)
        if done is not None and done.found is not None:
            self._learn_bound(index, done.found.bound)
        return self._meets_bound(index)

    def _learn_bound(self, index: int, bound: int) -> None:
        if self._open is not None and self._open[0] == index:
            self._open = (index, max(bound, self._open[1]))

    def _aimed(self, stage: Stage, index: int, within: Until) -> bool:
        """Look for a plan that meets the bound of the worst-off candidate; whether there is one.

        Loops that end too late are taken out, and in the shorter time that is left to all, places are sought for them.
        """
        if "aim" in self._without or self._best is None or self._open is None or self._open[0] != index:
            return False
        reached = (*self._best.objective.levels[:index], self._open[1])
        problem = tightened(stage.problem, reached)
        if problem == stage.problem:
            return False
        until = self._budget.until(_FOR_THE_AIM, within=within)
        choices = options(problem)
        plan = without_late(choices, self._best.plan)
        places = Neighbourhoods(problem, choices, self._budget.seed)
        for better in self._better(Stage(problem, choices, self._without), plan, 0, places, until):
            judgement = judge(self._problem, better)
            if not judgement.violations and judgement.objective.levels < self._best.objective.levels:
                self._best = _Best(better, judgement.objective)
                self._tell(index, self._best)
            if judgement.objective.levels[: index + 1] <= reached:
                return self._meets_bound(index)
        return False

    def _tried(self, stage: Stage, index: int, within: Until) -> bool:
        """A short search of the whole, if that is not too large; whether it proves the level."""
        if stage.model.size.constraints > _SMALL:
            return False
        done = self._minimise(
            stage, index, self._budget.until(_FOR_A_TRY, most=_MOST_FOR_A_TRY, within=within)
        )
        return (done is not None and done.found is not None and done.found.proved) or self._meets_bound(index)

    def _improved(self, stage: Stage, index: int, within: Until) -> bool:
        """Improve the plan part by part; whether it meets the bound."""
        if "neighbourhoods" in self._without or self._best is None:
            return False
        until = self._budget.until(_FOR_THE_PARTS, within=within)
        for better in self._better(stage, self._best.plan, index, self._neighbourhoods, until):
            judgement = judge(self._problem, better)
            if judgement.violations:
                raise RuntimeError(f"CP-SAT broke a rule: {judgement.violations[0].text}")
            told = judgement.objective.levels[index] < self._best.objective.levels[index]
            self._best = _Best(better, judgement.objective)
            if told:
                self._tell(index, self._best)
            if self._meets_bound(index):
                return True
        return False

    def _better(
        self, stage: Stage, plan: Plan, first: int, neighbourhoods: Neighbourhoods, until: Until
    ) -> Iterator[Plan]:
        bound = self._open[1] if self._open is not None and self._open[0] == first else 0
        return improvements(
            stage,
            plan,
            first,
            neighbourhoods,
            bound=bound,
            attempt=lambda models, meanwhile: self._budget.run_all(models, until, _FOR_A_PART, meanwhile),
            at_once=self._budget.workers,
        )

    def _aim_at(self, stage: Stage, index: int) -> None:
        cp = stage.model.variables.model
        level = stage.model.levels[index] if stage.model.levels else 0
        if isinstance(level, int):
            cp.proto.clear_objective()
        else:
            cp.minimize(level)

    def _minimise(self, stage: Stage, index: int, until: Until) -> Run | None:
        """Run the solver on one level of the whole, and remember what it finds."""
        model = stage.model
        cp = model.variables.model
        self._aim_at(stage, index)
        if self._best is not None:
            hint(cp, self._vector(cp, stage, until))
        watch = None if self._on_progress is None else self._watch(index, self._on_progress)
        counted = list(model.variables.scheduled.values())
        done = self._budget.run(cp, until, counted=counted, watch=watch)
        if self._best is None and done is not None and done.found is None and not done.infeasible:
            done = self._budget.run(cp, self._budget.until(1.0), counted=counted, watch=watch) or done
        if done is not None and done.found is not None:
            self._remember(model, index, done.found)
            self._learn_bound(index, done.found.bound)
        if done is not None and done.infeasible and self._best is not None:
            raise RuntimeError(
                f"CP-SAT denies at level {index} that there is a plan, but {self._best.plan} is lawful"
            )
        return done

    def _vector(self, cp: CpModel, stage: Stage, until: Until) -> Mapping[int, int]:
        """The best plan as a value for every variable of a model, with every cost of the level at its least.

        CP-SAT does not reliably complete a hint by itself, so it is made to, with all decisions fixed.
        """
        assert self._best is not None
        values = stage.values(self._best.plan)
        hint(cp, values)
        done = self._budget.run(cp, until, fix_hints=True)
        return values if done is None or done.found is None else dict(enumerate(done.found.vector))

    def _remember(self, model: Model, index: int, found: Found) -> None:
        """Keep the plan if it is the best, after the judge has agreed with the solver about it."""
        plan = extract(model.variables, found.value)
        judgement = judge(self._problem, plan)
        if judgement.violations:
            raise RuntimeError(f"CP-SAT broke a rule: {judgement.violations[0].text}")
        objective = judgement.objective
        if model.levels:
            counted, claimed = objective.levels[index], found.value(model.levels[index])
            if counted > claimed or (found.proved and counted < claimed):
                raise RuntimeError(f"CP-SAT counts {claimed} at level {index}, the judge {counted}")
        if self._best is None or objective.levels <= self._best.objective.levels:
            self._best = _Best(plan, objective)

    def _tell(self, index: int, best: _Best, *, proved: bool = False) -> None:
        """Report a plan that no single run found, or a level that is proved."""
        if self._on_progress is not None:
            value = best.objective.levels[index] if best.objective.levels else 0
            bound = self._open[1] if self._open is not None and self._open[0] == index else 0
            scheduled = len({each.loop for each in best.plan.assignments})
            self._on_progress(
                Progress(scheduled, index, value, value if proved else bound, self._budget.passed())
            )

    def _watch(self, index: int, report: Callable[[Progress], None]) -> Callable[[Sighting], None]:
        def watch(seen: Sighting) -> None:
            known = self._open[1] if self._open is not None and self._open[0] == index else 0
            bound = max(seen.bound, known)
            report(Progress(seen.counted, index, seen.objective, bound, self._budget.passed()))

        return watch

    def _verdict(self) -> Optimal | Feasible | Infeasible | Unknown:
        size, seconds = self._size, self._budget.passed()
        limit: Literal["time", "interrupted"] = "interrupted" if self._budget.interrupted else "time"
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
