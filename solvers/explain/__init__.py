"""Why a loop cannot be scheduled, what would help, and how far a start is from legal: solved each time, not guessed."""

from solvers.explain.changes import PRICES, Change, ChangeKind, grant
from solvers.explain.conflict import Conflict, conflict
from solvers.explain.deciding import Budget
from solvers.explain.facts import STRUCTURE, Fact, FactKind
from solvers.explain.hours import Ask, value_of_hours
from solvers.explain.left_out import LeftOut, Missing, explain_missing
from solvers.explain.nearmiss import NearMiss, why_not
from solvers.explain.question import beside
from solvers.explain.remedies import Explanation, Remedy, explanation, remedies

__all__ = [
    "PRICES",
    "STRUCTURE",
    "Ask",
    "Budget",
    "Change",
    "ChangeKind",
    "Conflict",
    "Explanation",
    "Fact",
    "FactKind",
    "LeftOut",
    "Missing",
    "NearMiss",
    "Remedy",
    "beside",
    "conflict",
    "explain_missing",
    "explanation",
    "grant",
    "remedies",
    "value_of_hours",
    "why_not",
]
