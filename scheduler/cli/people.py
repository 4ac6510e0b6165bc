"""`slotwright people`: the people that requests may name by tag, and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.app import people as app
from scheduler.cli.context import Context, output, pass_context
from scheduler.cli.files import read_bytes
from scheduler.cli.rooms import as_json_option
from scheduler.cli.tables import line
from scheduler.planning.members import Member
from scheduler.planning.request import WEEKDAYS, Hours
from scheduler.planning.sentences import count


@click.group()
def people() -> None:
    """Import people with tags, caps, preferred hours and training; requests then name them by tag.

    `tag:backend` stands, wherever a pool of addresses may, for everybody with that tag.
    """


@people.command(name="import")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Columns: address, name, tags, sessions_per_day, sessions_per_week, preferred, training, hours, zone.",
)
@click.option("--group", metavar="ADDRESS", help="A group of the directory; groups inside it are opened.")
@click.option(
    "--tag", metavar="T", help="What members of the group are called by; the name in its address if absent."
)
@as_json_option
@pass_context
def import_(
    context: Context, *, csv_file: Path | None, group: str | None, tag: str | None, as_json: bool
) -> None:
    """Import people from a CSV file or from a group.

    A file replaces what was known of those in it. Who has left a group loses its tag when it is imported again.
    """
    if (csv_file is None) == (group is None):
        raise click.UsageError("Name a --csv file or a --group.")
    if csv_file is not None:
        if tag is not None:
            raise click.UsageError("--tag goes with --group; a CSV file has a column for tags.")
        data = read_bytes(csv_file, "--csv")
        with context.store() as store:
            imported = app.import_csv(csv_file.name, data, store)
    else:
        assert group is not None
        with context.slotwright("Reading the group") as slotwright:
            imported = app.import_group(group, slotwright.graph, slotwright.store, tag=tag)
    if as_json:
        click.echo(imported.model_dump_json(indent=2))
        return
    console = output()
    called = "" if imported.tag is None else f", all with tag:{imported.tag}"
    line(
        console,
        f"{count(len(imported.new), 'new person', 'new people')}, {len(imported.renewed)} brought up to date{called}; "
        f"{imported.catalogue} in the catalogue.",
    )
    if imported.left:
        line(console, f"No longer in the group, and without its tag: {', '.join(imported.left)}.")
    for note in imported.notes:
        line(console, f"note: {note}")


@people.command(name="list")
@click.option("--tag", metavar="T", help="Only those with this tag.")
@as_json_option
@pass_context
def list_(context: Context, *, tag: str | None, as_json: bool) -> None:
    """List the imported people; nothing is asked of Graph."""
    with context.store() as store:
        members = app.people(store, tag=tag)
    if as_json:
        click.echo(json.dumps([each.model_dump(mode="json", by_alias=True) for each in members], indent=2))
    elif members:
        print_people(members, output())
    else:
        line(output(), "Nobody was imported yet; see `slotwright people import --help`.")


@people.command()
@click.argument("addresses", nargs=-1)
@click.option("--tag", metavar="T", help="Everybody with this tag.")
@click.option("--all", "everybody", is_flag=True, help="Everybody.")
@as_json_option
@pass_context
def remove(
    context: Context, *, addresses: tuple[str, ...], tag: str | None, everybody: bool, as_json: bool
) -> None:
    """Forget imported people; bookings that have them stay as they are."""
    if not (addresses or tag or everybody):
        raise click.UsageError("Name the ADDRESSES of people, a --tag, or --all.")
    with context.store() as store:
        removed = app.remove_people(store, addresses=addresses, tag=tag, everybody=everybody)
    if as_json:
        click.echo(removed.model_dump_json(indent=2))
        return
    gone = count(len(removed.removed), "person", "people")
    line(output(), f"{gone} forgotten, {removed.catalogue} left.")


def print_people(members: Sequence[Member], console: Console) -> None:
    """People of the catalogue, a line each."""
    table = Table(pad_edge=False)
    table.add_column("address", no_wrap=True, min_width=max(len(each.address) for each in members))
    for column in ("name", "tags", "what else"):
        table.add_column(column)
    for each in members:
        table.add_row(
            Text(each.address), Text(each.name), Text(", ".join(each.tags)), Text("; ".join(_else(each)))
        )
    console.print(table)


def _else(member: Member) -> Iterator[str]:
    if member.training != "trained":
        yield member.training
    if member.caps is not None:
        pairs = ((member.caps.sessions_per_day, "a day"), (member.caps.sessions_per_week, "a week"))
        yield "at most " + ", ".join(f"{most} {per}" for most, per in pairs if most is not None)
    if member.preferred:
        yield "likes " + ", ".join(f"{part.start}–{part.end}" for part in member.preferred)
    if member.hours:
        yield "works " + ", ".join(_weekly(hours) for hours in member.hours)
    if member.zone:
        yield member.zone


def _weekly(hours: Hours) -> str:
    days = "" if hours.days == WEEKDAYS[:5] else " ".join(day[:3] for day in hours.days) + " "
    return f"{days}{hours.start}–{hours.end}"
