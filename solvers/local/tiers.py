"""The objective cut into tiers: amounts that are so far apart that the larger ones go before the smaller.

A level of the problem is one tier or several. A search that weighed a tier a million times the next could not move in
the upper one without ignoring the lower one; between tiers it therefore uses its own, gentler rates, and only whole
states are compared by the true levels.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solvers.local.count import Count, in_steps
from solvers.local.ground import Ground
from solvers.problem import Term

Reals = NDArray[np.float64]

FAR = 500
"""An amount more than so many times the next smaller one belongs to a tier of its own."""


@dataclass(eq=False)
class Tier:
    """Amounts of about one magnitude.

    Args:
        unit: the smallest amount, that of one tick where it is paid by the minute.
        weights: weights of terms counted in this tier, but for pair_cost.
        pairs: prices on pairs, already times their weight, as indices into the pairs of `Count` by kind.
    """

    unit: float
    weights: dict[Term, int] = field(default_factory=dict)
    overlap: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    touching: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    apart: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    rushed: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    pair_weight: int = 0

    @property
    def attendance_only(self) -> bool:
        """Whether nothing but leaving loops out costs here."""
        return set(self.weights) <= {"unscheduled", "load_spread"} and not self.pair_weight


def tiers_of(ground: Ground, count: Count) -> list[Tier]:
    """The tiers of all levels, the most important first; levels in which nothing can be paid have none."""
    tiers: list[Tier] = []
    for level in ground.problem.levels:
        weights = {term: weight for term, weight in level.weights.items() if weight}
        pair_weight = weights.pop("pair_cost", 0)
        kinds = {
            "overlap": count.overlap * (pair_weight * ground.step),
            "touching": count.touching * pair_weight,
            "apart": count.apart * pair_weight,
            "rushed": count.rushed * pair_weight,
        }
        amounts = {term: weight * _dearest(ground, term) for term, weight in weights.items()}
        found = [*amounts.values(), *(int(price) for kind in kinds.values() for price in np.unique(kind))]
        for run in in_steps([amount for amount in found if amount > 0], FAR):
            most, least = run[0], run[-1]
            tier = Tier(
                unit=float(least),
                weights={term: w for term, w in weights.items() if least <= amounts[term] <= most},
                pair_weight=pair_weight,
            )
            for kind, values in kinds.items():
                setattr(tier, kind, np.flatnonzero((least <= values) & (values <= most)))
            if not (len(tier.overlap) or len(tier.touching) or len(tier.apart) or len(tier.rushed)):
                tier.pair_weight = 0
            tiers.append(tier)
    return tiers


def _dearest(ground: Ground, term: Term) -> int:
    """About the largest number of units that one step, one minute or one choice makes."""
    problem = ground.problem
    sessions = [session for _, session in ground.sessions]
    if term == "unscheduled":
        return max(loop.priority for loop in problem.loops)
    if term == "moved":
        return max((each.placed.price for each in sessions if each.placed is not None), default=0)
    if term == "start_cost":
        return max(max(each.delay_cost, *(price for *_, price in each.start_costs), 0) for each in sessions)
    if term == "room_cost":
        return max((price for each in sessions for _, price in each.room_costs), default=0)
    return ground.step if term == "tentative" else 1
