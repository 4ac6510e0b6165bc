"""What `solve` and `check` share: reading problems and plans, and showing what a plan costs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from scheduler.errors import InputError
from scheduler.planning.request import first_problem
from solvers.plan import Objective
from solvers.problem import TERMS, Frozen, Problem

Format = TypeVar("Format", bound=Frozen)


def read_frozen(path: Path, of: type[Format], called: str) -> Format:
    """A problem or plan from a JSON file; `-` is standard input.

    Args:
        called: how errors and `slotwright schema` call it.

    Raises:
        InputError: it cannot be read, is not JSON, or has an unknown key or a wrong value, which is named by its path.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(called, f"{path} cannot be read ({error})", "check the path") from None
    try:
        return of.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise InputError(called, f"is not JSON ({first['ctx']['error']})", "correct the file") from None
        found = first_problem(error, schema=called)
        field = called if found.field == called and not first["loc"] else f"{called}.{found.field}"
        raise InputError(field, found.problem, found.remedy) from None


def objective_table(problem: Problem, objective: Objective) -> Table:
    """Every term with a weight, level by level, then the others that are not 0."""
    table = Table("level", "term", "units", "weight", "cost", pad_edge=False)
    for column in table.columns[2:]:
        column.justify = "right"
    units = objective.units
    for number, (level, total) in enumerate(zip(problem.levels, objective.levels, strict=True), start=1):
        for term, weight in level.weights.items():
            cost = weight * units[term]
            table.add_row(str(number), term.replace("_", " "), str(units[term]), str(weight), str(cost))
        if len(level.weights) != 1:
            table.add_row(str(number), Text("together", style="bold"), "", "", Text(str(total), style="bold"))
    weighted = {term for level in problem.levels for term in level.weights}
    for term in TERMS:
        if term not in weighted and units[term]:
            table.add_row("", term.replace("_", " "), str(units[term]), "", "")
    return table
