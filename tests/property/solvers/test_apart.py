"""Loops with nothing in common, and rooms and people that are alike, against every lawful plan of tiny problems."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from solvers.check import judge
from solvers.cpsat import Progress, solve
from solvers.cpsat.components import groups
from solvers.cpsat.options import options
from solvers.cpsat.symmetry import alike
from solvers.exhaustive import best
from solvers.plan import Feasible, Infeasible, Optimal, Unknown
from solvers.problem import Problem, Term

QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))
SUMS: tuple[Term, ...] = (
    "unscheduled",
    "tentative",
    "empty_seats",
    "earliness",
    "room_fit",
    "room_changes",
    "start_cost",
    "pair_cost",
    "fragile",
)
HOUR = 60


@st.composite
def _alike(draw: DrawFn) -> Problem:
    """Two or three loops over three hours; most of the people and rooms are alike, and many loops share none."""
    count = draw(st.integers(2, 3))
    teams = [draw(st.integers(0, number)) for number in range(count)]
    size = draw(st.integers(1, 2))
    busy = st.sampled_from([[], [], [], [(0, HOUR)], [(HOUR, 2 * HOUR)]])

    def resource(key: str, **more: Any) -> dict[str, Any]:
        times = {"open": [(0, 3 * HOUR)], "blocked": draw(busy), "soft": draw(busy)}
        return {"key": key, **times, **more}

    people = [resource(f"p{team}{index}") for team, index in product(sorted(set(teams)), range(2))]
    rooms = [
        resource(f"r{team}{index}", building=f"b{team}") for team, index in product(set(teams), range(size))
    ]
    loops: list[dict[str, Any]] = []
    for number, team in enumerate(teams):
        pool = draw(st.sampled_from([[f"p{team}0", f"p{team}1"], [f"p{team}1"]]))
        sessions: list[dict[str, Any]] = [
            {
                "key": f"s{index}",
                "minutes": draw(st.sampled_from([30, HOUR])),
                "grid": HOUR,
                "seats": [{"key": "lead", "pool": pool}],
                "start_costs": [(0, HOUR, draw(st.integers(0, 3)))],
            }
            for index in range(draw(st.integers(1, 2)) if count < 3 else 1)
        ]
        for session in sessions:
            if draw(st.booleans()):
                session["room"] = {"building": f"b{team}"}
        loops.append({"key": f"l{number}", "sessions": sessions, "meets_once": False})
        loops[-1]["mandatory"] = draw(st.integers(0, 4)) == 0
    pairs = []
    if draw(st.integers(0, 3)) == 0:
        pairs = [{"one": "l0/s0", "other": "l1/s0", "overlap": 1, "apart": draw(st.integers(0, 5))}]
    sums = st.dictionaries(st.sampled_from(SUMS), st.integers(1, 5), max_size=3)
    levels = draw(st.lists(sums, min_size=1, max_size=2))
    if draw(st.booleans()):
        levels.insert(draw(st.integers(0, len(levels))), {"worst_off": draw(st.integers(1, 3))})
    if draw(st.booleans()):
        levels.insert(0, {"unscheduled": 1})
    return Problem.model_validate(
        {
            "start": 0,
            "end": 3 * HOUR,
            "people": people,
            "rooms": rooms,
            "loops": loops,
            "pair_costs": pairs,
            "levels": [{"weights": weights} for weights in levels],
        }
    )


@settings(QUIET, max_examples=6)
@given(problem=_alike())
def test_apart_is_as_good_as_together(problem: Problem) -> None:
    """What is solved apart and put together is what trying every plan of the whole shows."""
    note(problem.model_dump_json(exclude_defaults=True))
    kinds = alike(problem)
    event(f"{len(groups(problem, options(problem)))} groups, {len(kinds.people) + len(kinds.rooms)} kinds")
    expected = best(problem)
    verdict = solve(problem, seconds=600, workers=1, deterministic_time=60)
    if expected is None:
        assert isinstance(verdict, Infeasible)
        return
    assert isinstance(verdict, Optimal)
    assert judge(problem, expected).objective.levels == verdict.objective.levels
    assert judge(problem, verdict.plan).objective == verdict.objective
    assert () == judge(problem, verdict.plan).violations


@settings(QUIET, max_examples=6)
@given(problem=_alike(), work=st.sampled_from([0.0, 1e-4, 1e-3, 3e-3, 1e-2]))
def test_proofs_are_true_when_time_runs_out(problem: Problem, work: float) -> None:
    """Whenever the search ends, levels that it calls proved are least, and no plan is below the bound."""
    note(problem.model_dump_json(exclude_defaults=True))
    expected = best(problem)
    verdict = solve(problem, seconds=600, workers=1, deterministic_time=work)
    event(verdict.kind)
    if expected is None:
        assert isinstance(verdict, Infeasible | Unknown)
        return
    assert not isinstance(verdict, Infeasible)
    least = judge(problem, expected).objective.levels
    if isinstance(verdict, Optimal):
        assert least == verdict.objective.levels
    if isinstance(verdict, Feasible):
        assert least[: verdict.level] == verdict.objective.levels[: verdict.level]
        assert verdict.bound <= least[verdict.level]
        assert judge(problem, verdict.plan).lawful


@settings(QUIET, max_examples=6)
@given(problem=_alike())
def test_progress_is_that_of_the_whole(problem: Problem) -> None:
    """Of every level the last report is of the plan that is answered, and no bound exceeds what it is of."""
    note(problem.model_dump_json(exclude_defaults=True))
    seen: list[Progress] = []
    verdict = solve(problem, seconds=600, workers=1, deterministic_time=60, on_progress=seen.append)
    if isinstance(verdict, Infeasible):
        return
    assert isinstance(verdict, Optimal)
    last = {each.level: each.objective for each in seen if each.seconds <= verdict.seconds}
    assert {level: verdict.objective.levels[level] for level in last} == last
    assert [] == [each for each in seen if each.bound > each.objective]
