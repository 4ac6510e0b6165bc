"""Changes: what a coordinator could ask for, each with its price, and the problem in which it is granted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from solvers.problem import NEVER, Frozen, Key, Limit, Loop, Person, Problem, Room, RoomNeed, Session, Spans
from solvers.timeline import Span

ChangeKind = Literal[
    "tentative",
    "room_named",
    "room_building",
    "order",
    "same_room",
    "begins",
    "starts",
    "equal_person",
    "known",
    "room_seats",
    "room_features",
    "longer_gap",
    "room_known",
    "hours",
    "room_hours",
    "shorter_gap",
    "hour",
    "limit",
    "buffer",
    "room_hour",
    "minutes",
    "candidate_hour",
    "no_break",
    "more_days",
    "candidate_day",
    "meets_again",
    "other_person",
    "no_room",
    "no_rooms",
    "moved",
    "without",
    "left_out",
]

PRICES: dict[ChangeKind, int] = {
    "tentative": 1,
    "room_named": 1,
    "room_building": 2,
    "order": 2,
    "same_room": 2,
    "begins": 2,
    "starts": 2,
    "equal_person": 2,
    "known": 3,
    "room_seats": 3,
    "room_features": 3,
    "longer_gap": 3,
    "room_known": 3,
    "hours": 4,
    "room_hours": 4,
    "shorter_gap": 4,
    "hour": 5,
    "limit": 5,
    "buffer": 5,
    "room_hour": 5,
    "minutes": 6,
    "candidate_hour": 6,
    "no_break": 6,
    "more_days": 7,
    "candidate_day": 7,
    "meets_again": 8,
    "other_person": 8,
    "no_room": 9,
    "no_rooms": 10,
    "moved": 9,
    "without": 10,
    "left_out": 12,
}
"""What each change costs, cheap for us first. A pair costs the sum; that a room be step-free is never given up.

