"""The cost of every session at every place, given where the others are, kept up to date as they move.

A session changes what the others cost only near its own start, by an amount that depends on how their starts lie to
each other and on whether they share a room. So there are two tables, one by tick alone and one by room and tick, and
moving a session adds a band of a few dozen ticks to each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.local.count import Count, shared_gaps
from solvers.local.ground import OUT, Ground
from solvers.local.support import reach_of
from solvers.local.tiers import Reals, Tier

Singles = NDArray[np.float32]

FORBIDDEN = 1e15
"""The cost of a place where a session may not be."""
_SHORT = 8
"""Ticks that leaving any session out counts more than the session has."""
KEPT = 2**26
"""Numbers of kernels that are kept; beyond that they are made anew for each move."""


@dataclass(frozen=True)
class Rates:
    """What a search pays for one unit of each tier, for a tick of a clash, and for a tick of a session left out."""

    tiers: tuple[float, ...]
    clash: float
    out: float


def columns_of(ground: Ground) -> list[int]:
    """The columns that some session may be in; that of no room if there are none."""
    used: list[int] = np.flatnonzero(ground.lawful.any(axis=(0, 2))).tolist()
    return used or [len(ground.rooms) - 1]


class Kernels:
    """How two sessions cost each other, by the ticks between their starts."""

    def __init__(self, ground: Ground, count: Count, tiers: list[Tier]) -> None:
        self._ground = ground
        self._tiers = tiers
        self._within = sorted({int(within) for within in count.within[count.rushed > 0]})
        self.reach = -(-reach_of(ground.problem) // ground.step) + 1
        self._offsets = np.arange(-self.reach, self.reach + 1) * ground.step
        gaps = shared_gaps(ground)
        self._clashes = [(int(gap), gaps == gap) for gap in np.unique(gaps[gaps >= 0])]
        self._matrices = [self._matrices_of(count, tier) for tier in tiers]
        self._shapes: dict[tuple[str, int, int], Reals] = {}
        self.kinds = tuple(sorted({int(ground.room_gaps[column]) for column in columns_of(ground)}))
        self._mixed: dict[str, Reals] = {}
        self._rates = Rates((), 0.0, 0.0)
        self._made: dict[int, tuple[Singles, dict[int, Singles]]] = {}
        width = len(self._offsets) * len(ground.sessions)
        self._keeps = width * len(ground.sessions) * (1 + len(self.kinds)) <= KEPT

    def _matrices_of(self, count: Count, tier: Tier) -> dict[str, Reals]:
        """Prices of the tier on pairs, by kind, as symmetric matrices."""
        size = len(self._ground.sessions)
        found: dict[str, Reals] = {}

        def add(kind: str, which: NDArray[np.int64], prices: NDArray[np.int64]) -> None:
            matrix = found.setdefault(kind, np.zeros((size, size)))
            amounts = prices[which].astype(np.float64) * tier.pair_weight
            np.add.at(matrix, (count.one[which], count.other[which]), amounts)
            np.add.at(matrix, (count.other[which], count.one[which]), amounts)

        if len(tier.overlap):
            add("overlap", tier.overlap, count.overlap)
        if len(tier.touching):
            add("touching", tier.touching, count.touching)
        if len(tier.apart):
            add("apart", tier.apart, count.apart)
        for within in self._within:
            which = tier.rushed[count.within[tier.rushed] == within]
            if len(which):
                add(f"rushed {within}", which, count.rushed)
        return found

    def set_rates(self, rates: Rates) -> None:
        """Price everything anew."""
        self._rates = rates
        self._made = {}
        self._mixed = {}
        for rate, matrices in zip(rates.tiers, self._matrices, strict=True):
            for kind, matrix in matrices.items():
                self._mixed[kind] = self._mixed.get(kind, 0.0) + rate * matrix

    def of(self, index: int) -> tuple[Singles, dict[int, Singles]]:
        """What the session adds to the cost of each other, by ticks from its start: in any room, and in its own.

        The latter by the kind of its room, the gap the room needs between sessions, -1 for no room.
        """
        made = self._made.get(index)
        if made is None:
            made = self._make(index)
            if self._keeps:
                self._made[index] = made
        return made

    def _make(self, index: int) -> tuple[Singles, dict[int, Singles]]:
        minutes, mixed = int(self._ground.minutes[index]), self._mixed
        anywhere = np.zeros((len(self._ground.sessions), len(self._offsets)))
        overlaps = self._overlap(minutes, 0)
        if "overlap" in mixed:
            anywhere += mixed["overlap"][:, index, None] * overlaps
        if "touching" in mixed:
            anywhere += mixed["touching"][:, index, None] * self._touch(minutes)
        for gap, matrix in self._clashes:
            anywhere += matrix[:, index, None] * (self._rates.clash * self._ticks(minutes, gap))
        here = np.zeros_like(anywhere)
        for within in self._within:
            if (key := f"rushed {within}") in mixed:
                rushed = mixed[key][:, index, None] * self._rush(minutes, within)
                anywhere += rushed
                here -= rushed
        anywhere[index] = 0.0
        rooms: dict[int, Reals] = {}
        for kind in self.kinds:
            rooms[kind] = here
            if kind >= 0:
                rooms[kind] = here + self._rates.clash * self._ticks(minutes, kind)
                if "apart" in mixed:
                    rooms[kind] -= mixed["apart"][:, index, None] * self._touch(minutes)
            rooms[kind][index] = 0.0
        return anywhere.astype(np.float32), {kind: each.astype(np.float32) for kind, each in rooms.items()}

    def _overlap(self, minutes: int, gap: int) -> Reals:
        """Minutes that each session shares with one of so many minutes, both lengthened by a gap."""
        return self._shape("overlap", minutes, gap)

    def _ticks(self, minutes: int, gap: int) -> Reals:
        """The same in started ticks."""
        return self._shape("ticks", minutes, gap)

    def _touch(self, minutes: int) -> Reals:
        return self._shape("touch", minutes, 0)

    def _rush(self, minutes: int, within: int) -> Reals:
        return self._shape("rush", minutes, within)

    def _shape(self, name: str, minutes: int, extra: int) -> Reals:
        key = name, minutes, extra
        if key not in self._shapes:
            offsets, lengths = self._offsets[None, :], self._ground.minutes[:, None]
            if name in ("overlap", "ticks"):
                ends = np.minimum(offsets + lengths, minutes) + extra
                shape = np.maximum(0, ends - np.maximum(offsets, 0))
                if name == "ticks":
                    shape = -(-shape // self._ground.step)
            elif name == "touch":
                shape = (offsets == minutes) | (offsets == -lengths)
            else:
                later = (offsets > 0) & (offsets <= minutes + extra)
                shape = later | ((offsets < 0) & (-offsets <= lengths + extra))
            self._shapes[key] = shape.astype(np.float64)
        return self._shapes[key]


class Table:
    """A state, and the cost of moving any one session of it.

    A place is one number: column * width + margin + tick. Costs are those of the rates, without what no place of the
    session changes.
    """

    def __init__(self, ground: Ground, kernels: Kernels, tiers: list[Tier]) -> None:
        self._ground = ground
        self._kernels = kernels
        self._tiers = tiers
        self.margin = kernels.reach
        self.width = ground.ticks + 2 * self.margin
        count, columns = len(ground.sessions), columns_of(ground)
        self.size = len(columns) * self.width
        self._column_of = {column: place for place, column in enumerate(columns)}
        self._columns_used = columns
        self._by_tick = np.zeros((count, self.width), np.float32)
        self._by_room = np.zeros((count, len(columns), self.width), np.float32)
        self._row = np.zeros((len(columns), self.width), np.float32)
        self._kind = [int(ground.room_gaps[column]) for column in columns]
        self.rooms = [OUT] * count
        self.ticks = [0] * count
        self.out: list[float] = [0.0] * count
        self._lateness = 0.0

    def reset(self, rates: Rates, rooms: list[int], ticks: list[int]) -> None:
        """Take these rates and this state."""
        self._kernels.set_rates(rates)
        self._price(rates)
        self.rooms, self.ticks = [OUT] * len(rooms), list(ticks)
        for index, room in enumerate(rooms):
            if room != OUT:
                self.put(index, self.place(room, ticks[index]))

    def place(self, room: int, tick: int) -> int:
        """The number of a place."""
        return self._column_of[room] * self.width + self.margin + tick

    def put(self, index: int, place: int) -> None:
        """Hold a session that is out at this place."""
        column, at = divmod(place, self.width)
        self.rooms[index], self.ticks[index] = self._columns_used[column], at - self.margin
        anywhere, rooms = self._kernels.of(index)
        first, last = at - self.margin, at + self.margin + 1
        self._by_tick[:, first:last] += anywhere
        self._by_room[:, column, first:last] += rooms[self._kind[column]]

    def take(self, index: int) -> None:
        """Take a session out that is held."""
        column, tick = self._column_of[self.rooms[index]], self.ticks[index]
        anywhere, rooms = self._kernels.of(index)
        first, last = tick, tick + 2 * self.margin + 1
        self._by_tick[:, first:last] -= anywhere
        self._by_room[:, column, first:last] -= rooms[self._kind[column]]
        self.rooms[index] = OUT

    def costs(self, index: int) -> Singles:
        """What the session would cost at each place; the same array each time, overwritten."""
        np.add(self._by_room[index], self._by_tick[index], out=self._row)
        if self._lateness:
            self._row += self._later(index).astype(np.float32)
        return self._row.reshape(-1)

    def _later(self, index: int) -> Reals:
        """How much the session would make the worst-off later, at each tick, times its rate."""
        ground = self._ground
        ends = [
            int(ground.hours[other, self.ticks[other]])
            for other, room in enumerate(self.rooms)
            if room != OUT and other != index
        ]
        later = np.zeros(self.width)
        inside = slice(self.margin, self.margin + ground.ticks)
        later[inside] = np.maximum(0, ground.hours[index] - max(ends, default=0)) * self._lateness
        return later

    def _price(self, rates: Rates) -> None:
        ground = self._ground
        inside = slice(self.margin, self.margin + ground.ticks)
        by_tick = np.zeros((len(ground.sessions), self.width))
        self._by_room.fill(FORBIDDEN)
        self._lateness = 0.0
        out = np.zeros(len(ground.sessions))
        places = np.where(ground.lawful[:, self._columns_used], 0.0, FORBIDDEN)
        for rate, tier in zip(rates.tiers, self._tiers, strict=True):
            for term, weight in tier.weights.items():
                price = rate * weight
                if term == "worst_off":
                    self._lateness += price
                if term in ground.by_start:
                    by_tick[:, inside] += price * ground.by_start[term]
                if term in ground.by_room:
                    places += price * ground.by_room[term][:, self._columns_used, None]
                if term in ground.by_place:
                    places += price * ground.by_place[term][:, self._columns_used]
                if term in ground.left_out:
                    out += price * ground.left_out[term]
        self._by_tick[:] = by_tick
        self._by_room[:, :, inside] = places
        lengths = -(-ground.minutes // ground.step)
        priority = ground.left_out["unscheduled"] / ground.left_out["unscheduled"].min()
        self.out = (out + rates.out * (_SHORT + lengths) * priority + ground.due * FORBIDDEN).tolist()
