"""The public answer for many candidates: one plan, what is proved of it, and why somebody was left out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.planning.answer import Unread
from scheduler.planning.loops.answer import BreakAnswer, DayPicture, SessionAnswer
from scheduler.planning.loops.pools import PoolAnswer
from scheduler.planning.loops.sentences import TermName
from scheduler.planning.request import Address


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CandidateAnswer(_Part):
    """One candidate's part of the plan; without sessions they were left out, and `reasons` say why."""

    name: str = ""
    address: Address | None = None
    priority: int
    sessions: tuple[SessionAnswer, ...] = Field((), description="in order of time")
    breaks: tuple[BreakAnswer, ...] = ()
    reasons: tuple[str, ...] = ()
    remedies: tuple[str, ...] = Field((), description="what would let them be scheduled as well")
    notes: tuple[str, ...] = Field((), description="clock changes on their days")


class LevelAnswer(_Part):
    """One level of what is minimised: its value in the plan, and below what no plan as good before it can fall."""

    what: str
    value: int
    bound: int
    proved: bool


class TermAnswer(_Part):
    """units x weight = cost of one term of the points."""

    term: TermName
    units: int
    weight: int
    cost: int


class Plans(_Part):
    """The answer to a request for many candidates."""

    zone: str
    window: tuple[str, str] = Field(description="start and end, local to `zone`")
    candidates: tuple[CandidateAnswer, ...]
    scheduled: int
    ended: Literal["optimal", "time", "interrupted", "infeasible", "unknown"]
    levels: tuple[LevelAnswer, ...] = Field((), description="the most important first")
    terms: tuple[TermAnswer, ...] = ()
    days: tuple[DayPicture, ...] = ()
    asks: tuple[str, ...] = Field(
        (), description="what one person could give that opens most for those left out"
    )
    solution: str = Field(description="the id under which `slotwright replay` solves it again")
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    pools: tuple[PoolAnswer, ...] = Field((), description="what the tags of the request stood for")
    variables: int
    constraints: int
