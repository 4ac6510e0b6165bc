"""What is repaired by itself, with whom and where, and what a person can type about the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from scheduler.booking.booking import Booking, Concern, ConcernKind, Interview, RoomChoice, RoomState
from scheduler.booking.events import Guest, GuestKind
from scheduler.booking.proof import RoomAnswer
from scheduler.booking.repairing import (
    Approve,
    RepairRules,
    commands,
    hindrance,
    rooms,
    stand_ins,
    with_contest,
)
from scheduler.booking.states import State
from solvers.timeline import Span

ANA, BEN, DAN, RITA = (f"{name}@x.example" for name in ("ana", "ben", "dan", "rita"))
A, B, C = (RoomChoice(f"room.{key}@x.example", key.upper()) for key in "abc")
INTERVIEW = Interview(
    "s-1",
    Span(10_000, 10_060),
    "UTC",
    RITA,
    "Interview",
    "",
    tuple(Guest(address, "", GuestKind.REQUIRED) for address in (ANA, BEN)),
    (ANA, BEN, RITA),
    stand_ins=((ANA, (BEN, RITA, DAN)),),
)
LOST = Booking(
    "b-1",
    INTERVIEW,
    State.ROOM_DECLINED,
    room=A,
    room_state=RoomState.DECLINED,
    alternatives=(B,),
    refused=((A, "declined"),),
)


class TestRules:
    """Each rule stands in the way on its own."""

    @pytest.mark.parametrize(("now", "frozen"), [(9_940, False), (9_941, True), (10_000, True)])
    def test_the_freeze(self, now: int, frozen: object) -> None:
        """In the last minutes before the start nothing changes; the hour before is still free to."""
        found = hindrance(LOST, "room", RepairRules(freeze_minutes=60), now)
        assert ("it begins in less than 60 minutes" if frozen else None) == found

    @pytest.mark.parametrize(("made", "spent"), [(1, False), (2, True), (3, True)])
    def test_the_budget(self, made: int, spent: object) -> None:
        """It counts what was made by itself."""
        found = hindrance(replace(LOST, repairs=made), "person", RepairRules(change_budget=2), 0)
        assert spent == (found is not None)

    @pytest.mark.parametrize(
        ("approve", "person", "room"), [("none", False, False), ("people", True, False), ("all", True, True)]
    )
    def test_approval(self, approve: Approve, person: object, room: object) -> None:
        """Who exchanges people may need a person although rooms do not."""
        kinds: tuple[Literal["person", "room"], ...] = ("person", "room")
        found = [hindrance(LOST, what, RepairRules(approve=approve), 0) is not None for what in kinds]
        assert [person, room] == found


class TestWhoAndWhere:
    """Candidates for a seat or a room."""

    def test_stand_ins(self) -> None:
        """Whoever is at the interview already cannot stand in; a seat without a pool has nobody."""
        assert [(DAN,), ()] == [stand_ins(LOST, address) for address in (ANA, BEN)]

    def test_rooms(self) -> None:
        """Those that were free as well come before the neighbours; one that refused is not asked again."""
        assert (B, C) == rooms(LOST, (A, B, C))

    def test_a_room_that_gave_the_time_away(self) -> None:
        """It is asked once more, before all others, and not a third time."""
        released = replace(LOST, room_state=RoomState.RELEASED)
        assert (A, B, C) == rooms(released, (C, A))
        again = replace(released, refused=(*released.refused, (A, "again")))
        assert (B, C) == rooms(again, (C, A))


class TestCommands:
    """What can be typed."""

    @pytest.mark.parametrize("kind", list(ConcernKind))
    def test_there_is_always_something(self, kind: ConcernKind) -> None:
        """Every concern has a command, and each names the booking."""
        found = commands(LOST, Concern(kind, ANA, ""))
        assert found
        assert all(command.startswith("slotwright ") and "b-1" in command for command in found)

    def test_with_names(self) -> None:
        """Who is free is named, and a time that is free, before what ends the interview."""
        expected = (
            f"slotwright swap b-1 {ANA} {DAN}",
            "slotwright reschedule b-1 2026-03-03T10:00",
            "slotwright attention --settle b-1",
            "slotwright cancel b-1",
        )
        concern = Concern(ConcernKind.DECLINED, ANA, "")
        assert expected == commands(LOST, concern, others=(DAN,), start="2026-03-03T10:00")

    def test_a_moved_invitation(self) -> None:
        """It can be followed, put back, or cancelled."""
        concern = Concern(ConcernKind.MOVED, "", "")
        follow = "slotwright reschedule b-1 2026-03-03T10:00"
        back = "slotwright reschedule b-1 2026-03-03T09:00"
        found = commands(LOST, concern, start="2026-03-03T10:00", back="2026-03-03T09:00")
        assert (follow, back, "slotwright cancel b-1") == found


class TestContest:
    """Somebody beside us in the room is told at the first look, with what can be done."""

    STUCK = Concern(ConcernKind.STUCK, "", "it waits")
    SHARED = RoomAnswer(RoomState.VERIFIED, "", contested=True)

    def test_once(self) -> None:
        """However often it is seen it is one concern, beside the others."""
        booking = replace(LOST, concerns=(self.STUCK,))
        known, found = with_contest(booking, self.SHARED)
        assert (self.STUCK, ConcernKind.CONTESTED, A.address) == (known, found.kind, found.who)
        assert ("slotwright room b-1 ROOM", "slotwright attention --settle b-1") == found.commands
        assert (known, found) == with_contest(replace(booking, concerns=(known, found)), self.SHARED)

    def test_no_longer(self) -> None:
        """Who left the room is no concern any more."""
        booking = replace(LOST, concerns=with_contest(LOST, self.SHARED))
        assert () == with_contest(booking, replace(self.SHARED, contested=False))
