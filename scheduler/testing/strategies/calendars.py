"""What a mailbox said, in Slotwright's own values."""

from __future__ import annotations

from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status, UnreadableHours
from scheduler.testing.hypothesis_door import st
from scheduler.testing.strategies.arguments import check_bounds
from scheduler.testing.strategies.people import MONDAY
from scheduler.testing.strategies.spans import spans
from scheduler.testing.strategies.zones import zones
from scheduler.zones import DayBlock, WeeklyHours, Zone
from solvers.timeline import Span

_DAY = 1440


def day_blocks() -> st.SearchStrategy[DayBlock]:
    """One stretch of weekly work: any weekday, of any length up to a day, over midnight too."""
    return st.builds(
        lambda weekday, start, length: DayBlock(weekday, start, start + length),
        st.integers(0, 6),
        st.sampled_from((540, 0, 1320)) | st.integers(0, _DAY - 1),
        st.sampled_from((480, _DAY)) | st.integers(1, _DAY),
    )


def weekly_hours(zone: Zone | None = None, *, max_blocks: int = 7) -> st.SearchStrategy[WeeklyHours]:
    """Working hours on a clock; none, touching and overlapping blocks included.

    Args:
        zone: whose clock; any clock if absent.
        max_blocks: 0 or more.
    """
    clocks = zones() if zone is None else st.just(zone)
    return st.builds(WeeklyHours, st.lists(day_blocks(), max_size=max_blocks).map(tuple), clocks)


def busy_items(min_start: int = MONDAY, max_end: int = MONDAY + _DAY) -> st.SearchStrategy[BusyItem]:
    """Entries of every status between two UTC minutes.

    Raises:
        InvalidArgument: the bounds leave no minute.
    """
    return st.builds(BusyItem, spans(min_start, max_end), st.sampled_from(Status))


def mailbox_schedules(
    min_minute: int = MONDAY,
    max_minute: int = MONDAY + _DAY,
    *,
    address: str = "ana@contoso.example",
    max_items: int = 6,
) -> st.SearchStrategy[MailboxSchedule]:
    """Everything one mailbox can have said about a window, with hours of any kind or none.

    Entries that may hang over its edges, only a view, neither, or that it cannot be read.

    Raises:
        InvalidArgument: the bounds leave no minute.
    """
    check_bounds("min_minute", min_minute, "max_minute", max_minute, apart=1)
    window = Span(min_minute, max_minute)
    items = st.lists(busy_items(min_minute - _DAY, max_minute + _DAY), max_size=max_items)
    digits = -(-window.minutes // 30)
    hours = st.one_of(
        weekly_hours(), st.none(), st.just(UnreadableHours("Its working hours are in no known form."))
    )
    readable = st.builds(
        MailboxSchedule,
        st.just(address),
        st.just(window),
        items=st.none()
        | items.map(lambda found: tuple(item for item in found if item.span.overlaps(window))),
        view=st.none() | st.text("01234", min_size=digits, max_size=digits),
        hours=hours,
    )
    failed = st.builds(
        MailboxSchedule,
        st.just(address),
        st.just(window),
        problem=st.sampled_from(("Its calendar is not available just now.", "No mailbox was found.")),
        nobody=st.booleans(),
    )
    return readable | failed
