"""What is done next with a loop that is booked as one, wherever its bookings stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.booking.booking import Booking, Course, Interview, Place, RoomChoice
from scheduler.booking.loop import Act, Loop, Move, Standing, lost, next_move, stands, steered, unsettled
from scheduler.booking.loop_document import loop_document
from scheduler.booking.states import ENDED, RESTING, State
from solvers.timeline import Span

ROOM, OTHER = RoomChoice("room@x.example", "Room"), RoomChoice("other@x.example", "Other")
PEOPLE = ("ana@x.example",)
REACHED = (State.CONFIRMED, State.PENDING, State.ROOM_DECLINED)
TOLD = set(State) - {State.CLAIMED, State.INVITING, State.UNDOING} - ENDED


def loop(*states: State, keep: bool = False, course: Course = Course.BOOKING) -> Loop:
    """A loop whose bookings stand there; no other room is left for any of them."""
    ids = tuple(f"b-{number}" for number in range(len(states)))
    return Loop(
        tuple(
            Booking(
                ids[number],
                Interview(
                    "s", Span(60 * number, 60 * number + 60), "UTC", "rita@x.example", "A", "", (), PEOPLE
                ),
                state,
                room=ROOM,
                reason=f"{state.value}!",
                place=Place("l-1", f"part {number}", ids, keep, course),
            )
            for number, state in enumerate(states)
        )
    )


def with_member(whole: Loop, number: int, booking: Booking) -> Loop:
    """The loop with one of its bookings replaced."""
    return Loop((*whole.members[:number], booking, *whole.members[number + 1 :]))


def decided(move: Move | None) -> Course | None:
    """The course that the move gives the loop."""
    assert move is not None
    return move.course


def test_all_are_read_again_before_anybody_is_told() -> None:
    """As long as a session is only claimed, no other one is driven."""
    for others in ([State.INVITING, State.CLAIMED], [State.CLAIMED, State.INVITING]):
        move = next_move(loop(*others))
        assert Move(Act.RECHECK, others.index(State.CLAIMED)) == move


@pytest.mark.parametrize("state", [State.UNDOING, State.UNDONE, State.ROOM_DECLINED])
def test_a_lost_session_undoes_the_others(state: State) -> None:
    """The reason names the session."""
    move = next_move(loop(State.CONFIRMED, state))
    assert Move(Act.DECIDE, course=Course.UNDOING, why=f"part 1: {state.value}!") == move


@pytest.mark.parametrize("first", list(State))
def test_what_stands_is_kept_if_a_person_said_so(first: State) -> None:
    """But only once somebody was told of some session; before that nothing is worth keeping."""
    undone = decided(next_move(loop(first, State.UNDONE, keep=True))) is Course.UNDOING
    assert (first not in TOLD) == undone


def test_another_room_is_tried_first() -> None:
    """A room that declined is no loss as long as another one was free as well."""
    declined = loop(State.CONFIRMED, State.ROOM_DECLINED)
    hopeful = with_member(declined, 1, replace(declined.members[1], alternatives=(OTHER,)))
    assert Move(Act.REHOUSE, 1) == next_move(hopeful)


def test_a_session_that_a_person_cancelled_is_not_lost() -> None:
    """The others are booked all the same."""
    assert Move(Act.DRIVE, 1) == next_move(loop(State.CANCELLED, State.INVITING))


def test_rooms_that_have_not_answered_are_waited_for() -> None:
    """Without waiting the others are driven, and the loop is not settled."""
    proving = loop(State.PROVING, State.INVITING)
    assert Move(Act.DRIVE, 1) == next_move(proving, {"b-0"})
    assert None is next_move(loop(State.PROVING, State.CONFIRMED), {"b-0"})


@pytest.mark.parametrize("state", sorted(RESTING, key=lambda state: state.value))
def test_once_settled_nothing_is_done(state: State) -> None:
    """What happens to a session of a loop that was booked undoes no other."""
    assert None is next_move(loop(State.CONFIRMED, state, course=Course.SETTLED))


def test_the_first_booking_speaks_for_the_loop() -> None:
    """Only what it says is unsettled, so that nobody asks the others."""
    whole = loop(State.CONFIRMED, State.CONFIRMED)
    assert [True, False] == [unsettled(booking) for booking in whole.members]
    settled = with_member(whole, 0, steered(whole.members[0], Course.SETTLED, ""))
    assert ([False, False], True) == ([unsettled(booking) for booking in settled.members], settled.finished)


@pytest.mark.parametrize(
    ("states", "standing"),
    [
        ((State.CONFIRMED, State.CHANGING), Standing.CONFIRMED),
        ((State.CONFIRMED, State.PENDING), Standing.PENDING),
        ((State.CONFIRMED, State.ROOM_DECLINED), Standing.PARTIAL),
        ((State.ROOM_DECLINED, State.ROOM_DECLINED), Standing.PARTIAL),
        ((State.CONFIRMED, State.CANCELLED), Standing.PARTIAL),
        ((State.CANCELLED, State.CANCELLED), Standing.CANCELLED),
        ((State.CANCELLED, State.UNDONE), Standing.UNDONE),
    ],
)
def test_how_a_settled_loop_stands(states: tuple[State, State], standing: Standing) -> None:
    """Partial is whatever neither stands nor is gone as a whole."""
    assert standing is loop(*states, course=Course.SETTLED).standing


def test_what_helps() -> None:
    """A session without room comes with the command for another one, a lost one with the search for another slot."""
    states = (State.CONFIRMED, State.ROOM_DECLINED, State.UNDONE)
    shown = loop_document(loop(*states, course=Course.SETTLED)).sessions
    assert ["", "slotwright room b-1 ADDRESS"] == [session.next for session in shown[:2]]
    assert shown[2].next.startswith("slotwright find --with ana@x.example --minutes 60 --between 1970-01-01")


@given(
    states=st.lists(st.sampled_from(State), min_size=1, max_size=4),
    keep=st.booleans(),
    course=st.sampled_from([Course.BOOKING, Course.UNDOING, Course.CANCELLING]),
    draw=st.data(),
)
def test_every_loop_comes_to_rest(
    *,
    states: list[State],
    keep: bool,
    course: Course,
    draw: st.DataObject,
) -> None:
    """From wherever a death left it, and whatever the rooms say, it ends: all stand, none does, or it was decided."""
    whole = loop(*states, keep=keep, course=course)
    withdrawn = any(booking.state in {State.CANCELLING, State.CANCELLED} for booking in whole.members)
    for _ in range(10 * len(states)):
        move = next_move(whole)
        if move is None:
            break
        number, booking = move.member, whole.members[move.member]
        match move.act:
            case Act.RECHECK:
                after = booking.to(draw.draw(st.sampled_from([State.INVITING, State.UNDOING])))
            case Act.REMOVE:
                assert move.to is not None
                after = booking.to(move.to)
            case Act.DECIDE:
                assert move.course is not None
                number, after = 0, steered(whole.members[0], move.course, move.why)
            case _:
                ends = {State.UNDOING: [State.UNDONE], State.CANCELLING: [State.CANCELLED]}
                lost_too = (State.UNDONE,) if booking.state in {State.CLAIMED, State.INVITING} else ()
                after = replace(
                    booking, state=draw.draw(st.sampled_from(ends.get(booking.state, (*REACHED, *lost_too))))
                )
        whole = with_member(whole, number, after)
    assert whole.finished
    if whole.place.course is Course.SETTLED:
        assert keep or withdrawn or all(stands(booking) for booking in whole.members)
        assert keep or not any(lost(booking) for booking in whole.members)
    else:
        assert all(booking.state in ENDED for booking in whole.members)
