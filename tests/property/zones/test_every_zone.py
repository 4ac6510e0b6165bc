"""The comparison of every zone with the standard library, on samples, and whether it would notice mistakes."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scheduler.zones import Zone, find_zone
from solvers.timeline import Span

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "every_zone.py"
YEAR_2026 = Span(29_453_760, 29_979_360)
TEN = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "Antarctica/Troll",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Newfoundland Standard Time",
    "Pacific/Apia",
    "Pacific/Chatham",
]


@pytest.fixture(scope="module")
def script() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("every_zone", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Wrong:
    """A clock with a mistake of the kind that calendars are known for."""

    zone: Any
    span: Span
    mistake: str

    @property
    def key(self) -> str:
        return str(self.zone.key)

    def offset_at(self, minute: int) -> int:
        match self.mistake:
            case "the offset at the start of the window, all days":
                return int(self.zone.offset_at(self.span.start))
            case "changes a minute late":
                return int(self.zone.offset_at(minute - 1))
            case "never changes":
                january = self.zone.offset_at(YEAR_2026.start)
                return int(january)
            case mistake:
                raise AssertionError(mistake)


@pytest.mark.campaign
def test_ten_zones(script: Any) -> None:
    """In ten zones of every kind, the day that Apia jumped over included, nothing differs in 2026."""
    counts = script.compare(TEN, years=YEAR_2026)
    assert [] == counts.told
    assert (10, 0) == (counts.names, counts.differences)
    assert counts.changes == 20
    assert counts.slots > 100_000
    assert counts.offered > 20_000


@pytest.mark.parametrize(
    "mistake",
    ["the offset at the start of the window, all days", "changes a minute late", "never changes"],
)
def test_mistakes_are_noticed(script: Any, mistake: str) -> None:
    """A clock with a classical mistake differs in readings, meanings, hours and slots, and each is told."""

    def wrong(name: str, span: Span) -> Zone:
        return Wrong(find_zone(name), span, mistake)

    counts = script.compare(["Europe/Amsterdam"], years=YEAR_2026, zone_of=wrong)
    assert counts.differences > 10
    told = " ".join(counts.told)
    assert "Europe/Amsterdam: at 2026-03-29T01:00Z zoneinfo shows 2026-03-29T03:00, we show" in told


@pytest.mark.parametrize(
    "kind", ["changes of the clock", ", hours ", ", starts every", ", slots of", " means "]
)
def test_every_check_notices(script: Any, kind: str) -> None:
    """Each part of the comparison by itself sees a clock that keeps the offset of the window's start."""

    def wrong(name: str, span: Span) -> Zone:
        return Wrong(find_zone(name), span, "the offset at the start of the window, all days")

    counts = script.Counts()
    days = script.Days(script.clock_of("Europe/Amsterdam"), 29_579_100)
    zone = wrong("Europe/Amsterdam", days.window)
    match kind:
        case "changes of the clock":
            counts = script.compare(["Europe/Amsterdam"], years=YEAR_2026, zone_of=wrong)
        case " means ":
            script.check_meanings(counts, "Europe/Amsterdam", zone, days)
        case ", hours ":
            script.check_hours(counts, "Europe/Amsterdam", zone, days)
        case _:
            script.check_slots(counts, "Europe/Amsterdam", zone, days, wrong)
    assert [told for told in counts.told if kind in told]


def test_from_the_command_line(script: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It prints what was compared and ends with 0, or with 1 and the first difference in a sentence."""
    monkeypatch.setattr(script, "NOTABLE", ("Asia/Kolkata", "Europe/London"))
    assert 0 == script.main(["--zones", "1", "--quiet"])
    printed = capsys.readouterr().out
    assert "zones             1 IANA, 0 Windows names" in printed
    assert "differences       0" in printed

    def wrong(name: str, span: Span) -> Zone:
        return Wrong(find_zone(name), span, "never changes")

    monkeypatch.setattr(script, "our_zone", wrong)
    monkeypatch.setattr(script, "sample", lambda _: ["Europe/London"])
    assert 1 == script.main(["--zones", "1", "--quiet"])
    first = "Europe/London, changes of the clock: of 2026-03-29T01:00Z zoneinfo says yes and we no."
    assert f"First difference: {first}" in capsys.readouterr().out


def test_samples(script: Any) -> None:
    """A sample is the same each time, as long as asked for, without doubles, and within all names."""
    names = script.all_names()
    assert len(names) == len(set(names)) > 700
    for count in (1, 10, 60, len(names)):
        assert script.sample(count) == script.sample(count)
        assert count == len(set(script.sample(count)) & set(names))


@pytest.mark.campaign
def test_three_hundred_names(script: Any) -> None:
    """In three hundred zones and Windows names nothing differs in 2026 to 2028."""
    counts = script.compare(script.sample(300))
    assert [] == counts.told
    assert counts.slots > 1_000_000
