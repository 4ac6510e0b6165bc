"""What one mailbox said about its time, before anyone interprets it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from scheduler.zones.hours import WeeklyHours
from solvers.timeline import Span


class Status(Enum):
    """The free/busy statuses of Microsoft Graph, told apart (freeBusyStatus, v1.0 CSDL).

    UNKNOWN is also what any value Graph never documented becomes: it is never read as free.
    """

    FREE = "free"
    TENTATIVE = "tentative"
    BUSY = "busy"
    OOF = "oof"
    ELSEWHERE = "workingElsewhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BusyItem:
    """One calendar entry as free/busy shows it: when and how, never what.

    Seconds are already widened outwards: the start is floored and the end is ceiled to whole minutes.

    Args:
        span: the time it takes.
        status: how it is shown.
        doubtful: whether it came on a clock that shows its start or end twice or never, so that the start was
            taken as early, and the end as late, as it can mean.
    """

    span: Span
    status: Status
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class UnreadableHours:
    """Working hours that were sent but cannot be used, and why, in words for a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class MailboxSchedule:
    """One entry of a getSchedule answer, in minutes and domain words.

    Args:
        address: the mailbox as it was asked for, lower case.
        window: the span that was asked about.
        items: entries that touch the window, unclipped and unmerged; None when the answer had none to give
            (a distribution list, restricted sharing), in which case `view` may still speak.
        view: one digit per `view_minutes` from window.start, or None.
        view_minutes: width of one digit in minutes.
        hours: the mailbox's working hours; None when it has none.
        problem: why this mailbox could not be read, in words for a person; None when it could.
        nobody: whether the problem is that Graph knows no such recipient.
        zeroed: items whose end was not after their start, as (start, end) pairs. Those without length take no
            time and are only told; where one ends before it starts, nobody knows what the time between is.

    Raises:
        ValueError: `view_minutes` is below 1.
    """

    address: str
    window: Span
    items: tuple[BusyItem, ...] | None = None
    view: str | None = None
    view_minutes: int = 30
    hours: WeeklyHours | UnreadableHours | None = None
    problem: str | None = None
    nobody: bool = False
    zeroed: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if self.view_minutes < 1:
            raise ValueError(f"one digit of a view covers at least 1 minute, not {self.view_minutes}")
