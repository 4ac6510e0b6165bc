"""Time off: a break on each day on which sessions are held on both sides of its window, or in it."""

from __future__ import annotations

from ortools.sat.python import cp_model

from solvers.cpsat.variables import Literal, Variables
from solvers.problem import Break, Loop
from solvers.timeline import Span, SpanSet


def add(variables: Variables) -> None:
    """On each day on which it is due, a break is an interval inside one span of its window that meets no session.

    With [b, e) from the first to the last minute of the window on a day, it is due if a session of that day starts
    before e and a session of that day ends after b.
    """
    for loop in variables.loops:
        for rest in loop.breaks:
            _add(variables, loop, rest)


def _add(variables: Variables, loop: Loop, rest: Break) -> None:
    scheduled = variables.scheduled[loop.key]
    intervals = []
    for day in variables.days(loop):
        part = rest.window.clip(day)
        due = _due(variables, loop, day, part) if part else None
        if due is None:
            continue
        starts = part.starts(rest.minutes)
        if not starts:
            variables.model.add_bool_or([~due])
            continue
        origin = variables.problem.start
        start = variables.model.new_int_var_from_domain(
            cp_model.Domain.from_intervals([[each.start - origin, each.end - 1 - origin] for each in starts]),
            f"{loop.key} {rest.key} starts",
        )
        intervals.append(variables.model.new_optional_fixed_size_interval_var(start, rest.minutes, due, ""))
    if intervals:
        sessions = [variables.interval(name, scheduled) for name in variables.names(loop)]
        variables.model.add_no_overlap([*sessions, *intervals])


def _due(variables: Variables, loop: Loop, day: Span, part: SpanSet) -> Literal | None:
    """A literal that holds if the break is due on the day; None if it never is."""
    model = variables.model
    begin, end = part.edges[0], part.edges[-1]
    not_after: list[Literal] = []
    not_before: list[Literal] = []
    for name in variables.names(loop):
        minutes = variables.minutes(name)
        if day.start < end:
            not_after.append(variables.starts_in(name, SpanSet((day.start, end))))
        if begin - minutes + 1 < day.end:
            first = max(day.start, begin - minutes + 1)
            not_before.append(variables.starts_in(name, SpanSet((first, day.end))))
    if all(map(variables.never, not_after)) or all(map(variables.never, not_before)):
        return None
    some_not_after, some_not_before = model.new_bool_var(""), model.new_bool_var("")
    for each in not_after:
        model.add_implication(each, some_not_after)
    for each in not_before:
        model.add_implication(each, some_not_before)
    due = model.new_bool_var(f"break due on {day.start}")
    model.add_bool_or([~some_not_after, ~some_not_before, ~variables.scheduled[loop.key], due])
    return due
