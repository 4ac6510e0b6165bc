"""The judge: every rule in turn, then the cost."""

from __future__ import annotations

from itertools import chain

from solvers.check.attendance import judge_attendance
from solvers.check.costs import objective_of
from solvers.check.judgement import RULES, Judgement
from solvers.check.loops import judge_loops
from solvers.check.rooms import judge_rooms
from solvers.check.schedule import Schedule
from solvers.check.seats import judge_seats
from solvers.check.starts import judge_starts
from solvers.check.times import judge_people, judge_room_times
from solvers.plan import Plan
from solvers.problem import Problem

_FAMILIES = (
    judge_attendance,
    judge_starts,
    judge_seats,
    judge_people,
    judge_rooms,
    judge_room_times,
    judge_loops,
)
_RANK = {rule: rank for rank, rule in enumerate(RULES)}


def judge(problem: Problem, plan: Plan) -> Judgement:
    """Name every rule of the problem that the plan breaks, and count what it costs.

    Never raises for a plan, however wrong it is.
    """
    schedule = Schedule(problem, plan)
    found = [*schedule.violations, *chain.from_iterable(family(schedule) for family in _FAMILIES)]
    found.sort(key=lambda violation: _RANK[violation.rule])
    return Judgement(violations=tuple(found), objective=objective_of(schedule))
