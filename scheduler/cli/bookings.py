"""`slotwright book`, `show`, `reschedule`, `swap`, `room` and `cancel`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from scheduler.app import bookings as app
from scheduler.app.book import known_slot
from scheduler.app.book_loop import Wanted
from scheduler.app.cancel import cancel as cancel_booking
from scheduler.app.change_room import change_room
from scheduler.app.reschedule import at_local_time, at_slot
from scheduler.app.reschedule import reschedule as reschedule_booking
from scheduler.app.swap_person import swap_person
from scheduler.booking.booking import Booking
from scheduler.booking.document import document
from scheduler.booking.states import State
from scheduler.cli import booked_loops, tables
from scheduler.cli.booked_loops import clerk
from scheduler.cli.context import Context, Unfinished, output, pass_context
from scheduler.errors import Gone, InputError, WorldError
from scheduler.planning.answer import read_slot

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
_no_wait = click.option(
    "--no-wait", is_flag=True, help="Do not wait for the room's answer; `show` looks again."
)

GOOD = {State.CONFIRMED, State.PENDING, State.PROVING}
"""States in which the interview stands as far as anybody can know."""


@click.command()
@click.argument("slot", metavar="SLOT|OPTION|PLAN")
@click.option("--organizer", help="Whose calendar the invitation goes into, unless the slot says.")
@click.option(
    "--keep-partial",
    is_flag=True,
    help="Of a loop, keep the sessions that stand when another fails after people were invited.",
)
@click.option(
    "--key", default="", help="Idempotency key: the same key again is the same booking, never a second one."
)
@_no_wait
@_json
@pass_context
def book(
    context: Context,
    slot: str,
    organizer: str | None,
    key: str,
    *,
    keep_partial: bool,
    no_wait: bool,
    as_json: bool,
) -> int:
    """Book a SLOT that `find` showed, all sessions of an OPTION (l-…) as one, or every loop of a PLAN (r-…).

    People are invited and the room is reserved; then the room's own calendar or free/busy has to show it. `-` is a
    slot as JSON on standard input. Of a loop all sessions are booked, or none: everybody is claimed at once, and when
    a session cannot be had the others are undone. Of a plan each candidate's loop stands for itself. Booking the same
    again changes nothing. Exit code 1 when something was not booked or has no room, 3 when it has gone: then nothing
    was booked, and the three nearest that can be booked are named.
    """
    settings = context.settings(organizer=organizer)
    with context.slotwright("Booking", settings, books=True) as slotwright:
        wanted = Wanted(settings.organizer, slotwright.new_id, not no_wait, keep_partial, key)
        if slot.startswith((booked_loops.OPTION, booked_loops.PLAN)):
            whole = slot.startswith(booked_loops.PLAN)
            book_them = booked_loops.book_all if whole else booked_loops.book_one
            return book_them(slotwright, slot, wanted, as_json=as_json)
        if keep_partial:
            raise InputError("--keep-partial", "is for loops", "leave it away")
        found = read_slot(sys.stdin.read()) if slot == "-" else known_slot(slot, slotwright.store)
        begun: list[Booking] = []
        try:
            booking = clerk(slotwright).book_slot(found, wanted, begun=begun.append)
        except Gone:
            raise
        except WorldError as error:
            raise _unfinished(error, begun) from error
    return _answer(booking, as_json=as_json)


@click.command()
@click.argument("booking_id", metavar="[BOOKING]", required=False)
@click.option("--wait", is_flag=True, help="Wait for rooms that have not answered yet.")
@_json
@pass_context
def show(context: Context, booking_id: str | None, *, wait: bool, as_json: bool) -> int:
    """Show one BOOKING with its history, a loop (l-…) with its sessions, or all bookings.

    What a crash or an outage left half done is finished or undone first.
    """
    if booking_id is not None and booking_id.startswith(booked_loops.OPTION):
        return booked_loops.show_one(context, booking_id, wait=wait, as_json=as_json)
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
    """Cancel BOOKING, or all sessions of a loop (l-…): uninvite the people, free the rooms.

    Cancelling twice is harmless.
    """
    with context.slotwright("Cancelling", books=True) as slotwright:
        if booking_id.startswith(booked_loops.OPTION):
            return booked_loops.cancel_one(slotwright, booking_id, comment, as_json=as_json)
        booking = app.one(booking_id, slotwright.store)
        with _told(booking):
            booking = cancel_booking(booking, slotwright.store, slotwright.driver, comment=comment)
    return _answer(booking, as_json=as_json)


@click.command()
@click.argument("booking_id", metavar="BOOKING")
@click.argument("address", metavar="[ROOM]", required=False)
@_no_wait
@_json
@pass_context
def room(context: Context, booking_id: str, address: str | None, *, no_wait: bool, as_json: bool) -> int:
    """Give BOOKING another ROOM; the next that was free as well if none is named.

    Nobody is invited again. The invitation names the new room once that has shown the booking; exit code 3 when it
    cannot be had, and then the booking is as it was.
    """
    with context.slotwright("Reserving", books=True) as slotwright:
        booking = app.one(booking_id, slotwright.store)
        with _told(booking):
            booking = change_room(
                booking,
                slotwright.graph,
                slotwright.store,
                slotwright.driver,
                address=address,
                wait=not no_wait,
            )
    return _answer(booking, as_json=as_json)


@click.command()
@click.argument("booking_id", metavar="BOOKING")
@click.argument("when", metavar="WHEN")
@click.option("--zone", help="The clock of WHEN; the booking's own if absent.")
@click.option("--people", is_flag=True, help="Of a slot, take its people as well.")
@_no_wait
@_json
@pass_context
def reschedule(
    context: Context,
    booking_id: str,
    when: str,
    zone: str | None,
    *,
    people: bool,
    no_wait: bool,
    as_json: bool,
) -> int:
    """Move BOOKING to another time, with its people and, where it is free, its room.

    WHEN is a slot id that `find` showed, or a local time such as 2026-11-23T09:00. Everybody's time is read again
    first; exit code 3 when somebody is not free, with the nearest times at which all are, and then the booking is as
    it was.
    """
    with context.slotwright("Rescheduling", books=True) as slotwright:
        booking = app.one(booking_id, slotwright.store)
        if when.startswith("s-"):
            to = at_slot(known_slot(when, slotwright.store), with_people=people)
        elif people:
            raise InputError("--people", "is for slots", "name a slot id, or leave it away")
        else:
            to = at_local_time(when, zone or booking.interview.zone)
        with _told(booking):
            booking = reschedule_booking(
                booking, slotwright.graph, slotwright.store, slotwright.driver, to=to, wait=not no_wait
            )
    return _answer(booking, as_json=as_json)


@click.command()
@click.argument("booking_id", metavar="BOOKING")
@click.argument("leaving", metavar="LEAVING")
@click.argument("joining", metavar="JOINING")
@click.option("--name", default="", help="How the newcomer is called in the invitation.")
@_json
@pass_context
def swap(context: Context, booking_id: str, leaving: str, joining: str, name: str, *, as_json: bool) -> int:
    """Let the interviewer JOINING come to BOOKING in the place of LEAVING, both named by address.

    Only these two are written to. Exit code 3 when the newcomer is not free, and then the booking is as it was.
    """
    with context.slotwright("Changing", books=True) as slotwright:
        booking = app.one(booking_id, slotwright.store)
        with _told(booking):
            booking = swap_person(
                booking,
                slotwright.store,
                slotwright.driver,
                leaving=leaving,
                joining=joining,
                name=name,
                wait=False,
            )
    return _answer(booking, as_json=as_json)


@contextmanager
def _told(booking: Booking) -> Iterator[None]:
    """A failure midway says how to go on; a change that could not be had says that nothing was changed."""
    try:
        yield
    except Gone:
        raise
    except WorldError as error:
        raise _unfinished(error, [booking]) from error


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
    return Unfinished(error, "Booking", begun[0].booking_id) if begun else error
