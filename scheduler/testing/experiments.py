"""A pytest plugin for experiments: tests that try something many times and owe an account of it.

A test is marked with the experiment that it belongs to and what it shows, and counts what it does:

    @pytest.mark.experiment("R-05", "every fault on every call")
    def test_matrix(tally):
        ...
        tally.tried()
        tally.violated("the room was booked twice")
        assert [] == tally.violations

At the end of a run a table says of each experiment how often it was tried and what was violated. No violation in n
independent trials bounds the rate at 3/n with 95 % confidence (the rule of three). A negative control, which shows
that the experiment could have failed, is marked with `control=True` and has to find violations.

`--experiment NAME` runs all tests of an experiment, those of a longer tier included but for `nightly`, which `-m`
chooses as always; `--experiment-report FILE` writes the table as JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PROPERTY = "experiment"


class Tally:
    """What a test counts of itself."""

    def __init__(self) -> None:
        self.trials = 0
        self.violations: list[str] = []
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []

    def tried(self, times: int = 1) -> None:
        """So many trials more were made."""
        self.trials += times

    def violated(self, *what: str) -> None:
        """A trial showed these violations; none is fine."""
        self.violations += what

    def counted(self, name: str, times: int = 1) -> None:
        """Something worth telling happened so often."""
        self.counts[name] += times

    def noted(self, text: str) -> None:
        """A line of figures that do not add up, such as how long it took."""
        self.notes.append(text)


@dataclass(slots=True)
class Row:
    """What all tests of an experiment that show the same thing came to."""

    experiment: str
    what: str
    control: bool
    trials: int = 0
    violations: int = 0
    failed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, said: dict[str, Any], *, failed: bool) -> None:
        """Add what one test said of itself."""
        self.trials += said["trials"]
        self.violations += said["violations"]
        self.failed += failed
        self.counts.update(said["counts"])
        self.notes += said["notes"]

    @property
    def bound(self) -> float | None:
        """The rate that is not exceeded with 95 % confidence; None where something was violated or nothing tried."""
        return min(1.0, 3 / self.trials) if self.trials and not self.violations else None

    def line(self) -> str:
        """The row for people."""
        found = f"{self.trials:>9,} trials {self.violations:>6,} violations"
        if self.control:
            verdict = "as it must" if self.violations else "NOTHING FOUND"
        else:
            verdict = "" if self.bound is None else f"at most {self.bound:.3%}"
        counts = ", ".join(f"{name} {count:,}" for name, count in sorted(self.counts.items()))
        named = f"{'control: ' if self.control else ''}{self.what}"
        broken = f"{self.failed} FAILED" if self.failed else ""
        return "  ".join(part for part in (f"{named:<58}", found, f"{verdict:<15}", counts, broken) if part)

    def value(self) -> dict[str, Any]:
        """The row for machines."""
        return {
            "experiment": self.experiment,
            "what": self.what,
            "control": self.control,
            "trials": self.trials,
            "violations": self.violations,
            "bound": self.bound,
            "failed": self.failed,
            "counts": dict(sorted(self.counts.items())),
            "notes": sorted(self.notes),
        }


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("experiments")
    group.addoption(
        "--experiment", action="append", default=[], metavar="NAME", help="run all tests of this experiment"
    )
    group.addoption(
        "--experiment-report", type=Path, metavar="FILE", help="write the experiments' table as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; a chosen experiment is run whole where no tier was asked for."""
    config.addinivalue_line(
        "markers",
        "experiment(name, what, control=False): belongs to an experiment, whose table it fills by `tally`",
    )
    if config.option.experiment and config.option.markexpr in config.getini("addopts"):
        config.option.markexpr = "not nightly"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what belongs to no chosen experiment."""
    wanted = set(config.option.experiment)
    if not wanted:
        return
    names = {mark.args[0] for item in items for mark in item.iter_markers("experiment")}
    if unknown := wanted - names:
        raise pytest.UsageError(
            f"--experiment: there is no {', '.join(sorted(unknown))}; use one of {', '.join(sorted(names))}"
        )
    chosen = [
        item for item in items if any(mark.args[0] in wanted for mark in item.iter_markers("experiment"))
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """What this test counts for the table of its experiment."""
    counted = Tally()
    request.node.stash[_TALLY] = counted
    return counted


_TALLY = pytest.StashKey[Tally]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send along what the test counted, also from another process."""
    report = yield
    counted = item.stash.get(_TALLY, None)
    mark = item.get_closest_marker("experiment")
    if report.when == "call" and counted is not None and mark is not None:
        said = {
            "experiment": mark.args[0],
            "what": mark.args[1],
            "control": mark.kwargs.get("control", False),
            "trials": counted.trials,
            "violations": len(counted.violations),
            "counts": dict(counted.counts),
            "notes": counted.notes,
        }
        report.user_properties.append((PROPERTY, said))
    return report


def rows(reports: Iterable[Any]) -> list[Row]:
    """The table of these reports, by experiment; controls follow what they are for."""
    found: dict[tuple[str, bool, str], Row] = {}
    for report in reports:
        for name, said in report.user_properties:
            if name == PROPERTY:
                key = said["experiment"], said["control"], said["what"]
                row = found.setdefault(key, Row(said["experiment"], said["what"], said["control"]))
                row.add(said, failed=report.failed)
    return [found[key] for key in sorted(found)]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table."""
    reports = [
        each
        for key in ("passed", "failed")
        for each in terminalreporter.getreports(key)
        if each.when == "call"
    ]
    table = rows(reports)
    if config.option.experiment_report is not None:
        config.option.experiment_report.write_text(
            json.dumps([row.value() for row in table], indent=1) + "\n"
        )
    if not table:
        return
    terminalreporter.section("experiments")
    heading = ""
    for row in table:
        if row.experiment != heading:
            heading = row.experiment
            terminalreporter.write_line(heading, bold=True)
        for line in (row.line(), *(f"  {note}" for note in sorted(row.notes))):
            terminalreporter.write_line(f"  {line}")
