"""The frozen problem: who and where, which interviews, under which rules, at what price. Integer minutes only.

A problem is a plain value with a JSON form (`Problem.model_validate_json`, `model_dump_json`) and a published schema.
Every time is a UTC minute since 1970-01-01T00:00Z and every span is half-open. What days and weeks are is said by
spans, because a local day is not always 1440 minutes long.

What makes a plan lawful is stated with each part below, as an inequality where there is one; `solvers.check` judges by
these sentences and by nothing else.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    StringConstraints,
    model_validator,
)
from pydantic_core import core_schema

from solvers.paths import PartError
from solvers.timeline import Span, SpanSet

VERSION: Final = 1
FURTHEST = 2**40
"""No time is further from 1970 than so many minutes."""


def _spans_from(value: Any, pairs_from: core_schema.ValidatorFunctionWrapHandler) -> SpanSet:
    pairs = pairs_from(_spans_to(value) if isinstance(value, SpanSet) else value)
    for start, end in pairs:
        if end <= start:
            raise ValueError(f"a span ends after it starts, not {start}..{end}")
    return SpanSet.of(pairs)


def _spans_to(spans: SpanSet) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def _spans_schema(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    minute = core_schema.int_schema(ge=-FURTHEST, le=FURTHEST, strict=True)
    return core_schema.no_info_wrap_validator_function(
        _spans_from,
        core_schema.list_schema(core_schema.tuple_schema([minute, minute])),
        serialization=core_schema.plain_serializer_function_ser_schema(
            _spans_to, return_schema=core_schema.list_schema(core_schema.list_schema(minute))
        ),
    )


Spans = Annotated[SpanSet, GetPydanticSchema(_spans_schema)]
"""A set of minutes; in JSON a list of [start, end) pairs in any order, which may overlap."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# Strict, so that "7", true and 7.0 are not numbers, nor 1 a yes.
Minute = Annotated[int, Field(strict=True, ge=-FURTHEST, le=FURTHEST)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=10**7)]
Price = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Count = Annotated[int, Field(strict=True, ge=0, le=10**6)]
Seats = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Length = Annotated[int, Field(strict=True, ge=1, le=7 * 1440)]
Flag = Annotated[bool, Field(strict=True)]


