"""The public answer about one start: whether it is legal, what it costs or what forbids it, and what is near."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.planning.localtimes import local
from scheduler.planning.loops.compile import CompiledLoops
from scheduler.planning.loops.words import LocalWords
from scheduler.planning.reasons import Reasons
from scheduler.planning.sentences import count
from scheduler.zones import iso_utc
from solvers.explain import NearMiss


class StartAnswer(BaseModel):
    """What is known of one start; local times are on the clock of `zone`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start_utc: str
    start: str
    zone: str
    outcome: Literal["legal", "forbidden", "unknown"]
    points: int | None = Field(None, description="what the best way to begin then costs, if it is legal")
    best: int | None = Field(None, description="what the best start costs, if this one is legal")
    blockers: tuple[str, ...] = Field((), description="the facts that forbid it, a sentence each")
    lift: int | None = Field(None, description="how many of the facts must give at least")
    before: str | None = Field(None, description="the last legal start before it, local")
    after: str | None = Field(None, description="the first legal start after it, local")
    complete: bool = Field(description="whether all of this was decided in time")
    text: tuple[str, ...] = Field(description="the same in sentences")


def start_answer(
    compiled: CompiledLoops, miss: NearMiss, points: int | None, best: int | None
) -> StartAnswer:
    """The answer in names and local times.

    Args:
        points: of the best way to begin at a legal start, as far as known.
        best: of the best start.
    """
    zone = compiled.window.zone
    reasons = Reasons(compiled.problem, LocalWords(compiled))
    before = None if miss.before is None else local(zone, miss.start - miss.before)
    after = None if miss.after is None else local(zone, miss.start + miss.after)
    said = list(reasons.near_miss(miss))
    if points is not None and best is not None:
        said.append(_compared(points, best))
    return StartAnswer(
        start_utc=iso_utc(miss.start),
        start=local(zone, miss.start),
        zone=zone.key,
        outcome=miss.outcome,
        points=points,
        best=best,
        blockers=reasons.blockers(miss) if miss.outcome == "forbidden" else (),
        lift=miss.fewest,
        before=before,
        after=after,
        complete=miss.complete,
        text=tuple(said),
    )


def _compared(points: int, best: int) -> str:
    if points <= best:
        return f"it costs {count(points, 'point')}; no start costs less."
    return f"it costs {count(points, 'point')}, {points - best} more than the best start."
