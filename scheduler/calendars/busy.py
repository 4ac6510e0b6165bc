"""What a free/busy status and an availabilityView mean for whoever wants to meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Literal

from scheduler.calendars.snapshot import BusyItem, Status
from solvers.timeline import Span, SpanSet

ANY_DIGIT = "?"
"""Stands in an expected view where any digit would be right."""


class Reading(Enum):
    """What a stretch of a calendar allows: all, little, nothing, or nobody knows."""

    FREE = "free"
    SOFT = "soft"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BusyPolicy:
    """How the two statuses on which people differ are read.

    Busy and out-of-office always block, free is always free, and an unknown status stays unknown.

    Args:
        tentative: an invitation that is unanswered, or answered with maybe; Graph does not tell these apart.
        elsewhere: working in another place.
    """

    tentative: Literal["free", "soft", "blocked"] = "soft"
    elsewhere: Literal["free", "soft", "blocked"] = "free"

    def reading(self, status: Status) -> Reading:
        """What the status allows under this policy."""
        match status:
            case Status.FREE:
                return Reading.FREE
            case Status.TENTATIVE:
                return Reading(self.tentative)
            case Status.ELSEWHERE:
                return Reading(self.elsewhere)
            case Status.BUSY | Status.OOF:
                return Reading.BLOCKED
            case Status.UNKNOWN:
                return Reading.UNKNOWN


_BY_TEXT = {status.value.casefold(): status for status in Status}
_BY_DIGIT = {"0": Status.FREE, "1": Status.TENTATIVE, "2": Status.BUSY, "3": Status.OOF}
_RISING = (
    (Status.TENTATIVE, "1"),
    (Status.BUSY, "2"),
    (Status.OOF, "3"),
    (Status.UNKNOWN, ANY_DIGIT),
)


def read_status(text: str | None) -> Status:
    """The status that Graph spells this way, in any letter case; UNKNOWN for everything else.

    Graph's reference page writes `busy`, its concept page `Busy` (calendar-getschedule,
    outlook-get-free-busy-schedule).
    """
    return Status.UNKNOWN if text is None else _BY_TEXT.get(text.casefold(), Status.UNKNOWN)


def read_view(view: str, window: Span, view_minutes: int) -> tuple[BusyItem, ...] | None:
    """The window as the digits of an availabilityView show it: one item for each run of equal digits.

    A digit 4 is UNKNOWN: it once meant working elsewhere, and in EWS means no data (mergedfreebusy). Any
    other undocumented character is too.

    Returns:
        None when the number of digits does not fit, as then nobody knows which minutes a digit is about.
    """
    if len(view) != _digit_count(window, view_minutes):
        return None
    items = []
    first = 0
    for digit, run in groupby(view):
        after = first + len(list(run))
        start, end = window.start + first * view_minutes, window.start + after * view_minutes
        items.append(BusyItem(Span(start, min(end, window.end)), _BY_DIGIT.get(digit, Status.UNKNOWN)))
        first = after
    return tuple(items)


def expected_view(items: Iterable[BusyItem], window: Span, view_minutes: int) -> str:
    """The availabilityView that Graph would send beside these items.

    One digit per `view_minutes` from the window's start, the last one possibly cut short. A minute of overlap
    marks a digit and the highest status wins (mergedfreebusy); working elsewhere shows as free
    (scheduleInformation). Where an item is doubtful or its status UNKNOWN the digit cannot be told and is
    ANY_DIGIT.
    """
    digits = ["0"] * _digit_count(window, view_minutes)
    known = [(item.span, Status.UNKNOWN if item.doubtful else item.status) for item in items]
    for status, digit in _RISING:
        for span in SpanSet.of(span for span, shown in known if shown is status).clip(window):
            first = (span.start - window.start) // view_minutes
            after = -((window.start - span.end) // view_minutes)
            digits[first:after] = digit * (after - first)
    return "".join(digits)


def _digit_count(window: Span, view_minutes: int) -> int:
    return -(-window.minutes // view_minutes)
