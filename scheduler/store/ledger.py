"""Claims: our exclusive hold on a person or a room over a span of UTC minutes.

`hold` is the only function that makes a claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select

from scheduler.errors import Gone
from scheduler.store.locks import lock_resources
from scheduler.store.tables import claims
from solvers.timeline import Span


class Taken(Gone):
    """Somebody else's booking holds a resource over part of the span; nothing was claimed."""

    def __init__(self, resource: str, booking_id: str) -> None:
        super().__init__(f"{resource} is already booked at that time by {booking_id}; choose another slot.")
        self.resource = resource
        self.booking_id = booking_id


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """One resource over one span of UTC minutes."""

    resource: str
    span: Span


_IN_REACH = select(claims.c.booking_id, claims.c.resource, claims.c.start_minute, claims.c.end_minute).where(
    or_(
        claims.c.booking_id.in_(bindparam("bookings", expanding=True)),
        and_(
            claims.c.resource.in_(bindparam("resources", expanding=True)),
            claims.c.start_minute < bindparam("end"),
            claims.c.end_minute > bindparam("start"),
        ),
    )
)


def hold(connection: Connection, wanted: Mapping[str, Collection[Claim]]) -> None:
    """Let each booking, by its id, hold exactly these claims from now on, or change nothing.

    A claim that stays is not touched, so that doing it twice is doing it once. Locks are taken in one order, so a
    transaction asks for everything that it wants in one call.

    Raises:
        Taken: another booking holds some of it, or two of these bookings want the same.
    """
    lock_resources(connection, (claim.resource for each in wanted.values() for claim in each))
    held = look(connection, wanted)
    for booking_id, each in wanted.items():
        for gone in held[booking_id] - set(each):
            release(connection, booking_id, gone)
    made = [
        {
            "booking_id": booking_id,
            "resource": claim.resource,
            "start_minute": claim.span.start,
            "end_minute": claim.span.end,
        }
        for booking_id, each in wanted.items()
        for claim in sorted(set(each) - held[booking_id])
    ]
    if made:
        connection.execute(insert(claims), made)


def look(connection: Connection, wanted: Mapping[str, Collection[Claim]]) -> Mapping[str, frozenset[Claim]]:
    """What these bookings hold now, if nobody stands in the way of what they want.

    Without the locks that `hold` takes, this is only true for the moment.

    Raises:
        Taken: as `hold` would.
    """
    asked = sorted((claim, booking_id) for booking_id, each in wanted.items() for claim in set(each))
    for (one, holder), (other, _) in pairwise(asked):
        if one.resource == other.resource and one.span.overlaps(other.span):
            raise Taken(one.resource, holder)
    held: dict[str, set[Claim]] = {booking_id: set() for booking_id in wanted}
    others: list[tuple[Claim, str]] = []
    reach = {
        "bookings": list(wanted),
        "resources": list({claim.resource for claim, _ in asked}),
        "start": min((claim.span.start for claim, _ in asked), default=0),
        "end": max((claim.span.end for claim, _ in asked), default=0),
    }
    for booking_id, resource, start, end in connection.execute(_IN_REACH, reach):
        claim = Claim(resource, Span(start, end))
        if booking_id in held:
            held[booking_id].add(claim)
        else:
            others.append((claim, booking_id))
    for claim, _ in asked:
        for other, holder in sorted(others):
            if claim.resource == other.resource and claim.span.overlaps(other.span):
                raise Taken(claim.resource, holder)
    return {booking_id: frozenset(each) for booking_id, each in held.items()}


def release(connection: Connection, booking_id: str, claim: Claim | None = None) -> None:
    """Give back all the booking's claims, or only this one; releasing twice is harmless."""
    rows = delete(claims).where(claims.c.booking_id == booking_id)
    if claim is not None:
        rows = rows.where(
            claims.c.resource == claim.resource,
            claims.c.start_minute == claim.span.start,
            claims.c.end_minute == claim.span.end,
        )
    connection.execute(rows)


def claims_of(
    connection: Connection, resources: Iterable[str], window: Span, *, except_booking: str | None = None
) -> Mapping[str, tuple[Span, ...]]:
    """The claims of each resource that share a minute with the window, in order; resources without have none."""
    wanted = set(resources)
    held: dict[str, list[Span]] = {resource: [] for resource in wanted}
    rows = connection.execute(
        select(claims)
        .where(
            claims.c.resource.in_(wanted),
            claims.c.start_minute < window.end,
            claims.c.end_minute > window.start,
        )
        .order_by(claims.c.start_minute)
    )
    for row in rows:
        if row.booking_id != except_booking:
            held[row.resource].append(Span(row.start_minute, row.end_minute))
    return {resource: tuple(spans) for resource, spans in held.items()}
