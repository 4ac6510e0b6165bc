"""Committee selection as problems: a tiny round with a known answer, there and back."""

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
    return {"scheduled": len(solution["assignments"]), "errors": []}
"""


def member(number: int, *levels: str, most: int = 9) -> dict[str, Any]:
    """Somebody with their starts on each day."""
    return {"id": number, "max_committees": most, "start_level": list(levels)}


def make_round(**changes: Any) -> dict[str, Any]:
    """Two days of four slots and defences of two, one room, two roles; member 2 joins one committee only."""
    return {
        "format": "defence-momilp-1",
        "name": "tiny",
        "duration": 2,
        "days": 2,
        "slots_per_day": 4,
        "members": [member(0, "1120", "0000"), member(1, "1111", "0012"), member(2, "1111", "1111", most=1)],
        "rooms": [{"id": 0, "start_ok": ["1111", "0001"]}],
        "defences": [
            {"id": 0, "roles": [[0], [1, 2]]},
            {"id": 1, "roles": [[0], [2]]},
            {"id": 2, "roles": [[1], [2, 0]]},
        ],
        **changes,
    }


@pytest.fixture
def module(script: Callable[[str], ModuleType]) -> ModuleType:
    """benchmarks/committees.py."""
    return script("committees")


def test_there_and_back(module: ModuleType) -> None:
    """Two of three can be held, as member 2 can be in one of the last two only; all is said in the round's words."""
    instance = make_round()
    verdict = solve(module.problem_of(instance), seconds=60, workers=1)
    assert isinstance(verdict, Optimal)
    assert 1 == verdict.objective.units["unscheduled"]
    found = {each["defence"]: each for each in module.solution_of(instance, verdict.plan)["assignments"]}
    assert 2 == len(found)
    for number, each in found.items():
        members = each["members"]
        assert all(
            one in role for one, role in zip(members, instance["defences"][number]["roles"], strict=True)
        )
        for one in members:
            assert "0" != instance["members"][one]["start_level"][each["day"]][each["slot"]]
        assert "1" == instance["rooms"][each["room"]]["start_ok"][each["day"]][each["slot"]]
    (one_day, one), (other_day, other) = sorted((each["day"], each["slot"]) for each in found.values())
    assert one_day != other_day or other - one >= 2


def test_starts_that_no_minutes_say(module: ModuleType) -> None:
    """Somebody who may start in slots 0 and 2 but not in 1 is refused, as open minutes would let them."""
    with pytest.raises(AssertionError):
        module.problem_of(make_round(members=[member(0, "1010", "0000"), *make_round()["members"][1:]]))


def test_table(module: ModuleType, fill: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The row has the size, what is published, and what is proved; better and worse are counted."""
    published = [{"name": "tiny", "published_g_gurobi_1thread": -1}]
    data = fill("defence-momilp", "check_defence_momilp", CHECK, tiny=make_round(), published=published)
    module.main(["--data", str(data), "--workers", "1"])
    printed = capsys.readouterr().out
    assert "| tiny | 3 | 3 | -1 | **2** | proved |" in printed
    assert "Of 1: 1 proved optimal, 1 better than published, 0 worse." in printed
