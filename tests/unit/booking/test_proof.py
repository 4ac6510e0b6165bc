"""What counts as proof that a room holds our time."""

from __future__ import annotations

from itertools import product

import pytest

from scheduler.booking.booking import Role, RoomState, Route, Written
from scheduler.booking.events import CalendarRef, EventCopy
from scheduler.booking.proof import from_calendar, from_free_busy
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status
from solvers.timeline import Span

SPAN = Span(600, 660)
OURS = Written(Role.RESERVATION, 1, CalendarRef("room@x.example"), "m", "t", "{}", "mine", "ical-mine")


def event(
    event_id: str, *, span: Span = SPAN, status: Status = Status.BUSY, created: int | None = 100
) -> EventCopy:
    """An event in the room's calendar."""
    return EventCopy(event_id, f"ical-{event_id}", span, status, created=created)


@pytest.mark.parametrize("route", list(Route))
def test_our_own_event_verifies(route: Route) -> None:
    """The room's calendar shows this very meeting."""
    assert RoomState.VERIFIED is from_calendar(OURS, route, SPAN, (event("mine"),)).state


def test_a_copy_is_known_by_its_ical_uid() -> None:
    """In the room's mailbox the copy has another id, but the same iCalUId."""
    copy = EventCopy("room-side-id", "ical-mine", SPAN, Status.BUSY)
    assert RoomState.VERIFIED is from_calendar(OURS, Route.SCHEDULER, SPAN, (copy,)).state


def test_a_tentative_copy_waits_for_approval() -> None:
    """An attendant that asks a delegate holds the time tentatively."""
    tentative = event("mine", status=Status.TENTATIVE)
    assert RoomState.PENDING is from_calendar(OURS, Route.SCHEDULER, SPAN, (tentative,)).state


@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (100, 101, RoomState.VERIFIED),
        (101, 100, RoomState.DISPLACED),
        (100, None, RoomState.DISPLACED),
        (None, 100, RoomState.DISPLACED),
    ],
)
def test_of_two_in_a_room_the_first_stays(
    route: Route, ours: int | None, theirs: int | None, expected: RoomState
) -> None:
    """The event created later yields, by whichever route it came; when the order is not known, ours does."""
    events = (event("mine", created=ours), event("theirs", created=theirs))
    assert expected is from_calendar(OURS, route, SPAN, events).state


def test_of_two_in_a_room_exactly_one_yields() -> None:
    """Both writers judge the same calendar and come to opposite answers, also when they wrote at the same instant."""
    events = (event("mine"), event("theirs"))
    other = Written(
        Role.RESERVATION, 1, CalendarRef("room@x.example"), "n", "u", "{}", "theirs", "ical-theirs"
    )
    for routes in product(Route, repeat=2):
        answers = [
            from_calendar(each, route, SPAN, events)
            for each, route in zip((OURS, other), routes, strict=True)
        ]
        assert [RoomState.VERIFIED, RoomState.DISPLACED] == [each.state for each in answers]


def test_a_free_or_adjacent_event_displaces_nobody() -> None:
    """Only another event that holds time inside ours matters."""
    events = (
        event("mine"),
        event("a", status=Status.FREE, created=1),
        event("b", span=Span(540, 600), created=1),
    )
    assert RoomState.VERIFIED is from_calendar(OURS, Route.DIRECT, SPAN, events).state


def test_a_direct_reservation_that_is_gone_is_displaced() -> None:
    """Somebody took our event out of the room."""
    assert RoomState.DISPLACED is from_calendar(OURS, Route.DIRECT, SPAN, ()).state


def test_an_invited_room_with_an_empty_calendar_has_not_answered() -> None:
    """Silence is not a no."""
    assert RoomState.WRITTEN is from_calendar(OURS, Route.SCHEDULER, SPAN, ()).state


def test_an_invited_room_that_holds_another_meeting_declined() -> None:
    """The attendant never books two meetings over one another."""
    assert RoomState.DECLINED is from_calendar(OURS, Route.SCHEDULER, SPAN, (event("theirs"),)).state


