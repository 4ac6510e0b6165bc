"""Redundant rules about energy: no set of rooms or people gives more minutes than it has.

Nothing here forbids a lawful plan. Each row sums many rules into one that a linear relaxation can see, so that bounds
are close to the truth:

- Of each room and person, the minutes of all their sessions are at most the minutes they have.
- For a pool, the minutes that must come from it in loops over by hour H are at most what it has before H. Many
  candidates cannot all be early, and the last of them cannot be earlier than the rooms allow.
- A loop that is not wholly in one room uses two; and a room holds so many whole loops only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from solvers.cpsat.options import Choice, Grid, Name
from solvers.cpsat.variables import Linear, Literal, Variables
from solvers.problem import Loop, Person, Room
from solvers.timeline import Span, SpanSet

_POOLS = 40
"""So many pools, the largest, are looked at."""


def add(variables: Variables) -> None:
    """Add the rows that say something about this model."""
    supply = _Supply(variables)
    demands = list(_demands(variables))
    _totals(variables, supply, demands)
    _ends(variables, supply, demands)
    _whole_loops(variables, supply, demands)


@dataclass(frozen=True)
class _Demand:
    """Minutes that one of a pool gives whenever the session is held, and what decides which of them.

    Args:
        pool: by resource, the ticks at which it could serve.
        chosen: by resource, whether it serves.
    """

    name: Name
    choice: Choice
    pool: Mapping[str, SpanSet]
    chosen: Mapping[str, Literal]
    kind: str

    @property
    def minutes(self) -> int:
        return self.choice.session.minutes

    def time(self, resource: str) -> SpanSet:
        """The minutes, at least, in which the session could have the resource."""
        return _time(self.choice.grid, self.pool[resource], self.minutes)


@lru_cache(maxsize=100_000)
def _time(grid: Grid, ticks: SpanSet, minutes: int) -> SpanSet:
    return SpanSet.of((grid.minute(span.start), grid.minute(span.end - 1) + minutes) for span in ticks)


def _demands(variables: Variables) -> Iterator[_Demand]:
    """The rooms needed, and the seats that are always filled."""
    for name, choice in variables.choices.items():
        if choice.rooms:
            yield _Demand(name, choice, choice.rooms, variables.takes[name], "room")
        for seat in choice.filled:
            yield _Demand(name, choice, choice.seats[seat], variables.sits[name, seat], "person")


class _Supply:
    """The minutes that rooms and people can give."""

    def __init__(self, variables: Variables) -> None:
        resources: list[tuple[str, Person | Room]] = [
            *(("room", room) for room in variables.problem.rooms),
            *(("person", person) for person in variables.problem.people),
        ]
        self._buffers = {
            (kind, each.key): max(each.buffer_before, each.buffer_after) for kind, each in resources
        }

    def before(self, kind: str, key: str, time: SpanSet, lengths: tuple[int, ...], end: int) -> int:
        """What sessions of these lengths can use at most of the resource in that time and before the end."""
        buffer = self._buffers[kind, key]
        spans = time if end >= time.edges[-1] else time.clip(Span(min(time.edges[0], end - 1), end))
        return sum(_fill(span.minutes, lengths, buffer) for span in spans)


@lru_cache(maxsize=100_000)
def _fill(minutes: int, lengths: tuple[int, ...], buffer: int) -> int:
    """The most minutes that sessions of these lengths, buffers apart, take of so many in one piece."""
    step = gcd(buffer, *lengths)
    room, widths = (minutes + buffer) // step, [(each + buffer) // step for each in lengths]
    if room > 20_000 // len(lengths):
        return minutes
    best = [0] * (room + 1)
    for place in range(1, room + 1):
        best[place] = best[place - 1]
        for width, length in zip(widths, lengths, strict=True):
            if width <= place:
                best[place] = max(best[place], best[place - width] + length)
    return best[room]


def _time_of(demands: Iterable[_Demand]) -> dict[str, SpanSet]:
    """For each resource, the minutes in which any of the demands could use it."""
    found: dict[str, list[SpanSet]] = defaultdict(list)
    for demand in demands:
        for resource in demand.pool:
            found[resource].append(demand.time(resource))
    return {resource: SpanSet.union(times) for resource, times in found.items()}


def _lengths(demands: Iterable[_Demand]) -> tuple[int, ...]:
    return tuple(sorted({demand.minutes for demand in demands}))


def _totals(variables: Variables, supply: _Supply, demands: list[_Demand]) -> None:
    """For each room or person: sum of minutes(s) * serves(s) <= the minutes it has."""
    for kind in ("room", "person"):
        of_kind = [demand for demand in demands if demand.kind == kind]
        for resource, time in _time_of(of_kind).items():
            using = [demand for demand in of_kind if resource in demand.pool]
            most = supply.before(kind, resource, time, _lengths(using), time.edges[-1])
            if sum(demand.minutes for demand in using) > most:
                variables.model.add(sum(demand.chosen[resource] * demand.minutes for demand in using) <= most)
            if kind == "room":
                _hard(variables, resource, time, using)


def _hard(variables: Variables, room: str, time: SpanSet, using: list[_Demand]) -> None:
    """The minutes of a room's sessions that are not soft are at most those the room has."""
    soft_time = next(each.soft for each in variables.problem.rooms if each.key == room)
    if soft_time and all((demand.name, room) in variables.soft for demand in using):
        most = (time - soft_time).minutes
        if sum(demand.minutes for demand in using) > most:
            taken = sum(demand.chosen[room] * demand.minutes for demand in using)
            soft = sum(variables.soft[demand.name, room] for demand in using)
            variables.model.add(taken - soft <= most)


