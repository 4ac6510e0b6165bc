"""Which terms of the objective are about one loop by itself."""

from __future__ import annotations

from typing import Final

from solvers.problem import Problem, Term

OF_ALL_LOOPS: Final[frozenset[Term]] = frozenset(
    ("unscheduled", "worst_off", "load_spread", "pair_cost", "fragile")
)
"""Terms that are no sum over scheduled loops of what each costs by itself."""


def weights_alone(problem: Problem) -> dict[Term, int]:
    """The largest weight, on any level, of each term that one loop has by itself."""
    weights: dict[Term, int] = {}
    for level in problem.levels:
        for term, weight in level.weights.items():
            if weight and term not in OF_ALL_LOOPS:
                weights[term] = max(weight, weights.get(term, 0))
    return weights
