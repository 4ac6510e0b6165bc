"""Find the best slots for one interview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.app.ports import Calendars, Ledger
from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, NoteKind, availability
from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.directory.rooms import Room
from scheduler.errors import InputError
from scheduler.planning.answer import Slots, Unread
from scheduler.planning.compile import compile_request, default_hours, headcount, horizon
from scheduler.planning.decode import decode
from scheduler.planning.localtimes import Window, request_window
from scheduler.planning.request import FindRequest
from scheduler.planning.rooms import suitable
from scheduler.zones import iso_utc
from solvers.ranking import rank
from solvers.timeline import SpanSet

_TOLD = {NoteKind.DEFAULT_HOURS, NoteKind.VIEW_USED, NoteKind.VIEW_DISAGREES, NoteKind.ZEROED_ITEMS}
"""Notes about mailboxes that could be read; the others say why one could not."""


def find(request: FindRequest, calendars: Calendars, ledger: Ledger, *, organizer: str) -> Slots:
    """The ranked slots, each remembered in the ledger under its id.

    Args:
        organizer: whose calendar the invitation goes into when the request names nobody; may be empty.

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

    claimed = ledger.claimed([*addresses, *room_addresses], span)
    policy = BusyPolicy(tentative=request.tentative, elsewhere=request.elsewhere)
    people = _available(addresses, schedules, claimed, policy, request, window=window)
    free_rooms = _available(room_addresses, schedules, claimed, policy, None, window=window)
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
    bound_by_hours: FindRequest | None,
    *,
    window: Window,
) -> dict[str, Availability]:
    return {
        address: availability(
            schedules[address],
            policy=policy,
            default_hours=None if bound_by_hours is None else default_hours(bound_by_hours, window),
            ledger=claimed[address],
            constrain_hours=bound_by_hours is not None,
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
