"""From the solver's plan of many candidates to the public answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from scheduler.planning.answer import Unread
from scheduler.planning.localtimes import local
from scheduler.planning.loops.answer import BreakAnswer
from scheduler.planning.loops.compile import CompiledLoops, Party
from scheduler.planning.loops.decode import (
    Teller,
    breaks_of,
    clock_changes_of,
    clock_notes,
    held_by,
    units_of,
)
from scheduler.planning.loops.lanes import pictures_of_plan
from scheduler.planning.loops.plan_answer import CandidateAnswer, LevelAnswer, Plans, TermAnswer
from solvers.plan import Assignment, Feasible, Infeasible, Optimal, Unknown

LEVELS = ("priority of the candidates left out", "hours until the last candidate is done", "points")
"""What the levels of a plan are called."""

Ended = Literal["optimal", "time", "interrupted", "infeasible", "unknown"]
Verdict = Optimal | Feasible | Infeasible | Unknown


class Excuse(NamedTuple):
    """Why a candidate was left out, and what would help."""

    reasons: tuple[str, ...]
    remedies: tuple[str, ...]


def decode_plan(
    compiled: CompiledLoops,
    verdict: Verdict,
    excuses: Mapping[str, Excuse],
    asks: tuple[str, ...],
    *,
    organizer: str | None,
    solution: str,
    unread: tuple[Unread, ...],
    notes: tuple[str, ...],
) -> Plans:
    """The plan in local times, candidate by candidate.

    Args:
        excuses: of those who were left out, by the keys of their loops, as far as they are known.
        solution: the id under which all of it is kept.
    """
    window = compiled.window
    made: tuple[Assignment, ...] = ()
    terms: tuple[TermAnswer, ...] = ()
    if isinstance(verdict, Optimal | Feasible):
        made = verdict.plan.assignments
        weights = compiled.request.weights.model_dump()
        terms = tuple(
            TermAnswer(term=term, units=units, weight=weights[term], cost=units * weights[term])
            for term, units in units_of(compiled, made, verdict.objective)
        )
    candidates = tuple(_candidate(compiled, party, made, excuses, organizer) for party in compiled.parties)
    return Plans(
        zone=window.zone.key,
        window=(local(window.zone, window.span.start), local(window.zone, window.span.end)),
        candidates=candidates,
        scheduled=sum(bool(candidate.sessions) for candidate in candidates),
        ended=_ended(verdict),
        levels=tuple(_levels(verdict)),
        terms=terms,
        days=pictures_of_plan(compiled, made),
        asks=asks,
        solution=solution,
        unread=unread,
        notes=(*notes, *clock_changes_of(compiled)),
        pools=compiled.pools,
        variables=verdict.size.variables,
        constraints=verdict.size.constraints,
    )


def _candidate(
    compiled: CompiledLoops,
    party: Party,
    made: tuple[Assignment, ...],
    excuses: Mapping[str, Excuse],
    organizer: str | None,
) -> CandidateAnswer:
    held = held_by(made, party)
    excuse = excuses.get(party.key, Excuse((), ()))
    zone = compiled.window.zone
    return CandidateAnswer(
        name="" if party.candidate is None else party.candidate.name,
        address=None if party.candidate is None else party.candidate.address,
        priority=party.priority,
        sessions=Teller(compiled, party, None, organizer).sessions(held),
        breaks=tuple(
            BreakAnswer(name=name, start=local(zone, span.start), end=local(zone, span.end))
            for name, span in breaks_of(compiled, party, held)
        ),
        reasons=excuse.reasons,
        remedies=excuse.remedies,
        notes=clock_notes(compiled, held),
    )


def _ended(verdict: Verdict) -> Ended:
    match verdict:
        case Optimal():
            return "optimal"
        case Feasible(limit=limit):
            return limit
        case Infeasible():
            return "infeasible"
        case Unknown():
            return "unknown"


def _levels(verdict: Verdict) -> Iterator[LevelAnswer]:
    """Every level that is proved, and the first one that is not with its bound; the others have the bound 0."""
    if not isinstance(verdict, Optimal | Feasible):
        return
    first_open = len(LEVELS) if isinstance(verdict, Optimal) else verdict.level
    for place, (what, value) in enumerate(zip(LEVELS, verdict.objective.levels, strict=True)):
        bound = value if place < first_open else 0
        if isinstance(verdict, Feasible) and place == first_open:
            bound = verdict.bound
        yield LevelAnswer(what=what, value=value, bound=bound, proved=place < first_open)