1 to 3: what one coordinator decides alone. 3 to 5: what one colleague must agree to. 6 to 8: what changes the interview
or is asked of the candidate. 8 to 12: what makes it another interview, or takes something from somebody else.
"""


class Change(Frozen):
    """One thing that is granted.

    tentative, hour, room_hour, known, room_known: the minutes of `spans` are free. hours, room_hours: `spans` are open
    as well. equal_person, other_person: `person` may sit in `seats`; equal are those who share another pool with one of
    theirs. without: `seats` may stay empty. room_seats: for `amount` people instead. room_named, room_building,
    room_features, no_room: nothing of the kind is asked. no_rooms: the same for every session of the loop. minutes: the
    session takes `amount` minutes. longer_gap, shorter_gap: at most, or at least, `amount` minutes; None for any.
    more_days: at most `amount`. candidate_hour: the candidate offers `spans` as well, and its earliest and latest
    minute make way for them. candidate_day: the same for a day. limit: the person does one session more. buffer: the
    person or room needs none. order, same_room, begins, starts, no_break, meets_again: not asked. moved: the booked
    session may move. left_out: another loop is not held.

    Args:
        step: of changes of which one goes further than the other, how far; 0 if there is no other.
    """

    kind: ChangeKind
    loop: Key | None = None
    session: Key | None = None
    seats: tuple[Key, ...] = ()
    person: Key | None = None
    room: Key | None = None
    keys: tuple[Key, ...] = ()
    amount: int | None = None
    was: int | None = None
    limit: Limit | None = None
    spans: Spans = NEVER
    step: int = 0

    @property
    def price(self) -> int:
        """What it costs, by `PRICES`."""
        return PRICES[self.kind]

    @property
    def ladder(self) -> tuple[object, ...]:
        """Equal for changes of which one goes further than the other."""
        return (self.kind, self.loop, self.session, self.seats, self.person, self.room, self.keys, self.limit)


def grant(problem: Problem, change: Change) -> Problem:
    """The problem with the change made; nothing else of it differs."""
    match change.kind:
        case "tentative" | "hour" | "known":
            if change.room is not None:
                return _room(problem, change, _free)
            return _person(problem, change, _free)
        case "room_hour" | "room_known":
            return _room(problem, change, _free)
        case "hours":
            return _person(problem, change, _open)
        case "room_hours":
            return _room(problem, change, _open)
        case "limit":
            return _person(problem, change, _one_more)
        case "buffer":
            if change.room is not None:
                return _room(problem, change, _no_buffer)
            return _person(problem, change, _no_buffer)
        case "equal_person" | "other_person" | "without" | "minutes" | "starts" | "moved":
            return _session(problem, change, _of_session)
        case "room_named" | "room_building" | "room_seats" | "room_features" | "no_room":
            return _session(problem, change, _of_need)
        case "left_out":
            loops = tuple(loop for loop in problem.loops if loop.key != change.loop)
            return problem.model_copy(update={"loops": loops, "pair_costs": ()})
        case _:
            return _loop(problem, change, _of_loop)


def _person(problem: Problem, change: Change, changed: Callable[[Any, Change], dict[str, Any]]) -> Problem:
    people = tuple(
        person.model_copy(update=changed(person, change)) if person.key == change.person else person
        for person in problem.people
    )
    return problem.model_copy(update={"people": people})


def _room(problem: Problem, change: Change, changed: Callable[[Any, Change], dict[str, Any]]) -> Problem:
    rooms = tuple(
        room.model_copy(update=changed(room, change)) if room.key == change.room else room
        for room in problem.rooms
    )
    return problem.model_copy(update={"rooms": rooms})


def _loop(problem: Problem, change: Change, changed: Callable[[Loop, Change], dict[str, Any]]) -> Problem:
    loops = tuple(
        loop.model_copy(update=changed(loop, change)) if loop.key == change.loop else loop
        for loop in problem.loops
    )
    return problem.model_copy(update={"loops": loops})


def _session(
    problem: Problem, change: Change, changed: Callable[[Session, Change], dict[str, Any]]
) -> Problem:
    def of_loop(loop: Loop, _: Change) -> dict[str, Any]:
        return {
            "sessions": tuple(
                each.model_copy(update=changed(each, change)) if each.key == change.session else each
                for each in loop.sessions
            )
        }

    return _loop(problem, change, of_loop)


def _free(resource: Person | Room, change: Change) -> dict[str, Any]:
    return {"blocked": resource.blocked - change.spans, "unknown": resource.unknown - change.spans}


def _open(resource: Person | Room, change: Change) -> dict[str, Any]:
    return {"open": resource.open | change.spans}


def _no_buffer(_: Person | Room, __: Change) -> dict[str, Any]:
    return {"buffer_before": 0, "buffer_after": 0}


def _one_more(person: Person, change: Change) -> dict[str, Any]:
    def more(limit: Limit) -> Limit:
        if limit != change.limit:
            return limit
        sessions = None if limit.sessions is None else max(limit.sessions, limit.already_sessions) + 1
        minutes = limit.minutes
        if minutes is not None:
            minutes = max(minutes, limit.already_minutes) + (change.amount or 0)
        return limit.model_copy(update={"sessions": sessions, "minutes": minutes})

    return {"limits": tuple(more(limit) for limit in person.limits)}


def _of_session(session: Session, change: Change) -> dict[str, Any]:
    match change.kind:
        case "minutes":
            return {"minutes": change.amount}
        case "starts":
            return {"starts": None}
        case "moved":
            return {"placed": None}
        case "without":
            more: dict[str, Any] = {"kind": "optional"}
        case _:
            more = {}
    seats = []
    for seat in session.seats:
        if seat.key not in change.seats:
            seats.append(seat)
        elif more:
            seats.append(seat.model_copy(update=more))
        elif change.person in seat.pool:
            seats.append(seat)
        else:
            seats.append(seat.model_copy(update={"pool": (*seat.pool, change.person)}))
    return {"seats": tuple(seats)}


def _of_need(session: Session, change: Change) -> dict[str, Any]:
    need = session.room
    if need is None:
        return {}
    if change.kind == "no_room":
        return _without_room(session)
    given: dict[str, dict[str, Any]] = {
        "room_named": {"among": ()},
        "room_building": {"building": None},
        "room_seats": {"seats": change.amount},
        "room_features": {
            "features": tuple(feature for feature in need.features if feature not in change.keys)
        },
    }
    changed: RoomNeed = need.model_copy(update=given[change.kind])
    return {"room": changed}


def _without_room(session: Session) -> dict[str, Any]:
    placed = None if session.placed is None else session.placed.model_copy(update={"room": None})
    return {"room": None, "placed": placed}


def _of_loop(loop: Loop, change: Change) -> dict[str, Any]:
    match change.kind:
        case "order" if change.keys:
            return {"before": tuple(pair for pair in loop.before if pair != change.keys)}
        case "order":
            return {"order": "free"}
        case "same_room":
            return {"same_room": False}
        case "begins":
            return {"begins": None}
        case "meets_again":
            return {"meets_once": False}
        case "longer_gap":
            return {"max_gap": change.amount}
        case "shorter_gap":
            return {"min_gap": change.amount}
        case "no_rooms":
            sessions = tuple(each.model_copy(update=_without_room(each)) for each in loop.sessions)
            return {"sessions": sessions}
        case "no_break":
            return {"breaks": tuple(rest for rest in loop.breaks if rest.key not in change.keys)}
        case "more_days":
            return {"max_days": change.amount}
        case "candidate_hour" | "candidate_day":
            return _offered(loop, change)
        case _:
            raise AssertionError(change.kind)


def _offered(loop: Loop, change: Change) -> dict[str, Any]:
    hull = Span(change.spans.edges[0], change.spans.edges[-1])
    return {
        "available": None if loop.available is None else loop.available | change.spans,
        "earliest": None if loop.earliest is None else min(loop.earliest, hull.start),
        "latest": None if loop.latest is None else max(loop.latest, hull.end),
    }
