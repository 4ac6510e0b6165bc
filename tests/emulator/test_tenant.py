"""The tenant file: readable, strict, and with sentences that name what is wrong."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from scheduler.emulator import Tenant, TenantFileError, load_tenant

GOOD = """
id: 6f1c2a1e-0000-4000-8000-000000000001
domain: contoso.example
apps:
  - client_id: "1"
    secret: s
    grants: [{role: Calendars.Read, over: [ana@contoso.example]}]
people:
  - address: ana@contoso.example
    time_zone: W. Europe Standard Time
    working_hours: {start: 10:00, end: 17:30}
    events:
      - {start: 2026-03-02T10:00, end: 2026-03-02 11:00:00}
"""


def write(folder: Path, text: str, name: str = "tenant.yaml") -> Path:
    """A tenant file."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_yaml_and_json_are_the_same(tmp_path: Path) -> None:
    """Times of day are read as such, not as YAML's base-60 numbers, and a dump is a file again."""
    tenant = load_tenant(write(tmp_path, GOOD))
    hours = tenant.people[0].working_hours
    assert hours is not None
    assert (time(10), time(17, 30)) == (hours.start, hours.end)
    assert tenant == load_tenant(write(tmp_path, tenant.model_dump_json(), "tenant.json"))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("time_zone:", "time_zon:", "people[0].time_zon is not a known key."),
        ("{start: 10:00", "{starts: 10:00", "people[0].working_hours.starts is not a known key."),
        ("W. Europe Standard Time", "Mars Time", "neither a Windows nor an IANA time zone"),
        ("over: [ana@", "over: [bob@", "apps[0].grants[0].over names bob@contoso.example"),
        ("Calendars.Read,", "Calendars.Reed,", "apps[0].grants[0].role"),
        ("end: 2026-03-02 11:00:00", "end: 2026-03-02 10:00:00", "end must be after start"),
        ("address: ana@contoso.example", "address: ana", "'ana' is not an e-mail address"),
        ("id: 6f1c2a1e", "id: [6f1c2a1e", "cannot be parsed"),
    ],
)
def test_problems_are_named(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """A mistake is refused with the path of the key or the value at fault."""
    assert old in GOOD
    with pytest.raises(TenantFileError) as caught:
        load_tenant(write(tmp_path, GOOD.replace(old, new, 1)))
    assert sentence in str(caught.value)


def test_addresses_are_unique(tmp_path: Path) -> None:
    """Two holders of one address are refused, whatever their case."""
    twice = GOOD + "rooms: [{address: ANA@contoso.example}]\n"
    with pytest.raises(
        TenantFileError, match=r"rooms\[0\].address repeats the address of people\[0\].address"
    ):
        load_tenant(write(tmp_path, twice))


def test_schema_is_published() -> None:
    """The JSON Schema refuses unknown keys too."""
    schema = Tenant.model_json_schema()
    assert schema["additionalProperties"] is False
    assert {"apps", "people", "rooms", "options"} <= set(schema["properties"])
