"""Nobody is in two sessions at a time, and each keeps their buffer between two."""

from __future__ import annotations

from solvers.cpsat.variables import Variables


def add(variables: Variables) -> None:
    """Of each person's sessions [s, e), no two of the stretches [s, e + max(buffer_before, buffer_after)) overlap."""
    buffers = {
        person.key: max(person.buffer_before, person.buffer_after) for person in variables.problem.people
    }
    for person, names in variables.sessions_of_person.items():
        if len(names) > 1:
            variables.model.add_no_overlap(
                variables.interval(name, variables.serves[name][person], buffers[person]) for name in names
            )
