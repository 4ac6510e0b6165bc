"""Meeting scheduling, the example that OptaPlanner and Timefold share: fifty meetings and more in five rooms.

Nobody is ever busy; what is hard is that three quarters of the meetings share people. Clashes of required people are
forbidden, clashes of preferred ones are the medium level, and many small prices on pairs of meetings are the soft one.
`solvers.local` runs on one core, and so do the peers, on models written for this comparison (`peers/Meetings.java`).
Their jars come from wheels in a folder named by `--peers`; a peer whose wheel is not there is left out. All schedules
are judged by the instances' own checker. The clique bound is a proof: meetings any two of which share somebody must
overlap by what they take together beyond the horizon, and each grain of it costs at least one medium point.

    pip download --no-deps --pre -d WHEELS timefold==1.24.0b0 optapy==9.37.0b0
    python benchmarks/meetings.py --data FOLDER [--only NAME ...] [--seconds 60] [--seeds 0 1 2] [--peers WHEELS]
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from common import as_line, machine
from instances import Json, chosen, data_folder, heading, parser, row
from ortools.sat.python.cp_model import CpModel, CpSolver

from solvers.check import judge
from solvers.local import improve
from solvers.plan import Plan
from solvers.problem import Problem

NAMES = tuple(
    f"{meetings}meetings-{grains}timegrains-5rooms"
    for meetings, grains in ((50, 160), (100, 320), (200, 640), (400, 1280), (800, 2560))
)
HURRY = 2
"""Grains after a meeting within which people should not have to change rooms."""


def problem_of(instance: Json) -> Problem:
    """The instance as a problem: a grain is a minute, days follow one another without a gap.

    Required people are seats with a pool of one. Preferred people stand in prices only: a grain in which two meetings
    overlap costs, for each person of both who is not required in both, more than all soft prices together can come to.
    The soft level charges the last grain rather than the first, which is the same number more in every schedule.
    """
    meetings, end = instance["meetings"], instance["n_grains"]
    assert not any(each["speakers"] or each["entire_group"] for each in meetings)
    soft, medium = instance["weights"]["soft"], instance["weights"]["medium"]
    assert set(medium.values()) == set(instance["weights"]["hard"].values()) == {1}
    required = [set(each["required"]) for each in meetings]
    invited = [required[index] | set(each["preferred"]) for index, each in enumerate(meetings)]
    shared = {pair: len(invited[pair[0]] & invited[pair[1]]) for pair in pairs(instance)}
    dear = above_soft(instance, shared)
    return Problem.model_validate(
        {
            "start": 0,
            "end": end,
            "people": [
                {"key": f"p{person}", "open": [(0, end)]} for person in sorted(set().union(*required))
            ],
            "rooms": [
                {"key": f"r{room['id']}", "open": [(0, end)], "seats": room["capacity"]}
                for room in instance["rooms"]
            ],
            "loops": [
                {
                    "key": f"m{index}",
                    "sessions": [
                        {
                            "key": "s",
                            "minutes": each["duration_grains"],
                            "seats": [
                                {"key": f"a{person}", "pool": [f"p{person}"]} for person in each["required"]
                            ],
                            "room": {"seats": len(invited[index])},
                            "delay_cost": soft["as_soon_as_possible"],
                            "room_costs": [
                                (f"r{room}", soft["larger_rooms_first"] * below)
                                for room, below in seats_below(instance).items()
                            ],
                        }
                    ],
                    "days": [
                        (day["first_grain"], day["first_grain"] + day["grains"]) for day in instance["days"]
                    ],
                }
                for index, each in enumerate(meetings)
            ],
            "pair_costs": [
                price
                for pair in pairs(instance)
                for price in prices(
                    instance, pair, shared[pair], len(required[pair[0]] & required[pair[1]]), dear
                )
            ],
            "levels": [
                {"weights": {"unscheduled": 1}},
                {"weights": {"start_cost": 1, "room_cost": 1, "pair_cost": 1}},
            ],
        }
    )


def pairs(instance: Json) -> Iterator[tuple[int, int]]:
    """Each two meetings once."""
    return combinations(range(len(instance["meetings"])), 2)


def prices(
    instance: Json, pair: tuple[int, int], shared: int, both_required: int, dear: int
) -> Iterator[dict[str, Any]]:
    """What two meetings cost, the soft prices apart from the medium one."""
    soft = instance["weights"]["soft"]
    names = {"one": f"m{pair[0]}/s", "other": f"m{pair[1]}/s"}
    yield {
        **names,
        "overlap": soft["overlapping_meetings"],
        "touching": soft["one_grain_break"],
        "rushed": soft["room_stability"] * shared,
        "rushed_within": HURRY,
    }
    if shared > both_required:
        yield {**names, "overlap": dear * (shared - both_required)}


def seats_below(instance: Json) -> dict[int, int]:
    """For each room, how many seats all larger ones have more."""
    seats = {room["id"]: room["capacity"] for room in instance["rooms"]}
    return {room: sum(other - own for other in seats.values() if other > own) for room, own in seats.items()}


def above_soft(instance: Json, shared: dict[tuple[int, int], int]) -> int:
    """A power of ten that no lawful schedule reaches at the soft level.

    At any time at most one meeting is in each room, so the grains of overlap are at most those of all meetings times
    the other rooms; and a meeting touches, follows or overlaps so few others that their people can be counted.
    """
    soft, meetings = instance["weights"]["soft"], instance["meetings"]
    rooms, horizon = len(instance["rooms"]), instance["n_grains"]
    work = sum(each["duration_grains"] for each in meetings)
    longest = max(each["duration_grains"] for each in meetings)
    near = rooms * (longest + HURRY + 1)
    most: int = (
        len(meetings) * horizon * soft["as_soon_as_possible"]
        + len(meetings) * max(seats_below(instance).values()) * soft["larger_rooms_first"]
        + work * (rooms - 1) * soft["overlapping_meetings"]
        + len(meetings) * rooms * soft["one_grain_break"]
        + len(meetings) * near * max(shared.values()) * soft["room_stability"]
    )
    above: int = 10 ** len(str(most))
    return above


def schedule_of(plan: Plan) -> Json:
    """The plan as the checker reads schedules."""
    return {
        "assignments": [
            {"meeting": int(each.loop[1:]), "start": each.start, "room": int(str(each.room)[1:])}
            for each in plan.assignments
        ]
    }


def by_us(seed: int) -> Callable[[Json, float], Json]:
    """The local search; making the problem counts as time."""

    def solve(instance: Json, seconds: float) -> Json:
        began = time.monotonic()
        problem = problem_of(instance)
        plan = improve(problem, Plan(), seconds=seconds - (time.monotonic() - began), seed=seed)
        assert judge(problem, plan).lawful
        return schedule_of(plan)

    return solve


def clique_bound(instance: Json, seconds: float) -> int:
    """A number of medium points that every schedule without required clashes has at least."""
    meetings = instance["meetings"]
    invited = [set(each["required"]) | set(each["preferred"]) for each in meetings]
    model = CpModel()
    taken = [model.new_bool_var("") for _ in meetings]
    for one, other in pairs(instance):
        if not invited[one] & invited[other]:
            model.add_bool_or(~taken[one], ~taken[other])
    model.maximize(sum(each["duration_grains"] * var for each, var in zip(meetings, taken, strict=True)))
    solver = CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.solve(model)
    horizon: int = instance["n_grains"]
    return max(0, round(solver.objective_value) - horizon)


@dataclass(frozen=True)
class Peer:
    """A Java solver in a wheel.

    Args:
        packages: what the packages of its interface begin with.
        style: which constraint provider of Meetings.java it runs.
    """

    name: str
    wheel: str
    packages: str
    style: str


PEERS = (
    Peer("OptaPlanner 9.37", "optapy-9.37*.whl", "org.optaplanner.core", "PerPerson"),
    Peer("Timefold 1.24", "timefold-1.24*.whl", "ai.timefold.solver.core", "PerPerson"),
    Peer("Timefold 1.24, pair weights", "timefold-1.24*.whl", "ai.timefold.solver.core", "PerPair"),
)
QUIET = '<configuration><root level="OFF"/></configuration>'
NO_STATUS = "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener"


def prepared(peer: Peer, wheels: Path | None, scratch: Path) -> Callable[[Json, float], Json] | str:
    """How to run the peer, or why it is left out."""
    found = sorted(wheels.glob(peer.wheel)) if wheels is not None else []
    if not found:
        return f"no {peer.wheel} in a folder named by --peers"
    folder = scratch / peer.packages
    if not folder.exists():
        with zipfile.ZipFile(found[-1]) as wheel:
            for each in wheel.namelist():
                if each.endswith(".jar") and "-sources" not in each and "-tests" not in each:
                    wheel.extract(each, folder)
        source = (Path(__file__).parent / "peers" / "Meetings.java").read_text()
        (folder / "Meetings.java").write_text(source.replace("ai.timefold.solver.core", peer.packages))
        (folder / "logback.xml").write_text(QUIET)
        path = classpath(folder)
        compiled = run(
            ["javac", "-nowarn", "-proc:none", "-cp", path, "-d", str(folder), str(folder / "Meetings.java")]
        )
        if compiled.returncode:
            return f"it does not compile: {compiled.stderr.strip()[:500]}"

    def solve(instance: Json, seconds: float) -> Json:
        numbers = folder / "instance.txt"
        numbers.write_text(" ".join(map(str, as_numbers(instance))))
        java = ["java", "-Xmx4g", "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=1", NO_STATUS]
        done = run([*java, "-cp", classpath(folder), "Meetings", str(numbers), str(seconds), peer.style])
        if done.returncode:
            causes = [line for line in done.stderr.splitlines() if "Exception" in line]
            raise RuntimeError(f"{peer.name} failed: {(causes or [done.stderr])[0]}")
        return {
            "assignments": [
                {"meeting": int(meeting), "start": number(start), "room": number(room)}
                for line in done.stdout.splitlines()
                if line.startswith("assigned ")
                for _, meeting, start, room in [line.split()]
            ]
        }

    return solve


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program of the Java kit."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def classpath(folder: Path) -> str:
    """The folder itself and all jars under it."""
    return ":".join(map(str, [folder, *sorted(folder.rglob("*.jar"))]))


def number(word: str) -> int | None:
    """A number, or None for a dash."""
    return None if word == "-" else int(word)


def as_numbers(instance: Json) -> Iterator[int]:
    """The instance as Meetings.java reads it: each list with its length before it."""
    yield instance["n_grains"]
    yield from instance["grain_day"]
    below = seats_below(instance)
    yield len(instance["rooms"])
    for room in instance["rooms"]:
        yield from (room["id"], room["capacity"], below[room["id"]])
    yield len(instance["meetings"])
    for each in instance["meetings"]:
        yield each["duration_grains"]
        for people in (each["required"], each["preferred"]):
            yield from (len(people), *people)


def checker(data: Path) -> Callable[[Json, Json], Json]:
    """The scorer of the data folder.

    Raises:
        SystemExit: it is not there.
    """
    path = data / "check_optaplanner_meeting.py"
    if not path.exists():
        sys.exit(f"{path} is not there; see benchmarks/README.md for what the data folder holds.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    score: Callable[[Json, Json], Json] = module.score
    return score


def shown(score: Json) -> str:
    """A score as the peers write it."""
    missing = f"{-score['init']} unset, " if score["init"] else ""
    return missing + "/".join(str(score[level]) for level in ("hard", "medium", "soft"))


def main() -> None:
    """Solve the instances that are there and print a table."""
    options = parser(__doc__ or "")
    options.add_argument("--seeds", nargs="+", type=int, default=[0], help="one run of ours for each")
    options.add_argument("--peers", type=Path, metavar="WHEELS", help="the folder of the peers' wheels")
    options.add_argument("--bound-seconds", type=float, default=20.0, help="time for each clique bound")
    given = options.parse_args()
    data = data_folder(given.data)
    score, folder = checker(data), data / "optaplanner-meeting"
    present = [name for name in NAMES if (folder / f"{name}.json").exists()]
    print(as_line(machine(["numpy", "ortools"])))
    print(f"{given.seconds:g} s on one core each; scores are hard/medium/soft, 0 is best")
    for name in sorted(set(NAMES) - set(present)):
        print(f"left out: {name} is not in {folder}")
    with tempfile.TemporaryDirectory() as scratch:
        ways: dict[str, Callable[[Json, float], Json]] = {
            f"slotwright, seed {seed}": by_us(seed) for seed in given.seeds
        }
        for peer in PEERS:
            way = prepared(peer, given.peers, Path(scratch))
            if isinstance(way, str):
                print(f"left out: {peer.name}: {way}")
            else:
                ways[peer.name] = way
        heading("meetings", "solver", " hard/medium/soft", " medium at least", " s")
        for name in chosen(present, given.only):
            instance = json.loads((folder / f"{name}.json").read_text())
            bound = clique_bound(instance, given.bound_seconds)
            for solver, solve in ways.items():
                began = time.monotonic()
                schedule = solve(instance, given.seconds)
                took = time.monotonic() - began
                row(len(instance["meetings"]), solver, shown(score(instance, schedule)), bound, f"{took:.0f}")


if __name__ == "__main__":
    main()
