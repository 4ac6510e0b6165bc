"""The command line: `slotwright`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from scheduler.cli.context import Context
from scheduler.errors import SlotwrightError

INTERRUPTED = 130


_MODULES = {
    "connect": "connect",
    "doctor": "doctor",
    "scope": "scope",
    "rotate-keys": "connect",
    "rooms": "rooms",
    "people": "people",
    "find": "find",
    "plan": "plan",
    "book": "bookings",
    "show": "bookings",
    "reschedule": "bookings",
    "swap": "bookings",
    "room": "bookings",
    "cancel": "bookings",
    "watch": "watch",
    "attention": "attention",
    "audit": "audit",
    "disclosures": "disclosures",
    "reconcile": "reconcile",
    "explain-time": "explain_time",
    "why-not": "why_not",
    "replay": "replay",
    "solve": "solve",
    "check": "check",
    "schema": "schema",
    "emulator": "emulator",
    "demo": "demo",
}
"""Each command, in the order of the help, and the module of this package that has it under its own name."""


class Commands(click.Group):
    """Loads a command when it is asked for, so that none waits for what only the others need."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order in which people meet them."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, from its module."""
        if cmd_name not in _MODULES:
            return None
        module = import_module(f"scheduler.cli.{_MODULES[cmd_name]}")
        found: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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

    Exit codes: 0 done, 1 not done (no slot, a room that declined, Graph out of reach), 2 wrong input, 3 what was
    asked for has gone (nothing was changed), 130 interrupted. With --json every error is one JSON object.
    """
    context.obj = Context(settings_file)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; every foreseen failure is one sentence on standard error.

    With --json it is also an object on standard output.

    Args:
        arguments: what was typed after `slotwright`; None takes it from the process.

    Raises:
        SystemExit: always, with the exit code.
    """
    typed = sys.argv[1:] if arguments is None else arguments
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
        _tell_program(typed, "usage_document", error.format_message())
        sys.exit(error.exit_code)
    except SlotwrightError as error:
        click.echo(f"slotwright: {error}", err=True)
        _tell_program(typed, "document_of", error)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _tell_program(typed: Sequence[str], how: str, error: SlotwrightError | str) -> None:
    """A command that was to answer in JSON answers with its error; the module is loaded for nobody else."""
    if "--json" in typed:
        document = getattr(import_module("scheduler.cli.refusals"), how)(error)
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
