"""Find the best slots for one interview."""

from __future__ import annotations

from scheduler.app.drive import BookingRules
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import DEFAULT_RULES, Named, Reader, suitable_rooms
from scheduler.planning.answer import Slots
from scheduler.planning.compile import compile_request, headcount
from scheduler.planning.decode import decode
from scheduler.planning.localtimes import request_window
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
        rooms = suitable_rooms(calendars.rooms(), request.room, seats, "room", notes)
    people = [Named(person, f"people.{index}") for index, person in enumerate(request.people)]
    world = reader.read(people, rooms or (), notes)
    compiled = compile_request(
        request, window, world.people, None if rooms is None else world.rooms, world.now
    )
    ranking = rank(compiled.query, request.limit, request.minutes if request.apart is None else request.apart)
    slots = decode(compiled, ranking, organizer=inviting, unread=world.unread, notes=world.notes)
    ledger.remember_offers({slot.id: slot.model_dump_json() for slot in slots.slots})
    return slots
