"""`slotwright find`: ranked slots for one interview, or ranked ways to hold a loop of several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from pydantic import BaseModel
from rich.console import Console

from scheduler.app.find import find as find_slots
from scheduler.cli import tables
from scheduler.cli.context import Context, output, pass_context, progress
from scheduler.cli.loop_tables import print_loops
from scheduler.cli.requests import request_of, takes_request
from scheduler.cli.searching import Pace, seed, time_limit, workers
from scheduler.planning.request import FindRequest
from scheduler.planning.sentences import count

if TYPE_CHECKING:
    from solvers.alternatives import Step

NEXT = {
    "options": "",
    "losses": "; now what they survive",
    "improvements": "; now what would beat the best",
    "reasons": "; now why nothing fits",
}
"""What is asked after the search."""


@click.command()
@takes_request
@time_limit(
    "Seconds to search for a loop at most; Ctrl-C ends the search earlier, with the best options so far."
)
@workers(1, "Threads a loop is searched with.")
@seed()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@pass_context
def find(
    context: Context,
    /,
    request_file: Path | None,
    seconds: float,
    workers: int,
    seed: int,
    *,
    as_json: bool,
    **flags: Any,
) -> int:
    """Find the best slots: the people named, free together, with a room if one is needed.

    The request comes from a JSON file (`-` is standard input), from options, or from both, where options win. One with
    `sessions` is for a loop: the best ways to hold all of them, with what is proved about each. Exit code 1 when
    nothing fits.
    """
    request = request_of(request_file, flags)
    settings = context.settings()
    with context.slotwright("Reading calendars", settings) as slotwright:
        if isinstance(request, FindRequest):
            slots = find_slots(
                request,
                slotwright.graph,
                slotwright.store,
                organizer=settings.organizer,
                rules=slotwright.rules,
            )
            _show(slots, tables.print_slots, as_json=as_json)
            return 0 if slots.slots else 1
        # OR-Tools takes a while to load, which a search for one interview should not wait for.
        from scheduler.app.find_loop import find_loop  # noqa: PLC0415
        from solvers.cpsat import Effort  # noqa: PLC0415

        loops = find_loop(
            request,
            slotwright.graph,
            slotwright.store,
            organizer=settings.organizer,
            rules=slotwright.rules,
            effort=Effort(seconds, workers, seed),
            on_progress=_telling(),
        )
    _show(loops, print_loops, as_json=as_json)
    return 0 if loops.options else 1


Answer = TypeVar("Answer", bound=BaseModel)


def _show(answer: Answer, tell: Callable[[Answer, Console], None], *, as_json: bool) -> None:
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
    else:
        tell(answer, output())


def _telling() -> Callable[[Step], None]:
    """Tells how a search goes on, from its second second, once a second."""
    pace = Pace()

    def tell(step: Step) -> None:
        if pace.lets(step.seconds):
            tables.line(
                progress(),
                f"{step.seconds:.0f} s: {count(step.options, 'option')} found, {step.searches} stretches searched"
                f"{NEXT[step.task]}",
            )

    return tell
