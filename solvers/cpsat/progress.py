"""What whoever waits for a plan is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a search has come.

    Args:
        scheduled: loops the plan schedules.
        level: index of the level that is being minimised.
        objective: the level's value in the plan, as far as the solver knows.
        bound: no plan that is as good on the levels before has less.
        seconds: since the solver was asked.
    """

    scheduled: int
    level: int
    objective: int
    bound: int
    seconds: float
