"""Master-thesis defences of KU Leuven: how many can be planned, and how few gaps and room changes evaluators have.

Panels are fixed. First as many defences as possible are planned, then evaluators have as many pairs of their defences
as possible one straight after the other in one room. Every plan is judged by the instances' own checker. The peer is
the plain model over (defence, slot, room) that a user of CPMpy would write, on OR-Tools, with the same time and cores;
it runs when `cpmpy` can be imported, and `--no-peer` leaves it out.

    python benchmarks/defences.py --data FOLDER [--only NAME ...] [--seconds 60] [--workers 2] [--no-peer]
    python benchmarks/defences.py --data FOLDER --mandatory

With `--mandatory` every defence has to be planned, and the question is whether that is possible.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from common import as_line, machine
from instances import Instances, Json, chosen, data_folder, heading, instances, parser, row

from solvers.cpsat import solve
from solvers.plan import Feasible, Infeasible, Optimal, Plan
from solvers.problem import Problem

HOUR, DAY = 60, 1440


def problem_of(instance: Json, *, mandatory: bool = False) -> Problem:
    """The instance as a problem, day after day from minute 0.

    A defence is a loop of one session of an hour with a seat for each evaluator, whose pool is that evaluator, in any
    room; the student's hours are the loop's. The pair of two defences costs the number of their common evaluators
    unless one follows the other straight away in one room. As many defences as possible comes first.
    """
    slots = range(instance["n_slots"])
    assert instance["slots_per_day"] < 24, "the last hour of a day would touch the first of the next"

    def free(taken: Iterable[int]) -> list[tuple[int, int]]:
        missing = set(taken)
        return [
            (start, start + HOUR)
            for slot in slots
            if slot not in missing
            for start in [minute(slot, instance)]
        ]

    defences = instance["defences"]
    panels = [set(defence["evaluators"]) for defence in defences]
    shared = {(a, b): len(panels[a] & panels[b]) for a, b in combinations(range(len(panels)), 2)}
    return Problem.model_validate(
        {
            "start": 0,
            "end": instance["days"] * DAY,
            "people": [
                {"key": str(each["id"]), "open": free(each["unavailable"])} for each in instance["evaluators"]
            ],
            "rooms": [
                {"key": str(each["id"]), "open": free(each["unavailable"])} for each in instance["rooms"]
            ],
            "loops": [
                {
                    "key": str(each["id"]),
                    "sessions": [
                        {
                            "key": "defence",
                            "minutes": HOUR,
                            "grid": HOUR,
                            "seats": [
                                {"key": f"seat{number}", "pool": [str(evaluator)]}
                                for number, evaluator in enumerate(each["evaluators"])
                            ],
                            "room": {},
                        }
                    ],
                    "available": free(each["student_unavailable"]),
                    "mandatory": mandatory,
                }
                for each in defences
            ],
            "pair_costs": [
                {
                    "one": f"{defences[a]['id']}/defence",
                    "other": f"{defences[b]['id']}/defence",
                    "apart": count,
                }
                for (a, b), count in shared.items()
                if count
            ],
            "levels": [] if mandatory else [{"weights": {"unscheduled": 1}}, {"weights": {"pair_cost": 1}}],
        }
    )


def minute(slot: int, instance: Json) -> int:
    """Where a slot starts in a problem."""
    day, hour = divmod(slot, int(instance["slots_per_day"]))
    return day * DAY + hour * HOUR


def solution_of(instance: Json, plan: Plan) -> Json:
    """The plan in the words of the instance."""
    per_day = instance["slots_per_day"]
    return {
        "assignments": [
            {
                "defence": int(each.loop),
                "slot": each.start // DAY * per_day + each.start % DAY // HOUR,
                "room": int(each.room),
            }
            for each in plan.assignments
            if each.room is not None
        ]
    }


def measure(sets: Instances, name: str, seconds: float, workers: int) -> dict[str, Any]:
    """Solve one instance, planned alone and then both levels, and have the second plan judged."""
    instance = sets.read(name)
    problem = problem_of(instance)
    planned = solve(
        problem.model_copy(update={"levels": problem.levels[:1]}), seconds=seconds, workers=workers
    )
    verdict = solve(problem, seconds=seconds, workers=workers)
    assert isinstance(verdict, Optimal | Feasible), verdict.kind
    counted = sets.score(instance, solution_of(instance, verdict.plan))
    most = sum(cost.apart for cost in problem.pair_costs)
    assert most - verdict.objective.units["pair_cost"] == counted["adjacency"]
    if isinstance(verdict, Optimal):
        adjacency = f"**{counted['adjacency']}** proved"
    elif verdict.level:
        adjacency = f"{counted['adjacency']}, at most {most - verdict.bound}"
    else:
        adjacency = f"{counted['adjacency']}"
    proved = isinstance(planned, Optimal)
    return {
        "planned": f"**{counted['planned']}** proved" if proved else f"{counted['planned']}",
        "planned_seconds": f"{planned.seconds:.1f}",
        "adjacency": adjacency,
        "seconds": f"{verdict.seconds:.1f}",
    }


def has_peer() -> bool:
    """Whether CPMpy is installed, which is no dependency of the project."""
    return importlib.util.find_spec("cpmpy") is not None


def measure_peer(sets: Instances, name: str, seconds: float, workers: int) -> list[str]:
    """The peer's cells for one instance; dashes without it."""
    if not has_peer():
        return ["–", "–", "–"]
    from defences_cpmpy import solve as solve_with_cpmpy  # noqa: PLC0415 - only where CPMpy is installed

    instance = sets.read(name)
    found = solve_with_cpmpy(instance, seconds, workers)
    if found.solution is None:
        return ["none", "–", f"{found.seconds:.1f}"]
    counted = sets.score(instance, found.solution)
    planned, adjacency = (
        f"{counted[what]}{' proved' if proved else ''}"
        for what, proved in (("planned", found.planned_proved), ("adjacency", found.adjacency_proved))
    )
    return [planned, adjacency, f"{found.seconds:.1f} and {found.building:.1f} to build"]


