"""The best plans of one loop that truly differ: each the best of those that begin far enough from the better ones.

The time at which the loop may begin is cut into regions: its days at first, and then the parts before and after what
was found in one. The region that could hold the best is searched first, by what is proved of it, so that most regions
are never searched at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import Literal

from solvers.cpsat import Effort
from solvers.plan import Feasible, Infeasible, Objective, Optimal, Plan, Size, Unknown
from solvers.problem import Problem
from solvers.regions import Bounds, Cost, days_of, solve_begun_in
from solvers.timeline import SpanSet

_SHARE = 0.5
"""The part of the time left, at most, that goes into one region."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the best plans.

    Args:
        start: the minute at which the loop begins.
        bound: no lawful plan that begins at least `apart` from the better options has lower levels than these.
    """

    start: int
    plan: Plan
    objective: Objective
    bound: Cost

    @property
    def proved(self) -> bool:
        """Whether it is proved that nothing better is left beside the better options."""
        return self.bound == self.objective.levels


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The options, the best first, and why there are no more of them.

    Args:
        ended: `enough` as many as asked for; `exhausted` it is proved that there is no other; `time` or `interrupted`
            nobody knows.
        reasons: sentences about a loop that plainly cannot be held, if there is no option.
        size: the largest model.
        searches: how many regions were searched.
    """

    options: tuple[Option, ...]
    ended: Literal["enough", "exhausted", "time", "interrupted"]
    reasons: tuple[str, ...]
    size: Size
    searches: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """How far a search has come: options that stand, regions searched, and seconds; then what is asked about them."""

    options: int
    searches: int
    seconds: float
    task: Literal["options", "losses", "improvements", "reasons"] = "options"


@dataclass(frozen=True, order=True, slots=True)
class _Region:
    """Minutes at which the loop may begin, and what no plan that begins there falls below."""

    bound: Cost
    start: int
    end: int


@dataclass(frozen=True, order=True, slots=True)
class _Held:
    """A plan that was found, in the order in which options are chosen: by cost, then the earlier start."""

    levels: Cost
    start: int
    number: int


def alternatives(
    problem: Problem,
    loop: str,
    k: int,
    apart: int,
    *,
    seconds: float = 60.0,
    workers: int = 2,
    seed: int = 0,
    deterministic_time: float | None = None,
    on_progress: Callable[[Step], None] | None = None,
) -> Alternatives:
    """The best plan that holds the loop, then the best that begins `apart` minutes or more from it, and so on, k times.

    Plans of equal cost are ordered by when the loop begins. The costs and starts of proved options are therefore the
    same in every run; with one worker the plans are as well.

    Args:
        loop: key of the loop; the others are scheduled or not as `problem` says.
        k: how many options, at least 1.
        apart: minutes between the begins of any two options, at least 1.
        seconds: wall time for all of it.
        deterministic_time: a limit on each region, in CP-SAT's own measure of work; None is no limit.
        on_progress: told after each region, on the calling thread.

    Raises:
        ValueError: `k` or `apart` is below 1, or the problem has no such loop; or as `solvers.cpsat.solve`.
    """
    if k < 1 or apart < 1:
        raise ValueError(f"at least one option, at least one minute apart, not {k} and {apart}")
    if all(each.key != loop for each in problem.loops):
        raise ValueError(f"{loop} is no loop of the problem")
    return _Search(
        problem, loop, apart, Effort(seconds, workers, seed, deterministic_time), on_progress
    ).best(k)


