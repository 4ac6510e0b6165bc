"""What a mailbox said, as a value."""

from __future__ import annotations

import pytest

from scheduler.calendars.snapshot import MailboxSchedule
from solvers.timeline import Span


def test_digit_width() -> None:
    """A digit that covers no time is refused when the value is made."""
    with pytest.raises(ValueError, match="at least 1 minute"):
        MailboxSchedule("ana@contoso.example", Span(0, 60), view="00", view_minutes=0)
