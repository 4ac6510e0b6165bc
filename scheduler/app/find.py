"""Find the best slots for one interview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scheduler.app.drive import BookingRules
from scheduler.app.ports import Calendars, Ledger
from scheduler.booking.events import CalendarRef, GuestKind
from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, NoteKind, availability
from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.directory.rooms import Room
from scheduler.errors import InputError
from scheduler.graph.errors import NotAllowed, NotThere
from scheduler.planning.answer import Slots, Unread
from scheduler.planning.compile import compile_request, headcount, horizon
from scheduler.planning.decode import decode
from scheduler.planning.hours import default_hours, with_own_hours
from scheduler.planning.localtimes import request_window
from scheduler.planning.request import FindRequest
from scheduler.planning.rooms import suitable
from scheduler.zones import WeeklyHours, iso_utc
from solvers.ranking import rank
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


def find(
    request: FindRequest,
    calendars: Calendars,
    ledger: Ledger,
    *,
    organizer: str,
    rules: BookingRules = DEFAULT_RULES,
) -> Slots:
    """The ranked slots, each remembered in the ledger under its id.

    Args:
        organizer: whose calendar the invitation goes into when the request names nobody; may be empty.
        rules: where the generated calendar is.

    Raises:
        InputError: something in the request cannot be used, or an address is nobody's.
        GraphError: Graph could not be read.
        StoreError: the database refused.
    """
    window = request_window(request)
    span = horizon(request, window)
    inviting = request.organizer or organizer or None
    reader = inviting or request.people[0].address

    notes: list[str] = []
    rooms = _suitable_rooms(request, calendars, notes)
    addresses = [person.address for person in request.people]
    room_addresses = [room.address for room in rooms or ()]
    read = calendars.read_schedules([*addresses, *room_addresses], span, as_mailbox=reader)
    schedules = {schedule.address: schedule for schedule in read}
    _refuse_nobodies(addresses, schedules)

    now = calendars.now()
    if window.span.end <= now:
        raise InputError(
            "and", f"{request.until} has passed (it is {iso_utc(now)})", "ask for a later window"
        )

    claimed = dict(ledger.claimed([*addresses, *room_addresses], span))
    if rooms:
        owner = rules.scheduling_user or inviting
        invited = _invited_rooms(
            calendars, ledger, CalendarName(owner, rules.scheduler_calendar), span, notes
        )
        claimed |= {
            address: claimed[address] | invited[address] for address in invited.keys() & claimed.keys()
        }
    policy = BusyPolicy(tentative=request.tentative, elsewhere=request.elsewhere)
    for index, person in enumerate(request.people):
        own = with_own_hours(schedules[person.address], request, index, window)
        schedules[person.address] = own
    people = _available(addresses, schedules, claimed, policy, default_hours(request, window))
    free_rooms = _available(room_addresses, schedules, claimed, policy, None)
    compiled = compile_request(
        request,
        window,
        people,
        None if rooms is None else {room.address: (room, free_rooms[room.address]) for room in rooms},
        now,
    )
    ranking = rank(compiled.query, request.limit, request.minutes if request.apart is None else request.apart)
    everyone = [*people.values(), *free_rooms.values()]
    notes += [note.text for each in everyone for note in each.notes if note.kind in _TOLD]
    slots = decode(
        compiled, ranking, organizer=inviting, unread=_unread(everyone), notes=tuple(dict.fromkeys(notes))
    )
    ledger.remember_offers({slot.id: slot.model_dump_json() for slot in slots.slots})
    return slots


def _invited_rooms(
    calendars: Calendars, ledger: Ledger, generated: CalendarName, span: Span, notes: list[str]
) -> dict[str, SpanSet]:
    """The time for which rooms are invited from the generated calendar, which no free/busy shows before they answer.

    The ledger knows what this installation booked; the calendar also knows what others did, and what a lost database
    did.
    """
    owner, name = generated.mailbox, generated.name
    if owner is None:
        return {}
    try:
        calendar_id = calendars.find_calendar(owner, name, ledger.calendar_id(owner, name))
        events = () if calendar_id is None else calendars.view(CalendarRef(owner, calendar_id), span)
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


def _suitable_rooms(request: FindRequest, calendars: Calendars, notes: list[str]) -> tuple[Room, ...] | None:
    need = request.room
    if need is None:
        return None
    known = calendars.rooms()
    seats = need.seats or headcount(request)
    rooms, others = suitable(known, need, seats)
    unheard = sorted(set(need.among) - {room.address for room in known})
    if unheard:
        raise InputError("room.among", f"{unheard[0]} is not a room of this tenant", "correct the address")
    if not rooms:
        notes.append(f"None of the {len(known)} rooms would do: {others or 'the directory lists none'}.")
    return rooms


def _refuse_nobodies(addresses: Sequence[str], schedules: Mapping[str, MailboxSchedule]) -> None:
    for index, address in enumerate(addresses):
        if schedules[address].nobody:
            raise InputError(
                f"people.{index}", f"Microsoft 365 knows nobody under {address}", "correct the address"
            )


def _available(
    addresses: Sequence[str],
    schedules: Mapping[str, MailboxSchedule],
    claimed: Mapping[str, SpanSet],
    policy: BusyPolicy,
    hours: WeeklyHours | None,
) -> dict[str, Availability]:
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


def _unread(everyone: Sequence[Availability]) -> tuple[Unread, ...]:
    return tuple(
        Unread(address=each.address, reason=note.text)
        for each in everyone
        for note in each.notes
        if note.kind not in _TOLD
    )
