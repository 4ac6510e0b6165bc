"""What the documentation of scheduler.testing shows is run, and what it lists is complete."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

import scheduler.testing
from scheduler.testing import plugin, strategies
from scheduler.testing.laws import LAWS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(scheduler.testing.__path__, "scheduler.testing.")
)


def test_the_examples_in_docstrings_are_true() -> None:
    """Every `>>>` in the package."""
    ran = {name: doctest.testmod(importlib.import_module(name)) for name in MODULES}
    assert {} == {name: result for name, result in ran.items() if result.failed}
    with_examples = {
        name.removeprefix("scheduler.testing.") for name, result in ran.items() if result.attempted
    }
    assert {"clocks", "laws", "oracle", "ours", "payloads", "strategies", "vocabulary"} <= with_examples


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_examples_on_the_page_run(block: str) -> None:
    """Programs are run, then what pytest would collect from them."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(block, "docs/testing.md", "exec"), names)  # noqa: S102 - our own page
    for name, value in names.items():
        if name.startswith("test_"):
            value()
        elif name.startswith("Test"):
            value.max_examples = 1
            for law in LAWS:
                getattr(value(), f"test_{law.name}")()


def test_the_page_lists_everything() -> None:
    """Every law with its own sentence, every strategy, every fixture."""
    laws = [f"| `{law.name}` | {law.says} |" for law in LAWS]
    drawn = [f"`{name}`" for name in strategies.__all__ if name.islower()]
    fixtures = [f"| `{name}` |" for name in vars(plugin) if name.startswith("graph_")]
    assert [] == [each for each in (*laws, *drawn, *fixtures) if each not in PAGE]


def test_links_lead_somewhere() -> None:
    """Every relative link of the page names a file of this repository."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", PAGE) if not link.startswith("http")]
    assert [] == [link for link in links if not (ROOT / "docs" / link).exists()]