def _whole_loops(variables: Variables, supply: _Supply, demands: list[_Demand]) -> None:
    """A loop that is wholly in room r has w(r) = 1: 2 <= sum of used(r) + sum of w(r), and w(r) fits r's minutes.

    The minutes are counted in wholes of loops, which leaves over what is too short for one.
    """
    model = variables.model
    rooms = [demand for demand in demands if demand.kind == "room"]
    wholes: dict[str, list[tuple[Literal, int, list[_Demand]]]] = defaultdict(list)
    for loop in variables.loops:
        used = variables.used.get(loop.key)
        mine = [demand for demand in rooms if demand.name[0] == loop.key]
        if used is None or len(mine) < 2:
            continue
        of_loop: list[Literal] = []
        for room, uses in used.items():
            if all(room in demand.chosen for demand in mine):
                whole = model.new_bool_var(f"{loop.key} wholly in {room}")
                for demand in mine:
                    model.add_implication(whole, demand.chosen[room])
                model.add_implication(whole, uses)
                of_loop.append(whole)
                wholes[room].append((whole, sum(demand.minutes for demand in mine), mine))
        model.add(sum(used.values()) + sum(of_loop) >= 2 * variables.scheduled[loop.key])
    for room, found in wholes.items():
        lengths = tuple(sorted({minutes for _, minutes, _ in found}))
        using = [demand for _, _, mine in found for demand in mine]
        time = _time_of(using)[room]
        most = _fill(supply.before("room", room, time, _lengths(using), time.edges[-1]), lengths, 0)
        if sum(minutes for _, minutes, _ in found) > most:
            model.add(sum(whole * minutes for whole, minutes, _ in found) <= most)


