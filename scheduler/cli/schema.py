"""`slotwright schema`: the JSON Schema of each public format."""

from __future__ import annotations

import json

import click
from pydantic import BaseModel

from scheduler.booking.document import BookingDocument
from scheduler.booking.loop_document import LoopDocument
from scheduler.emulator.tenant import Tenant
from scheduler.planning.answer import Slots
from scheduler.planning.loops.answer import Loops
from scheduler.planning.loops.plan_answer import Plans
from scheduler.planning.loops.plan_request import PlanRequest
from scheduler.planning.loops.request import LoopRequest
from scheduler.planning.request import FindRequest
from solvers.plan import Plan
from solvers.problem import Problem

FORMATS: dict[str, type[BaseModel]] = {
    "request": FindRequest,
    "loop-request": LoopRequest,
    "slots": Slots,
    "loops": Loops,
    "plan-request": PlanRequest,
    "plans": Plans,
    "booking": BookingDocument,
    "booked-loop": LoopDocument,
    "tenant": Tenant,
    "problem": Problem,
    "plan": Plan,
}


@click.command()
@click.argument("name", type=click.Choice(list(FORMATS)))
def schema(name: str) -> None:
    """Print the JSON Schema of a public format."""
    click.echo(json.dumps(FORMATS[name].model_json_schema(by_alias=True), indent=2))
