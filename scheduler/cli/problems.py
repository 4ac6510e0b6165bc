"""What `solve` and `check` share: reading problems and plans, and showing what a plan costs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from scheduler.cli.files import read_text
from scheduler.errors import InputError
from scheduler.planning.request import first_problem
from solvers.demands import impossible_demands
from solvers.paths import PartError
from solvers.plan import Objective
from solvers.problem import TERMS, Frozen, Problem

Format = TypeVar("Format", bound=Frozen)


def read_frozen(path: Path, of: type[Format], called: str) -> Format:
    """A problem or plan from a JSON file; `-` is standard input.

    Args:
        called: how errors and `slotwright schema` call it.

    Raises:
        InputError: it cannot be read, is not JSON, holds a key twice, an unknown key or a wrong value, or demands what
            is impossible; where that is, is named by its path.
    """
    text = read_text(path, called)
    try:
        value = of.model_validate_json(text)
    except ValidationError as error:
        raise _wrong_value(error, called) from None
    # pydantic takes the last of several values of one key, which may not be the one that was meant.
    if repeated := _repeated_key(json.loads(text, object_pairs_hook=_Object)):
        raise InputError(f"{called}.{repeated}", "stands there twice", "keep one of them")
    if isinstance(value, Problem):
        wrong = next(impossible_demands(value), None)
        if wrong is not None:
            raise InputError(_path(called, *wrong.path), wrong.sentence, "ask for less, or give it more time")
    return value


def _wrong_value(error: ValidationError, called: str) -> InputError:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return InputError(called, f"is not JSON ({first['ctx']['error']})", "correct the file")
    found = first_problem(error, schema=called)
    cause = first["ctx"]["error"] if first["type"] == "value_error" else None
    where, sentence = (cause.path, cause.sentence) if isinstance(cause, PartError) else ((), found.problem)
    if first["type"] == "too_short":
        sentence = "is empty, but must not be"
    # pydantic says by a last part of the path when it is not the value, but its key that is wrong.
    location = (part for part in first["loc"] if part != "[key]")
    return InputError(_path(called, *location, *where), sentence, found.remedy)


def _path(*parts: str | int) -> str:
    return ".".join(map(str, parts))


class _Object(dict[str, Any]):
    """A JSON object that knows the first of its keys that stands in it twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        times = Counter(key for key, _ in pairs)
        self.repeated = next((key for key, number in times.items() if number > 1), None)


def _repeated_key(value: Any) -> str | None:
    """The path of the first key that stands twice in an object of the document."""
    if isinstance(value, _Object) and value.repeated is not None:
        return value.repeated
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        if (below := _repeated_key(part)) is not None:
            return f"{key}.{below}"
    return None


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
