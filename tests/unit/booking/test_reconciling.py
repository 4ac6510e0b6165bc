"""Calendars against ledger as values: what is ours, what belongs to what, and what may be removed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.booking.booking import Booking, Interview, Role, RoomChoice, RoomState, Route, Written, marker
from scheduler.booking.change import held, moved
from scheduler.booking.events import CalendarRef, EventCopy, Guest, GuestKind
from scheduler.booking.reconciling import Action, Finding, Found, Kind, booking_of, compare, may_be_removed
from scheduler.booking.states import RESTING, State
from scheduler.calendars.snapshot import Status
from solvers.timeline import Span

RITA, ROOM, OWNER = "rita@x.example", "room@x.example", "scheduling@x.example"
ANA = Guest("ana@x.example", "Ana", GuestKind.REQUIRED)
SPAN, LATER, WINDOW = Span(600, 660), Span(900, 960), Span(0, 10_000)
DIRECT, GENERATED = CalendarRef(ROOM), CalendarRef(OWNER, "c-1")


def written(role: Role, calendar: CalendarRef, *, revision: int = 1, attempt: int = 1) -> Written:
    """An event that the booking names."""
    mark = marker("b-1", revision, role, attempt)
    return Written(role, attempt, calendar, mark, "t", "{}", f"e-{mark}", f"i-{mark}")


def standing(calendar: CalendarRef = DIRECT) -> Booking:
    """A confirmed interview with a room that is reserved in that calendar."""
    return Booking(
        "b-1",
        Interview("s-1", SPAN, "UTC", RITA, "Interview", "", (ANA,), (ANA.address,)),
        state=State.CONFIRMED,
        room=RoomChoice(ROOM, "Room"),
        room_state=RoomState.VERIFIED,
        route=Route.DIRECT if calendar == DIRECT else Route.SCHEDULER,
        invitation=written(Role.INVITATION, CalendarRef(RITA)),
        reservation=written(Role.RESERVATION, calendar),
        reservations=1,
        told_room=ROOM,
    )


def shown(event: Written | None, span: Span = SPAN, **changes: object) -> Found:
    """The event as its calendar shows it."""
    assert event is not None
    assert event.event_id is not None
    invited = event.calendar.mailbox != ROOM and event.role is Role.RESERVATION
    room = Guest(ROOM, "Room", GuestKind.RESOURCE)
    guests = (ANA,) if event.role is Role.INVITATION else (room,) if invited else ()
    copy = EventCopy(
        event.event_id,
        event.ical_uid or "",
        span,
        Status.BUSY,
        marker=event.marker,
        organizer=event.calendar.mailbox,
        guests=guests,
        place="Room",
    )
    return Found(event.calendar, replace(copy, **changes))  # type: ignore[arg-type]  # the tests name real fields


def claims(*bookings: Booking) -> list[tuple[str, str, Span]]:
    """What the ledger has to hold of these."""
    return [
        (booking.booking_id, resource, span)
        for booking in bookings
        for resource, spans in held(booking).items()
        for span in spans
    ]


def found(
    booking: Booking, *events: Found, window: Span = WINDOW, unsure: tuple[str, ...] = ()
) -> list[Finding]:
    """Every disagreement about one booking whose claims are right."""
    return list(compare([booking], events, claims(booking), window=window, unsure=unsure))


def both(booking: Booking) -> tuple[Found, Found]:
    """Its two events as they should be."""
    return shown(booking.invitation), shown(booking.reservation)


@given(st.text(min_size=1), st.integers(0, 999), st.sampled_from(Role), st.integers(0, 999))
def test_a_marker_names_its_booking(booking_id: str, revision: int, role: Role, attempt: int) -> None:
    """Whatever an id looks like, it is read back from the markers that are made of it."""
    assert booking_id == booking_of(marker(booking_id, revision, role, attempt))


@pytest.mark.parametrize("text", [None, "", "b-1", "b-1/1/dinner/1", "b-1/x/invitation/1", "/1/invitation/1"])
def test_what_is_no_marker_names_nobody(text: str | None) -> None:
    """A property of ours with something else in it belongs to no booking, and is listed as that."""
    assert None is booking_of(text)


@pytest.mark.parametrize("calendar", [DIRECT, GENERATED])
def test_what_is_as_it_should_be_is_not_mentioned(calendar: CalendarRef) -> None:
    """On either route nothing is found."""
    booking = standing(calendar)
    assert [] == found(booking, *both(booking))


def test_a_copy_in_a_guest_s_calendar_is_one_with_the_meeting() -> None:
    """A copy that carries the marker along is neither a twin nor an orphan; the booking's own event stands for it."""
    booking = standing(GENERATED)
    own = shown(booking.reservation)
    copy = Found(DIRECT, replace(own.event, event_id="copy"))
    for events in ((copy, own), (own, copy)):
        assert [] == found(booking, shown(booking.invitation), *events)


def test_a_copy_whose_original_is_gone_is_never_removed() -> None:
    """Of an ended booking only the organizer's own event may go; the copy of a guest is theirs."""
    ended = replace(standing(GENERATED), state=State.CANCELLED, reservation=None, invitation=None)
    copy = Found(DIRECT, shown(standing(GENERATED).reservation).event)
    assert [(Kind.ORPHAN, None)] == [(each.kind, each.action) for each in found(ended, copy)]


