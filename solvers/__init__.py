"""Pure search over integer minutes: no clock, no zone, no I/O, and usable without the rest of Slotwright.

One session: `Query` is the question; `rank` answers it with the best slots, `find_starts` with every feasible start,
`blockers` with what stands in the way, and `score` tells what one start offers and costs.

Loops of sessions, for one or many candidates: `Problem` is the question; `solve` answers it with a `Verdict`, and
`judge` judges any `Plan` by the problem alone. These are loaded when first asked for, as pydantic and CP-SAT take
longer to load than a search for one session takes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from solvers.query import Attendee, Calendar, Query, RoomOption, Weights
from solvers.ranking import Ranking, rank
from solvers.scoring import TERMS, Cost, Slot, score
from solvers.slots import Blocker, Source, blockers, find_starts, permitted_starts
from solvers.timeline import Bits, Span, SpanSet

if TYPE_CHECKING:
    from solvers.check import Judgement, judge
    from solvers.cpsat import Progress, solve
    from solvers.plan import Assignment, Feasible, Infeasible, Objective, Optimal, Plan, Unknown, Verdict
    from solvers.problem import Problem

__all__ = [
    "TERMS",
    "Assignment",
    "Attendee",
    "Bits",
    "Blocker",
    "Calendar",
    "Cost",
    "Feasible",
    "Infeasible",
    "Judgement",
    "Objective",
    "Optimal",
    "Plan",
    "Problem",
    "Progress",
    "Query",
    "Ranking",
    "RoomOption",
    "Slot",
    "Source",
    "Span",
    "SpanSet",
    "Unknown",
    "Verdict",
    "Weights",
    "blockers",
    "find_starts",
    "judge",
    "permitted_starts",
    "rank",
    "score",
    "solve",
]

_LATE: Final = {
    "solvers.check": ("Judgement", "judge"),
    "solvers.cpsat": ("Progress", "solve"),
    "solvers.plan": (
        "Assignment",
        "Feasible",
        "Infeasible",
        "Objective",
        "Optimal",
        "Plan",
        "Unknown",
        "Verdict",
    ),
    "solvers.problem": ("Problem",),
}
"""What is loaded when it is first asked for, by the module that has it."""


def __getattr__(name: str) -> Any:
    for module, names in _LATE.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
