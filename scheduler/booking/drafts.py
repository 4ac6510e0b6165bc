"""The two events of an interview, worded and addressed."""

from __future__ import annotations

from scheduler.booking.booking import Booking, Role, RoomChoice, marker, transaction_id
from scheduler.booking.events import EventDraft, Guest, GuestKind


def invitation(booking: Booking, attempt: int) -> EventDraft:
    """The people's event. It names the room as a place only: a room is reserved by the other event."""
    interview = booking.interview
    mark = marker(booking.booking_id, booking.revision, Role.INVITATION, attempt)
    return EventDraft(
        subject=interview.subject,
        body=interview.text,
        span=interview.span,
        guests=interview.guests,
        marker=mark,
        transaction_id=transaction_id(mark),
        place_name=booking.room.name if booking.room is not None else "",
        online_meeting=interview.online_meeting,
    )


def reservation(booking: Booking, room: RoomChoice, attempt: int, *, invite_room: bool) -> EventDraft:
    """The room's event, worded for a calendar that many can read: no candidate, no subject of the interview.

    Args:
        invite_room: True on the Scheduler route, where the room is a guest of type resource. In its own calendar the
            room is the organizer and must not be its own guest.
    """
    mark = marker(booking.booking_id, booking.revision, Role.RESERVATION, attempt)
    guests = (Guest(room.address, room.name, GuestKind.RESOURCE),) if invite_room else ()
    return EventDraft(
        subject="Interview",
        body=f"Reserved for {booking.interview.organizer}.",
        span=booking.interview.span,
        guests=guests,
        marker=mark,
        transaction_id=transaction_id(mark),
        place_name=room.name,
        place_address=room.address,
    )
