"""`slotwright why-not`: what stands in the way of one start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scheduler.cli import tables
from scheduler.cli.context import Context, output, pass_context
from scheduler.cli.requests import request_of, takes_request
from scheduler.cli.searching import time_limit


@click.command(name="why-not")
@click.argument("start")
@takes_request
@time_limit("Seconds to think at most.", 20.0)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@pass_context
def why_not(
    context: Context, /, start: str, request_file: Path | None, seconds: float, *, as_json: bool, **flags: Any
) -> int:
    """Tell why the interview or loop of a request does not begin at START, a local time in the request's zone.

    The request is given as for `slotwright find`. Of one interview every fact in the way is told; of a loop a smallest
    set of facts that forbid the start together. A legal start is told with its points and those of the best one. Exit
    code 0 when the start is legal, 1 when it is not.
    """
    request = request_of(request_file, flags)
    settings = context.settings()
    # OR-Tools takes a while to load, which no other command should wait for.
    from scheduler.app.why_not import why_not as explain  # noqa: PLC0415
    from solvers.cpsat import Effort  # noqa: PLC0415

    with context.slotwright("Reading calendars", settings) as slotwright:
        found = explain(
            start,
            request,
            slotwright.graph,
            slotwright.store,
            organizer=settings.organizer,
            rules=slotwright.rules,
            effort=Effort(seconds),
        )
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        head, *rest = found.text
        tables.line(output(), head)
        for sentence in rest:
            tables.line(output(), f"- {sentence}")
    return 0 if found.outcome == "legal" else 1
