"""Look at the rooms, workspaces and equipment that the directory shows, and at what could be done with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.app.ports import Directory, Ledger
from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.directory.catalogue import RoomRecord
from scheduler.directory.comparison import Kind, Look, Seen, differences
from scheduler.directory.rooms import Room
from scheduler.graph.errors import NotAllowed, NotThere
from scheduler.planning.request import Address
from scheduler.zones import iso_utc
from solvers.timeline import Span

_SAMPLE_MINUTES = 1440
_WORKERS = 4
_PURPOSES: Mapping[str, Kind] = {"room": "room", "equipment": "equipment"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Resource(_Part):
    """A room, workspace or piece of equipment, and what could be done with it now."""

    address: Address
    kind: Literal["room", "workspace", "equipment", "mailbox"]
    name: str
    seats: int | None
    building: str | None
    floor: int | None
    listed: bool = Field(description="whether Places shows it")
    imported: bool
    readable: bool = Field(description="whether its free/busy could be read")
    bookable: bool
    why: str = Field(description="why it is not bookable; empty when it is")
    route: Literal["direct", "scheduler"] | None = Field(description="how it would be reserved")
    route_why: str


class Changed(_Part):
    """One fact of a place that is not as it was."""

    address: Address
    fact: str
    was: str
    now: str


class Loaded(_Part):
    """What the directory shows; nothing of it was imported."""

    at: str = Field(description="UTC")
    rooms: int
    workspaces: int
    equipment: int
    bookable: int
    unreadable: int
    without_address: tuple[str, ...] = Field(
        description="names of rooms that Places shows without an address, so that nobody can book them"
    )
    resources: tuple[Resource, ...]
    compared_with: str | None = Field(description="when it was looked at before, UTC")
    new: tuple[Address, ...] = ()
    gone: tuple[Address, ...] = ()
    changed: tuple[Changed, ...] = ()
    notes: tuple[str, ...] = ()


def load(
    directory: Directory, ledger: Ledger, *, as_mailbox: str, also: Sequence[str] = (), routes: bool = True
) -> Loaded:
    """Everything bookable that Graph shows, compared with the last time; nothing is imported.

    Free/busy of each is read for a day as a sample. Rooms that Places does not show, and equipment, which it never
    shows, are looked at if they are known: from the catalogue, from the last time, or from `also`.

    Args:
        as_mailbox: through whose calendar free/busy is read; through the first room's own if empty.
        also: addresses to look at besides.
        routes: whether to ask of each room how it would be reserved, which is a call for each.

    Raises:
        InputError: an address cannot be used.
        GraphError: Places could not be read.
        StoreError: the database refused.
    """
    rooms = directory.rooms()
    without_address = directory.rooms_without_address
    notes: list[str] = []
    workspaces = _workspaces(directory, notes)
    records = {record.address: record for record in ledger.catalogue.rooms()}
    before = ledger.catalogue.last_look()
    shown = {room.address: Seen("room", room) for room in rooms}
    shown |= {room.address: Seen("workspace", room) for room in workspaces}
    asked = [address.strip().lower() for address in also]
    earlier = {} if before is None else before.by_address
    unlisted = [each for each in dict.fromkeys([*asked, *records, *earlier]) if each not in shown]
    schedules = sample(directory, [*shown, *unlisted], as_mailbox)
    kinds: dict[str, Kind | None] = {address: seen.kind for address, seen in shown.items()}
    for address in unlisted:
        kinds[address] = _kind(directory, address, schedules.get(address))
    looked = [
        _resource(
            address,
            kinds[address],
            shown[address].room if address in shown else None,
            records.get(address),
            schedules[address],
        )
        for address in (*shown, *unlisted)
    ]
    if routes:
        with ThreadPoolExecutor(_WORKERS) as pool:
            looked = list(pool.map(lambda each: _routed(each, directory), looked))
    seen = [*shown.values()]
    seen += [Seen("equipment", _bare(address)) for address in unlisted if kinds[address] == "equipment"]
    look = Look(directory.now() * 60, tuple(seen))
    found = differences(before or look, look)
    ledger.catalogue.keep_look(look)
    return Loaded(
        at=iso_utc(look.at // 60),
        rooms=len(rooms),
        workspaces=len(workspaces),
        equipment=sum(each.kind == "equipment" for each in looked),
        bookable=sum(each.bookable for each in looked),
        unreadable=sum(not each.readable for each in looked),
        without_address=without_address,
        resources=tuple(looked),
        compared_with=None if before is None else iso_utc(before.at // 60),
        new=found.new,
        gone=found.gone,
        changed=tuple(
            Changed(address=each.address, fact=each.fact, was=each.was, now=each.now)
            for each in found.changed
        ),
        notes=tuple(notes),
    )


def _workspaces(directory: Directory, notes: list[str]) -> tuple[Room, ...]:
    try:
        return directory.workspaces()
    except (NotAllowed, NotThere) as refused:
        notes.append(f"Workspaces are not counted. {refused}")
        return ()


def sample(directory: Directory, addresses: Sequence[str], as_mailbox: str) -> Mapping[str, MailboxSchedule]:
    """A day of free/busy of each; where it cannot be asked for at all, that is each one's problem."""
    if not addresses:
        return {}
    now = directory.now()
    window = Span(now, now + _SAMPLE_MINUTES)
    try:
        read = directory.read_schedules(addresses, window, as_mailbox=as_mailbox or addresses[0])
    except (NotAllowed, NotThere) as refused:
        read = tuple(MailboxSchedule(each, window, problem=str(refused)) for each in addresses)
    return {schedule.address: schedule for schedule in read}


