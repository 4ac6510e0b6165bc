"""On how many days a loop is held."""

from __future__ import annotations

from solvers.cpsat.variables import Variables


def add(variables: Variables) -> None:
    """For each loop, the number of days with a session <= max_days."""
    model = variables.model
    for loop in variables.loops:
        if loop.max_days is None:
            continue
        names = variables.names(loop)
        days = list(dict.fromkeys(day for name in names for day in variables.choices[name].days))
        if min(len(days), len(names)) <= loop.max_days:
            continue
        used = {day: model.new_bool_var(f"{loop.key} on day {day}") for day in days}
        for name in names:
            for day in variables.choices[name].days:
                model.add_bool_or([~variables.on_day(name, day), ~variables.scheduled[loop.key], used[day]])
        model.add(sum(used.values()) <= loop.max_days)
