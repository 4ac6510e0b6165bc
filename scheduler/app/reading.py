"""What every search reads: calendars, rooms, our own bookings, and the rooms that were invited a moment ago."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.app.drive import BookingRules
from scheduler.app.ports import Calendars, Ledger
from scheduler.booking.events import CalendarRef, GuestKind
from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, NoteKind, availability
from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.directory.catalogue import RoomsInUse, rooms_in_use
from scheduler.directory.rooms import Room
from scheduler.errors import Impossible, InputError
from scheduler.graph.errors import NotAllowed, NotThere
from scheduler.planning.answer import Unread
from scheduler.planning.compile import horizon
from scheduler.planning.hours import default_hours, with_own_hours
from scheduler.planning.localtimes import Window
from scheduler.planning.request import Colleague, RoomNeed, Search
from scheduler.planning.rooms import suitable
from scheduler.zones import WeeklyHours, iso_utc
from solvers.timeline import Span, SpanSet

_TOLD = {
    NoteKind.DEFAULT_HOURS,
    NoteKind.VIEW_USED,
    NoteKind.VIEW_DISAGREES,
    NoteKind.ZEROED_ITEMS,
    NoteKind.REPEATED_TIME,
}
"""Notes about mailboxes that could be read; the others say why one could not."""

DEFAULT_RULES = BookingRules()


class CalendarName(NamedTuple):
    """A calendar by its name; the mailbox is None when nobody is known to invite."""

    mailbox: str | None
    name: str


class Named(NamedTuple):
    """Somebody the request names, and where it does."""

    person: Colleague
    path: str


@dataclass(frozen=True, slots=True)
class World:
    """What everybody's time allows.

    Args:
        now: the present UTC minute by Graph's clock.
        people: by address, in the order asked.
        rooms: by address, in the order asked.
        unread: mailboxes whose time is not known.
        notes: what else a person should know.
    """

    now: int
    people: Mapping[str, Availability]
    rooms: Mapping[str, tuple[Room, Availability]]
    unread: tuple[Unread, ...]
    notes: tuple[str, ...]


def rooms_of(calendars: Calendars, ledger: Ledger) -> RoomsInUse:
    """The rooms that may be proposed: those that were imported, or all that Places shows if none was.

    Where we may not read Places, they are as they were when they were imported.

    Raises:
        GraphError: Graph could not be read.
        StoreError: the database refused.
    """
    return rooms_in_use(listed_rooms(calendars), ledger.catalogue.rooms())


def listed_rooms(calendars: Calendars) -> tuple[Room, ...] | None:
    """All that Places shows; None where we may not read it.

    Raises:
        GraphError: Graph could not be read.
    """
    try:
        return calendars.rooms()
    except NotAllowed:
        return None


def suitable_rooms(
    known: RoomsInUse, need: RoomNeed, seats: int, path: str, notes: list[str]
) -> tuple[Room, ...]:
    """Those of the rooms in use that would do; notes say why there is none, and which vanished.

    Args:
        path: where the request says what the room must be.

    Raises:
        InputError: a room is named that is not in use.
        Impossible: a room is named that cannot be booked by anyone.
    """
    fitting, others = suitable(known.rooms, need, seats)
    for address in sorted(need.among):
        refuse_unusable(address, known, f"{path}.among")
    if known.unlisted:
        notes.append(
            "We may not list the rooms of Microsoft 365, so those of the catalogue are taken as they were imported."
            if known.imported
            else "We may not list the rooms of Microsoft 365, and none was imported; see `slotwright rooms import`."
        )
    if not fitting and (known.imported or not known.unlisted):
        of_these = " of the catalogue" if known.imported else ""
        notes.append(
            f"None of the {len(known.rooms)} rooms{of_these} would do: {others or 'the directory lists none'}."
        )
    if known.vanished:
        notes.append(
            f"Places does not show {', '.join(known.vanished)} any more, so "
            f"{'it is' if len(known.vanished) == 1 else 'they are'} not proposed; see `slotwright rooms load`."
        )
    return fitting


def refuse_unusable(address: str, known: RoomsInUse, field: str) -> None:
    """Says of a room that somebody named why it cannot be taken.

    Raises:
        InputError: it is not in use.
        Impossible: it cannot be booked by anyone.
    """
    room = next((room for room in known.rooms if room.address == address), None)
    if room is not None and room.closed:
        raise Impossible(
            field, f"{address} cannot be booked by anyone: it {room.closed}", "name another room"
        )
    if room is not None:
        return
    if address in known.vanished:
        raise InputError(
            field,
            f"{address} is in the room catalogue, but Places does not show it any more",
            f"name another room, or forget it with `slotwright rooms remove {address}`",
        )
    if known.imported:
        raise InputError(
            field,
            f"{address}{', which Places shows,' if address in known.outside else ''} is not in the room catalogue",
            f"import it with `slotwright rooms import --room {address}`, or name another room",
        )
    if known.unlisted:
        raise InputError(
            field,
            f"{address} is not known, because we may not list the rooms of Microsoft 365",
            "describe it in a CSV file and import that with `slotwright rooms import --csv`",
        )
    raise InputError(field, f"{address} is not a room of this tenant", "correct the address")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one request.

    Args:
        inviting: whose calendar the invitation goes into; None if nobody is named.
    """

    request: Search
    window: Window
    calendars: Calendars
    ledger: Ledger
    rules: BookingRules
    inviting: str | None

    def read(self, people: Sequence[Named], rooms: Sequence[Room], notes: Sequence[str]) -> World:
        """The time of these people and rooms.

        Raises:
            InputError: somebody is nobody, or has hours that cannot be used, or the window has passed.
            GraphError: Graph could not be read.
            StoreError: the database refused.
        """
        request, window = self.request, self.window
        span = horizon(request, window)
        addresses = [named.person.address for named in people]
        room_addresses = [room.address for room in rooms]
        read = self.calendars.read_schedules(
            [*addresses, *room_addresses], span, as_mailbox=self.inviting or addresses[0]
        )
        schedules = {schedule.address: schedule for schedule in read}
        _refuse_nobodies(people, schedules)

        now = self.calendars.now()
        if window.span.end <= now:
            raise Impossible(
                "and", f"{request.until} has passed (it is {iso_utc(now)})", "ask for a later window"
            )

        told = list(notes)
        claimed = self._claimed([*addresses, *room_addresses], room_addresses, span, told)
        for person, path in people:
            own = with_own_hours(schedules[person.address], request, person, window, path)
            schedules[person.address] = own
        free_people = self._available(addresses, schedules, claimed, default_hours(request, window))
        free_rooms = self._available(room_addresses, schedules, claimed, None)
        everyone = [*free_people.values(), *free_rooms.values()]
        told += [note.text for each in everyone for note in each.notes if note.kind in _TOLD]
        return World(
            now=now,
            people=free_people,
            rooms={room.address: (room, free_rooms[room.address]) for room in rooms},
            unread=_unread(everyone),
            notes=tuple(dict.fromkeys(told)),
        )

    def _claimed(
        self, addresses: Sequence[str], rooms: Sequence[str], span: Span, notes: list[str]
    ) -> Mapping[str, SpanSet]:
        """What our ledger holds of each, and of rooms also what they are invited to."""
        claimed = dict(self.ledger.claimed(addresses, span))
        if rooms:
            owner = self.rules.scheduling_user or self.inviting
            invited = self._invited_rooms(CalendarName(owner, self.rules.scheduler_calendar), span, notes)
            claimed |= {
                address: claimed[address] | invited[address] for address in invited.keys() & claimed.keys()
            }
        return claimed

    def _invited_rooms(self, generated: CalendarName, span: Span, notes: list[str]) -> dict[str, SpanSet]:
        """When rooms are invited from the generated calendar, which no free/busy shows before they answer.

        The ledger knows what this installation booked; the calendar also knows what others did, and what a lost
        database did.
        """
        owner, name = generated.mailbox, generated.name
        if owner is None:
            return {}
        try:
            known_id = self.ledger.calendar_id(owner, name)
            calendar_id = self.calendars.find_calendar(owner, name, known_id)
            events = () if calendar_id is None else self.calendars.view(CalendarRef(owner, calendar_id), span)
        except (NotAllowed, NotThere):
            notes.append(
                f"The calendars of {owner} cannot be read, so a room that was invited a moment ago may look free."
            )
            return {}
        spans: dict[str, list[Span]] = {}
        for event in events:
            for guest in event.guests if not event.cancelled else ():
                if guest.kind is GuestKind.RESOURCE:
                    spans.setdefault(guest.address, []).append(event.span)
        return {address: SpanSet.of(invited) for address, invited in spans.items()}

    def _available(
        self,
        addresses: Sequence[str],
        schedules: Mapping[str, MailboxSchedule],
        claimed: Mapping[str, SpanSet],
        hours: WeeklyHours | None,
    ) -> dict[str, Availability]:
        policy = BusyPolicy(tentative=self.request.tentative, elsewhere=self.request.elsewhere)
        return {
            address: availability(
                schedules[address],
                policy=policy,
                default_hours=hours,
                ledger=claimed[address],
                constrain_hours=hours is not None,
            )
            for address in addresses
        }


def _refuse_nobodies(people: Sequence[Named], schedules: Mapping[str, MailboxSchedule]) -> None:
    for person, path in people:
        if schedules[person.address].nobody:
            raise InputError(
                path, f"Microsoft 365 knows nobody under {person.address}", "correct the address"
            )


def _unread(everyone: Sequence[Availability]) -> tuple[Unread, ...]:
    return tuple(
        Unread(address=each.address, reason=note.text)
        for each in everyone
        for note in each.notes
        if note.kind not in _TOLD
    )
