"""What the judge says: every broken rule, and what the plan costs."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from solvers.plan import Objective
from solvers.problem import Frozen
from solvers.timeline import Span

RuleName = Literal[
    "reference",
    "repeated",
    "partial",
    "mandatory",
    "placed",
    "horizon",
    "starts",
    "grid",
    "seat_empty",
    "seat_pool",
    "seat_twice",
    "trainee",
    "person_open",
    "person_blocked",
    "person_unknown",
    "person_apart",
    "person_walk",
    "person_limit",
    "room_missing",
    "room_unasked",
    "room_unsuited",
    "room_open",
    "room_blocked",
    "room_unknown",
    "room_apart",
    "overlap",
    "order",
    "min_gap",
    "max_gap",
    "walk",
    "available",
    "earliest",
    "latest",
    "begins",
    "day",
    "max_days",
    "break",
    "same_room",
    "meets_once",
]
"""The rules, in the order in which they are reported.

reference: the plan names something that the problem does not hold. repeated: a session is scheduled twice; the first
one is judged. *_apart: two sessions of a person or room overlap, or are closer than the buffers ask. overlap: of two
sessions of a loop; where it is broken, min_gap and walk are not reported as well.
"""

RULES: Final[tuple[RuleName, ...]] = get_args(RuleName)


class Violation(Frozen):
    """One broken rule.

    Args:
        who: keys of those concerned, the loop or `loop/session` first, then people or rooms.
        when: the session, or the later of two; for limits, breaks and days the stretch that the rule is about.
        by: how far the rule is broken, at least 1: minutes where the rule is about minutes, a count otherwise.
        text: the same as one sentence.
    """

    rule: RuleName
    who: tuple[str, ...]
    when: Span | None
    by: Annotated[int, Field(ge=1)]
    text: str


class Judgement(Frozen):
    """Every broken rule in the order of `RULES`, and the objective, which is counted for unlawful plans too."""

    violations: tuple[Violation, ...]
    objective: Objective

    @property
    def lawful(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations
