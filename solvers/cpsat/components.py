"""Loops that have nothing in common are solved apart, and their plans put together.

Where every level is a sum over loops, the least sums are the sums of the least: tuples that are compared level by level
keep their order when the same is added to both. Of a level that weighs the worst-off candidate alone the best is the
largest of the parts' best, W, and on the levels below it each part may use all the time up to W. A level that mixes
such a term with others, or weighs how evenly people are loaded, ties all loops together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from solvers.check import judge
from solvers.cpsat.budget import Budget
from solvers.cpsat.narrow import tightened
from solvers.cpsat.options import Options
from solvers.cpsat.progress import Progress
from solvers.plan import Feasible, Infeasible, Optimal, Plan, Size, Unknown
from solvers.problem import Level, Problem, Session, Term

_FOR_THE_WORST_OFF: Final = 0.5
"""The part of the time that goes into the levels down to the worst-off candidate's, if there are levels below it."""

Report = Callable[[Progress], None]
Attempt = Callable[
    [Problem, Budget, Plan | None, int, Report | None], Optimal | Feasible | Infeasible | Unknown
]
"""Solves a part: within a budget, from a plan on that is best on so many levels, and reports better ones."""


@dataclass(frozen=True)
class Merged:
    """The parts' plans as one.

    Args:
        level: index of the first level that is not proved; the number of levels if all are.
        bound: no plan that is as good on the levels before has less there.
    """

    plan: Plan
    level: int
    bound: int
    size: Size


def groups(problem: Problem, options: Options) -> tuple[frozenset[str], ...]:
    """The keys of loops that can be solved apart: no two groups share a person, a room, or a price on a pair.

    Groups stand in the order of their first loop. Everything is one group if a level ties all loops together.
    """
    keys = [loop.key for loop in problem.loops]
    if not _is_separable(problem):
        return (frozenset(keys),)
    parents = {key: key for key in keys}

    def root(key: str) -> str:
        while parents[key] != key:
            parents[key] = key = parents[parents[key]]
        return key

    users: dict[tuple[str, str], str] = {}
    for (loop, _), choice in options.choices.items():
        resources = {("person", person) for pool in choice.seats.values() for person in pool}
        resources |= {("room", room) for room in choice.rooms or ()}
        if "fragile" in _weighed(problem):
            resources |= _stand_ins(problem, choice.session)
        for resource in sorted(resources):
            parents[root(loop)] = root(users.setdefault(resource, loop))
    owners = _owners(problem)
    for cost in problem.pair_costs:
        parents[root(owners[cost.one])] = root(owners[cost.other])
    # Loops that cannot be held cost the same in every part.
    possible = [loop.key for loop in options.loops]
    for key in options.impossible:
        if possible:
            parents[root(key)] = root(possible[0])
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(root(key), []).append(key)
    return tuple(frozenset(group) for group in found.values())


def _owners(problem: Problem) -> dict[str, str]:
    """The loop of each `loop/session`."""
    return {f"{loop.key}/{session.key}": loop.key for loop, session in problem.sessions()}


def _stand_ins(problem: Problem, session: Session) -> set[tuple[str, str]]:
    """Whoever and whatever could be asked to stand in, even if the session is to stay as it is."""
    need = session.room
    return {("person", person) for seat in session.seats for person in seat.pool} | {
        ("room", room.key) for room in problem.rooms if need is not None and need.suits(room)
    }


def _weighed(problem: Problem) -> set[Term]:
    return {term for level in problem.levels for term, weight in level.weights.items() if weight}


def _is_separable(problem: Problem) -> bool:
    """Whether every level is a sum over loops, or the worst-off candidate alone, and that once."""
    levels = [{term for term, weight in level.weights.items() if weight} for level in problem.levels]
    worst = [level for level in levels if "worst_off" in level]
    return "load_spread" not in _weighed(problem) and worst in ([], [{"worst_off"}])


def part_of(problem: Problem, group: frozenset[str]) -> Problem:
    """The problem of some loops, with the prices on pairs of them."""
    loops = tuple(loop for loop in problem.loops if loop.key in group)
    owners = _owners(problem)
    costs = tuple(cost for cost in problem.pair_costs if owners[cost.one] in group)
    return problem.model_copy(update={"loops": loops, "pair_costs": costs})


@dataclass
class _Part:
    """What is known of a part.

    Args:
        values: by index of a level, what the plan costs there.
        level: the levels before it are proved.
        bound: what is proved of it.
    """

    problem: Problem
    plan: Plan | None
    values: dict[int, int] = field(default_factory=dict)
    level: int = 0
    bound: int = 0
    scheduled: int = 0
    size: Size = field(default_factory=lambda: Size(variables=0, constraints=0))

    @property
    def weight(self) -> int:
        """How much of the time it gets, against others."""
        return sum(len(loop.sessions) for loop in self.problem.loops)

    def floor(self, level: int) -> int:
        """What no plan of the part undercuts at a level, if the levels before are proved."""
        return self.values[level] if self.level > level else self.bound


