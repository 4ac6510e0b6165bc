"""How long CP-SAT takes for panels: one candidate in two weeks, and a day of forty candidates.

The calendars are drawn with a fixed seed. Every plan is judged by `solvers.check`. Each of the means named by
`--without` is left aside in a run of its own, to show what it is worth.

    python benchmarks/panels.py [--case loop day day-walks groups] [--seconds 60] [--workers 2]
        [--without annealing energy relaxation aim neighbourhoods components symmetry] [--dump FOLDER]
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from solvers.check import judge
from solvers.cpsat import Progress, solve
from solvers.cpsat.stage import Means
from solvers.plan import Feasible, Infeasible, Optimal, Unknown
from solvers.problem import DEFAULT_LEVELS, Problem

SEED = 20260105
MONDAY = 29_459_520  # 2026-01-05T00:00Z
DAY = 1440
OPEN, CLOSE = 9 * 60, 18 * 60


def days(count: int) -> list[int]:
    """The first minutes of so many working days."""
    return [MONDAY + DAY * day for day in range(count * 7 // 5 + 2) if day % 7 < 5][:count]


def calendar(rng: random.Random, mornings: list[int], busy: int) -> dict[str, Any]:
    """Working hours, so many meetings a day on the half hour, and now and then a tentative one."""
    blocked, soft = [], []
    for morning in mornings:
        for _ in range(busy):
            start = morning + rng.randrange(OPEN, CLOSE, 30)
            (soft if rng.random() < 0.2 else blocked).append((start, start + rng.choice([30, 60])))
    return {
        "open": [(morning + OPEN, morning + CLOSE) for morning in mornings],
        "blocked": blocked,
        "soft": soft,
    }


def person(rng: random.Random, key: str, mornings: list[int]) -> dict[str, Any]:
    """An interviewer with two to four meetings a day, who gives at most four interviews a day."""
    limits = [{"start": morning, "end": morning + DAY, "sessions": 4} for morning in mornings]
    return {
        "key": key,
        "limits": limits,
        "load": 30 * rng.randrange(8),
        **calendar(rng, mornings, rng.randint(2, 4)),
    }


def room(rng: random.Random, key: str, mornings: list[int], buildings: list[str]) -> dict[str, Any]:
    """A room with one meeting a day or none."""
    return {
        "key": key,
        "seats": rng.choice([4, 6, 8, 12]),
        "building": rng.choice(buildings),
        **calendar(rng, mornings, rng.randint(0, 1)),
    }


def loop(
    rng: random.Random, key: str, lengths: list[int], pools: list[list[str]], mornings: list[int]
) -> dict[str, Any]:
    """As many sessions as pools in order, lunch between noon and two, all on one day."""
    return {
        "key": key,
        "sessions": [
            {
                "key": f"s{index}",
                "minutes": rng.choice(lengths),
                "grid": 15,
                "anchor": MONDAY,
                "seats": [{"key": "lead", "pool": pools[index]}],
                "room": {"seats": 4},
            }
            for index in range(len(pools))
        ],
        "days": [(morning, morning + DAY) for morning in mornings],
        "max_days": 1,
        "max_gap": 120,
        "breaks": [{"key": "lunch", "minutes": 30, "window": [(day + 720, day + 840) for day in mornings]}],
    }


def one_loop() -> Problem:
    """One candidate, five sessions, pools of eight, ten rooms, two weeks."""
    rng = random.Random(SEED)
    mornings = days(10)
    people = [f"p{index:02}" for index in range(20)]
    return Problem.model_validate(
        {
            "start": MONDAY,
            "end": MONDAY + 14 * DAY,
            "people": [person(rng, key, mornings) for key in people],
            "rooms": [room(rng, f"r{index}", mornings, ["A"]) for index in range(10)],
            "loops": [loop(rng, "c", [45, 60], [rng.sample(people, 8) for _ in range(5)], mornings)],
        }
    )


def one_day(*, walks: bool) -> Problem:
    """Forty candidates with four half hours each, sixty interviewers, twelve rooms three quarters taken."""
    rng = random.Random(SEED)
    mornings = days(1)
    people = [f"p{index:02}" for index in range(60)]
    return Problem.model_validate(
        {
            "start": MONDAY,
            "end": MONDAY + DAY,
            "people": [person(rng, key, mornings) for key in people],
            "rooms": [
                room(rng, f"r{index:02}", mornings, ["A", "B"] if walks else ["A"]) for index in range(12)
            ],
            "loops": [
                loop(rng, f"c{index:02}", [30], [rng.sample(people, 8) for _ in range(4)], mornings)
                for index in range(40)
            ],
            "walks": [{"one": "A", "other": "B", "minutes": 10}] if walks else [],
        }
    )


def four_groups() -> Problem:
    """Four teams of four candidates, each team with its own interviewers and rooms; load is not spread."""
    rng = random.Random(SEED)
    mornings = days(1)
    teams = [[f"{team}{index}" for index in range(8)] for team in "abcd"]
    loops = []
    for team, people in zip("abcd", teams, strict=True):
        for index in range(4):
            drawn = loop(
                rng, f"{team}c{index}", [30, 45], [rng.sample(people, 4) for _ in range(4)], mornings
            )
            for session in drawn["sessions"]:
                session["room"] = {"seats": 4, "building": team}
            loops.append(drawn)
    levels = [level.model_dump() for level in DEFAULT_LEVELS]
    levels[-1]["weights"]["load_spread"] = 0
    return Problem.model_validate(
        {
            "start": MONDAY,
            "end": MONDAY + DAY,
            "people": [person(rng, key, mornings) for people in teams for key in people],
            "rooms": [
                room(rng, f"{team}r{index}", mornings, [team]) for team in "abcd" for index in range(3)
            ],
            "loops": loops,
            "levels": levels,
        }
    )


CASES: dict[str, Callable[[], Problem]] = {
    "loop": one_loop,
    "day": lambda: one_day(walks=False),
    "day-walks": lambda: one_day(walks=True),
    "groups": four_groups,
}


@dataclass(frozen=True)
class Result:
    """What one run came to.

    Args:
        scheduled_after: seconds to the first plan that schedules as many as the last; None if none was reported.
        proved_after: for each level that was proved, the seconds to the plan or bound that proved it.
    """

    what: str
    verdict: Optimal | Feasible | Infeasible | Unknown
    scheduled: int
    scheduled_after: float | None
    proved_after: dict[int, float]
    seconds: float


def main() -> None:
    """Solve the cases and print what was found and when."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--without", nargs="*", choices=get_args(Means), default=[], help="also without each")
    parser.add_argument("--dump", type=Path)
    chosen = parser.parse_args()
    for name in chosen.case:
        problem = CASES[name]()
        if chosen.dump is not None:
            (chosen.dump / f"{name}.json").write_text(problem.model_dump_json(exclude_defaults=True))
        heads = [f"level {number + 1}" for number in range(len(problem.levels))]
        print(f"\n{name}, {len(problem.loops)} loops\n")
        print(f"| | verdict | scheduled | after | {' | '.join(heads)} |")
        print("|---|---|--:|--:|" + "--:|" * len(heads))
        for without in ([], *([means] for means in chosen.without)):
            row(problem, measure(problem, chosen.seconds, chosen.workers, without))


