"""Many candidates at once on the emulated tenant: one plan that shares people and rooms, and why some are left out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scheduler.app.plan import plan
from scheduler.cli.main import main
from scheduler.cli.plan_tables import print_plan
from scheduler.errors import InputError
from scheduler.planning.loops.plan_answer import Plans
from scheduler.planning.loops.plan_request import make_plan_request
from scheduler.testing.tenants import ANA, BEN, OPEN_ROOM, RECRUITER, WALLED_ROOM
from scheduler.zones import parse_utc
from solvers.cpsat import Effort

Planned = Callable[..., Plans]
TALK = {"name": "Talk", "minutes": 60, "seats": [ANA]}
TASK = {"name": "Task", "minutes": 60, "seats": [[ANA, BEN]]}
REQUEST: dict[str, Any] = {
    "templates": {"short": {"sessions": [TALK], "room": {"among": [OPEN_ROOM, WALLED_ROOM]}}},
    "candidates": [{"name": "Sam"}, {"name": "Kim"}],
    "between": "2026-03-02T14:00",
    "and": "2026-03-02T16:00",
    "zone": "Europe/Amsterdam",
    "notice": 0,
}


@pytest.fixture
def planned(desk: Any) -> Planned:
    """Plans two candidates for two hours of an afternoon."""

    def ask(**changes: Any) -> Plans:
        with desk.open() as slotwright:
            return plan(
                make_plan_request({**REQUEST, **changes}),
                slotwright.graph,
                slotwright.store,
                organizer=RECRUITER,
                rules=slotwright.rules,
                effort=Effort(seconds=60, workers=1, deterministic_time=20),
            )

    return ask


def test_everybody_is_scheduled_and_nobody_is_in_two_places(planned: Planned) -> None:
    """Sessions that share a person or a room do not overlap, and the plan is proved best on every level."""
    long = {"sessions": [TALK, TASK], "room": {"among": [OPEN_ROOM]}}
    answer = planned(templates={"long": long}, **{"and": "2026-03-02T19:00"})
    proved = all(level.proved for level in answer.levels)
    assert (2, "optimal", True) == (answer.scheduled, answer.ended, proved)
    slots = [session.slot for candidate in answer.candidates for session in candidate.sessions]
    assert 4 == len(slots)
    for one, other in combinations(slots, 2):
        apart = one.end_utc <= other.start_utc or other.end_utc <= one.start_utc
        shared = {person.address for person in one.people} & {person.address for person in other.people}
        assert apart or (not shared and one.room != other.room)


def test_somebody_is_left_out_with_reasons(planned: Planned) -> None:
    """Three hours do not fit into two: who weighs least is left out, with why beside the others and what would help."""
    candidates = [{"name": "Sam"}, {"name": "Kim", "priority": 5}, {"name": "Lou", "priority": 2}]
    answer = planned(candidates=candidates)
    assert [("Sam", False), ("Kim", True), ("Lou", True)] == [
        (candidate.name, bool(candidate.sessions)) for candidate in answer.candidates
    ]
    sam = answer.candidates[0]
    assert any("ana" in reason for reason in sam.reasons)
    assert sam.remedies
    assert 1 == answer.levels[0].value


def test_each_candidate_keeps_their_own_clock_and_loop(planned: Planned) -> None:
    """A candidate's own loop and hours count, on their own clock."""
    tokyo = {
        "name": "Kei",
        "zone": "Asia/Tokyo",
        "available": [{"from": "2026-03-02T22:30", "to": "2026-03-03T00:00"}],
        "loop": {"sessions": [TASK]},
    }
    answer = planned(candidates=[{"name": "Sam"}, tokyo])
    assert ["14:00", "14:30"] == sorted(
        session.slot.start[11:] for candidate in answer.candidates for session in candidate.sessions
    )
    (kei,) = answer.candidates[1].sessions
    assert kei.slot.candidate is not None
    assert ("Asia/Tokyo", "2026-03-02T22:30") == (kei.slot.candidate.zone, kei.slot.candidate.start)
    assert parse_utc(kei.slot.start_utc) == parse_utc("2026-03-02T13:30Z")


