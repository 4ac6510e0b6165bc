"""The store as the use cases see it: offers, bookings with their claims and audit, generated calendars.

Each method is one transaction, and none of them waits for anything but the database. Each that writes is written so
that doing it twice is doing it once, because a commit whose answer was lost is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from scheduler.booking.booking import Booking
from scheduler.booking.states import ENDED
from scheduler.errors import StoreError
from scheduler.store import audit, ledger
from scheduler.store.audit import AuditEntry, Verdict
from scheduler.store.catalogue import Catalogue
from scheduler.store.database import Database, open_database
from scheduler.store.earlier import BOOKING, answer, answered, living, remember_keys, wanted_by
from scheduler.store.failures import TakenOver
from scheduler.store.ledger import Claim
from scheduler.store.locks import lock_text
from scheduler.store.tables import bookings, calendars, claims, offers, solutions
from scheduler.store.transactions import insist, reads, writes
from scheduler.store.upsert import keep
from solvers.timeline import Span, SpanSet


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A state a booking went through; `at` is a UTC second."""

    at: int
    state: str
    reason: str


class Store:
    """Everything that must survive a crash.

    Args:
        where: the SQLite file, as a Path, or a PostgreSQL database, as a URL in libpq's form.
        clock: UTC seconds, for the audit.
        who: on whose behalf it is written, for the audit.

    Raises:
        StoreError: the database cannot be opened; every method raises it when the database refuses or goes away.
        OutcomeUnknown: from every method that writes, when the database went away during the commit and stayed away.
    """

    def __init__(self, where: Path | str, *, clock: Callable[[], int], who: str = "") -> None:
        self._clock = clock
        self._who = who
        self._database = open_database(where)
        self._fences: dict[str, int] = {}

    @property
    def database(self) -> Database:
        """Where everything is kept."""
        return self._database

    @property
    def catalogue(self) -> Catalogue:
        """The rooms and people that were imported."""
        return Catalogue(self._database, clock=self._clock)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    @writes
    def remember_offers(self, connection: Connection, documents: Mapping[str, str]) -> None:
        """Keep slots under their ids; a slot that is found again replaces its older self."""
        now = self._clock()
        keep(
            connection,
            offers,
            [
                {"slot_id": slot_id, "document": document, "found_at": now}
                for slot_id, document in documents.items()
            ],
        )

    @reads
    def offer(self, connection: Connection, slot_id: str) -> str | None:
        """The document of a slot that was found earlier, or None."""
        row = connection.execute(select(offers.c.document).where(offers.c.slot_id == slot_id)).first()
        return None if row is None else str(row.document)

    @writes
    def remember_solution(self, connection: Connection, solution_id: str, document: str) -> None:
        """Keep what was solved under its id; the same id again changes nothing but its time."""
        keep(
            connection,
            solutions,
            [{"solution_id": solution_id, "document": document, "solved_at": self._clock()}],
        )

    @reads
    def solution(self, connection: Connection, solution_id: str) -> str | None:
        """The document of something that was solved earlier, or None."""
        row = connection.execute(
            select(solutions.c.document).where(solutions.c.solution_id == solution_id)
        ).first()
        return None if row is None else str(row.document)

    @reads
    def solutions(self, connection: Connection) -> tuple[str, ...]:
        """The ids of what was solved, the latest first."""
        rows = connection.execute(
            select(solutions.c.solution_id).order_by(solutions.c.solved_at.desc(), solutions.c.solution_id)
        )
        return tuple(str(row.solution_id) for row in rows)

    def reserve(self, booking: Booking) -> Booking:
        """Claim the booking's people and room and write it down, in one commit.

        A slot that a living booking already took is not booked twice: that booking is returned instead.

        Raises:
            Taken: another booking holds somebody or the room; nothing was written.
        """
        return self.reserve_together([booking])[0]

    def reserve_together(self, asked: Sequence[Booking]) -> tuple[Booking, ...]:
        """Claim the people and rooms of all these bookings and write them down, in one commit, or none of them.

        What is there already is not booked twice: if bookings with one of the keys were ever made, those are returned
        instead, or else the living ones that took some of the slots.

        Raises:
            Taken: another booking holds somebody or a room; nothing was written.
            Impossible: a key was used for another request.
        """
        return self._standing(asked) or self._reserve(asked)

    @reads
    def _standing(self, connection: Connection, asked: Sequence[Booking]) -> tuple[Booking, ...]:
        # Most of those who come too late can be told so without waiting for a lock.
        before = answered(connection, asked)
        if before:
            return before
        standing = living(connection, asked)
        if not standing:
            ledger.look(connection, wanted_by(asked))
        # A key that is new has to be kept with its answer, which is not done here.
        return () if any(booking.key is not None for booking in asked) else standing

    @writes
    def _reserve(self, connection: Connection, asked: Sequence[Booking]) -> tuple[Booking, ...]:
        keys = {f"key {booking.key.text}" for booking in asked if booking.key is not None}
        for text in sorted(keys | {f"slot {booking.interview.slot_id}" for booking in asked}):
            lock_text(connection, text)
        before = answered(connection, asked)
        if before:
            return before
        standing = living(connection, asked)
        if standing:
            if answer(asked, standing):
                remember_keys(connection, asked, standing)
            return standing
        documents = [BOOKING.dump_json(booking).decode() for booking in asked]
        connection.execute(
            insert(bookings),
            [
                {
                    "booking_id": booking.booking_id,
                    "slot_id": booking.interview.slot_id,
                    "state": booking.state.value,
                    "document": document,
                    "created_at": self._clock(),
                }
                for booking, document in zip(asked, documents, strict=True)
            ],
        )
        remember_keys(connection, asked, asked)
        ledger.hold(connection, wanted_by(asked))
        for booking, document in zip(asked, documents, strict=True):
            self._note(connection, booking, before=None, after=document)
        return tuple(asked)

    @writes
    def save(
        self,
        connection: Connection,
        booking: Booking,
        *,
        hold: Collection[Claim] | None = None,
    ) -> None:
        """Write the booking's new self, with its row in the audit, in one commit; an unchanged self gets no row.

        Args:
            booking: its ended states give all claims back.
            hold: exactly what the booking holds from now on; None leaves its claims as they are.

        Raises:
            Taken: another booking holds some of what is wanted; nothing was changed.
            TakenOver: this store had the right to move the booking on and lost it; nothing was changed.
        """
        present = connection.execute(
            select(bookings.c.document, bookings.c.fence)
            .where(bookings.c.booking_id == booking.booking_id)
            .with_for_update()
        ).first()
        if present is None:
            raise StoreError(
                f"Booking {booking.booking_id} is not in the {self._database.name}; reserve it first."
            )
        if self._fences.get(booking.booking_id, present.fence) != present.fence:
            raise TakenOver(booking.booking_id)
        if booking.state in ENDED:
            ledger.release(connection, booking.booking_id)
        elif hold is not None:
            ledger.hold(connection, {booking.booking_id: hold})
        document = BOOKING.dump_json(booking).decode()
        if document == present.document:
            return
        connection.execute(
            update(bookings)
            .where(bookings.c.booking_id == booking.booking_id)
            .values(slot_id=booking.interview.slot_id, state=booking.state.value, document=document)
        )
        self._note(connection, booking, before=present.document, after=document)

    @reads
    def booking(self, connection: Connection, booking_id: str) -> Booking | None:
        """The booking, or None."""
        row = connection.execute(
            select(bookings.c.document).where(bookings.c.booking_id == booking_id)
        ).first()
        return None if row is None else BOOKING.validate_json(row.document)

    @reads
    def bookings(self, connection: Connection) -> tuple[Booking, ...]:
        """All bookings, oldest first."""
        rows = connection.execute(
            select(bookings.c.document).order_by(bookings.c.created_at, bookings.c.booking_id)
        )
        return tuple(BOOKING.validate_json(row.document) for row in rows)

    @reads
    def history(self, connection: Connection, booking_id: str) -> tuple[JournalEntry, ...]:
        """Every state the booking went through, oldest first."""
        return tuple(
            JournalEntry(entry.at, entry.state, entry.reason)
            for entry in audit.entries(connection, booking_id)
        )

    @reads
    def audit(self, connection: Connection, booking_id: str | None = None) -> tuple[AuditEntry, ...]:
        """Every change of the booking, or of all of them, oldest first."""
        return audit.entries(connection, booking_id)

    @writes
    def note(self, connection: Connection, booking_id: str, reason: str) -> None:
        """Add to the audit of a booking what was done for it without changing it; twice in a row is once.

        Raises:
            StoreError: there is no such booking.
        """
        document = connection.scalar(
            select(bookings.c.document).where(bookings.c.booking_id == booking_id).with_for_update()
        )
        if document is None:
            raise StoreError(f"Booking {booking_id} is not in the {self._database.name}.")
        last = audit.entries(connection, booking_id)[-1:]
        if not last or (last[0].before, last[0].reason) != (last[0].after, reason):
            booking = replace(BOOKING.validate_json(document), reason=reason)
            self._note(connection, booking, before=document, after=document)

    @reads
    def verify_audit(self, connection: Connection) -> Verdict:
        """Whether every row of the audit is as it was written, and every booking as its last row says."""
        with audit.one_moment(connection):
            return audit.verify(connection)

    def claimed(
        self, resources: Iterable[str], window: Span, *, except_booking: str | None = None
    ) -> Mapping[str, SpanSet]:
        """What our own bookings hold of each resource inside the window."""
        held = self.claims(resources, window, except_booking=except_booking)
        return {resource: SpanSet.of(spans) for resource, spans in held.items()}

    @reads
    def claims(
        self,
        connection: Connection,
        resources: Iterable[str],
        window: Span,
        *,
        except_booking: str | None = None,
    ) -> Mapping[str, tuple[Span, ...]]:
        """Each of our own bookings of each resource that shares a minute with the window, in order."""
        return ledger.claims_of(connection, resources, window, except_booking=except_booking)

    @reads
    def all_claims(self, connection: Connection) -> tuple[tuple[str, Claim], ...]:
        """Every claim of the ledger with the id of the booking that holds it."""
        rows = connection.execute(
            select(claims).order_by(claims.c.booking_id, claims.c.resource, claims.c.start_minute)
        )
        return tuple(
            (row.booking_id, Claim(row.resource, Span(row.start_minute, row.end_minute))) for row in rows
        )

    @reads
    def generated_calendars(self, connection: Connection) -> tuple[tuple[str, str, str], ...]:
        """Every calendar that we generated: its mailbox, its name and its id."""
        rows = connection.execute(select(calendars).order_by(calendars.c.mailbox, calendars.c.name))
        return tuple((row.mailbox, row.name, row.calendar_id) for row in rows)

    @reads
    def calendar_id(self, connection: Connection, mailbox: str, name: str) -> str | None:
        """The id of a calendar we generated, or None."""
        row = connection.execute(
            select(calendars.c.calendar_id).where(calendars.c.mailbox == mailbox, calendars.c.name == name)
        ).first()
        return None if row is None else str(row.calendar_id)

    def remember_calendar(self, mailbox: str, name: str, calendar_id: str) -> None:
        """Keep the id of a generated calendar."""
        # Every booking that invites a room comes here, and hardly one with news; a read waits for no writer.
        if self.calendar_id(mailbox, name) != calendar_id:
            self._remember_calendar(mailbox, name, calendar_id)

    @writes
    def _remember_calendar(self, connection: Connection, mailbox: str, name: str, calendar_id: str) -> None:
        keep(connection, calendars, [{"mailbox": mailbox, "name": name, "calendar_id": calendar_id}])

    @contextmanager
    def working_on(self, booking_id: str) -> Iterator[bool]:
        """Hold the right to move a booking on; yields False when another living process holds it.

        It falls with its holder, however that dies, so a crash never leaves a booking that nobody may finish. A holder
        that lives but lost it without noticing (its connection broke, the server restarted) can save nothing once
        another has got it: `save` raises TakenOver.
        """
        with ExitStack() as stack:
            right = self._database.right
            mine = insist(self._database, lambda: stack.enter_context(right(booking_id)))
            if not mine:
                yield False
                return
            fence = self._raise_fence(booking_id)
            if fence is not None:
                self._fences[booking_id] = fence
            try:
                yield True
            finally:
                self._fences.pop(booking_id, None)

    @writes
    def _raise_fence(self, connection: Connection, booking_id: str) -> int | None:
        this = bookings.c.booking_id == booking_id
        connection.execute(update(bookings).where(this).values(fence=bookings.c.fence + 1))
        row = connection.execute(select(bookings.c.fence).where(this)).first()
        return None if row is None else int(row.fence)

    def _note(self, connection: Connection, booking: Booking, *, before: str | None, after: str) -> None:
        audit.record(connection, booking, before=before, after=after, at=self._clock(), who=self._who)
