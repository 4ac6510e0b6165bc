"""The verdicts: optimal, feasible, infeasible, unknown, and what each rests on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers.check import judge
from solvers.cpsat import Progress, rules, solve
from solvers.plan import Feasible, Infeasible, Optimal, Unknown
from solvers.problem import Level, Problem

Make = Callable[..., Problem]


def rivals(make: Make, count: int, **loop: Any) -> Problem:
    """Candidates who each need half an hour of the one interviewer, who has 90 minutes."""
    session = {"key": "s", "minutes": 30, "grid": 10, "seats": [{"key": "lead", "pool": ["p"]}]}
    loops = [{"key": f"c{index}", "sessions": [session], **loop} for index in range(count)]
    return make(*loops, people=[{"key": "p", "open": [(0, 90)]}])


def solved(problem: Problem, **how: Any) -> Optimal | Feasible | Infeasible | Unknown:
    """The verdict with one worker and work counted deterministically."""
    return solve(problem, **{"seconds": 600, "workers": 1, "deterministic_time": 30, **how})


def test_as_many_as_fit_are_scheduled(problem: Make) -> None:
    """Of five candidates three fit, and that no more do is proved."""
    verdict = solved(rivals(problem, 5))
    assert isinstance(verdict, Optimal)
    assert 2 == verdict.objective.units["unscheduled"]
    assert 3 == len(verdict.plan.assignments)


def test_levels_are_ranked(problem: Make) -> None:
    """The first level decides, whatever it costs on the second."""
    costly = [{"key": "s", "minutes": 30, "start_costs": [(0, 1440, 50)]}]
    for first, second, expected in (
        ("unscheduled", "start_cost", (0, 50)),
        ("start_cost", "unscheduled", (0, 1)),
    ):
        levels = [{"weights": {first: 1}}, {"weights": {second: 1}}]
        verdict = solved(problem({"key": "a", "sessions": costly}, levels=levels))
        assert isinstance(verdict, Optimal)
        assert expected == verdict.objective.levels


def test_without_levels_any_lawful_plan_will_do(problem: Make) -> None:
    """A problem that weighs nothing is answered by any lawful plan, here one that must hold the candidate."""
    for count in (1, 2):
        small = rivals(problem, count, mandatory=True).model_copy(update={"levels": ()})
        verdict = solved(small)
        assert isinstance(verdict, Optimal)
        assert count == len(verdict.plan.assignments)
        assert () == verdict.objective.levels


def test_infeasible_is_proved_by_search(problem: Make) -> None:
    """Four mandatory candidates do not fit, though each does alone."""
    verdict = solved(rivals(problem, 4, mandatory=True))
    assert isinstance(verdict, Infeasible)
    assert () == verdict.reasons


def test_infeasible_has_reasons_where_one_session_is_enough(problem: Make) -> None:
    """A mandatory candidate who cannot be interviewed at all is named."""
    verdict = solved(rivals(problem, 2, mandatory=True, earliest=80))
    assert isinstance(verdict, Infeasible)
    assert ["c0/s", "c1/s"] == [reason.partition(":")[0] for reason in verdict.reasons]


def test_candidate_who_cannot_come_is_left_out(problem: Make) -> None:
    """A candidate without a possible start costs their priority and nothing else."""
    verdict = solved(rivals(problem, 1, earliest=80, priority=6))
    assert isinstance(verdict, Optimal)
    assert (6, 0, 0) == verdict.objective.levels


def test_booked_session_stays_and_its_loop_is_held(problem: Make) -> None:
    """What may not move is where it was, and a better place for somebody else does not count."""
    sessions = [{"key": "s", "minutes": 30, "seats": [{"key": "lead", "pool": ["p"]}]}]
    booked = [{**sessions[0], "placed": {"start": 31, "people": {"lead": "p"}}}]
    small = problem(
        {"key": "a", "sessions": sessions, "priority": 9},
        {"key": "b", "sessions": booked},
        people=[{"key": "p", "open": [(0, 90)], "buffer_after": 5}],
    )
    verdict = solved(small)
    assert isinstance(verdict, Optimal)
    assert [("b", 31)] == [(each.loop, each.start) for each in verdict.plan.assignments]


def test_no_time_is_unknown(problem: Make) -> None:
    """Without time for even one candidate nothing is claimed."""
    verdict = solved(rivals(problem, 1, mandatory=True), seconds=1e-9)
    assert isinstance(verdict, Unknown)
    assert "time" == verdict.limit


def test_unproved_plan_has_a_bound(problem: Make) -> None:
    """When work runs out the plan is lawful, and its bound at the first unproved level is not above it."""
    small = rivals(problem, 9)
    verdict = solved(small, deterministic_time=1e-5)
    assert isinstance(verdict, Feasible)
    assert "time" == verdict.limit
    assert () == judge(small, verdict.plan).violations
    assert 0 <= verdict.bound <= verdict.objective.levels[verdict.level]


@pytest.mark.parametrize("count", [1, 6])
def test_interruption_keeps_the_plan(problem: Make, count: int) -> None:
    """Ctrl-C at the first plan, found by turns or by search, ends everything with that plan."""
    small = rivals(problem, count)

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    verdict = solved(small, on_progress=interrupt)
    assert isinstance(verdict, Feasible)
    assert "interrupted" == verdict.limit
    assert () == judge(small, verdict.plan).violations


def test_plan_that_meets_its_bound_is_proved(problem: Make) -> None:
    """An interruption after a plan that nothing can beat leaves it proved."""
    small = rivals(problem, 3).model_copy(update={"levels": (Level(weights={"unscheduled": 1}),)})

    def interrupt(news: Progress) -> None:
        if news.scheduled == 3:
            raise KeyboardInterrupt

    verdict = solved(small, on_progress=interrupt)
    assert isinstance(verdict, Optimal)
    assert (0,) == verdict.objective.levels


def test_progress_rises_to_the_plan(problem: Make) -> None:
    """Whoever listens hears of every level that is searched, and last of the plan that is returned."""
    seen: list[Progress] = []
    verdict = solved(rivals(problem, 5), on_progress=seen.append)
    assert isinstance(verdict, Optimal)
    assert 3 == max(each.scheduled for each in seen)
    assert sorted(each.level for each in seen) == [each.level for each in seen]
    assert (2, verdict.objective.levels[2]) == (seen[-1].level, seen[-1].objective)


def test_unlawful_answer_is_never_returned(problem: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the model lacks a rule, the judge finds the plan out."""
    monkeypatch.setattr(rules, "ALL", ())
    with pytest.raises(RuntimeError, match="broke a rule"):
        solved(rivals(problem, 1))
