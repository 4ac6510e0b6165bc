"""When a booking that stands is looked at, and what one look at it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.booking.booking import Booking, Concern, ConcernKind, RoomState
from scheduler.booking.events import Answer, EventCopy, GuestKind
from scheduler.booking.proof import RoomAnswer
from scheduler.booking.states import State
from scheduler.zones import iso_utc
from solvers.timeline import Span

SOON_SECONDS = 60
SOON_FOR_SECONDS = 600
LATER_SECONDS = 900
BEFORE_SECONDS = (86_400, 3_600)
ANSWER_WANTED_MINUTES = 1440
"""How long before the start somebody who has not answered is asked about."""
STUCK_SECONDS = 300
"""How long a booking may be unfinished before a person is told (facts: reliability P4)."""

_UNANSWERED = {Answer.NONE, Answer.NOT_RESPONDED}


def next_look(last: int, *, since: int, start: int) -> int | None:
    """When a booking is looked at after the look at `last`; None when it is not looked at again.

    Every minute for ten minutes, then every quarter of an hour up to the start, and a day and an hour before it. Looks
    that were missed are one look, which is due at once.

    Args:
        last: UTC second of the last look.
        since: UTC second of the booking's last change of state.
        start: UTC second at which the interview begins.
    """
    passed = max(last - since, 0)
    if passed < SOON_FOR_SECONDS:
        regular = since + SOON_SECONDS * (passed // SOON_SECONDS + 1)
    else:
        later = (passed - SOON_FOR_SECONDS) // LATER_SECONDS + 1
        regular = since + SOON_FOR_SECONDS + LATER_SECONDS * later
    looks = (regular, *(start - before for before in BEFORE_SECONDS))
    return min((look for look in looks if last < look < start), default=None)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at a booking showed.

    Args:
        now: UTC minute.
        invitation: None when it is gone.
        organizer_gone: whether the organizer's mailbox is not there, so that nothing is known of the invitation.
        room: None when the room was not looked at.
        gone: interviewers whose mailboxes are not there any more.
    """

    now: int
    invitation: EventCopy | None
    organizer_gone: bool = False
    room: RoomAnswer | None = None
    gone: frozenset[str] = frozenset()


def of_room(answer: RoomAnswer) -> RoomState | None:
    """What has become of a room that was held; None when it still is, or could not be looked at."""
    match answer.state:
        case RoomState.VERIFIED | RoomState.ACCEPTED:
            return None
        case RoomState.WRITTEN:
            return None if answer.unread else RoomState.RELEASED
        case other:
            return other


def lost_because(answer: RoomAnswer) -> str:
    """Why a room that was held is not any more, as a clause."""
    if answer.state is RoomState.WRITTEN:
        return "the room does not hold the time any more"
    return answer.reason


def contested(booking: Booking, answer: RoomAnswer) -> tuple[Concern, ...]:
    """That somebody else, who would have to yield by the rule, is in the room that we hold."""
    if not answer.contested or booking.room is None:
        return ()
    room = booking.room
    where = f"another meeting was put over ours in {room.name}; ours was there first"
    if answer.state is not RoomState.VERIFIED:
        where = f"another meeting is in {room.name} at that time as well"
    return (Concern(ConcernKind.CONTESTED, room.address, where),)


def leaving(booking: Booking, sight: Sight) -> tuple[str, ...]:
    """The required interviewers who will not come, in the order of the invitation."""
    answers = _answers(sight)
    return tuple(
        guest.address
        for guest in booking.interview.guests
        if guest.kind is GuestKind.REQUIRED
        and guest.address in booking.interview.busy
        and (answers.get(guest.address) is Answer.DECLINED or guest.address in sight.gone)
    )


def needs_work(booking: Booking, sight: Sight) -> bool:
    """Whether the look showed anything that has to be acted on, or said otherwise than it is already."""
    if booking.state is not State.CONFIRMED:
        return True
    if sight.room is not None and of_room(sight.room) is not None:
        return True
    found = concerns(booking, sight)
    news = len(found) != len(booking.concerns) or not all(
        is_same(known, each) for known, each in zip(booking.concerns, found, strict=False)
    )
    return news or bool(leaving(booking, sight)) or moved_to(booking, sight) != booking.shown


