"""The public form of a booking: what a person or a program may know about it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.booking.booking import Before, Booking, Interview, RoomChoice, RoomState, Written
from scheduler.booking.states import RESTING
from scheduler.zones import UnknownZone, find_zone, format_wall, iso_utc, wall_at


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BookedEvent(_Part):
    """An event of ours in a calendar; `event_id` is valid in that mailbox only and null while it is not known."""

    mailbox: str
    calendar_id: str | None = Field(description="null: the mailbox's default calendar")
    event_id: str | None
    ical_uid: str | None


class BookedRoom(_Part):
    """The room being taken."""

    address: str
    name: str
    route: Literal["direct", "scheduler"] | None
    state: Literal[
        "none", "planned", "written", "pending", "accepted", "verified", "declined", "displaced", "released"
    ]


class RefusedRoom(_Part):
    """A room that said no."""

    address: str
    name: str
    reason: str


class RoomOffer(_Part):
    """A room that was free as well when the slot was found."""

    address: str
    name: str


class InvitedGuest(_Part):
    """Somebody who is invited."""

    address: str
    name: str
    kind: Literal["required", "optional", "resource"]


class BookedChange(_Part):
    """A change under way: until it is made, the interview stands as this says."""

    kind: Literal["time", "room", "person"]
    start_utc: str
    end_utc: str
    room: RoomOffer | None
    guests: tuple[InvitedGuest, ...]


class BookedPlace(_Part):
    """The loop that a booking is a session of; `slotwright show` and `cancel` take its id as well."""

    loop: str
    session: str


class BookingDocument(_Part):
    """One booking. `start_utc` and `end_utc` are the instants; `start` and `end` are on the clock of `zone`."""

    id: str
    slot: str
    revision: int = Field(
        description="counts what people were told; one more with every change that was made"
    )
    state: str
    finished: bool = Field(description="false while there is a step left that `slotwright show` would take")
    reason: str
    start_utc: str
    end_utc: str
    zone: str
    start: str
    end: str
    organizer: str
    subject: str
    guests: tuple[InvitedGuest, ...]
    room: BookedRoom | None
    refused_rooms: tuple[RefusedRoom, ...] = ()
    next_rooms: tuple[RoomOffer, ...] = ()
    invitation: BookedEvent | None
    reservation: BookedEvent | None
    changing_from: BookedChange | None = Field(None, description="null when no change is under way")
    place: BookedPlace | None = Field(None, description="null when it was booked by itself")
    key: str | None = Field(None, description="the idempotency key it was asked for with")


def document(booking: Booking) -> BookingDocument:
    """The public form of a booking."""
    interview = booking.interview
    zone = find_zone(interview.zone)
    clock = find_zone("UTC") if isinstance(zone, UnknownZone) else zone
    assert not isinstance(clock, UnknownZone)
    room = None
    if booking.room is not None:
        room = BookedRoom(
            address=booking.room.address,
            name=booking.room.name,
            route=booking.route.value if booking.route is not None else None,
            state=booking.room_state.value if booking.room_state is not RoomState.NONE else "planned",
        )
    return BookingDocument(
        id=booking.booking_id,
        slot=interview.slot_id,
        revision=booking.revision,
        state=booking.state.value,
        finished=booking.state in RESTING,
        reason=booking.reason,
        start_utc=iso_utc(interview.span.start),
        end_utc=iso_utc(interview.span.end),
        zone=clock.key,
        start=format_wall(wall_at(clock, interview.span.start)),
        end=format_wall(wall_at(clock, interview.span.end)),
        organizer=interview.organizer,
        subject=interview.subject,
        guests=_guests(interview),
        room=room,
        refused_rooms=tuple(
            RefusedRoom(address=choice.address, name=choice.name, reason=reason)
            for choice, reason in booking.refused
        ),
        next_rooms=tuple(_offer(room) for room in booking.alternatives),
        invitation=_event(booking.invitation),
        reservation=_event(booking.reservation),
        changing_from=_change(booking.before),
        place=None
        if booking.place is None
        else BookedPlace(loop=booking.place.loop_id, session=booking.place.session),
        key=None if booking.key is None else booking.key.text,
    )


def _change(before: Before | None) -> BookedChange | None:
    if before is None:
        return None
    return BookedChange(
        kind=before.kind.value,
        start_utc=iso_utc(before.interview.span.start),
        end_utc=iso_utc(before.interview.span.end),
        room=None if before.room is None else _offer(before.room),
        guests=_guests(before.interview),
    )


def _guests(interview: Interview) -> tuple[InvitedGuest, ...]:
    return tuple(
        InvitedGuest(address=guest.address, name=guest.name, kind=guest.kind.value)
        for guest in interview.guests
    )


def _offer(room: RoomChoice) -> RoomOffer:
    return RoomOffer(address=room.address, name=room.name)


def _event(written: Written | None) -> BookedEvent | None:
    if written is None:
        return None
    return BookedEvent(
        mailbox=written.calendar.mailbox,
        calendar_id=written.calendar.calendar_id,
        event_id=written.event_id,
        ical_uid=written.ical_uid,
    )
