"""From the solvers' options to the public answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scheduler.planning.answer import Score, Slot, SlotInterview, SlotPerson, SlotRoom, slot_id
from scheduler.planning.clock_changes import changes, notes_of_day
from scheduler.planning.decode import slot_candidate, slot_room
from scheduler.planning.localtimes import local
from scheduler.planning.loops import sentences
from scheduler.planning.loops.answer import (
    Better,
    BreakAnswer,
    LoopOption,
    LoopScore,
    LoopTerm,
    Proof,
    SeatAnswer,
    SessionAnswer,
)
from scheduler.planning.loops.compile import CompiledLoops, Party
from scheduler.planning.loops.lanes import pictures_of_loop
from scheduler.planning.loops.losses import decode_losses
from scheduler.planning.loops.offer import option_id
from scheduler.planning.loops.request import Seat, SessionNeed
from scheduler.planning.loops.swaps import Swaps
from scheduler.zones import Zone, iso_utc
from solvers.alternatives import Option
from solvers.plan import Assignment, Objective
from solvers.resilience import Resilience
from solvers.timeline import Span, SpanSet


def decode_options(
    compiled: CompiledLoops,
    options: Sequence[Option],
    losses: Sequence[Resilience],
    better: Sequence[Better],
    *,
    organizer: str | None,
) -> tuple[LoopOption, ...]:
    """Every option in local times, with its sessions, score and proof.

    Args:
        losses: what each of the options survives.
        better: what would beat the first one.
    """
    party, zone = compiled.parties[0], compiled.window.zone
    answers: list[LoopOption] = []
    for rank, (option, lost) in enumerate(zip(options, losses, strict=True), start=1):
        held = held_by(option.plan.assignments, party)
        last = sentences.meeting_of(compiled, held[-1])
        sessions = Teller(compiled, party, Swaps(compiled.problem, option.plan), organizer).sessions(held)
        terms = _terms(compiled, held, option.objective)
        breaks = breaks_of(compiled, party, held)
        (total,), (bound,) = option.objective.levels, option.bound
        best = answers[0].score.terms if answers else terms
        answers.append(
            LoopOption(
                id=option_id(sessions),
                start_utc=iso_utc(option.start),
                end_utc=iso_utc(last.end),
                zone=zone.key,
                start=local(zone, option.start),
                end=local(zone, last.end),
                sessions=sessions,
                breaks=tuple(
                    BreakAnswer(name=name, start=local(zone, span.start), end=local(zone, span.end))
                    for name, span in breaks
                ),
                days=pictures_of_loop(compiled, party, held, breaks),
                score=LoopScore(total=total, terms=terms),
                proof=Proof(proved=option.proved, bound=bound, text=sentences.proof(total, bound, rank)),
                reasons=tuple(
                    term.why for term in terms if term.units and term.term not in {"earliness", "load_spread"}
                ),
                resilience=decode_losses(compiled, lost),
                behind=sentences.behind(
                    {term.term: term.cost for term in terms}, {term.term: term.cost for term in best}
                ),
                better=() if answers else tuple(better),
                notes=clock_notes(compiled, held),
            )
        )
    return tuple(answers)


def held_by(assignments: Iterable[Assignment], party: Party) -> list[Assignment]:
    """The sessions of one candidate in order of time."""
    return sorted((each for each in assignments if each.loop == party.key), key=lambda each: each.start)


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells what one candidate's plan is.

    Args:
        swaps: of the plan; None tells nobody who could stand in.
        organizer: whose calendar the invitations go into; None if nobody is named.
    """

    compiled: CompiledLoops
    party: Party
    swaps: Swaps | None
    organizer: str | None

    def sessions(self, held: Sequence[Assignment]) -> tuple[SessionAnswer, ...]:
        """The sessions, each with a slot that can be booked."""
        needs = {session.name: session for session in self.party.shape.sessions}
        return tuple(self._session(needs[each.session], each) for each in held)

    def _session(self, need: SessionNeed, held: Assignment) -> SessionAnswer:
        swaps = self.swaps
        instead = {
            seat.name: () if swaps is None else swaps.people(held, seat.name, seat.pool)
            for seat in need.seats
        }
        seats = [
            SeatAnswer(
                seat=seat.name,
                kind=seat.kind,
                beside=seat.beside,
                person=held.people.get(seat.name),
                instead=instead[seat.name],
            )
            for seat in need.seats
        ]
        return SessionAnswer(
            name=need.name, minutes=need.minutes, seats=tuple(seats), slot=self._slot(need, held, instead)
        )

    def _slot(self, need: SessionNeed, held: Assignment, instead: Mapping[str, tuple[str, ...]]) -> Slot:
        request, zone, candidate = self.compiled.request, self.compiled.window.zone, self.party.candidate
        meeting = Span(held.start, held.start + need.minutes)
        other_rooms: tuple[str, ...] = ()
        if self.swaps is not None and held.room is not None:
            other_rooms = self.swaps.rooms(held, together=self.party.shape.same_room)
        slot = Slot(
            id="",
            start_utc=iso_utc(meeting.start),
            end_utc=iso_utc(meeting.end),
            zone=zone.key,
            start=local(zone, meeting.start),
            end=local(zone, meeting.end),
            people=tuple(
                self._person(seat, held.people[seat.name], meeting, instead[seat.name])
                for seat in need.seats
                if seat.name in held.people
            ),
            candidate=None
            if candidate is None
            else slot_candidate(candidate, self.compiled.clocks[self.party.key], meeting),
            room=None if held.room is None else self._room(held.room, meeting),
            alternatives=tuple(self._room(room, meeting) for room in other_rooms),
            score=Score(total=0, terms=()),
            notes=clock_notes(self.compiled, [held]),
            interview=SlotInterview(
                organizer=self.organizer,
                subject=need.subject or f"{request.subject}: {need.name}",
                text=request.text,
                online_meeting=request.online_meeting,
            ),
        )
        return slot.model_copy(update={"id": slot_id(slot)})

    def _person(self, seat: Seat, address: str, meeting: Span, stand_ins: tuple[str, ...]) -> SlotPerson:
        zone = self.compiled.zone_of(address)
        return SlotPerson(
            address=address,
            name=self.compiled.panelists[address].name,
            required=seat.kind == "required",
            attends=True,
            tentative=self.compiled.people[address].soft.overlaps(meeting),
            zone=zone.key,
            start=local(zone, meeting.start),
            end=local(zone, meeting.end),
            stand_ins=stand_ins,
        )

    def _room(self, address: str, meeting: Span) -> SlotRoom:
        soft = next(room.soft for room in self.compiled.problem.rooms if room.key == address)
        return slot_room(self.compiled.rooms[address], tentative=soft.overlaps(meeting))


