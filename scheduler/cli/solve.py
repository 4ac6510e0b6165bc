"""`slotwright solve`: the best plan of a whole problem, with what is proved about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.context import output, progress
from scheduler.cli.problems import objective_table, read_frozen
from scheduler.cli.searching import Pace, explain_limit, seed, time_limit, workers
from scheduler.cli.tables import line
from scheduler.errors import InputError
from scheduler.planning.sentences import count
from scheduler.zones import iso_utc
from solvers.plan import Assignment, Feasible, Infeasible, Optimal, Unknown, Verdict
from solvers.problem import Problem

if TYPE_CHECKING:
    from solvers.cpsat import Progress


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    "plan_file",
    metavar="PLAN.json",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the plan into this file.",
)
@time_limit("Seconds to search at most; Ctrl-C ends the search earlier, with the best plan so far.")
@workers(2)
@seed()
@click.option(
    "--work",
    metavar="W",
    type=click.FloatRange(min=0, min_open=True),
    help="Search for so much work at most, about seconds of one core. With --workers 1 and a time limit that does not"
    " end it first, the same file and seed give the same plan.",
)
@explain_limit("Seconds to explain what was not scheduled, and what would help; 0 explains nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON instead of tables.")
def solve(
    problem_file: Path,
    *,
    plan_file: Path | None,
    seconds: float,
    workers: int,
    seed: int,
    work: float | None,
    explain_seconds: float,
    as_json: bool,
) -> int:
    """Find the best plan for PROBLEM.json (`-` is standard input): all candidates, interviewers and rooms at once.

    The file holds times as UTC minutes and knows no zones. For candidates who cannot be scheduled it says why, and
    which changes would help, each of them solved again. Exit code 1 when no lawful plan exists or none was found.
    """
    # OR-Tools takes a while to load, which no other command should wait for.
    from scheduler.cli.explanations import (  # noqa: PLC0415
        Explanations,
        as_values,
        explain_verdict,
        print_explanations,
    )
    from solvers.cpsat import solve as solve_problem  # noqa: PLC0415

    problem = read_frozen(problem_file, Problem, "problem")
    if plan_file is not None and not plan_file.absolute().parent.is_dir():
        raise InputError("-o", f"there is no folder {plan_file.parent}", "create it or name another file")
    try:
        with _reporting(problem) as report:
            verdict = solve_problem(
                problem,
                seconds=seconds,
                workers=workers,
                seed=seed,
                deterministic_time=work,
                on_progress=report,
            )
    except ValueError as error:
        raise InputError("problem", str(error), "lower the prices and weights") from None
    if plan_file is not None and isinstance(verdict, Optimal | Feasible):
        _write(plan_file, verdict.plan.model_dump_json(indent=2) + "\n")
    if not as_json:
        print_verdict(problem, verdict, output())
    explanations = Explanations()
    with suppress(KeyboardInterrupt), _explaining():
        explanations = explain_verdict(problem, verdict, explain_seconds)
    if as_json:
        values = {**verdict.model_dump(mode="json"), "explanations": as_values(explanations)}
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        print_explanations(problem, explanations, output())
    return 0 if isinstance(verdict, Optimal | Feasible) else 1


def print_verdict(problem: Problem, verdict: Verdict, console: Console) -> None:
    """The plan by candidate, what it costs, and what is proved about it."""
    if isinstance(verdict, Optimal | Feasible):
        _print_plan(problem, verdict, console)
        if problem.levels:
            console.print(objective_table(problem, verdict.objective))
    line(console, proof(problem, verdict))
    if isinstance(verdict, Infeasible):
        for reason in verdict.reasons:
            line(console, f"- {reason}")


def proof(problem: Problem, verdict: Verdict) -> str:
    """One sentence on what is known about the answer."""
    after = f"{verdict.seconds:.1f} s"
    match verdict:
        case Optimal():
            return f"optimal, proved in {after}"
        case Feasible():
            ended = {"time": "the time limit", "interrupted": "an interruption"}[verdict.limit]
            level = verdict.level
            value = verdict.objective.levels[level]
            return (
                f"feasible, gap {value - verdict.bound} on level {level + 1} ({_weighed(problem, level)}): "
                f"the plan has {value}, no plan has less than {verdict.bound}; ended by {ended} after {after}"
            )
        case Infeasible():
            return f"infeasible: no lawful plan exists, proved in {after}"
        case Unknown(limit="time"):
            return f"unknown: neither a plan nor a proof in {after}; allow more with --time-limit"
        case Unknown():
            return f"unknown: interrupted after {after}, before a plan or a proof was found"


def _print_plan(problem: Problem, verdict: Optimal | Feasible, console: Console) -> None:
    lengths = {(loop.key, session.key): session.minutes for loop, session in problem.sessions()}
    held: dict[str, list[Assignment]] = {
        key: sorted(assignments, key=lambda each: each.start)
        for key, assignments in groupby(verdict.plan.assignments, key=lambda each: each.loop)
    }
    table = Table("loop", "session", "start", "end", "UTC", "people", "room", pad_edge=False)
    for loop in problem.loops:
        for index, each in enumerate(held.get(loop.key, ())):
            end = each.start + lengths[each.loop, each.session]
            table.add_row(
                Text(loop.key if index == 0 else ""),
                Text(each.session),
                str(each.start),
                str(end),
                f"{iso(each.start)} – {iso(end)}",
                Text(", ".join(f"{person} ({seat})" for seat, person in each.people.items())),
                Text(each.room or ""),
                end_section=index + 1 == len(held[loop.key]),
            )
    if held:
        console.print(table)
    line(console, f"{len(held)} of {count(len(problem.loops), 'loop')} scheduled")
    if missing := [loop.key for loop in problem.loops if loop.key not in held]:
        line(console, f"left out: {', '.join(missing)}")


def _weighed(problem: Problem, level: int) -> str:
    return ", ".join(
        term.replace("_", " ") for term, weight in problem.levels[level].weights.items() if weight
    )


def iso(minute: int) -> str:
    """`2026-11-23T15:00Z` for a UTC minute since 1970; the minute itself where ISO dates have no four-digit year."""
    try:
        return iso_utc(minute)
    except ValueError:
        return f"minute {minute}"


@contextmanager
def _reporting(problem: Problem) -> Iterator[Callable[[Progress], None]]:
    """Where progress is told: a moving line on a terminal, otherwise at most a line a second."""
    console = progress()
    if console.is_terminal:
        with console.status("Solving ...") as status:
            yield lambda news: status.update(_news(problem, news))
        return
    pace = Pace()

    def tell(news: Progress) -> None:
        if pace.lets(news.seconds):
            line(console, _news(problem, news))

    yield tell


@contextmanager
def _explaining() -> Iterator[None]:
    console = progress()
    if not console.is_terminal:
        yield
        return
    with console.status("Explaining what was not scheduled; Ctrl-C ends it ..."):
        yield


def _news(problem: Problem, news: Progress) -> str:
    scheduled = f"{news.seconds:.0f} s: {news.scheduled} of {count(len(problem.loops), 'loop')} scheduled"
    if not problem.levels:
        return scheduled
    terms = _weighed(problem, news.level)
    return f"{scheduled}; level {news.level + 1} ({terms}) at {news.objective}, at least {news.bound}"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(str(path), f"cannot be written ({error.strerror})", "name another file") from None
