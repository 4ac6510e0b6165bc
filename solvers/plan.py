"""What a solver answers: a plan, and what is proved about it. The closed set of verdicts is matched, never probed."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from solvers.problem import WHOLE, Frozen, Key, Minute, Sitting, Term

VERSION: Final = 1


class Assignment(Frozen):
    """One scheduled session: when, who sits where, and in which room. Empty optional seats are left out."""

    loop: Key
    session: Key
    start: Minute
    people: Sitting = Field(default_factory=dict)
    room: Key | None = None

    def __hash__(self) -> int:
        return hash((self.loop, self.session, self.start, tuple(sorted(self.people.items())), self.room))


class Plan(Frozen):
    """The scheduled sessions; a loop is scheduled when all its sessions are here, and left out when none is."""

    version: Annotated[Literal[1], WHOLE] = VERSION
    assignments: tuple[Assignment, ...] = ()


class Objective(Frozen):
    """What a plan costs: units of every term, and the weighted sum of each level, the most important first."""

    units: dict[Term, int]
    levels: tuple[int, ...]

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.units.items())), self.levels))


class Size(Frozen):
    """How large the model was."""

    variables: int
    constraints: int


class Optimal(Frozen):
    """No lawful plan is better, level by level; proved."""

    kind: Literal["optimal"] = "optimal"
    plan: Plan
    objective: Objective
    size: Size
    seconds: float


class Feasible(Frozen):
    """A lawful plan, and how much better another could be at most.

    Args:
        level: index of the first level that is not proved; the levels before it are optimal.
        bound: no plan with those levels has less at this one; objective.levels[level] - bound is the gap.
        limit: what ended the search.
    """

    kind: Literal["feasible"] = "feasible"
    plan: Plan
    objective: Objective
    level: int
    bound: int
    limit: Literal["time", "interrupted"]
    size: Size
    seconds: float


class Infeasible(Frozen):
    """No lawful plan exists; proved. `reasons` are sentences about what was found before solving, if anything was."""

    kind: Literal["infeasible"] = "infeasible"
    reasons: tuple[str, ...] = ()
    size: Size
    seconds: float


class Unknown(Frozen):
    """Neither a plan nor a proof was found within the limit."""

    kind: Literal["unknown"] = "unknown"
    limit: Literal["time", "interrupted"]
    size: Size
    seconds: float


Verdict = Annotated[Optimal | Feasible | Infeasible | Unknown, Field(discriminator="kind")]
