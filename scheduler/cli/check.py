"""`slotwright check`: whether a plan is lawful and what it costs, whoever made it."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.context import output
from scheduler.cli.problems import objective_table, read_frozen
from scheduler.planning.sentences import count
from scheduler.zones import format_wall
from solvers.check import Judgement, judge
from solvers.plan import Plan
from solvers.problem import Problem
from solvers.timeline import Span


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("plan_file", metavar="PLAN.json", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def check(problem_file: Path, plan_file: Path, *, as_json: bool) -> int:
    """Check PLAN.json against every rule of PROBLEM.json, and say what it costs.

    No solver takes part. One of the files may be `-`, which is standard input. Exit code 1 when a rule is broken.
    """
    problem = read_frozen(problem_file, Problem, "problem")
    plan = read_frozen(plan_file, Plan, "plan")
    judgement = judge(problem, plan)
    if as_json:
        values = {"lawful": judgement.lawful, **judgement.model_dump(mode="json")}
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        _print(problem, plan, judgement, output())
    return 0 if judgement.lawful else 1


def _print(problem: Problem, plan: Plan, judgement: Judgement, console: Console) -> None:
    held = len({each.loop for each in plan.assignments})
    of = f"{count(len(plan.assignments), 'session')} of {count(held, 'loop')}"
    if judgement.lawful:
        console.print(f"Lawful: {of}, {len(problem.loops) - held} left out.", soft_wrap=True)
    else:
        rules = len({each.rule for each in judgement.violations})
        console.print(
            f"Not lawful: {of}, {count(rules, 'rule')} broken {_times(len(judgement.violations))}.",
            soft_wrap=True,
        )
        console.print(_violations(judgement))
    console.print(objective_table(problem, judgement.objective))


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _violations(judgement: Judgement) -> Table:
    table = Table("rule", "when (UTC)", "by", "what", pad_edge=False)
    table.columns[2].justify = "right"
    for each in judgement.violations:
        when = "" if each.when is None else _span(each.when)
        table.add_row(each.rule, when, str(each.by), Text(each.text))
    return table


def _span(span: Span) -> str:
    start, end = _moment(span.start), _moment(span.end)
    return f"{start}–{end[11:] if start[:10] == end[:10] else end}"


def _moment(minute: int) -> str:
    try:
        return format_wall(minute).replace("T", " ")
    except ValueError:
        return f"minute {minute}"
