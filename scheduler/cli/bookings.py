"""`slotwright book`, `show`, `room` and `cancel`."""

from __future__ import annotations

import json
import sys

import click

from scheduler.app import bookings as app
from scheduler.app.book import book as book_slot
from scheduler.app.book import known_slot
from scheduler.app.cancel import cancel as cancel_booking
from scheduler.app.change_room import change_room
from scheduler.booking.booking import Booking
from scheduler.booking.document import document
from scheduler.booking.states import State
from scheduler.cli import tables
from scheduler.cli.context import Context, output, pass_context
from scheduler.errors import WorldError
from scheduler.planning.answer import read_slot

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
_no_wait = click.option(
    "--no-wait", is_flag=True, help="Do not wait for the room's answer; `show` looks again."
)

GOOD = {State.CONFIRMED, State.PENDING, State.PROVING}
"""States in which the interview stands as far as anybody can know."""


@click.command()
@click.argument("slot")
@click.option("--organizer", help="Whose calendar the invitation goes into, unless the slot says.")
@_no_wait
@_json
@pass_context
def book(context: Context, slot: str, organizer: str | None, *, no_wait: bool, as_json: bool) -> int:
    """Book SLOT: a slot id that `find` showed, or `-` for a slot as JSON on standard input.

    People are invited and the room is reserved; then the room's own calendar or free/busy has to show it. Booking
    the same slot again changes nothing. Exit code 1 when the interview was not booked or has no room.
    """
    settings = context.settings(organizer=organizer)
    with context.slotwright("Booking", settings) as slotwright:
        found = read_slot(sys.stdin.read() if slot == "-" else known_slot(slot, slotwright.store))
        begun: list[Booking] = []
        try:
            booking = book_slot(
                found,
                slotwright.store,
                slotwright.driver,
                organizer=settings.organizer,
                new_id=slotwright.new_id,
                wait=not no_wait,
                begun=begun.append,
            )
        except WorldError as error:
            raise _unfinished(error, begun) from error
    return _answer(booking, as_json=as_json)


@click.command()
@click.argument("booking_id", metavar="[BOOKING]", required=False)
@click.option("--wait", is_flag=True, help="Wait for rooms that have not answered yet.")
@_json
@pass_context
def show(context: Context, booking_id: str | None, *, wait: bool, as_json: bool) -> int:
    """Show one booking with its history, or all of them.

    A booking that a crash or an outage left half done is finished or undone first.
    """
    with context.store() as store:
        chosen = [app.one(booking_id, store)] if booking_id else list(store.bookings())
    failures = []
    if any(app.unfinished(booking) for booking in chosen):
        with context.slotwright("Looking at rooms") as slotwright:
            for index, booking in enumerate(chosen):
                try:
                    chosen[index] = app.bring_up_to_date(
                        booking, slotwright.store, slotwright.driver, wait=wait
                    )
                except WorldError as error:
                    failures.append(_unfinished(error, [booking]))
                    chosen[index] = slotwright.store.booking(booking.booking_id) or booking
    with context.store() as store:
        if as_json:
            documents = [document(booking).model_dump(mode="json") for booking in chosen]
            click.echo(json.dumps(documents[0] if booking_id else documents, indent=2))
        elif booking_id:
            tables.print_booking(document(chosen[0]), store.history(chosen[0].booking_id), output())
        else:
            tables.print_bookings([document(booking) for booking in chosen], output())
    for failure in failures:
        click.echo(f"slotwright: {failure}", err=True)
    return 1 if failures else 0


@click.command()
@click.argument("booking_id", metavar="BOOKING")
@click.option("--comment", default="The interview is cancelled.", help="What the invited people are told.")
@_json
@pass_context
def cancel(context: Context, booking_id: str, comment: str, *, as_json: bool) -> int:
    """Cancel BOOKING: uninvite the people, free the room. Cancelling twice is harmless."""
    with context.slotwright("Cancelling") as slotwright:
        booking = app.one(booking_id, slotwright.store)
        try:
            booking = cancel_booking(booking, slotwright.store, slotwright.driver, comment=comment)
        except WorldError as error:
            raise _unfinished(error, [booking]) from error
    return _answer(booking, as_json=as_json)


@click.command()
@click.argument("booking_id", metavar="BOOKING")
@click.argument("address", metavar="[ROOM]", required=False)
@_no_wait
@_json
@pass_context
def room(context: Context, booking_id: str, address: str | None, *, no_wait: bool, as_json: bool) -> int:
    """Give BOOKING, whose room declined, another ROOM; the next free alternative if none is named."""
    with context.slotwright("Reserving") as slotwright:
        booking = change_room(
            app.one(booking_id, slotwright.store),
            slotwright.store,
            slotwright.driver,
            address=address,
            wait=not no_wait,
        )
    return _answer(booking, as_json=as_json)


def _answer(booking: Booking, *, as_json: bool) -> int:
    shown = document(booking)
    if as_json:
        click.echo(shown.model_dump_json(indent=2))
    else:
        tables.print_booking(shown, (), output())
    good = GOOD | {State.CANCELLED} if booking.reservation is None else GOOD
    return 0 if booking.state in good else 1


def _unfinished(error: WorldError, begun: list[Booking]) -> WorldError:
    """The same failure, with what became of the booking."""
    if not begun:
        return error
    booking_id = begun[0].booking_id
    return WorldError(
        f"{error} Booking {booking_id} is unfinished; `slotwright show {booking_id}` goes on with it."
    )