def _whole(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError(f"{value!r} is not a whole number")  # noqa: TRY004 - pydantic reports no TypeError
    return value


WHOLE = BeforeValidator(_whole)
"""Refuses what equals a whole number without being one, where the type does not."""
NEVER = SpanSet.EMPTY


def _in_order(people: dict[str, str]) -> dict[str, str]:
    return dict(sorted(people.items()))


Sitting = Annotated[dict[Key, Key], AfterValidator(_in_order)]
"""Who sits in which seat: people by seat, in order of seats, so that equal values have equal JSON."""


class Frozen(BaseModel):
    """A value: immutable, hashable, and refusing keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(Frozen):
    """A cap on one person over a stretch of time, such as a local day or week.

    Of the person's sessions that start in [start, end), each counted with all its minutes, and with what is booked
    already: already_sessions + count <= sessions, and already_minutes + their minutes <= minutes. Without any such
    session nothing is asked, whatever is booked already.
    """

    start: Minute
    end: Minute
    sessions: Count | None = None
    minutes: Minutes | None = None
    already_sessions: Count = 0
    already_minutes: Minutes = 0

    @model_validator(mode="after")
    def _holds_time(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a limit ends after it starts, not {self.start}..{self.end}")
        return self


class Resource(Frozen):
    """The time of a person or a room; the rules stand with `Person`."""

    key: Key
    open: Spans
    soft: Spans = NEVER
    blocked: Spans = NEVER
    unknown: Spans = NEVER
    buffer_before: Minutes = 0
    buffer_after: Minutes = 0


class Person(Resource):
    """An interviewer.

    A session [s, e) may use the person when [s, e) lies in `open`, and no minute of
    [s - buffer_before, e + buffer_after) is blocked or unknown. Two of the person's sessions [s, e) and [s', e'),
    e <= s', keep s' - e >= max(buffer_after, buffer_before). Soft minutes never forbid; each costs.

    Args:
        load: minutes already booked, counted when load is spread.
    """

    limits: tuple[Limit, ...] = ()
    load: Minutes = 0


class Room(Resource):
    """A room, used by one session at a time, by the same rules of open, blocked, unknown and buffers as a person."""

    seats: Seats = 0
    features: tuple[Key, ...] = ()
    building: Key | None = None
    step_free: Flag = False


class Seat(Frozen):
    """A place in a session, filled by one person of the pool; nobody sits twice in one session.

    A required seat is filled in every scheduled session. An optional seat may stay empty, at a cost. A trainee seat may
    stay empty at a cost, and is filled only if the seat it is `beside` is filled; which of the two leads is for people.
    People of all three kinds keep every rule of their time, and their minutes count.
    """

    key: Key
    pool: tuple[Key, ...] = Field(min_length=1)
    kind: Literal["required", "optional", "trainee"] = "required"
    beside: Key | None = None

    @model_validator(mode="after")
    def _stands_beside(self) -> Self:
        if (self.kind == "trainee") != (self.beside is not None):
            raise ValueError(f"seat {self.key}: a trainee seat, and no other, names the seat it is beside")
        if self.beside == self.key:
            raise ValueError(f"seat {self.key}: a seat is not beside itself")
        if len(set(self.pool)) < len(self.pool):
            raise ValueError(f"seat {self.key}: the pool names somebody twice")
        return self


class RoomNeed(Frozen):
    """What the room of a session must be: one of `among` if any are named, large enough, and with everything asked.

    Every scheduled session with a need has one such room, and a session without one has no room.
    """

    among: tuple[Key, ...] = ()
    seats: Seats = 0
    features: tuple[Key, ...] = ()
    building: Key | None = None
    step_free: Flag = False

    def suits(self, room: Room) -> bool:
        """Whether the room is what is asked for, whatever its time."""
        return (
            (not self.among or room.key in self.among)
            and room.seats >= self.seats
            and set(self.features) <= set(room.features)
            and (self.building is None or room.building == self.building)
            and (room.step_free or not self.step_free)
        )


class Placed(Frozen):
    """Where a session is already booked: people by seat, and the room.

    A session that is not `movable` keeps exactly this, so that its loop is not left out, and is judged by every rule as
    any other. A movable one may change: it costs `price` units of `moved`, once, if anything of it differs or if it is
    no longer held. Seats that are not in `people` are empty.
    """

    start: Minute
    people: Sitting = Field(default_factory=dict)
    room: Key | None = None
    movable: Flag = False
    price: Price = 1

    def __hash__(self) -> int:
        return hash((self.start, tuple(sorted(self.people.items())), self.room, self.movable, self.price))


class Session(Frozen):
    """One interview of a loop.

    A start s is permitted when s lies in `starts` (if given) and (s - anchor) mod grid = 0.

    Args:
        start_costs: half-open spans of starts with a price each, added up where they overlap.
        delay_cost: price of each started `grid` minutes from the horizon's start to the session's.
        room_costs: rooms with a price each; the others cost nothing.
    """

    key: Key
    minutes: Length
    seats: tuple[Seat, ...] = ()
    room: RoomNeed | None = None
    starts: Spans | None = None
    grid: Length = 1
    anchor: Minute = 0
    placed: Placed | None = None
    start_costs: tuple[tuple[Minute, Minute, Price], ...] = ()
    delay_cost: Price = 0
    room_costs: tuple[tuple[Key, Price], ...] = ()

    @model_validator(mode="after")
    def _seats_are_told_apart(self) -> Self:
        keys = [seat.key for seat in self.seats]
        if len(set(keys)) < len(keys):
            raise ValueError(f"session {self.key}: two seats have one key")
        for seat in self.seats:
            if seat.beside is not None and seat.beside not in keys:
                raise ValueError(
                    f"session {self.key}: seat {seat.key} is beside {seat.beside}, which is no seat"
                )
        for start, end, _ in self.start_costs:
            if end <= start:
                raise ValueError(
                    f"session {self.key}: a price on starts ends after it starts, not {start}..{end}"
                )
        rooms = [room for room, _ in self.room_costs]
        if len(set(rooms)) < len(rooms):
            raise ValueError(f"session {self.key}: a room has two prices")
        return self


class Break(Frozen):
    """Time the candidate has off: `minutes` in one piece inside one span of `window`, free of the loop's sessions.

    The window's part of a day is what lies in both. A break is due on every day on which a session of that day starts
    before this part ends and a session of that day ends after it begins; a day without such a part, or whose sessions
    all lie before it, or all after it, needs none. A due break lies inside one span of the part. Two breaks may share
    minutes.
    """

    key: Key
    minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]
    window: Spans


class Loop(Frozen):
    """A candidate's interviews, scheduled all or not at all.

    Sessions of one loop never overlap. With order `fixed` they are held in the order given; `before` adds pairs (a, b)
    with a held before b: end(a) <= start(b). Of any two sessions on one day, the later starts at least min_gap after
    the earlier ends; of any two on whatever days, at least the walk between them (see `Walk`). A session that is not
    the last of its day is followed by the next within max_gap, if that is given; a break between the two is part of
    that gap. Every session [s, e) lies in `available`, with earliest <= s and e <= latest.

    Args:
        available: minutes the candidate offers; None is any.
        begins: the minutes at which the first of the sessions, in time, may start; None is any.
        days: local days as spans, which do not overlap; every session lies inside one of them, and that is its day.
            None given is one day, the horizon.
        max_days: on how many of these days sessions may be held.
        same_room: whether every session that needs a room has the same one.
        meets_once: whether nobody may sit in two sessions of the loop.
        priority: how much it weighs that the loop is scheduled.
        mandatory: whether a plan without the loop is unlawful.
    """

    key: Key
    sessions: tuple[Session, ...] = Field(min_length=1)
    order: Literal["fixed", "free"] = "fixed"
    before: tuple[tuple[Key, Key], ...] = ()
    min_gap: Minutes = 0
    max_gap: Minutes | None = None
    breaks: tuple[Break, ...] = ()
    available: Spans | None = None
    begins: Spans | None = None
    earliest: Minute | None = None
    latest: Minute | None = None
    days: tuple[tuple[Minute, Minute], ...] = ()
    max_days: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None
    same_room: Flag = False
    meets_once: Flag = True
    priority: Annotated[int, Field(strict=True, ge=1, le=10**6)] = 1
    mandatory: Flag = False

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        keys = [session.key for session in self.sessions]
        if len(set(keys)) < len(keys):
            raise ValueError(f"loop {self.key}: two sessions have one key")
        for pair in self.before:
            if missing := set(pair) - set(keys):
                raise ValueError(f"loop {self.key}: `before` names {min(missing)}, which is no session")
        if self.max_gap is not None and self.max_gap < self.min_gap:
            raise ValueError(f"loop {self.key}: max_gap {self.max_gap} is below min_gap {self.min_gap}")
        if self.max_days is not None and not self.days:
            raise ValueError(f"loop {self.key}: max_days needs days")
        edges = sorted(self.days)
        for start, end in edges:
            if end <= start:
                raise ValueError(f"loop {self.key}: a day ends after it starts, not {start}..{end}")
        if any(one[1] > other[0] for one, other in pairwise(edges)):
            raise ValueError(f"loop {self.key}: two days overlap")
        if cycle := self._cycle():
            raise ValueError(f"loop {self.key}: the order goes in a circle: {' before '.join(cycle)}")
        return self

    def precedences(self) -> tuple[tuple[str, str], ...]:
        """Pairs (a, b) of session keys with a held before b, each once, from which all others follow."""
        keys = [session.key for session in self.sessions]
        chain = tuple(pairwise(keys)) if self.order == "fixed" else ()
        return tuple(dict.fromkeys((*chain, *self.before)))

    def _cycle(self) -> list[str]:
        after: dict[str, list[str]] = {}
        for one, other in self.precedences():
            after.setdefault(one, []).append(other)
        done: set[str] = set()
        for first in after:
            path: list[str] = []
            stack: list[tuple[str, Iterator[str]]] = [(first, iter(after.get(first, ())))]
            if first in done:
                continue
            path.append(first)
            while stack:
                _, following = stack[-1]
                each = next(following, None)
                if each is None:
                    done.add(path.pop())
                    stack.pop()
                elif each in path:
                    return [*path[path.index(each) :], each]
                elif each not in done:
                    path.append(each)
                    stack.append((each, iter(after.get(each, ()))))
        return []


class Walk(Frozen):
    """Minutes on foot between two buildings, in both directions; buildings not named are 0 minutes apart.

    Of any two sessions of one candidate or of one person, the later starts at least the walk between the two buildings
    after the earlier ends. A session's building is its room's; without a room it is nowhere, 0 minutes from anywhere.
    """

    one: Key
    other: Key
    minutes: Minutes


class PairCost(Frozen):
    """A price on how two sessions lie to each other, each named as `loop/session`.

    Two sessions touch when one ends as the other starts. Prices on the same two sessions add up.

    Args:
        overlap: paid for each minute both are held.
        touching: paid once if both are held and touch.
        apart: paid once unless both are held, in one room, and touch; so it is paid for a session left out as well.
        rushed: paid once if both are held, in different rooms, and one starts after the other starts, but at most
            `rushed_within` minutes after it ends.
    """

    one: Key
    other: Key
    overlap: Price = 0
    touching: Price = 0
    apart: Price = 0
    rushed: Price = 0
    rushed_within: Minutes = 0


Term = Literal[
    "unscheduled",
    "worst_off",
    "tentative",
    "empty_seats",
    "load_spread",
    "earliness",
    "room_fit",
    "room_changes",
    "moved",
    "start_cost",
    "room_cost",
    "pair_cost",
    "fragile",
]
"""The terms of the objective, each a number of units that `solvers.check` counts:

unscheduled: priorities of loops left out. worst_off: the largest earliness of a scheduled loop, 0 without one.
tentative: minutes of scheduled sessions that are soft, counted anew for each of their people and their room.
empty_seats: optional and trainee seats of scheduled sessions left empty. load_spread: for the people in any pool, of
scheduled loops or not, the largest minus the smallest of load + minutes in this plan. earliness: the sum, over
scheduled loops, of started hours from the horizon's start to the end of the last session. room_fit: seats of the room
beyond those asked. room_changes: for each scheduled loop, different rooms used minus 1 (0 without rooms). moved: prices
of placed sessions that changed or are no longer held. start_cost (with delay_cost), room_cost, pair_cost: the general
prices, of sessions that are scheduled, but for what is `apart`. fragile: for each scheduled session, 1 for each filled
required seat in which nobody else of its pool could sit, and 1 if it could be held in no other room than the one it
has, with everything else of the plan as it is and the plan lawful as before; whether it may move is not asked. No level
weighs it unless told to.
"""

TERMS: tuple[Term, ...] = get_args(Term)


def _in_order_of_terms(weights: dict[Term, int]) -> dict[Term, int]:
    return {term: weights[term] for term in TERMS if term in weights}


class Level(Frozen):
    """One level of the objective: a weighted sum of terms, minimised before the levels below it."""

    weights: Annotated[dict[Term, Price], AfterValidator(_in_order_of_terms)]

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.weights.items())))


DEFAULT_LEVELS = (
    Level(weights={"unscheduled": 1}),
    Level(weights={"worst_off": 1}),
    Level(
        weights={
            "tentative": 2,
            "empty_seats": 240,
            "load_spread": 1,
            "earliness": 1,
            "room_fit": 1,
            "room_changes": 30,
            "moved": 60,
            "start_cost": 1,
            "room_cost": 1,
            "pair_cost": 1,
        }
    ),
)
"""Scheduled candidates first, then the worst-off candidate, then everything else in points of an hour."""


class Problem(Frozen):
    """Everything a solver may know. Equal problems have equal JSON and equal hashes.

    Raises:
        ValueError: unknown or repeated keys, or a part that contradicts itself; the message is one sentence that names
            the part, with its path where that is not pydantic's.
    """

    version: Annotated[Literal[1], WHOLE] = VERSION
    start: Minute
    end: Minute
    people: tuple[Person, ...] = ()
    rooms: tuple[Room, ...] = ()
    loops: tuple[Loop, ...] = Field(min_length=1)
    walks: tuple[Walk, ...] = ()
    pair_costs: tuple[PairCost, ...] = ()
    levels: tuple[Level, ...] = DEFAULT_LEVELS

    @property
    def horizon(self) -> Span:
        """Every session lies in these minutes."""
        return Span(self.start, self.end)

    def sessions(self) -> Iterator[tuple[Loop, Session]]:
        """Every session with its loop, in the order given."""
        for loop in self.loops:
            for session in loop.sessions:
                yield loop, session

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"the horizon ends after it starts, not {self.start}..{self.end}")
        wrong = next(_wrong_parts(self), None)
        if wrong is not None:
            raise wrong
        return self


_Same = TypeVar("_Same", bound=Hashable)


def _wrong_parts(problem: Problem) -> Iterator[PartError]:
    """Every repeated key and every reference to nothing, in the order of the document."""
    for name, keys in (
        ("people", [person.key for person in problem.people]),
        ("rooms", [room.key for room in problem.rooms]),
        ("loops", [loop.key for loop in problem.loops]),
    ):
        yield from (
            PartError((name, index, "key"), f"{key} stands there twice") for index, key in _repeated(keys)
        )
    places = [
        (("loops", number, "sessions", index), f"{loop.key}/{session.key}", session)
        for number, loop in enumerate(problem.loops)
        for index, session in enumerate(loop.sessions)
    ]
    names = [name for _, name, _ in places]
    for index, name in _repeated(names):
        yield PartError((*places[index][0], "key"), f"two sessions are called {name}")
    people = {person.key for person in problem.people}
    rooms = {room.key for room in problem.rooms}
    for path, _, session in places:
        for part in _of_session(session, people, rooms):
            yield PartError((*path, *part.path), part.sentence)
    yield from _of_walks(problem)
    yield from _of_pairs(problem, set(names))


def _repeated(keys: Sequence[_Same]) -> Iterator[tuple[int, _Same]]:
    """The keys that stood before, with their indices."""
    seen: set[_Same] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield index, key
        seen.add(key)


def _of_session(session: Session, people: set[str], rooms: set[str]) -> Iterator[PartError]:
    for index, seat in enumerate(session.seats):
        for place, key in _missing(seat.pool, people):
            yield PartError(("seats", index, "pool", place), f"{key} is none of the people")
    if session.room is not None:
        for place, key in _missing(session.room.among, rooms):
            yield PartError(("room", "among", place), f"{key} is none of the rooms")
    for place, key in _missing([room for room, _ in session.room_costs], rooms):
        yield PartError(("room_costs", place, 0), f"{key} is none of the rooms")
    if session.placed is not None:
        yield from _of_placed(session, session.placed, rooms)


def _missing(keys: Iterable[str], known: set[str]) -> Iterator[tuple[int, str]]:
    return ((index, key) for index, key in enumerate(keys) if key not in known)


def _of_placed(session: Session, placed: Placed, rooms: set[str]) -> Iterator[PartError]:
    pools = {seat.key: seat.pool for seat in session.seats}
    for seat, person in placed.people.items():
        if seat not in pools:
            yield PartError(("placed", "people", seat), f"session {session.key} has no such seat")
        elif person not in pools[seat]:
            yield PartError(("placed", "people", seat), f"{person} is not in the pool of that seat")
    if placed.room is not None and placed.room not in rooms:
        yield PartError(("placed", "room"), f"{placed.room} is none of the rooms")


def _of_walks(problem: Problem) -> Iterator[PartError]:
    for index, walk in enumerate(problem.walks):
        if walk.one == walk.other:
            yield PartError(("walks", index), f"{walk.one} is one building, not two")
    for index, _ in _repeated([frozenset((walk.one, walk.other)) for walk in problem.walks]):
        walk = problem.walks[index]
        yield PartError(("walks", index), f"{walk.one} and {walk.other} stand there twice")


def _of_pairs(problem: Problem, names: set[str]) -> Iterator[PartError]:
    for index, cost in enumerate(problem.pair_costs):
        for end, name in (("one", cost.one), ("other", cost.other)):
            if name not in names:
                yield PartError(("pair_costs", index, end), f"{name} is no loop/session")
        if cost.one == cost.other:
            yield PartError(("pair_costs", index), f"{cost.one} is paired with itself")
