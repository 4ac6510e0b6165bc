"""What time it is according to Graph."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime


def http_date(text: str | None) -> float | None:
    """Seconds since 1970 of an HTTP date (RFC 9110, 5.6.7), or None when it is none."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # RFC 5322 writes "unknown offset" as -0000, which comes back without a zone; HTTP dates are GMT.
    return moment.timestamp() if moment.tzinfo is not None else None


class GraphClock:
    """The time of Graph's last answer, carried forward by a monotonic clock.

    Until the first answer it is the time of this machine, because a search that never reached Graph has
    nothing to offer anyway.

    Args:
        monotonic: seconds that never go back.
        system: seconds since 1970 as this machine believes.
    """

    def __init__(self, *, monotonic: Callable[[], float], system: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._system = system
        self._offset: float | None = None
        self._lock = threading.Lock()

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take the `Date` of an answer; an absent or unreadable one changes nothing."""
        seconds = http_date(headers.get("date"))
        if seconds is not None:
            with self._lock:
                self._offset = seconds - self._monotonic()

    def seconds(self) -> float:
        """Seconds since 1970-01-01T00:00Z."""
        with self._lock:
            offset = self._offset
        return self._system() if offset is None else self._monotonic() + offset

    def skew(self) -> float:
        """Seconds by which this machine's clock is ahead; 0 before the first answer."""
        return self._system() - self.seconds()

    def minute(self) -> int:
        """The UTC minute since 1970-01-01T00:00Z that is running."""
        return int(self.seconds() // 60)
