"""`slotwright check` as its users meet it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.check import check
from scheduler.errors import InputError

NINE = 540
PROBLEM: dict[str, Any] = {
    "start": 480,
    "end": 1020,
    "people": [{"key": "ann", "open": [[480, 1020]], "blocked": [[700, 760]]}],
    "loops": [
        {"key": "a", "sessions": [{"key": "x", "minutes": 60, "seats": [{"key": "lead", "pool": ["ann"]}]}]},
        {"key": "b", "sessions": [{"key": "y", "minutes": 60}], "priority": 3},
    ],
    "levels": [{"weights": {"unscheduled": 5}}, {"weights": {"earliness": 1, "worst_off": 2}}],
}


def _assigned(start: int) -> dict[str, Any]:
    return {"assignments": [{"loop": "a", "session": "x", "start": start, "people": {"lead": "ann"}}]}


def _run(folder: Path, problem: Any, plan: Any, *options: str) -> int:
    for name, value in (("problem", problem), ("plan", plan)):
        text = value if isinstance(value, str) else json.dumps(value)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    paths = [str(folder / "problem.json"), str(folder / "plan.json")]
    return int(check.main([*paths, *options], standalone_mode=False))


def test_lawful(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A lawful plan ends with 0, and each term is shown with what it costs."""
    assert 0 == _run(tmp_path, PROBLEM, _assigned(NINE))
    out = capsys.readouterr().out
    assert "Lawful: 1 session of 1 loop, 1 left out." in out
    rows = [[cell.strip() for cell in line.split("│")[1:6]] for line in out.splitlines() if "│" in line]
    assert ["1", "unscheduled", "3", "5", "15"] in rows
    assert ["2", "together", "", "", "6"] in rows
    assert ["", "load spread", "0", "", ""] not in rows


def test_unlawful(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan that breaks a rule ends with 1, and the rule is named with time, size and sentence."""
    assert 1 == _run(tmp_path, PROBLEM, _assigned(720))
    out = capsys.readouterr().out
    assert "Not lawful: 1 session of 1 loop, 1 rule broken once." in out
    for part in ("person_blocked", "1970-01-01 12:00–13:00", "40", "ann is blocked in 40 minutes of a/x."):
        assert part in out


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON says whether the plan is lawful, each violation, and the objective."""
    assert 1 == _run(tmp_path, PROBLEM, _assigned(720), "--json")
    values = json.loads(capsys.readouterr().out)
    assert values["lawful"] is False
    assert [("person_blocked", ["a/x", "ann"], {"start": 720, "end": 780}, 40)] == [
        (each["rule"], each["who"], each["when"], each["by"]) for each in values["violations"]
    ]
    assert [15, 15] == values["objective"]["levels"]
    assert 5 == values["objective"]["units"]["earliness"]


def test_plan_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan may be piped in."""
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(PROBLEM), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(_assigned(NINE))))
    assert 0 == check.main([str(path), "-"], standalone_mode=False)
    assert "Lawful" in capsys.readouterr().out


def test_time_outside_the_calendar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A time that no calendar writes is shown as its minute."""
    assert 1 == _run(tmp_path, PROBLEM, _assigned(2**40))
    assert f"minute {2**40}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("problem", "plan", "field", "sentence"),
    [
        ("{", {}, "problem", "is not JSON (EOF while parsing an object at line 1 column 1)"),
        (PROBLEM, "[]", "plan", "[] cannot be used: input should be an object"),
        ({**PROBLEM, "colour": 1}, {}, "problem.colour", "is not a known key"),
        (PROBLEM, {"assignment": []}, "plan.assignment", "is not a known key"),
        (PROBLEM, {"problem": 1}, "plan.problem", "is not a known key"),
        (
            PROBLEM,
            {"assignments": [{"loop": "a", "session": "x"}]},
            "plan.assignments.0.start",
            "is missing",
        ),
        (
            {**PROBLEM, "people": [{"key": "ann", "open": [[9, 9]]}]},
            {},
            "problem.people.0.open",
            "a span ends after it starts, not 9..9",
        ),
        (
            {**PROBLEM, "people": []},
            {},
            "problem.loops.0.sessions.0.seats.0.pool.0",
            "ann is none of the people",
        ),
        ({**PROBLEM, "version": 2}, {}, "problem.version", "2 cannot be used: input should be 1"),
    ],
)
def test_bad_input(tmp_path: Path, problem: Any, plan: Any, field: str, sentence: str) -> None:
    """A file that cannot be used is refused in one sentence that names the path; the command ends with 2."""
    with pytest.raises(InputError) as raised:
        _run(tmp_path, problem, plan)
    assert (field, sentence, 2) == (raised.value.field, raised.value.problem, raised.value.exit_code)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(InputError, match=r"problem: .*nowhere\.json cannot be read"):
        check.main([str(tmp_path / "nowhere.json"), "plan.json"], standalone_mode=False)
