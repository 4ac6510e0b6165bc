"""The emulator's clock: standing still until it is advanced, or running at real speed from a chosen start."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Instants in UTC. A clock that is not `running` moves by `advance` alone.

    Args:
        start: the first instant; must carry an offset.
        running: whether real time passes as well.
    """

    def __init__(self, start: datetime, running: bool = False) -> None:  # noqa: FBT001, FBT002 - reads as a word
        if start.tzinfo is None:
            raise ValueError("a clock starts at an instant: give the datetime an offset")
        self.start = start.astimezone(UTC)
        self.running = running
        self._advanced = timedelta()
        self._began = time.monotonic()
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The present instant."""
        with self._lock:
            ran = timedelta(seconds=time.monotonic() - self._began) if self.running else timedelta()
            return self.start + self._advanced + ran

    def advance(self, seconds: float) -> datetime:
        """Move forward, then let everything that became due happen; returns the new instant.

        Raises:
            ValueError: the seconds are negative.
        """
        if seconds < 0:
            raise ValueError("time does not go back: advance by zero or more seconds")
        with self._lock:
            self._advanced += timedelta(seconds=seconds)
        for listener in self._listeners:
            listener()
        return self.now()

    def rewind(self) -> None:
        """Go back to the start, as a reset of the whole emulator does."""
        with self._lock:
            self._advanced = timedelta()
            self._began = time.monotonic()

    def when_advanced(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each advance."""
        self._listeners.append(listener)
