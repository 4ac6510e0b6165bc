"""The right to work on a booking, for those who cannot do without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scheduler.app.ports import Ledger
from scheduler.errors import Busy


@contextmanager
def holding(booking_id: str, ledger: Ledger, *, field: str = "booking", called: str = "") -> Iterator[None]:
    """Hold the right to move the booking on.

    Args:
        field: what the person named.
        called: how they named it, if not by the booking's id.

    Raises:
        Busy: another living process holds it.
    """
    with ledger.working_on(booking_id) as mine:
        if not mine:
            raise Busy(
                field,
                f"{called or booking_id} is being worked on by another process",
                "try again in a moment",
            )
        yield