def test_a_change_that_waits_has_three_events() -> None:
    """While a room has to approve the new time, the old time's events and the new reservation are all known."""
    booking = moved(standing(), span=LATER, slot_id="s-2", rooms=(RoomChoice(ROOM, "Room"),), reason="")
    new = written(Role.RESERVATION, DIRECT, revision=2, attempt=2)
    booking = replace(booking, state=State.PENDING, reservation=new, reservations=2)
    events = (*both(standing()), shown(new, LATER))
    assert [] == found(booking, *events)
    assert [(Kind.MISSING, None)] == [(each.kind, each.action) for each in found(booking, *events[:2])]
    late = found(booking, shown(booking.invitation, LATER), *events[1:])
    assert [Kind.MOVED] == [each.kind for each in late]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (written(Role.RESERVATION, DIRECT, revision=2, attempt=2), "is newer than the database"),
        (written(Role.RESERVATION, DIRECT, attempt=7), "is newer than the database"),
        (written(Role.RESERVATION, DIRECT, attempt=0), "none of those that the booking names"),
    ],
)
def test_an_event_that_the_booking_disowns_is_left_to_a_person(event: Written, words: str) -> None:
    """It may be newer than the database, and then removing it would lose what people know."""
    booking = standing()
    (stray,) = found(booking, *both(booking), shown(event))
    assert (Kind.STRAY, None, True) == (stray.kind, stray.action, words in stray.what)


@pytest.mark.parametrize("state", [state for state in State if state not in RESTING])
def test_in_the_middle_of_something_nothing_else_is_said(state: State) -> None:
    """Whatever its events are just then, the booking is named once, and nothing is done."""
    booking = replace(standing(), state=state)
    other = shown(written(Role.RESERVATION, DIRECT, attempt=9))
    for events in ((), both(booking), (other,)):
        assert [(Kind.UNFINISHED, None)] == [(each.kind, each.action) for each in found(booking, *events)]


def test_nothing_is_said_about_who_was_worked_on() -> None:
    """A booking that changed between two reads is left out, events, claims and all."""
    booking = standing()
    assert () == compare([booking], [shown(booking.invitation, LATER)], [], window=WINDOW, busy=["b-1"])
    assert () == compare([], both(booking), claims(booking), window=WINDOW, busy=["b-1"])


def test_outside_the_window_nothing_is_missing() -> None:
    """A booking of another month is not looked for; one whose calendar could not be asked is not missing either."""
    booking = standing()
    assert booking.invitation is not None
    assert [] == found(booking, window=Span(5_000, 6_000))
    assert [Kind.MISSING] * 2 == [each.kind for each in found(booking)]
    assert [Kind.MISSING] == [each.kind for each in found(booking, unsure=(booking.invitation.marker,))]


def test_what_is_cancelled_is_gone() -> None:
    """A cancelled event is missing where one should be, and no orphan where none should be."""
    booking = standing()
    cancelled = shown(booking.invitation, cancelled=True)
    assert [Kind.MISSING] == [each.kind for each in found(booking, cancelled, shown(booking.reservation))]
    ended = replace(booking, state=State.UNDONE, invitation=None, reservation=None)
    assert [] == found(ended, cancelled)


def test_claims_of_nobody_are_listed() -> None:
    """Claims of a booking that the database lost are named and left alone."""
    (lost,) = compare([], [], claims(standing()), window=WINDOW)
    assert (Kind.CLAIMS, "b-1", None) == (lost.kind, lost.booking_id, lost.action)


def test_a_removal_is_judged_again() -> None:
    """What was found is removed only while it is still just that: same marker and time, booking ended, not gone."""
    booking = standing()
    ended = replace(booking, state=State.CANCELLED, invitation=None, reservation=None)
    event = shown(booking.invitation)
    (orphan,) = found(ended, event)
    assert Action.REMOVE is orphan.action
    moved_away, unmarked = replace(event.event, span=LATER), replace(event.event, marker=None)
    gone = replace(event.event, cancelled=True)
    assert [True, False, False, False, False, False, False] == [
        may_be_removed(orphan, ended, event.event),
        may_be_removed(orphan, ended, moved_away),
        may_be_removed(orphan, ended, unmarked),
        may_be_removed(orphan, ended, gone),
        may_be_removed(orphan, ended, None),
        may_be_removed(orphan, booking, event.event),
        may_be_removed(orphan, None, event.event),
    ]


def test_a_twin_is_removed_only_beside_the_one_that_is_named() -> None:
    """If the booking's own event went meanwhile, or it names the other one now, the twin stays."""
    booking = standing()
    twin = shown(booking.invitation, event_id="e-2", ical_uid="i-2")
    (finding,) = found(booking, *both(booking), twin)
    assert (Kind.TWIN, Action.REMOVE, "e-2") == (
        finding.kind,
        finding.action,
        finding.found and finding.found.event.event_id,
    )
    assert booking.invitation is not None
    named_now = replace(booking, invitation=replace(booking.invitation, event_id="e-2"))
    assert (True, False) == tuple(may_be_removed(finding, each, twin.event) for each in (booking, named_now))
    lonely = found(booking, twin, shown(booking.reservation))
    assert [(Kind.MISSING, None), (Kind.TWIN, None)] == [(each.kind, each.action) for each in lonely]
