"""When a booking is looked at, and what a look means."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.booking.booking import Booking, Concern, ConcernKind, Interview, RoomChoice, RoomState
from scheduler.booking.events import Answer, EventCopy, Guest, GuestKind
from scheduler.booking.proof import RoomAnswer
from scheduler.booking.states import State
from scheduler.booking.watching import (
    Sight,
    concerns,
    is_firm,
    is_same,
    leaving,
    moved_to,
    needs_work,
    next_look,
    of_room,
)
from scheduler.calendars.snapshot import Status
from solvers.timeline import Span

ANA, BEN, ZOE = "ana@x.example", "ben@x.example", "zoe@y.example"
RITA = "rita@x.example"
ROOM = RoomChoice("room.a@x.example", "Aula")
SPAN = Span(100_000, 100_060)
GUESTS = (
    Guest(ANA, "Ana", GuestKind.REQUIRED),
    Guest(BEN, "Ben", GuestKind.OPTIONAL),
    Guest(ZOE, "Zoe", GuestKind.REQUIRED),
)
BOOKING = Booking(
    "b-1",
    Interview("s-1", SPAN, "UTC", RITA, "Interview", "", GUESTS, (ANA, BEN, RITA)),
    State.CONFIRMED,
    room=ROOM,
    room_state=RoomState.VERIFIED,
    told_room=ROOM.address,
)
HELD = RoomAnswer(RoomState.VERIFIED, "it is there")


def shown(**changes: object) -> EventCopy:
    """The invitation as it should be, except for these changes."""
    copy = EventCopy(
        event_id="e-1",
        ical_uid="u-1",
        span=SPAN,
        status=Status.BUSY,
        answers=tuple((guest.address, Answer.ACCEPTED) for guest in GUESTS),
        guests=GUESTS,
        place=ROOM.name,
    )
    return replace(copy, **changes)  # type: ignore[arg-type]  # fields of the copy


def sight(invitation: EventCopy | None, **changes: object) -> Sight:
    """What a look two days before showed, the room being held unless told otherwise."""
    return replace(Sight(SPAN.start - 2880, invitation, room=HELD), **changes)  # type: ignore[arg-type]  # as above


def kinds(seen: Sight, booking: Booking = BOOKING) -> list[tuple[str, str]]:
    """What a person would have to decide."""
    return [(concern.kind.value, concern.who) for concern in concerns(booking, seen)]


class TestSchedule:
    """A function of times and nothing else, so that a restart loses nothing."""

    SINCE, START = 1_000_000, 1_000_000 + 3 * 86_400

    def looks(self, first: int) -> list[int]:
        """All looks after one, each following from the one before."""
        found = []
        at: int | None = first
        while (at := next_look(at or 0, since=self.SINCE, start=self.START)) is not None:
            found.append(at)
        return found

    def test_all_of_them(self) -> None:
        """Every minute for ten minutes, every quarter of an hour, a day and an hour before, none after the start."""
        since, start = self.SINCE, self.START
        regular = {*range(since + 60, since + 601, 60), *range(since + 1500, start, 900)}
        assert sorted(regular | {start - 86_400, start - 3600}) == self.looks(since)

    @given(last=st.integers(0, 4 * 86_400))
    def test_it_does_not_matter_when_it_was_looked_last(self, last: int) -> None:
        """Whoever looked at any moment goes on with the looks that everybody else makes."""
        at = self.SINCE + last
        assert [look for look in self.looks(self.SINCE) if look > at] == self.looks(at)

    def test_a_change_begins_it_anew(self) -> None:
        """A look before the change says nothing about what came after it."""
        assert self.SINCE + 60 == next_look(self.SINCE - 5000, since=self.SINCE, start=self.START)

    def test_an_interview_within_minutes(self) -> None:
        """It is looked at up to its start."""
        assert [None, 1060] == [next_look(1000, since=1000, start=start) for start in (1060, 1061)]


class TestRoom:
    """What has become of a room that was held."""

    @pytest.mark.parametrize(
        ("answer", "means"),
        [
            (HELD, None),
            (RoomAnswer(RoomState.ACCEPTED, ""), None),
            (RoomAnswer(RoomState.WRITTEN, "", unread=True), None),
            (RoomAnswer(RoomState.WRITTEN, ""), RoomState.RELEASED),
            (RoomAnswer(RoomState.PENDING, ""), RoomState.PENDING),
            (RoomAnswer(RoomState.DECLINED, ""), RoomState.DECLINED),
            (RoomAnswer(RoomState.DISPLACED, ""), RoomState.DISPLACED),
        ],
    )
    def test_each_answer(self, answer: RoomAnswer, means: RoomState | None) -> None:
        """Not being able to look is not losing it; showing nothing where there was something is."""
        assert means is of_room(answer)
        assert (means is not None) == needs_work(BOOKING, sight(shown(), room=answer))

    def test_another_meeting_in_it(self) -> None:
        """While we hold the room a person is told; when we lost it the loss is all there is to say."""
        for held, said in [(HELD, "ours was there first"), (RoomAnswer(RoomState.ACCEPTED, ""), "as well")]:
            (concern,) = concerns(BOOKING, sight(shown(), room=replace(held, contested=True)))
            assert (ConcernKind.CONTESTED, ROOM.address) == (concern.kind, concern.who)
            assert concern.text.endswith(said)
        lost = RoomAnswer(RoomState.DISPLACED, "", contested=True)
        assert [] == kinds(sight(shown(), room=lost))

    def test_none(self) -> None:
        """The reason is the room's own, not what was tried since."""
        other = RoomChoice("room.b@x.example", "Bar")
        lost = replace(BOOKING, state=State.ROOM_DECLINED, refused=((ROOM, "too late"), (other, "too small")))
        (concern,) = concerns(lost, sight(shown(), room=None))
        assert Concern(ConcernKind.ROOM, "", "there is no room: Aula: too late") == concern


