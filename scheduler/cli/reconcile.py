"""`slotwright reconcile`: our events in the calendars against the ledger."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from scheduler.app.reconcile import Report, Settled, examine, settle
from scheduler.booking.reconciling import Finding
from scheduler.cli.context import Context, output, pass_context
from scheduler.planning.sentences import count
from scheduler.zones import iso_utc

DAY = 1440
DECIDES = "a person decides"


@click.command()
@click.option(
    "--apply", "apply", is_flag=True, help="Do what the table says can be done; without it nothing is."
)
@click.option("--past", default=7, show_default=True, type=click.IntRange(0, 800), help="Days to look back.")
@click.option(
    "--ahead", default=180, show_default=True, type=click.IntRange(1, 800), help="Days to look ahead."
)
@click.option(
    "--mailbox",
    "mailboxes",
    multiple=True,
    metavar="ADDRESS",
    help="An organizer whose calendar to look into as well, which a lost database cannot name; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@pass_context
def reconcile(
    context: Context, past: int, ahead: int, mailboxes: tuple[str, ...], *, apply: bool, as_json: bool
) -> int:
    """Compare the events in the calendars that carry our marker with the bookings, both ways.

    Without --apply nothing is changed. With it, events that are left of ended bookings and second copies of an event
    are removed, and claims are corrected; everything else is for a person to decide. Events without our marker are
    never touched. Exit code 1 when something is left to decide or a calendar could not be read.
    """
    settings = context.settings()
    with context.slotwright("Reconciling", settings, background=True) as slotwright:
        report = examine(
            slotwright.graph,
            slotwright.store,
            slotwright.rules,
            past=past * DAY,
            ahead=ahead * DAY,
            mailboxes=(settings.organizer, settings.scheduling_user, *mailboxes),
        )
        settled = settle(report, slotwright.graph, slotwright.store) if apply else ()
    done = {each.finding: each for each in settled}
    if as_json:
        click.echo(json.dumps(_document(report, done), indent=2))
    else:
        _print(report, done, applied=apply)
    left = [finding for finding in report.findings if finding not in done or not done[finding].done]
    return 1 if left or report.unread else 0


def _document(report: Report, done: dict[Finding, Settled]) -> dict[str, Any]:
    return {
        "window": {"start_utc": iso_utc(report.window.start), "end_utc": iso_utc(report.window.end)},
        "calendars": [{"mailbox": ref.mailbox, "calendar_id": ref.calendar_id} for ref in report.looked_at],
        "unread": [
            {
                "mailbox": each.calendar.mailbox,
                "calendar_id": each.calendar.calendar_id,
                "reason": each.reason,
            }
            for each in report.unread
        ],
        "bookings": report.bookings,
        "events": report.events,
        "findings": [_row(finding, done.get(finding)) for finding in report.findings],
    }


def _row(finding: Finding, settled: Settled | None) -> dict[str, Any]:
    found = finding.found
    return {
        "kind": finding.kind.value,
        "booking": finding.booking_id or None,
        "what": finding.what,
        "mailbox": None if found is None else found.calendar.mailbox,
        "calendar_id": None if found is None else found.calendar.calendar_id,
        "event_id": None if found is None else found.event.event_id,
        "marker": None if found is None else found.event.marker,
        "start_utc": None if found is None else iso_utc(found.event.span.start),
        "action": None if finding.action is None else finding.action.value,
        "done": None if settled is None else settled.done,
        "outcome": None if settled is None else settled.outcome,
    }


def _print(report: Report, done: dict[Finding, Settled], *, applied: bool) -> None:
    console = output()
    seen = f"{count(report.events, 'event')} of ours in {count(len(report.looked_at), 'calendar')}"
    console.print(f"{seen}, {count(report.bookings, 'booking')} in the ledger.")
    for each in report.unread:
        console.print(Text(f"unknown: {each.reason}"))
    if not report.findings:
        console.print("They agree.")
        return
    table = Table("booking", "kind", "what", "done" if applied else "would be done", pad_edge=False)
    for finding in report.findings:
        settled = done.get(finding)
        action = DECIDES if finding.action is None else finding.action.value
        if settled is not None:
            action = settled.outcome if settled.done else f"not done: {settled.outcome}"
        table.add_row(finding.booking_id or "?", finding.kind.value, Text(finding.what), Text(action))
    console.print(table)
    if not applied and any(finding.action is not None for finding in report.findings):
        console.print("Nothing was changed. Do it with: slotwright reconcile --apply")
