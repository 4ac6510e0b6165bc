"""When a loop may begin."""

from __future__ import annotations

from solvers.cpsat.variables import Variables


def add(variables: Variables) -> None:
    """For each session of a loop: it starts at a minute of `begins`, or another session of the loop is before it."""
    for loop in variables.loops:
        if loop.begins is None:
            continue
        names = variables.names(loop)
        for name in names:
            earlier = [variables.before(other, name) for other in names if other != name]
            if any(literal.index == variables.true.index for literal in earlier):
                continue
            ticks = variables.choices[name].grid.ticks(loop.begins)
            variables.require_start(
                name, ticks, [variables.scheduled[loop.key], *(~each for each in earlier)]
            )
