"""Public instances from a folder outside the repository, and the checkers that lie there beside them.

The folder is named by `--data FOLDER` or SLOTWRIGHT_DATA. It holds a folder of JSON files per set of instances, and
`check_NAME.py`, whose `check(instance, solution)` gives scores and a list of errors. Nothing of it is copied.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Check = Callable[[Json, Json], Json]


@dataclass(frozen=True)
class Instances:
    """One set of instances and its checker."""

    folder: Path
    check: Check

    def names(self) -> list[str]:
        """The instances of the set, in order."""
        found = (path.stem for path in self.folder.glob("*.json"))
        return sorted(name for name in found if "format" in self.read(name))

    def read(self, name: str) -> Any:
        """One file of the set."""
        return json.loads((self.folder / f"{name}.json").read_text())

    def score(self, instance: Json, solution: Json) -> Json:
        """What the set's own checker counts.

        Raises:
            AssertionError: it finds the solution in error.
        """
        counted = self.check(instance, solution)
        assert not counted["errors"], f"{instance['name']}: {counted['errors'][0]}"
        return counted


def instances(data: Path, folder: str, checker: str) -> Instances:
    """The set in `folder` with `checker`, a file name without its ending.

    Raises:
        SystemExit: one of them is not there.
    """
    path = data / f"{checker}.py"
    for missing in (each for each in (data / folder, path) if not each.exists()):
        sys.exit(f"{missing} is not there; see benchmarks/README.md for what the data folder holds.")
    spec = importlib.util.spec_from_file_location(checker, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return Instances(data / folder, module.check)


def parser(description: str) -> argparse.ArgumentParser:
    """Options that all benchmarks over public instances share."""
    options = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, help="the folder of instances; else SLOTWRIGHT_DATA")
    options.add_argument("--only", nargs="+", metavar="NAME", help="only these instances")
    options.add_argument("--seconds", type=float, default=60.0, help="time for each instance and solver")
    options.add_argument("--workers", type=int, default=2, help="cores for each solver")
    return options


def data_folder(given: Path | None) -> Path:
    """Where the instances are.

    Raises:
        SystemExit: nobody said.
    """
    named = given or os.environ.get("SLOTWRIGHT_DATA")
    if not named:
        sys.exit(
            "The instances are not part of the repository: name their folder by --data or SLOTWRIGHT_DATA."
        )
    return Path(named)


def chosen(found: Sequence[str], only: Sequence[str] | None) -> list[str]:
    """The instances asked for.

    Raises:
        SystemExit: one of them does not exist.
    """
    for name in only or ():
        if name not in found:
            sys.exit(f"There is no instance {name}; there are {', '.join(found)}.")
    return list(only or found)


def row(*cells: object) -> None:
    """Print one row of a table, at once, as runs are long."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def heading(*cells: str) -> None:
    """Print the head of a table; cells that begin with a blank hold numbers."""
    row(*(cell.strip() for cell in cells))
    print("|" + "|".join("--:" if cell.startswith(" ") else "---" for cell in cells) + "|", flush=True)
