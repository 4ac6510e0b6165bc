"""Costs and proofs of loops in plain English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from scheduler.planning.localtimes import local
from scheduler.planning.loops.compile import CompiledLoops
from scheduler.planning.loops.prices import StartPrice
from scheduler.planning.request import Candidate
from scheduler.planning.sentences import called, count
from solvers.plan import Assignment
from solvers.timeline import Span


def label(compiled: CompiledLoops, address: str) -> str:
    """How a person or room is called: by name, else by as much of the address as tells them apart."""
    return called(address, compiled.names(), compiled.rooms)


def called_candidate(candidate: Candidate | None) -> str:
    """By name, else by address."""
    return (candidate.name or candidate.address or "the candidate") if candidate else "the candidate"


TermName = Literal[
    "earliness",
    "tentative",
    "optional_missing",
    "preferred_hours",
    "day_part",
    "load_spread",
    "room_fit",
    "room_changes",
    "fragile",
]
"""What an option is judged by."""


def why_cost(compiled: CompiledLoops, held: Sequence[Assignment], term: TermName, units: int) -> str:
    """What a term of the cost of these sessions stands for."""
    match term:
        case "earliness":
            return f"over {count(units, 'hour')} into the time allowed"
        case "tentative":
            return _tentative(compiled, held, units) if units else "nothing tentative is in the way"
        case "optional_missing":
            return f"empty: {', '.join(_empty(compiled, held))}" if units else "no seat stays empty"
        case "preferred_hours":
            asked = [each.session for each in held if price_of(compiled, each).preferred_hours]
            return _minutes(units, "outside preferred hours", asked)
        case "day_part":
            asked = [
                f"{each.session} (from {local(compiled.window.zone, each.start)[11:]})"
                for each in held
                if price_of(compiled, each).day_part
            ]
            return _minutes(units, "early, at lunch or late on somebody's clock", asked)
        case "load_spread":
            return f"{count(units, 'minute')} between the busiest of the interviewers and the least busy"
        case "room_fit":
            return f"{count(units, 'chair')} more than needed" if _rooms(held) else "no room was asked for"
        case "room_changes":
            rooms = _rooms(held)
            named = ", ".join(label(compiled, room) for room in rooms)
            return f"{count(len(rooms), 'room')}: {named}" if rooms else "no room was asked for"
        case "fragile":
            if not units:
                return "every required seat and every room has a stand-in"
            return f"{count(units, 'required seat or room', 'required seats or rooms')} without a stand-in"


def price_of(compiled: CompiledLoops, held: Assignment) -> StartPrice:
    """What the start of a session costs."""
    return compiled.prices[held.loop, held.session][held.start]


def _minutes(units: int, what: str, sessions: Sequence[str]) -> str:
    if not units:
        return f"nobody is asked {what}"
    return f"{count(units, 'minute')} {what}: {', '.join(sessions)}"


def _tentative(compiled: CompiledLoops, held: Sequence[Assignment], units: int) -> str:
    soft = {person.key: person.soft for person in compiled.problem.people}
    soft |= {room.key: room.soft for room in compiled.problem.rooms}
    named = dict.fromkeys(
        label(compiled, key)
        for each in held
        for key in (*each.people.values(), *_rooms([each]))
        if soft[key].overlaps(meeting_of(compiled, each))
    )
    return f"{count(units, 'minute')} over tentative entries of {', '.join(named)}"


def _empty(compiled: CompiledLoops, held: Sequence[Assignment]) -> list[str]:
    return [
        f"{seat.name} of {session.name}"
        for each in held
        for session in compiled.party(each.loop).shape.sessions
        if session.name == each.session
        for seat in session.seats
        if seat.name not in each.people
    ]


def _rooms(held: Sequence[Assignment]) -> list[str]:
    return list(dict.fromkeys(each.room for each in held if each.room is not None))


def meeting_of(compiled: CompiledLoops, held: Assignment) -> Span:
    """When a session is held."""
    shape = compiled.party(held.loop).shape
    minutes = next(session.minutes for session in shape.sessions if session.name == held.session)
    return Span(held.start, held.start + minutes)


def proof(total: int, bound: int, rank: int) -> str:
    """What is proved of an option."""
    beside = "" if rank == 1 else " beside those above"
    if total == bound:
        return f"proved: no better option exists{beside}"
    return f"not proved: another{beside} may have {bound} points or more, {count(total - bound, 'point')} fewer at most"


def behind(terms: Mapping[TermName, int], best: Mapping[TermName, int]) -> tuple[str, ...]:
    """What the best option has that another has not, the largest difference first.

    Args:
        terms: cost of each term of the option.
        best: the same of the best one.
    """
    lost = {term: cost - best[term] for term, cost in terms.items() if cost > best[term]}
    return tuple(
        f"{term.replace('_', ' ')} +{points}"
        for term, points in sorted(lost.items(), key=lambda each: (-each[1], each[0]))
    )
