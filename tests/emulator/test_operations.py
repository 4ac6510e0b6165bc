"""The table of operations: what it says is what is answered, and what the document shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scheduler.emulator.operations import OPERATIONS
from scheduler.emulator.table import BEGIN, END, drawing, redrawn

DOCUMENT = Path(__file__).parents[2] / "docs" / "emulator.md"
REFUSED = [operation for operation in OPERATIONS if operation.refusal]


def test_the_document_is_up_to_date() -> None:
    """What is there is drawn from today's table; `python -m scheduler.emulator.table docs/emulator.md` does it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert redrawn(text) == text


def test_every_operation_is_drawn() -> None:
    """The drawing leaves no operation out."""
    text = drawing()
    for operation in OPERATIONS:
        path = operation.rule.replace("<", "{").replace(">", "}")
        assert f"`{operation.method} {path}`" in text


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_a_document_without_a_place_for_it(text: str) -> None:
    """Nothing is guessed about where the drawing belongs."""
    with pytest.raises(ValueError, match="each of the two marks once"):
        redrawn(text)


@pytest.mark.parametrize("operation", REFUSED, ids=lambda operation: operation.name)
def test_what_is_refused(client: Any, operation: Any) -> None:
    """A refused operation answers with the status that its row names, and is journalled by its name."""
    path = operation.rule.replace("<user>", "ana@contoso.example").replace("<event_id>", "AAMkx=")
    answer = client.http.request(operation.method, path.lstrip("/"), json={})
    assert str(answer.status_code) in operation.refusal
    assert operation.name == client.emulator.journal.requests[-1].operation
    assert answer.json()["error"]["message"]


def test_the_controls_tell_it(client: Any) -> None:
    """GET /emulator/operations has every operation, the refused ones with why."""
    told = client.http.get("https://graph.emulated.test/emulator/operations").json()["operations"]
    assert len(OPERATIONS) == len(told)
    assert {one.name for one in REFUSED} == {one["name"] for one in told if one["refused"]}


def test_no_two_operations_share_a_request() -> None:
    """One request is one operation."""
    assert len(OPERATIONS) == len({(one.method, one.rule) for one in OPERATIONS})
