"""What a whole state costs, exactly, and whether it is lawful: the same numbers as `solvers.check`, in a few passes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from solvers.local.ground import OUT, Ground, Ints
from solvers.problem import Term


class Count:
    """Counts the objective and the broken rules of states, given as columns and ticks of all sessions."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._all = np.arange(len(ground.sessions))
        self._weights = [
            {term: weight for term, weight in level.weights.items() if weight}
            for level in ground.problem.levels
        ]
        self._weighed: set[Term] = {term for weights in self._weights for term in weights}
        problem = ground.problem
        index = {f"{loop.key}/{session.key}": place for place, (loop, session) in enumerate(ground.sessions)}
        pairs = problem.pair_costs if "pair_cost" in self._weighed else ()
        self.one = np.array([index[pair.one] for pair in pairs], np.int64)
        self.other = np.array([index[pair.other] for pair in pairs], np.int64)
        self.overlap = np.array([pair.overlap for pair in pairs], np.int64)
        self.touching = np.array([pair.touching for pair in pairs], np.int64)
        self.apart = np.array([pair.apart for pair in pairs], np.int64)
        self.rushed = np.array([pair.rushed for pair in pairs], np.int64)
        self.within = np.array([pair.rushed_within for pair in pairs], np.int64)
        pooled = ground.seated.any(axis=0)
        self._pooled: Ints = ground.seated[:, pooled].astype(np.int64)
        self._loads = np.array([person.load for person in problem.people], np.int64)[pooled]
        self._together = shared_gaps(ground)

    def levels(self, rooms: Ints, ticks: Ints) -> tuple[int, ...]:
        """The weighted sum of each level."""
        units = {term: self._units(term, rooms, ticks) for term in self._weighed}
        return tuple(
            sum(weight * units[term] for term, weight in weights.items()) for weights in self._weights
        )

    def _units(self, term: Term, rooms: Ints, ticks: Ints) -> int:
        ground, held = self._ground, rooms != OUT
        if term == "worst_off":
            return int((ground.hours[self._all, ticks] * held).max(initial=0))
        if term == "load_spread":
            loads = self._loads + (self._pooled * (ground.minutes * held)[:, None]).sum(axis=0)
            return int(loads.max() - loads.min()) if len(loads) else 0
        if term == "pair_cost":
            return self._pair_units(rooms, ticks)
        total = 0
        if term in ground.left_out:
            total += int(ground.left_out[term][~held].sum())
        if term in ground.by_start:
            total += int((ground.by_start[term][self._all, ticks] * held).sum())
        if term in ground.by_room:
            total += int((ground.by_room[term][self._all, rooms] * held).sum())
        if term in ground.by_place:
            total += int((ground.by_place[term][self._all, rooms, ticks] * held).sum())
        return total

    def _pair_units(self, rooms: Ints, ticks: Ints) -> int:
        ground = self._ground
        starts = ticks * ground.step
        ends = starts + ground.minutes
        here, there = rooms[self.one], rooms[self.other]
        both = (here != OUT) & (there != OUT)
        from_, to = starts[self.one], ends[self.one]
        since, until = starts[self.other], ends[self.other]
        overlap = np.maximum(0, np.minimum(to, until) - np.maximum(from_, since))
        touch = (to == since) | (until == from_)
        no_room = len(ground.rooms) - 1
        elsewhere = here != there
        first_ends = np.where(from_ < since, to, until)
        second = np.maximum(from_, since)
        rushed = elsewhere & (from_ != since) & (second <= first_ends + self.within)
        together = both & touch & ~elsewhere & (here != no_room)
        units = both * (self.overlap * overlap + self.touching * touch + self.rushed * rushed)
        return int((units + self.apart * ~together).sum())

    def broken(self, rooms: Ints, ticks: Ints) -> Ints:
        """For each session, with how many others it clashes, and 1 more if it is due and left out.

        Clashes of a person and of a room count alike. Places a session may not be in by itself do not occur.
        """
        ground, held = self._ground, rooms != OUT
        starts = ticks * ground.step
        ends = starts + ground.minutes
        lateness = np.minimum(ends[:, None] - starts[None, :], ends[None, :] - starts[:, None])
        clash = self._together + lateness > 0
        one_room = (rooms[:, None] == rooms[None, :]) & (rooms != len(ground.rooms) - 1)
        clash |= one_room & (lateness + ground.room_gaps[rooms] > 0)
        clash &= held[:, None] & held[None, :]
        np.fill_diagonal(clash, val=False)
        broken: Ints = clash.sum(axis=1) + (ground.due & ~held)
        return broken


def shared_gaps(ground: Ground) -> Ints:
    """For each two sessions, the minutes that people they share need between them; far below 0 if they share nobody."""
    nobody = -(2**50)
    count = len(ground.sessions)
    gaps = np.full((count, count), nobody, np.int64)
    for person, gap in enumerate(ground.gaps.tolist()):
        sits = ground.seated[:, person]
        gaps[np.ix_(sits, sits)] = np.maximum(gaps[np.ix_(sits, sits)], gap)
    np.fill_diagonal(gaps, nobody)
    return gaps


def clash_free(count: Count, rooms: Ints, ticks: Ints) -> tuple[Ints, Ints]:
    """The state without the sessions that clash most, one after another, until none clashes."""
    rooms = rooms.copy()
    while True:
        broken = count.broken(rooms, ticks) * (rooms != OUT)
        if not broken.any():
            return rooms, ticks
        rooms[int(broken.argmax())] = OUT


def in_steps(values: list[int], ratio: int) -> list[list[int]]:
    """Values in descending order, cut where one is more than so many times the next."""
    ordered = sorted(set(values), reverse=True)
    runs = [ordered[:1]] if ordered else []
    for one, other in pairwise(ordered):
        if one > ratio * other:
            runs.append([])
        runs[-1].append(other)
    return runs
