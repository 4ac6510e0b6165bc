"""Job interviews of a student society: how many of the requests of applicants and departments can be held.

Every plan is judged by the instances' own checker. The peers are the first fit that the data's authors compare with,
run here, and what they published.

    python benchmarks/interviews.py --data FOLDER [--only NAME ...] [--seconds 60] [--workers 2]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import gcd

from common import as_line, machine
from instances import Json, chosen, data_folder, heading, instances, parser, row

from solvers.cpsat import solve
from solvers.plan import Feasible, Optimal, Plan
from solvers.problem import Problem

DAY = 1440


def problem_of(instance: Json) -> Problem:
    """The instance as a problem, day after day from minute 0.

    A request is a loop of one session with two seats, for the department and for the applicant, neither of whom can be
    in two at a time. It starts where it ends inside one of its windows. The grid is the greatest number that divides
    every window and duration: interviews moved to their earliest, one after the other, all start on it.
    """
    durations = {each["id"]: each["duration"] for each in instance["departments"]}
    grid = gcd(
        *durations.values(),
        *(minute for each in instance["requests"] for _, *window in each["windows"] for minute in window),
    )
    always = [(0, instance["days"] * DAY)]
    departments = [f"department {each}" for each in durations]
    applicants = dict.fromkeys(f"applicant {each['applicant']}" for each in instance["requests"])
    return Problem.model_validate(
        {
            "start": 0,
            "end": instance["days"] * DAY,
            "people": [{"key": key, "open": always} for key in (*departments, *applicants)],
            "loops": [
                {
                    "key": f"{each['applicant']} {each['department']}",
                    "sessions": [
                        {
                            "key": "interview",
                            "minutes": durations[each["department"]],
                            "grid": grid,
                            "seats": [
                                {"key": "department", "pool": [f"department {each['department']}"]},
                                {"key": "applicant", "pool": [f"applicant {each['applicant']}"]},
                            ],
                            "starts": [
                                (day * DAY + start, day * DAY + end - durations[each["department"]] + 1)
                                for day, start, end in each["windows"]
                                if end - start >= durations[each["department"]]
                            ],
                        }
                    ],
                }
                for each in instance["requests"]
            ],
            "levels": [{"weights": {"unscheduled": 1}}],
        }
    )


def solution_of(plan: Plan) -> Json:
    """The plan in the words of the instance."""
    held = []
    for each in plan.assignments:
        applicant, department = map(int, each.loop.split())
        day, start = divmod(each.start, DAY)
        held.append({"applicant": applicant, "department": department, "day": day, "start": start})
    return {"assignments": held}


def first_fit(instance: Json) -> Json:
    """Request after request as they stand there, each at the first minute that is free for both in its windows."""
    durations = {each["id"]: each["duration"] for each in instance["departments"]}
    taken: list[tuple[int, int, int, int, int]] = []
    held = []
    for each in instance["requests"]:
        applicant, department = each["applicant"], each["department"]
        minutes = durations[department]
        free = (
            (day, start)
            for day, first, last in each["windows"]
            for start in range(first, last - minutes + 1)
            if not any(
                day == other_day
                and (applicant == other or department == another)
                and start < end
                and begin < start + minutes
                for other_day, begin, end, other, another in taken
            )
        )
        found = next(free, None)
        if found is not None:
            day, start = found
            taken.append((day, start, start + minutes, applicant, department))
            held.append({"applicant": applicant, "department": department, "day": day, "start": start})
    return {"assignments": held}


def main(arguments: Sequence[str]) -> None:
    """Solve the instances and print how many interviews are held."""
    asked = parser(__doc__ or "").parse_args(arguments)
    sets = instances(data_folder(asked.data), "interviews-gis", "check_interviews_gis")
    names = chosen(sets.names(), asked.only)
    before = machine(("ortools",))
    print(as_line(before), end="\n\n")
    heading("instance", " requests", "published", " first fit", " ours", "at most", " s")
    for name in names:
        instance = sets.read(name)
        verdict = solve(problem_of(instance), seconds=asked.seconds, workers=asked.workers)
        assert isinstance(verdict, Optimal | Feasible), verdict.kind
        counted = sets.score(instance, solution_of(verdict.plan))["interviews"]
        requests = len(instance["requests"])
        row(
            name,
            requests,
            ", ".join(f"{what.replace('_', ' ')} {count}" for what, count in instance["published"].items()),
            sets.score(instance, first_fit(instance))["interviews"],
            f"**{counted}**",
            "proved" if isinstance(verdict, Optimal) else str(requests - verdict.bound),
            f"{verdict.seconds:.2f}",
        )
    print(
        f"\nload before {before['load']}, after {machine(())['load']}; {asked.seconds:g} s, {asked.workers} cores"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
