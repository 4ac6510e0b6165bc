"""How often and how soon: lanes per mailbox, the pause Graph asks for, and our own backoff.

A lane is in one of three conditions:

=========  ===============================================  =================================================
condition  who may start                                    left when
=========  ===============================================  =================================================
open       four at a time, whoever is waited for first      a call is throttled: closed
closed     nobody                                           the pause is over: doubtful
doubtful   one, as a probe                                  it is served: open; it is throttled: closed
=========  ===============================================  =================================================

Of those who were under way already when a lane closed, the answers say nothing about what came after, so they
neither open it nor count as another refusal.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from scheduler.graph.clock import http_date

# Exchange serves four requests at a time for one app and mailbox (concepts/throttling-limits.md).
IN_FLIGHT_PER_MAILBOX = 4
LONGEST_PAUSE = 24 * 3600.0
# A mailbox that refused so often in a row is asked no more than once in so many seconds.
REFUSALS_IN_A_ROW = 3
PROBE_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call may be tried.

    Args:
        attempts: tries in all, at least 1.
        total_seconds: from the first try; no pause is begun that would end later.
        first_pause: seconds before the second try when Graph names no pause; doubled each time.
        longest_pause: bound of that doubling, in seconds.
    """

    attempts: int = 5
    total_seconds: float = 120.0
    first_pause: float = 0.5
    longest_pause: float = 20.0

    def pause(self, failures: int, jitter: float) -> float:
        """Seconds before the next try: half of the doubled pause is certain, half is `jitter` in [0, 1)."""
        doubled = min(self.longest_pause, self.first_pause * 2.0 ** min(failures - 1, 30))
        return doubled * (1.0 + jitter) / 2.0


def retry_after(headers: Mapping[str, str], now_seconds: float) -> float | None:
    """The pause an answer asks for in seconds, at least 0 and at most a day; None when it asks for none.

    Graph sends whole numbers, fractions (concepts/throttling.md shows `2.128`) and HTTP dates. A date is
    measured from the answer's own `Date`, else from now_seconds (since 1970).
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = http_date(text)
        if until is None:
            return None
        seconds = until - (http_date(headers.get("date")) or now_seconds)
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE)


class LaneClosed(Exception):  # noqa: N818 - an outcome the gate turns into an error for people
    """A mailbox wants no call for so many seconds, which is longer than the caller may wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Outlook(NamedTuple):
    """How a lane stands.

    Args:
        opens_at: the second before which no call may start, on the clock of whoever keeps it.
        refusals: how many pauses were asked for since a call was last served.
        round: how many pauses were asked for in all.
    """

    opens_at: float = -math.inf
    refusals: int = 0
    round: int = 0

    @property
    def places(self) -> int:
        """How many calls may be under way."""
        return 1 if self.refusals else IN_FLIGHT_PER_MAILBOX

    def refused(self, round_: int, now: float, pause: float) -> Outlook:
        """After a call that started in that round was told to wait; a longer pause already in force stays."""
        news = round_ == self.round
        refusals = self.refusals + news
        if refusals > REFUSALS_IN_A_ROW:
            pause = max(pause, PROBE_SECONDS)
        return Outlook(max(self.opens_at, now + pause), refusals, self.round + news)

    def served(self, round_: int) -> Outlook:
        """After a call that started in that round got what it asked for."""
        return self._replace(refusals=0) if round_ == self.round else self


class Shared(Protocol):
    """What several processes know of one lane together; see scheduler.graph.shared_lanes."""

    def now(self) -> float:
        """Seconds on the clock of all of them."""

    def outlook(self) -> Outlook:
        """How the lane stands."""

    def change(self, to: Callable[[Outlook], Outlook]) -> None:
        """Replace it by what it becomes, with nobody in between."""

    def take(self, places: int) -> int | None:
        """Hold one of the first so many places; None when they are taken. The number is what `leave` wants."""

    def leave(self, place: int) -> None:
        """Give the place back."""


