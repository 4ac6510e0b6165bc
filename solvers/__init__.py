"""Pure search over integer minutes: no clock, no zone, no I/O, and usable without the rest of Slotwright.

`Query` is the question; `rank` answers it with the best slots, `find_starts` with every feasible start,
`blockers` with what stands in the way, and `score` tells what one start offers and costs.
"""

from solvers.query import Attendee, Calendar, Query, RoomOption, Weights
from solvers.ranking import Ranking, rank
from solvers.scoring import TERMS, Cost, Slot, score
from solvers.slots import Blocker, Source, blockers, find_starts, permitted_starts
from solvers.timeline import Bits, Span, SpanSet

__all__ = [
    "TERMS",
    "Attendee",
    "Bits",
    "Blocker",
    "Calendar",
    "Cost",
    "Query",
    "Ranking",
    "RoomOption",
    "Slot",
    "Source",
    "Span",
    "SpanSet",
    "Weights",
    "blockers",
    "find_starts",
    "permitted_starts",
    "rank",
    "score",
]
