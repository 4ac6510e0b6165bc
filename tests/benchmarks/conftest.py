"""The benchmark scripts as modules, and data folders like the one they read."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "benchmarks"

Fill = Callable[..., Path]


@pytest.fixture(scope="session")
def script() -> Iterator[Callable[[str], ModuleType]]:
    """Import a script by its name, with its own folder on the path as when it is run."""
    sys.path.insert(0, str(SCRIPTS))
    yield importlib.import_module
    sys.path.remove(str(SCRIPTS))


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Make a data folder of one set: its name, the checker's name and code, and instances by name."""

    def fill(folder: str, checker: str, code: str, **instances: Any) -> Path:
        (tmp_path / f"{checker}.py").write_text(code)
        (tmp_path / folder).mkdir()
        for name, instance in instances.items():
            (tmp_path / folder / f"{name}.json").write_text(json.dumps(instance))
        return tmp_path

    return fill
