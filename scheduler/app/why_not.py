"""Tell why an interview, or a loop, does not begin at a given start."""

from __future__ import annotations

from scheduler.app.drive import BookingRules
from scheduler.app.find_loop import DEFAULT_EFFORT, KEY, compile_loop, search
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import DEFAULT_RULES
from scheduler.planning.localtimes import instant
from scheduler.planning.loops.near_miss import StartAnswer, start_answer
from scheduler.planning.loops.request import LoopRequest, loop_of
from scheduler.planning.request import FindRequest
from solvers.cpsat import Effort
from solvers.explain import Budget
from solvers.explain import why_not as near_miss
from solvers.problem import Problem
from solvers.timeline import SpanSet


def why_not(
    start: str,
    request: FindRequest | LoopRequest,
    calendars: Calendars,
    ledger: Ledger,
    *,
    organizer: str,
    rules: BookingRules = DEFAULT_RULES,
    effort: Effort = DEFAULT_EFFORT,
) -> StartAnswer:
    """What forbids the start, or, when nothing does, what it costs beside the best one.

    Args:
        start: a local time in the request's zone.
        organizer: through whose calendar it is read when the request names nobody; may be empty.

    Raises:
        InputError: the start or something in the request cannot be used, or an address is nobody's.
        GraphError: Graph could not be read.
        StoreError: the database refused.
    """
    asked = loop_of(request) if isinstance(request, FindRequest) else request
    compiled, _ = compile_loop(asked, calendars, ledger, organizer=organizer, rules=rules)
    minute = instant(start, compiled.window.zone, "start")
    miss = near_miss(compiled.problem, KEY, minute, budget=Budget(seconds=effort.seconds))
    if miss.outcome != "legal":
        return start_answer(compiled, miss, None, None)
    there = _points(_beginning(compiled.problem, minute), effort)
    return start_answer(compiled, miss, there, _points(compiled.problem, effort))


def _beginning(problem: Problem, minute: int) -> Problem:
    (loop,) = problem.loops
    only = loop.model_copy(update={"begins": SpanSet((minute, minute + 1))})
    return problem.model_copy(update={"loops": (only,)})


def _points(problem: Problem, effort: Effort) -> int | None:
    """What the best way to hold the loop costs; None if that was not proved in time."""
    found = search(problem, 1, 1, effort)
    return next((option.objective.levels[0] for option in found.options if option.proved), None)