def test_pictures_show_every_candidate(planned: Planned) -> None:
    """Each session stands in the lane of its room and of everybody in it."""
    answer = planned()
    (day,) = answer.days
    marks = {(lane.role, mark.what) for lane in day.lanes for mark in lane.marks if mark.kind == "session"}
    assert {(role, name) for role in ("room", "interviewer") for name in ("Sam", "Kim")} == marks
    text = io.StringIO()
    print_plan(answer, Console(file=text, width=110))
    assert ("2 of 2 candidates scheduled", True) == (text.getvalue()[:27], "AAAABBBB" in text.getvalue())


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"candidates": []}, "candidates: "),
    ({"candidates": [{}]}, "candidates.0: a candidate has a name or an address"),
    ({"candidates": [{"name": "A"}, {"name": "A"}]}, "candidates: A stands there twice"),
    ({"candidates": [{"name": "A", "template": "x"}]}, "candidates: A has the template x, which is none"),
    ({"templates": {}}, "candidates: Sam has neither a template nor a loop"),
    ({"templates": {"a": {"sessions": []}}}, "templates.a.sessions: "),
    ({"candidates": [{"name": "A", "priority": 0}]}, "candidates.0.priority: 0 cannot be used"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_mistakes(changes: dict[str, Any], said: str) -> None:
    """One sentence that begins with the path."""
    with pytest.raises(InputError) as caught:
        make_plan_request({**REQUEST, **changes})
    assert str(caught.value).startswith(said)


def test_an_address_nobody_has(planned: Planned) -> None:
    """A misspelt interviewer of a template is named with the place in the request."""
    nobody = {"name": "Talk", "minutes": 60, "seats": ["nobody@small.example"]}
    with pytest.raises(
        InputError, match=r"^templates\.short\.sessions\.0\.seats\.0\.pool\.0: Microsoft 365 knows"
    ):
        planned(templates={"short": {"sessions": [nobody]}})


def test_the_command(
    graph_server: Any, tmp_path: Path, capsys: Any, monkeypatch: Any, pass_test: Any
) -> None:
    """Exit code 0 with tables when everybody is scheduled; JSON reads back; 1 when somebody is left out."""
    monkeypatch.chdir(tmp_path)
    Path("emulator.json").write_text(
        json.dumps({key: str(value) for key, value in graph_server.connection.items()})
    )
    Path("plan.json").write_text(json.dumps(REQUEST))
    monkeypatch.setenv("SLOTWRIGHT_ORGANIZER", RECRUITER)
    pass_test(Path("emulator.json"))

    def ran(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--settings", "emulator.json", "plan", *arguments])
        return int(ended.value.code or 0), capsys.readouterr().out

    code, out = ran("plan.json", "--workers", "1")
    assert (0, True) == (code, "2 of 2 candidates scheduled" in out)
    code, out = ran("plan.json", "--json", "--workers", "1")
    assert (0, 2) == (code, Plans.model_validate_json(out).scheduled)
    more = [{"name": name} for name in "ABC"]
    Path("plan.json").write_text(json.dumps({**REQUEST, "candidates": more}))
    code, out = ran("plan.json", "--workers", "1")
    assert (1, True) == (code, "was left out:" in out)


@pytest.mark.parametrize("changes", [{}, {"weights": {"room_changes": 0}}])
def test_who_could_stand_in_counts_only_if_asked_for(changes: dict[str, Any]) -> None:
    """Many loops are planned without the price of what nobody could take over, unless it is given."""
    assert 0 == make_plan_request({**REQUEST, **changes}).weights.fragile
    assert 7 == make_plan_request({**REQUEST, "weights": {"fragile": 7}}).weights.fragile
