"""The public answer for loops: options with every session ready to be booked, what is proved of them, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.planning.answer import Slot, Unread
from scheduler.planning.loops.pools import PoolAnswer
from scheduler.planning.loops.sentences import TermName
from scheduler.planning.request import Address


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeatAnswer(_Part):
    """Who sits in a seat; nobody in one that stays empty."""

    seat: str
    kind: Literal["required", "optional", "trainee"]
    beside: str | None = None
    person: Address | None = None
    instead: tuple[Address, ...] = Field(
        (), description="who else of the pool could, with everything else as it is, the cheapest first"
    )


class SessionAnswer(_Part):
    """One session of an option. Its slot can be booked by itself; its score stands with the whole option."""

    name: str
    minutes: int
    seats: tuple[SeatAnswer, ...]
    slot: Slot


class BreakAnswer(_Part):
    """Where a break fits; `start` and `end` are local to the answer's zone."""

    name: str
    start: str
    end: str


MarkKind = Literal["session", "break", "busy", "tentative", "unknown", "off"]
Role = Literal["candidate", "interviewer", "room"]


class Mark(_Part):
    """A stretch of a lane; `what` is the session or break. `off` is outside working hours or what was offered."""

    kind: MarkKind
    what: str = ""
    start: str
    end: str


class Lane(_Part):
    """One candidate, person or room through a day; where marks overlap the earlier one is to be shown."""

    who: str
    address: Address | None = None
    role: Role
    marks: tuple[Mark, ...]


class DayPicture(_Part):
    """A day with sessions, from `start` to `end`, local to the answer's zone."""

    start: str
    end: str
    lanes: tuple[Lane, ...]


class LoopTerm(_Part):
    """One reason why an option ranks where it does: units x weight = cost, lower is better."""

    term: TermName
    units: int
    weight: int
    cost: int
    why: str


class LoopScore(_Part):
    """The total cost in points and where it comes from."""

    total: int
    terms: tuple[LoopTerm, ...]


class Proof(_Part):
    """What is proved: no option that starts far enough from the better ones has less than `bound` points."""

    proved: bool
    bound: int
    text: str


class Better(_Part):
    """What would make an option better, found by solving again: `points` fewer."""

    points: int
    what: str


class SessionChange(_Part):
    """Who would sit where and in which room a session would be held; its time stays."""

    session: str
    people: dict[str, Address] = Field(description="by seat; seats that stay empty are missing")
    room: Address | None = None


class PlanB(_Part):
    """What would be done without one person or room, anywhere in the option."""

    lost: Address
    role: Literal["interviewer", "room"]
    survives: bool | None = Field(description="null if time ran out before that was known")
    changes: tuple[SessionChange, ...] = Field((), description="the sessions that would differ, in order")


class Resilience(_Part):
    """How many of its people and rooms an option could lose, one at a time, with all its times as they are."""

    survives: int | None = Field(description="null if time ran out before all losses were decided")
    losses: int
    fatal: tuple[Address, ...] = Field((), description="without each of these it cannot be held; proved")
    unknown: tuple[Address, ...] = ()
    plans: tuple[PlanB, ...] = Field((), description="people first, then rooms")
    text: str


class LoopOption(_Part):
    """One way to hold the loop. Local times are on the clock of `zone`.

    `id` is a digest of what would be booked, so equal options have equal ids.
    """

    id: str
    start_utc: str
    end_utc: str
    zone: str
    start: str
    end: str
    sessions: tuple[SessionAnswer, ...] = Field(description="in order of time")
    breaks: tuple[BreakAnswer, ...] = ()
    days: tuple[DayPicture, ...]
    score: LoopScore
    proof: Proof
    reasons: tuple[str, ...] = ()
    resilience: Resilience
    behind: tuple[str, ...] = Field((), description="what the best option has that this one has not")
    better: tuple[Better, ...] = Field((), description="what would beat the best option, the most first")
    notes: tuple[str, ...] = Field((), description="clock changes on its days, for anybody in it")


class ModelSize(_Part):
    """How much was solved: the largest model, and how many of them."""

    variables: int
    constraints: int
    searches: int


class Loops(_Part):
    """The answer to a request for one candidate's loop."""

    zone: str
    minutes: int = Field(description="of all sessions together")
    window: tuple[str, str] = Field(description="start and end, local to `zone`")
    apart: int = Field(description="minutes between the starts of two options, at least")
    options: tuple[LoopOption, ...]
    ended: Literal["enough", "exhausted", "time", "interrupted"] = Field(
        description="as many as asked for; proved that there is no other; or the search ended before"
    )
    reasons: tuple[str, ...] = Field((), description="why nothing fits")
    remedies: tuple[str, ...] = Field((), description="what would make something fit")
    solution: str = Field(description="the id under which `slotwright replay` solves it again")
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    pools: tuple[PoolAnswer, ...] = Field((), description="what the tags of the request stood for")
    size: ModelSize
