"""Thesis defences as problems: two tiny rounds with known answers, there and back, and the tables that are printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from solvers.cpsat import solve
from solvers.plan import Infeasible, Optimal

CHECK = """
def check(instance, solution):
    held = solution["assignments"]
    panels = {each["id"]: each["evaluators"] for each in instance["defences"]}
    pairs = [
        (one, other)
        for one in held
        for other in held
        if one["room"] == other["room"] and one["slot"] + 1 == other["slot"] and other["slot"] % 3
    ]
    common = sum(len({*panels[a["defence"]]} & {*panels[b["defence"]]}) for a, b in pairs)
    return {"planned": len(held), "adjacency": common, "errors": []}
"""


def make_round(**changes: Any) -> dict[str, Any]:
    """Two days of three hours, two rooms of which one is there on the second day only, and four defences.

    Evaluator 1 has three defences and cannot on the first day's last hour; the fourth student is never there.
    """
    return {
        "format": "defence-kuleuven-1",
        "name": "tiny",
        "days": 2,
        "start_hour": 9,
        "slots_per_day": 3,
        "n_slots": 6,
        "rooms": [{"id": 0, "unavailable": []}, {"id": 1, "unavailable": [0, 1, 2]}],
        "evaluators": [{"id": 1, "unavailable": [2]}, {"id": 2, "unavailable": []}],
        "defences": [
            {"id": 0, "evaluators": [1, 2], "student_unavailable": [3, 4, 5]},
            {"id": 1, "evaluators": [1, 2], "student_unavailable": []},
            {"id": 2, "evaluators": [1], "student_unavailable": [0, 1, 2]},
            {"id": 3, "evaluators": [2], "student_unavailable": [0, 1, 2, 3, 4, 5]},
        ],
        **changes,
    }


@pytest.fixture
def module(script: Callable[[str], ModuleType]) -> ModuleType:
    """benchmarks/defences.py."""
    return script("defences")


def solved(module: ModuleType, instance: dict[str, Any]) -> Optimal:
    """The proved answer to an instance."""
    verdict = solve(module.problem_of(instance), seconds=60, workers=1)
    assert isinstance(verdict, Optimal)
    return verdict


def test_planned_first_then_adjacency(module: ModuleType) -> None:
    """Three can be held; the first two beside each other on the first morning serve both of their evaluators."""
    verdict = solved(module, make_round())
    assert 1 == verdict.objective.units["unscheduled"]
    paid = sum(cost.apart for cost in module.problem_of(make_round()).pair_costs)
    assert 2 == paid - verdict.objective.units["pair_cost"]
    found = module.solution_of(make_round(), verdict.plan)["assignments"]
    at = {each["defence"]: (each["slot"], each["room"]) for each in found}
    assert {0, 1, 2} == at.keys()
    assert [(0, 0), (1, 0)] == sorted((at[0], at[1]))
    assert at[2][0] in {3, 4, 5}


def test_adjacent_on_one_day_and_in_one_room_only(module: ModuleType) -> None:
    """The last hour of a day and the first of the next are not adjacent."""
    defences = [
        {"id": 0, "evaluators": [1], "student_unavailable": [0, 1, 3, 4, 5]},
        {"id": 1, "evaluators": [1], "student_unavailable": [0, 1, 2, 4, 5]},
    ]
    evaluators = [{"id": 1, "unavailable": []}]
    verdict = solved(module, make_round(defences=defences, evaluators=evaluators))
    assert (0, 1) == (verdict.objective.units["unscheduled"], verdict.objective.units["pair_cost"])


def test_all_or_nothing(module: ModuleType) -> None:
    """With every defence mandatory the student who is never there is the reason that none exists."""
    verdict = solve(module.problem_of(make_round(), mandatory=True), seconds=60, workers=1)
    assert isinstance(verdict, Infeasible)
    assert 1 == len(verdict.reasons)
    assert "3/defence" in verdict.reasons[0]


@pytest.fixture
def data(fill: Callable[..., Path]) -> Path:
    """A data folder with the round."""
    return fill("defence-kuleuven", "check_defence_kuleuven", CHECK, tiny=make_round())


def test_table(module: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The row has the size, no peer, and what is proved."""
    module.main(["--data", str(data), "--workers", "1", "--no-peer"])
    printed = capsys.readouterr().out
    (line,) = (line for line in printed.splitlines() if line.startswith("| tiny"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert ["tiny", "4", "–", "–", "–", "**3** proved"] == cells[:6]
    assert "**2** proved" == cells[7]


def test_absent_peer_is_named(
    module: ModuleType, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without CPMpy a line says so, and our row stands."""
    monkeypatch.setattr(module, "has_peer", lambda: False)
    module.main(["--data", str(data), "--workers", "1"])
    printed = capsys.readouterr().out
    assert "CPMpy is not installed" in printed
    assert "| tiny | 4 |" in printed


def test_table_of_the_mandatory(module: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The count of what is proved infeasible is printed."""
    module.main(["--data", str(data), "--workers", "1", "--mandatory"])
    printed = capsys.readouterr().out
    assert "| tiny | 4 | no, proved |" in printed
    assert "1 of 1 proved infeasible" in printed
