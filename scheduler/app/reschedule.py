"""Move a booking to another time, with its people and, where it is free, its room."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from scheduler.app.again import look
from scheduler.app.book import room_choice, span_of
from scheduler.app.changing import NotChanged, Wish, clock_of, make, when
from scheduler.app.drive import Driver
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import listed_rooms
from scheduler.booking import change
from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.booking.events import Guest
from scheduler.booking.states import State
from scheduler.directory.catalogue import rooms_in_use
from scheduler.errors import InputError
from scheduler.planning.answer import Slot
from scheduler.planning.localtimes import instant, local, request_zone
from scheduler.planning.request import RoomNeed
from scheduler.planning.rooms import suitable
from scheduler.zones import DayBlock, WeeklyHours
from solvers.timeline import Span, SpanSet

NEARBY_DAYS = 2
"""How many days on both sides of the time that was asked for are looked through for others."""
SUGGESTIONS = 3
GRID_MINUTES = 15
APART_MINUTES = 30
OFFICE_HOURS = tuple(DayBlock(weekday, 9 * 60, 17 * 60) for weekday in range(5))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a booking is to go.

    Args:
        start: UTC minute.
        end: UTC minute; None keeps the length.
        slot_id: the slot that was named, or empty.
        rooms: rooms that were free for that slot, best first.
        people: the interviewers who are to come, if those of the booking do not all stay.
    """

    start: int
    end: int | None = None
    slot_id: str = ""
    rooms: tuple[RoomChoice, ...] = ()
    people: tuple[str, ...] | None = None

    def span(self, booking: Booking) -> Span:
        """The time the booking will take; UTC minutes."""
        return Span(self.start, self.end or self.start + booking.interview.span.minutes)


def at_slot(slot: Slot, *, with_people: bool = False) -> Target:
    """The time of a slot that was found, with its rooms.

    Args:
        with_people: whether its people come as well; otherwise those of the booking stay.

    Raises:
        InputError: the slot's times cannot be used.
    """
    span = span_of(slot)
    rooms = [slot.room] if slot.room is not None else []
    return Target(
        span.start,
        span.end,
        slot.id,
        tuple(room_choice(room) for room in (*rooms, *slot.alternatives)),
        tuple(person.address for person in slot.people if person.attends) if with_people else None,
    )


def at_local_time(text: str, zone: str) -> Target:
    """A time as a person writes it, such as `2026-11-23T09:00`, on the clock of the zone.

    Raises:
        InputError: it is no time, the clock skips or repeats it, or nobody knows the zone.
    """
    if ":" not in text:
        raise InputError("when", f"{text!r} names no time of day", "write 2026-11-23T09:00, or a slot id")
    return Target(instant(text, request_zone(zone, "zone"), "when"))


def reschedule(
    booking: Booking,
    calendars: Calendars,
    ledger: Ledger,
    driver: Driver,
    *,
    to: Target,
    wait: bool,
) -> Booking:
    """Move the booking; asking for the time that it has changes nothing.

    The room that it has is tried first, then the slot's, then those that were free as well when it was booked, then
    others of the same building. The new room is proved before anybody hears; when no room can be had, or somebody is
    not free, the booking stays as it was.

    Raises:
        InputError: the booking cannot be changed now.
        NotChanged: the time cannot be had; the booking is as it was, and the sentence names the nearest free times.
        GraphError: Graph failed midway; `show` goes on from there.
    """

    def made(current: Booking) -> bool:
        stays = to.people is None or set(to.people) == set(current.interview.busy)
        return current.interview.span == to.span(current) and current.shown is None and stays

    def withdrawn(current: Booking) -> bool:
        return current.before is not None and current.before.interview.span == to.span(current)

    def begun(current: Booking) -> Booking:
        moved = change.moved(
            current,
            span=to.span(current),
            slot_id=to.slot_id or f"{current.booking_id}-{current.revision + 1}",
            rooms=_rooms(current, to, calendars, ledger),
            reason=f"moving to {when(current, to.start)}",
        )
        return moved if to.people is None else replace(moved, interview=_with(moved.interview, to.people))

    try:
        return make(booking, Wish(made, begun, withdrawn), ledger, driver, wait=wait)
    except NotChanged as refused:
        if refused.booking.interview.span.start <= calendars.now():
            raise
        free = nearest(refused.booking, to.span(refused.booking), calendars, ledger)
        words = _in_words(refused.booking, free)
        raise NotChanged(refused.booking, refused.reason, instead=words, free=free) from None


