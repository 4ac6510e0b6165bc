"""Bad problems and plans as `solve` and `check` meet them: one sentence that names the path, and exit code 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.main import main

DAY = [[0, 1440]]
LEAD = {"key": "lead", "pool": ["ana", "ben"]}
SESSION: dict[str, Any] = {"key": "coding", "minutes": 60, "grid": 15, "seats": [LEAD], "room": {}}
LOOP: dict[str, Any] = {"key": "sam", "sessions": [SESSION]}
PROBLEM: dict[str, Any] = {
    "start": 0,
    "end": 1440,
    "people": [{"key": "ana", "open": DAY}, {"key": "ben", "open": DAY}],
    "rooms": [{"key": "singel", "open": DAY}],
    "loops": [{"key": "kim", "sessions": [SESSION]}, LOOP],
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`slotwright` in an empty folder with these texts as problem.json and plan.json."""
    monkeypatch.chdir(tmp_path)

    def ran(command: str, problem: str, plan: str = "{}") -> tuple[int, str, str]:
        Path("problem.json").write_text(problem, encoding="utf-8")
        Path("plan.json").write_text(plan, encoding="utf-8")
        files = {"solve": ["problem.json", "--workers", "1"], "check": ["problem.json", "plan.json"]}
        with pytest.raises(SystemExit) as ended:
            main([command, *files[command]])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return ran


def _loop(**changes: Any) -> dict[str, Any]:
    return {"loops": [PROBLEM["loops"][0], {**LOOP, **changes}]}


def _session(**changes: Any) -> dict[str, Any]:
    return _loop(sessions=[{**SESSION, **changes}])


def _two(**changes: Any) -> dict[str, Any]:
    return _loop(sessions=[SESSION, {**SESSION, "key": "design"}], **changes)


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        (
            _session(seats=[{**LEAD, "pool": ["ana", "zoe"]}]),
            "loops.1.sessions.0.seats.0.pool.1: zoe is none of",
        ),
        (
            _session(seats=[{**LEAD, "pool": []}]),
            "loops.1.sessions.0.seats.0.pool: is empty, but must not be",
        ),
        (_session(room={"among": ["attic"]}), "loops.1.sessions.0.room.among.0: attic is none of the rooms"),
        (
            _session(placed={"start": 0, "people": {"lead": "zoe"}}),
            "loops.1.sessions.0.placed.people.lead: zoe",
        ),
        (
            _session(room_costs=[["attic", 1]]),
            "loops.1.sessions.0.room_costs.0.0: attic is none of the rooms",
        ),
        (_two(before=[["design", "lunch"]]), "loops.1: loop sam: `before` names lunch"),
        (_two(before=[["design", "coding"]]), "loops.1: loop sam: the order goes in a circle: coding before"),
        (_two(min_gap=20, max_gap=10), "loops.1: loop sam: max_gap 10 is below min_gap 20"),
        ({"loops": [LOOP, LOOP]}, "loops.1.key: sam stands there twice"),
        (
            {"pair_costs": [{"one": "sam/coding", "other": "kim/lunch"}]},
            "pair_costs.0.other: kim/lunch is no",
        ),
        (_session(minutes="60"), "loops.1.sessions.0.minutes: '60' cannot be used"),
        (_session(minutes=True), "loops.1.sessions.0.minutes: True cannot be used"),
        (_session(minutes=60.0), "loops.1.sessions.0.minutes: 60.0 cannot be used"),
        (_session(minutes=-60), "loops.1.sessions.0.minutes: -60 cannot be used"),
        (_session(minutes=10**30), "loops.1.sessions.0.minutes: 1000000"),
        (_session(starts=[[0, "60"]]), "loops.1.sessions.0.starts.0.1: '60' cannot be used"),
        (_session(starts=[[60, 0]]), "loops.1.sessions.0.starts: a span ends after it starts, not 60..0"),
        (_session(colour="blue"), "loops.1.sessions.0.colour: is not a known key"),
        (_loop(sessions=[]), "loops.1.sessions: is empty, but must not be"),
        (_loop(mandatory="yes"), "loops.1.mandatory: 'yes' cannot be used"),
        (_loop(max_days=0, days=DAY), "loops.1.max_days: 0 cannot be used"),
        ({"levels": [{"weights": {"moved": -1}}]}, "levels.0.weights.moved: -1 cannot be used"),
        ({"levels": [{"weights": {"moved": "1"}}]}, "levels.0.weights.moved: '1' cannot be used"),
        ({"levels": [{"weights": {"comfort": 1}}]}, "levels.0.weights.comfort: 'comfort' cannot be used"),
        ({"version": True}, "version: True is not a whole number"),
        ({"version": 2}, "version: 2 cannot be used"),
        ({"people": None}, "people: None cannot be used"),
        (_session(minutes=1441), "loops.1.sessions.0.minutes: 1441 minutes are more than the horizon's 1440"),
        (
            _session(grid=1440, anchor=1439),
            "loops.1.sessions.0.grid: no start on the grid of 1440 minutes from",
        ),
        (_loop(mandatory=True, latest=59), "loops.1.sessions.0.minutes: 60 minutes are more than any day"),
        (_two(mandatory=True, latest=119), "loops.1.sessions: the sessions take 120 minutes"),
        (
            _two(mandatory=True, days=[[0, 119], [200, 300]], max_days=1),
            "loops.1.max_days: the sessions take 120",
        ),
        (_loop(earliest=60, latest=30), "loops.1.latest: ends the candidate's time at 30, not after 60"),
    ],
)
@pytest.mark.parametrize("command", ["solve", "check"])
def test_bad_problems(run: Run, command: str, changes: dict[str, Any], start: str) -> None:
    """Whatever is wrong with a problem is said in one line, before anything is solved or judged."""
    code, out, err = run(command, json.dumps({**PROBLEM, **changes}))
    assert (2, "", 1) == (code, out, err.count("\n"))
    assert err.startswith(f"slotwright: problem.{start}")
    assert err.endswith(".\n")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "problem: is not JSON (EOF while parsing a value at line 1 column 0)"),
        ("[]", "problem: [] cannot be used: input should be an object"),
        ("nul", "problem: is not JSON"),
        ('{"start": NaN}', "problem.start: nan cannot be used"),
        ('{"start": ' + "9" * 5000 + "}", "problem: is not JSON (number out of range"),
        ("[" * 100_000, "problem: is not JSON (recursion limit exceeded"),
        ("\ufeff{}", "problem: is not JSON (expected value at line 1 column 1)"),
    ],
)
@pytest.mark.parametrize("command", ["solve", "check"])
def test_no_json(run: Run, command: str, text: str, start: str) -> None:
    """Texts that are no JSON, or no JSON object, or too deep."""
    code, out, err = run(command, text)
    assert (2, "", 1) == (code, out, err.count("\n"))
    assert err.startswith(f"slotwright: {start}")


