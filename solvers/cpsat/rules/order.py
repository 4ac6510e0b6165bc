"""The sessions of a loop are held one at a time, in the order asked."""

from __future__ import annotations

from solvers.cpsat.variables import Variables


def add(variables: Variables) -> None:
    """For each pair (a, b) of the order end(a) <= start(b), and no two sessions of a loop overlap."""
    model = variables.model
    for loop in variables.loops:
        scheduled = variables.scheduled[loop.key]
        for one, other in loop.precedences():
            model.add(variables.end((loop.key, one)) <= variables.start((loop.key, other))).only_enforce_if(
                scheduled
            )
        if loop.order == "free" and len(loop.sessions) > 1:
            model.add_no_overlap(variables.interval(name, scheduled) for name in variables.names(loop))
