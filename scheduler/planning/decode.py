"""From the solvers' ranking to the public answer."""

from __future__ import annotations

from scheduler.directory.rooms import Room
from scheduler.planning import sentences
from scheduler.planning.answer import (
    Blocker,
    Score,
    ScoreTerm,
    Slot,
    SlotCandidate,
    SlotInterview,
    SlotPerson,
    SlotRoom,
    Slots,
    Unread,
    slot_id,
)
from scheduler.planning.clock_changes import changes, notes_of_day
from scheduler.planning.compile import Compiled
from scheduler.planning.localtimes import local
from scheduler.planning.request import Candidate
from scheduler.zones import Zone, iso_utc
from solvers.ranking import Ranking
from solvers.scoring import Slot as Found
from solvers.slots import blockers, permitted_starts
from solvers.timeline import Span


def decode(
    compiled: Compiled,
    ranking: Ranking,
    *,
    organizer: str | None,
    unread: tuple[Unread, ...],
    notes: tuple[str, ...],
) -> Slots:
    """The answer: every chosen slot in local times with its score and reasons, or what stands in the way."""
    window = compiled.window
    considered = permitted_starts(compiled.query).count()
    in_the_way: tuple[Blocker, ...] = ()
    if not ranking.slots:
        told = [
            (each, *sentences.why_blocked(compiled, each, considered)) for each in blockers(compiled.query)
        ]
        in_the_way = tuple(
            Blocker(who=who, forbids=each.forbidden, alone=each.alone, why=why)
            for each, who, why in told
            if each.forbidden
        )
    return Slots(
        zone=window.zone.key,
        minutes=compiled.request.minutes,
        window=(local(window.zone, window.span.start), local(window.zone, window.span.end)),
        slots=tuple(_slot(compiled, found, organizer) for found in ranking.slots),
        feasible=ranking.feasible,
        considered=considered,
        blockers=in_the_way,
        unread=unread,
        notes=(*notes, *changes(_zones(compiled), window.span)),
    )


def _slot(compiled: Compiled, found: Found, organizer: str | None) -> Slot:
    request, zone = compiled.request, compiled.window.zone
    candidate = None
    if request.candidate is not None:
        meeting = Span(found.start, found.end)
        candidate = slot_candidate(request.candidate, compiled.candidate_zone, meeting)
    slot = Slot(
        id="",
        start_utc=iso_utc(found.start),
        end_utc=iso_utc(found.end),
        zone=zone.key,
        start=local(zone, found.start),
        end=local(zone, found.end),
        people=tuple(_person(compiled, found, person.address) for person in request.people),
        candidate=candidate,
        room=None if found.room is None else _room(compiled, found, found.room),
        alternatives=tuple(_room(compiled, found, address) for address in found.alternatives),
        score=_score(compiled, found),
        reasons=sentences.reasons(compiled, found),
        notes=notes_of_day(_zones(compiled), Span(found.start, found.end)),
        interview=SlotInterview(
            organizer=organizer,
            subject=request.subject,
            text=request.text,
            online_meeting=request.online_meeting,
        ),
    )
    return slot.model_copy(update={"id": slot_id(slot)})


def _zones(compiled: Compiled) -> tuple[Zone, ...]:
    """The clocks in play, the request's first."""
    people = (each.zone for each in compiled.people.values() if each.zone is not None)
    return tuple(dict.fromkeys((compiled.window.zone, *people, compiled.candidate_zone)))


def _person(compiled: Compiled, found: Found, address: str) -> SlotPerson:
    asked = next(person for person in compiled.request.people if person.address == address)
    zone = compiled.people[address].zone or compiled.window.zone
    return SlotPerson(
        address=address,
        name=asked.name,
        required=asked.required,
        attends=address in found.attending,
        tentative=address in found.soft,
        zone=zone.key,
        start=local(zone, found.start),
        end=local(zone, found.end),
    )


def _room(compiled: Compiled, found: Found, address: str) -> SlotRoom:
    return slot_room(compiled.rooms[address], tentative=address in found.soft)


def slot_candidate(candidate: Candidate, clock: Zone, meeting: Span) -> SlotCandidate:
    """The candidate's side of a meeting."""
    return SlotCandidate(
        name=candidate.name,
        address=candidate.address,
        zone=clock.key,
        start=local(clock, meeting.start),
        end=local(clock, meeting.end),
        available=candidate.available,
    )


def slot_room(room: Room, *, tentative: bool) -> SlotRoom:
    """A room of an answer."""
    return SlotRoom(
        address=room.address,
        name=room.name,
        seats=room.seats,
        building=room.building,
        floor=room.floor,
        tentative=tentative,
    )


def _score(compiled: Compiled, found: Found) -> Score:
    return Score(
        total=found.total,
        terms=tuple(
            ScoreTerm.model_validate(
                {
                    "term": cost.term,
                    "units": cost.units,
                    "weight": cost.weight,
                    "cost": cost.points,
                    "why": sentences.why_cost(compiled, found, cost),
                }
            )
            for cost in found.costs
        ),
    )
