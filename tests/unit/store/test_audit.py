"""The audit tells every change, repeats nothing about people, and names the first row that is not as it was written."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from scheduler.booking.booking import Booking, RoomChoice
from scheduler.booking.states import State
from scheduler.store import audit as auditing
from scheduler.store.store import Store
from scheduler.store.tables import audit, audit_head, bookings
from solvers.timeline import Span

ANA, BO, ROOM = "ana@x.example", "bo@x.example", "room@x.example"
# Newer Pythons warn of forking beside threads; the children here only call our code and die.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
Make = Callable[..., Booking]
Sql = Callable[[str], list[Any]]
EDITED = (
    "booking_id",
    "at",
    "who",
    "was",
    "state",
    "changes",
    "before",
    "after",
    "reason",
    "previous",
    "digest",
)


@pytest.fixture
def filled(store: Store, booking: Make) -> Store:
    """Three bookings with four rows each."""
    for number in range(3):
        one = store.reserve(booking(f"b-{number}", 600 + 60 * number))
        for state in (State.UNDOING, State.UNDONE):
            one = replace(one, state=state, reason=f"because of {state.value}")
            store.save(one)
        store.save(replace(one, reason="in the end"))
    return store


@pytest.fixture
def unguarded(filled: Store, database: Path | str, sql: Sql) -> Store:
    """The same, where somebody has taken the triggers away."""
    for table, events in (("audit", ("update", "delete")), ("audit_head", ("delete",))):
        if isinstance(database, str):
            sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            for event in events:
                sql(f"DROP TRIGGER {table}_refuses_{event}")
    return filled


@contextmanager
def undone(store: Store) -> Iterator[Connection]:
    """A transaction whose changes are taken back."""
    with store.database.engine.connect() as connection:
        yield connection
        connection.rollback()


def test_a_row_says_who_what_and_when(
    opened: Callable[..., Store], database: Path | str, booking: Make
) -> None:
    """Who, when, from which state to which, values that are about nobody, and of the others only that they changed."""
    store = Store(database, clock=lambda: 1000, who="rita")
    first = store.reserve(booking("b-1", 600))
    interview = replace(first.interview, span=Span(720, 780), text="Bring the report of Zoe")
    store.save(replace(first, state=State.INVITING, interview=interview, told_room=ROOM, reason="it moves"))
    store.close()
    new, moved = opened().audit("b-1")
    assert ("", "claimed", "", 1, "rita") == (new.was, new.state, new.before, new.entry, new.who)
    assert (2, 1000, "rita", "claimed", "inviting", "it moves", new.after) == (
        *(moved.entry, moved.at, moved.who, moved.was, moved.state, moved.reason),
        moved.before,
    )
    spans = ({"start": 600, "end": 660}, {"start": 720, "end": 780})
    assert {
        "state": ("claimed", "inviting"),
        "interview.span": spans,
        "told_room": (None, ROOM),
        "interview.text": None,
        "reason": None,
    } == moved.changes
    assert None is new.changes["interview.guests"]


@pytest.mark.usefixtures("filled")
def test_nothing_about_people_is_in_it(sql: Sql) -> None:
    """No address, subject or text of an interview is in any row; a room's address is."""
    told = str(sql("SELECT * FROM audit"))
    assert ([], True) == ([each for each in (ANA, "rita@", "Interview") if each in told], ROOM in told)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'nobody'",
        "UPDATE audit SET who = 'nobody' WHERE entry_id = 1",
        "DELETE FROM audit WHERE entry_id = 12",
        "DELETE FROM audit",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_refuses_to_change_it(filled: Store, sql: Sql, statement: str) -> None:
    """Whoever asks for it, rows are neither changed nor deleted."""
    before = sql("SELECT * FROM audit")
    with pytest.raises(Exception, match="append-only"):
        sql(statement)
    assert (before, None) == (sql("SELECT * FROM audit"), filled.verify_audit().broken)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.campaign
def test_postgres_grants_nobody_the_right(filled: Store, sql: Sql) -> None:
    """The table's own role has no right to change it, and its tables cannot be emptied either."""
    granted = sql(
        "SELECT privilege_type FROM information_schema.role_table_grants WHERE table_name = 'audit'"
    )
    assert set() == {privilege for (privilege,) in granted} & {"UPDATE", "DELETE", "TRUNCATE"}
    with pytest.raises(Exception, match="append-only"):
        sql("TRUNCATE audit")
    assert 12 == filled.verify_audit().entries


def test_what_was_written_verifies(filled: Store, opened: Callable[..., Store]) -> None:
    """Untouched it is whole; the last seal is that of the last row; another process goes on with the same chain."""
    whole = filled.verify_audit()
    assert (12, None, filled.audit()[-1].digest) == (whole.entries, whole.broken, whole.digest)
    later = opened(at=2000)
    later.note("b-1", "looked at")
    later.note("b-1", "looked at")
    assert (13, None) == (later.verify_audit().entries, filled.verify_audit().broken)
    assert (2000, "looked at", "undone", "undone") == (
        *(filled.audit("b-1")[-1].at, filled.audit("b-1")[-1].reason),
        *(filled.audit("b-1")[-1].was, filled.audit("b-1")[-1].state),
    )


