"""Each term of the objective, in a plan in which it is not 0."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ortools.sat.python import cp_model

from solvers.check import judge
from solvers.cpsat import objective
from solvers.cpsat.variables import Variables
from solvers.plan import Assignment, Plan
from solvers.problem import TERMS, Level, Problem, Term

Make = Callable[..., Problem]
Hold = Callable[..., Assignment]


def everything(make: Make) -> Problem:
    """Three loops in which every term can cost something."""
    lead = {"key": "lead", "pool": ["p", "q"]}
    extra = {"key": "extra", "pool": ["r"], "kind": "optional"}
    new = {"key": "new", "pool": ["r"], "kind": "trainee", "beside": "lead"}
    return make(
        {
            "key": "a",
            "sessions": [
                {
                    "key": "x",
                    "minutes": 60,
                    "seats": [lead, extra],
                    "room": {"seats": 2},
                    "room_costs": [("m", 7)],
                    "start_costs": [(0, 50, 3), (30, 90, 4)],
                },
                {
                    "key": "y",
                    "minutes": 45,
                    "seats": [lead, new],
                    "room": {},
                    "grid": 20,
                    "anchor": 10,
                    "delay_cost": 6,
                },
            ],
        },
        {
            "key": "b",
            "sessions": [
                {
                    "key": "x",
                    "minutes": 30,
                    "seats": [lead],
                    "placed": {"start": 30, "people": {"lead": "p"}, "movable": True, "price": 5},
                }
            ],
        },
        {"key": "c", "sessions": [{"key": "x", "minutes": 30}], "priority": 4},
        people=[{"key": "p", "soft": [(50, 70), (80, 85)], "load": 20}, {"key": "q"}, {"key": "r"}],
        rooms=[{"key": "m", "seats": 5, "soft": [(0, 33)]}, {"key": "n", "seats": 3}],
        pair_costs=[
            {"one": "a/x", "other": "b/x", "overlap": 2, "touching": 11},
            {"one": "a/y", "other": "a/x", "apart": 13, "rushed": 17, "rushed_within": 40},
            {"one": "c/x", "other": "a/x", "apart": 19},
        ],
    )


PLANS = {
    "early": [
        ("a/x", 30, "m", {"lead": "p"}),
        ("a/y", 130, "n", {"lead": "q", "new": "r"}),
        ("b/x", 60, None, "q"),
    ],
    "touching": [
        ("a/x", 90, "n", {"lead": "q", "extra": "r"}),
        ("a/y", 150, "n", {"lead": "p"}),
        ("b/x", 60, None, "p"),
    ],
    "stays": [("b/x", 30, None, "p"), ("c/x", 0, None, {})],
    "nothing": [],
}


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("which", PLANS)
def test_least_value_is_what_the_judge_counts(problem: Make, held: Hold, term: Term, which: str) -> None:
    """With a plan fixed and nothing else asked, the least value of a term is the judge's number of units."""
    whole = everything(problem).model_copy(update={"levels": (Level(weights={term: 3}),)})
    plan = Plan(
        assignments=tuple(
            held(name, start, room, **({"lead": people} if isinstance(people, str) else people))
            for name, start, room, people in PLANS[which]
        )
    )
    variables = Variables(whole)
    (level,) = objective.build(variables)
    variables.fix(plan)
    variables.model.minimize(level)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert cp_model.OPTIMAL == solver.solve(variables.model)
    assert judge(whole, plan).objective.levels[0] == solver.value(level)


def test_plans_cost_something_of_every_term(problem: Make, held: Hold) -> None:
    """Between them the plans above have units of each term, so that none is compared at 0 alone."""
    whole = everything(problem)
    seen: set[str] = set()
    for sessions in PLANS.values():
        assignments = tuple(
            held(name, start, room, **({"lead": people} if isinstance(people, str) else people))
            for name, start, room, people in sessions
        )
        units = judge(whole, Plan(assignments=assignments)).objective.units
        seen |= {term for term, count in units.items() if count}
    assert set(TERMS) == seen


def test_terms_without_weight_are_not_built(problem: Make) -> None:
    """A level without weights is a constant and adds nothing to the model."""
    whole = everything(problem).model_copy(
        update={"levels": (Level(weights={}), Level(weights={"tentative": 0}))}
    )
    variables = Variables(whole)
    before = len(variables.model.proto.variables)
    assert (0, 0) == objective.build(variables)
    assert before == len(variables.model.proto.variables)


def test_levels_may_share_terms(problem: Make) -> None:
    """Two levels that weigh the same terms are two sums: building the later one leaves the earlier one as it was."""
    people = [{"key": "ann", "soft": [(0, 30)]}, {"key": "bob"}]
    session = {"key": "x", "minutes": 30, "seats": [{"key": "lead", "pool": ["ann", "bob"]}]}
    shared = problem(
        {"key": "a", "sessions": [{**session, "starts": [(0, 1)]}], "mandatory": True},
        people=people,
        levels=[
            {"weights": {"tentative": 1, "earliness": 10}},
            {"weights": {"tentative": 1, "earliness": 1, "load_spread": 1}},
        ],
    )
    variables = Variables(shared)
    first, second = objective.build(variables)
    variables.fix(Plan(assignments=(Assignment(loop="a", session="x", start=0, people={"lead": "ann"}),)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    variables.model.minimize(first + second)
    assert cp_model.OPTIMAL == solver.solve(variables.model)
    assert (40, 61) == (solver.value(first), solver.value(second))
