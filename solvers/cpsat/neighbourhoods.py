"""Which part of a plan to search next, and how large a part: drawn at random, and learned from what came of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from solvers.check import judge
from solvers.cpsat.narrow import Neighbourhood, Part
from solvers.cpsat.options import Options
from solvers.cpsat.terms import weights_alone
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

_FIRST_SIZE: Final = 3.0
_GROWTH: Final = 1.15
_SHRINKAGE: Final = 0.8
_TRIES: Final = 20
"""So often another neighbourhood is drawn if the one before is known to hold nothing better."""


@dataclass(frozen=True)
class _Held:
    """One loop of a plan, at a glance."""

    key: str
    starts: tuple[int, ...]
    end: int
    people: frozenset[str]
    rooms: tuple[str, ...]
    cost: int


class Neighbourhoods:
    """Draws neighbourhoods of plans; each kind grows while it is searched through, and shrinks when time runs out.

    Args:
        seed: the same seed, plans and outcomes give the same neighbourhoods.
    """

    def __init__(self, problem: Problem, options: Options, seed: int) -> None:
        self._problem = problem
        self._options = options
        self._random = random.Random(seed)  # noqa: S311 (not for secrets)
        self._lengths = {
            (loop.key, session.key): session.minutes for loop in options.loops for session in loop.sessions
        }
        self._pools = {
            loop.key: frozenset(
                key for session in loop.sessions for seat in session.seats for key in seat.pool
            )
            for loop in options.loops
        }
        self._keys = [loop.key for loop in options.loops]
        self._alone = problem.model_copy(update={"pair_costs": ()})
        self._weights = weights_alone(problem)
        self._glances: dict[tuple[Assignment, ...], _Held] = {}
        self._size: dict[str, float] = {}
        self._barren: set[Neighbourhood] = set()
        self._plan = Plan()
        self._held: list[_Held] = []
        self._left: list[str] = []

    def settle(self, plan: Plan) -> None:
        """Draw around this plan from now on."""
        self._plan = plan
        self._barren.clear()
        by_loop: dict[str, list[Assignment]] = {}
        for each in plan.assignments:
            by_loop.setdefault(each.loop, []).append(each)
        self._held = [self._glance(tuple(held)) for key, held in by_loop.items() if key in self._pools]
        self._left = [key for key in self._keys if key not in by_loop]

    def _glance(self, held: tuple[Assignment, ...]) -> _Held:
        if held not in self._glances:
            alone = judge(self._alone, Plan(assignments=held)).objective.units
            self._glances[held] = _Held(
                held[0].loop,
                tuple(each.start for each in held),
                max(each.start + self._lengths[each.loop, each.session] for each in held),
                frozenset(person for each in held for person in each.people.values()),
                tuple(each.room for each in held if each.room is not None),
                sum(weight * alone[term] for term, weight in self._weights.items()),
            )
        return self._glances[held]

    def draw(self) -> Neighbourhood | None:
        """A neighbourhood of the plan that is not known to hold nothing better; None if none is found."""
        # Weighted by how often they are named.
        kinds: dict[str, Callable[[str], Neighbourhood]] = {
            "any": self._any,
            "late": self._late,
            "time": self._time,
            "people": self._people,
            "dear": self._dear,
            "whose": self._parts(frozenset(("start", "room"))),
        }
        if self._problem.rooms:
            kinds |= {
                "rooms": self._rooms,
                "rooms of one that is dear": self._dear,
                "where": self._parts(frozenset(("start", "people"))),
            }
        if self._left:
            kinds |= {f"left {number}": self._left_out for number in range(4)}
        if not self._keys:
            return None
        for _ in range(_TRIES):
            kind = self._random.choice(list(kinds))
            drawn = kinds[kind](kind.partition(" ")[0])
            if drawn.loops and drawn not in self._barren:
                return drawn
        return None

    def learn(self, drawn: Neighbourhood, *, searched: bool, barren: bool) -> None:
        """Take note of what came of a neighbourhood: whether it was searched through, and holds nothing better."""
        size = self._size_of(drawn.kind) * (_GROWTH if searched else _SHRINKAGE)
        self._size[drawn.kind] = min(max(size, 2.0), float(max(2, len(self._keys))))
        if barren:
            self._barren.add(drawn)

    def _size_of(self, kind: str) -> float:
        whole = float(len(self._keys))
        return self._size.setdefault(kind, whole if kind in ("whose", "where") else min(_FIRST_SIZE, whole))

    def _count(self, kind: str) -> int:
        return max(1, int(self._size_of(kind)))

    def _nearest(self, kind: str, distance: Callable[[_Held], float], *more: str) -> Neighbourhood:
        """The loops of the least distance."""
        ranked = sorted((distance(each), each.key) for each in self._held)
        keys = [key for _, key in ranked if key not in more]
        return Neighbourhood(kind, frozenset([*more, *keys[: self._count(kind) - len(more)]]))

    def _any(self, kind: str) -> Neighbourhood:
        count = min(len(self._keys), self._count(kind))
        return Neighbourhood(kind, frozenset(self._random.sample(self._keys, count)))

    def _left_out(self, kind: str) -> Neighbourhood:
        """A loop that is left out, and some that could have taken what it needs."""
        one = self._random.choice(self._left)
        pool = self._pools[one]
        return self._nearest(kind, lambda each: -len(each.people & pool) * self._random.random(), one)

    def _late(self, kind: str) -> Neighbourhood:
        """Loops that end last."""
        return self._nearest(kind, lambda each: -each.end - 90 * self._random.random())

    def _time(self, kind: str) -> Neighbourhood:
        """Loops around some time."""
        starts = [start for each in self._held for start in each.starts]
        if not starts:
            return self._any(kind)
        around = self._random.choice(starts)
        return self._nearest(
            kind, lambda each: min(abs(start - around) for start in each.starts) + 60 * self._random.random()
        )

    def _people(self, kind: str) -> Neighbourhood:
        """Loops held by people who could also hold one of them."""
        pool = self._pools[self._random.choice(self._keys)]
        return self._nearest(kind, lambda each: -len(each.people & pool) - 2 * self._random.random())

    def _rooms(self, kind: str) -> Neighbourhood:
        """Loops in the rooms of a loop, and in one room more, near it in time."""
        if not self._held:
            return self._any(kind)
        one = self._random.choice(self._held)
        other = self._random.choice(self._held)
        return self._beside(kind, one, {*one.rooms, *other.rooms[:1]})

    def _dear(self, kind: str) -> Neighbourhood:
        """A loop that costs more than others, and those that share its rooms."""
        if not self._held:
            return self._any(kind)
        least = min(each.cost for each in self._held)
        one = self._random.choices(self._held, [each.cost - least + 1 for each in self._held])[0]
        return self._beside(kind, one, set(one.rooms))

    def _beside(self, kind: str, one: _Held, rooms: set[str]) -> Neighbourhood:
        def distance(each: _Held) -> float:
            shared = sum(room in rooms for room in each.rooms)
            apart = abs(each.starts[0] - one.starts[0]) / 60
            return apart - 2 * shared + 2 * self._random.random()

        return self._nearest(kind, distance, one.key)

    def _parts(self, kept: frozenset[Part]) -> Callable[[str], Neighbourhood]:
        """Many loops of which only one part may change."""

        def drawn(kind: str) -> Neighbourhood:
            held = [each.key for each in self._held]
            count = min(len(held), self._count(kind))
            return Neighbourhood(kind, frozenset(self._random.sample(held, count)), kept)

        return drawn
