"""What is known of imported rooms, from where, and which may be proposed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.directory.catalogue import (
    Office,
    RoomNotes,
    RoomRecord,
    facts,
    offices,
    offices_named,
    rooms_in_use,
)
from scheduler.directory.rooms import Room, RoomList
from scheduler.errors import InputError

BARE = Room("a@x.example", "a@x.example")
FULL = Room("a@x.example", "Aula", 6, "Main", 2, frozenset({"screen"}), step_free=True)
NOTES = RoomNotes("Saal", "Annex", 9, 3, frozenset({"screen", "piano"}), step_free=False, bookable=None)


def test_a_file_fills_what_places_leaves_empty() -> None:
    """Facts of Places win, empty ones are filled, and the equipment of both is there."""
    filled = RoomRecord("a@x.example", BARE, 60, NOTES, 120).room(BARE)
    assert Room("a@x.example", "Saal", 3, "Annex", 9, NOTES.features, step_free=False) == filled
    believed = RoomRecord("a@x.example", FULL, 60, NOTES, 120).room(FULL)
    assert replace(FULL, equipment=NOTES.features) == believed


def test_today_counts() -> None:
    """A room has the facts that Places shows now, not those of the day of its import."""
    record = RoomRecord("a@x.example", FULL, 60)
    assert replace(FULL, seats=12) == record.room(replace(FULL, seats=12))


def test_only_a_file_withholds() -> None:
    """A room that the file marks is not bookable, and says why; silence and yes change nothing."""
    record = RoomRecord("a@x.example", FULL, 60, RoomNotes(bookable=False), 120)
    assert "is marked as not bookable" == record.room(FULL).closed
    assert "" == replace(record, notes=RoomNotes(bookable=True)).room(FULL).closed
    assert "is first come, first served" == replace(FULL, reserved=True).closed


def test_a_room_that_vanished() -> None:
    """What Places showed once and shows no more is no room any longer; what it never showed lives by its file."""
    assert None is RoomRecord("a@x.example", FULL, 60, NOTES, 120).room(None)
    hidden = RoomRecord("a@x.example", notes=NOTES, notes_at=120)
    assert "Saal" == hidden.room(None).name


def test_every_fact_has_its_source_and_date() -> None:
    """Places is named where it spoke, the file where it filled a gap."""
    record = RoomRecord(
        "a@x.example", replace(BARE, seats=6, equipment=frozenset({"screen"})), 60, NOTES, 120
    )
    assert {
        ("name", "Saal", "CSV", 120),
        ("building", "Annex", "CSV", 120),
        ("floor", "9", "CSV", 120),
        ("seats", "6", "Places", 60),
        ("step_free", "no", "CSV", 120),
        ("equipment", "screen", "Places", 60),
        ("equipment", "piano", "CSV", 120),
    } == {(fact.name, fact.value, fact.source, fact.at) for fact in facts(record)}


def test_without_a_catalogue_every_room_is_in_use() -> None:
    """Nothing imported means all that Places shows."""
    found = rooms_in_use([FULL], [])
    assert ((FULL,), frozenset(), (), False) == (found.rooms, found.outside, found.vanished, found.imported)


def test_with_a_catalogue_only_its_rooms_are() -> None:
    """Others are outside, and those that Places lost are told."""
    other = replace(FULL, address="b@x.example")
    records = [RoomRecord("a@x.example", FULL, 60), RoomRecord("c@x.example", FULL, 60)]
    found = rooms_in_use([FULL, other], records)
    assert ((FULL,), frozenset({"b@x.example"}), ("c@x.example",), True) == (
        found.rooms,
        found.outside,
        found.vanished,
        found.imported,
    )


ROOMS = [
    replace(FULL, address="1@x.example", building="Zürich"),
    replace(FULL, address="2@x.example", building="ZURICH"),
    replace(FULL, address="3@x.example", building=None),
]
LISTS = [RoomList("zurich-rooms@x.example", "Zurich")]


def test_offices() -> None:
    """Spellings of one building are one office; a room without a building is in none."""
    assert (
        Office("Zürich", ("1@x.example", "2@x.example")),
        Office("Zurich", list_address="zurich-rooms@x.example"),
    ) == offices(ROOMS, LISTS)


def test_offices_by_name() -> None:
    """A name finds building and list alike; a list is also found by its address."""
    known = offices(ROOMS, LISTS)
    assert known == offices_named("zürich", known, "--office")
    assert known[1:] == offices_named("Zurich-Rooms@x.example", known, "--office")


def test_an_unknown_office_names_the_nearest() -> None:
    """Whoever mistypes is told what there is."""
    with pytest.raises(InputError) as refused:
        offices_named("Zrich", offices(ROOMS, []), "--office")
    assert "--office: 'Zrich' is neither a building nor a room list here; the nearest is Zürich." == str(
        refused.value
    )