class TestInvitation:
    """Answers, and what was changed by hand."""

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, []),
            ({"guests": (*GUESTS, Guest("dan@x.example", "Dan", GuestKind.REQUIRED))}, []),
            ({"guests": GUESTS[1:]}, [("removed", ANA)]),
            ({"guests": (GUESTS[0], GUESTS[2])}, []),
            ({"place": "Café"}, [("place", "")]),
            ({"place": "AULA"}, []),
            ({"span": Span(100_030, 100_090)}, [("moved", "")]),
            ({"cancelled": True}, [("uninvited", "")]),
            ({"answers": ((ANA, Answer.DECLINED), (ZOE, Answer.TENTATIVE))}, [("declined", ANA)]),
            ({"answers": ((BEN, Answer.DECLINED), (ZOE, Answer.NONE))}, []),
            ({"answers": ((ZOE, Answer.DECLINED),)}, [("candidate", ZOE)]),
        ],
    )
    def test_each_change(self, changes: dict[str, object], expected: list[tuple[str, str]]) -> None:
        """What a person has to know is told, and what is theirs to do is not."""
        assert expected == kinds(sight(shown(**changes)))

    def test_it_is_gone(self) -> None:
        """Deleted, or nothing is known because the whole mailbox is not there: two different things."""
        assert [("uninvited", "")] == kinds(sight(None))
        assert [("gone", RITA)] == kinds(sight(None, organizer_gone=True))

    @pytest.mark.parametrize("answer", [Answer.NONE, Answer.NOT_RESPONDED])
    @pytest.mark.parametrize(("before", "expected"), [(1441, []), (1440, [("unanswered", ANA)])])
    def test_who_has_not_answered(self, answer: Answer, before: int, expected: list[tuple[str, str]]) -> None:
        """Only required interviewers are waited for, and only from a day before."""
        silent = shown(answers=tuple((guest.address, answer) for guest in GUESTS))
        assert expected == kinds(sight(silent, now=SPAN.start - before))

    def test_a_mailbox_that_is_gone(self) -> None:
        """Somebody required who is not there any more leaves like one who declines."""
        seen = sight(shown(), gone=frozenset({ANA, BEN}))
        assert ((ANA,), [("gone", ANA)]) == (leaving(BOOKING, seen), kinds(seen))

    def test_the_candidate_never_leaves_a_seat(self) -> None:
        """Nobody stands in for a candidate."""
        assert () == leaving(BOOKING, sight(shown(answers=((ZOE, Answer.DECLINED),))))

    @pytest.mark.parametrize(
        ("invitation", "firm", "where"),
        [
            (shown(), True, None),
            (shown(span=Span(100_030, 100_090)), False, Span(100_030, 100_090)),
            (shown(cancelled=True, span=Span(100_030, 100_090)), False, None),
            (None, False, None),
        ],
    )
    def test_whether_there_is_anything_to_repair(
        self, invitation: EventCopy | None, firm: object, where: Span | None
    ) -> None:
        """Not while it is open whether, or when, the interview is at all."""
        seen = sight(invitation)
        assert (firm, where) == (is_firm(BOOKING, seen), moved_to(BOOKING, seen))


class TestNews:
    """What was noticed already is not noticed again."""

    def test_what_is_known(self) -> None:
        """The reason that was added later does not make it news; other words do."""
        seen = sight(shown(place="Café"))
        (found,) = concerns(BOOKING, seen)
        known = replace(found, text=f"{found.text}; and so it stays", settled=True)
        booking = replace(BOOKING, concerns=(known,))
        assert [True, False] == [needs_work(BOOKING, seen), needs_work(booking, seen)]
        assert needs_work(booking, sight(shown())), "what has gone has to be taken off the list"
        assert needs_work(booking, sight(shown(place="Park")))
        assert not is_same(known, replace(found, who=ANA))

    @pytest.mark.parametrize("state", [State.PENDING, State.ROOM_DECLINED, State.PROVING])
    def test_what_does_not_stand_is_always_worked_on(self, state: State) -> None:
        """Only what is confirmed can be left alone."""
        assert needs_work(replace(BOOKING, state=state), sight(shown()))
