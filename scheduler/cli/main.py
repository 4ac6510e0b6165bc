"""The command line: `slotwright`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from scheduler.cli.bookings import book, cancel, reschedule, room, show, swap
from scheduler.cli.check import check
from scheduler.cli.context import Context
from scheduler.cli.demo import demo
from scheduler.cli.emulator import emulator
from scheduler.cli.explain_time import explain_time
from scheduler.cli.find import find
from scheduler.cli.plan import plan
from scheduler.cli.replay import replay
from scheduler.cli.schema import schema
from scheduler.cli.solve import solve
from scheduler.cli.why_not import why_not
from scheduler.errors import SlotwrightError

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="JSON or TOML file with settings; ./slotwright.toml if absent. SLOTWRIGHT_* variables win over it.",
)
@click.version_option(package_name="slotwright")
@click.pass_context
def slotwright(context: click.Context, settings_file: Path | None) -> None:
    """Find the best interview slots in Microsoft 365 calendars, and book people and rooms.

    Exit codes: 0 done, 1 not done (no slot, a room that declined, Graph out of reach), 2 wrong input.
    """
    context.obj = Context(settings_file)


for command in (
    find,
    plan,
    book,
    show,
    reschedule,
    swap,
    room,
    cancel,
    explain_time,
    why_not,
    replay,
    solve,
    check,
    schema,
    emulator,
    demo,
):
    slotwright.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; every foreseen failure is one sentence on standard error.

    Args:
        arguments: what was typed after `slotwright`; None takes it from the process.

    Raises:
        SystemExit: always, with the exit code.
    """
    try:
        code = slotwright.main(args=arguments, standalone_mode=False)
    except click.exceptions.Abort:
        click.echo(
            "slotwright: interrupted; if a booking was under way, `slotwright show` goes on with it.",
            err=True,
        )
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SlotwrightError as error:
        click.echo(f"slotwright: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