def breaks_of(
    compiled: CompiledLoops, party: Party, held: Sequence[Assignment]
) -> tuple[tuple[str, Span], ...]:
    """The earliest time of each break that falls between two sessions, on each day on which it is due."""
    loop = next(loop for loop in compiled.problem.loops if loop.key == party.key)
    meetings = [sentences.meeting_of(compiled, each) for each in held]
    found = []
    for day in (Span(*day) for day in loop.days):
        on_day = [meeting for meeting in meetings if meeting.overlaps(day)]
        for rest in loop.breaks:
            part = rest.window.clip(day)
            if not part or len(on_day) < 2:
                continue
            between = Span(on_day[0].end, max(on_day[-1].start, on_day[0].end + 1))
            free = (part.clip(between) - SpanSet.of(on_day)).starts(rest.minutes)
            if free:
                found.append((rest.key, Span(free.edges[0], free.edges[0] + rest.minutes)))
    return tuple(sorted(found, key=lambda each: each[1]))


def zones_of(compiled: CompiledLoops) -> tuple[Zone, ...]:
    """The clocks in play, the request's first."""
    people = (each.zone for each in compiled.people.values() if each.zone is not None)
    return tuple(dict.fromkeys((compiled.window.zone, *people, *compiled.clocks.values())))


def clock_changes_of(compiled: CompiledLoops) -> tuple[str, ...]:
    """Every change of these clocks in the window."""
    return changes(zones_of(compiled), compiled.window.span)


def _terms(compiled: CompiledLoops, held: Sequence[Assignment], objective: Objective) -> tuple[LoopTerm, ...]:
    weights = compiled.request.weights.model_dump()
    return tuple(
        LoopTerm(
            term=term,
            units=units,
            weight=weights[term],
            cost=units * weights[term],
            why=sentences.why_cost(compiled, held, term, units),
        )
        for term, units in units_of(compiled, held, objective)
    )


def units_of(
    compiled: CompiledLoops, held: Sequence[Assignment], objective: Objective
) -> Iterator[tuple[sentences.TermName, int]]:
    """The solver's units under the names people use; the price of starts is told apart again."""
    yield "earliness", objective.units["earliness"]
    yield "tentative", objective.units["tentative"]
    yield "optional_missing", objective.units["empty_seats"]
    prices = [sentences.price_of(compiled, each) for each in held]
    yield "preferred_hours", sum(price.preferred_hours for price in prices)
    yield "day_part", sum(price.day_part for price in prices)
    yield "load_spread", objective.units["load_spread"]
    yield "room_fit", objective.units["room_fit"]
    yield "room_changes", objective.units["room_changes"]
    yield "fragile", objective.units["fragile"]


def clock_notes(compiled: CompiledLoops, held: Sequence[Assignment]) -> tuple[str, ...]:
    """The clock changes on the days of these sessions."""
    zones = zones_of(compiled)
    notes = [note for each in held for note in notes_of_day(zones, sentences.meeting_of(compiled, each))]
    return tuple(dict.fromkeys(notes))
