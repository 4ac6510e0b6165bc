"""Look for events that Graph wrote after all when nobody expected them any more, and take out what is left over.

Where no answer of Graph was ever lost, nothing is read: bookings carry their doubts, and most have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reconcile import settle_one
from scheduler.booking import sweeping
from scheduler.booking.booking import Booking, Doubt
from scheduler.booking.events import EventCopy
from scheduler.booking.reconciling import Action, Found, compare
from scheduler.errors import StoreError, WorldError
from scheduler.graph.errors import NotThere

Told = tuple[str, str, bool]
"""Booking id, a clause for a person, and whether it tells of a failure."""


@dataclass(slots=True)
class Sweeper:
    """Looks by the schedule of scheduler.booking.sweeping and removes what scheduler.booking.reconciling is sure about.

    What it remembers is only when it looked.

    Args:
        clock: UTC seconds.
    """

    calendars: Calendars
    ledger: Ledger
    clock: Callable[[], int]
    _looked: dict[str, int] = field(default_factory=dict)

    def due(self, bookings: Iterable[Booking]) -> int | None:
        """The UTC second of the next look; None when there is nothing to look for."""
        looks = [self._next(doubt) for booking in bookings for doubt in booking.doubts]
        return min(looks, default=None)

    def look(self, bookings: Iterable[Booking]) -> Iterator[Told]:
        """Look for every event whose time has come.

        Raises:
            StoreError: the database refused. What Graph refuses is told and looked for again later.
        """
        now = self.clock()
        for booking in bookings:
            for doubt in booking.doubts:
                if self._next(doubt) <= now:
                    yield from self._look(booking, doubt, now)

    def _next(self, doubt: Doubt) -> int:
        return sweeping.next_sweep(doubt, self._looked.get(doubt.marker))

    def _look(self, booking: Booking, doubt: Doubt, now: int) -> Iterator[Told]:
        self._looked[doubt.marker] = now
        over = sweeping.is_over(doubt, now)
        try:
            copies = self._found(doubt)
        except StoreError:
            raise
        except WorldError as error:
            over = now - doubt.since >= sweeping.ABANDONED_SECONDS
            yield booking.booking_id, str(error), True
        else:
            found = [Found(doubt.calendar, copy) for copy in copies]
            for finding in compare([booking], found, (), window=doubt.span):
                if finding.action is Action.REMOVE:
                    settled = settle_one(finding, self.calendars, self.ledger)
                    over = over and settled.done
                    yield booking.booking_id, f"{finding.what}: {settled.outcome}", not settled.done
        if over:
            self._forget(booking.booking_id, doubt)

    def _found(self, doubt: Doubt) -> tuple[EventCopy, ...]:
        try:
            return self.calendars.find_marked(doubt.calendar, doubt.marker, doubt.span)
        except NotThere as gone:
            # What was in a mailbox went with it.
            if not gone.whole_mailbox:
                raise
            return ()

    def _forget(self, booking_id: str, doubt: Doubt) -> None:
        with self.ledger.working_on(booking_id) as mine:
            current = self.ledger.booking(booking_id)
            if mine and current is not None and doubt in current.doubts:
                left = tuple(each for each in current.doubts if each != doubt)
                self.ledger.save(replace(current, doubts=left))
                self._looked.pop(doubt.marker, None)
