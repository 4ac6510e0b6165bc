"""Find the best ways to hold one candidate's loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Literal

from scheduler.app.drive import BookingRules
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import DEFAULT_RULES, Named, Reader, World, rooms_of, suitable_rooms
from scheduler.directory.rooms import Room
from scheduler.errors import InputError
from scheduler.planning.localtimes import Window, local, request_window
from scheduler.planning.loops.answer import Better, Loops, ModelSize
from scheduler.planning.loops.compile import (
    CompiledLoops,
    Known,
    Party,
    chairs,
    compile_loops,
    points,
    weeks_of,
)
from scheduler.planning.loops.decode import clock_changes_of, decode_options
from scheduler.planning.loops.offer import LoopOffer, loop_offer
from scheduler.planning.loops.pools import opened_loop, with_catalogue
from scheduler.planning.loops.record import Tried, solution_of
from scheduler.planning.loops.request import LoopRequest, Panelist, everybody
from scheduler.planning.loops.words import LocalWords
from scheduler.planning.members import Member
from scheduler.planning.reasons import Reasons
from solvers.alternatives import Alternatives, Option, Step, alternatives
from solvers.cpsat import Effort
from solvers.explain import Budget, explanation
from solvers.improvements import improvements
from solvers.problem import Problem
from solvers.resilience import Resilience, resilience
from solvers.timeline import Span

KEY = "candidate"
"""What the one loop is called in the problem."""
FOR_OPTIONS = 0.8
"""The part of the time, at most, that goes into finding options; the rest is for what is asked about them."""
FOR_REASONS = 20.0
"""No more seconds go into why nothing fits."""
FOR_A_LOSS = 2.0
"""CP-SAT's deterministic time for each loss of an option that is not made good at once."""


DEFAULT_EFFORT = Effort(seconds=60.0)


@contextmanager
def refusing_overflow() -> Iterator[None]:
    """Says of weights that the solver refuses, because their sums leave 64 bits, that they do."""
    try:
        yield
    except ValueError as error:
        raise InputError("weights", str(error).rstrip("."), "lower them") from None


def find_loop(
    request: LoopRequest,
    calendars: Calendars,
    ledger: Ledger,
    *,
    organizer: str,
    rules: BookingRules = DEFAULT_RULES,
    effort: Effort = DEFAULT_EFFORT,
    on_progress: Callable[[Step], None] | None = None,
) -> Loops:
    """The best options, the slot of each of their sessions remembered in the ledger under its id, the whole likewise.

    Args:
        organizer: whose calendar the invitations go into when the request names nobody; may be empty.
        rules: where the generated calendar is.
        on_progress: told of how the search goes on.

    Raises:
        InputError: something in the request cannot be used, or an address is nobody's.
        GraphError: Graph could not be read.
        StoreError: the database refused.
    """
    compiled, world = compile_loop(request, calendars, ledger, organizer=organizer, rules=rules)
    began = time.monotonic()
    window, apart = compiled.window, request.apart_minutes
    found = search(compiled.problem, request.limit, apart, effort, on_progress)
    solution = solution_of(
        "loop",
        request,
        compiled,
        tried=Tried(**asdict(effort)),
        read_at=world.now,
        plans=tuple(option.plan for option in found.options),
        proved=tuple(option.proved for option in found.options),
    )
    ledger.remember_solution(solution.id, solution.model_dump_json())
    asking = _Asking(compiled, found, effort, began, on_progress)
    losses = asking.losses()
    reasons, remedies = asking.why_not()
    answer = Loops(
        zone=window.zone.key,
        minutes=request.minutes,
        window=(local(window.zone, window.span.start), local(window.zone, window.span.end)),
        apart=apart,
        options=decode_options(
            compiled,
            found.options,
            losses,
            asking.better(),
            organizer=request.organizer or organizer or None,
        ),
        ended=found.ended,
        reasons=reasons,
        remedies=remedies,
        solution=solution.id,
        unread=world.unread,
        notes=(*world.notes, *clock_changes_of(compiled)),
        pools=compiled.pools,
        size=ModelSize(
            variables=found.size.variables, constraints=found.size.constraints, searches=found.searches
        ),
    )
    ledger.remember_offers(
        kept(
            [
                loop_offer(option.sessions, solution=solution.id, same_room=request.same_room)
                for option in answer.options
            ]
        )
    )
    return answer


def kept(offers: Sequence[LoopOffer]) -> dict[str, str]:
    """The documents of these loops and of the slots of all their sessions, by their ids."""
    documents = {offer.id: offer.model_dump_json() for offer in offers}
    slots = (session.slot for offer in offers for session in offer.sessions)
    return documents | {slot.id: slot.model_dump_json() for slot in slots}


def compile_loop(
    request: LoopRequest, calendars: Calendars, ledger: Ledger, *, organizer: str, rules: BookingRules
) -> tuple[CompiledLoops, World]:
    """The problem of a request over the calendars as they are now, and what was read for it.

    Raises:
        InputError, GraphError, StoreError: as for find_loop.
    """
    window = request_window(request)
    members = ledger.catalogue.people()
    request, pooled = opened_loop(request, members)
    party = Party(KEY, request.candidate, request, "candidate")
    reader = Reader(request, window, calendars, ledger, rules, request.organizer or organizer or None)
    described = known_people(everybody(request, [("", request)]), members)
    world, known = read_world(reader, [Named(*each) for each in described], [(party, "")], pooled.notes)
    people = [person for person, _ in described]
    compiled = compile_loops(request, window, [party], people, known, levels=(points(request),))
    return replace(compiled, pools=pooled.pools), world


