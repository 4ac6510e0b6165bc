"""The words in which slot laws are stated: plain frozen values that any scheduler can be mapped to.

Instants are whole UTC minutes since 1970-01-01T00:00Z and stretches are half-open, `start <= minute < end`. Readings of
a clock are a weekday (0 is Monday) and minutes since that day's midnight. One example holds all of it:

    >>> monday = 29_671_200  # 2026-06-01T00:00Z
    >>> ana = Person(
    ...     "ana",
    ...     "Europe/Amsterdam",
    ...     hours=(Block(0, 9 * 60, 17 * 60),),
    ...     busy=(Busy(monday + 480, monday + 540, "busy"),),
    ... )
    >>> singel = Room("singel", busy=(Busy(monday + 700, monday + 730, "busy"),))
    >>> request = Request(minutes=60, window=(monday, monday + 1440), grid=15, needs_room=True)

A scheduler is then a function `find(people, rooms, request)` that yields a `Slot` for every start that suits everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args

Status: TypeAlias = Literal["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""The statuses of Microsoft Graph (freeBusyStatus); free takes no time, and unknown is never free."""


class Busy(NamedTuple):
    """One calendar entry, in UTC minutes; entries may overlap, touch, repeat and come in any order."""

    start: int
    end: int
    status: Status


class Block(NamedTuple):
    """One stretch of weekly work on a clock.

    It begins on a weekday (0 is Monday), `start` minutes after midnight, 0 to 1439. It stops before `end`, which
    is counted from the same midnight; above 1440 it reaches into the next day. It lasts 1 to 1440 minutes.
    """

    weekday: int
    start: int
    end: int


@dataclass(frozen=True)
class Person:
    """Somebody who has to attend.

    Args:
        key: the name answers use.
        zone: IANA id of the clock on which the hours are read.
        hours: a minute is worked when that clock shows a reading inside a block. So a repeated hour inside a block is
            worked both times, and a skipped one never. No block means never.
        busy: the calendar; None when nobody could read it, which is not the same as empty.

    Raises:
        ValueError: an empty key, an entry that ends before it starts, an unknown status, or a block out of range.
    """

    key: str
    zone: str
    hours: tuple[Block, ...]
    busy: tuple[Busy, ...] | None = ()

    def __post_init__(self) -> None:
        _check(self.key, self.busy)
        for block in self.hours:
            if not (0 <= block.weekday <= 6 and 0 <= block.start < 1440):
                raise ValueError(f"{block} of {self.key} begins on no weekday or at no minute of a day")
            if not block.start < block.end <= block.start + 1440:
                raise ValueError(f"{block} of {self.key} does not last 1 to 1440 minutes")


@dataclass(frozen=True)
class Room:
    """Somewhere to meet; rooms keep no hours.

    Args:
        key: the name answers use.
        busy: the calendar; None when nobody could read it.

    Raises:
        ValueError: as for a person.
    """

    key: str
    busy: tuple[Busy, ...] | None = ()

    def __post_init__(self) -> None:
        _check(self.key, self.busy)


@dataclass(frozen=True)
class Request:
    """What is asked.

    Args:
        minutes: length of the meeting.
        window: first minute and end of the time in which the whole meeting must lie.
        grid: a start is a whole number of so many minutes since 1970-01-01T00:00Z; divides 60. On 1, 3, 5 and 15
            every clock on Earth agrees with UTC, so a scheduler that counts from local midnight starts at the same
            minutes.
        zone: IANA id in which the asker reads the answer; it decides nothing.
        buffer_before: minutes before the meeting in which nobody may be busy. Buffers need not be worked, may reach
            out of the window, and do not bind rooms.
        buffer_after: the same after the meeting.
        tentative_blocks: whether tentative time is as good as busy; otherwise it is as good as free.
        elsewhere_blocks: the same for time in which somebody works elsewhere.
        needs_room: whether one of the rooms must be free for the whole meeting; without it no slot names a room.

    Raises:
        ValueError: a length or buffer that is no number of minutes, an empty window, or a grid that does not
            divide 60.
    """

    minutes: int
    window: tuple[int, int]
    grid: int = 15
    zone: str = field(default="UTC")
    buffer_before: int = 0
    buffer_after: int = 0
    tentative_blocks: bool = False
    elsewhere_blocks: bool = False
    needs_room: bool = False

    def __post_init__(self) -> None:
        if self.minutes < 1 or self.buffer_before < 0 or self.buffer_after < 0:
            raise ValueError("a meeting lasts at least 1 minute and its buffers 0 or more")
        if self.window[0] >= self.window[1]:
            raise ValueError(f"a window ends after it starts, not {self.window[0]}..{self.window[1]}")
        if self.grid < 1 or 60 % self.grid:
            raise ValueError(f"a grid of {self.grid} minutes does not divide an hour")

    def blocks(self, status: Status) -> bool:
        """Whether time of that status is taken, as this request reads it."""
        match status:
            case "free":
                return False
            case "tentative":
                return self.tentative_blocks
            case "workingElsewhere":
                return self.elsewhere_blocks
            case "busy" | "oof" | "unknown":
                return True


@dataclass(frozen=True, order=True)
class Slot:
    """One answer: `start` and `end` in UTC minutes, everybody's keys, and the room's key where one was needed.

    A scheduler may offer a start once with one free room, or once with each.
    """

    start: int
    end: int
    people: tuple[str, ...]
    room: str | None = None


class Case(NamedTuple):
    """Everything a `find` is given, in its order."""

    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    request: Request


Find: TypeAlias = Callable[[Sequence[Person], Sequence[Room], Request], Iterable[Slot]]
"""A scheduler under test."""


def _check(key: str, busy: tuple[Busy, ...] | None) -> None:
    if not key:
        raise ValueError("a person or room needs a key")
    for entry in busy or ():
        if entry.end <= entry.start:
            raise ValueError(f"{entry} of {key} ends before it starts")
        if entry.status not in STATUSES:
            raise ValueError(f"{entry} of {key} has a status that is none of {', '.join(STATUSES)}")
