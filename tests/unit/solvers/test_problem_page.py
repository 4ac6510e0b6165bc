"""What docs/problem.md shows is run, and what it lists is complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from solvers import problem
from solvers.check import RULES
from solvers.problem import TERMS, Frozen

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "problem.md").read_text(encoding="utf-8")
PARTS = [
    part
    for part in vars(problem).values()
    if isinstance(part, type) and issubclass(part, Frozen) and part is not Frozen
]


def test_the_examples_run() -> None:
    """The programs of the page are run one after another, as they build on each other."""
    names: dict[str, Any] = {"__name__": "example"}
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "docs/problem.md", "exec"), names)  # noqa: S102 - our own page


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_field_is_listed(part: type[Frozen]) -> None:
    """The row of a part names each of its fields, but its key and what its row says it shares with a person's."""
    (row,) = re.findall(rf"^\| `{part.__name__}` \|(.*)\|$", PAGE, flags=re.MULTILINE)
    shared = set(problem.Person.model_fields) if "like a person's" in row else set()
    assert [] == [
        field for field in part.model_fields if f"`{field}`" not in row and field not in {"key", *shared}
    ]


def test_every_rule_and_term_is_listed() -> None:
    """No rule of a lawful plan and no term of the objective is left out."""
    assert [] == [name for name in (*RULES, *TERMS) if f"`{name}`" not in PAGE]


def test_links_lead_somewhere() -> None:
    """Every relative link of the page names a file of this repository."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", PAGE) if not link.startswith("http")]
    assert [] == [link for link in links if not (ROOT / "docs" / link).exists()]
