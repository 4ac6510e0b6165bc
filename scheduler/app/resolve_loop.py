"""Solve a loop anew around a session that cannot stay as it was booked, with everything else as it is where possible.

What is kept first are the times of the candidate, then the sessions as they are, then the rooms, and then the points
of the request count; so the answer is the least disturbance by which the loop still follows all its rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scheduler.app.alternatives import asked_for
from scheduler.app.drive import BookingRules
from scheduler.app.drive_loop import loop_of
from scheduler.app.find_loop import KEY, compile_loop
from scheduler.app.ports import Calendars, Ledger
from scheduler.booking.booking import Booking
from scheduler.booking.loop import place_of
from scheduler.booking.states import State
from scheduler.errors import InputError
from scheduler.planning.answer import Slot
from scheduler.planning.loops.compile import CompiledLoops
from scheduler.planning.loops.decode import Teller, held_by
from scheduler.planning.loops.offer import LoopOffer, read_loop_offer
from scheduler.planning.loops.request import LoopShape
from solvers.cpsat import solve
from solvers.plan import Assignment, Feasible, Optimal
from solvers.problem import Level, Limit, Loop, Person, Placed, Problem, Room, Session
from solvers.timeline import Span, SpanSet

SECONDS = 10.0
_Either = TypeVar("_Either", Person, Room)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One interviewer in the place of another, in one session whose time and room stay."""

    booking_id: str
    leaving: str
    joining: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """How the loop could be held.

    Args:
        commands: what a person types to make it so, in this order.
        exchanges: the same, if nothing but people would change; empty otherwise.
    """

    commands: tuple[str, ...]
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What cannot stay: the booking of a session without this person, or without its room, at its time."""

    booking: Booking
    leaving: str | None = None


def resolve(
    trouble: Trouble, calendars: Calendars, ledger: Ledger, rules: BookingRules, *, fixed_until: int
) -> Resolution | None:
    """The least disturbance by which the loop can be held; None if there is none, or its request is not known.

    Nothing of it is done. The slot of each session that would move is remembered in the ledger under its id.

    Args:
        fixed_until: UTC minute; sessions that begin before it stay as they are, and nothing is moved before it.

    Raises:
        GraphError: Graph could not be read.
        StoreError: the database refused.
    """
    place = place_of(trouble.booking)
    document = ledger.offer(place.loop_id)
    offer = None if document is None else read_loop_offer(document)
    request = None if offer is None else asked_for(offer, ledger)
    if offer is None or request is None:
        return None
    members = loop_of(trouble.booking, ledger).members
    held = {place_of(each).session: _held(each, offer, request) for each in members}
    placed = {name: each for name, each in held.items() if each is not None}
    if len(placed) < len(request.sessions):
        return None
    organizer = trouble.booking.interview.organizer
    try:
        compiled, world = compile_loop(request, calendars, ledger, organizer=organizer, rules=rules)
    except InputError:
        # Somebody of a pool is gone, or the window has passed: then the request cannot be asked any more.
        return None
    problem = _around(compiled, trouble, members, placed, max(fixed_until, world.now + request.notice))
    verdict = solve(problem, seconds=SECONDS, workers=1)
    if not isinstance(verdict, Optimal | Feasible):
        return None
    now = held_by(verdict.plan.assignments, compiled.parties[0])
    teller = Teller(compiled, compiled.parties[0], None, organizer)
    slots = {answer.name: answer.slot for answer in teller.sessions(now)}
    moved = [slots[each.session] for each in now if each.start != placed[each.session].start]
    ledger.remember_offers({slot.id: slot.model_dump_json() for slot in moved})
    bookings = {place_of(each).session: each.booking_id for each in members}
    return _told(bookings, placed, now, slots)


def _held(booking: Booking, offer: LoopOffer, shape: LoopShape) -> Assignment | None:
    """How a session is booked now, in the solver's terms; None if that is not what was asked for."""
    session = place_of(booking).session
    need = next((each for each in shape.sessions if each.name == session), None)
    slot = next((each.slot for each in offer.sessions if each.name == session), None)
    interview = booking.interview
    if need is None or slot is None or booking.state not in {State.CONFIRMED, State.ROOM_DECLINED}:
        return None
    attending = [person.address for person in slot.people if person.attends]
    if len(attending) != len(interview.busy) or interview.span.minutes != need.minutes:
        return None
    people: dict[str, str] = {}
    waiting = list(zip(attending, interview.busy, strict=True))
    for seat in need.seats:
        if waiting and waiting[0][0] in seat.pool:
            people[seat.name] = waiting.pop(0)[1]
    if waiting or any(people[seat.name] not in seat.pool for seat in need.seats if seat.name in people):
        return None
    room = None if booking.room is None else booking.room.address
    return Assignment(loop=KEY, session=session, start=interview.span.start, people=people, room=room)


