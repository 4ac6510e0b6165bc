"""Claims: our exclusive hold on a person or a room over a span of UTC minutes.

`take` is the only function that makes a claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from scheduler.errors import WorldError
from scheduler.store.tables import claims
from solvers.timeline import Span, SpanSet


class Taken(WorldError):  # noqa: N818 - named like the fact it states
    """Somebody else's booking holds a resource over part of the span; nothing was claimed."""

    def __init__(self, resource: str, booking_id: str) -> None:
        super().__init__(f"{resource} is already booked at that time by {booking_id}; choose another slot.")
        self.resource = resource
        self.booking_id = booking_id


def take(connection: Connection, booking_id: str, resources: Iterable[str], span: Span) -> None:
    """Claim every resource over the span for the booking, or none of them.

    The caller's transaction already holds the write lock, so looking first and inserting after cannot race; the
    trigger stands behind it.

    Raises:
        Taken: another booking holds one of them.
    """
    wanted = sorted(set(resources))
    for resource in wanted:
        holder = connection.execute(
            select(claims.c.booking_id).where(
                claims.c.resource == resource,
                claims.c.start_minute < span.end,
                claims.c.end_minute > span.start,
            )
        ).first()
        if holder is not None:
            raise Taken(resource, holder.booking_id)
    if wanted:
        connection.execute(
            insert(claims),
            [
                {
                    "booking_id": booking_id,
                    "resource": resource,
                    "start_minute": span.start,
                    "end_minute": span.end,
                }
                for resource in wanted
            ],
        )


def release(connection: Connection, booking_id: str, resource: str | None = None) -> None:
    """Give back the booking's claims, or only the one on the named resource; releasing twice is harmless."""
    rows = delete(claims).where(claims.c.booking_id == booking_id)
    connection.execute(rows if resource is None else rows.where(claims.c.resource == resource))


def claimed(
    connection: Connection, resources: Iterable[str], window: Span, *, except_booking: str | None = None
) -> Mapping[str, SpanSet]:
    """What the ledger holds of each resource inside the window; resources without claims have an empty set."""
    wanted = set(resources)
    held: dict[str, list[Span]] = {resource: [] for resource in wanted}
    rows = connection.execute(
        select(claims).where(
            claims.c.resource.in_(wanted),
            claims.c.start_minute < window.end,
            claims.c.end_minute > window.start,
        )
    )
    for row in rows:
        if row.booking_id != except_booking:
            held[row.resource].append(Span(row.start_minute, row.end_minute))
    return {resource: SpanSet.of(spans) for resource, spans in held.items()}
