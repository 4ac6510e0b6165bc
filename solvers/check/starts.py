"""When a session may start: horizon, starts, grid."""

from __future__ import annotations

from collections.abc import Iterator

from solvers.check.judgement import Violation
from solvers.check.schedule import Held, Schedule
from solvers.problem import Problem


def judge_starts(schedule: Schedule) -> Iterator[Violation]:
    """Every session lies in the horizon and starts where it may."""
    for held in schedule:
        yield from _judge(schedule.problem, held)


def _judge(problem: Problem, held: Held) -> Iterator[Violation]:
    span, session = held.span, held.session
    inside = span.clip(problem.horizon)
    if inside != span:
        outside = span.minutes - (inside.minutes if inside is not None else 0)
        text = f"{held.name} is {outside} minutes outside the horizon."
        yield Violation(rule="horizon", who=(held.name,), when=span, by=outside, text=text)
    if session.starts is not None and not session.starts.contains_minute(span.start):
        text = f"{held.name} starts at a time that is not among its starts."
        yield Violation(rule="starts", who=(held.name,), when=span, by=1, text=text)
    if past := (span.start - session.anchor) % session.grid:
        text = f"{held.name} starts {past} minutes past its grid of {session.grid} minutes."
        yield Violation(rule="grid", who=(held.name,), when=span, by=past, text=text)
