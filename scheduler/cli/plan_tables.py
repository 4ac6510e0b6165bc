"""A plan of many candidates as tables and as pictures of its days."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.loop_tables import LEGEND, drawn, print_pools, session_cells
from scheduler.cli.tables import line, window_text
from scheduler.planning.loops.plan_answer import CandidateAnswer, LevelAnswer, Plans
from scheduler.planning.sentences import count

OTHERS = "*"
"""Marks every candidate after the fifty-second."""


def print_plan(answer: Plans, console: Console) -> None:
    """Who is interviewed when, by whom and where; the days; what it costs and what is proved; who was left out."""
    asked = count(len(answer.candidates), "candidate")
    when = f"{window_text(answer.window)}, {answer.zone}"
    if answer.ended in {"infeasible", "unknown"}:
        line(console, f"No plan for {asked} {when}: {_nothing(answer)}.")
    else:
        line(console, f"{answer.scheduled} of {asked} scheduled {when}.")
        signs = ascii_uppercase + ascii_lowercase
        letters = {
            _called(candidate): signs[place] if place < len(signs) else OTHERS
            for place, candidate in enumerate(answer.candidates)
        }
        if answer.scheduled:
            console.print()
            console.print(_candidates(answer, letters))
        for picture in answer.days:
            console.print()
            for row in drawn(picture, letters):
                console.print(row, soft_wrap=True)
        console.print()
        if answer.days:
            line(console, LEGEND)
        for level in answer.levels:
            line(console, _level(level))
        costs = [f"{term.term.replace('_', ' ')} {term.cost}" for term in answer.terms if term.cost]
        line(console, f"points: {' + '.join(costs) or 'none'}")
    _print_left_out(answer, console)
    print_pools(answer.pools, console)
    for unread in answer.unread:
        line(console, f"unknown: {unread.reason}")
    for note in answer.notes:
        line(console, f"note: {note}")
    if answer.scheduled:
        line(
            console,
            f"Book all of it, each candidate's loop as a whole, with: slotwright book {answer.solution}",
        )
        line(console, f"See later what has changed with: slotwright replay {answer.solution}")


def _candidates(answer: Plans, letters: dict[str, str]) -> Table:
    table = Table("", "candidate", "when", "session", "who", "room", "slot", pad_edge=False)
    table.columns[2].no_wrap = table.columns[6].no_wrap = True
    for candidate in answer.candidates:
        for place, session in enumerate(candidate.sessions):
            when, name, who, room, slot = session_cells(session, with_day=True)
            table.add_row(
                letters[_called(candidate)] if place == 0 else "",
                Text(_called(candidate) if place == 0 else ""),
                when,
                Text(name),
                Text(who),
                Text(room),
                Text(slot, style="cyan"),
                end_section=place + 1 == len(candidate.sessions),
            )
    return table


def _print_left_out(answer: Plans, console: Console) -> None:
    for candidate in answer.candidates:
        if candidate.sessions:
            continue
        line(console, "")
        line(console, f"{_called(candidate)} was left out:")
        for reason in candidate.reasons:
            line(console, f"- {reason}")
        for remedy in candidate.remedies:
            line(console, f"+ {remedy}")
        if not candidate.reasons:
            line(console, "- why was not found out in time; allow more with --explain-limit")
    if answer.asks:
        line(console, "")
        line(console, "The asks that open most:")
        for ask in answer.asks:
            line(console, f"+ {ask}")


def _nothing(answer: Plans) -> str:
    if answer.ended == "infeasible":
        return "proved that there is none"
    return "neither a plan nor a proof was found in time"


def _level(level: LevelAnswer) -> str:
    if level.proved:
        return f"{level.what}: {level.value}, proved: no plan has less"
    return f"{level.what}: {level.value}, not proved: no plan has less than {level.bound}"


def _called(candidate: CandidateAnswer) -> str:
    return candidate.name or candidate.address or ""
