"""The public form of a loop that was booked as one."""

from __future__ import annotations

from shlex import quote
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.booking.booking import Booking, Course
from scheduler.booking.document import BookingDocument, document
from scheduler.booking.events import GuestKind
from scheduler.booking.loop import Loop, Standing, place_of, stands
from scheduler.booking.states import ENDED, State

WELL = frozenset({Standing.CONFIRMED, Standing.PENDING})
"""Ways in which a loop stands as a whole."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BookedSession(_Part):
    """One session of the loop."""

    name: str
    stands: bool = Field(description="it takes place, with a room if it was to have one, as far as is known")
    next: str = Field("", description="the command that helps a session that does not stand")
    booking: BookingDocument


class LoopDocument(_Part):
    """A loop whose sessions were booked as one; `id` is the option that was booked."""

    id: str
    state: Literal[
        "booking", "confirmed", "pending", "partial", "undoing", "undone", "cancelling", "cancelled"
    ]
    finished: bool = Field(description="false while there is a step left that `slotwright show` would take")
    reason: str
    keep_partial: bool = Field(description="whether a person decided that sessions which stand are kept")
    sessions: tuple[BookedSession, ...] = Field(description="in the order in which they were asked for")


class LoopOutcome(_Part):
    """What became of one candidate's loop when a plan was booked."""

    option: str
    candidate: str
    problem: str = Field(description="why it was not booked or not finished; empty if it was")
    loop: LoopDocument | None = Field(description="null when nothing was booked")


def loop_document(loop: Loop) -> LoopDocument:
    """The public form of a loop."""
    place = loop.place
    settled = place.course is Course.SETTLED
    return LoopDocument(
        id=place.loop_id,
        state=loop.standing.value,
        finished=loop.finished,
        reason="" if loop.standing in WELL else place.why,
        keep_partial=place.keep,
        sessions=tuple(
            BookedSession(
                name=place_of(booking).session,
                stands=stands(booking),
                next=_next(booking) if settled else "",
                booking=document(booking),
            )
            for booking in loop.members
        ),
    )


def _next(booking: Booking) -> str:
    """What a person can do about a session that does not stand."""
    if booking.state is State.ROOM_DECLINED:
        return f"slotwright room {booking.booking_id}{'' if booking.alternatives else ' ADDRESS'}"
    if booking.state not in ENDED:
        return ""
    interview = booking.interview
    guests = {guest.address: guest for guest in interview.guests}
    required = [
        address
        for address in interview.busy
        if address not in guests or guests[address].kind is GuestKind.REQUIRED
    ]
    optional = [address for address in interview.busy if address not in required]
    candidates = [guest.address for guest in interview.guests if guest.address not in interview.busy]
    day = document(booking).start[:10]
    parts = [
        "slotwright find",
        f"--with {','.join(required)}" if required else "",
        f"--optional {','.join(optional)}" if optional else "",
        *(f"--candidate {address}" for address in candidates[:1]),
        f"--minutes {interview.span.minutes} --between {day} --zone {interview.zone}",
        "--room" if booking.room is not None else "",
        f"--subject {quote(interview.subject)}",
    ]
    return " ".join(part for part in parts if part)
