"""Where clocks change, said to people before they wonder about an hour."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.planning.localtimes import local, local_days
from scheduler.zones import Zone, clock_changes
from solvers.timeline import Span


def changes(zones: Iterable[Zone], span: Span) -> tuple[str, ...]:
    """One sentence for each change of one of these clocks inside the span, in order, each zone and change once."""
    found: dict[tuple[int, str], str] = {}
    for zone in zones:
        for change in clock_changes(zone, span):
            way = "forward" if change.forward > 0 else "back"
            reading = local(zone, change.minute - 1)
            found[change.minute, zone.key] = (
                f"Clocks in {zone.key} go {way} by {abs(change.forward)} minutes after {reading[:10]} {reading[11:]}."
            )
    return tuple(found[key] for key in sorted(found))


def local_day(zone: Zone, minute: int) -> Span:
    """The local day of a UTC minute, which is 23 or 25 hours long where the clock changes in it."""
    return next(local_days(zone, Span(minute, minute + 1)))


def notes_of_day(zones: Iterable[Zone], span: Span) -> tuple[str, ...]:
    """The changes of these clocks on the day, by each, of what is held in the span."""
    days = [(zone, local_day(zone, span.start)) for zone in zones]
    notes = [note for zone, day in days for note in changes([zone], Span(day.start, max(day.end, span.end)))]
    return tuple(dict.fromkeys(notes))