def _ends(variables: Variables, supply: _Supply, demands: list[_Demand]) -> None:
    """For a pool and an hour H: the minutes needed of it by loops that end by H <= what it has before H."""
    loops = [loop for loop in variables.loops if loop.key in variables.counted_hours]
    if len(loops) < 2:
        return
    firsts = {loop.key: _first_end(variables, loop) for loop in loops}
    rows: dict[int, list[tuple[dict[str, int], int]]] = defaultdict(list)
    hours = _hours(variables, firsts.values(), demands)
    for pool in _pools(demands):
        needs: dict[str, int] = defaultdict(int)
        for demand in pool:
            if demand.name[0] in firsts:
                needs[demand.name[0]] += demand.minutes
        lengths, times = _lengths(pool), _time_of(pool)
        for hour in hours:
            end = variables.problem.start + 60 * hour
            early = {loop: need for loop, need in needs.items() if firsts[loop] <= hour}
            if not early:
                continue
            most = sum(
                supply.before(pool[0].kind, each, time, lengths, end)
                for each, time in times.items()
                if time.edges[0] < end
            )
            if sum(early.values()) > most:
                rows[hour].append((early, most))
    late = _late(variables, loops, firsts, sorted(rows))
    for hour, limits in rows.items():
        for early, most in limits:
            variables.model.add(
                sum((variables.scheduled[loop] - late[loop, hour]) * need for loop, need in early.items())
                <= most
            )


def _pools(demands: list[_Demand]) -> list[list[_Demand]]:
    """The demands that each pool must meet by itself, and those that all together meet."""
    found: list[list[_Demand]] = []
    for kind in ("room", "person"):
        of_kind = [demand for demand in demands if demand.kind == kind]
        pools = {frozenset(demand.pool) for demand in of_kind}
        if of_kind:
            pools.add(frozenset().union(*pools))
        largest = sorted(pools, key=lambda each: (-len(each), sorted(each)))[:_POOLS]
        found += [[demand for demand in of_kind if demand.pool.keys() <= pool] for pool in largest]
    return found


def _first_end(variables: Variables, loop: Loop) -> int:
    """The started hours, at least, to the end of the loop."""
    choices = [variables.choices[name] for name in variables.names(loop)]
    first = min(choice.first_start for choice in choices)
    end = first + sum(choice.session.minutes for choice in choices)
    end = max(end, *(choice.first_start + choice.session.minutes for choice in choices))
    if loop.order == "fixed":
        clock = first
        for choice in choices:
            clock = max(clock, choice.first_start) + choice.session.minutes
        end = max(end, clock)
    return -(-(end - variables.problem.start) // 60)


def _hours(variables: Variables, firsts: Iterable[int], demands: list[_Demand]) -> list[int]:
    """The hours that may divide loops that are over from others: some session could end in them."""
    start = variables.problem.start
    busy = SpanSet.union(demand.time(each) for demand in demands for each in demand.pool)
    last = max(choice.last_end for choice in variables.choices.values())
    return [
        hour
        for hour in range(min(firsts), -(-(last - start) // 60))
        if busy.overlaps(Span(start + 60 * hour - 60, start + 60 * hour))
    ]


def _late(
    variables: Variables, loops: list[Loop], firsts: Mapping[str, int], hours: list[int]
) -> dict[tuple[str, int], Linear]:
    """For each loop and hour H, whether it is held and ends after H; and its hours as a sum of these steps.

    With hours H1 < H2 < ... and h0 the first it could end by: hours >= h0 * y + (H1 + 1 - h0) * late1 +
    (H2 - H1) * late2 + ..., which a linear relaxation can weigh against the rows of the pools.
    """
    model = variables.model
    late: dict[tuple[str, int], Linear] = {}
    for loop in loops:
        scheduled, first = variables.scheduled[loop.key], firsts[loop.key]
        total: Linear = scheduled * first
        reached = first
        earlier: Literal = scheduled
        names = variables.names(loop)
        for hour in hours:
            if hour < first:
                late[loop.key, hour] = scheduled
                continue
            later = model.new_bool_var(f"{loop.key} ends after hour {hour}")
            model.add_implication(later, earlier)
            for name in names[-1:] if loop.order == "fixed" else names:
                model.add(variables.end(name) <= 60 * hour).only_enforce_if([scheduled, ~later])
            total = total + later * (hour + 1 - reached)
            reached, earlier = hour + 1, later
            late[loop.key, hour] = later
        model.add(variables.hours(loop) >= total)
    return late
