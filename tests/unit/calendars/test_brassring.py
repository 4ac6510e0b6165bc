"""A published getSchedule answer: BrassRing's sample, in domain values.

The sample shows 37 zeros over six days, one tentative half hour and Eastern hours by bare rules.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, Note, NoteKind, availability
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status
from scheduler.zones import Change, DayBlock, RuleZone, WeeklyHours, parse_utc, rule_zone
from solvers.timeline import Span, SpanSet


def span(start: str, end: str) -> Span:
    """The span between two UTC times."""
    return Span(parse_utc(start), parse_utc(end))


@pytest.fixture
def sample() -> MailboxSchedule:
    """The sample's values."""
    zone = rule_zone(
        "Customized Time Zone",
        bias=300,
        to_standard=Change(month=11, week=1, weekday=6, minute=120),
        to_daylight=Change(month=3, week=2, weekday=6, minute=120),
        daylight_bias=-60,
    )
    assert isinstance(zone, RuleZone)
    return MailboxSchedule(
        "test@test.onmicrosoft.com",
        span("2019-11-19T00:00Z", "2019-11-25T00:00Z"),
        items=(BusyItem(span("2019-11-19T19:00Z", "2019-11-19T19:30Z"), Status.TENTATIVE),),
        view="0" * 37,
        view_minutes=30,
        hours=WeeklyHours(tuple(DayBlock.between(day, 480, 1020) for day in range(5)), zone),
    )


def merged(schedule: MailboxSchedule, policy: BusyPolicy | None = None) -> Availability:
    """A person's availability without any claims."""
    return availability(
        schedule,
        policy=policy or BusyPolicy(),
        default_hours=None,
        ledger=SpanSet(),
        constrain_hours=True,
    )


def test_tentative_half_hour_is_soft(sample: MailboxSchedule) -> None:
    """The tentative half hour may be offered at a cost; nothing is blocked or unknown."""
    result = merged(sample)
    assert sample.items is not None
    assert (SpanSet.of([sample.items[0].span]), (), SpanSet()) == (
        result.soft,
        result.blocked,
        result.unknown,
    )


def test_tentative_half_hour_blocks_when_asked(sample: MailboxSchedule) -> None:
    """Under a strict policy the half hour, 14:00 in New York, is cut out of the day."""
    result = merged(sample, BusyPolicy(tentative="blocked"))
    day = result.offerable.clip(span("2019-11-19T00:00Z", "2019-11-20T00:00Z"))
    expected = SpanSet.of(
        [span("2019-11-19T13:00Z", "2019-11-19T19:00Z"), span("2019-11-19T19:30Z", "2019-11-19T22:00Z")]
    )
    assert expected == day


def test_hours(sample: MailboxSchedule) -> None:
    """Eight to five Eastern standard time is 13:00Z to 22:00Z on the four weekdays of the window."""
    days = [f"2019-11-{day}" for day in (19, 20, 21, 22)]
    assert SpanSet.of(span(f"{day}T13:00Z", f"{day}T22:00Z") for day in days) == merged(sample).open


@pytest.mark.parametrize(
    ("friday", "friday_start", "monday", "monday_start"),
    [("2026-03-06", 13, "2026-03-09", 12), ("2026-10-30", 12, "2026-11-02", 13)],
)
def test_hours_over_a_change(
    sample: MailboxSchedule, friday: str, friday_start: int, monday: str, monday_start: int
) -> None:
    """The weekend the clock changes, work still begins at eight on either side of it."""
    window = span(f"{friday}T00:00Z", f"{monday}T23:00Z")
    days = ((friday, friday_start), (monday, monday_start))
    expected = SpanSet.of(span(f"{day}T{start}:00Z", f"{day}T{start + 9}:00Z") for day, start in days)
    assert expected == merged(replace(sample, window=window, items=(), view=None)).open


def test_view_disagreement_is_reported(sample: MailboxSchedule) -> None:
    """The view is short of the 288 digits due: it ends before the entry, and that is told once."""
    text = "The view of test@test.onmicrosoft.com has 37 digits where 288 are due; the entries are used."
    at = parse_utc("2019-11-19T18:30Z")
    assert (Note(NoteKind.VIEW_DISAGREES, text, at),) == merged(sample).notes
