"""The limits of Outlook and of Graph as a whole, per app (throttling-limits.md).

Requests under way at once are counted for an app and a mailbox; requests within ten minutes likewise; requests within
ten seconds for an app over everything. A refused request counts in its windows too: who tries again early stays out.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from scheduler.emulator.envelope import GraphFailure
from scheduler.emulator.tenant import Options

_MAILBOX_WINDOW = timedelta(minutes=10)
_GLOBAL_WINDOW = timedelta(seconds=10)
_Key = tuple[str, str]


class _Window:
    """The latest requests of each key: full while the oldest kept one is younger than the span."""

    def __init__(self, limit: int | None, span: timedelta) -> None:
        self._limit = limit
        self._span = span
        self._latest: dict[_Key, deque[datetime]] = {}

    def wait(self, key: _Key, now: datetime) -> int:
        """Count a request; returns after how many seconds another would pass, 0 if this one does."""
        if self._limit is None:
            return 0
        latest = self._latest.setdefault(key, deque(maxlen=self._limit))
        over = len(latest) == self._limit and latest[0] + self._span > now
        latest.append(now)
        return math.ceil((latest[0] + self._span - now).total_seconds()) if over else 0


class Throttle:
    """Counts the requests of apps, by the limits that the tenant's options set."""

    def __init__(self, options: Options) -> None:
        self._limit = options.concurrent_requests
        self._options = options
        self._lock = threading.Lock()
        self._under_way: Counter[_Key] = Counter()
        self.clear()

    def clear(self) -> None:
        """Forget the requests of the past; those under way stay counted."""
        with self._lock:
            self._mailbox = _Window(self._options.requests_per_ten_minutes, _MAILBOX_WINDOW)
            self._global = _Window(self._options.requests_per_ten_seconds, _GLOBAL_WINDOW)

    @contextmanager
    def place(self, client_id: str, mailbox: str, now: datetime) -> Iterator[None]:
        """Hold one of the places of an app at a mailbox; requests without mailbox meet the global limit only.

        Raises:
            GraphFailure: 429 with Retry-After in seconds; activityLimitReached over the global limit, else
                ApplicationThrottled, whose message names the limit.
        """
        key = client_id, mailbox.casefold()
        with self._lock:
            wait = self._global.wait((client_id, ""), now)
            if wait:
                raise _refused("activityLimitReached", "The request has been throttled.", wait)
            if mailbox:
                wait = self._mailbox.wait(key, now)
                if wait:
                    raise _refused("ApplicationThrottled", _over("MailboxRequests"), wait)
                if self._under_way[key] >= self._limit:
                    raise _refused("ApplicationThrottled", _over("MailboxConcurrency"), 1)
            self._under_way[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[key] -= 1


def _over(limit: str) -> str:
    return f"Application is over its {limit} limit."


def _refused(code: str, message: str, wait: int) -> GraphFailure:
    return GraphFailure(429, code, message, {"Retry-After": str(wait)})
