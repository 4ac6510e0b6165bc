"""`slotwright explain-time`: how one mailbox's time was read."""

from __future__ import annotations

import click

from scheduler.app.explain_time import explain_time as explain
from scheduler.cli import tables
from scheduler.cli.context import Context, output, pass_context


@click.command(name="explain-time")
@click.argument("mailbox")
@click.option(
    "--between", required=True, metavar="LOCAL", help="First day or local time, such as 2026-11-23."
)
@click.option("--and", "until", required=True, metavar="LOCAL", help="Last day (included) or local time.")
@click.option(
    "--zone", required=True, help="Zone of these times, and of the answer where the mailbox has none."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@pass_context
def explain_time(
    context: Context, /, mailbox: str, between: str, until: str, zone: str, *, as_json: bool
) -> None:
    """Show how the time of MAILBOX was read: hours, entries and layers, on its clock and in UTC, with their sources."""
    settings = context.settings()
    with context.slotwright("Reading a calendar", settings) as slotwright:
        found = explain(
            mailbox, between, until, zone, slotwright.graph, slotwright.store, organizer=settings.organizer
        )
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        tables.print_explanation(found, output())
