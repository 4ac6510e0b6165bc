"""`slotwright disclosures`: what was read of whom, when and for what."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator

import click
from rich.table import Table
from rich.text import Text

from scheduler.calendars.disclosure import Disclosure
from scheduler.cli.context import Context, output, pass_context
from scheduler.cli.tables import line
from scheduler.wiring import connections_in, system_clock
from scheduler.zones import iso_utc

_COLUMNS = ("read", "for", "mailbox", "what", "from", "to")
_TIMES = ("read", "from", "to")


@click.command()
@click.argument("mailbox", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Answer as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@pass_context
def disclosures(context: Context, *, mailbox: str | None, as_csv: bool, as_json: bool) -> None:
    """Tell which fields of whose mailbox were read, when, and by which command; of everybody or of one MAILBOX.

    Free/busy is status, start, end and workingHours. Where the calendar of a room is looked at to prove a booking, or
    events of our own are read, it says so; what they say is not kept.
    """
    with context.store() as store:
        kept = connections_in(store, context.settings(), clock=system_clock)
        found = kept.disclosed(mailbox.strip().lower() if mailbox is not None else None)
    rows = [_row(each) for each in found]
    if as_json:
        click.echo(json.dumps([dict(zip(_COLUMNS, row, strict=True)) for row in rows], indent=2))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([_COLUMNS, *rows])
    elif rows:
        table = Table(pad_edge=False)
        for name in _COLUMNS:
            table.add_column(name, overflow="fold", min_width=17 if name in _TIMES else None)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        output().print(table)
    else:
        line(output(), "Nothing was read." if mailbox is None else f"Nothing was read of {mailbox}.")


def _row(seen: Disclosure) -> tuple[str, ...]:
    return (
        iso_utc(seen.read_at // 60),
        seen.request,
        seen.mailbox,
        ", ".join(seen.fields),
        *_window(seen),
    )


def _window(seen: Disclosure) -> Iterator[str]:
    for side in ("start", "end"):
        yield iso_utc(getattr(seen.window, side)) if seen.window is not None else ""
