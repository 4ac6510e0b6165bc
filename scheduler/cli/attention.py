"""`slotwright attention`: what a person has to decide."""

from __future__ import annotations

import json

import click

from scheduler.app import bookings
from scheduler.app.attention import Item, settle
from scheduler.app.attention import attention as attention_of
from scheduler.cli.context import Context, output, pass_context
from scheduler.wiring import system_clock


@click.command()
@click.option("--settle", "booking_id", metavar="BOOKING", help="Let what is listed of BOOKING be as it is.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a list.")
@pass_context
def attention(context: Context, booking_id: str | None, *, as_json: bool) -> int:
    """List everything that a person has to decide, with the commands that can be typed about it.

    It says what `watch` noticed, and what is not finished for five minutes; nothing is asked of Graph. Exit code 1
    when anything is listed.
    """
    with context.store() as store:
        if booking_id is not None:
            settle(bookings.one(booking_id, store).booking_id, store)
        items = attention_of(store, now=system_clock())
    if as_json:
        click.echo(json.dumps([item.model_dump(mode="json") for item in items], indent=2))
    else:
        print_items(items)
    return int(bool(items))


def print_items(items: tuple[Item, ...]) -> None:
    """The list as a person reads it."""
    console = output()
    if not items:
        console.print("nothing to decide")
    for item in items:
        console.print(f"{item.booking}  {item.start} {item.zone}  {item.subject}", style="bold", markup=False)
        console.print(f"  {item.what}", markup=False)
        for command in item.commands:
            console.print(f"    {command}", markup=False)
