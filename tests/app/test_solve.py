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


def _only_thursday(*, mandatory: bool) -> dict[str, Any]:
    """Ana is busy and ben away on the only day that sam offers; kim fits in any case."""
    session = {"key": "design", "minutes": 60, "grid": 30, "seats": [{"key": "lead", "pool": ["ana", "ben"]}]}
    kim = {**session, "key": "coding", "seats": [{"key": "lead", "pool": ["cas", "ben"]}]}
    return {
        "start": 0,
        "end": 4320,
        "people": [
            {"key": key, "open": [[540, 1020], [1980, 2460]], "blocked": blocked}
            for key, blocked in (("ana", [[540, 720], [720, 1020]]), ("ben", [[0, 2880]]), ("cas", []))
        ],
        "loops": [
            {"key": "sam", "sessions": [session], "available": [[480, 1080]], "mandatory": mandatory},
            {"key": "kim", "sessions": [kim]},
        ],
    }


@pytest.mark.parametrize("mandatory", [False, True])
def test_why_and_what_would_help(run: Run, *, mandatory: bool) -> None:
    """A candidate who cannot be scheduled is explained, whether the plan is without them or there is none."""
    Path("problem.json").write_text(json.dumps(_only_thursday(mandatory=mandatory)))
    code, out, _ = run("solve", "problem.json", "--workers", "1")
    assert int(mandatory) == code
    assert (
        "Why sam cannot be scheduled:\n"
        "- sam/design needs ana or ben.\n"
        "- only Thursday 1970-01-01 08:00–18:00 UTC is inside sam's times.\n"
        "- ana and ben are busy all Thursday 1970-01-01.\n"
    ) in out
    assert "ana frees Thursday 1970-01-01 09:00–10:00 UTC: opens 1 start\n" in out
    assert "sam offers Friday 1970-01-02 as well: opens 15 starts\n" in out


def test_the_ask_that_opens_most(run: Run) -> None:
    """For several candidates who are left out, the hour that would let most of them in is named."""
    problem = _only_thursday(mandatory=False)
    sam = problem["loops"][0]
    problem["loops"] = [sam, {**sam, "key": "lee"}]
    Path("problem.json").write_text(json.dumps(problem))
    _, out, _ = run("solve", "problem.json", "--workers", "1")
    assert "- if ana frees Thursday 1970-01-01 09:00–10:00 UTC, sam and lee would fit, with 2 starts\n" in out


def test_explanations_as_json(run: Run) -> None:
    """The verdict stays as it is and gains what is explained; without time for it nothing is."""
    Path("problem.json").write_text(json.dumps(_only_thursday(mandatory=False)))
    _, out, _ = run("solve", "problem.json", "--json", "--workers", "1", "-o", "plan.json")
    values = json.loads(out)
    assert json.loads(Path("plan.json").read_text()) == values["plan"]
    (told,) = values["explanations"]["loops"]
    assert (["sam"], True) == (told["loops"], told["conflict"]["minimal"])
    assert {"sentence", "changes", "price", "opens", "plan"} <= told["remedies"][0].keys()
    _, out, _ = run("solve", "problem.json", "--json", "--explain-limit", "0")
    assert {"loops": [], "asks": [], "unexplained": []} == json.loads(out)["explanations"]
    _, out, _ = run("solve", "problem.json", "--explain-limit", "0.001")
    assert "not explained in time: sam; allow more with --explain-limit" in out


def test_a_limit_of_work(run: Run) -> None:
    """With hardly any work allowed the search ends early, however many seconds are left."""
    code, out, _ = run(
        "solve", "problem.json", "--workers", "1", "--work", "0.0000001", "--explain-limit", "0"
    )
    assert (1, True) == (code, "unknown: neither a plan nor a proof" in out)


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
