"""$filter: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.emulator.envelope import GraphFailure
from scheduler.emulator.filters import predicate

ITEM = {
    "name": "Room A",
    "size": 8,
    "open": True,
    "note": None,
    "start": {"dateTime": "2026-03-02T09:00:00.0000000"},
    "tags": ["quiet", "o'clock"],
    "props": [{"id": "x", "value": "1"}, {"id": "y", "value": "2"}],
}
ALLOWED = ("name", "size", "open", "note", "start/dateTime", "tags", "props")


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("name eq 'ROOM a'", True),
        ("name ne 'Room A'", False),
        ("size ge 8 and size lt 9", True),
        ("size gt 8 or open eq true", True),
        ("not (size eq 8)", False),
        ("note eq null", True),
        ("note gt 3", False),
        ("start/dateTime ge '2026-03-02T09:00:00Z'", True),
        ("start/dateTime lt 2026-03-02T09:00:00", False),
        ("startswith(name,'room')", True),
        ("contains(name, 'b')", False),
        ("tags/any(t:t eq 'o''clock')", True),
        ("props/any(p: p/id eq 'x' and p/value eq '1')", True),
        ("props/any(p: p/id eq 'x' and p/value eq '2')", False),
        ("name eq 'x' or size eq 8 and open eq true", True),
    ],
)
def test_filter_lets_through(text: str, passes: bool) -> None:  # noqa: FBT001 - a parameter of a case
    """Comparisons, words, parentheses and lambdas mean what OData says."""
    assert passes == predicate(text, ALLOWED)(ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name eq",
        "secret eq 1",
        "name eq 'x' and",
        "name like 'x'",
        "secret/any(s: s eq 1)",
        "name eq 'x')",
    ],
)
def test_filter_is_refused(text: str) -> None:
    """What cannot be read or may not be filtered by is a 400, never ignored."""
    with pytest.raises(GraphFailure) as caught:
        predicate(text, ALLOWED)(ITEM)
    assert 400 == caught.value.status


def test_incomparable_values_are_refused() -> None:
    """A number is not compared with text."""
    with pytest.raises(GraphFailure):
        predicate("size gt 'x'", ALLOWED)(ITEM)


def test_lambda_variable_has_any_name() -> None:
    """The name of the variable does not matter."""
    wanted: Any = [predicate(f"props/any({v}:{v}/id eq 'y')", ALLOWED)(ITEM) for v in ("a", "ep", "prop_1")]
    assert [True] * 3 == wanted
