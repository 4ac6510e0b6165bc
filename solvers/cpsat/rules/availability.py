"""People and rooms are used only when they are open, and buffers away from what is blocked or unknown."""

from __future__ import annotations

from solvers.cpsat.variables import Variables


def add(variables: Variables) -> None:
    """Whoever serves in a session, and the room it takes, could serve at its start.

    Which starts these are is known before solving (`solvers.cpsat.options`), so that one domain says it all.
    """
    for name, choice in variables.choices.items():
        for people in choice.seats.values():
            for person, ticks in people.items():
                variables.require_start(name, ticks, [variables.serves[name][person]])
        for room, ticks in (choice.rooms or {}).items():
            variables.require_start(name, ticks, [variables.takes[name][room]])
