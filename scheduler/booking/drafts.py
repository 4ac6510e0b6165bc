"""The two events of an interview, worded and addressed."""

from __future__ import annotations

from scheduler.booking.booking import Booking, ChangeKind, Role, RoomChoice, marker, transaction_id
from scheduler.booking.events import EventChange, EventCopy, EventDraft, Guest, GuestKind


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


def amendment(booking: Booking, shown: EventCopy) -> EventChange | None:
    """What is left to change of the invitation as Graph shows it; None when it says all that it should.

    Guests whom the organizer added by hand stay, and so does a place that somebody wrote over ours.
    """
    before, room = booking.before, booking.room
    kind = before.kind if before is not None else ChangeKind.ROOM
    if kind is ChangeKind.PERSON:
        guests = _exchanged(booking, shown.guests)
        return EventChange(guests=guests) if guests is not None else None
    span = booking.interview.span
    moves = kind is ChangeKind.TIME and shown.span != span
    renamed = (
        room is not None
        and room.address != booking.told_room
        and shown.place.casefold() != room.name.casefold()
    )
    guests = _exchanged(booking, shown.guests) if kind is ChangeKind.TIME else None
    if not moves and not renamed and guests is None:
        return None
    return EventChange(
        span=span if moves else None,
        place=room.name if room is not None and renamed else None,
        guests=guests,
    )


def _exchanged(booking: Booking, shown: tuple[Guest, ...]) -> tuple[Guest, ...] | None:
    """The complete list with those who join in the place of those who leave; None when it is so already."""
    assert booking.before is not None
    earlier, wanted = booking.before.interview.guests, booking.interview.guests
    leaving = {guest.address for guest in earlier if guest not in wanted}
    present = {guest.address for guest in shown}
    joining = tuple(guest for guest in wanted if guest not in earlier and guest.address not in present)
    if not joining and not leaving & present:
        return None
    return (*(guest for guest in shown if guest.address not in leaving), *joining)
