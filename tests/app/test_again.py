"""Reading again: our own entry is in nobody's way, and only that one."""

from __future__ import annotations

import pytest

from scheduler.app.again import without
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status
from solvers.timeline import Span

SPAN = Span(600, 660)
OURS = BusyItem(SPAN, Status.BUSY)
LONGER = BusyItem(Span(600, 690), Status.BUSY)


@pytest.mark.parametrize(
    ("items", "left"),
    [
        ((OURS,), ()),
        ((OURS, OURS), (OURS,)),
        ((LONGER, OURS), (LONGER,)),
        ((LONGER,), (LONGER,)),
        ((), ()),
        (None, None),
    ],
)
def test_one_entry_of_exactly_our_time(
    items: tuple[BusyItem, ...] | None, left: tuple[BusyItem, ...] | None
) -> None:
    """A second entry of the same time, or one that is a little longer, is somebody else's."""
    schedule = MailboxSchedule("ana@x.example", SPAN, items)
    assert left == without(schedule, SPAN).items


def test_a_view_without_entries_stays_as_it_is() -> None:
    """Nobody can tell ours in a row of digits, so it still blocks."""
    schedule = MailboxSchedule("ana@x.example", SPAN, None, view="22")
    assert schedule == without(schedule, SPAN)
