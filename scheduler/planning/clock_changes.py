"""Where clocks change, said to people before they wonder about an hour."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.planning.localtimes import DAY, local, start_of
from scheduler.zones import Zone, clock_changes, wall_at
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
    midnight = wall_at(zone, minute) // DAY * DAY
    return Span(start_of(zone, midnight), start_of(zone, midnight + DAY))
