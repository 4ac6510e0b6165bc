"""The store as the use cases see it: offers, bookings with their claims and journal, generated calendars.

Each method is one transaction, and none of them waits for anything but the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DBAPIError

from scheduler.booking.booking import Booking
from scheduler.booking.states import ENDED
from scheduler.errors import StoreError
from scheduler.store import ledger
from scheduler.store.engine import open_engine
from scheduler.store.tables import bookings, calendars, journal, offers, solutions
from solvers.timeline import Span, SpanSet

_BOOKING = TypeAdapter(Booking)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A state a booking went through; `at` is a UTC second."""

    at: int
    state: str
    reason: str


class Store:
    """Everything that must survive a crash.

    Args:
        path: the SQLite file; a folder beside it holds the locks of bookings being worked on.
        clock: UTC seconds, for the journal.

    Raises:
        StoreError: the database cannot be opened; every method raises it when a statement fails.
    """

    def __init__(self, path: Path, *, clock: Callable[[], int]) -> None:
        self._path = path
        self._clock = clock
        self._engine = open_engine(path)
        self._locks = path.with_name(f"{path.name}.locks")

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise StoreError(
                f"The database {self._path} refused ({error.orig});"
                " nothing was changed, check its permissions and the free space."
            ) from error

    def remember_offers(self, documents: Mapping[str, str]) -> None:
        """Keep slots under their ids; a slot that is found again replaces its older self."""
        if not documents:
            return
        rows = [
            {"slot_id": slot_id, "document": document, "found_at": self._clock()}
            for slot_id, document in documents.items()
        ]
        statement = upsert(offers)
        with self._transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["slot_id"],
                    set_={"document": statement.excluded.document, "found_at": statement.excluded.found_at},
                ),
                rows,
            )

    def offer(self, slot_id: str) -> str | None:
        """The document of a slot that was found earlier, or None."""
        with self._transaction() as connection:
            row = connection.execute(select(offers.c.document).where(offers.c.slot_id == slot_id)).first()
        return None if row is None else str(row.document)

    def remember_solution(self, solution_id: str, document: str) -> None:
        """Keep what was solved under its id; the same id again changes nothing but its time."""
        statement = upsert(solutions).values(
            solution_id=solution_id, document=document, solved_at=self._clock()
        )
        with self._transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["solution_id"],
                    set_={"document": document, "solved_at": statement.excluded.solved_at},
                )
            )

    def solution(self, solution_id: str) -> str | None:
        """The document of something that was solved earlier, or None."""
        with self._transaction() as connection:
            row = connection.execute(
                select(solutions.c.document).where(solutions.c.solution_id == solution_id)
            ).first()
        return None if row is None else str(row.document)

    def solutions(self) -> tuple[str, ...]:
        """The ids of what was solved, the latest first."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(solutions.c.solution_id).order_by(
                    solutions.c.solved_at.desc(), solutions.c.solution_id
                )
            )
            return tuple(str(row.solution_id) for row in rows)

    def reserve(self, booking: Booking) -> Booking:
        """Claim the booking's people and room and write it down, in one commit.

        A slot that a living booking already took is not booked twice: that booking is returned instead.

        Raises:
            Taken: another booking holds somebody or the room; nothing was written.
        """
        with self._transaction() as connection:
            earlier = connection.execute(
                select(bookings.c.document).where(
                    bookings.c.slot_id == booking.interview.slot_id,
                    bookings.c.state.not_in([state.value for state in ENDED]),
                )
            ).first()
            if earlier is not None:
                return _BOOKING.validate_json(earlier.document)
            connection.execute(
                insert(bookings).values(
                    booking_id=booking.booking_id,
                    slot_id=booking.interview.slot_id,
                    state=booking.state.value,
                    document=_BOOKING.dump_json(booking).decode(),
                    created_at=self._clock(),
                )
            )
            rooms = [booking.room.address] if booking.room is not None else []
            ledger.take(
                connection, booking.booking_id, [*booking.interview.busy, *rooms], booking.interview.span
            )
            self._note(connection, booking)
        return booking

    def save(self, booking: Booking, *, release: str | None = None, claim: str | None = None) -> None:
        """Write the booking's new self, with its journal line, in one commit.

        Args:
            booking: its ended states give all claims back.
            release: a resource whose claim is given up in the same commit.
            claim: a resource that is claimed in the same commit.

        Raises:
            Taken: `claim` is held by another booking; nothing was changed.
        """
        with self._transaction() as connection:
            if booking.state in ENDED:
                ledger.release(connection, booking.booking_id)
            if release is not None:
                ledger.release(connection, booking.booking_id, release)
            if claim is not None:
                ledger.take(connection, booking.booking_id, [claim], booking.interview.span)
            connection.execute(
                update(bookings)
                .where(bookings.c.booking_id == booking.booking_id)
                .values(state=booking.state.value, document=_BOOKING.dump_json(booking).decode())
            )
            self._note(connection, booking)

    def booking(self, booking_id: str) -> Booking | None:
        """The booking, or None."""
        with self._transaction() as connection:
            row = connection.execute(
                select(bookings.c.document).where(bookings.c.booking_id == booking_id)
            ).first()
        return None if row is None else _BOOKING.validate_json(row.document)

    def bookings(self) -> tuple[Booking, ...]:
        """All bookings, oldest first."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(bookings.c.document).order_by(bookings.c.created_at, bookings.c.booking_id)
            ).all()
        return tuple(_BOOKING.validate_json(row.document) for row in rows)

    def history(self, booking_id: str) -> tuple[JournalEntry, ...]:
        """Every state the booking went through, oldest first."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(journal).where(journal.c.booking_id == booking_id).order_by(journal.c.entry_id)
            ).all()
        return tuple(JournalEntry(row.at, row.state, row.reason) for row in rows)

    def claimed(
        self, resources: Iterable[str], window: Span, *, except_booking: str | None = None
    ) -> Mapping[str, SpanSet]:
        """What our own bookings hold of each resource inside the window."""
        with self._transaction() as connection:
            return ledger.claimed(connection, resources, window, except_booking=except_booking)

    def calendar_id(self, mailbox: str, name: str) -> str | None:
        """The id of a calendar we generated, or None."""
        with self._transaction() as connection:
            row = connection.execute(
                select(calendars.c.calendar_id).where(
                    calendars.c.mailbox == mailbox, calendars.c.name == name
                )
            ).first()
        return None if row is None else str(row.calendar_id)

    def remember_calendar(self, mailbox: str, name: str, calendar_id: str) -> None:
        """Keep the id of a generated calendar."""
        statement = upsert(calendars).values(mailbox=mailbox, name=name, calendar_id=calendar_id)
        with self._transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["mailbox", "name"], set_={"calendar_id": calendar_id}
                )
            )

    @contextmanager
    def working_on(self, booking_id: str) -> Iterator[bool]:
        """Hold the right to move a booking on; yields False when another living process holds it.

        The operating system drops the lock when its holder dies, however it dies, so a crash never leaves a booking
        that nobody may finish.
        """
        self._locks.mkdir(exist_ok=True)
        lock = FileLock(self._locks / booking_id)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def _note(self, connection: Connection, booking: Booking) -> None:
        connection.execute(
            insert(journal).values(
                booking_id=booking.booking_id,
                at=self._clock(),
                state=booking.state.value,
                reason=booking.reason,
            )
        )
