"""What `solve` says of candidates that it could not schedule: why, and what would help."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from scheduler.cli.tables import line
from scheduler.planning.reasons import Reasons
from solvers.explain import Ask, Budget, Explanation, explain_missing, explanation
from solvers.plan import Feasible, Infeasible, Optimal, Verdict
from solvers.problem import Problem


@dataclass(frozen=True)
class Told:
    """An explanation, of the problem that it is about."""

    loops: tuple[str, ...]
    problem: Problem
    explanation: Explanation


@dataclass(frozen=True)
class Explanations:
    """What was found in time.

    Args:
        unexplained: loops for which there was no time.
    """

    told: tuple[Told, ...] = ()
    asks: tuple[Ask, ...] = ()
    unexplained: tuple[str, ...] = ()


def explain_verdict(problem: Problem, verdict: Verdict, seconds: float) -> Explanations:
    """Why what must be scheduled cannot, or for each loop that the plan leaves out why it does not fit beside it."""
    if not seconds:
        return Explanations()
    match verdict:
        case Optimal() | Feasible():
            found = explain_missing(problem, verdict.plan, seconds=seconds)
            told = tuple(Told((each.loop,), each.problem, each.explanation) for each in found.left_out)
            return Explanations(told, found.asks, found.unexplained)
        case Infeasible():
            return _of_infeasible(problem, seconds)
        case _:
            return Explanations()


def _of_infeasible(problem: Problem, seconds: float) -> Explanations:
    found = explanation(problem, None, budget=Budget(seconds=seconds))
    if found.conflict.outcome != "forbidden":
        return Explanations(unexplained=found.conflict.loops)
    return Explanations((Told(found.conflict.loops, problem, found),))


def print_explanations(problem: Problem, explanations: Explanations, console: Console) -> None:
    """Each explanation as a few lines, then the asks, then what there was no time for."""
    told: dict[tuple[str, ...], str] = {}
    for each in explanations.told:
        reasons = Reasons(each.problem)
        conflict = each.explanation.conflict
        sentences = reasons.conflict(conflict)
        line(console, "")
        if conflict.outcome == "solvable":
            line(
                console, f"{_listed(each.loops)} would fit beside this plan; search longer with --time-limit."
            )
            continue
        first = told.setdefault(_of_nobody(sentences, each.loops), each.loops[0])
        if first != each.loops[0]:
            line(console, f"{_named(each.loops)} for the same reasons as {first}.")
        else:
            line(console, f"Why {_named(each.loops)}:")
            for sentence in sentences:
                line(console, f"- {sentence}")
        if first == each.loops[0] and conflict.minimal and len(conflict.facts) > 1:
            line(console, "Without any one of these it could be.")
        if each.explanation.remedies:
            line(console, "What would help, the easiest first:")
            for number, remedy in enumerate(each.explanation.remedies, start=1):
                line(console, f"{number}. {reasons.remedy(remedy)}")
        elif conflict.outcome == "forbidden":
            line(console, "No single change and no pair of changes that was tried in time would help.")
    if explanations.asks:
        reasons = Reasons(problem)
        line(console, "")
        line(console, "The asks that open most:")
        for ask in explanations.asks:
            line(console, f"- {reasons.ask(ask)}")
    if explanations.unexplained:
        line(console, "")
        line(
            console,
            f"not explained in time: {', '.join(explanations.unexplained)}; allow more with --explain-limit",
        )


def as_values(explanations: Explanations) -> dict[str, Any]:
    """The same for `--json`."""
    return {
        "loops": [
            {
                "loops": each.loops,
                "sentences": Reasons(each.problem).conflict(each.explanation.conflict),
                "conflict": each.explanation.conflict.model_dump(
                    mode="json", exclude_defaults=True, exclude={"facts": {"__all__": {"within"}}}
                ),
                "remedies": [
                    {
                        "sentence": Reasons(each.problem).remedy(remedy),
                        **remedy.model_dump(mode="json", exclude_defaults=True),
                    }
                    for remedy in each.explanation.remedies
                ],
            }
            for each in explanations.told
        ],
        "asks": [ask.model_dump(mode="json") for ask in explanations.asks],
        "unexplained": explanations.unexplained,
    }


def _of_nobody(sentences: tuple[str, ...], loops: tuple[str, ...]) -> tuple[str, ...]:
    """The sentences without the name of the one candidate that they are about."""
    if len(loops) > 1:
        return sentences
    name = re.compile(rf"(?<!\w){re.escape(loops[0])}(?!\w)")
    return tuple(name.sub("…", sentence) for sentence in sentences)


def _named(loops: tuple[str, ...]) -> str:
    return f"{_listed(loops)} cannot {'all ' if len(loops) > 1 else ''}be scheduled"


def _listed(loops: tuple[str, ...]) -> str:
    return " and ".join(part for part in (", ".join(loops[:-1]), loops[-1]) if part)
