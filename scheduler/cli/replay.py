"""`slotwright replay`: solve again what was solved before."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.context import Context, output, pass_context
from scheduler.cli.tables import line
from scheduler.planning.loops.differences import Place, Replay, headline
from scheduler.planning.loops.record import read_solution
from scheduler.store.store import Store

SHOWN = 20
"""So many of the latest solved requests are listed."""


@click.command()
@click.argument("solution", required=False)
@click.option("--recorded", is_flag=True, help="Use the calendars as they were; nothing is read from Graph.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@pass_context
def replay(context: Context, /, solution: str | None, *, recorded: bool, as_json: bool) -> int:
    """Solve SOLUTION again, an id that `find` or `plan` showed, and tell who moved and why.

    The request is asked again over the calendars as they are now, or with --recorded over those of then, which gives
    the same plan unless another engine solves it or time ran out. Without SOLUTION, the latest ones are listed. Exit
    code 1 if the plan differs.
    """
    settings = context.settings()
    if solution is None:
        with context.store() as store:
            _list(store, output())
        return 0
    # OR-Tools takes a while to load, which no other command should wait for.
    from scheduler.app import replay as again  # noqa: PLC0415

    if recorded:
        with context.store() as store:
            answer = again.replay_record(again.solution(solution, store))
    else:
        with context.store() as store:
            earlier = again.solution(solution, store)
        with context.slotwright("Reading calendars", settings) as slotwright:
            answer = again.replay_now(
                earlier,
                slotwright.graph,
                slotwright.store,
                organizer=settings.organizer,
                rules=slotwright.rules,
            )
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
    else:
        _print(answer, output())
    return 0 if answer.same else 1


def _list(store: Store, console: Console) -> None:
    known = store.solutions()
    if not known:
        line(
            console,
            "Nothing was solved from here; `slotwright find` with sessions, and `slotwright plan`, do.",
        )
        return
    table = Table("solution", "calendars of", "for", "sessions", pad_edge=False)
    for each in known[:SHOWN]:
        found = read_solution(store.solution(each) or "")
        who = ", ".join(found.names.loops.values())
        held = len(found.plans[0].assignments) if found.plans else 0
        table.add_row(each, found.read_at, Text(who), str(held))
    console.print(table)
    if len(known) > SHOWN:
        line(console, f"{len(known) - SHOWN} older ones are not shown.")


def _print(answer: Replay, console: Console) -> None:
    line(console, headline(answer))
    if answer.differences:
        table = Table("who", "session", "then", "now", "why", pad_edge=False)
        for each in answer.differences:
            table.add_row(
                Text(each.who), Text(each.session), _place(each.then), _place(each.now), Text(each.why)
            )
        console.print(table)
    for note in answer.notes:
        line(console, f"note: {note}")


def _place(place: Place | None) -> Text:
    if place is None:
        return Text("not held")
    where = f", {place.room}" if place.room is not None else ""
    return Text(f"{place.start.replace('T', ' ')} {', '.join(place.people.values())}{where}")
