"""Imported rooms and people come back as they were written, all or none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler.directory.catalogue import RoomNotes, RoomRecord
from scheduler.directory.comparison import Look, Seen
from scheduler.directory.rooms import Room
from scheduler.errors import StoreError
from scheduler.planning.members import Member
from scheduler.planning.request import Caps, DayRange, Hours
from scheduler.store.store import Store

ROOM = Room("a@x.example", "Aula", 6, "Main", 2, frozenset({"screen", "piano"}), step_free=True)
RECORD = RoomRecord("a@x.example", ROOM, 60, RoomNotes("Saal", bookable=False), 120)
MORNING = DayRange.model_validate({"from": "09:00", "to": "12:00"})
MEMBER = Member(
    address="ana@x.example",
    name="Ana",
    tags={"backend": "CSV", "panel": "panel@x.example"},
    caps=Caps(sessions_per_day=2),
    preferred=(MORNING,),
    training="shadow",
    hours=(Hours.model_validate({"from": "09:00", "to": "17:00", "days": ("monday",)}),),
    zone="Asia/Kolkata",
)


def test_nothing_at_first(store: Store) -> None:
    """A new database has no rooms, no people, and nothing that was looked at."""
    assert ((), (), None) == (store.catalogue.rooms(), store.catalogue.people(), store.catalogue.last_look())


def test_rooms(store: Store, opened: Callable[..., Store]) -> None:
    """Rooms are kept by address, replaced when they are written again, and found by another process."""
    other = replace(RECORD, address="b@x.example", notes=None)
    store.catalogue.keep_rooms([other, RECORD])
    assert (RECORD, other) == opened().catalogue.rooms()
    store.catalogue.keep_rooms([replace(RECORD, places=None)])
    assert (replace(RECORD, places=None), other) == store.catalogue.rooms()
    store.catalogue.remove_rooms(["a@x.example", "stranger@x.example"])
    assert (other,) == store.catalogue.rooms()


def test_people(store: Store, opened: Callable[..., Store]) -> None:
    """The same holds for people, and a room of the same address is somebody else."""
    store.catalogue.keep_rooms([replace(RECORD, address=MEMBER.address)])
    store.catalogue.keep_people([MEMBER, Member(address="ben@x.example")])
    assert (MEMBER, Member(address="ben@x.example")) == opened().catalogue.people()
    store.catalogue.remove_people([MEMBER.address])
    assert (Member(address="ben@x.example"),) == store.catalogue.people()
    assert 1 == len(store.catalogue.rooms())


def test_the_last_look(store: Store) -> None:
    """Only the latest look is kept."""
    store.catalogue.keep_look(Look(60, (Seen("room", ROOM),)))
    latest = Look(120, (Seen("workspace", ROOM), Seen("equipment", replace(ROOM, address="b@x.example"))))
    store.catalogue.keep_look(latest)
    assert latest == store.catalogue.last_look()


def test_all_or_none(store: Store, sql: Callable[[str], object], database: object) -> None:
    """When one row of an import is refused, none of it is there."""
    if isinstance(database, str):
        sql("ALTER TABLE catalogue ADD CHECK (key <> 'b@x.example')")
    else:
        sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON catalogue WHEN NEW.key = 'b@x.example' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreError):
        store.catalogue.keep_rooms([RECORD, replace(RECORD, address="b@x.example")])
    assert () == store.catalogue.rooms()
