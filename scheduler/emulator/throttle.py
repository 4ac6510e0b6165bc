"""The concurrency limit of Outlook: requests at once for one app and mailbox (throttling-limits.md)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from scheduler.emulator.envelope import GraphFailure


class Throttle:
    """Counts the requests under way."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._under_way: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def place(self, client_id: str, mailbox: str) -> Iterator[None]:
        """Hold one of the places of an app at a mailbox; requests without mailbox need none.

        Raises:
            GraphFailure: 429 ApplicationThrottled with Retry-After when all are taken.
        """
        key = client_id, mailbox.casefold()
        with self._lock:
            if mailbox and self._under_way[key] >= self._limit:
                message = "Application is over its MailboxConcurrency limit."
                raise GraphFailure(429, "ApplicationThrottled", message, {"Retry-After": "1"})
            self._under_way[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[key] -= 1
