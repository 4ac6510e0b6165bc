"""What can be had instead of a slot or an option that has gone: the nearest, found anew over today's calendars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

from pydantic import BaseModel, ConfigDict, Field

from scheduler.app.book import span_of
from scheduler.app.drive import BookingRules
from scheduler.app.find_loop import KEY, compile_loop, kept
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import Named, Reader, World, rooms_of
from scheduler.directory.rooms import Room
from scheduler.errors import InputError
from scheduler.planning.answer import Slot, SlotPerson
from scheduler.planning.compile import Compiled, compile_request
from scheduler.planning.decode import decode
from scheduler.planning.localtimes import Window, local, request_window, request_zone
from scheduler.planning.loops.decode import Teller, held_by
from scheduler.planning.loops.offer import LoopOffer, loop_offer
from scheduler.planning.loops.plan_request import make_plan_request
from scheduler.planning.loops.pools import opened_loop, with_catalogue
from scheduler.planning.loops.record import Solution, read_solution
from scheduler.planning.loops.request import LoopRequest, LoopSearch, LoopShape, make_loop_request
from scheduler.planning.loops.swaps import Swaps
from scheduler.planning.request import Colleague, FindRequest, make_request
from scheduler.planning.rooms import suitable
from solvers.alternatives import alternatives
from solvers.problem import Level, Problem
from solvers.ranking import Ranking
from solvers.scoring import score
from solvers.slots import find_starts

SUGGESTIONS = 3
NEARBY_DAYS = 7
"""How many days on both sides of a slot are looked through."""
APART_MINUTES = 30
PANELS = 64
"""No more ways to fill the seats of a slot from their pools are tried, those with the fewest exchanges first."""
SECONDS = 10.0
"""How long options of a loop are searched for."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AlternativeSession(_Part):
    """One interview; `start` and `end` are on the clock of the alternative's zone."""

    name: str
    start: str
    end: str
    people: tuple[str, ...]
    room: str | None


class Alternative(_Part):
    """A slot or an option that can be booked at once under its id."""

    id: str
    start_utc: str
    end_utc: str
    zone: str
    start: str
    end: str
    sessions: tuple[AlternativeSession, ...] = Field(description="one, or those of the loop in order of time")


def of_slot(slot: Slot) -> Alternative:
    """A slot as an alternative."""
    return _alternative(slot.id, [(slot.interview.subject, slot)])


def of_option(offer: LoopOffer) -> Alternative:
    """An option of a loop as an alternative."""
    return _alternative(offer.id, [(session.name, session.slot) for session in offer.sessions])


