"""`slotwright audit`: who changed which booking when, and whether that is still what was written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.table import Table
from rich.text import Text

from scheduler.app.audit import read_audit, verify_audit, what_changed
from scheduler.cli.context import Context, output, pass_context
from scheduler.store.audit import AuditEntry, Verdict


@click.command()
@click.argument("booking_id", metavar="[BOOKING]", required=False)
@click.option(
    "--verify", is_flag=True, help="Read all of it again and name the first row that is not as written."
)
@click.option(
    "--noted",
    metavar="DIGEST",
    help="With --verify: a digest that it printed before and that has to be there still.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@pass_context
def audit(context: Context, booking_id: str | None, noted: str | None, *, verify: bool, as_json: bool) -> int:
    """Show who changed BOOKING when, from what to what; every booking if none is named.

    Exit code 1 with --verify when a row was changed, added or taken out, or a booking was changed without a row.
    """
    if booking_id is not None and verify:
        raise click.UsageError("--verify reads the whole audit; leave BOOKING out.")
    if noted is not None and not verify:
        raise click.UsageError("--noted goes with --verify.")
    with context.store() as store:
        if verify:
            return _tell(verify_audit(store, noted=noted), as_json=as_json)
        entries = read_audit(booking_id, store)
    if as_json:
        click.echo(json.dumps([asdict(entry) for entry in entries], indent=2))
    else:
        _print(entries, with_booking=booking_id is None)
    return 0


def _tell(verdict: Verdict, *, as_json: bool) -> int:
    broken = verdict.broken
    if as_json:
        click.echo(json.dumps(asdict(verdict), indent=2))
    elif broken is None:
        click.echo(
            f"The audit is as it was written: {verdict.entries} rows, the last sealed {verdict.digest or '-'}."
        )
    else:
        of = f", booking {broken.booking_id}" if broken.booking_id else ""
        click.echo(f"The audit is broken at row {broken.entry}{of}: {broken.what}.")
    return 0 if broken is None else 1


def _print(entries: Sequence[AuditEntry], *, with_booking: bool) -> None:
    table = Table("row", "when (UTC)", "who", *(["booking"] if with_booking else []), "what", pad_edge=False)
    for entry in entries:
        at = datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        moved = entry.state if entry.was in {"", entry.state} else f"{entry.was} → {entry.state}"
        told = "; ".join([moved, *what_changed(entry)])
        booking = [entry.booking_id] if with_booking else []
        words = Text(f"{told}: {entry.reason}" if entry.reason else told)
        table.add_row(str(entry.entry), at, Text(entry.who or "?"), *booking, words)
    output().print(table)