def compare(sets: Instances, names: list[str], seconds: float, workers: int, *, peer: bool) -> None:
    """Every instance with us and with the peer."""
    if peer and not has_peer():
        print("\nCPMpy is not installed, so the peer sits out (pip install cpmpy).")
    print()
    heading(
        "instance",
        " defences",
        " peer: planned",
        " adjacency",
        " s",
        " ours: planned",
        " s",
        " adjacency",
        " s",
    )
    for name in names:
        theirs = measure_peer(sets, name, seconds, workers) if peer else ["–", "–", "–"]
        ours = measure(sets, name, seconds, workers)
        row(name, len(sets.read(name)["defences"]), *theirs, *ours.values())


def decide(sets: Instances, names: list[str], seconds: float, workers: int) -> None:
    """For every instance whether all its defences can be planned."""
    print()
    heading("instance", " defences", "all of them?", " s", " without any hour")
    refuted = 0
    took = 0.0
    for name in names:
        instance = sets.read(name)
        verdict = solve(problem_of(instance, mandatory=True), seconds=seconds, workers=workers)
        reasons = verdict.reasons if isinstance(verdict, Infeasible) else ()
        if isinstance(verdict, Optimal):
            assert sets.score(instance, solution_of(instance, verdict.plan))["planned"] == len(
                instance["defences"]
            )
        words = {"optimal": "yes", "infeasible": "no, proved"}.get(verdict.kind, "unknown")
        row(
            name,
            len(instance["defences"]),
            words,
            f"{verdict.seconds:.2f}",
            len(reasons),
        )
        refuted += isinstance(verdict, Infeasible)
        took += verdict.seconds
    print(f"\n{refuted} of {len(names)} proved infeasible, {took:.1f} s together.")


def main(arguments: Sequence[str]) -> None:
    """Run the comparison, or the question whether all can be planned."""
    options = parser(__doc__ or "")
    options.add_argument("--mandatory", action="store_true", help="can all defences be planned?")
    options.add_argument("--no-peer", action="store_true", help="leave the peer out")
    asked = options.parse_args(arguments)
    sets = instances(data_folder(asked.data), "defence-kuleuven", "check_defence_kuleuven")
    names = chosen(sets.names(), asked.only)
    before = machine(("ortools",))
    print(as_line(before))
    if asked.mandatory:
        decide(sets, names, asked.seconds, asked.workers)
    else:
        compare(sets, names, asked.seconds, asked.workers, peer=not asked.no_peer)
    print(
        f"\nload before {before['load']}, after {machine(())['load']}; {asked.seconds:g} s, {asked.workers} cores"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