@dataclass(slots=True)
class _Alone:
    """A lane that only this process uses; its lane counts the places."""

    now: Callable[[], float]
    _outlook: Outlook = field(default_factory=Outlook)

    def outlook(self) -> Outlook:
        return self._outlook

    def change(self, to: Callable[[Outlook], Outlook]) -> None:
        self._outlook = to(self._outlook)

    def take(self, places: int) -> int | None:  # noqa: ARG002 - the lane has counted them
        return 0

    def leave(self, place: int) -> None:
        """Nothing is kept of it."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in a lane, held until it is left, also by leaving a `with`."""

    lane: Lane
    round: int
    place: int

    def refused(self, seconds: float) -> None:
        """Graph wants no call of this mailbox for so many seconds."""
        self.lane.refused(self, seconds)

    def served(self) -> None:
        """Graph did what was asked."""
        self.lane.served(self)

    def leave(self) -> None:
        """Give the place to the next one."""
        self.lane.leave(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.leave()


class Lane:
    """The way to one mailbox: so many calls at once, and a moment before which none may start.

    Calls in the foreground go before those in the background, however long these have waited.
    """

    def __init__(self, shared: Shared, sleep: Callable[[float], None]) -> None:
        self._shared = shared
        self._sleep = sleep
        self._turn = threading.Condition()
        self._taken = 0
        self._foreground = 0

    def closed_for(self) -> float:
        """Seconds until a call may start; 0 when it may now."""
        return max(0.0, self._shared.outlook().opens_at - self._shared.now())

    def enter(self, patient_for: Callable[[], float], *, background: bool = False) -> Ticket:
        """Wait for a place.

        Waiting happens without a place, and the pause is looked at again once a place is held, so a call
        that was queueing while another was told to wait does not start early.

        Args:
            patient_for: seconds for which the caller may still wait for the lane to open.
            background: whether calls in the foreground go first.

        Raises:
            LaneClosed: the lane opens too late.
        """
        self.wanted(not background)
        try:
            while (ticket := self._wait(patient_for, background)) is None:
                pass
            return ticket
        finally:
            self.wanted(-(not background))

    def wanted(self, calls: int) -> None:
        """So many calls in the foreground wait from now on; fewer if it is negative."""
        with self._turn:
            self._foreground += calls
            self._turn.notify_all()

    def try_enter(self, *, background: bool = False) -> Ticket | None:
        """A place if there is one now."""
        with self._turn:
            return self._take(background)

    def leave(self, ticket: Ticket) -> None:
        """Give the place of a ticket to the next one."""
        with self._turn:
            self._shared.leave(ticket.place)
            self._taken -= 1
            self._turn.notify_all()

    def refused(self, ticket: Ticket, seconds: float) -> None:
        """Close for so many seconds because of the call with this ticket."""
        with self._turn:
            now = self._shared.now()
            self._shared.change(lambda known: known.refused(ticket.round, now, seconds))
            self._turn.notify_all()

    def served(self, ticket: Ticket) -> None:
        """Open for all if the call with this ticket was the probe."""
        with self._turn:
            if self._shared.outlook().refusals:
                self._shared.change(lambda known: known.served(ticket.round))
                self._turn.notify_all()

    def _wait(self, patient_for: Callable[[], float], background: bool) -> Ticket | None:  # noqa: FBT001 - a queue
        closed = self.closed_for()
        if closed and closed > patient_for():
            raise LaneClosed(closed)
        if closed:
            self._sleep(closed)
            return None
        with self._turn:
            self._turn.wait_for(lambda: self.closed_for() or self._has_room(background))
            ticket = self._take(background)
        if ticket is None and not self.closed_for():
            self._sleep(_LOOK_AGAIN_SECONDS)  # another process has the place
        return ticket

    def _has_room(self, background: bool) -> bool:  # noqa: FBT001 - as above
        behind = background and self._foreground > 0
        return not behind and self._taken < self._shared.outlook().places

    def _take(self, background: bool) -> Ticket | None:  # noqa: FBT001 - as above
        if not self._has_room(background) or self.closed_for():
            return None
        place = self._shared.take(self._shared.outlook().places)
        if place is None:
            return None
        # Another process may have closed the lane before it gave the place away.
        outlook = self._shared.outlook()
        if outlook.opens_at > self._shared.now() or place >= outlook.places:
            self._shared.leave(place)
            return None
        self._taken += 1
        return Ticket(self, outlook.round, place)


class Lanes:
    """One lane per mailbox, made when first used.

    Args:
        monotonic: a clock in seconds.
        sleep: waits for so many seconds.
        shared: what other processes know of a mailbox's lane; None is that there are none.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        shared: Callable[[str], Shared] | None = None,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._shared = shared
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}

    def of(self, mailbox: str) -> Lane:
        """The lane of a mailbox; spelling in upper or lower case is the same mailbox."""
        name = mailbox.casefold()
        with self._lock:
            if name not in self._lanes:
                # What is about no mailbox, such as the directory, has no limit that processes would share.
                shared = _Alone(self._monotonic) if self._shared is None or not name else self._shared(name)
                self._lanes[name] = Lane(shared, self._sleep)
            return self._lanes[name]
