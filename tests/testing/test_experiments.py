"""The table of experiments: what tests count of themselves, also in other processes, and who is chosen."""

from __future__ import annotations

import json

import pytest

pytest_plugins = ["pytester"]

TABLE = ("-p", "scheduler.testing.experiments", "--experiment-report", "table.json", "-n")
TESTS = """
import pytest

@pytest.mark.experiment("R-01", "nobody sits on two chairs")
@pytest.mark.parametrize("trials", [100, 200])
def test_it(tally, trials):
    tally.tried(trials)
    tally.counted("chairs", 2)
    assert [] == tally.violations

@pytest.mark.experiment("R-01", "one chair is missing", control=True)
def test_control(tally):
    tally.tried(4)
    tally.violated("two on one", "two on one")
    assert tally.violations

@pytest.mark.long
@pytest.mark.experiment("R-02", "for long")
def test_long(tally):
    tally.tried()
    tally.violated("fell off")
    assert [] == tally.violations

@pytest.mark.nightly
@pytest.mark.experiment("R-02", "for very long")
def test_very_long(tally):
    tally.tried(1000)

def test_plain():
    pass
"""


@pytest.fixture
def tests(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with four tests of experiments and a plain one."""
    pytester.makeini("[pytest]\naddopts = -m 'not long and not nightly'\nmarkers =\n  long\n  nightly\n")
    pytester.makepyfile(TESTS)
    return pytester


@pytest.mark.parametrize("processes", ["0", pytest.param("2", marks=pytest.mark.campaign)])
def test_a_table_says_what_was_tried_and_bounds_the_rate(tests: pytest.Pytester, processes: str) -> None:
    """Tests of one experiment that show the same add up, whichever process ran them; a control stands apart."""
    result = tests.runpytest(
        "-p", "scheduler.testing.experiments", "-n", processes, "--experiment-report", "table.json"
    )
    result.assert_outcomes(passed=4, deselected=2 if processes == "0" else 0)
    result.stdout.fnmatch_lines(
        [
            "R-01",
            "*nobody sits on two chairs * 300 trials * 0 violations  at most 1.000%*chairs 4",
            "*control: one chair is missing * 4 trials * 2 violations  as it must*",
        ]
    )
    table = json.loads((tests.path / "table.json").read_text())
    assert [(300, 0, 0.01, False), (4, 2, None, True)] == [
        (row["trials"], row["violations"], row["bound"], row["control"]) for row in table
    ]


def test_an_experiment_is_run_whole_but_for_its_nights(tests: pytest.Pytester) -> None:
    """`--experiment` chooses what other options leave out; a violation has no bound and fails the test."""
    result = tests.runpytest("-p", "scheduler.testing.experiments", "-n", "0", "--experiment", "R-02")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(["*for long * 1 trials * 1 violations *1 FAILED"])


def test_a_night_is_chosen_by_its_marker(tests: pytest.Pytester) -> None:
    """`-m` still says which tiers are run."""
    result = tests.runpytest(
        "-p", "scheduler.testing.experiments", "-n", "0", "--experiment", "R-02", "-m", "nightly"
    )
    result.assert_outcomes(passed=1, deselected=5)


def test_an_unknown_experiment_is_named(tests: pytest.Pytester) -> None:
    """Nothing is run, and those there are are told."""
    result = tests.runpytest("-p", "scheduler.testing.experiments", "-n", "0", "--experiment", "R-99")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*there is no R-99; use one of R-01, R-02"])
