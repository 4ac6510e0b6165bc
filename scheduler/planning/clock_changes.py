"""Where clocks change, said to people before they wonder about an hour."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from scheduler.planning.localtimes import DAY, local, start_of
from scheduler.zones import Zone, steady, wall_at
from solvers.timeline import Span


def changes(zones: Iterable[Zone], span: Span) -> tuple[str, ...]:
    """One sentence for each change of one of these clocks inside the span, in order, each zone and change once."""
    found: dict[tuple[int, str], str] = {}
    for zone in zones:
        # A change at the very start is seen only from the minute before it.
        for (_, before), (part, after) in pairwise(steady(zone, Span(span.start - 1, span.end))):
            moved = after - before
            way = "forward" if moved > 0 else "back"
            reading = local(zone, part.start - 1)
            found[part.start, zone.key] = (
                f"Clocks in {zone.key} go {way} by {abs(moved)} minutes after {reading[:10]} {reading[11:]}."
            )
    return tuple(found[key] for key in sorted(found))


def local_day(zone: Zone, minute: int) -> Span:
    """The local day of a UTC minute, which is 23 or 25 hours long where the clock changes in it."""
    midnight = wall_at(zone, minute) // DAY * DAY
    return Span(start_of(zone, midnight), start_of(zone, midnight + DAY))