class _Search:
    """The regions that are still to be searched, and the plans found in the others."""

    def __init__(
        self,
        problem: Problem,
        key: str,
        apart: int,
        effort: Effort,
        on_progress: Callable[[Step], None] | None,
    ) -> None:
        self._problem = problem
        self._loop = next(loop for loop in problem.loops if loop.key == key)
        self._bounds = Bounds(problem, self._loop)
        self._apart = apart
        self._effort = effort
        self._on_progress = on_progress
        self._began = time.monotonic()
        self._plans: list[tuple[Plan, Objective]] = []
        self._found: list[_Held] = []
        self._open = [piece for day in days_of(problem, self._loop) for piece in self._pieces(*day, ())]
        self._unproved: list[_Region] = []
        self._reasons: list[str] = []
        self._size = Size(variables=0, constraints=0)
        self._searches = 0
        self._interrupted = False
        heapify(self._open)

    def best(self, k: int) -> Alternatives:
        """As many options as asked for, or as there are, or as time allows."""
        options: list[Option] = []
        while len(options) < k:
            waiting = self._open and not (self._found and self._found[0] < self._first_possible())
            if waiting and not self._interrupted and self._passed() < self._effort.seconds:
                self._search(heappop(self._open))
                if self._on_progress is not None:
                    self._on_progress(Step(len(options), self._searches, self._passed()))
            elif self._found:
                options.append(self._take())
            else:
                break
        return Alternatives(
            tuple(options),
            self._ended(enough=len(options) == k),
            () if options else tuple(dict.fromkeys(self._reasons)),
            self._size,
            self._searches,
            self._passed(),
        )

    def _ended(self, *, enough: bool) -> Literal["enough", "exhausted", "time", "interrupted"]:
        if enough:
            return "enough"
        if not self._open and not self._unproved:
            return "exhausted"
        return "interrupted" if self._interrupted else "time"

    def _first_possible(self) -> _Held:
        """The best that the open regions could hold."""
        first = self._open[0]
        return _Held(first.bound, first.start, -1)

    def _search(self, region: _Region) -> None:
        """Solve one region, and open the parts before and after what is found in it."""
        self._searches += 1
        effort = self._effort
        left = max(0.01, (effort.seconds - self._passed()) * _SHARE)
        verdict = solve_begun_in(
            self._problem, self._loop, region.start, region.end, replace(effort, seconds=left)
        )
        self._size = max(self._size, verdict.size, key=lambda size: size.variables)
        match verdict:
            case Optimal(plan=plan, objective=objective):
                self._keep(region, plan, objective, objective.levels)
            case Feasible(plan=plan, objective=objective, level=level, bound=bound, limit=limit):
                self._interrupted |= limit == "interrupted"
                least = (*objective.levels[:level], bound, *(0 for _ in objective.levels[level + 1 :]))
                reached = max(region.bound, least)
                heappush(self._unproved, replace(region, bound=reached))
                self._keep(region, plan, objective, reached)
            case Infeasible(reasons=reasons):
                self._reasons.extend(reasons)
            case Unknown(limit=limit):
                self._interrupted |= limit == "interrupted"
                heappush(self._unproved, region)

    def _keep(self, region: _Region, plan: Plan, objective: Objective, bound: Cost) -> None:
        start = min(each.start for each in plan.assignments if each.loop == self._loop.key)
        heappush(self._found, _Held(objective.levels, start, len(self._plans)))
        self._plans.append((plan, objective))
        for piece in ((region.start, start), (start + 1, region.end)):
            for opened in self._pieces(*piece, bound):
                heappush(self._open, opened)

    def _take(self) -> Option:
        """The best plan found, with what is proved of it; whatever begins too close to it is closed."""
        held = heappop(self._found)
        plan, objective = self._plans[held.number]
        bounds = [held.levels, *(region.bound for region in (*self._open[:1], *self._unproved[:1]))]
        taken = (held.start - self._apart + 1, held.start + self._apart)
        self._found = [each for each in self._found if not taken[0] <= each.start < taken[1]]
        self._open = [piece for each in self._open for piece in self._outside(each, taken)]
        self._unproved = [piece for each in self._unproved for piece in self._outside(each, taken)]
        heapify(self._found)
        heapify(self._open)
        heapify(self._unproved)
        return Option(held.start, plan, objective, min(bounds))

    def _outside(self, region: _Region, taken: tuple[int, int]) -> Iterator[_Region]:
        yield from self._pieces(region.start, min(region.end, taken[0]), region.bound)
        yield from self._pieces(max(region.start, taken[1]), region.end, region.bound)

    def _pieces(self, start: int, end: int, bound: Cost) -> Iterator[_Region]:
        """These minutes as a region, cut to the begins the loop permits; nothing if it permits none of them."""
        permitted = SpanSet((start, end)) if start < end else SpanSet.EMPTY
        if self._loop.begins is not None:
            permitted &= self._loop.begins
        if permitted:
            first, last = permitted.edges[0], permitted.edges[-1]
            yield _Region(max(bound, self._bounds.from_begin(first)), first, last)

    def _passed(self) -> float:
        return time.monotonic() - self._began
