"""Requests as people write them: what is understood, and one clear sentence for what is not."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.errors import InputError
from scheduler.planning.request import make_request, read_request

GOOD: dict[str, Any] = {
    "people": ["Ana@X.example", {"address": "bo@x.example", "required": False}],
    "minutes": 60,
    "between": "2026-11-23",
    "and": "2026-11-24",
    "zone": "UTC",
}


def test_a_person_may_be_a_bare_address() -> None:
    """Addresses are folded to lower case, because Exchange does not tell case apart."""
    people = make_request(GOOD).people
    assert [("ana@x.example", True), ("bo@x.example", False)] == [
        (each.address, each.required) for each in people
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minutes": 0}, "^minutes: 0 cannot be used: input should be greater than or equal to 5"),
        ({"minutes": 100_000}, "^minutes: 100000 cannot be used: input should be less than or equal to 720"),
        ({"minutes": "an hour"}, "^minutes: 'an hour' cannot be used"),
        ({"people": []}, "^people: "),
        ({"people": ["nobody"]}, r"^people\.0\.address: 'nobody' is not an e-mail address"),
        ({"people": ["a@x.example", "A@x.example"]}, r"a@x\.example is named twice"),
        ({"colour": "blue"}, "^colour: is not a known key"),
        ({"room": {"chairs": 4}}, r"^room\.chairs: is not a known key"),
        ({"room": {"seats": 0}}, r"^room\.seats: 0 cannot be used"),
        (
            {"hours": {"from": "17:00", "to": "17:00"}},
            "^hours: hours from 17:00 to 17:00 may mean a whole day or",
        ),
        ({"candidate": {"address": "x"}}, r"^candidate\.address: 'x' is not an e-mail address"),
        ({"weights": {"earliness": -1}}, r"^weights\.earliness: -1 cannot be used"),
        ({"grid": 0}, "^grid: 0 cannot be used"),
        ({"grid": 7}, "^grid: 7 minutes do not divide a day evenly"),
    ],
)
def test_what_cannot_be_used_is_named(changes: dict[str, Any], message: str) -> None:
    """The path of the field, its value, and where to look."""
    with pytest.raises(InputError, match=message) as refused:
        make_request({**GOOD, **changes})
    assert "slotwright schema request" in str(refused.value)


def test_a_missing_key_is_named() -> None:
    """Nothing essential has a silent default."""
    without = {key: value for key, value in GOOD.items() if key != "zone"}
    with pytest.raises(InputError, match=r"^zone: is missing"):
        make_request(without)


@pytest.mark.parametrize(("text", "message"), [("{", "line 1, column 2"), ("[]", "is not a JSON object")])
def test_text_that_is_no_request(text: str, message: str) -> None:
    """Broken JSON is located, and another document is refused."""
    with pytest.raises(InputError, match=message):
        read_request(text)
