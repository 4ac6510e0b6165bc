"""The room catalogue: import into it from the directory and from CSV files, list it, forget rooms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.app.ports import Directory, Ledger
from scheduler.app.room_survey import not_said, sample
from scheduler.directory.catalogue import RoomRecord, facts, offices, offices_named
from scheduler.directory.names import folded, instead
from scheduler.directory.rooms import Room
from scheduler.errors import InputError, NotFound
from scheduler.graph.errors import NotAllowed, NotThere
from scheduler.planning.catalogue_rows import RoomRow, read_rooms
from scheduler.planning.request import Address
from scheduler.zones import iso_utc


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactAnswer(_Part):
    """One thing known of a room, who said it, and when (UTC)."""

    fact: str
    value: str
    source: Literal["Places", "CSV"]
    at: str


class RoomEntry(_Part):
    """A room of the catalogue."""

    address: Address
    name: str
    seats: int | None
    building: str | None
    floor: int | None
    equipment: tuple[str, ...]
    step_free: bool | None
    bookable: bool
    why: str = Field(description="why it is not bookable; empty when it is")
    facts: tuple[FactAnswer, ...]


class Imported(_Part):
    """What an import wrote."""

    new: tuple[Address, ...]
    renewed: tuple[Address, ...]
    rooms: tuple[RoomEntry, ...]
    catalogue: int = Field(description="how many rooms the catalogue has now")


class Removed(_Part):
    """What was forgotten, and how much is left."""

    removed: tuple[str, ...]
    catalogue: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rooms to import.

    Args:
        offices: names of buildings or room lists; all their rooms are chosen.
        lists: addresses of room lists.
        rooms: only these of them, or of everything that Places shows where no office and no list is named.
        csv: name and content of a file whose rooms are imported too.
    """

    offices: Sequence[str] = ()
    lists: Sequence[str] = ()
    rooms: Sequence[str] = ()
    csv: tuple[str, bytes] | None = None


def import_rooms(choice: Choice, directory: Directory, ledger: Ledger, *, as_mailbox: str) -> Imported:
    """Write the chosen rooms into the catalogue, all or none.

    Args:
        as_mailbox: through whose calendar it is asked whether a room of the CSV file exists that Places does not show.

    Raises:
        InputError: an office, list, room or cell that cannot be used, told with the nearest ones.
        GraphError: Places could not be read.
        StoreError: the database refused.
    """
    rows = () if choice.csv is None else read_rooms(*choice.csv)
    only_csv = bool(rows) and not (choice.offices or choice.lists or choice.rooms)
    try:
        listed = {room.address: room for room in directory.rooms()}
    except NotAllowed:
        if not only_csv:
            raise
        listed = {}
    chosen = _chosen(choice, directory, listed, {row.address for _, row in rows})
    now = directory.now() * 60
    _refuse_unknown(choice, rows, listed, directory, as_mailbox)
    known = {record.address: record for record in ledger.catalogue.rooms()}
    noted = {row.address: row for _, row in rows}
    wanted = dict.fromkeys([*chosen, *noted])
    if not wanted:
        raise InputError("rooms", "none was chosen", "name an --office, a --list, a --room or a --csv file")
    records = [
        _renewed(known.get(address, RoomRecord(address)), listed.get(address), noted.get(address), now)
        for address in wanted
    ]
    ledger.catalogue.keep_rooms(records)
    return Imported(
        new=tuple(record.address for record in records if record.address not in known),
        renewed=tuple(record.address for record in records if record.address in known),
        rooms=tuple(_entry(record) for record in records),
        catalogue=len(known.keys() | wanted.keys()),
    )


def _chosen(
    choice: Choice, directory: Directory, listed: Mapping[str, Room], noted: Iterable[str]
) -> tuple[str, ...]:
    wanted = [address.strip().lower() for address in choice.rooms]
    described = set(noted)
    if not choice.offices and not choice.lists:
        for address in wanted:
            if address not in listed and address not in described:
                close = instead(address, listed, "rooms", "describe it in a CSV file")
                raise InputError(
                    "--room", f"Places does not show {address}", f"{close}, or describe it with --csv"
                )
        return tuple(address for address in wanted if address in listed)
    pool = _of_offices(choice, directory, listed)
    for address in wanted:
        if address not in pool:
            where = listed[address].building if address in listed else None
            there = f"it is in {where}" if where else "it is in none"
            raise InputError(
                "--room", f"{address} is in none of the offices and lists named", f"{there}; correct either"
            )
    return tuple(wanted) or tuple(pool)