def _with(interview: Interview, people: Collection[str]) -> Interview:
    """The interview with these interviewers: those who are new to it take the seats of those who leave."""
    leaving = [address for address in interview.busy if address not in people]
    joining = [address for address in people if address not in interview.busy]
    kinds = {guest.address: guest.kind for guest in interview.guests}
    if len(leaving) != len(joining) or not kinds.keys() >= set(leaving):
        raise InputError("people", "are not as many as those of the booking", "book the slot anew")
    for gone, new in zip(leaving, joining, strict=True):
        interview = change.exchanged(interview, gone, Guest(new, new, kinds[gone]))
    return interview


def nearest(booking: Booking, wanted: Span, calendars: Calendars, ledger: Ledger) -> tuple[int, ...]:
    """The UTC minutes nearest to the start of `wanted` at which everybody needed, and a room, is free in office hours.

    Args:
        wanted: UTC minutes; the length counts too.
    """
    days = NEARBY_DAYS * 1440
    window = Span(max(wanted.start - days, calendars.now()), wanted.end + days)
    hours = WeeklyHours(OFFICE_HOURS, clock_of(booking))
    people = look(booking, change.needed(booking), window, calendars, ledger, hours=hours)
    rooms = [room.address for room in _known_rooms(booking)]
    free = SpanSet.intersection([SpanSet.of([window]), *(found.offerable for found, _ in people)])
    if rooms:
        housed = look(booking, rooms, window, calendars, ledger, hours=None)
        starts = SpanSet.union((free & found.offerable).starts(wanted.minutes) for found, _ in housed)
    else:
        starts = free.starts(wanted.minutes)
    on_grid = sorted(
        (
            minute
            for span in starts
            for minute in range(-(-span.start // GRID_MINUTES) * GRID_MINUTES, span.end, GRID_MINUTES)
            if minute != booking.interview.span.start
        ),
        key=lambda minute: (abs(minute - wanted.start), minute),
    )
    chosen: list[int] = []
    for minute in on_grid:
        if len(chosen) < SUGGESTIONS and all(abs(minute - other) >= APART_MINUTES for other in chosen):
            chosen.append(minute)
    return tuple(sorted(chosen))


def _in_words(booking: Booking, minutes: tuple[int, ...]) -> str:
    if not minutes:
        return f"no other time is free within {NEARBY_DAYS} days of that"
    return f"the nearest free times are {', '.join(local(clock_of(booking), minute) for minute in minutes)}"


def _rooms(booking: Booking, to: Target, calendars: Calendars, ledger: Ledger) -> tuple[RoomChoice, ...]:
    if booking.room is None:
        return ()
    rooms = _known_rooms(booking, to.rooms)
    return rooms if len(rooms) > 1 else _once((*rooms, *neighbours(booking, calendars, ledger)))


def _known_rooms(booking: Booking, offered: tuple[RoomChoice, ...] = ()) -> tuple[RoomChoice, ...]:
    """The rooms that would do, the present one first, or last if it declined."""
    if booking.room is None:
        return ()
    others = (*offered, *booking.alternatives)
    declined = booking.state is State.ROOM_DECLINED
    return _once((*others, booking.room) if declined else (booking.room, *others))


def neighbours(booking: Booking, calendars: Calendars, ledger: Ledger) -> tuple[RoomChoice, ...]:
    """Other rooms in use in the present room's building with enough seats, the smallest first."""
    assert booking.room is not None
    listed = listed_rooms(calendars)
    rooms = rooms_in_use(listed, ledger.catalogue.rooms()).rooms
    present = next((room for room in (*rooms, *(listed or ())) if room.address == booking.room.address), None)
    if present is None:
        return ()
    people = {guest.address for guest in booking.interview.guests} | set(booking.interview.busy)
    fitting, _ = suitable(rooms, RoomNeed(building=present.building), max(1, len(people)))
    ordered = sorted(fitting, key=lambda room: (room.seats or 0, room.address))
    return tuple(RoomChoice(room.address, room.name) for room in ordered)


def _once(rooms: Iterable[RoomChoice]) -> tuple[RoomChoice, ...]:
    return tuple({room.address: room for room in rooms}.values())
