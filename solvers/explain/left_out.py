"""Why each loop that a plan leaves out does not fit beside it, what would help, and the ask that opens most."""

from __future__ import annotations

import time
from dataclasses import dataclass

from solvers.explain.conflict import Explained, explain
from solvers.explain.deciding import Budget, Decider
from solvers.explain.facts import Fact
from solvers.explain.hours import Ask, value_of_hours
from solvers.explain.question import ask, beside
from solvers.explain.remedies import Explanation, search
from solvers.plan import Plan
from solvers.problem import Problem

FOR_ASKS = 0.25
"""The part of the time that goes into the one ask that opens most, where several loops are left out."""
SHARES_OF_THE_FIRST = 3
"""So much more time a loop gets until one is fully explained, as its reasons are tried first for all others."""
FOR_CONFLICTS = 0.5
"""The part of each loop's time that goes into why it does not fit; the rest is for what would help."""
LEAST = 0.05
"""Nothing is begun with fewer seconds."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One loop, and why it does not fit.

    Args:
        problem: of this loop beside the plan, which is what the explanation is about.
    """

    loop: str
    problem: Problem
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Missing:
    """All that was found out in time about the loops that a plan leaves out.

    Args:
        asks: empty also where only one loop is left out, whose remedies say as much.
        unexplained: loops of which it was not decided why.
    """

    left_out: tuple[LeftOut, ...] = ()
    asks: tuple[Ask, ...] = ()
    unexplained: tuple[str, ...] = ()


def explain_missing(problem: Problem, plan: Plan, *, seconds: float) -> Missing:
    """Explain every loop that the plan leaves out, each with a fair share of the time that is left."""
    until = time.monotonic() + seconds
    held = {each.loop for each in plan.assignments}
    keys = [loop.key for loop in problem.loops if loop.key not in held]
    known: dict[str, Explained] = {}
    told: list[LeftOut] = []
    like: tuple[Fact, ...] = ()
    settled = False
    spare = FOR_ASKS * seconds if len(keys) > 1 else 0.0
    for index, key in enumerate(keys):
        shares = 1 if settled else SHARES_OF_THE_FIRST
        left = (until - spare - time.monotonic()) * shares / (len(keys) - index - 1 + shares)
        if left < LEAST:
            continue
        around = beside(problem, plan, key)
        decider = Decider(Budget(seconds=left))
        found = explain(ask(around, key), decider.part(FOR_CONFLICTS), like=like)
        if found.outcome != "unknown":
            known[key] = found
            like = found.pieces or like
            settled = settled or found.minimal
            helpful = search(around, key, found, decider)
            told.append(LeftOut(key, around, Explanation(conflict=found.said(), remedies=helpful)))
    left = until - time.monotonic()
    asks: tuple[Ask, ...] = ()
    if len(keys) > 1 and left > LEAST:
        asks = value_of_hours(problem, plan, budget=Budget(seconds=left), known=known)
    return Missing(tuple(told), asks, tuple(key for key in keys if key not in known))
