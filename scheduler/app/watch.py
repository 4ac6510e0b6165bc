"""Watch over the bookings that stand: look at them when it is time, and let what was noticed be repaired.

A look begins with reading many bookings at once and holding none. Only those that are not as they should be are then
held, one after the other, and looked at once more; so any number of watchers may run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from scheduler.app.bookings import bring_up_to_date, unfinished
from scheduler.app.drive import Driver
from scheduler.app.glance import glance
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.repair import Repairer
from scheduler.app.sweep import Sweeper
from scheduler.booking import watching
from scheduler.booking.booking import Booking, Concern, ConcernKind
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import ENDED, RESTING, State
from scheduler.errors import StoreError, WorldError
from scheduler.graph.errors import Throttled, Unavailable
from scheduler.store.failures import TakenOver
from scheduler.store.store import JournalEntry

IDLE_SECONDS = watching.SOON_SECONDS
"""No pause is longer: bookings are made meanwhile."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """What one look changed of a booking, or why it could not be looked at; `text` is a clause."""

    booking_id: str
    text: str
    failed: bool = False


@dataclass(slots=True)
class Watch:
    """Looks at bookings by the schedule of scheduler.booking.watching.

    What it remembers is only when it looked; a watch that begins looks at everything once. What could not be looked at
    is looked at again after a minute.

    Args:
        clock: UTC seconds.
    """

    calendars: Calendars
    ledger: Ledger
    driver: Driver
    rules: RepairRules
    clock: Callable[[], int]
    _looked: dict[str, int] = field(default_factory=dict)
    _failed: set[str] = field(default_factory=set)
    _since: dict[str, tuple[Booking, int]] = field(default_factory=dict)
    _sweeper: Sweeper = field(init=False)

    def __post_init__(self) -> None:
        self._sweeper = Sweeper(self.calendars, self.ledger, self.clock)

    def look(self, *, wait: bool = False) -> tuple[Noticed, ...]:
        """Look at every booking whose time has come, repair what may be repaired, and sweep up what came late.

        Args:
            wait: whether to wait for the answers of rooms; otherwise the next look goes on.

        Raises:
            StoreError: the database refused. What Graph refuses is told and looked at again later.
        """
        now, bookings = self.clock(), self.ledger.bookings()
        due = [booking for booking in bookings if (at := self._next(booking)) is not None and at <= now]
        found = list(self._work(due, wait=wait))
        self._looked.update({booking.booking_id: now for booking in due})
        self._failed -= {booking.booking_id for booking in due}
        self._failed |= {each.booking_id for each in found if each.failed}
        found += [Noticed(*told) for told in self._sweeper.look(bookings)]
        return tuple(found)

    def pause(self) -> int:
        """How many seconds there are until the next look; at least one and never more than IDLE_SECONDS."""
        now, bookings = self.clock(), self.ledger.bookings()
        times = [*(self._next(booking) for booking in bookings), self._sweeper.due(bookings)]
        return max(1, min([IDLE_SECONDS, *(at - now for at in times if at is not None)]))

    def _next(self, booking: Booking) -> int | None:
        if booking.state in ENDED:
            return None
        last = self._looked.get(booking.booking_id)
        start = booking.interview.span.start * 60
        if last is None:
            return 0 if booking.state not in RESTING or self.clock() < start else None
        if booking.state not in RESTING or booking.booking_id in self._failed:
            return last + watching.SOON_SECONDS
        return watching.next_look(last, since=self._standing_since(booking), start=start)

    def _standing_since(self, booking: Booking) -> int:
        known = self._since.get(booking.booking_id)
        if known is None or known[0] != booking:
            known = booking, since_state(self.ledger.history(booking.booking_id))
            self._since[booking.booking_id] = known
        return known[1]

    def _work(self, due: Sequence[Booking], *, wait: bool) -> Iterator[Noticed]:
        standing = self._finished(due, wait=wait)
        confirmed = [
            each for each in standing.values() if isinstance(each, Booking) and each.state is State.CONFIRMED
        ]
        sights = glance(confirmed, self.calendars)
        for booking in due:
            present, sight = standing[booking.booking_id], sights.get(booking.booking_id)
            try:
                if isinstance(present, WorldError):
                    raise present
                if isinstance(sight, WorldError):
                    raise sight
                if sight is None or watching.needs_work(present, sight):
                    present = self._attend(present, wait=wait)
                yield from _changes(booking, present)
            except WorldError as error:
                _pass_on(error)
                self._remember_failure(booking, error)
                yield Noticed(booking.booking_id, str(error), failed=True)

    def _finished(self, due: Sequence[Booking], *, wait: bool) -> dict[str, Booking | WorldError]:
        """Each booking after every step that can be taken now, by id, or why it could not be taken.

        Every room is asked before the first one is waited for, so that all of them answer meanwhile.
        """
        standing: dict[str, Booking | WorldError] = {booking.booking_id: booking for booking in due}
        for waiting in (False, True) if wait else (False,):
            for name, booking in standing.items():
                if isinstance(booking, WorldError) or not unfinished(booking):
                    continue
                if waiting and booking.state is State.PENDING:
                    continue  # somebody has to decide, which is not waited for
                try:
                    standing[name] = bring_up_to_date(booking, self.ledger, self.driver, wait=waiting)
                except WorldError as error:
                    _pass_on(error)
                    standing[name] = error
        return standing

    def _attend(self, known: Booking, *, wait: bool) -> Booking:
        if known.state not in RESTING or known.state in ENDED:
            return known
        with self.ledger.working_on(known.booking_id) as mine:
            current = self.ledger.booking(known.booking_id) or known
            if not mine or current.state not in RESTING or current.state in ENDED:
                return current
            return Repairer(self.calendars, self.ledger, self.driver, self.rules).attend_to(
                current, wait=wait
            )

    def _remember_failure(self, booking: Booking, error: WorldError) -> None:
        """A booking that Graph could have finished by now, and did not, says why."""
        if isinstance(error, Throttled | Unavailable):
            return
        with self.ledger.working_on(booking.booking_id) as mine:
            current = self.ledger.booking(booking.booking_id)
            if not mine or current is None or current.state in RESTING:
                return
            since = since_state(self.ledger.history(current.booking_id))
            concern = Concern(ConcernKind.STUCK, "", str(error))
            if self.clock() - since >= watching.STUCK_SECONDS and concern not in current.concerns:
                self.ledger.save(replace(current, concerns=(concern,)))


def _pass_on(error: WorldError) -> None:
    """Without a database nothing can be looked at; whatever else fails concerns one booking."""
    if isinstance(error, StoreError) and not isinstance(error, TakenOver):
        raise error


def since_state(history: Sequence[JournalEntry]) -> int:
    """The UTC second since which a booking has been in its present state; 0 when nothing is known of it."""
    since = 0
    for entry in reversed(history):
        if entry.state != history[-1].state:
            break
        since = entry.at
    return since


def _changes(before: Booking, after: Booking) -> Iterator[Noticed]:
    if after.state is not before.state or after.revision != before.revision or after.reason != before.reason:
        yield Noticed(after.booking_id, f"{after.state.value}: {after.reason}")
    elif after.concerns != before.concerns:
        yield Noticed(after.booking_id, f"{after.state.value}: nothing is left to decide")
