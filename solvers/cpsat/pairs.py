"""What pairs of sessions cost: shared minutes, touching, being apart, and being rushed between two rooms."""

from __future__ import annotations

from collections.abc import Iterable

from ortools.sat.python import cp_model

from solvers.cpsat.chains import Pair, chains, share_a_room
from solvers.cpsat.options import Name
from solvers.cpsat.variables import Linear, Literal, Variables, added
from solvers.problem import PairCost


def cost_of_pairs(variables: Variables) -> Linear:
    """The sum of all prices on pairs, at least what the judge counts and at its least just that."""
    names = {"/".join(name): name for name in variables.choices}
    parts: list[Linear] = []
    missed: dict[Pair, int] = {}
    for cost in variables.problem.pair_costs:
        if cost.one not in names or cost.other not in names:
            parts.append(cost.apart)
            continue
        one, other = sorted((names[cost.one], names[cost.other]))
        if cost.apart:
            missed[one, other] = missed.get((one, other), 0) + cost.apart
        parts.append(_overlap(variables, one, other, cost.overlap))
        parts.append(_touching(variables, one, other, cost.touching))
        parts.append(_rushed(variables, one, other, cost))
    follows = chains(variables, missed)
    for (one, other), price in missed.items():
        together = (follows[pair] for pair in ((one, other), (other, one)) if pair in follows)
        parts.append(price * (1 - sum(together)))
    return added(parts)


def _overlap(variables: Variables, one: Name, other: Name, price: int) -> Linear:
    """The minutes shared, at least min(end - start') over the four ways to take an end and a start.

    The minimum is what two spans share when they meet, and 0 or less when they do not. One of the four is chosen,
    so that the overlap is never below the least of them.
    """
    ours, theirs = variables.choices[one], variables.choices[other]
    if not price or ours.first_start >= theirs.last_end or theirs.first_start >= ours.last_end:
        return 0
    model = variables.model
    most = min(variables.minutes(one), variables.minutes(other))
    overlap = model.new_int_var(0, most, "overlap")
    chosen: list[Literal] = []
    for shared in (
        variables.end(one) - variables.start(other),
        variables.end(other) - variables.start(one),
        most,
    ):
        way = model.new_bool_var("")
        model.add(overlap >= shared).only_enforce_if(way)
        chosen.append(way)
    model.add_bool_or([*chosen, *(~each for each in _both(variables, one, other))])
    return overlap * price


def _touching(variables: Variables, one: Name, other: Name, price: int) -> Linear:
    """A literal that may be false only if no end is the other's start."""
    if not price:
        return 0
    touching = variables.model.new_bool_var("touching")
    meeting = [(-variables.minutes(other),) * 2, (variables.minutes(one),) * 2]
    _keep_off(variables, one, other, meeting, [~touching, *_both(variables, one, other)])
    return touching * price


def _rushed(variables: Variables, one: Name, other: Name, cost: PairCost) -> Linear:
    """A literal that may be false only if the rooms are one, or neither session starts soon after the other."""
    ours, theirs = variables.takes.get(one), variables.takes.get(other)
    if not cost.rushed or (ours is None and theirs is None):
        return 0
    rushed = variables.model.new_bool_var("rushed")
    conditions = [~rushed, *_both(variables, one, other)]
    if ours is not None and theirs is not None:
        together = variables.model.new_bool_var("in one room")
        share_a_room(variables, one, other, together)
        conditions.append(~together)
    soon = [
        (-variables.minutes(other) - cost.rushed_within, -1),
        (1, variables.minutes(one) + cost.rushed_within),
    ]
    _keep_off(variables, one, other, soon, conditions)
    return rushed * cost.rushed


def _keep_off(
    variables: Variables,
    one: Name,
    other: Name,
    refused: Iterable[tuple[int, int]],
    conditions: list[Literal],
) -> None:
    """If all conditions hold, the other does not start these minutes (first and last) after the one."""
    horizon = variables.problem.horizon.minutes
    off = cp_model.Domain.from_intervals([list(each) for each in refused]).complement()
    variables.model.add_linear_expression_in_domain(
        variables.start(other) - variables.start(one),
        off.intersection_with(cp_model.Domain(-horizon, horizon)),
    ).only_enforce_if(conditions)


def _both(variables: Variables, one: Name, other: Name) -> list[Literal]:
    return [variables.is_scheduled(one), variables.is_scheduled(other)]