def test_many_writers_make_one_chain(
    opened: Callable[..., Store], booking: Make, forked: Callable[..., int]
) -> None:
    """Processes that change bookings at the same time wait for each other at the end of the chain, and it is whole."""
    opened().close()

    def work() -> None:
        store, me = opened(), os.getpid()
        for number in range(5):
            one = store.reserve(booking(f"b-{me}-{number}", 100_000 * me + 60 * number))
            store.save(replace(one, reason="changed"))

    assert 0 == forked(work, times=4)
    whole = opened().verify_audit()
    assert (40, None) == (whole.entries, whole.broken)


def test_what_an_earlier_version_wrote_is_sealed(tmp_path: Path) -> None:
    """The journal of an older database becomes the head of the chain, and a change of it is found from then on."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(Path(__file__).with_name("written_by_0002.sql").read_text())
    store = Store(path, clock=lambda: 2000, who="rita")
    (one,) = store.bookings()
    store.save(replace(one, reason="later"))
    assert (2, None) == (store.verify_audit().entries, store.verify_audit().broken)
    assert [("", "claimed"), ("rita", "claimed")] == [(row.who, row.state) for row in store.audit()]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER audit_refuses_update")
        connection.execute("UPDATE audit SET at = 999 WHERE entry_id = 1")
        connection.commit()
    broken = store.verify_audit().broken
    assert 1 == (broken and broken.entry)
    store.close()


def tamper(chance: random.Random, connection: Connection) -> tuple[str, int]:
    """Change something in one row, or take rows out; returns what was done and which row has to be named."""
    number = chance.randint(1, 12)
    row = connection.execute(select(audit).where(audit.c.entry_id == number)).one()
    this = audit.c.entry_id == number
    doing = chance.choice(["edit", "edit", "delete", "cut", "renumber", "swap", "add"])
    if doing == "edit":
        name = chance.choice(EDITED)
        value: Any = getattr(row, name)
        if name == "booking_id":
            value = chance.choice([f"b-{each}" for each in range(3) if f"b-{each}" != value])
        elif name == "at":
            value += chance.choice([-1, 1, 3600])
        elif value and chance.random() < 0.5:
            place = chance.randrange(len(value))
            value = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
        else:
            value += "0"
        connection.execute(update(audit).where(this).values({name: value}))
        return f"edit {name}", number
    if doing == "delete":
        connection.execute(delete(audit).where(this))
    elif doing == "cut":
        connection.execute(delete(audit).where(audit.c.entry_id >= number))
    elif doing == "renumber":
        connection.execute(update(audit).where(this).values(entry_id=chance.choice([0, -5, 40])))
        return doing, number if connection.scalar(
            select(audit.c.entry_id).where(audit.c.entry_id < 1)
        ) is None else 1
    elif doing == "swap":
        number = chance.randint(1, 11)
        for old, new in ((number, 100), (number + 1, number), (100, number + 1)):
            connection.execute(update(audit).where(audit.c.entry_id == old).values(entry_id=new))
    else:
        connection.execute(insert(audit).values({**row._mapping, "entry_id": 13}))
        return doing, 13
    return doing, number


@pytest.mark.parametrize("trials", [30, pytest.param(1000, marks=pytest.mark.campaign)])
def test_every_edit_and_deletion_is_found(unguarded: Store, trials: int) -> None:
    """Rows are changed, taken out, cut off, renumbered, exchanged and added at random; the first of them is named."""
    chance = random.Random(trials)  # noqa: S311 - it draws examples, not secrets
    missed = []
    for _ in range(trials):
        with undone(unguarded) as connection:
            doing, number = tamper(chance, connection)
            broken = auditing.verify(connection).broken
            if broken is None or broken.entry != number:
                missed.append((doing, number, broken))
    assert ([], None) == (missed, unguarded.verify_audit().broken)


def test_a_booking_changed_behind_its_back_is_found(unguarded: Store) -> None:
    """A document that was edited, and a head that was moved, are named although every row is whole."""
    with undone(unguarded) as connection:
        changed = (
            update(bookings).where(bookings.c.booking_id == "b-1").values(document=text("document || ' '"))
        )
        connection.execute(changed)
        broken = auditing.verify(connection).broken
        assert ("b-1", "the booking was changed without a row") == (
            broken and broken.booking_id,
            broken and broken.what,
        )
    for values in ({"entries": 11}, {"entries": 13}, {"digest": "0" * 64}):
        with undone(unguarded) as connection:
            connection.execute(update(audit_head).values(values))
            assert auditing.verify(connection).broken is not None


def test_a_mended_end_is_found_by_the_booking(unguarded: Store) -> None:
    """Whoever takes the last row out and mends the head still leaves a booking that its last row does not know."""
    with undone(unguarded) as connection:
        connection.execute(delete(audit).where(audit.c.entry_id == 12))
        last = connection.execute(select(audit).where(audit.c.entry_id == 11)).one()
        connection.execute(update(audit_head).values(entries=11, digest=last.digest))
        broken = auditing.verify(connection).broken
        assert (12, "b-2") == (broken and broken.entry, broken and broken.booking_id)


def test_a_change_without_its_row_is_not_committed(filled: Store, booking: Make, sql: Sql) -> None:
    """Where the audit cannot be written, the booking is not either."""
    one = filled.reserve(replace(booking("b-9", 5000), room=RoomChoice(ROOM, ROOM)))
    before = sql("SELECT document FROM bookings WHERE booking_id = 'b-9'")
    sql("UPDATE audit_head SET entries = 5")
    with pytest.raises(Exception, match="refused"):
        filled.save(replace(one, reason="changed"))
    assert before == sql("SELECT document FROM bookings WHERE booking_id = 'b-9'")