def _around(
    compiled: CompiledLoops,
    trouble: Trouble,
    members: Sequence[Booking],
    placed: Mapping[str, Assignment],
    fixed_until: int,
) -> Problem:
    """The problem with our own sessions out of the way, what is lost gone, and prices on whatever changes."""
    problem = compiled.problem
    (loop,), (points,) = problem.loops, problem.levels
    booking = trouble.booking
    lost = [] if booking.room is None or trouble.leaving is not None else [booking.room.address]
    lost += [room.address for room, _ in booking.refused]
    lost += [] if trouble.leaving is None else [trouble.leaving]
    ours: dict[str, list[Span]] = {}
    for each in members:
        room = [] if each.room is None else [each.room.address]
        for key in (*each.interview.busy, *room):
            ours.setdefault(key, []).append(each.interview.span)
    here = compiled.window.span
    sessions = tuple(
        _session(each, placed[each.key], fixed_until, problem, troubled=place_of(booking).session)
        for each in loop.sessions
    )
    rest = {term: price for term, price in points.weights.items() if term not in {"start_cost", "earliness"}}
    return problem.model_copy(
        update={
            "start": here.start,
            "people": tuple(
                _freed(each, ours.get(each.key, []), booking.interview.span, lost=each.key in lost)
                for each in problem.people
            ),
            "rooms": tuple(
                _freed(each, ours.get(each.key, []), booking.interview.span, lost=each.key in lost)
                for each in problem.rooms
            ),
            "loops": (_whole(loop, sessions),),
            "levels": (
                Level(weights={"start_cost": 1}),
                Level(weights={"moved": 1}),
                Level(weights={"room_cost": 1}),
                Level(weights=rest),
            ),
        }
    )


def _whole(loop: Loop, sessions: tuple[Session, ...]) -> Loop:
    return loop.model_copy(update={"sessions": sessions, "mandatory": True})


def _session(
    session: Session, held: Assignment, fixed_until: int, problem: Problem, *, troubled: str
) -> Session:
    """The session with what it costs to hold it otherwise; one that begins too soon is not held otherwise."""
    movable = held.start >= fixed_until
    kept = Placed(
        start=held.start,
        people=held.people,
        room=held.room,
        movable=movable or session.key == troubled,
    )
    starts = SpanSet.of([Span(fixed_until, problem.end)]) if fixed_until < problem.end else SpanSet.EMPTY
    if session.starts is not None:
        starts &= session.starts
    own = SpanSet.of([Span(held.start, held.start + 1)])
    on_grid = (held.start - session.anchor) % session.grid == 0
    costs = tuple(
        (minute, minute + session.grid, abs(minute - held.start))
        for minute in range(
            problem.start + (session.anchor - problem.start) % session.grid, problem.end, session.grid
        )
        if minute != held.start
    )
    return session.model_copy(
        update={
            "placed": kept,
            "starts": starts | own,
            "grid": session.grid if on_grid else 1,
            "start_costs": costs,
            "room_costs": tuple((room.key, 1) for room in problem.rooms if room.key != held.room),
        }
    )


def _freed(each: _Either, ours: Sequence[Span], lost_at: Span, *, lost: bool) -> _Either:
    """Whose time our own sessions take up no longer; what is lost is so at the time of the session alone."""
    blocked = each.blocked - SpanSet.of(ours)
    if lost:
        blocked |= SpanSet.of([lost_at])
    free = each.model_copy(update={"blocked": blocked, "unknown": each.unknown - SpanSet.of(ours)})
    if not isinstance(free, Person):
        return free
    booked = sum(span.minutes for span in ours)
    limits = tuple(_limit(limit, ours) for limit in free.limits)
    return free.model_copy(update={"limits": limits, "load": max(0, free.load - booked)})


def _limit(limit: Limit, ours: Sequence[Span]) -> Limit:
    held = [span for span in ours if limit.start <= span.start < limit.end]
    return limit.model_copy(
        update={
            "already_sessions": max(0, limit.already_sessions - len(held)),
            "already_minutes": max(0, limit.already_minutes - sum(span.minutes for span in held)),
        }
    )


def _told(
    bookings: Mapping[str, str],
    placed: Mapping[str, Assignment],
    now: Sequence[Assignment],
    slots: Mapping[str, Slot],
) -> Resolution:
    """What changes, as commands; bookings and slots by session."""
    commands: list[str] = []
    exchanges: list[Exchange] = []
    only_people = True
    for each in now:
        before, mine, slot = placed[each.session], bookings[each.session], slots[each.session]
        swaps = [
            Exchange(mine, before.people[seat], person)
            for seat, person in each.people.items()
            if before.people.get(seat, person) != person
        ]
        same_seats = before.people.keys() == each.people.keys()
        only_people &= same_seats and (before.start, before.room) == (each.start, each.room)
        exchanges += swaps
        if before.start == each.start:
            commands += [f"slotwright swap {mine} {swap.leaving} {swap.joining}" for swap in swaps]
            commands += [f"slotwright room {mine} {each.room}"] if before.room != each.room else []
            continue
        people = " --people" if swaps else ""
        where = f" in {each.room}" if each.room else ""
        who = " and ".join(each.people.values())
        commands.append(
            f"slotwright reschedule {mine} {slot.id}{people}  # {each.session} at {slot.start} with {who}{where}"
        )
    ordered = tuple(_in_order(exchanges))
    if only_people:
        commands = [f"slotwright swap {each.booking_id} {each.leaving} {each.joining}" for each in ordered]
    return Resolution(tuple(commands), ordered if only_people else ())


def _in_order(exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
    """Whoever comes to one session has left the other before, so that nobody meets the candidate twice meanwhile."""
    left = list(exchanges)
    while left:
        leaving = {each.leaving for each in left}
        ready = next((each for each in left if each.joining not in leaving), left[0])
        left.remove(ready)
        yield ready
