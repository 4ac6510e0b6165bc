"""What is left of the time of a person or a room: beside what is blocked, and beside what others were promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from solvers.problem import Limit, Person, Resource, Room
from solvers.timeline import SpanSet


@dataclass(frozen=True)
class Promise:
    """Minutes of a person or room that a session holds."""

    start: int
    end: int


def usable(resource: Resource) -> SpanSet:
    """The minutes any session of the resource lies in: open, and buffers away from what is blocked or unknown.

    A session [s, e) has a minute of [s - before, e + after) in a block [b, c) exactly when it has a minute of its own
    in [b - after, c + before).
    """
    taken = (resource.blocked | resource.unknown).widen(resource.buffer_after, resource.buffer_before)
    return resource.open - taken


def promised_person(person: Person, promises: Iterable[Promise], gap: int = 0) -> Person:
    """The person with this time gone: kept apart by the larger buffer, and counted towards limits.

    Args:
        gap: minutes, such as a walk, that are kept from each promise if the buffers are smaller.
    """
    taken = tuple(promises)
    return person.model_copy(
        update={
            "blocked": _blocked(person, taken, gap),
            "limits": tuple(_counted(limit, taken) for limit in person.limits),
        }
    )


def promised_room(room: Room, promises: Iterable[Promise]) -> Room:
    """The room with this time gone."""
    return room.model_copy(update={"blocked": _blocked(room, promises, 0)})


def around(resource: Resource, promise: Promise, gap: int = 0) -> SpanSet:
    """What to block, so that with its own buffers any other session keeps the larger of them, and the gap, from it."""
    before, after = resource.buffer_before, resource.buffer_after
    apart = max(before, after, gap)
    return SpanSet((promise.start - (apart - after), promise.end + (apart - before)))


def _blocked(resource: Resource, promises: Iterable[Promise], gap: int) -> SpanSet:
    return SpanSet.union([resource.blocked, *(around(resource, each, gap) for each in promises)])


def _counted(limit: Limit, promises: Iterable[Promise]) -> Limit:
    inside = [each for each in promises if limit.start <= each.start < limit.end]
    if not inside:
        return limit
    return limit.model_copy(
        update={
            "already_sessions": limit.already_sessions + len(inside),
            "already_minutes": limit.already_minutes + sum(each.end - each.start for each in inside),
        }
    )
