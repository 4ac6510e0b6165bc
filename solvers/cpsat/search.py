"""One run of CP-SAT that can be watched and interrupted.

The solver runs on a thread of its own, so that Ctrl-C reaches Python while it works; CP-SAT's own signal handler would
leave the process without Python's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from ortools.sat.python import cp_model

from solvers.cpsat.variables import Linear, Literal

_PATIENCE = 0.2
"""Seconds between looks at a search that is watched or being stopped."""


@dataclass(frozen=True)
class Effort:
    """How hard CP-SAT may try.

    Args:
        seconds: wall time.
        deterministic_time: CP-SAT's own measure of work, about seconds of one core; None is no limit.
    """

    seconds: float
    workers: int = 1
    seed: int = 0
    deterministic_time: float | None = None


@dataclass(frozen=True)
class Sighting:
    """A solution seen on the way: how many of the counted literals hold, its objective, and what is proved of it."""

    counted: int
    objective: int
    bound: int


@dataclass(frozen=True)
class Found:
    """The best solution of a run.

    Args:
        bound: no solution has less; the objective itself if the solution is proved best.
        vector: the value of every variable by its index.
        value: gives the value of an expression.
    """

    proved: bool
    objective: int
    bound: int
    vector: tuple[int, ...]
    value: Callable[[Linear], int]


@dataclass(frozen=True)
class Run:
    """What one run came to; without a solution `found` is None, and `infeasible` says whether that is proved.

    Args:
        deterministic_time: how much of it was used.
    """

    found: Found | None
    infeasible: bool
    interrupted: bool
    deterministic_time: float


def run(
    model: cp_model.CpModel,
    effort: Effort,
    *,
    thorough: bool = False,
    fix_hints: bool = False,
    counted: Sequence[Literal] = (),
    watch: Callable[[Sighting], None] | None = None,
) -> Run:
    """Solve the model as it stands.

    Args:
        thorough: whether the linear relaxation is to hold all it can, which gives better bounds, slowly.
        fix_hints: whether hinted variables may take no other value.
        counted: literals that are counted for whoever watches.
        watch: told of each better solution, on the calling thread.

    Raises:
        RuntimeError: CP-SAT refused the model, which is a fault of whoever built it.
    """
    news: SimpleQueue[Sighting | None] = SimpleQueue()
    callback = None if watch is None else _Callback(counted, news)
    solver = _solver(effort, thorough=thorough, fix_hints=fix_hints)
    return _solve([(model, solver)], callback, news, watch)[0]


def run_all(
    models: Sequence[cp_model.CpModel], effort: Effort, meanwhile: Callable[[], None] | None = None
) -> list[Run]:
    """Solve models side by side, each with this effort.

    Args:
        meanwhile: called once, on this thread, while they are being solved.

    Raises:
        RuntimeError: as for `run`.
    """
    return _solve([(model, _solver(effort)) for model in models], None, SimpleQueue(), None, meanwhile)


def _solve(
    pairs: Sequence[tuple[cp_model.CpModel, cp_model.CpSolver]],
    callback: _Callback | None,
    news: SimpleQueue[Sighting | None],
    watch: Callable[[Sighting], None] | None,
    meanwhile: Callable[[], None] | None = None,
) -> list[Run]:
    """Solve each model with its solver on a thread of its own, and pass on the news on this one."""
    interrupted = False
    with ThreadPoolExecutor(max_workers=len(pairs), thread_name_prefix="cp-sat") as pool:
        futures = [pool.submit(solver.solve, model, callback) for model, solver in pairs]
        for future in futures:
            future.add_done_callback(lambda _: news.put(None))
        try:
            if meanwhile is not None:
                meanwhile()
            for sighting in _until_done(news, len(pairs)):
                if watch is not None:
                    watch(sighting)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            while not all(future.done() for future in futures):
                for _, solver in pairs:
                    solver.stop_search()
                wait(futures, timeout=_PATIENCE)
        statuses = [future.result() for future in futures]
    return [
        _outcome(model, solver, status, interrupted=interrupted)
        for (model, solver), status in zip(pairs, statuses, strict=True)
    ]


def _outcome(
    model: cp_model.CpModel, solver: cp_model.CpSolver, status: cp_model.CpSolverStatus, *, interrupted: bool
) -> Run:
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError(f"CP-SAT refused the model: {model.validate()}")
    found = _found(solver, model, proved=status == cp_model.OPTIMAL) if status in _WITH_VALUES else None
    return Run(found, status == cp_model.INFEASIBLE, interrupted, solver.deterministic_time)


def hint(model: cp_model.CpModel, values: Mapping[int, int]) -> None:
    """Start the next run of the model from these values of variables, by their index, and no others."""
    model.proto.clear_solution_hint()
    model.proto.solution_hint.vars.extend(values.keys())
    model.proto.solution_hint.values.extend(values.values())


_WITH_VALUES = (cp_model.OPTIMAL, cp_model.FEASIBLE)
"""Only after these statuses are values read; after the others CP-SAT hands out whatever lies in memory."""


def _solver(effort: Effort, *, thorough: bool = False, fix_hints: bool = False) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = effort.workers
    parameters.random_seed = effort.seed
    parameters.max_time_in_seconds = max(effort.seconds, 0.0)
    if effort.deterministic_time is not None:
        parameters.max_deterministic_time = max(effort.deterministic_time, 0.0)
    parameters.catch_sigint_signal = False
    # Probing thousands of presences, each in several disjunctions, takes longer than the search that it is to help.
    parameters.cp_model_probing_level = 0
    parameters.fix_variables_to_their_hinted_value = fix_hints
    if thorough:
        parameters.linearization_level = 2
    return solver


def _found(solver: cp_model.CpSolver, model: cp_model.CpModel, *, proved: bool) -> Found:
    objective = round(solver.objective_value) if model.has_objective() else 0
    return Found(
        proved=proved,
        objective=objective,
        bound=objective if proved else _bound(solver.best_objective_bound),
        vector=tuple(solver.response_proto.solution),
        value=solver.value,
    )


def _bound(bound: float) -> int:
    """The least objective a bound leaves possible: whole, never below 0, and a float may lie a hair above it."""
    return max(0, math.ceil(bound - 1e-6))


def _until_done(news: SimpleQueue[Sighting | None], searches: int) -> Iterator[Sighting]:
    """What is seen, until so many searches are over. The timeout lets Ctrl-C through where a plain wait would not."""
    while searches:
        try:
            sighting = news.get(timeout=_PATIENCE)
        except Empty:
            continue
        if sighting is None:
            searches -= 1
        else:
            yield sighting


class _Callback(cp_model.CpSolverSolutionCallback):
    """Puts each solution into a queue; it runs on CP-SAT's threads and must not raise."""

    def __init__(self, counted: Sequence[Literal], news: SimpleQueue[Sighting | None]) -> None:
        super().__init__()
        self._counted = counted
        self._news = news

    def on_solution_callback(self) -> None:
        """CP-SAT found a better solution."""
        self._news.put(
            Sighting(
                counted=sum(self.boolean_value(each) for each in self._counted),
                objective=round(self.objective_value),
                bound=_bound(self.best_objective_bound),
            )
        )
