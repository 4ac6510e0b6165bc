"""Instances are found in a folder that is named, and judged by the checker that lies in it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

CHECK = """
def check(instance, solution):
    return {"held": solution["held"], "errors": ["too many"] if solution["held"] > instance["most"] else []}
"""


@pytest.fixture
def module(script: Callable[[str], ModuleType]) -> ModuleType:
    """benchmarks/instances.py."""
    return script("instances")


@pytest.fixture
def sets(module: ModuleType, fill: Callable[..., Path]) -> Any:
    """A set of one instance and of one file that is none."""
    data = fill("some", "check_some", CHECK, one={"format": "some-1", "name": "one", "most": 2}, published=[])
    return module.instances(data, "some", "check_some")


def test_names_are_instances(sets: Any) -> None:
    """What lies beside the instances is not one of them, but can be read."""
    assert ["one"] == sets.names()
    assert [] == sets.read("published")


def test_checker_counts(sets: Any) -> None:
    """Scores are those of the checker in the folder."""
    assert {"held": 2, "errors": []} == sets.score(sets.read("one"), {"held": 2})


def test_checker_refuses(sets: Any) -> None:
    """A solution in error gives no score, but the instance and the first error."""
    with pytest.raises(AssertionError, match="one: too many"):
        sets.score(sets.read("one"), {"held": 3})


def test_checker_leaves_no_trace(sets: Any) -> None:
    """Loading the checker writes nothing into the folder, which may be read-only."""
    assert ["check_some.py", "some"] == sorted(path.name for path in sets.folder.parent.iterdir())


def test_folder_by_option_or_environment(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option comes before the environment."""
    monkeypatch.setenv("SLOTWRIGHT_DATA", "/there")
    assert Path("/here") == module.data_folder(Path("/here"))
    assert Path("/there") == module.data_folder(None)


def test_nobody_named_a_folder(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says what to do."""
    monkeypatch.delenv("SLOTWRIGHT_DATA", raising=False)
    with pytest.raises(SystemExit, match=r"^The instances [^.]*by --data or SLOTWRIGHT_DATA\.$"):
        module.data_folder(None)


def test_set_or_checker_is_missing(module: ModuleType, sets: Any) -> None:
    """The path that is missing is named."""
    data = sets.folder.parent
    with pytest.raises(SystemExit, match=f"{data / 'other'} is not there"):
        module.instances(data, "other", "check_some")
    with pytest.raises(SystemExit, match=r"check_other\.py is not there"):
        module.instances(data, "some", "check_other")


def test_only_what_exists(module: ModuleType) -> None:
    """All instances unless some are named, and a name that is none is refused."""
    assert ["a", "b"] == module.chosen(["a", "b"], None)
    assert ["b"] == module.chosen(["a", "b"], ["b"])
    with pytest.raises(SystemExit, match="There is no instance c; there are a, b"):
        module.chosen(["a", "b"], ["c"])


def test_shared_options(module: ModuleType) -> None:
    """A minute and two cores unless said otherwise."""
    asked = module.parser("words").parse_args(["--only", "a", "b"])
    assert argparse.Namespace(data=None, only=["a", "b"], seconds=60.0, workers=2) == asked
