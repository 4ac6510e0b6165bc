"""What a plan costs: units of every term, and the weighted sum of every level."""

from __future__ import annotations

from collections.abc import Iterator

from solvers.check.attendance import differences
from solvers.check.fragile import fragile
from solvers.check.schedule import Held, Schedule
from solvers.plan import Objective
from solvers.problem import TERMS, Term


def objective_of(schedule: Schedule) -> Objective:
    """The objective of a plan, lawful or not.

    A loop that is scheduled in part is left out as far as `unscheduled`, `worst_off` and `earliness` go; its sessions
    count in every other term. A room smaller than asked has no seats beyond those asked.
    """
    hours = _hours(schedule)
    units: dict[Term, int] = {
        "unscheduled": _unscheduled(schedule),
        "worst_off": max(hours, default=0),
        "tentative": sum(_tentative(held) for held in schedule),
        "empty_seats": sum(_empty_seats(held) for held in schedule),
        "load_spread": _load_spread(schedule),
        "earliness": sum(hours),
        "room_fit": sum(_room_fit(held) for held in schedule),
        "room_changes": sum(_room_changes(held) for held in schedule.by_loop.values()),
        "moved": _moved(schedule),
        "start_cost": sum(_start_cost(schedule, held) for held in schedule),
        "room_cost": sum(_room_cost(held) for held in schedule),
        "pair_cost": sum(_pair_costs(schedule)),
        "fragile": fragile(schedule),
    }
    assert units.keys() == set(TERMS)
    levels = [
        sum(weight * units[term] for term, weight in level.weights.items())
        for level in schedule.problem.levels
    ]
    return Objective(units=units, levels=tuple(levels))


def _unscheduled(schedule: Schedule) -> int:
    return sum(loop.priority for loop in schedule.problem.loops) - sum(
        loop.priority for loop in schedule.complete
    )


def _hours(schedule: Schedule) -> list[int]:
    """Started hours from the horizon's start to the end of each scheduled loop."""
    ends = (max(each.span.end for each in schedule.by_loop[loop.key]) for loop in schedule.complete)
    # Sessions before the horizon are unlawful; they must not earn anything as well.
    return [max(0, -(-(end - schedule.problem.start) // 60)) for end in ends]


def _tentative(held: Held) -> int:
    soft = [person.soft for person in held.people]
    if held.room is not None:
        soft.append(held.room.soft)
    return sum(each.minutes_in(held.span) for each in soft)


def _empty_seats(held: Held) -> int:
    return sum(
        seat.kind != "required" and seat.key not in held.assignment.people for seat in held.session.seats
    )


def _load_spread(schedule: Schedule) -> int:
    pooled = {
        key for _, session in schedule.problem.sessions() for seat in session.seats for key in seat.pool
    }
    loads = [
        person.load + sum(each.session.minutes for each in schedule.by_person[person.key])
        for person in schedule.problem.people
        if person.key in pooled
    ]
    return max(loads, default=0) - min(loads, default=0)


def _room_fit(held: Held) -> int:
    if held.room is None or held.session.room is None:
        return 0
    return max(0, held.room.seats - held.session.room.seats)


def _room_changes(held: list[Held]) -> int:
    return max(0, len({each.assignment.room for each in held if each.assignment.room is not None}) - 1)


def _moved(schedule: Schedule) -> int:
    total = 0
    for loop, session in schedule.problem.sessions():
        if session.placed is not None:
            held = schedule.get(loop, session)
            if differences(session.placed, held.assignment if held is not None else None):
                total += session.placed.price
    return total


def _start_cost(schedule: Schedule, held: Held) -> int:
    session, start = held.session, held.span.start
    steps = max(0, -(-(start - schedule.problem.start) // session.grid))
    return session.delay_cost * steps + sum(
        price for first, last, price in session.start_costs if first <= start < last
    )


def _room_cost(held: Held) -> int:
    return sum(price for room, price in held.session.room_costs if room == held.assignment.room)


def _pair_costs(schedule: Schedule) -> Iterator[int]:
    found = {held.name: held for held in schedule}
    for cost in schedule.problem.pair_costs:
        one, other = found.get(cost.one), found.get(cost.other)
        if one is None or other is None:
            yield cost.apart
            continue
        both = one.span.clip(other.span)
        touching = one.span.end == other.span.start or other.span.end == one.span.start
        one_room = one.assignment.room is not None and one.assignment.room == other.assignment.room
        yield cost.overlap * (both.minutes if both is not None else 0)
        yield cost.touching * touching
        yield cost.apart * (not (touching and one_room))
        yield cost.rushed * _rushed(one, other, cost.rushed_within)


def _rushed(one: Held, other: Held, within: int) -> bool:
    first, second = sorted((one, other), key=lambda each: each.span.start)
    elsewhere = first.assignment.room != second.assignment.room
    return elsewhere and first.span.start < second.span.start <= first.span.end + within