@dataclass(frozen=True, slots=True)
class Nearest:
    """Looks for what is nearest in time to what was asked for.

    Args:
        organizer: whose calendar the invitations go into when nobody is named; may be empty.
    """

    calendars: Calendars
    ledger: Ledger
    rules: BookingRules
    organizer: str

    def slots(self, slot: Slot, *, without: Sequence[str] = ()) -> tuple[Slot, ...]:
        """The nearest slots for the same people, or others of their pools, in one of the same rooms.

        Each is remembered in the ledger under its id.

        Args:
            without: rooms that are not to be had at any time.

        Raises:
            InputError: the slot's times cannot be used.
            GraphError: Graph could not be read.
        """
        request = _request_of(slot, without)
        if request is None:
            return ()
        window, wanted = request_window(request), span_of(slot).start
        world = self._world(request, slot, window)
        found: dict[int, Compiled] = {}
        for panel in islice(_panels(slot.people), PANELS):
            compiled = _compiled(request, panel, window, world)
            for start in (find_starts(compiled.query).offsets() + window.span.start).tolist():
                found.setdefault(start, compiled)
        nearest = tuple(self._slot(found[start], slot, start) for start in _nearest(found, wanted))
        self.ledger.remember_offers({each.id: each.model_dump_json() for each in nearest})
        return nearest

    def options(self, offer: LoopOffer) -> tuple[LoopOffer, ...]:
        """The nearest options of the request from which this one came; none if that is not known any more.

        Each is remembered in the ledger under its id, with the slots of its sessions.

        Raises:
            InputError: the window of the request has passed.
            GraphError: Graph could not be read.
        """
        request = asked_for(offer, self.ledger)
        if request is None:
            return ()
        compiled, _ = compile_loop(
            request, self.calendars, self.ledger, organizer=self.organizer, rules=self.rules
        )
        problem = _by_distance(compiled.problem, offer)
        found = alternatives(problem, KEY, SUGGESTIONS, APART_MINUTES, seconds=SECONDS, workers=1)
        party, organizer = compiled.parties[0], request.organizer or self.organizer or None
        offers = []
        for option in found.options:
            teller = Teller(compiled, party, Swaps(compiled.problem, option.plan), organizer)
            sessions = teller.sessions(held_by(option.plan.assignments, party))
            offers.append(loop_offer(sessions, solution=offer.solution, same_room=request.same_room))
        self.ledger.remember_offers(kept(offers))
        return tuple(offers)

    def _world(self, request: FindRequest, slot: Slot, window: Window) -> World:
        """Everybody of every pool, and the rooms, by one read."""
        inviting = request.organizer or self.organizer or None
        reader = Reader(request, window, self.calendars, self.ledger, self.rules, inviting)
        addresses = dict.fromkeys(address for person in slot.people for address in _pool(person))
        known = {member.address: member for member in self.ledger.catalogue.people()}
        everybody = [Named(with_catalogue(Colleague(address=each), known), "people") for each in addresses]
        rooms: tuple[Room, ...] = ()
        if request.room is not None:
            # A room of the slot that is not in use any more is passed over, not complained of.
            rooms, _ = suitable(rooms_of(self.calendars, self.ledger).rooms, request.room, 1)
        return reader.read(everybody, rooms, ())

    def _slot(self, compiled: Compiled, gone: Slot, start: int) -> Slot:
        found = Ranking((score(compiled.query, start),), 1)
        organizer = compiled.request.organizer or self.organizer or None
        (slot,) = decode(compiled, found, organizer=organizer, unread=(), notes=()).slots
        pools = [_pool(person) for person in gone.people]
        people = (
            person.model_copy(update={"stand_ins": tuple(each for each in pool if each != person.address)})
            for person, pool in zip(slot.people, pools, strict=True)
        )
        return slot.model_copy(update={"people": tuple(people)})


def asked_for(offer: LoopOffer, ledger: Ledger) -> LoopRequest | None:
    """The request of one candidate's loop from which an option came, its tags opened as the catalogue is now.

    None if it was not kept or cannot be asked any more.
    """
    document = ledger.solution(offer.solution)
    if document is None:
        return None
    try:
        solution = read_solution(document)
        loop = solution.kind == "loop"
        request = make_loop_request(solution.request) if loop else _of_candidate(solution, offer)
        return None if request is None else opened_loop(request, ledger.catalogue.people())[0]
    except InputError:
        return None


def _of_candidate(solution: Solution, offer: LoopOffer) -> LoopRequest | None:
    """What a plan asked for one of its candidates."""
    plan, candidate = make_plan_request(solution.request), offer.sessions[0].slot.candidate
    called = "" if candidate is None else candidate.name or candidate.address or ""
    for each, shape, _, _ in plan.loops():
        if each.called == called:
            search = {name: getattr(plan, name) for name in LoopSearch.model_fields if name != "weights"}
            loop = {name: getattr(shape, name) for name in LoopShape.model_fields}
            return LoopRequest(
                **search,
                **loop,
                weights=plan.weights.model_dump(),
                candidate=each.model_dump(include={"name", "address", "zone", "available"}, by_alias=True),
            )
    return None


