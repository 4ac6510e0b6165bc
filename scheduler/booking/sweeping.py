"""When an event is looked for that Graph may have written after all, long after it gave no answer.

A write whose answer was lost is read back, and what is not there is sent again or given up. Graph may still do it then.
The transactionId makes a repetition harmless only while its first event is there, and does nothing for what was given
up. Nor does a 404 prove that an event was gone before it could be removed: Graph answers so too where access was lost.
Such events are looked for until they cannot be expected any more.
"""

from __future__ import annotations

from dataclasses import replace

from scheduler.booking.booking import Booking, Doubt, Written
from scheduler.booking.reconciling import named
from scheduler.booking.watching import LATER_SECONDS

SWEEP_SECONDS = (60, 300, 1_800)
"""How long after it was looked for in vain an event is looked for again (facts: reliability R-05)."""
ABANDONED_SECONDS = 86_400
"""How long a calendar that does not open is tried."""


def doubted(booking: Booking, written: Written, now: int) -> Booking:
    """The booking with the doubt whether that event of its will still appear.

    Args:
        now: UTC second; an earlier doubt about the same event begins anew.
    """
    span = named(booking)[written.marker][1]
    others = tuple(doubt for doubt in booking.doubts if doubt.marker != written.marker)
    return replace(booking, doubts=(*others, Doubt(written.marker, written.calendar, span, now)))


def next_sweep(doubt: Doubt, last: int | None) -> int:
    """The UTC second at which the event is looked for after the look at `last`; looks that were missed are one."""
    looks = [doubt.since + after for after in SWEEP_SECONDS]
    return next((look for look in looks if last is None or last < look), (last or 0) + LATER_SECONDS)


def is_over(doubt: Doubt, now: int) -> bool:
    """Whether a look that found nothing more to do is the last one."""
    return now - doubt.since >= SWEEP_SECONDS[-1]
