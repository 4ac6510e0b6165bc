"""One look at many bookings: their invitations, their rooms and the mailboxes of their people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from scheduler.app.ports import Calendars
from scheduler.booking import proof
from scheduler.booking.booking import Booking
from scheduler.booking.events import CalendarRef, EventCopy
from scheduler.booking.proof import RoomAnswer
from scheduler.booking.states import State
from scheduler.booking.watching import Sight
from scheduler.errors import WorldError
from scheduler.graph.errors import NotAllowed, NotThere
from solvers.timeline import Span

_DAY = 1440


def glance(bookings: Sequence[Booking], calendars: Calendars) -> dict[str, Sight | WorldError]:
    """What each booking shows, or why that could not be read; by booking id.

    Bookings of one organizer, or in one room, on one day are read at once, all such days together, and the free/busy
    of people and of rooms that cannot be read otherwise 20 at a time.
    """
    failures: dict[str, WorldError] = {}
    closed: set[str] = set()
    answers: dict[str, RoomAnswer] = {}
    unread: list[Booking] = []
    by_inviter = [group for _, group in _grouped(bookings, lambda each: each.interview.organizer)]
    with_rooms = [each for each in bookings if each.state is State.CONFIRMED and each.reservation is not None]
    by_room = [
        group for _, group in _grouped(with_rooms, lambda each: each.room.address if each.room else "")
    ]
    # One booking of an organizer's day is read by its id, without the rest of that day.
    crowded = [group for group in by_inviter if len(group) > 1]
    views = calendars.view_many(
        [
            *((CalendarRef(group[0].interview.organizer), _around(group)) for group in crowded),
            *(
                (CalendarRef(group[0].room.address if group[0].room else ""), _around(group))
                for group in by_room
            ),
        ]
    )
    seen: dict[str, EventCopy] = {}
    for group, events in zip(crowded, views[: len(crowded)], strict=True):
        if isinstance(events, NotThere):
            closed.update(booking.booking_id for booking in group)
        elif isinstance(events, WorldError):
            failures.update({booking.booking_id: events for booking in group})
        else:
            seen |= {event.event_id: event for event in events}
    for group, events in zip(by_room, views[len(crowded) :], strict=True):
        if isinstance(events, NotAllowed | NotThere):
            unread += group
        elif isinstance(events, WorldError):
            failures.update({booking.booking_id: events for booking in group})
        else:
            answers.update({booking.booking_id: _by_calendar(booking, events) for booking in group})
    known = closed | failures.keys()
    invitations = dict(
        _invitations([each for each in bookings if each.booking_id not in known], seen, calendars)
    )
    closed |= {name for name, found in invitations.items() if isinstance(found, NotThere)}
    failures |= {
        name: found
        for name, found in invitations.items()
        if isinstance(found, WorldError) and not isinstance(found, NotThere)
    }
    gone: dict[str, frozenset[str]] = {}
    for _, group in _grouped(bookings, lambda _: ""):
        try:
            _by_free_busy(group, unread, calendars, answers, gone)
        except WorldError as error:
            failures.update({booking.booking_id: error for booking in group})
    now = calendars.now()
    return {
        booking.booking_id: failures.get(booking.booking_id)
        or Sight(
            now,
            found if isinstance(found := invitations.get(booking.booking_id), EventCopy) else None,
            organizer_gone=booking.booking_id in closed,
            room=answers.get(booking.booking_id),
            gone=gone.get(booking.booking_id, frozenset()),
        )
        for booking in bookings
    }


def _grouped(
    bookings: Iterable[Booking], of: Callable[[Booking], str]
) -> Iterator[tuple[tuple[str, int], list[Booking]]]:
    """Bookings with the same of something on the same UTC day."""

    def key(booking: Booking) -> tuple[str, int]:
        return of(booking), booking.interview.span.start // _DAY

    yield from ((shared, list(group)) for shared, group in groupby(sorted(bookings, key=key), key=key))


def _around(group: Sequence[Booking]) -> Span:
    spans = [booking.interview.span for booking in group]
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _invitations(
    bookings: Sequence[Booking], seen: Mapping[str, EventCopy], calendars: Calendars
) -> Iterator[tuple[str, EventCopy | WorldError | None]]:
    """The invitation of each booking, which was seen on its day or is read by its id."""
    unseen: dict[str, tuple[str, str]] = {}
    for booking in bookings:
        written = booking.invitation
        if written is None or written.event_id is None:
            yield booking.booking_id, None
        elif written.event_id in seen:
            yield booking.booking_id, seen[written.event_id]
        else:
            # An event that was moved to another day is not in the view of this one.
            unseen[booking.booking_id] = booking.interview.organizer, written.event_id
    yield from zip(unseen, calendars.read_many(list(unseen.values())), strict=True)


def _by_calendar(booking: Booking, events: tuple[EventCopy, ...]) -> RoomAnswer:
    assert booking.reservation is not None
    assert booking.route is not None
    return proof.from_calendar(booking.reservation, booking.route, booking.interview.span, events)


def _by_free_busy(
    group: Sequence[Booking],
    unread: Sequence[Booking],
    calendars: Calendars,
    answers: dict[str, RoomAnswer],
    gone: dict[str, frozenset[str]],
) -> None:
    asking = [booking for booking in group if booking in unread]
    rooms = {booking.room.address for booking in asking if booking.room is not None}
    people = {address for booking in group for address in booking.interview.busy}
    read = calendars.read_schedules(
        sorted(rooms | people), _around(group), as_mailbox=group[0].interview.organizer
    )
    schedules = {schedule.address: schedule for schedule in read}
    for booking in group:
        busy = booking.interview.busy
        gone[booking.booking_id] = frozenset(each for each in busy if schedules[each].nobody)
        if booking in asking and booking.room is not None:
            schedule = schedules[booking.room.address]
            answers[booking.booking_id] = proof.from_free_busy(booking.interview.span, schedule)
