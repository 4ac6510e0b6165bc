"""What will happen later: effects in order of the instant they are due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Effect = Callable[[datetime], None]
"""Something that happens; it is told the instant it was due, which may lie before the present."""


@dataclass(order=True, slots=True)
class _Due:
    at: datetime
    number: int
    effect: Effect = field(compare=False)


class Agenda:
    """Effects yet to come. Those due at the same instant happen in the order they were added.

    Args:
        after: called with its instant after each effect.
    """

    def __init__(self, after: Effect = lambda _: None) -> None:
        self._after = after
        self._heap: list[_Due] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, at: datetime, effect: Effect) -> None:
        """Let an effect happen at an instant."""
        self._number += 1
        heapq.heappush(self._heap, _Due(at, self._number, effect))

    def settle(self, now: datetime) -> int:
        """Let everything due by `now` happen, effects of effects included; returns how many there were."""
        happened = 0
        while self._heap and self._heap[0].at <= now:
            due = heapq.heappop(self._heap)
            due.effect(due.at)
            self._after(due.at)
            happened += 1
        return happened
