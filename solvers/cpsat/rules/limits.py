"""Caps on one person over a day or a week."""

from __future__ import annotations

from solvers.cpsat.variables import Literal, Variables
from solvers.problem import Limit
from solvers.timeline import SpanSet


def add(variables: Variables) -> None:
    """For each limit: already_sessions + count <= sessions and already_minutes + minutes <= minutes.

    Counted are the person's sessions that start in [start, end).
    """
    for person in variables.problem.people:
        for limit in person.limits:
            _add(variables, person.key, limit)


def _add(variables: Variables, person: str, limit: Limit) -> None:
    model = variables.model
    counted: list[tuple[Literal, int]] = []
    for name in variables.sessions_of_person.get(person, ()):
        serves = variables.serves[name][person]
        choice = variables.choices[name]
        possible = SpanSet.union(people[person] for people in choice.seats.values() if person in people)
        inside = choice.grid.ticks(SpanSet((limit.start, limit.end))) & possible
        if not inside:
            continue
        if inside == possible:
            counted.append((serves, choice.session.minutes))
            continue
        counts = model.new_bool_var(f"{'/'.join(name)} counts for {person}")
        variables.require_start(name, choice.ticks - inside, [serves, ~counts])
        counted.append((counts, choice.session.minutes))
    if not counted:
        return
    caps = (
        (limit.sessions, limit.already_sessions, [(literal, 1) for literal, _ in counted]),
        (limit.minutes, limit.already_minutes, counted),
    )
    for most, already, counts_of in caps:
        if most is not None and sum(count for _, count in counts_of) > most - already:
            model.add(sum(literal * count for literal, count in counts_of) <= max(0, most - already))
