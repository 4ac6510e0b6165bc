"""What may be put right by itself, in which order, and what a person can do about the rest.

The candidate's time is kept first, then the people, then the room: nothing here ever moves an interview.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from scheduler.booking import watching
from scheduler.booking.booking import Booking, Concern, ConcernKind, RoomChoice, RoomState
from scheduler.booking.proof import RoomAnswer

Approve = Literal["none", "people", "all"]
"""Which repairs a person has to make: none, those that exchange people, or all."""


@dataclass(frozen=True, slots=True)
class RepairRules:
    """What a coordinator decides about repairs.

    Args:
        freeze_minutes: how long before the start nothing is changed by itself any more.
        change_budget: how many changes of one booking are made by themselves.
    """

    freeze_minutes: int = 60
    change_budget: int = 3
    approve: Approve = "none"


def hindrance(booking: Booking, what: Literal["person", "room"], rules: RepairRules, now: int) -> str | None:
    """Why a repair is left to a person, as a clause; None when it may be made.

    Args:
        now: UTC minute.
    """
    if booking.interview.span.start - now < rules.freeze_minutes:
        return f"it begins in less than {rules.freeze_minutes} minutes"
    if booking.repairs >= rules.change_budget:
        return f"it was changed {booking.repairs} times already"
    if rules.approve == "all" or (rules.approve == "people" and what == "person"):
        return "somebody has to approve it"
    return None


def stand_ins(booking: Booking, address: str) -> tuple[str, ...]:
    """Who else could sit in the seat of that interviewer and is not at the interview already, the best first."""
    interview = booking.interview
    present = {*interview.busy, interview.organizer, *(guest.address for guest in interview.guests)}
    others = next((others for each, others in interview.stand_ins if each == address), ())
    return tuple(other for other in others if other not in present)


def rooms(booking: Booking, neighbours: Iterable[RoomChoice]) -> tuple[RoomChoice, ...]:
    """The rooms to try for a booking that lost its own, the least disturbance first.

    A room that nobody else took is asked once more, because then nobody has to be told; after it those that were free
    when the slot was found, then the neighbours. No room that refused is asked twice.
    """
    refused = [room.address for room, _ in booking.refused]
    lost = booking.room
    again = lost is not None and booking.room_state is RoomState.RELEASED and refused.count(lost.address) == 1
    others = (room for room in (*booking.alternatives, *neighbours) if room.address not in refused)
    ordered = (*((lost,) if lost is not None and again else ()), *others)
    return tuple({room.address: room for room in ordered}.values())


def with_contest(booking: Booking, answer: RoomAnswer) -> tuple[Concern, ...]:
    """What a person has to decide, with whoever a first look at the room showed beside us."""
    others = (each for each in booking.concerns if each.kind is not ConcernKind.CONTESTED)
    found = watching.contested(booking, answer)
    return (*others, *(replace(each, commands=commands(booking, each)) for each in found))


def commands(
    booking: Booking, concern: Concern, *, others: Iterable[str] = (), start: str = "", back: str = ""
) -> tuple[str, ...]:
    """What a person can type about it.

    Args:
        others: rooms or people that are free, best first.
        start: a time at which everybody is free, or where the invitation stands, on the booking's clock.
        back: the time that was booked, on the same clock.
    """
    mine = booking.booking_id
    move = f"slotwright reschedule {mine} {start or 'WHEN'}"
    cancel, keep = f"slotwright cancel {mine}", f"slotwright attention --settle {mine}"
    look = f"slotwright show {mine}"
    people = tuple(f"slotwright swap {mine} {concern.who} {other}" for other in others) or (
        f"slotwright swap {mine} {concern.who} SOMEBODY",
    )
    houses = tuple(f"slotwright room {mine} {other}" for other in others) or (f"slotwright room {mine} ROOM",)
    match concern.kind:
        case ConcernKind.UNINVITED:
            return (cancel,)
        case ConcernKind.MOVED:
            return (move, f"slotwright reschedule {mine} {back or 'WHEN'}", cancel)
        case ConcernKind.PLACE | ConcernKind.CONTESTED:
            return (*houses, keep)
        case ConcernKind.REMOVED | ConcernKind.UNANSWERED:
            return (*people, keep)
        case ConcernKind.DECLINED:
            return (*people, move, keep, cancel)
        case ConcernKind.GONE if concern.who == booking.interview.organizer:
            return (keep, cancel)
        case ConcernKind.GONE:
            return (*people, keep)
        case ConcernKind.CANDIDATE:
            return (move, keep, cancel)
        case ConcernKind.ROOM:
            return (*houses, move, keep, cancel)
        case ConcernKind.STUCK:
            return (look, cancel)
