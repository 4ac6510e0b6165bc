"""Interviews of a society as problems: a tiny round with a known answer, there and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from solvers.cpsat import solve
from solvers.plan import Optimal

CHECK = """
def check(instance, solution):
    return {"interviews": len(solution["assignments"]), "errors": []}
"""


def request(applicant: int, department: int, *windows: tuple[int, int, int]) -> dict[str, Any]:
    """One interview that is asked for."""
    return {"applicant": applicant, "department": department, "windows": [list(each) for each in windows]}


def make_round() -> dict[str, Any]:
    """Two departments; first come first served takes the only place of the second request."""
    return {
        "format": "interviews-gis-1",
        "name": "tiny",
        "days": 2,
        "departments": [{"id": 0, "duration": 20}, {"id": 1, "duration": 30}],
        "requests": [
            request(0, 0, (0, 600, 660)),
            request(1, 0, (0, 600, 620)),
            request(0, 1, (0, 600, 640), (1, 600, 610)),
            request(2, 1, (1, 600, 615), (1, 615, 630)),
        ],
        "published": {"naive_greedy": 2},
    }


@pytest.fixture
def module(script: Callable[[str], ModuleType]) -> ModuleType:
    """benchmarks/interviews.py."""
    return script("interviews")


def test_there_and_back(module: ModuleType) -> None:
    """Three are held: the fourth would need both of its windows, and windows that touch are still two."""
    verdict = solve(module.problem_of(make_round()), seconds=60, workers=1)
    assert isinstance(verdict, Optimal)
    assert 1 == verdict.objective.units["unscheduled"]
    found = {
        (each["applicant"], each["department"]): (each["day"], each["start"])
        for each in module.solution_of(verdict.plan)["assignments"]
    }
    assert {(0, 0), (1, 0), (0, 1)} == found.keys()
    assert (0, 600) == found[1, 0]
    assert found[0, 1] in {(0, 600), (0, 605), (0, 610)}
    assert found[0, 0][1] >= found[0, 1][1] + 30


def test_grid_divides_every_time(module: ModuleType) -> None:
    """Starts lie on the greatest step that all windows and durations are made of."""
    assert {5} == {session.grid for _, session in module.problem_of(make_round()).sessions()}


def test_first_fit(module: ModuleType) -> None:
    """First come, first served: the first request takes the place of the second and of the third."""
    expected = [{"applicant": 0, "department": 0, "day": 0, "start": 600}]
    assert expected == module.first_fit(make_round())["assignments"]


def test_table(module: ModuleType, fill: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The row has what is published, the first fit, and what is proved."""
    data = fill("interviews-gis", "check_interviews_gis", CHECK, tiny=make_round())
    module.main(["--data", str(data), "--workers", "1"])
    assert "| tiny | 4 | naive greedy 2 | 1 | **3** | proved |" in capsys.readouterr().out
