"""Write an event and remove it again; what a killed run left is removed by the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduler.booking.booking import transaction_id
from scheduler.booking.events import CalendarRef, EventCopy, EventDraft
from scheduler.connection.report import Step, fine
from scheduler.graph.errors import CallFailed
from solvers.timeline import Span

MARKER = "doctor/write-test"
"""One for all tests, so that an event of an earlier one is found; no booking has such an id."""

_DAY = 1440


class Writing(Protocol):
    """Microsoft Graph, as far as it is written to; every method raises CallFailed."""

    def now(self) -> int:
        """The present UTC minute by Graph's own clock."""

    def encode(self, draft: EventDraft) -> bytes:
        """The bytes that create an event."""

    def create(self, ref: CalendarRef, body: bytes) -> EventCopy:
        """Create an event."""

    def find_marked(self, ref: CalendarRef, marker: str, around: Span) -> tuple[EventCopy, ...]:
        """Our events with this marker."""

    def delete(self, mailbox: str, event_id: str) -> bool:
        """Delete an event."""


@dataclass(frozen=True, slots=True)
class WriteTest:
    """Tries the organizer's calendar and that of one room.

    Args:
        organizer: empty where none was named.
        rooms: those whose calendars may be written.
        new_id: makes an id that no event has.
    """

    graph: Writing
    organizer: str
    rooms: Sequence[str]
    new_id: Callable[[], str]

    def run(self) -> Step:
        """An hour of a night next year, without guests.

        Raises:
            CallFailed: it could not be written or removed.
        """
        start = (self.graph.now() // _DAY + 364) * _DAY + 180
        span = Span(start, start + 60)
        organizer = [self.organizer] if self.organizer else []
        places = [CalendarRef(each) for each in (*organizer, *self.rooms)]
        left = sum(self._clear(ref, span) for ref in places)
        tried = [*places[: len(organizer)], *places[len(organizer) :][:1]]
        for ref in tried:
            self._try(ref, span)
        named = " and ".join(ref.mailbox for ref in tried) or "no calendar"
        found = f"; {left} of an earlier test removed" if left else ""
        return fine("write test", f"written to {named}, and removed again{found}")

    def _try(self, ref: CalendarRef, span: Span) -> None:
        draft = EventDraft(
            subject="Slotwright write test",
            body="This event is removed at once; it may be deleted.",
            span=span,
            guests=(),
            marker=MARKER,
            transaction_id=transaction_id(f"{MARKER}/{self.new_id()}"),
        )
        try:
            copy = self.graph.create(ref, self.graph.encode(draft))
            self.graph.delete(ref.mailbox, copy.event_id)
        except CallFailed as error:
            if error.applied == "unknown":
                self._clear(ref, span)
            raise

    def _clear(self, ref: CalendarRef, span: Span) -> int:
        left = self.graph.find_marked(ref, MARKER, span)
        return sum(self.graph.delete(ref.mailbox, event.event_id) for event in left)
