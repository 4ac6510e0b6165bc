"""Loops that are booked as one: what `slotwright book`, `show` and `cancel` do with them, and how they are printed."""

from __future__ import annotations

from collections.abc import Sequence

import click
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.app.alternatives import Nearest
from scheduler.app.book_loop import (
    Outcome,
    Wanted,
    book_plan,
    known_option,
    known_plan,
    named_loop,
)
from scheduler.app.conflict import Clerk
from scheduler.app.drive_loop import cancel_loop, drive_loop
from scheduler.booking.loop import Loop, Standing
from scheduler.booking.loop_document import WELL, BookedSession, LoopDocument, LoopOutcome, loop_document
from scheduler.cli.context import Context, Unfinished, output
from scheduler.cli.tables import line, moment, room_line, state_text
from scheduler.errors import Gone, SlotwrightError, WorldError
from scheduler.planning.loops.offer import LoopOffer
from scheduler.wiring import Slotwright, system_clock

OPTION, PLAN = "l-", "r-"
"""How ids of loops and of plans begin."""

STATES = {
    "booking": "being booked",
    "pending": "booked; a room needs approval",
    "confirmed": "booked",
    "partial": "booked in part",
    "undoing": "being undone",
    "undone": "not booked",
    "cancelling": "being cancelled",
    "cancelled": "cancelled",
}


def clerk(slotwright: Slotwright) -> Clerk:
    """Who books, and knows what else could be had."""
    nearest = Nearest(slotwright.graph, slotwright.store, slotwright.rules, slotwright.settings.organizer)
    return Clerk(nearest, slotwright.driver, system_clock)


def book_one(slotwright: Slotwright, option: str, wanted: Wanted, *, as_json: bool) -> int:
    """Book an option of a loop; the exit code."""
    begun: list[Loop] = []
    try:
        offer = known_option(option, slotwright.store)
        loop = clerk(slotwright).book_option(offer, wanted, begun=begun.append)
    except Gone:
        raise
    except WorldError as error:
        raise (unfinished(error, begun[0]) if begun else error) from error
    return answer(loop, as_json=as_json, waited=wanted.wait)


def book_all(slotwright: Slotwright, plan: str, wanted: Wanted, *, as_json: bool) -> int:
    """Book every loop of a plan, each as one; the exit code."""
    offer = known_plan(plan, slotwright.store)
    outcomes = list(book_plan(offer, slotwright.store, slotwright.driver, wanted))
    told = [_outcome(outcome) for outcome in outcomes]
    if as_json:
        click.echo(TypeAdapter(list[LoopOutcome]).dump_json(told, indent=2).decode())
    else:
        _print_outcomes(told, output())
    good = [each.loop is not None and not each.problem and _good(each.loop, wanted.wait) for each in outcomes]
    return 0 if all(good) else 1


def show_one(context: Context, loop_id: str, *, wait: bool, as_json: bool) -> int:
    """Show a loop, finished or undone first if it was left half done; the exit code."""
    with context.store() as store:
        loop = named_loop(loop_id, store)
    failure: SlotwrightError | None = None
    if not loop.finished:
        with context.slotwright("Looking at rooms") as slotwright:
            try:
                loop = drive_loop(loop, slotwright.store, slotwright.driver, wait=wait)
            except WorldError as error:
                failure = unfinished(error, loop)
                loop = named_loop(loop_id, slotwright.store)
    _show(loop, as_json=as_json)
    if failure is not None:
        click.echo(f"slotwright: {failure}", err=True)
    return 0 if failure is None else 1


def cancel_one(slotwright: Slotwright, loop_id: str, comment: str, *, as_json: bool) -> int:
    """Cancel every session of a loop; the exit code."""
    loop = named_loop(loop_id, slotwright.store)
    try:
        loop = cancel_loop(loop, slotwright.store, slotwright.driver, comment=comment)
    except WorldError as error:
        raise unfinished(error, loop) from error
    _show(loop, as_json=as_json)
    return 0 if loop.standing in {Standing.CANCELLED, Standing.UNDONE} else 1


def answer(loop: Loop, *, as_json: bool, waited: bool) -> int:
    """Print a loop that was booked; the exit code."""
    _show(loop, as_json=as_json)
    return 0 if _good(loop, waited) else 1


def unfinished(error: WorldError, loop: Loop) -> WorldError:
    """The same failure, with how to go on."""
    return Unfinished(error, "Loop", loop.place.loop_id)


def _good(loop: Loop, waited: bool) -> bool:  # noqa: FBT001 - which of the two states was asked for
    return loop.standing in (WELL if waited else WELL | {Standing.BOOKING})


def _show(loop: Loop, *, as_json: bool) -> None:
    shown = loop_document(loop)
    if as_json:
        click.echo(shown.model_dump_json(indent=2))
    else:
        print_loop(shown, output())


def print_loop(loop: LoopDocument, console: Console) -> None:
    """How the loop stands, its sessions, and what can be done about those that do not stand."""
    why = f": {loop.reason}" if loop.reason else ""
    line(console, f"Loop {loop.id} is {STATES[loop.state]}{why}")
    zone = loop.sessions[0].booking.zone
    table = Table("", "session", zone, "invited", "room", "state", "booking", pad_edge=False)
    table.columns[2].no_wrap = table.columns[6].no_wrap = True
    for session in loop.sessions:
        booking = session.booking
        table.add_row(
            "✓" if session.stands else "✗",
            Text(session.name),
            f"{moment(booking.start)[:10]} {booking.start[11:]}–{booking.end[11:]}",
            Text(", ".join(guest.name or guest.address.partition("@")[0] for guest in booking.guests)),
            Text(room_line(booking)),
            state_text(booking.state),
            Text(booking.id, style="cyan"),
        )
    console.print(table)
    for session in loop.sessions:
        if session.next:
            line(console, f"{session.name}, {_problem(session)}: {session.next}")
    if loop.state == "partial":
        line(console, f"To give up the others too: slotwright cancel {loop.id}")


def _problem(session: BookedSession) -> str:
    if session.booking.state == "room_declined":
        return "another room"
    return "another slot"


def _print_outcomes(outcomes: Sequence[LoopOutcome], console: Console) -> None:
    table = Table("candidate", "loop", "sessions", "state", pad_edge=False)
    table.columns[1].no_wrap = True
    for each in outcomes:
        loop = each.loop
        state = "not booked" if loop is None else STATES[loop.state]
        why = each.problem or ("" if loop is None else loop.reason)
        count = "" if loop is None else f"{sum(one.stands for one in loop.sessions)} of {len(loop.sessions)}"
        table.add_row(
            Text(each.candidate),
            Text(each.option, style="cyan"),
            count,
            Text(f"{state}: {why}" if why else state),
        )
    console.print(table)
    line(console, "Look at one with: slotwright show LOOP")


def _outcome(outcome: Outcome) -> LoopOutcome:
    return LoopOutcome(
        option=outcome.offer.id,
        candidate=_candidate(outcome.offer),
        problem=outcome.problem,
        loop=None if outcome.loop is None else loop_document(outcome.loop),
    )


def _candidate(offer: LoopOffer) -> str:
    candidate = offer.sessions[0].slot.candidate
    return "" if candidate is None else candidate.name or candidate.address or ""
