"""A change of a booking that stands: how it begins, what it holds meanwhile, how it ends and how it is given up.

The order is the same for every change: claim what is new beside what we have, reserve and prove the new room, bring the
invitation up to date, and only then free the earlier room and give the earlier claims back. Until the invitation is
touched nobody has heard of the change, so that giving it up disturbs nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scheduler.booking.booking import (
    Before,
    Booking,
    ChangeKind,
    Interview,
    RoomChoice,
    RoomState,
)
from scheduler.booking.events import Guest, GuestKind
from scheduler.booking.states import ENDED, State
from scheduler.zones import iso_utc
from solvers.timeline import Span, SpanSet


def moved(
    booking: Booking, *, span: Span, slot_id: str, rooms: tuple[RoomChoice, ...], reason: str
) -> Booking:
    """The booking on its way to another time.

    Args:
        span: UTC minutes.
        slot_id: the slot that it stands for from then on.
        rooms: rooms that would do, best first; the first is tried, then the others. Empty for an interview without
        room.
    """
    return replace(
        _begun(booking, ChangeKind.TIME, reason),
        interview=replace(booking.interview, span=span, slot_id=slot_id),
        room=rooms[0] if rooms else None,
        alternatives=rooms[1:],
        refused=(),
        reservation=None,
        route=None,
        room_state=RoomState.PLANNED if rooms else RoomState.NONE,
        asked_at=None,
    )


def rehoused(booking: Booking, room: RoomChoice, *, reason: str) -> Booking:
    """The booking on its way to another room; only that one is tried."""
    return replace(
        _begun(booking, ChangeKind.ROOM, reason),
        room=room,
        alternatives=tuple(other for other in booking.alternatives if other.address != room.address),
        reservation=None,
        route=None,
        room_state=RoomState.PLANNED,
        asked_at=None,
    )


def replaced(booking: Booking, leaving: str, joining: Guest, *, reason: str) -> Booking:
    """The booking on its way to having another interviewer in the seat of one who leaves."""
    return replace(
        _begun(booking, ChangeKind.PERSON, reason), interview=exchanged(booking.interview, leaving, joining)
    )


def exchanged(interview: Interview, leaving: str, joining: Guest) -> Interview:
    """The interview with another interviewer in the seat of one who leaves; the rest of the pool stays."""
    return replace(
        interview,
        guests=tuple(joining if guest.address == leaving else guest for guest in interview.guests),
        busy=tuple(joining.address if address == leaving else address for address in interview.busy),
        stand_ins=tuple(
            (
                joining.address if address == leaving else address,
                tuple(other for other in others if other != joining.address),
            )
            for address, others in interview.stand_ins
        ),
    )


def settled(booking: Booking) -> Booking:
    """The booking once the change is made and nothing is left of what was before."""
    before = booking.before
    assert before is not None
    state = before.state if before.kind is ChangeKind.PERSON else State.CONFIRMED
    shown = None if before.kind is ChangeKind.TIME else booking.shown
    return booking.to(state, before=None, repairs=booking.repairs + before.repair, shown=shown)


def restored(booking: Booking) -> Booking:
    """The booking as it was before the change; a room that was freed for it is reserved again."""
    before = booking.before
    assert before is not None
    if before.kind is ChangeKind.PERSON:
        return booking.to(before.state, interview=before.interview, revision=before.revision, before=None)
    refused = booking.refused if before.kind is ChangeKind.ROOM else before.refused
    refusing = {room.address for room, _ in refused}
    return booking.to(
        State.INVITED if before.freed else before.state,
        revision=before.revision,
        interview=before.interview,
        room=before.room,
        room_state=RoomState.PLANNED if before.freed else before.room_state,
        route=None if before.freed else before.route,
        alternatives=tuple(room for room in before.alternatives if room.address not in refusing),
        refused=refused,
        reservation=None if before.freed else before.reservation,
        asked_at=None if before.freed else before.asked_at,
        before=None,
    )


def needed(booking: Booking) -> tuple[str, ...]:
    """The people whose time the booking, or the change under way, cannot do without, and has to read again."""
    interview, before = booking.interview, booking.before
    if before is not None and before.kind is ChangeKind.ROOM:
        return ()
    if before is not None and before.kind is ChangeKind.PERSON:
        return tuple(address for address in interview.busy if address not in before.interview.busy)
    required = {guest.address for guest in interview.guests if guest.kind is GuestKind.REQUIRED}
    return tuple(
        address for address in interview.busy if address in required or address == interview.organizer
    )


def overlaps_itself(booking: Booking) -> bool:
    """Whether the room would have to hold the earlier time and an overlapping new one of the same booking."""
    before = booking.before
    return (
        before is not None
        and booking.earlier is not None
        and before.room == booking.room
        and before.interview.span.overlaps(booking.interview.span)
    )


def until_then(booking: Booking) -> str:
    """Where an interview stands while a change of it waits, as an ending of a sentence."""
    before = booking.before
    if before is None:
        return ""
    at = iso_utc(before.interview.span.start)
    room = f" in {before.room.name}" if before.room is not None and booking.earlier is not None else ""
    return f"; until then the interview stays at {at}{room}"


def held(booking: Booking) -> Mapping[str, SpanSet]:
    """What the booking claims of each person and room: its own time, and while it changes the earlier one too."""
    spans: dict[str, list[Span]] = {}
    for resource, span in _held(booking):
        spans.setdefault(resource, []).append(span)
    return {resource: SpanSet.of(each) for resource, each in spans.items()}


def _held(booking: Booking) -> Iterator[tuple[str, Span]]:
    if booking.state in ENDED:
        return
    yield from _claims(booking.interview, booking.room, booking.state)
    if booking.before is not None:
        yield from _claims(booking.before.interview, booking.before.room, booking.before.state)


def _claims(interview: Interview, room: RoomChoice | None, state: State) -> Iterator[tuple[str, Span]]:
    for address in interview.busy:
        yield address, interview.span
    if room is not None and state is not State.ROOM_DECLINED:
        yield room.address, interview.span


def _begun(booking: Booking, kind: ChangeKind, reason: str) -> Booking:
    before = Before(
        kind=kind,
        state=booking.state,
        revision=booking.revision,
        interview=booking.interview,
        room=booking.room,
        room_state=booking.room_state,
        route=booking.route,
        alternatives=booking.alternatives,
        refused=booking.refused,
        reservation=booking.reservation,
        asked_at=booking.asked_at,
    )
    return booking.to(State.CHANGING, revision=booking.revision + 1, before=before, reason=reason)
