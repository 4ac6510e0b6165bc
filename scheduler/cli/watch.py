"""`slotwright watch`: look at what was booked, again and again, and put right what may be put right."""

from __future__ import annotations

import time
from collections.abc import Callable

import click

from scheduler.app.watch import Watch
from scheduler.booking.repairing import RepairRules
from scheduler.cli.context import Context, pass_context
from scheduler.wiring import Slotwright, system_clock


@click.command()
@click.option("--once", is_flag=True, help="Look at every booking once, wait for what that begins, and end.")
@click.option("--for", "seconds", type=click.FloatRange(min=0), help="End after so many seconds.")
@pass_context
def watch(context: Context, *, once: bool, seconds: float | None) -> int:
    """Look at every booking every minute at first, then every quarter of an hour, and a day and an hour before it.

    A room that is lost is replaced, and so is an interviewer who declines and has a stand-in, inside the rules of the
    settings (freeze_minutes, change_budget, approve); everything else is listed by `attention`. Any number may run.
    Each line says what was noticed. Exit code 1 when the last look could not be finished.
    """
    with context.slotwright("Watching", books=True, background=True) as slotwright:
        watching = watch_of(slotwright)
        ends = None if seconds is None else time.monotonic() + seconds
        while True:
            noticed = watching.look(wait=once)
            for each in noticed:
                click.echo(f"{each.booking_id}  {each.text}", err=each.failed)
            left = None if ends is None else ends - time.monotonic()
            if once or (left is not None and left <= 0):
                return int(any(each.failed for each in noticed))
            pause = watching.pause()
            time.sleep(pause if left is None else min(pause, left))


def watch_of(slotwright: Slotwright, *, clock: Callable[[], int] = system_clock) -> Watch:
    """A watch by the rules of the settings.

    Args:
        clock: UTC seconds.
    """
    settings = slotwright.settings
    return Watch(
        slotwright.graph,
        slotwright.store,
        slotwright.driver,
        RepairRules(settings.freeze_minutes, settings.change_budget, settings.approve),
        clock,
    )
