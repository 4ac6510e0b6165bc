"""The life of a booking as one table; every change of state goes through `check`.

A booking rests in a state of RESTING until a person or the room moves it on; in every other state there is a next
step, and whoever finds the booking there may take it.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """Where a booking stands."""

    CLAIMED = "claimed"  # people and room are ours in the ledger; nothing has left the house
    INVITING = "inviting"  # the invitation's bytes are frozen; it may or may not exist
    INVITED = "invited"  # the invitation exists; the room's route is not decided
    RESERVING = "reserving"  # the reservation's bytes are frozen; it may or may not exist
    PROVING = "proving"  # the reservation exists; the room has not shown it yet
    TELLING = "telling"  # the room is proved; the invitation still names another one
    CONFIRMED = "confirmed"  # people invited, and the room, if any, proved
    PENDING = "pending"  # the room holds the time tentatively: somebody must approve
    FREEING = "freeing"  # the room said no; our reservation is being taken out of the calendars
    ROOM_DECLINED = "room_declined"  # people invited, room not to be had; a person decides
    CANCELLING = "cancelling"  # to be removed because a person asked
    CANCELLED = "cancelled"
    UNDOING = "undoing"  # to be removed because it could not be finished
    UNDONE = "undone"


_REMOVABLE = {State.CANCELLING, State.UNDOING}

TRANSITIONS: dict[State, frozenset[State]] = {
    State.CLAIMED: frozenset({State.CLAIMED, State.INVITING} | _REMOVABLE),
    State.INVITING: frozenset({State.INVITING, State.INVITED} | _REMOVABLE),
    State.INVITED: frozenset({State.RESERVING, State.CONFIRMED, State.FREEING} | _REMOVABLE),
    State.RESERVING: frozenset({State.RESERVING, State.INVITED, State.PROVING, State.FREEING} | _REMOVABLE),
    State.PROVING: frozenset(
        {State.CONFIRMED, State.TELLING, State.PENDING, State.FREEING, State.CANCELLING}
    ),
    State.PENDING: frozenset({State.CONFIRMED, State.TELLING, State.FREEING, State.CANCELLING}),
    State.TELLING: frozenset({State.CONFIRMED, State.CANCELLING}),
    State.CONFIRMED: frozenset({State.CANCELLING}),
    State.FREEING: frozenset({State.ROOM_DECLINED, State.CANCELLING}),
    State.ROOM_DECLINED: frozenset({State.INVITED, State.CANCELLING}),
    State.CANCELLING: frozenset({State.CANCELLED}),
    State.UNDOING: frozenset({State.UNDONE, State.CANCELLING}),
    State.CANCELLED: frozenset(),
    State.UNDONE: frozenset(),
}

RESTING = frozenset({State.CONFIRMED, State.PENDING, State.ROOM_DECLINED, State.CANCELLED, State.UNDONE})
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