class Apart:
    """The parts of one problem on their way to a plan of the whole.

    Args:
        start: a lawful plan of the whole, if one is known.
        attempt: solves a part.
        report: told of better plans of the whole.
    """

    def __init__(
        self,
        problem: Problem,
        apart: tuple[frozenset[str], ...],
        start: Plan | None,
        budget: Budget,
        *,
        attempt: Attempt,
        report: Report | None,
    ) -> None:
        self._problem = problem
        self._budget = budget
        self._attempt = attempt
        self._report = report
        parts = [_part(part_of(problem, group), start) for group in apart]
        # What small parts leave of their time is for the large ones.
        self._parts = sorted(parts, key=lambda part: part.weight)

    def solve(self) -> Merged | Infeasible | None:
        """The plan of the whole; None if some part has none yet.

        Without enough time, what is proved of the whole is the first level that is not proved of all parts, with the
        sum of what is proved of each there; of the worst-off candidate it is the largest.
        """
        levels = self._problem.levels
        worst = next((index for index, level in enumerate(levels) if level.weights.get("worst_off")), None)
        if worst is None:
            return self._each(levels, 0, 1.0) or self._merged()
        failed = self._each(levels[: worst + 1], 0, _FOR_THE_WORST_OFF if levels[worst + 1 :] else 1.0)
        if failed is not None or self._level() < worst:
            return failed or self._merged()
        value = max(part.values[worst] for part in self._parts if part.values)
        bound = max(part.floor(worst) for part in self._parts)
        for part in self._parts:
            before = tuple(part.values[index] for index in range(worst))
            part.problem = tightened(part.problem, (*before, value))
            part.level, part.bound = worst + 1, 0
        failed = self._each((*levels[:worst], Level(weights={}), *levels[worst + 1 :]), worst + 1, 1.0)
        merged = failed or self._merged()
        if isinstance(merged, Merged) and value > bound:
            return Merged(merged.plan, worst, bound, merged.size)
        return merged

    def _level(self) -> int:
        return min(part.level if part.plan is not None else -1 for part in self._parts)

    def _merged(self) -> Merged | None:
        plans = [part.plan for part in self._parts if part.plan is not None]
        if len(plans) < len(self._parts):
            return None
        level, bound = self._level(), 0
        if level < len(self._problem.levels):
            bound = self._together(level, [part.floor(level) for part in self._parts])
        held = {(each.loop, each.session): each for plan in plans for each in plan.assignments}
        names = ((loop.key, session.key) for loop, session in self._problem.sessions())
        return Merged(
            Plan(assignments=tuple(held[name] for name in names if name in held)),
            level,
            bound,
            Size(
                variables=sum(part.size.variables for part in self._parts),
                constraints=sum(part.size.constraints for part in self._parts),
            ),
        )

    def _together(self, level: int, values: Sequence[int]) -> int:
        """What the whole has of a level of which the parts have so much."""
        return max(values) if self._problem.levels[level].weights.get("worst_off") else sum(values)

    def _each(self, levels: tuple[Level, ...], first: int, share: float) -> Infeasible | None:
        """Solve each part for these levels, of which those before the first are settled."""
        if not levels[first:] and first:
            return None
        whole = self._budget.part(share)
        left = sum(part.weight for part in self._parts)
        for number, part in enumerate(self._parts):
            mine = whole.part(part.weight / left)
            left -= part.weight
            problem = part.problem.model_copy(update={"levels": levels})
            report = None if self._report is None else self._reporter(number, self._report)
            try:
                verdict = self._attempt(problem, mine, part.plan, first, report)
            finally:
                whole.take(mine)
                self._budget.take(mine)
            if isinstance(verdict, Infeasible):
                return verdict
            self._learn(part, verdict, levels, first)
        return None

    def _learn(
        self, part: _Part, verdict: Optimal | Feasible | Unknown, levels: tuple[Level, ...], first: int
    ) -> None:
        part.size = verdict.size if verdict.size.variables else part.size
        if isinstance(verdict, Unknown):
            return
        part.plan = verdict.plan
        part.scheduled = len({each.loop for each in verdict.plan.assignments})
        values = enumerate(verdict.objective.levels)
        part.values |= {index: value for index, value in values if not first or index >= first}
        part.level, part.bound = (
            (len(levels), 0) if isinstance(verdict, Optimal) else (verdict.level, verdict.bound)
        )

    def _reporter(self, number: int, report: Report) -> Report:
        """Tells of better plans of one part as of plans of the whole, once every part has one."""
        part = self._parts[number]

        def tell(seen: Progress) -> None:
            part.values[seen.level] = seen.objective
            part.scheduled = seen.scheduled
            others = [each for each in self._parts if each is not part]
            if not all(seen.level in each.values for each in others):
                return
            bound = 0
            if all(each.level >= seen.level for each in others):
                bounds = [each.floor(seen.level) for each in others]
                bound = self._together(seen.level, [seen.bound, *bounds])
            scheduled = sum(each.scheduled for each in self._parts)
            value = self._together(seen.level, [each.values[seen.level] for each in self._parts])
            report(Progress(scheduled, seen.level, value, bound, seen.seconds))

        return tell


def _part(problem: Problem, start: Plan | None) -> _Part:
    """The part as it is in a plan of the whole."""
    if start is None:
        return _Part(problem, None)
    loops = {loop.key for loop in problem.loops}
    plan = Plan(assignments=tuple(each for each in start.assignments if each.loop in loops))
    values = dict(enumerate(judge(problem, plan).objective.levels))
    return _Part(problem, plan, values, scheduled=len({each.loop for each in plan.assignments}))
