"""The rooms that an installation imported: what is known of each, from where, and since when.

Facts come from Places and from a CSV file. Where both speak, Places is believed; tags and devices of both are there.
That a room is not bookable only a CSV says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scheduler.directory.names import folded, instead
from scheduler.directory.rooms import Room, RoomList
from scheduler.errors import InputError

Source = Literal["Places", "CSV"]


@dataclass(frozen=True, slots=True)
class RoomNotes:
    """What a row of a CSV file says about a room; None and empty say nothing."""

    name: str = ""
    building: str | None = None
    floor: int | None = None
    seats: int | None = None
    features: frozenset[str] = frozenset()
    step_free: bool | None = None
    bookable: bool | None = None


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """A room of the catalogue.

    Args:
        places: as Places described it at UTC second `places_at`; None if it never showed it.
        notes: what a CSV file said at UTC second `notes_at`; None if none did.
    """

    address: str
    places: Room | None = None
    places_at: int = 0
    notes: RoomNotes | None = None
    notes_at: int = 0

    def room(self, listed: Room | None) -> Room | None:
        """The room as it may be proposed; None if Places showed it when it was imported, and does not now.

        Args:
            listed: as Places describes it now; None if it does not show it.
        """
        if listed is None and self.places is not None:
            return None
        notes = self.notes or RoomNotes()
        base = listed or Room(self.address, self.address)
        named = base.name if base.name != base.address else ""
        return replace(
            base,
            name=named or notes.name or base.name,
            building=base.building or notes.building,
            floor=base.floor if base.floor is not None else notes.floor,
            seats=base.seats if base.seats is not None else notes.seats,
            equipment=base.equipment | notes.features,
            step_free=base.step_free if base.step_free is not None else notes.step_free,
            withheld="is marked as not bookable" if notes.bookable is False else "",
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of a room, who said it, and at which UTC second."""

    name: str
    value: str
    source: Source
    at: int


def facts(record: RoomRecord) -> Iterator[Fact]:
    """Everything known of a room of the catalogue, one source a fact."""
    notes = record.notes or RoomNotes()
    places = record.places or Room(record.address, record.address)
    named = places.name if places.name != places.address else ""
    pairs = (
        ("name", named, notes.name),
        ("building", places.building, notes.building),
        ("floor", places.floor, notes.floor),
        ("seats", places.seats, notes.seats),
        ("step_free", places.step_free, notes.step_free),
        ("booking", "first come, first served" if places.reserved else None, None),
        ("bookable", None, notes.bookable),
    )
    for name, shown, noted in pairs:
        if shown is not None and shown != "":
            yield Fact(name, _words(shown), "Places", record.places_at)
        elif noted is not None and noted != "":
            yield Fact(name, _words(noted), "CSV", record.notes_at)
    for feature in sorted(places.equipment):
        yield Fact("equipment", feature, "Places", record.places_at)
    for feature in sorted(notes.features - places.equipment):
        yield Fact("equipment", feature, "CSV", record.notes_at)


def _words(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class RoomsInUse:
    """The rooms that may be proposed, and why others may not be named.

    Args:
        outside: rooms that Places shows and the catalogue has not, when there is a catalogue.
        vanished: rooms of the catalogue that Places does not show any more.
        unlisted: whether Places may not be read, so that rooms are as they were when they were imported.
    """

    rooms: tuple[Room, ...]
    outside: frozenset[str] = frozenset()
    vanished: tuple[str, ...] = ()
    imported: bool = False
    unlisted: bool = False


def rooms_in_use(listed: Sequence[Room] | None, records: Sequence[RoomRecord]) -> RoomsInUse:
    """The rooms of the catalogue with today's facts; all that Places shows where nothing was imported.

    Args:
        listed: what Places shows; None where it may not be read, so that rooms are as they were when imported.
    """
    if listed is None:
        as_imported = (record.room(record.places) for record in records)
        kept = tuple(room for room in as_imported if room is not None)
        return RoomsInUse(kept, imported=bool(records), unlisted=True)
    if not records:
        return RoomsInUse(tuple(listed))
    shown = {room.address: room for room in listed}
    made = {record.address: record.room(shown.get(record.address)) for record in records}
    return RoomsInUse(
        rooms=tuple(room for room in made.values() if room is not None),
        outside=frozenset(shown.keys() - made.keys()),
        vanished=tuple(sorted(address for address, room in made.items() if room is None)),
        imported=True,
    )


@dataclass(frozen=True, slots=True)
class Office:
    """A building by the name that Places gives it, or a room list.

    Args:
        rooms: addresses of a building's rooms; those of a list are asked for when it is chosen.
        list_address: of a room list; empty for a building.
    """

    name: str
    rooms: tuple[str, ...] = ()
    list_address: str = ""


def offices(rooms: Sequence[Room], lists: Sequence[RoomList]) -> tuple[Office, ...]:
    """Every building, then every room list, by name; spellings of a building that differ by case or accents are one."""
    buildings: dict[str, list[Room]] = {}
    for room in rooms:
        if room.building:
            buildings.setdefault(folded(room.building), []).append(room)
    by_building = [
        Office(str(same[0].building), tuple(room.address for room in same))
        for _, same in sorted(buildings.items())
    ]
    by_list = [
        Office(each.name, list_address=each.address) for each in sorted(lists, key=lambda each: each.name)
    ]
    return (*by_building, *by_list)


def offices_named(name: str, known: Sequence[Office], field: str) -> tuple[Office, ...]:
    """The buildings and lists of a name, whatever its case and accents; a list also by its address.

    Raises:
        InputError: there is none.
    """
    wanted = folded(name)
    found = tuple(each for each in known if wanted in (folded(each.name), folded(each.list_address)))
    if not found:
        remedy = instead(
            name, [each.name for each in known], "offices", "name rooms with --room, or use a CSV file"
        )
        raise InputError(field, f"{name!r} is neither a building nor a room list here", remedy)
    return found