def measure(problem: Problem, seconds: float, workers: int, without: list[Means]) -> Result:
    """Solve one case; every plan is judged."""
    seen: list[Progress] = []
    began = time.perf_counter()
    verdict = solve(problem, seconds=seconds, workers=workers, on_progress=seen.append, without=without)
    took = time.perf_counter() - began
    scheduled = 0
    if isinstance(verdict, Optimal | Feasible):
        assert judge(problem, verdict.plan).lawful
        scheduled = len({each.loop for each in verdict.plan.assignments})
    enough = [each.seconds for each in seen if each.scheduled == scheduled]
    met = [each for each in seen if each.objective <= each.bound]
    return Result(
        what=f"without {without[0]}" if without else "with all",
        verdict=verdict,
        scheduled=scheduled,
        scheduled_after=min(enough, default=None),
        proved_after={each.level: each.seconds for each in reversed(met)},
        seconds=took,
    )


def row(problem: Problem, result: Result) -> None:
    """Print one run: for each level its value, and when it was proved or how far its bound is."""
    verdict = result.verdict
    cells = []
    if isinstance(verdict, Optimal | Feasible):
        for level, value in enumerate(verdict.objective.levels):
            if isinstance(verdict, Optimal) or level < verdict.level:
                proved = result.proved_after.get(level)
                cells.append(f"{value}, proved" + ("" if proved is None else f" at {proved:.1f} s"))
            elif level == verdict.level:
                cells.append(f"{value}, bound {verdict.bound}, gap {(value - verdict.bound) / value:.1%}")
            else:
                cells.append(str(value))
    after = "" if result.scheduled_after is None else f"{result.scheduled_after:.1f} s"
    held = f"{result.scheduled} of {len(problem.loops)}"
    kind = f"{verdict.kind}, {result.seconds:.1f} s"
    print(f"| {result.what} | {kind} | {held} | {after} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
