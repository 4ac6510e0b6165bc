"""When a secret or certificate ends, and whom to tell how early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

WARN_DAYS = (60, 30, 7)
"""A warning is told from 60 days before on, more urgently from 30 and from 7."""

Urgency = Literal["unknown", "fine", "soon", "urgent", "now", "over"]


@dataclass(frozen=True, slots=True)
class Expiry:
    """The end of what the app proves itself by.

    Args:
        what: `client secret` or `certificate`.
        ends: its last day, UTC; None when nobody recorded it.
        today: the present day, UTC.
    """

    what: str
    ends: date | None
    today: date

    @property
    def days(self) -> int | None:
        """How many days are left; negative when it is over."""
        return None if self.ends is None else (self.ends - self.today).days

    @property
    def urgency(self) -> Urgency:
        """How urgent it is to renew it."""
        days = self.days
        if days is None:
            return "unknown"
        if days < 0:
            return "over"
        early, near, last = WARN_DAYS
        return "now" if days <= last else "urgent" if days <= near else "soon" if days <= early else "fine"

    def warning(self) -> str | None:
        """One sentence for whoever can renew it; None when there is nothing to say."""
        days = self.days
        if days is None or self.urgency == "fine":
            return None
        if days < 0:
            return f"The {self.what} ended on {self.ends}; renew it in the app registration."
        left = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days, on {self.ends}"
        return f"The {self.what} ends {left}; renew it in the app registration before nothing works any more."
