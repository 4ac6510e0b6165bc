"""The peer of `defences.py`: thesis defences as a user of CPMpy would model them, on OR-Tools.

x[d, s, r] says that defence d is in slot s and room r. It is 0 where an evaluator, the student or the room is not
available, and there is one slot and room a defence at most, one defence a room and slot, one defence an evaluator and
slot. Planned defences are maximised first, and kept; then for each two defences with common evaluators, in each room
and each two slots in a row of one day, one after the other counts as often as they have evaluators in common.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import cpmpy as cp
import numpy as np

Json = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What the peer reached, and the seconds of searching and of building the models."""

    solution: Json | None
    planned_proved: bool
    adjacency_proved: bool
    seconds: float
    building: float


def solve(instance: Json, seconds: float, workers: int) -> Found:
    """Planned, then adjacency, together within the seconds of search."""
    began = time.monotonic()
    rooms = [room["id"] for room in instance["rooms"]]
    x = cp.boolvar(shape=(len(instance["defences"]), instance["n_slots"], len(rooms)), name="x")
    model = cp.Model(_rules(instance, x))
    planned = cp.sum(x)
    model.maximize(planned)
    solver = cp.SolverLookup.get("ortools", model)
    building = time.monotonic() - began
    if not solver.solve(time_limit=seconds, num_workers=workers):
        return Found(None, planned_proved=False, adjacency_proved=False, seconds=seconds, building=building)
    spent = solver.status().runtime
    planned_proved = solver.status().exitstatus.name == "OPTIMAL"
    best = x.value()

    began = time.monotonic()
    model = cp.Model(_rules(instance, x), planned >= int(best.sum()))
    model.maximize(_adjacency(instance, x))
    solver = cp.SolverLookup.get("ortools", model)
    solver.solution_hint(x.flatten().tolist(), best.flatten().tolist())
    building += time.monotonic() - began
    adjacency_proved = False
    if seconds > spent and solver.solve(time_limit=seconds - spent, num_workers=workers):
        best = x.value()
        adjacency_proved = solver.status().exitstatus.name == "OPTIMAL"
    spent += solver.status().runtime or 0.0
    held = [
        {"defence": int(defence), "slot": int(slot), "room": rooms[room]}
        for defence, slot, room in np.argwhere(best)
    ]
    return Found({"assignments": held}, planned_proved, adjacency_proved, spent, building)


def _rules(instance: Json, x: Any) -> list[Any]:
    slots = range(instance["n_slots"])
    rules: list[Any] = [cp.sum(of_defence) <= 1 for of_defence in x]
    unavailable = {each["id"]: each["unavailable"] for each in instance["evaluators"]}
    of_evaluator: dict[int, list[int]] = {}
    for defence, each in enumerate(instance["defences"]):
        closed = {slot for evaluator in each["evaluators"] for slot in unavailable[evaluator]}
        rules += [cp.sum(x[defence, slot]) == 0 for slot in closed | set(each["student_unavailable"])]
        for evaluator in each["evaluators"]:
            of_evaluator.setdefault(evaluator, []).append(defence)
    for room, each in enumerate(instance["rooms"]):
        rules += [cp.sum(x[:, slot, room]) <= int(slot not in each["unavailable"]) for slot in slots]
    for defences in of_evaluator.values():
        rules += [cp.sum(x[defences, slot]) <= 1 for slot in slots]
    return rules


def _adjacency(instance: Json, x: Any) -> Any:
    panels = [set(each["evaluators"]) for each in instance["defences"]]
    per_day = instance["slots_per_day"]
    in_a_row = [slot for slot in range(instance["n_slots"] - 1) if (slot + 1) % per_day]
    return cp.sum(
        len(panels[one] & panels[other]) * (x[first, slot, room] & x[second, slot + 1, room])
        for one, other in combinations(range(len(panels)), 2)
        if panels[one] & panels[other]
        for first, second in ((one, other), (other, one))
        for slot in in_a_row
        for room in range(len(instance["rooms"]))
    )
