"""A change of a booking as a value: what it holds meanwhile, how it ends, and how it is given up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.booking import change, drafts
from scheduler.booking.booking import (
    Booking,
    Interview,
    Role,
    RoomChoice,
    RoomState,
    Route,
    Written,
)
from scheduler.booking.events import CalendarRef, EventChange, EventCopy, Guest, GuestKind
from scheduler.booking.states import IllegalTransition, State, Step
from scheduler.booking.steps import next_step
from scheduler.calendars.snapshot import Status
from solvers.timeline import Span, SpanSet

ANA, BEN = (Guest(f"{name}@x.example", name, GuestKind.REQUIRED) for name in ("ana", "ben"))
ZOE = Guest("zoe@y.example", "Zoe", GuestKind.REQUIRED)
THEM = Guest("them@y.example", "", GuestKind.OPTIONAL)
ROOM, OTHER, THIRD = (RoomChoice(f"{name}@x.example", name) for name in ("room", "other", "third"))
OLD = Span(600, 660)
INTERVIEW = Interview("s-1", OLD, "UTC", "rita@x.example", "Interview", "", (ANA, ZOE), (ANA.address,))


def written(role: Role, attempt: int = 1) -> Written:
    """An event of ours."""
    return Written(
        role, attempt, CalendarRef("room@x.example"), f"m-{role.value}-{attempt}", "t", "{}", "e", "i"
    )


STANDING = Booking(
    "b-1",
    INTERVIEW,
    State.CONFIRMED,
    room=ROOM,
    room_state=RoomState.VERIFIED,
    route=Route.DIRECT,
    alternatives=(OTHER, THIRD),
    invitation=written(Role.INVITATION),
    reservation=written(Role.RESERVATION),
    reservations=1,
    told_room=ROOM.address,
    asked_at=5,
)


def moved(span: Span, booking: Booking = STANDING) -> Booking:
    """On its way to another time."""
    return change.moved(booking, span=span, slot_id="s-2", rooms=(ROOM, OTHER), reason="moving")


def rehoused(booking: Booking = STANDING) -> Booking:
    """On its way to another room."""
    return change.rehoused(booking, OTHER, reason="trying")


def swapped(booking: Booking = STANDING) -> Booking:
    """On its way to another interviewer."""
    return change.replaced(booking, ANA.address, BEN, reason="swapping")


def gone_far(booking: Booking) -> Booking:
    """The same, with a reservation written for it."""
    return replace(booking, reservation=written(Role.RESERVATION, 2), reservations=2, state=State.REVERTING)


@given(start=st.integers(0, 1400), minutes=st.integers(1, 120))
def test_both_times_are_held_until_the_end(start: int, minutes: int) -> None:
    """Whatever the two times are, the old and the new one are claimed for everybody, and later the new one alone."""
    span = Span(start, start + minutes)
    moving = moved(span)
    both = SpanSet.of([OLD, span])
    assert {ANA.address: both, ROOM.address: both} == change.held(moving)
    after = change.settled(replace(moving, state=State.CLEARING))
    new = SpanSet.of([span])
    assert {ANA.address: new, ROOM.address: new} == change.held(after)


def test_a_room_that_declined_is_not_held() -> None:
    """Its claim was given back when it declined, and is not taken again while the booking changes."""
    declined = replace(STANDING, state=State.ROOM_DECLINED, reservation=None)
    assert {ANA.address: SpanSet.of([OLD])} == change.held(declined)
    held = change.held(rehoused(declined))
    assert {ANA.address: SpanSet.of([OLD]), OTHER.address: SpanSet.of([OLD])} == held


def test_an_ended_booking_holds_nothing() -> None:
    """Neither time of a change that was cancelled midway."""
    cancelled = replace(moved(Span(700, 760)), state=State.CANCELLED)
    assert {} == change.held(cancelled)


@pytest.mark.parametrize("state", [State.CONFIRMED, State.PENDING, State.ROOM_DECLINED])
@pytest.mark.parametrize("begin", [lambda booking: moved(Span(700, 760), booking), rehoused, swapped])
def test_giving_up_goes_back_to_all_of_it(state: State, begin: Any) -> None:
    """The booking is what it was, but for the reason and the count of its reservations."""
    before = replace(STANDING, state=state)
    changing = begin(before)
    given_up = replace(changing, state=State.REVERTING) if begin is swapped else gone_far(changing)
    expected = replace(before, reason=given_up.reason, reservations=given_up.reservations)
    assert (2, expected) == (changing.revision, change.restored(given_up))


def test_giving_up_after_the_room_was_freed_reserves_it_again() -> None:
    """The earlier reservation is out of the calendars already, so the booking goes through the proof once more."""
    changing = gone_far(moved(Span(630, 690)))
    assert changing.before is not None
    after = change.restored(replace(changing, before=replace(changing.before, freed=True)))
    assert (State.INVITED, ROOM, None, None, RoomState.PLANNED, OLD, 1) == (
        after.state,
        after.room,
        after.reservation,
        after.route,
        after.room_state,
        after.interview.span,
        after.revision,
    )


def test_a_room_that_refused_is_not_offered_again() -> None:
    """What was learned in a change of the room is kept when it is given up."""
    given_up = replace(gone_far(rehoused()), refused=((OTHER, "no"),))
    after = change.restored(given_up)
    assert ((THIRD,), ((OTHER, "no"),)) == (after.alternatives, after.refused)


@pytest.mark.parametrize("state", [State.PROVING, State.CANCELLED, State.TELLING])
def test_only_a_booking_that_stands_is_changed(state: State) -> None:
    """The table refuses, whoever asks."""
    with pytest.raises(IllegalTransition):
        moved(Span(700, 760), replace(STANDING, state=state))


def test_who_has_to_be_free() -> None:
    """A new time needs everybody who is required, a new person only that one, a new room nobody."""
    assert ((ANA.address,), (), (BEN.address,)) == tuple(
        change.needed(each) for each in (moved(Span(700, 760)), rehoused(), swapped())
    )
    assert (ANA.address,) == change.needed(STANDING)


class TestWhatIsRemoved:
    """Of a change that is given up, its own; of a booking that is cancelled, all."""

    def test_a_swap_never_touches_the_room(self) -> None:
        """Its reservation is the one that stays."""
        assert Step.RESTORE is next_step(replace(swapped(), state=State.REVERTING))

    def test_a_move_frees_what_it_reserved(self) -> None:
        """And not what was there before."""
        assert Step.REMOVE_RESERVATION is next_step(gone_far(moved(Span(700, 760))))
        assert Step.RESTORE is next_step(replace(gone_far(moved(Span(700, 760))), reservation=None))

    def test_cancelling_in_the_middle_frees_both(self) -> None:
        """New, old, invitation, claims, in this order."""
        booking = replace(gone_far(moved(Span(700, 760))), state=State.CANCELLING)
        steps = [next_step(booking)]
        booking = replace(booking, reservation=None)
        steps.append(next_step(booking))
        assert booking.before is not None
        booking = replace(booking, before=replace(booking.before, freed=True))
        steps.append(next_step(booking))
        steps.append(next_step(replace(booking, invitation=None)))
        expected = [Step.REMOVE_RESERVATION, Step.REMOVE_EARLIER, Step.REMOVE_INVITATION, Step.RELEASE]
        assert expected == steps

    def test_cancelling_a_swap_frees_the_room_once(self) -> None:
        """The room of before is the room of now."""
        booking = replace(swapped(), state=State.CANCELLING, reservation=None)
        assert Step.REMOVE_INVITATION is next_step(booking)


class TestAmendment:
    """What is left to change of an invitation as it is shown."""

    SHOWN = EventCopy("e", "i", OLD, Status.BUSY, guests=(ANA, ZOE), place="room")

    def test_a_new_time(self) -> None:
        """Start and end, and the place only when the room is another one."""
        moving = moved(Span(700, 760))
        assert EventChange(span=Span(700, 760)) == drafts.amendment(moving, self.SHOWN)
        elsewhere = replace(moving, room=OTHER)
        assert EventChange(span=Span(700, 760), place="other") == drafts.amendment(elsewhere, self.SHOWN)
        assert EventChange(place="other") == drafts.amendment(
            elsewhere, replace(self.SHOWN, span=Span(700, 760))
        )

    def test_nothing_is_left(self) -> None:
        """What is there already is not written again."""
        there = replace(self.SHOWN, span=Span(700, 760))
        assert drafts.amendment(moved(Span(700, 760)), there) is None
        assert drafts.amendment(rehoused(), replace(self.SHOWN, place="OTHER")) is None
        assert drafts.amendment(swapped(), replace(self.SHOWN, guests=(ZOE, BEN))) is None

    def test_a_place_that_somebody_wrote_stays(self) -> None:
        """As long as the room is the same."""
        assert EventChange(span=Span(700, 760)) == drafts.amendment(
            moved(Span(700, 760)), replace(self.SHOWN, place="by the lift")
        )

    @pytest.mark.parametrize(
        ("shown", "expected"),
        [
            ((ANA, ZOE), (ZOE, BEN)),
            ((ZOE,), (ZOE, BEN)),
            ((ANA, ZOE, BEN), (ZOE, BEN)),
            ((THEM, ANA), (THEM, BEN)),
        ],
    )
    def test_the_complete_list(self, shown: tuple[Guest, ...], expected: tuple[Guest, ...]) -> None:
        """One for the other, and whoever else is there; half a swap by hand is finished."""
        copy = replace(self.SHOWN, guests=shown)
        assert EventChange(guests=expected) == drafts.amendment(swapped(), copy)
