"""The table of shapes agrees with Microsoft's own client, which is generated from the metadata of Graph v1.0."""

from __future__ import annotations

import importlib
import re
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import yaml

SHAPES: dict[str, Any] = yaml.safe_load(
    Path(__file__).parents[1].joinpath("shapes.yaml").read_text(encoding="utf-8")
)


def generated(name: str) -> Any:
    """The SDK's class of a type."""
    module = re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
    found = importlib.import_module(f"msgraph.generated.models.{module}")
    return getattr(found, name[0].upper() + name[1:])


@pytest.mark.parametrize("name", SHAPES["enums"])
@pytest.mark.campaign
def test_members(name: str) -> None:
    """Each enum has the members of the SDK's; those it adds for what is yet to come may be left out."""
    cls = generated(name)
    assert issubclass(cls, Enum)
    theirs = {member.value for member in cls}
    ours = set(SHAPES["enums"][name])
    assert ours <= theirs
    assert theirs - ours <= {"unknownFutureValue"}


@pytest.mark.parametrize("name", SHAPES["types"])
@pytest.mark.campaign
def test_properties(name: str) -> None:
    """Each property of the table is one of the SDK's type."""
    known = {property_.split()[0] for property_ in SHAPES["types"][name].split(",")}
    assert set() == known - set(generated(name)().get_field_deserializers())