def _of_offices(choice: Choice, directory: Directory, listed: Mapping[str, Room]) -> dict[str, None]:
    lists = directory.room_lists()
    known = offices(tuple(listed.values()), lists)
    pool: dict[str, None] = {}
    by_list = [address.strip().lower() for address in choice.lists]
    for name in choice.offices:
        for office in offices_named(name, known, "--office"):
            pool |= dict.fromkeys(office.rooms)
            by_list += [office.list_address] if office.list_address else []
    for address in dict.fromkeys(by_list):
        try:
            rooms = directory.rooms_of_list(address)
        except NotThere:
            close = instead(address, [each.address for each in lists], "lists", "this tenant has none")
            raise InputError("--list", f"there is no room list {address}", close) from None
        pool |= dict.fromkeys(room.address for room in rooms if room.address in listed)
    return pool


def _refuse_unknown(
    choice: Choice,
    rows: Sequence[tuple[int, RoomRow]],
    listed: Mapping[str, Room],
    directory: Directory,
    as_mailbox: str,
) -> None:
    """Nobody's address in a CSV file is a mistake; rooms that Places hides are not."""
    numbers = {row.address: number for number, row in rows if row.address not in listed}
    schedules = sample(directory, list(numbers), as_mailbox)
    for address, number in numbers.items():
        if schedules[address].nobody:
            name = "" if choice.csv is None else choice.csv[0]
            raise InputError(
                f"{name}, row {number}, column address",
                f"Microsoft 365 knows nobody under {address!r}",
                "correct the address",
            )


def _renewed(record: RoomRecord, listed: Room | None, row: RoomRow | None, now: int) -> RoomRecord:
    if listed is not None:
        record = replace(record, places=listed, places_at=now)
    if row is not None:
        record = replace(record, notes=row.notes(), notes_at=now)
    return record


def catalogue(ledger: Ledger) -> tuple[RoomEntry, ...]:
    """Every room of the catalogue as it was when it was imported; nothing is asked of Graph.

    Raises:
        StoreError: the database refused.
    """
    return tuple(_entry(record) for record in ledger.catalogue.rooms())


def _entry(record: RoomRecord) -> RoomEntry:
    room = record.room(record.places)
    assert room is not None
    why = room.closed or not_said(room)
    return RoomEntry(
        address=room.address,
        name=room.name,
        seats=room.seats,
        building=room.building,
        floor=room.floor,
        equipment=tuple(sorted(room.equipment)),
        step_free=room.step_free,
        bookable=not why,
        why=why,
        facts=tuple(
            FactAnswer(fact=each.name, value=each.value, source=each.source, at=iso_utc(each.at // 60))
            for each in facts(record)
        ),
    )


def remove_rooms(
    ledger: Ledger, *, addresses: Sequence[str] = (), buildings: Sequence[str] = (), everything: bool = False
) -> Removed:
    """Forget rooms of the catalogue; with none left, all that Places shows may be proposed again.

    Raises:
        NotFound: a room or building is not in the catalogue; then nothing is forgotten.
        StoreError: the database refused.
    """
    known = {entry.address: entry for entry in catalogue(ledger)}
    gone = list(known) if everything else list(_named(known, addresses, buildings))
    ledger.catalogue.remove_rooms(gone)
    return Removed(removed=tuple(gone), catalogue=len(known.keys() - set(gone)))


def _named(
    known: Mapping[str, RoomEntry], addresses: Sequence[str], buildings: Sequence[str]
) -> Iterator[str]:
    for address in addresses:
        wanted = address.strip().lower()
        if wanted not in known:
            remedy = instead(wanted, known, "rooms", "nothing was imported")
            raise NotFound("room", f"{wanted} is not in the catalogue", remedy)
        yield wanted
    for building in buildings:
        inside = [each.address for each in known.values() if folded(each.building or "") == folded(building)]
        if not inside:
            names = [each.building for each in known.values() if each.building]
            remedy = instead(building, names, "buildings", "see `slotwright rooms list`")
            raise NotFound("--office", f"no room of the catalogue is in {building!r}", remedy)
        yield from inside
