"""How close together the sessions of one day are: at least min_gap, at most max_gap."""

from __future__ import annotations

from itertools import combinations, pairwise

from solvers.cpsat.options import Name
from solvers.cpsat.variables import Literal, Variables
from solvers.problem import Loop


def add(variables: Variables) -> None:
    """Of two sessions of a loop on one day, the later starts min_gap or more after the earlier ends.

    The one that follows a session on its day starts at most max_gap after it ends. In a fixed order both need to be
    said of neighbours only.
    """
    for loop in variables.loops:
        if len(loop.sessions) > 1:
            if loop.min_gap:
                _keep_apart(variables, loop, loop.min_gap)
            if loop.max_gap is not None:
                _keep_together(variables, loop, loop.max_gap)


def _keep_apart(variables: Variables, loop: Loop, gap: int) -> None:
    names = variables.names(loop)
    scheduled = variables.scheduled[loop.key]
    pairs = list(pairwise(names)) if loop.order == "fixed" else list(combinations(names, 2))
    if loop.order == "free" and all(_days_are_apart(variables, one, other, gap) for one, other in pairs):
        variables.model.add_no_overlap(variables.interval(name, scheduled, gap) for name in names)
        return
    for one, other in pairs:
        if _days_are_apart(variables, one, other, gap):
            together = [scheduled]
        else:
            together = [scheduled, variables.on_one_day(one, other)]
        first = variables.before(one, other)
        _apart(variables, one, other, gap, [first, *together])
        _apart(variables, other, one, gap, [~first, *together])


def _apart(variables: Variables, one: Name, other: Name, gap: int, conditions: list[Literal]) -> None:
    if not any(map(variables.never, conditions)):
        variables.model.add(variables.end(one) + gap <= variables.start(other)).only_enforce_if(conditions)


def _days_are_apart(variables: Variables, one: Name, other: Name, gap: int) -> bool:
    """Whether the two keep the gap whenever they are on different days, so that it may always be asked."""
    first, second = variables.choices[one], variables.choices[other]
    for earlier, later in ((first, second), (second, first)):
        for day, ticks in earlier.days.items():
            end = earlier.grid.minute(ticks.edges[-1] - 1) + earlier.session.minutes
            for other_day, theirs in later.days.items():
                if day < other_day and later.grid.minute(theirs.edges[0]) - end < gap:
                    return False
    return True


def _keep_together(variables: Variables, loop: Loop, gap: int) -> None:
    model = variables.model
    names = variables.names(loop)
    scheduled = variables.scheduled[loop.key]
    if loop.order == "fixed":
        for one, other in pairwise(names):
            model.add(variables.start(other) <= variables.end(one) + gap).only_enforce_if(
                [scheduled, variables.on_one_day(one, other)]
            )
        return
    for one in names:
        others = [other for other in names if other != one]
        last = model.new_bool_var("last of its day")
        follows: list[Literal] = []
        for other in others:
            together, earlier = variables.on_one_day(one, other), variables.before(one, other)
            model.add_bool_or([~last, ~together, ~earlier])
            next_one = model.new_bool_var("follows soon")
            model.add_implication(next_one, together)
            model.add_implication(next_one, earlier)
            model.add(variables.start(other) <= variables.end(one) + gap).only_enforce_if(
                [next_one, scheduled]
            )
            follows.append(next_one)
        model.add_bool_or([*follows, last, ~scheduled])
