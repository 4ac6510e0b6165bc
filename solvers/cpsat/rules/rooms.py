"""Every session that needs a room has one, no two at a time the same one; and a loop keeps to one room if asked."""

from __future__ import annotations

from itertools import pairwise

from solvers.cpsat.variables import Variables


def add(variables: Variables) -> None:
    """One room for each scheduled session that needs one; per room no two [s, e + the larger buffer) overlap.

    With `same_room`, every session of the loop that needs a room takes the same one.
    """
    model = variables.model
    for name, rooms in variables.takes.items():
        model.add_exactly_one([*rooms.values(), ~variables.is_scheduled(name)])
    buffers = {room.key: max(room.buffer_before, room.buffer_after) for room in variables.problem.rooms}
    for room, names in variables.sessions_of_room.items():
        if len(names) > 1:
            model.add_no_overlap(
                variables.interval(name, variables.takes[name][room], buffers[room]) for name in names
            )
    for loop in variables.loops:
        if not loop.same_room:
            continue
        for one, other in pairwise(name for name in variables.names(loop) if name in variables.takes):
            ours, theirs = variables.takes[one], variables.takes[other]
            for room in dict.fromkeys((*ours, *theirs)):
                model.add(ours.get(room, 0) == theirs.get(room, 0))
