"""How often and how soon: lanes per mailbox, the pause Graph asks for, and our own backoff."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from scheduler.graph.clock import http_date

# Exchange serves four requests at a time for one app and mailbox (concepts/throttling-limits.md).
IN_FLIGHT_PER_MAILBOX = 4
_LONGEST_PAUSE = 24 * 3600.0


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
    return min(max(seconds, 0.0), _LONGEST_PAUSE)


class Lane:
    """The way to one mailbox: so many calls at once, and a moment before which none may start."""

    def __init__(self, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._slots = threading.BoundedSemaphore(IN_FLIGHT_PER_MAILBOX)
        self._lock = threading.Lock()
        self._opens_at = -math.inf

    def park(self, seconds: float) -> None:
        """Let no call start for so many seconds; a longer pause already in force stays."""
        with self._lock:
            self._opens_at = max(self._opens_at, self._monotonic() + seconds)

    def closed_for(self) -> float:
        """Seconds until a call may start; 0 when it may now."""
        with self._lock:
            return max(0.0, self._opens_at - self._monotonic())

    @contextmanager
    def slot(self, until: float) -> Iterator[float]:
        """Hold one of the places; yields 0, or the seconds still closed when that goes beyond `until`.

        Waiting happens without a place, and the pause is looked at again once a place is held, so a call
        that was queueing while another was told to wait does not start early.

        Args:
            until: monotonic second after which waiting is given up.
        """
        while True:
            closed = self.closed_for()
            if closed and self._monotonic() + closed > until:
                yield closed
                return
            if closed:
                self._sleep(closed)
                continue
            with self._slots:
                if self.closed_for():
                    continue
                yield 0.0
                return


class Lanes:
    """One lane per mailbox, made when first used."""

    def __init__(self, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}

    def of(self, mailbox: str) -> Lane:
        """The lane of a mailbox; spelling in upper or lower case is the same mailbox."""
        with self._lock:
            return self._lanes.setdefault(mailbox.casefold(), Lane(self._monotonic, self._sleep))