def known_people(
    described: Iterable[tuple[Panelist, str]], members: Iterable[Member]
) -> list[tuple[Panelist, str]]:
    """Everybody a request names, with what the catalogue knows of them."""
    known = {member.address: member for member in members}
    return [(with_catalogue(person, known), path) for person, path in described]


def search(
    problem: Problem,
    limit: int,
    apart: int,
    effort: Effort,
    on_progress: Callable[[Step], None] | None = None,
) -> Alternatives:
    """The best options of the one loop.

    Raises:
        InputError: the weights are too large.
    """
    with refusing_overflow():
        return alternatives(
            problem,
            KEY,
            limit,
            apart,
            seconds=effort.seconds * FOR_OPTIONS,
            workers=effort.workers,
            seed=effort.seed,
            deterministic_time=effort.deterministic_time,
            on_progress=on_progress,
        )


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked once the search is over, in the time that it left; after an interruption nothing more is.

    Args:
        began: reading of the monotonic clock when the search began.
        tell: told before each step, under the name of the task.
    """

    compiled: CompiledLoops
    found: Alternatives
    effort: Effort
    began: float
    tell: Callable[[Step], None] | None

    def losses(self) -> tuple[Resilience, ...]:
        """What each option survives."""
        return tuple(self._survived(option) for option in self.found.options)

    def better(self) -> tuple[Better, ...]:
        """What would beat the best option."""
        if not self.found.options:
            return ()
        problem, (reached,) = self.compiled.problem, self.found.options[0].objective.levels
        reasons = Reasons(problem, LocalWords(self.compiled))
        found = improvements(
            problem,
            KEY,
            (reached,),
            seconds=self._left(),
            seed=self.effort.seed,
            on_search=lambda: self._at("improvements"),
        )
        return tuple(
            Better(points=reached - each.levels[0], what=reasons.change(each.change)) for each in found
        )

    def why_not(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Why there is no option, and what would open one; nothing if it is not proved that there is none."""
        if self.found.options or self.found.ended != "exhausted":
            return (), ()
        budget = Budget(seconds=min(FOR_REASONS, self._left()), on_decision=lambda: self._at("reasons"))
        told = explanation(self.compiled.problem, KEY, budget=budget)
        if told.conflict.outcome != "forbidden":
            return self.found.reasons, ()
        reasons = Reasons(self.compiled.problem, LocalWords(self.compiled))
        return reasons.conflict(told.conflict), tuple(reasons.remedy(remedy) for remedy in told.remedies)

    def _survived(self, option: Option) -> Resilience:
        self._at("losses")
        return resilience(
            self.compiled.problem,
            option.plan,
            KEY,
            seconds=self._left(),
            seed=self.effort.seed,
            deterministic_time=self.effort.deterministic_time or FOR_A_LOSS,
        )

    def _at(self, task: Literal["losses", "improvements", "reasons"]) -> None:
        if self.tell is not None:
            passed = time.monotonic() - self.began
            self.tell(Step(len(self.found.options), self.found.searches, passed, task))

    def _left(self) -> float:
        if self.found.ended == "interrupted":
            return 0.0
        return max(0.0, self.effort.seconds - (time.monotonic() - self.began))


def read_world(
    reader: Reader,
    people: Sequence[Named],
    parties: Sequence[tuple[Party, str]],
    told: Sequence[str] = (),
) -> tuple[World, Known]:
    """The time of everybody in a pool, of every room that would do for a session, and what we booked already.

    Args:
        parties: each with the path of its sessions in the request, which is empty for the request itself.
        told: notes that there are already.

    Raises:
        InputError, GraphError, StoreError: as for Reader.read.
    """
    notes = list(told)
    rooms = _rooms(reader, parties, notes)
    world = reader.read(people, rooms, notes)
    booked = dict(_booked(reader.ledger, world, reader.window))
    return world, Known(world.now, world.people, world.rooms, booked)


def _rooms(reader: Reader, parties: Sequence[tuple[Party, str]], notes: list[str]) -> list[Room]:
    """The rooms that would do for any session, and those that sessions name, each once."""
    needs = [
        (need, chairs(party.shape, session, party.candidate), _path(party, path, index))
        for party, path in parties
        for index, session in enumerate(party.shape.sessions)
        if (need := party.shape.room_of(session)) is not None
    ]
    if not needs:
        return []
    known = rooms_of(reader.calendars, reader.ledger)
    wanted = {address for need, _, _ in needs for address in need.among}
    for need, seats, path in needs:
        wanted |= {room.address for room in suitable_rooms(known, need, seats, path, notes)}
    return sorted((room for room in known.rooms if room.address in wanted), key=lambda room: room.address)


def _path(party: Party, path: str, index: int) -> str:
    own = "room" in party.shape.sessions[index].model_fields_set
    return f"{path}sessions.{index}.room" if own else f"{path}room"


def _booked(ledger: Ledger, world: World, window: Window) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Our own bookings of each person in all weeks of the window, by their own clocks."""
    weeks = {
        address: weeks_of(free.zone or window.zone, window.span) for address, free in world.people.items()
    }
    whole = Span(min(each.start for each in weeks.values()), max(each.end for each in weeks.values()))
    for address, held in ledger.claims(list(weeks), whole).items():
        week = weeks[address]
        yield address, tuple(span for span in held if week.start <= span.start < week.end)
