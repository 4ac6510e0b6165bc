"""Thesis defences whose committees are chosen too: how many can be scheduled.

The instances are in the style of Almeida, Santos and Figueira (EJOR 2024). The published results lie beside them: a
time-indexed model on Gurobi with one thread and 300 s, and -1 where it found nothing. Every plan is judged by the
instances' own checker.

    python benchmarks/committees.py --data FOLDER [--only NAME ...] [--seconds 60] [--workers 2]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from common import as_line, machine
from instances import Json, chosen, data_folder, heading, instances, parser, row

from solvers.cpsat import solve
from solvers.plan import Feasible, Optimal, Plan
from solvers.problem import Problem
from solvers.timeline import SpanSet

SLOT, DAY = 30, 1440


def problem_of(instance: Json) -> Problem:
    """The instance as a problem, with slots of half an hour and day after day from minute 0.

    A defence is a loop of one session with a required seat for each role, whose pool are the members who may have it,
    in any room. A member's committees are a limit over all days. What is a better or worse start for a member belongs
    to criteria after the first and is left out.

    Raises:
        AssertionError: somebody may start at slots that no open minutes say.
    """
    duration, days = instance["duration"], instance["days"]
    assert (instance["slots_per_day"] + duration) * SLOT <= DAY
    end = days * DAY

    def open_minutes(by_day: list[str]) -> SpanSet:
        starts = [
            day * DAY + slot * SLOT
            for day, slots in enumerate(by_day)
            for slot, level in enumerate(slots)
            if level != "0"
        ]
        minutes = SpanSet.of((start, start + duration * SLOT) for start in starts)
        possible = minutes.starts(duration * SLOT)
        assert starts == [minute for minute in range(0, end, SLOT) if possible.contains_minute(minute)]
        return minutes

    return Problem.model_validate(
        {
            "start": 0,
            "end": end,
            "people": [
                {
                    "key": str(each["id"]),
                    "open": open_minutes(each["start_level"]),
                    "limits": [{"start": 0, "end": end, "sessions": each["max_committees"]}],
                }
                for each in instance["members"]
            ],
            "rooms": [
                {"key": str(each["id"]), "open": open_minutes(each["start_ok"])} for each in instance["rooms"]
            ],
            "loops": [
                {
                    "key": str(each["id"]),
                    "sessions": [
                        {
                            "key": "defence",
                            "minutes": duration * SLOT,
                            "grid": SLOT,
                            "seats": [
                                {"key": f"role{number}", "pool": [str(member) for member in members]}
                                for number, members in enumerate(each["roles"])
                            ],
                            "room": {},
                        }
                    ],
                }
                for each in instance["defences"]
            ],
            "levels": [{"weights": {"unscheduled": 1}}],
        }
    )


def solution_of(instance: Json, plan: Plan) -> Json:
    """The plan in the words of the instance."""
    roles = {str(each["id"]): len(each["roles"]) for each in instance["defences"]}
    return {
        "assignments": [
            {
                "defence": int(each.loop),
                "day": each.start // DAY,
                "slot": each.start % DAY // SLOT,
                "room": int(each.room),
                "members": [int(each.people[f"role{number}"]) for number in range(roles[each.loop])],
            }
            for each in plan.assignments
            if each.room is not None
        ]
    }


def main(arguments: Sequence[str]) -> None:
    """Solve the instances and print how many defences are scheduled."""
    asked = parser(__doc__ or "").parse_args(arguments)
    sets = instances(data_folder(asked.data), "defence-momilp", "check_defence_momilp")
    names = chosen(sets.names(), asked.only)
    published = {each["name"]: each["published_g_gurobi_1thread"] for each in sets.read("published")}
    before = machine(("ortools",))
    print(as_line(before), end="\n\n")
    heading("instance", " defences", " members", " published", " ours", "at most", " s")
    proved, better, worse = 0, 0, 0
    for name in names:
        instance = sets.read(name)
        verdict = solve(problem_of(instance), seconds=asked.seconds, workers=asked.workers)
        defences = len(instance["defences"])
        scheduled, most = 0, defences
        if isinstance(verdict, Optimal | Feasible):
            scheduled = sets.score(instance, solution_of(instance, verdict.plan))["scheduled"]
            most = scheduled if isinstance(verdict, Optimal) else defences - verdict.bound
        proved += isinstance(verdict, Optimal)
        better += scheduled > published[name]
        worse += scheduled < published[name]
        bound = "proved" if isinstance(verdict, Optimal) else str(most)
        row(
            name,
            defences,
            len(instance["members"]),
            published[name],
            f"**{scheduled}**",
            bound,
            f"{verdict.seconds:.1f}",
        )
    print(f"\nOf {len(names)}: {proved} proved optimal, {better} better than published, {worse} worse.")
    print(
        f"load before {before['load']}, after {machine(())['load']}; {asked.seconds:g} s, {asked.workers} cores"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
