"""The best slots, in a total order."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from solvers.query import Query
from solvers.scoring import Slot, score
from solvers.slots import find_starts
from solvers.totals import total_costs


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer to a query.

    Args:
        slots: the chosen slots, best first.
        feasible: how many feasible starts there are in all, chosen or not.
    """

    slots: tuple[Slot, ...]
    feasible: int


def rank(query: Query, limit: int, apart: int = 0) -> Ranking:
    """The best slots whose starts are at least so far apart.

    The order is total: by total cost, then start, then the proposed room's key (which never decides, as a
    start has one slot). Slots are taken greedily from the best on; one that starts less than `apart` minutes
    before or after a taken one is passed over. The same query always gets the same answer.

    Args:
        query: the question.
        limit: at most so many slots, at least 1.
        apart: minutes between any two chosen starts, 0 or more.

    Raises:
        ValueError: limit or apart is too small.
    """
    if limit < 1:
        raise ValueError(f"a ranking holds at least 1 slot, not {limit}")
    if apart < 0:
        raise ValueError(f"starts are 0 or more minutes apart, not {apart}")
    found = find_starts(query)
    if not found:
        return Ranking((), 0)
    offsets = found.offsets()
    # The starts ascend and the sort is stable, so equal costs stay in order of start.
    order = np.argsort(total_costs(query, found)[offsets], kind="stable")
    feasible: list[int] = (offsets[order] + query.window.start).tolist()
    chosen = _spread(feasible, limit, apart) if apart > 1 else feasible[:limit]
    return Ranking(tuple(score(query, start) for start in chosen), len(feasible))


def _spread(starts: list[int], limit: int, apart: int) -> list[int]:
    chosen: list[int] = []
    taken: list[int] = []
    for start in starts:
        place = bisect_left(taken, start)
        near_earlier = place > 0 and start - taken[place - 1] < apart
        near_later = place < len(taken) and taken[place] - start < apart
        if not (near_earlier or near_later):
            chosen.append(start)
            taken.insert(place, start)
            if len(chosen) == limit:
                break
    return chosen
