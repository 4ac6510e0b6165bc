"""`slotwright doctor`: test the connection, and say for each failure what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.context import Context, output, pass_context
from scheduler.cli.tables import line
from scheduler.connection.report import Outcome, Report, RoomRoute, Step
from scheduler.wiring import doctor_for, tested_settings

_SIGNS = {
    Outcome.FINE: "ok",
    Outcome.WARNING: "warning",
    Outcome.FAILED: "FAILED",
    Outcome.SKIPPED: "skipped",
}
_ROUTES = ("direct", "scheduler", "none", "unknown")


@click.command()
@click.option(
    "--mailbox",
    "people",
    metavar="ADDRESS",
    multiple=True,
    help="Also look at this mailbox; may be repeated.",
)
@click.option("--all-rooms", is_flag=True, help="Ask for the rights on every room, not on the first 50 only.")
@click.option("--write-test", is_flag=True, help="Write an event of an hour next year and remove it again.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@pass_context
def doctor(
    context: Context, *, people: tuple[str, ...], all_rooms: bool, write_test: bool, as_json: bool
) -> int:
    """Test the connection step by step; nothing else works with a connection that did not pass.

    Nothing is written to any calendar, unless --write-test says so, and then nothing is left behind: what a killed test
    had written is removed by the next one. The table tells how rooms would be reserved: written directly, invited
    from the Scheduler calendar, or not at all; --json has it room by room. The result is kept
    with its date until a setting changes that it depends on. Exit code 1 when a step failed.
    """
    console = output()

    def tell(step: Step) -> None:
        if not as_json:
            _print_step(step, console)

    with context.slotwright("testing the connection", untested=True) as slotwright:
        report = doctor_for(
            slotwright,
            people=[address.strip().lower() for address in people],
            room_limit=None if all_rooms else 50,
            write_test=write_test,
            tell=tell,
        ).test()
        slotwright.connections.keep_test(tested_settings(slotwright.settings), report.model_dump_json())
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        _print_end(report, console)
    return 0 if report.passed else 1


def _print_step(step: Step, console: Console) -> None:
    line(console, f"{_SIGNS[step.outcome]:<8} {step.name}: {step.said}")
    if step.remedy:
        line(console, f"{'':<8} -> {step.remedy}")


def _print_end(report: Report, console: Console) -> None:
    if report.routes:
        table = Table("route", "why", "rooms", pad_edge=False)
        for (route, why), rooms in _alike(report.routes).items():
            table.add_row(route, Text(why), Text(", ".join(rooms)))
        console.print(table)
    warnings = sum(step.outcome is Outcome.WARNING for step in report.steps)
    told = f" with {warnings} warning{'' if warnings == 1 else 's'}" if warnings else ""
    said = f"The connection may be used{told}." if report.passed else "The connection may not be used."
    line(console, f"{said} Profile {report.profile}, tested {report.tested}.")


def _alike(routes: Sequence[RoomRoute]) -> dict[tuple[str, str], list[str]]:
    """Rooms by what is said of them; one whose name another has too goes by its address."""
    names = Counter(each.name for each in routes)
    found: dict[tuple[str, str], list[str]] = {}
    for each in sorted(routes, key=lambda each: _ROUTES.index(each.route)):
        shown = each.name if names[each.name] == 1 else each.address
        found.setdefault((each.route, each.why), []).append(shown)
    return found
