"""Find the best slots for one interview."""

from __future__ import annotations

from dataclasses import replace

from scheduler.app.drive import BookingRules
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import DEFAULT_RULES, Named, Reader, World, rooms_of, suitable_rooms
from scheduler.calendars.merge import Cause
from scheduler.planning.answer import Slots
from scheduler.planning.caps import full_time
from scheduler.planning.compile import compile_request, headcount
from scheduler.planning.decode import decode
from scheduler.planning.localtimes import Window, request_window
from scheduler.planning.loops.compile import weeks_of
from scheduler.planning.loops.pools import with_catalogue
from scheduler.planning.request import FindRequest
from solvers.ranking import rank


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
    inviting = request.organizer or organizer or None
    reader = Reader(request, window, calendars, ledger, rules, inviting)
    notes: list[str] = []
    rooms = None
    if request.room is not None:
        seats = request.room.seats or headcount(request)
        rooms = suitable_rooms(rooms_of(calendars, ledger), request.room, seats, "room", notes)
    request = with_known_people(request, ledger)
    people = [Named(person, f"people.{index}") for index, person in enumerate(request.people)]
    world = within_caps(reader.read(people, rooms or (), notes), request, window, ledger)
    compiled = compile_request(
        request, window, world.people, None if rooms is None else world.rooms, world.now
    )
    ranking = rank(compiled.query, request.limit, request.minutes if request.apart is None else request.apart)
    slots = decode(compiled, ranking, organizer=inviting, unread=world.unread, notes=world.notes)
    ledger.remember_offers({slot.id: slot.model_dump_json() for slot in slots.slots})
    return slots


def with_known_people(request: FindRequest, ledger: Ledger) -> FindRequest:
    """The request with what the catalogue knows of its people, wherever it says nothing itself.

    Raises:
        StoreError: the database refused.
    """
    known = {member.address: member for member in ledger.catalogue.people()}
    people = tuple(with_catalogue(person, known) for person in request.people)
    return request.model_copy(update={"people": people})


def within_caps(world: World, request: FindRequest, window: Window, ledger: Ledger) -> World:
    """The world in which nobody has time where one more interview would break their caps.

    Raises:
        StoreError: the database refused.
    """
    people, notes = dict(world.people), list(world.notes)
    for person in request.people:
        if person.caps is None:
            continue
        free = people[person.address]
        zone = free.zone or window.zone
        weeks = weeks_of(zone, window.span)
        booked = ledger.claims([person.address], weeks)[person.address]
        own = [span for span in booked if weeks.start <= span.start < weeks.end]
        full = full_time(person.caps, own, request.minutes, zone, free.window)
        if full & free.open:
            blocked = (*free.blocked, (Cause.OURS, full))
            people[person.address] = replace(free, blocked=blocked, soft=free.soft - full)
            notes.append(f"{person.address} gives as many interviews as their caps allow on some days.")
    return replace(world, people=people, notes=tuple(notes))