def is_firm(booking: Booking, sight: Sight) -> bool:
    """Whether people were told what the booking says, so that there is something to repair and not to decide first."""
    shown = sight.invitation
    told = shown is not None and not shown.cancelled and shown.span == booking.interview.span
    return told and booking.before is None


def is_same(known: Concern, found: Concern) -> bool:
    """Whether that was known already; what was added to its words later is no part of it."""
    return (known.kind, known.who) == (found.kind, found.who) and known.text.startswith(found.text)


def moved_to(booking: Booking, sight: Sight) -> Span | None:
    """Where somebody moved the invitation by hand; None when it is where it should be, or is not there."""
    shown = sight.invitation
    if shown is None or shown.cancelled or shown.span == booking.interview.span:
        return None
    return shown.span


def concerns(booking: Booking, sight: Sight) -> tuple[Concern, ...]:
    """What a person has to decide about as far as one look can tell, without what can be done."""
    return tuple(_concerns(booking, sight))


def _concerns(booking: Booking, sight: Sight) -> Iterator[Concern]:
    organizer = booking.interview.organizer
    if sight.organizer_gone:
        yield Concern(
            ConcernKind.GONE, organizer, f"the mailbox {organizer}, which invited, is not there any more"
        )
    elif sight.invitation is None or sight.invitation.cancelled:
        yield Concern(
            ConcernKind.UNINVITED, "", f"somebody removed the invitation from the calendar of {organizer}"
        )
    else:
        yield from _edits(booking, sight.invitation)
        yield from _answered(booking, sight)
    if booking.state is State.ROOM_DECLINED and booking.room is not None:
        reasons = [why for room, why in booking.refused if room == booking.room]
        why = reasons[-1] if reasons else "it cannot be had"
        yield Concern(ConcernKind.ROOM, "", f"there is no room: {booking.room.name}: {why}")
    if sight.room is not None and of_room(sight.room) is None:
        yield from contested(booking, sight.room)


def _edits(booking: Booking, shown: EventCopy) -> Iterator[Concern]:
    interview = booking.interview
    if shown.span != interview.span:
        yield Concern(
            ConcernKind.MOVED,
            "",
            f"somebody moved the invitation to {iso_utc(shown.span.start)}; the room is still reserved for"
            f" {iso_utc(interview.span.start)}"
            if booking.room is not None
            else f"somebody moved the invitation to {iso_utc(shown.span.start)}",
        )
    room = booking.room
    told = room is not None and booking.told_room == room.address and booking.state is State.CONFIRMED
    if room is not None and told and shown.place.casefold() != room.name.casefold():
        yield Concern(
            ConcernKind.PLACE, "", f"the invitation says {shown.place or 'no place'!r} instead of {room.name}"
        )
    present = {guest.address for guest in shown.guests}
    for guest in interview.guests:
        if guest.kind is GuestKind.REQUIRED and guest.address not in present:
            yield Concern(
                ConcernKind.REMOVED, guest.address, f"somebody took {guest.address} off the invitation"
            )


def _answered(booking: Booking, sight: Sight) -> Iterator[Concern]:
    interview, answers = booking.interview, _answers(sight)
    for address in leaving(booking, sight):
        declined = answers.get(address) is Answer.DECLINED
        yield Concern(
            ConcernKind.DECLINED if declined else ConcernKind.GONE,
            address,
            f"{address} declined" if declined else f"the mailbox {address} is not there any more",
        )
    soon = interview.span.start - sight.now <= ANSWER_WANTED_MINUTES
    for guest in interview.guests:
        if guest.kind is not GuestKind.REQUIRED:
            continue
        answer = answers.get(guest.address)
        if guest.address not in interview.busy and answer is Answer.DECLINED:
            yield Concern(ConcernKind.CANDIDATE, guest.address, f"the candidate {guest.address} declined")
        elif (
            soon
            and guest.address in interview.busy
            and answer in _UNANSWERED
            and guest.address not in sight.gone
        ):
            yield Concern(ConcernKind.UNANSWERED, guest.address, f"{guest.address} has not answered yet")


def _answers(sight: Sight) -> dict[str, Answer]:
    shown = sight.invitation
    return {} if shown is None or shown.cancelled else dict(shown.answers)
