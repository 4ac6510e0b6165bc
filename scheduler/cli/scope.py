"""`slotwright scope`: the PowerShell that limits the app to chosen mailboxes."""

from __future__ import annotations

import re

import click

from scheduler.cli.context import Context, pass_context
from scheduler.connection.exchange import Scope, commands
from scheduler.errors import InputError

_ADDRESS = re.compile(r"[^@\s']+@[^@\s']+")


@click.command()
@click.option(
    "--interviewers", metavar="GROUP", required=True, help="Mail-enabled security group of those who invite."
)
@click.option("--rooms", metavar="GROUP", help="Mail-enabled security group of rooms to be written directly.")
@pass_context
def scope(context: Context, *, interviewers: str, rooms: str | None) -> None:
    """Print what an Exchange administrator pastes, so that the app reaches these groups' members only.

    For profile = "scoped". Remove Calendars.ReadWrite under API permissions afterwards: what is granted there is added
    to what is granted here. Rooms outside the group are invited from the Scheduler calendar. Then type
    `slotwright doctor`.
    """
    settings = context.settings()
    if not settings.client_id:
        raise InputError(
            "settings.client_id", "is missing", "copy Application (client) ID from the app's Overview"
        )
    wanted = [Scope("Slotwright interviewers", _address("--interviewers", interviewers))]
    if rooms is not None:
        wanted.append(Scope("Slotwright rooms", _address("--rooms", rooms)))
    click.echo(commands(settings.client_id, tuple(wanted), test=settings.organizer), nl=False)


def _address(option: str, text: str) -> str:
    if _ADDRESS.fullmatch(text.strip()) is None:
        raise InputError(
            option, f"{text!r} is no address", "give the address of a mail-enabled security group"
        )
    return text.strip().lower()
