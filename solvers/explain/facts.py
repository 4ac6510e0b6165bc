"""Facts: the demands of a problem that can each be lifted by itself, told apart finely enough to be said one by one."""

from __future__ import annotations

from typing import Literal

from solvers.problem import NEVER, Frozen, Key, Limit, Minute, Spans

FactKind = Literal[
    "pool",
    "room",
    "person_blocked",
    "room_blocked",
    "promised",
    "person_unknown",
    "room_unknown",
    "available",
    "earliest",
    "latest",
    "begins",
    "starts",
    "person_hours",
    "room_hours",
    "room_named",
    "room_seats",
    "room_features",
    "room_building",
    "room_step_free",
    "person_limit",
    "meets_once",
    "order",
    "min_gap",
    "max_gap",
    "break",
    "days",
    "max_days",
    "same_room",
    "walk",
    "person_buffer",
    "room_buffer",
    "placed",
    "mandatory",
    "minutes",
    "grid",
    "horizon",
]
"""What each forbids, and what lifting it means:

pool: required seats of a session take only these people; lifted, they may stay empty. room: a session needs a room;
lifted, it has none. room_named, room_seats, room_features, room_building, room_step_free: what is asked of that room.
*_blocked, *_unknown, *_hours: minutes of one person or room that may not be used, or lie outside the open ones; lifted,
the minutes of `within` may be used. promised: minutes of one person or room that other, fixed loops hold, which count
towards limits. person_limit, *_buffer: of one person or room. available, earliest, latest, begins, starts, min_gap,
max_gap, break, max_days, same_room, meets_once: as in the problem; lifted, nothing is asked. order: the fixed order of
a loop, or that the one of two sessions is before the other. days: sessions stay inside the loop's days; lifted, each
day lasts until the next. walk: minutes between two buildings; lifted, none. placed: a booked session keeps its place.
mandatory: another loop is held as well; lifted, it is left out.

minutes, grid and horizon are structure: how long a session is, where its starts lie, and what is planned at all. They
are told for understanding and are never lifted.
"""

STRUCTURE: frozenset[FactKind] = frozenset({"minutes", "grid", "horizon"})


class Fact(Frozen):
    """One demand.

    Args:
        seats: of the session, in order.
        people: whose time or limit it is; for `pool` who may sit there.
        rooms: whose time it is; for `room_named` which are named.
        keys: the two sessions of an `order`, the break, the features, the building or both buildings.
        minutes: how many: of a gap, a break, a walk, a buffer, a session, a grid; for `room_seats` the seats and for
            `max_days` the days.
        spans: what is said: the minutes that are blocked, unknown or promised; for hours, `available`, `begins` and
            `starts` those that are left.
        within: for *_blocked, *_unknown, *_hours and promised: the minutes the fact is about.
        whole: the days on which the spans cover everything that is open, each from its first to its last open minute.
    """

    kind: FactKind
    loop: Key | None = None
    session: Key | None = None
    seats: tuple[Key, ...] = ()
    people: tuple[Key, ...] = ()
    rooms: tuple[Key, ...] = ()
    keys: tuple[Key, ...] = ()
    minutes: int | None = None
    limit: Limit | None = None
    spans: Spans = NEVER
    within: Spans = NEVER
    whole: tuple[tuple[Minute, Minute], ...] = ()
