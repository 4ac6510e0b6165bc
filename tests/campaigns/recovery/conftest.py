"""The benchmark of recovery, whose deaths are used here too."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="session")
def recovery() -> Iterator[ModuleType]:
    """The script as a module, with its own folder on the path as when it is run."""
    sys.path.insert(0, str(SCRIPTS))
    yield importlib.import_module("recovery")
    sys.path.remove(str(SCRIPTS))