@pytest.mark.parametrize(
    ("was", "now", "path"),
    [
        ('{"start": 0,', '{"start": 5, "start": 0,', "start"),
        ('"key": "kim",', '"key": "kit", "key": "kim",', "loops.0.key"),
        ('"minutes": 60,', '"minutes": 30, "minutes": 60,', "loops.0.sessions.0.minutes"),
        ('"room": {}', '"room": {"seats": 1, "seats": 2}', "loops.0.sessions.0.room.seats"),
    ],
)
@pytest.mark.parametrize("command", ["solve", "check"])
def test_keys_that_stand_there_twice(run: Run, command: str, was: str, now: str, path: str) -> None:
    """A key that an object holds twice is refused, as only one of its values could count."""
    code, _, err = run(command, json.dumps(PROBLEM).replace(was, now, 1))
    assert (2, f"slotwright: problem.{path}: stands there twice; keep one of them.\n") == (code, err)


@pytest.mark.parametrize(
    ("plan", "start"),
    [
        (
            '{"assignments": [{"loop": "sam", "session": "coding", "start": "0"}]}',
            "assignments.0.start: '0' cannot",
        ),
        (
            '{"assignments": [{"loop": "sam", "session": "coding", "start": true}]}',
            "assignments.0.start: True",
        ),
        ('{"assignments": [{"loop": "sam", "start": 0}]}', "assignments.0.session: is missing"),
        (
            '{"assignments": [{"loop": "sam", "session": "coding", "start": 0, "people": {"lead": "a", "lead": "b"}}]}',
            "assignments.0.people.lead: stands there twice",
        ),
        (
            '{"assignments": [{"loop": "sam", "session": "coding", "start": 0, "people": {"lead": 5}}]}',
            "assignments.0.people.lead: 5 cannot be used",
        ),
        ('{"version": true}', "version: True is not a whole number"),
        ('{"assignments": {}}', "assignments: {} cannot be used"),
    ],
)
def test_bad_plans(run: Run, plan: str, start: str) -> None:
    """Plans are read as strictly as problems."""
    code, out, err = run("check", json.dumps(PROBLEM), plan)
    assert (2, "", 1) == (code, out, err.count("\n"))
    assert err.startswith(f"slotwright: plan.{start}")


def test_what_a_plan_names_wrongly_is_judged(run: Run) -> None:
    """Unknown loops, sessions, people and rooms in a plan are broken rules, not unreadable input."""
    assignment = {"loop": "sam", "session": "coding", "start": 0, "people": {"lead": "zoe"}, "room": "attic"}
    unknown = {"loop": "pat", "session": "coding", "start": 0}
    code, out, err = run("check", json.dumps(PROBLEM), json.dumps({"assignments": [assignment, unknown]}))
    assert (1, "", 3) == (code, err, out.count("reference"))


@pytest.mark.parametrize(
    "changes",
    [
        {"people": [{"key": key, "open": DAY, "blocked": DAY} for key in ("ana", "ben")]},
        {"rooms": [{"key": "singel", "open": []}]},
        _two(available=[]),
    ],
)
def test_people_and_rooms_without_time_are_no_mistake(run: Run, changes: dict[str, Any]) -> None:
    """A calendar that is full, and a candidate who offers nothing, make candidates unscheduled, not the input wrong."""
    code, out, _ = run("solve", json.dumps({**PROBLEM, **changes}))
    assert (0, True) == (code, "left out" in out)
