"""Which sessions follow each other in one room, and how many such pairs there can be at most.

Let y(a, b) hold if b starts in a's room as a ends. Sessions that follow each other form chains, in which each has one
successor and one predecessor at most, and no chain outlasts a time in which none of its sessions can be. All that is
said here beyond y itself follows from the rules of a plan. It is said because the search proves little without it: a
start in minutes and a room by name tell a linear relaxation next to nothing about what can be adjacent.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd

from solvers.cpsat.options import Choice, Name
from solvers.cpsat.variables import Literal, Variables
from solvers.timeline import SpanSet

Pair = tuple[Name, Name]


def chains(variables: Variables, pairs: Iterable[Pair]) -> dict[Pair, Literal]:
    """For each of the ordered pairs, and its reverse, that can follow each other at all: a literal for it.

    It may hold only if both are held, in one room, the second starting as the first ends.
    """
    found: dict[Pair, Literal] = {}
    for one, other in pairs:
        for pair in ((one, other), (other, one)):
            ticks = _where(variables, *pair)
            if ticks:
                found[pair] = _follows(variables, *pair, ticks)
    _chain(variables, found)
    _people(variables, found)
    return found


def share_a_room(variables: Variables, one: Name, other: Name, condition: Literal) -> None:
    """If the condition holds, whatever room one takes, the other takes."""
    model = variables.model
    ours, theirs = variables.takes.get(one, {}), variables.takes.get(other, {})
    for mine, their in ((ours, theirs), (theirs, ours)):
        for room, taken in mine.items():
            model.add_bool_or([~condition, ~taken, their.get(room, variables.false)])


def _where(variables: Variables, one: Name, other: Name) -> SpanSet:
    """Ticks of the one, at others of which the other cannot start in its room as it ends."""
    ours, theirs = variables.choices[one], variables.choices[other]
    after = ours.session.minutes
    if (ours.grid.origin + after - theirs.grid.origin) % gcd(ours.grid.step, theirs.grid.step):
        return SpanSet.EMPTY
    gaps = {room.key: max(room.buffer_before, room.buffer_after) for room in variables.problem.rooms}
    found: list[SpanSet] = []
    for room, ticks in (ours.rooms or {}).items():
        later = (theirs.rooms or {}).get(room, SpanSet.EMPTY)
        if not gaps[room]:
            found.append(ticks & ours.grid.ticks(_minutes(theirs, later).shift(-after)))
    return SpanSet.union(found)


def _minutes(choice: Choice, ticks: SpanSet) -> SpanSet:
    """The minutes from the first to the last tick of each span."""
    minute = choice.grid.minute
    return SpanSet.of((minute(span.start), minute(span.end - 1) + 1) for span in ticks)


def _follows(variables: Variables, one: Name, other: Name, ticks: SpanSet) -> Literal:
    model = variables.model
    follows = model.new_bool_var("follows")
    for name in (one, other):
        model.add_implication(follows, variables.is_scheduled(name))
    model.add(variables.end(one) == variables.start(other)).only_enforce_if(follows)
    variables.require_start(one, ticks, [follows])
    share_a_room(variables, one, other, follows)
    return follows


def _chain(variables: Variables, found: dict[Pair, Literal]) -> None:
    """One successor and one predecessor at most, none of one that is not held, and no two that follow each other."""
    after: dict[Name, list[Literal]] = {}
    before: dict[Name, list[Literal]] = {}
    for (one, other), follows in found.items():
        after.setdefault(one, []).append(follows)
        before.setdefault(other, []).append(follows)
        if one < other and (other, one) in found:
            variables.model.add_at_most_one([follows, found[other, one]])
    for side in (after, before):
        for name, several in side.items():
            variables.model.add(sum(several) <= variables.is_scheduled(name))


def _people(variables: Variables, found: dict[Pair, Literal]) -> None:
    """Of any sessions: pairs that follow each other + chains = sessions held, and no fewer chains than times used.

    Those of one person are taken, who sits in them whenever they are held. A time is a stretch that their possible
    minutes cover without a gap.
    """
    for names in _certain_sessions(variables).values():
        among = set(names)
        inside = [follows for (one, other), follows in found.items() if one in among and other in among]
        if not inside:
            continue
        times = SpanSet.union(_possible(variables.choices[name]) for name in names)
        used: list[Literal] = []
        for time in times:
            literal = variables.model.new_bool_var("time is used")
            for name in names:
                there = variables.starts_in(name, SpanSet((time.start, time.end)))
                if not variables.never(there):
                    variables.model.add_bool_or([~variables.is_scheduled(name), ~there, literal])
            used.append(literal)
        held = sum(variables.is_scheduled(name) for name in names)
        variables.model.add(sum(inside) + sum(used) <= held)


def _certain_sessions(variables: Variables) -> dict[str, list[Name]]:
    """For each person, the sessions they are in whenever these are held."""
    found: dict[str, list[Name]] = {}
    for name, choice in variables.choices.items():
        alone = {next(iter(choice.seats[seat])) for seat in choice.filled if len(choice.seats[seat]) == 1}
        for person in alone:
            found.setdefault(person, []).append(name)
    return found


def _possible(choice: Choice) -> SpanSet:
    """The minutes the session could lie in, and perhaps some between two starts."""
    return _minutes(choice, choice.ticks).widen(0, choice.session.minutes - 1)
