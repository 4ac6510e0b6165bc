"""Better plans, part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from ortools.sat.python.cp_model import CpModel

from solvers.check import judge
from solvers.cpsat.improve import improvements
from solvers.cpsat.neighbourhoods import Neighbourhoods
from solvers.cpsat.options import options
from solvers.cpsat.search import Effort, Run, run_all
from solvers.cpsat.stage import Stage
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Make = Callable[..., Problem]
Held = Callable[..., Assignment]

Attempt = Callable[[Sequence[CpModel], Callable[[], None]], list[Run] | None]


def enough(models: Sequence[CpModel], meanwhile: Callable[[], None]) -> list[Run]:
    """Solve parts to the end."""
    return run_all(models, Effort(seconds=600, workers=1, seed=0, deterministic_time=10), meanwhile)


def six(make: Make) -> Problem:
    """Six candidates for one interviewer who is there from 9 to 12."""
    session = {"key": "s", "minutes": 30, "grid": 30, "seats": [{"key": "lead", "pool": ["p"]}]}
    loops = [{"key": f"c{number}", "sessions": [session]} for number in range(6)]
    return make(*loops, people=[{"key": "p", "open": [(540, 1080)]}])


def better(problem: Problem, start: Plan, first: int, attempt: Attempt) -> list[tuple[int, ...]]:
    """The levels of each better plan."""
    choices = options(problem)
    found = improvements(
        Stage(problem, choices),
        start,
        first,
        Neighbourhoods(problem, choices, seed=0),
        bound=0,
        attempt=attempt,
        at_once=2,
    )
    return [judge(problem, plan).objective.levels for plan in found]


def test_from_nothing_to_the_best(problem: Make) -> None:
    """From a plan that holds nobody, each plan is better than the one before, and the last holds all until noon."""
    found = better(six(problem), Plan(), 0, enough)
    assert all(later < earlier for earlier, later in pairwise(found))
    assert (0, 12) == found[-1][:2]


def test_levels_before_the_first_stay_as_good(problem: Make, held: Held) -> None:
    """Improving the worst-off candidate leaves nobody out."""
    start = Plan(assignments=tuple(held(f"c{number}/s", 540 + 90 * number, lead="p") for number in range(6)))
    small = six(problem)
    assert (0, 17) == judge(small, start).objective.levels[:2]
    found = better(small, start, 1, enough)
    assert {0} == {levels[0] for levels in found}
    assert 12 == found[-1][1]


def test_ends_when_nothing_more_may_be_attempted(problem: Make) -> None:
    """An attempt that is refused is the end."""
    assert [] == better(six(problem), Plan(), 0, lambda _models, _meanwhile: None)
