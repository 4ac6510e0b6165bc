"""One look at many bookings: their invitations, their rooms and the mailboxes of their people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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

    Bookings of one organizer, or in one room, on one day are read at once, and the free/busy of people and of rooms
    that cannot be read otherwise 20 at a time.
    """
    failures: dict[str, WorldError] = {}
    invitations: dict[str, EventCopy | None] = {}
    closed: set[str] = set()
    for (mailbox, _), group in _grouped(bookings, lambda each: each.interview.organizer):
        try:
            invitations.update(_invitations(mailbox, group, calendars))
        except NotThere:
            closed.update(booking.booking_id for booking in group)
        except WorldError as error:
            failures.update({booking.booking_id: error for booking in group})
    answers: dict[str, RoomAnswer] = {}
    unread: list[Booking] = []
    with_rooms = [each for each in bookings if each.state is State.CONFIRMED and each.reservation is not None]
    for (address, _), group in _grouped(with_rooms, lambda each: each.room.address if each.room else ""):
        try:
            events = calendars.view(CalendarRef(address), _around(group))
        except (NotAllowed, NotThere):
            unread += group
        except WorldError as error:
            failures.update({booking.booking_id: error for booking in group})
        else:
            answers.update({booking.booking_id: _by_calendar(booking, events) for booking in group})
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
            invitations.get(booking.booking_id),
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
    mailbox: str, group: Sequence[Booking], calendars: Calendars
) -> Iterator[tuple[str, EventCopy | None]]:
    seen = {}
    if len(group) > 1:
        seen = {event.event_id: event for event in calendars.view(CalendarRef(mailbox), _around(group))}
    for booking in group:
        written = booking.invitation
        if written is None or written.event_id is None:
            yield booking.booking_id, None
        else:
            # An event that was moved to another day is not in the view of this one.
            event = seen.get(written.event_id)
            yield booking.booking_id, event or calendars.read(mailbox, written.event_id)


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