def _kind(directory: Directory, address: str, schedule: MailboxSchedule | None) -> Kind | None:
    """What something is that Places does not show; a room, if nobody says otherwise; None for a person's mailbox."""
    if schedule is None or schedule.nobody:
        return "room"
    purpose = directory.purpose(address)
    return "room" if purpose is None else _PURPOSES.get(purpose)


def _bare(address: str) -> Room:
    return Room(address, address)


def _resource(
    address: str,
    kind: Kind | None,
    listed: Room | None,
    record: RoomRecord | None,
    schedule: MailboxSchedule,
) -> Resource:
    room = listed or _bare(address)
    if record is not None:
        room = record.room(listed) or replace(
            record.places or room, withheld="is not shown by Places any more"
        )
    if schedule.nobody:
        why = "has no mailbox: Microsoft 365 knows no such recipient"
    elif schedule.problem is not None:
        why = f"has unreadable free/busy: {schedule.problem.rstrip('.')}"
    elif kind == "workspace":
        why = "is a workspace, whose desks are not for meetings"
    elif kind == "equipment":
        why = "is equipment, and no room"
    elif kind is None:
        why = "is somebody's mailbox, and no room"
    elif listed is None and record is None:
        why = "is hidden from Places, or not shown yet; import it with a CSV file to use it"
    else:
        why = room.closed or not_said(room)
    return Resource(
        address=address,
        kind=kind or "mailbox",
        name=room.name,
        seats=room.seats,
        building=room.building,
        floor=room.floor,
        listed=listed is not None,
        imported=record is not None,
        readable=schedule.problem is None,
        bookable=not why,
        why=why,
        route=None,
        route_why="",
    )


def not_said(room: Room) -> str:
    """Why a room that says nothing of its seats is not proposed, as a phrase; empty if it does."""
    return "does not say how many it seats; a CSV file may" if room.seats is None else ""


def _routed(resource: Resource, directory: Directory) -> Resource:
    """With how it would be reserved, by what its calendar lets us do."""
    if not resource.bookable:
        return resource
    try:
        access = directory.access(resource.address)
    except NotThere:
        # On-premises rooms answer invitations all the same.
        said = "its mailbox is on-premises or has no licence, so only an invitation reaches it"
        return resource.model_copy(update={"route": "scheduler", "route_why": said})
    if access is not None and access.can_edit:
        return resource.model_copy(update={"route": "direct", "route_why": "its calendar may be written"})
    said = "its calendar may be read and not written" if access is not None else "its calendar does not open"
    return resource.model_copy(update={"route": "scheduler", "route_why": said})