def _alternative(id_: str, sessions: Sequence[tuple[str, Slot]]) -> Alternative:
    (_, first), (_, last) = sessions[0], max(sessions, key=lambda each: each[1].end_utc)
    return Alternative(
        id=id_,
        start_utc=first.start_utc,
        end_utc=last.end_utc,
        zone=first.zone,
        start=first.start,
        end=last.end,
        sessions=tuple(
            AlternativeSession(
                name=name,
                start=slot.start,
                end=slot.end,
                people=tuple(person.address for person in slot.people if person.attends),
                room=None if slot.room is None else slot.room.address,
            )
            for name, slot in sessions
        ),
    )


def _request_of(slot: Slot, without: Sequence[str]) -> FindRequest | None:
    """The slot as a question; None when none of its rooms is left."""
    span, zone = span_of(slot), request_zone(slot.zone, "zone")
    rooms = [room.address for room in (slot.room, *slot.alternatives) if room is not None]
    left = [address for address in rooms if address not in without]
    if rooms and not left:
        return None
    days = NEARBY_DAYS * 1440
    return make_request(
        {
            "people": [
                {"address": each.address, "name": each.name, "required": each.required}
                for each in slot.people
            ],
            "minutes": span.minutes,
            "between": local(zone, span.start - days)[:10],
            "and": local(zone, span.start + days)[:10],
            "zone": slot.zone,
            "room": {"among": left, "seats": 1} if left else None,
            "candidate": None
            if slot.candidate is None
            else slot.candidate.model_dump(include={"name", "address", "zone", "available"}, by_alias=True),
            "subject": slot.interview.subject,
            "text": slot.interview.text,
            "online_meeting": slot.interview.online_meeting,
            "organizer": slot.interview.organizer,
        }
    )


def _pool(person: SlotPerson) -> tuple[str, ...]:
    return (person.address, *(each for each in person.stand_ins if each != person.address))


def _panels(people: Sequence[SlotPerson]) -> Iterator[tuple[str, ...]]:
    """Every way to fill the seats from their pools, nobody twice, those with the fewest exchanges first."""
    own = [person.address for person in people]
    pooled = [index for index, person in enumerate(people) if person.stand_ins]
    for count in range(len(pooled) + 1):
        for seats in combinations(pooled, count):
            for others in product(*(_pool(people[index])[1:] for index in seats)):
                panel = list(own)
                for index, other in zip(seats, others, strict=True):
                    panel[index] = other
                if len(set(panel)) == len(panel):
                    yield tuple(panel)


def _compiled(request: FindRequest, panel: Sequence[str], window: Window, world: World) -> Compiled:
    names = {person.address: person.name for person in request.people}
    people = [
        asked.model_copy(update={"address": address, "name": names.get(address, "")})
        for asked, address in zip(request.people, panel, strict=True)
    ]
    rooms = None if request.room is None else world.rooms
    asking = request.model_copy(update={"people": tuple(people)})
    return compile_request(asking, window, world.people, rooms, world.now)


def _nearest(starts: Iterable[int], wanted: int) -> Iterator[int]:
    chosen: list[int] = []
    for start in sorted(starts, key=lambda start: (abs(start - wanted), start)):
        if len(chosen) < SUGGESTIONS and all(abs(start - other) >= APART_MINUTES for other in chosen):
            chosen.append(start)
            yield start


def _by_distance(problem: Problem, offer: LoopOffer) -> Problem:
    """The same problem, in which the minutes by which sessions are moved count first, and then the points."""
    wanted = {session.name: span_of(session.slot).start for session in offer.sessions}
    (loop,), (points,) = problem.loops, problem.levels
    sessions = tuple(
        session.model_copy(
            update={
                "start_costs": tuple(
                    (minute, minute + session.grid, abs(minute - wanted[session.key]))
                    for minute in range(
                        problem.start + (session.anchor - problem.start) % session.grid,
                        problem.end,
                        session.grid,
                    )
                    if minute != wanted[session.key]
                )
            }
        )
        for session in loop.sessions
    )
    rest = Level(weights={term: price for term, price in points.weights.items() if term != "start_cost"})
    return problem.model_copy(
        update={
            "loops": (loop.model_copy(update={"sessions": sessions}),),
            "levels": (Level(weights={"start_cost": 1}), rest),
        }
    )
