"""`slotwright solve` as its users meet it: a lawful plan, a proof in words, and one sentence for mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.main import main

PROBLEM: dict[str, Any] = {
    "start": 0,
    "end": 1440,
    "people": [
        {"key": "ana", "open": [[540, 1020]]},
        {"key": "ben", "open": [[540, 1020]], "soft": [[600, 660]]},
    ],
    "rooms": [{"key": "singel", "open": [[0, 1440]], "seats": 4}],
    "loops": [
        {
            "key": "sam",
            "meets_once": True,
            "sessions": [
                {
                    "key": key,
                    "minutes": 60,
                    "grid": 15,
                    "seats": [{"key": "lead", "pool": ["ana", "ben"]}],
                    "room": {},
                }
                for key in ("coding", "design")
            ],
        }
    ],
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`slotwright` in an empty folder, with the problem as problem.json."""
    monkeypatch.chdir(tmp_path)
    Path("problem.json").write_text(json.dumps(PROBLEM))

    def ran(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return ran


def test_the_plan_is_proved_and_lawful(run: Run) -> None:
    """What solve writes, check accepts, with the same costs."""
    code, out, _ = run("solve", "problem.json", "-o", "plan.json", "--workers", "1")
    assert (0, True) == (code, "optimal, proved in" in out)
    assert "1 of 1 loop scheduled" in out
    code, out, _ = run("check", "problem.json", "plan.json", "--json")
    assert (0, True) == (code, json.loads(out)["lawful"])


def test_the_same_seed_gives_the_same_plan(run: Run) -> None:
    """One worker and a seed make a plan file that does not change."""
    for name in ("one.json", "other.json"):
        run("solve", "problem.json", "-o", name, "--workers", "1", "--seed", "7")
    assert Path("one.json").read_bytes() == Path("other.json").read_bytes()


def test_an_impossible_problem(run: Run) -> None:
    """A mandatory candidate nobody has time for: no plan, proved, exit code 1."""
    loops = [{**PROBLEM["loops"][0], "mandatory": True, "available": [[0, 60]]}]
    Path("problem.json").write_text(json.dumps({**PROBLEM, "loops": loops}))
    code, out, _ = run("solve", "problem.json")
    assert (1, True) == (code, "no lawful plan exists" in out)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "blue"}, "problem.colour: is not a known key"),
        ({"end": 0}, "problem: the horizon ends after it starts"),
        ({"loops": []}, "problem.loops: "),
        (
            {"levels": [{"weights": {"earliness": -1}}]},
            "problem.levels.0.weights.earliness: -1 cannot be used",
        ),
    ],
)
def test_bad_problems(run: Run, changes: dict[str, Any], message: str) -> None:
    """Exit code 2 and one sentence that names the path."""
    Path("problem.json").write_text(json.dumps({**PROBLEM, **changes}))
    code, out, err = run("solve", "problem.json")
    assert (2, "", 1) == (code, out, err.count("\n"))
    assert message in err


def test_numbers_beyond_the_solver(run: Run) -> None:
    """Prices whose sums leave 64 bits are refused in words, not with a traceback."""
    session = {**PROBLEM["loops"][0]["sessions"][0], "start_costs": [[0, 1440, 10**9]] * 20}
    loops = [{**PROBLEM["loops"][0], "sessions": [session]}]
    levels = [{"weights": {"start_cost": 10**9, "unscheduled": 10**9}}]
    Path("problem.json").write_text(json.dumps({**PROBLEM, "loops": loops, "levels": levels}))
    code, out, err = run("solve", "problem.json")
    assert (2, "", True) == (code, out, "problem: level 1 could cost 2.0e+19" in err)
