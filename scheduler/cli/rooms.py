"""`slotwright rooms`: what the directory shows, and the rooms that this installation uses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.app.room_catalogue import Choice, RoomEntry, catalogue, import_rooms, remove_rooms
from scheduler.app.room_survey import Loaded, Resource
from scheduler.app.room_survey import load as load_rooms
from scheduler.cli.context import Context, output, pass_context
from scheduler.cli.files import read_bytes
from scheduler.cli.tables import line
from scheduler.planning.sentences import count


@click.group()
def rooms() -> None:
    """Look at the rooms that Microsoft 365 shows, and choose those that may be proposed.

    As long as none was imported, all of them may.
    """


as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@rooms.command()
@click.option(
    "--also", multiple=True, metavar="ADDRESS", help="A room or equipment that Places does not show."
)
@click.option("--no-routes", is_flag=True, help="Do not ask of each room how it would be reserved.")
@as_json_option
@pass_context
def load(context: Context, *, also: tuple[str, ...], no_routes: bool, as_json: bool) -> None:
    """List every room, workspace and piece of equipment, and compare with the last time.

    For each it says whether it can be booked, and why not, and by which route. Nothing is imported.
    """
    settings = context.settings()
    with context.slotwright("Looking at rooms", settings) as slotwright:
        loaded = load_rooms(
            slotwright.graph,
            slotwright.store,
            as_mailbox=settings.organizer or settings.scheduling_user,
            also=also,
            # A connection that may not book has no route, and asking what it may write would be refused.
            routes=not no_routes and settings.used_profile.books,
        )
    if as_json:
        click.echo(loaded.model_dump_json(indent=2))
    else:
        print_loaded(loaded, output())


@rooms.command(name="import")
@click.option(
    "--office",
    "offices",
    multiple=True,
    metavar="NAME",
    help="A building, or a room list, by name: all its rooms.",
)
@click.option("--list", "lists", multiple=True, metavar="ADDRESS", help="A room list by its address.")
@click.option(
    "--room",
    "chosen",
    multiple=True,
    metavar="ADDRESS",
    help="Only these rooms of the offices and lists named; of all rooms where none is.",
)
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Rooms with what Places lacks: address, name, building, floor, seats, features, step_free, bookable.",
)
@as_json_option
@pass_context
def import_(
    context: Context,
    *,
    offices: tuple[str, ...],
    lists: tuple[str, ...],
    chosen: tuple[str, ...],
    csv_file: Path | None,
    as_json: bool,
) -> None:
    """Choose rooms by office, by list, one by one, or from a CSV file; from then on only imported ones are proposed.

    Importing a room again brings its facts up to date. Every option may be given several times.
    """
    csv = None if csv_file is None else (csv_file.name, read_bytes(csv_file, "--csv"))
    settings = context.settings()
    with context.slotwright("Importing rooms", settings) as slotwright:
        imported = import_rooms(
            Choice(offices, lists, chosen, csv),
            slotwright.graph,
            slotwright.store,
            as_mailbox=settings.organizer or settings.scheduling_user,
        )
    if as_json:
        click.echo(imported.model_dump_json(indent=2))
        return
    console = output()
    print_rooms(imported.rooms, console)
    line(
        console,
        f"{count(len(imported.new), 'new room')}, {len(imported.renewed)} brought up to date; "
        f"{imported.catalogue} in the catalogue, and no others are proposed.",
    )


@rooms.command(name="list")
@click.option("--facts", is_flag=True, help="Show of every fact where it comes from and since when.")
@as_json_option
@pass_context
def list_(context: Context, *, facts: bool, as_json: bool) -> None:
    """List the imported rooms as they were when they were imported; nothing is asked of Graph."""
    with context.store() as store:
        entries = catalogue(store)
    if as_json:
        click.echo(json.dumps([entry.model_dump(mode="json") for entry in entries], indent=2))
        return
    console = output()
    if not entries:
        line(console, "No rooms were imported, so all that Places shows may be proposed.")
    elif facts:
        print_facts(entries, console)
    else:
        print_rooms(entries, console)


@rooms.command()
@click.argument("addresses", nargs=-1)
@click.option("--office", "buildings", multiple=True, metavar="NAME", help="All rooms of a building.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@as_json_option
@pass_context
def remove(
    context: Context,
    *,
    addresses: tuple[str, ...],
    buildings: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> None:
    """Forget imported rooms; bookings that have them stay as they are."""
    if not (addresses or buildings or everything):
        raise click.UsageError("Name the ADDRESSES of rooms, an --office, or --all.")
    with context.store() as store:
        removed = remove_rooms(store, addresses=addresses, buildings=buildings, everything=everything)
    if as_json:
        click.echo(removed.model_dump_json(indent=2))
        return
    left = (
        f"{removed.catalogue} left"
        if removed.catalogue
        else "none left, so all that Places shows may be proposed"
    )
    line(output(), f"{count(len(removed.removed), 'room')} forgotten, {left}.")


def print_loaded(loaded: Loaded, console: Console) -> None:
    """What there is, what differs from the last time, and what cannot be used."""
    line(
        console,
        f"{count(loaded.rooms, 'room')}, {count(loaded.workspaces, 'workspace')}, "
        f"{count(loaded.equipment, 'piece')} of equipment; {loaded.bookable} bookable, {loaded.unreadable} unreadable.",
    )
    table = _table(loaded.resources, "what", "seats", "where", "route", "bookable")
    for each in loaded.resources:
        what = each.name if each.kind == "room" else f"{each.name} ({each.kind})"
        table.add_row(
            Text(each.address),
            Text(what + ("" if not each.imported else " *")),
            _seats(each.seats),
            Text(_where(each.building, each.floor)),
            Text(each.route or ""),
            "yes" if each.bookable else "no",
        )
    console.print(table)
    _print_reasons(loaded.resources, console)
    if any(each.imported for each in loaded.resources):
        line(console, "* imported; no others are proposed")
    for name in loaded.without_address:
        line(console, f"not bookable: {name or 'a room without a name'} has no address in Places")
    _print_differences(loaded, console)
    for note in loaded.notes:
        line(console, f"note: {note}")


def _print_differences(loaded: Loaded, console: Console) -> None:
    if loaded.compared_with is None:
        line(console, "Seen for the first time; the next look is compared with this one.")
        return
    if not (loaded.new or loaded.gone or loaded.changed):
        line(console, f"Nothing has changed since {loaded.compared_with}.")
        return
    line(console, f"Since {loaded.compared_with}:")
    for address in loaded.new:
        line(console, f"  new      {address}")
    for address in loaded.gone:
        line(console, f"  gone     {address}")
    for each in loaded.changed:
        line(console, f"  changed  {each.address}: {each.fact} was {each.was}, is {each.now}")


def print_rooms(entries: Sequence[RoomEntry], console: Console) -> None:
    """Rooms of the catalogue, a line each."""
    table = _table(entries, "name", "seats", "where", "equipment", "step-free", "bookable")
    for each in entries:
        table.add_row(
            Text(each.address),
            Text(each.name),
            _seats(each.seats),
            Text(_where(each.building, each.floor)),
            Text(", ".join(each.equipment)),
            {None: "?", True: "yes", False: "no"}[each.step_free],
            "yes" if each.bookable else "no",
        )
    console.print(table)
    _print_reasons(entries, console)


def print_facts(entries: Sequence[RoomEntry], console: Console) -> None:
    """Rooms of the catalogue with the source and date of every fact."""
    table = Table("address", "fact", "value", "from", "at (UTC)", pad_edge=False)
    for each in entries:
        for place, fact in enumerate(each.facts):
            address = each.address if place == 0 else ""
            table.add_row(Text(address), fact.fact, Text(fact.value), fact.source, fact.at)
    console.print(table)


def _table(rooms: Sequence[Resource] | Sequence[RoomEntry], *columns: str) -> Table:
    """A table whose first column shows addresses whole, because they are what one types."""
    table = Table(pad_edge=False)
    table.add_column("address", no_wrap=True, min_width=max((len(each.address) for each in rooms), default=0))
    for column in columns:
        table.add_column(column)
    return table


def _print_reasons(rooms: Sequence[Resource] | Sequence[RoomEntry], console: Console) -> None:
    for each in rooms:
        if each.why:
            line(console, f"not bookable: {each.address} {each.why}")


def _seats(seats: int | None) -> str:
    return "?" if seats is None else str(seats)


def _where(building: str | None, floor: int | None) -> str:
    return ", ".join(part for part in (building or "", "" if floor is None else f"floor {floor}") if part)
