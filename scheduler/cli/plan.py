"""`slotwright plan`: the loops of many candidates, who share people and rooms, in one plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.context import Context, output, pass_context, progress
from scheduler.cli.files import read_text
from scheduler.cli.plan_tables import print_plan
from scheduler.cli.searching import Pace, explain_limit, seed, time_limit, workers
from scheduler.cli.tables import line
from scheduler.planning.loops.plan_request import read_plan_request
from scheduler.planning.sentences import count

if TYPE_CHECKING:
    from solvers.cpsat import Progress


@click.command()
@click.argument("request_file", metavar="REQUEST.json", type=click.Path(path_type=Path, allow_dash=True))
@time_limit("Seconds to search at most; Ctrl-C ends the search earlier, with the best plan so far.")
@workers(2)
@seed()
@explain_limit("Seconds to explain who was left out, and what would help; 0 explains nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@pass_context
def plan(
    context: Context,
    /,
    request_file: Path,
    *,
    seconds: float,
    workers: int,
    seed: int,
    explain_seconds: float,
    as_json: bool,
) -> int:
    """Plan many candidates at once: as many as possible, then the worst-off of them, then the points of all.

    REQUEST.json (`-` is standard input) names the candidates with their loops, or templates they share. Exit code 1
    unless everybody was scheduled.
    """
    # OR-Tools takes a while to load, which no other command should wait for.
    from scheduler.app.plan import plan as plan_loops  # noqa: PLC0415
    from solvers.cpsat import Effort  # noqa: PLC0415

    request = read_plan_request(read_text(request_file, "request"))
    settings = context.settings()
    with context.slotwright("Reading calendars", settings) as slotwright:
        answer = plan_loops(
            request,
            slotwright.graph,
            slotwright.store,
            organizer=settings.organizer,
            rules=slotwright.rules,
            effort=Effort(seconds, workers, seed),
            explain_seconds=explain_seconds,
            on_progress=_telling(len(request.candidates)),
        )
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
    else:
        print_plan(answer, output())
    return 0 if answer.scheduled == len(answer.candidates) else 1


def _telling(candidates: int) -> Callable[[Progress], None]:
    pace = Pace()

    def tell(news: Progress) -> None:
        if pace.lets(news.seconds):
            line(
                progress(),
                f"{news.seconds:.0f} s: {news.scheduled} of {count(candidates, 'candidate')} scheduled; "
                f"level {news.level + 1} at {news.objective}, at least {news.bound}",
            )

    return tell
