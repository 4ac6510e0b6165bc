"""The table of a booking's life."""

from __future__ import annotations

import pytest

from scheduler.booking.booking import Booking, Interview
from scheduler.booking.states import ENDED, RESTING, TABLE, TRANSITIONS, IllegalTransition, State, Step
from scheduler.booking.steps import next_step
from solvers.timeline import Span

INTERVIEW = Interview("s-1", Span(60, 120), "UTC", "rita@x.example", "Interview", "", (), ("ana@x.example",))


def reachable(start: State) -> set[State]:
    """Every state that can follow, however many transitions later."""
    seen: set[State] = set()
    waiting = [start]
    while waiting:
        for after in TRANSITIONS[waiting.pop()] - seen:
            seen.add(after)
            waiting.append(after)
    return seen


def test_every_state_has_a_row() -> None:
    """The table is complete: no state is missing from it."""
    assert set(State) == set(TRANSITIONS)


def test_every_state_can_be_reached() -> None:
    """No state is dead: each follows from a fresh claim."""
    assert set(State) == reachable(State.CLAIMED) | {State.CLAIMED}


@pytest.mark.parametrize("state", sorted(set(State) - ENDED, key=lambda state: state.value))
def test_every_living_booking_can_end(state: State) -> None:
    """From wherever a booking stands it can be brought to an end in which nothing is left."""
    assert reachable(state) & ENDED


@pytest.mark.parametrize("state", sorted(ENDED, key=lambda state: state.value))
def test_an_ended_booking_stays_ended(state: State) -> None:
    """Nothing follows an end."""
    assert frozenset() == TRANSITIONS[state]


@pytest.mark.parametrize("state", list(State))
def test_exactly_the_resting_states_have_no_next_step(state: State) -> None:
    """A booking that does not rest always has something to do, so it can never be stuck unseen."""
    assert (state in RESTING) == (next_step(Booking("b-1", INTERVIEW, state)) is None)


@pytest.mark.parametrize(
    ("old", "new"), [(State.CANCELLED, State.INVITING), (State.CONFIRMED, State.CLAIMED)]
)
def test_an_illegal_transition_raises_and_changes_nothing(old: State, new: State) -> None:
    """The table refuses, and the booking is what it was."""
    booking = Booking("b-1", INTERVIEW, old)
    with pytest.raises(IllegalTransition, match=f"from {old.value} to {new.value}"):
        booking.to(new)
    assert Booking("b-1", INTERVIEW, old) == booking


def test_every_step_is_taken_somewhere() -> None:
    """No step is dead either."""
    assert set(Step) == {step for row in TABLE.values() for step in row.steps}


@pytest.mark.parametrize(
    "state", [state for state in State if state not in ENDED and state is not State.CANCELLING]
)
def test_everything_that_lives_can_be_cancelled(state: State) -> None:
    """Also in the middle of a booking, a change, or the way back."""
    assert State.CANCELLING in TRANSITIONS[state]


def test_a_removal_releases_only_when_both_events_are_gone() -> None:
    """Claims outlive the events they stand for, so nobody books into a room we have not freed."""
    assert Step.RELEASE is next_step(Booking("b-1", INTERVIEW, State.CANCELLING))
