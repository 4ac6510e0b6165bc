"""The life of a booking as one table: what each state means, what is done in it, and what that may lead to.

`TABLE` is the only place where a state, its steps or a transition is written down. The next step of a booking, the
check of every change of state and the tables and the drawing in docs/booking.md are all read from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """Where a booking stands; TABLE says what each state means."""

    CLAIMED = "claimed"
    INVITING = "inviting"
    INVITED = "invited"
    RESERVING = "reserving"
    PROVING = "proving"
    TELLING = "telling"
    CONFIRMED = "confirmed"
    PENDING = "pending"
    FREEING = "freeing"
    ROOM_DECLINED = "room_declined"
    CHANGING = "changing"
    VACATING = "vacating"
    CLEARING = "clearing"
    REVERTING = "reverting"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


class Step(Enum):
    """One thing to do, each with at most one write to Graph."""

    RECHECK = "read availability again"
    WRITE_INVITATION = "invite the people"
    ROUTE = "decide the room's route"
    WRITE_RESERVATION = "reserve the room"
    PROVE = "look at the room"
    TELL = "bring the invitation up to date"
    REMOVE_RESERVATION = "free the room"
    REMOVE_EARLIER = "free the room as it was before the change"
    REMOVE_INVITATION = "uninvite the people"
    RESTORE = "go back to how it was before the change"
    RELEASE = "give the claims back"


@dataclass(frozen=True, slots=True)
class Row:
    """One state.

    Args:
        meaning: what is true of a booking in this state.
        steps: what is left to do, in this order; each but the last is skipped when there is nothing for it to do. A
            state without steps rests until a person or a room moves the booking on.
        leads_to: the states that may follow, with what leads there.
    """

    meaning: str
    steps: tuple[Step, ...]
    leads_to: Mapping[State, str]


_CANCELLED = {State.CANCELLING: "a person cancels"}
_CHANGED = {State.CHANGING: "a person asks for another time, person or room, and the ledger has it free"}

TABLE: Mapping[State, Row] = {
    State.CLAIMED: Row(
        "people and room are ours in the ledger; nothing has left the house",
        (Step.RECHECK,),
        {
            State.INVITING: "everybody is still free; the invitation's bytes are frozen",
            State.CLAIMED: "the room is not free any more; the next alternative is claimed",
            State.UNDOING: "somebody required, or every room, is not free any more, or the time has come",
            **_CANCELLED,
        },
    ),
    State.INVITING: Row(
        "the invitation's bytes are frozen; it may or may not exist",
        (Step.WRITE_INVITATION,),
        {
            State.INVITED: "it is there, at the time asked for",
            State.INVITING: "its transaction id was used up; it gets another attempt number",
            State.UNDOING: "it was refused, or written at another time",
            **_CANCELLED,
        },
    ),
    State.INVITED: Row(
        "the invitation exists; the room's route is not decided",
        (Step.ROUTE,),
        {
            State.RESERVING: "the route is decided; the reservation's bytes are frozen",
            State.CONFIRMED: "no room was asked for",
            State.VACATING: "a change keeps an invited room at an overlapping time",
            State.FREEING: "there is no calendar to invite the room from",
            **_CANCELLED,
        },
    ),
    State.RESERVING: Row(
        "the reservation's bytes are frozen; it may or may not exist",
        (Step.WRITE_RESERVATION,),
        {
            State.PROVING: "it is there, at the time asked for",
            State.RESERVING: "its transaction id was used up; it gets another attempt number",
            State.INVITED: "the direct write was refused; the other route is taken",
            State.FREEING: "it was refused, or written at another time",
            **_CANCELLED,
        },
    ),
    State.PROVING: Row(
        "the reservation exists; the room has not shown it yet",
        (Step.PROVE,),
        {
            State.CONFIRMED: "the room shows it, and the invitation names the room",
            State.TELLING: "the room shows it, and the invitation has to say so",
            State.PENDING: "the room shows it as tentative",
            State.FREEING: "the room declined, was taken, or stayed silent too long",
            **_CANCELLED,
        },
    ),
    State.TELLING: Row(
        "time, people and room are ours; the invitation may or may not say so yet",
        (Step.TELL,),
        {
            State.CONFIRMED: "it does, and nothing is left of an earlier time or room",
            State.CLEARING: "it does; the earlier reservation is still in a calendar",
            State.PENDING: "another person was told, and the room still needs approval as before",
            State.ROOM_DECLINED: "another person was told, and the room is still to be had as before",
            State.REVERTING: "the update of a change was refused",
            **_CANCELLED,
        },
    ),
    State.CONFIRMED: Row(
        "people invited, and the room, if any, proved",
        (),
        {
            State.PENDING: "the room shows it as tentative again",
            State.FREEING: "the room declined later, gave the time away, or lost it to a meeting that was there first",
            **_CHANGED,
            **_CANCELLED,
        },
    ),
    State.PENDING: Row(
        "the room holds the time tentatively: somebody must approve",
        (),
        {
            State.CONFIRMED: "it was approved",
            State.TELLING: "it was approved, and the invitation has to say so",
            State.FREEING: "it was not approved",
            State.REVERTING: "a person asks for the time before the change again",
            **_CHANGED,
            **_CANCELLED,
        },
    ),
    State.FREEING: Row(
        "the room said no; our reservation is being taken out of the calendars",
        (Step.REMOVE_RESERVATION,),
        {
            State.ROOM_DECLINED: "it is out, outside of a change",
            State.CHANGING: "it is out; another room is claimed for the new time",
            State.REVERTING: "it is out; no other room is left for the change",
            **_CANCELLED,
        },
    ),
    State.ROOM_DECLINED: Row(
        "people invited, room not to be had; a person decides", (), {**_CHANGED, **_CANCELLED}
    ),
    State.CHANGING: Row(
        "what the change needs is ours in the ledger, beside what we had; nothing has left the house",
        (Step.RECHECK,),
        {
            State.INVITED: "everybody is free; the room is next",
            State.TELLING: "everybody is free; there is no room to reserve",
            State.CHANGING: "the room is not free; the next alternative is claimed",
            State.REVERTING: "somebody, or every room, is not free, or the time has come",
            **_CANCELLED,
        },
    ),
    State.VACATING: Row(
        "the room, which refuses to overlap with itself, is being freed of the earlier time",
        (Step.REMOVE_EARLIER,),
        {State.INVITED: "it is free; both times stay claimed in the ledger", **_CANCELLED},
    ),
    State.CLEARING: Row(
        "everybody knows of the change; the earlier reservation is being taken out of the calendars",
        (Step.REMOVE_EARLIER,),
        {State.CONFIRMED: "it is out; what is not needed any more is given back", **_CANCELLED},
    ),
    State.REVERTING: Row(
        "the change cannot be had; what it wrote is being taken out, and nobody was told of it",
        (Step.REMOVE_RESERVATION, Step.RESTORE),
        {
            State.CONFIRMED: "all is as it was before",
            State.PENDING: "all is as it was before",
            State.ROOM_DECLINED: "all is as it was before",
            State.INVITED: "the earlier time of the room has to be reserved again",
            **_CANCELLED,
        },
    ),
    State.CANCELLING: Row(
        "to be removed because a person asked",
        (Step.REMOVE_RESERVATION, Step.REMOVE_EARLIER, Step.REMOVE_INVITATION, Step.RELEASE),
        {State.CANCELLED: "nothing is left in any calendar, and the claims are given back"},
    ),
    State.CANCELLED: Row("it was cancelled; nothing is left of it", (), {}),
    State.UNDOING: Row(
        "to be removed because it could not be finished",
        (Step.REMOVE_RESERVATION, Step.REMOVE_INVITATION, Step.RELEASE),
        {State.UNDONE: "nothing is left in any calendar, and the claims are given back", **_CANCELLED},
    ),
    State.UNDONE: Row("it could not be booked; nothing is left of it", (), {}),
}

TRANSITIONS: Mapping[State, frozenset[State]] = {
    state: frozenset(row.leads_to) for state, row in TABLE.items()
}

RESTING = frozenset(state for state, row in TABLE.items() if not row.steps)
"""States without a next step of their own."""

ENDED = frozenset({State.CANCELLED, State.UNDONE})
"""States in which nothing of the booking is left in any calendar and its claims are gone."""


class IllegalTransition(Exception):  # noqa: N818 - named like the fact it states
    """A change of state that the table does not have; a bug, never a person's mistake."""


def check(old: State, new: State) -> None:
    """Pass if the table allows old → new.

    Raises:
        IllegalTransition: it does not.
    """
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(f"a booking cannot go from {old.value} to {new.value}")