def test_a_moved_reservation_is_displaced() -> None:
    """Ours, but at another time, does not hold the interview's time."""
    moved = event("mine", span=Span(630, 690))
    assert RoomState.DISPLACED is from_calendar(OURS, Route.DIRECT, SPAN, (moved,)).state


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((BusyItem(SPAN, Status.BUSY),), RoomState.ACCEPTED),
        ((BusyItem(SPAN, Status.TENTATIVE),), RoomState.PENDING),
        ((BusyItem(Span(590, 660), Status.BUSY),), RoomState.DECLINED),
        ((BusyItem(SPAN, Status.FREE),), RoomState.WRITTEN),
        ((BusyItem(Span(660, 700), Status.BUSY),), RoomState.WRITTEN),
        ((), RoomState.WRITTEN),
        (None, RoomState.WRITTEN),
    ],
)
def test_free_busy_proves_only_by_exactly_our_interval(
    items: tuple[BusyItem, ...] | None, expected: RoomState
) -> None:
    """Anything but our very interval is no proof, and what cannot be read is no answer."""
    schedule = MailboxSchedule("room@x.example", SPAN, items)
    assert expected is from_free_busy(SPAN, schedule).state


def test_two_equal_intervals_are_ours_and_another_one() -> None:
    """We hold the room, as far as free/busy can tell, and somebody else is in it as well."""
    schedule = MailboxSchedule("room@x.example", SPAN, (BusyItem(SPAN, Status.BUSY),) * 2)
    answer = from_free_busy(SPAN, schedule)
    assert (RoomState.ACCEPTED, True) == (answer.state, answer.contested)


def test_an_unreadable_room_is_not_proved() -> None:
    """A problem is told, never taken for a free or a busy room."""
    schedule = MailboxSchedule(
        "room@x.example", SPAN, (BusyItem(SPAN, Status.BUSY),), problem="mailbox moved"
    )
    answer = from_free_busy(SPAN, schedule)
    assert (RoomState.WRITTEN, True) == (answer.state, "mailbox moved" in answer.reason)


class TestWhileMoving:
    """Our earlier reservation of the same room is in nobody's way."""

    EARLIER = Written(
        Role.RESERVATION, 1, CalendarRef("room@x.example"), "m0", "t0", "{}", "earlier", "ical-earlier"
    )
    OLD = Span(570, 630)

    def test_in_the_room_s_calendar(self) -> None:
        """It was created first and overlaps, and that is no reason to yield."""
        events = (event("mine"), event("earlier", span=self.OLD, created=1))
        assert RoomState.DISPLACED is from_calendar(OURS, Route.DIRECT, SPAN, events).state
        answer = from_calendar(OURS, Route.DIRECT, SPAN, events, leaving=self.EARLIER)
        assert RoomState.VERIFIED is answer.state

    def test_somebody_else_s_is_not_ours(self) -> None:
        """Only the one that we know is left out."""
        events = (event("mine"), event("theirs", span=self.OLD, created=1))
        answer = from_calendar(OURS, Route.DIRECT, SPAN, events, leaving=self.EARLIER)
        assert RoomState.DISPLACED is answer.state

    @pytest.mark.parametrize(
        ("items", "expected"),
        [
            ((BusyItem(OLD, Status.BUSY),), RoomState.WRITTEN),
            ((BusyItem(OLD, Status.BUSY), BusyItem(SPAN, Status.BUSY)), RoomState.ACCEPTED),
            ((BusyItem(Span(580, 630), Status.BUSY),), RoomState.DECLINED),
        ],
    )
    def test_in_its_free_busy(self, items: tuple[BusyItem, ...], expected: RoomState) -> None:
        """An entry of exactly the old time says nothing about the new one."""
        schedule = MailboxSchedule("room@x.example", SPAN, items)
        assert expected is from_free_busy(SPAN, schedule, leaving=self.OLD).state
