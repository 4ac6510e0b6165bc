"""Days and weeks in which somebody gives no further interview of a length, because a cap is reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.planning.localtimes import local_days, local_weeks
from scheduler.planning.request import Caps
from scheduler.zones import Zone
from solvers.timeline import Span, SpanSet


def full_time(caps: Caps, booked: Sequence[Span], minutes: int, zone: Zone, window: Span) -> SpanSet:
    """The starts at which one more interview would break a cap: sessions + 1 > cap, or minutes + length > cap.

    An interview counts in the local day and week in which it starts.

    Args:
        booked: what they give already, in all weeks of the window.
        minutes: length of the interview.
    """
    return SpanSet.of(_full(caps, booked, minutes, zone, window)).clip(window)


def _full(caps: Caps, booked: Sequence[Span], minutes: int, zone: Zone, window: Span) -> Iterator[Span]:
    days = [(day, caps.sessions_per_day, caps.minutes_per_day) for day in local_days(zone, window)]
    weeks = [(week, caps.sessions_per_week, caps.minutes_per_week) for week in local_weeks(zone, window)]
    for stretch, most, most_minutes in (*days, *weeks):
        held = [span for span in booked if stretch.start <= span.start < stretch.end]
        given = sum(span.minutes for span in held)
        if (most is not None and len(held) + 1 > most) or (
            most_minutes is not None and given + minutes > most_minutes
        ):
            yield stretch
