"""Demands that contradict each other, whatever the calendars say; found without solving.

Each is a necessary condition that a problem breaks by its own numbers: nobody's time, the candidate's neither, takes
part in it. Loops that may be left out demand little, so that of them only a contradiction within one session, or of
`earliest` with `latest`, is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from solvers.paths import PartError, Path
from solvers.problem import Loop, Placed, Problem, Session
from solvers.timeline import Span


def impossible_demands(problem: Problem) -> Iterator[PartError]:
    """What nobody's calendar could make possible, with its path in the problem, in the order of the document."""
    for index, loop in enumerate(problem.loops):
        path: Path = ("loops", index)
        if loop.earliest is not None and loop.latest is not None and loop.latest <= loop.earliest:
            text = f"ends the candidate's time at {loop.latest}, not after {loop.earliest}, where it starts"
            yield PartError((*path, "latest"), text)
            continue
        due = loop.mandatory or any(_kept(session) is not None for session in loop.sessions)
        found = [
            part
            for place, session in enumerate(loop.sessions)
            for part in _of_session(problem, session, (*path, "sessions", place), due=due)
        ]
        yield from found or (_of_time(problem, loop, path) if due else ())


def _kept(session: Session) -> Placed | None:
    return session.placed if session.placed is not None and not session.placed.movable else None


def _of_session(problem: Problem, session: Session, path: Path, *, due: bool) -> Iterator[PartError]:
    minutes, horizon = session.minutes, problem.horizon
    if minutes > horizon.minutes:
        text = f"{minutes} minutes are more than the horizon's {horizon.minutes}"
        yield PartError((*path, "minutes"), text)
        return
    on_grid = f"the grid of {session.grid} minutes from {session.anchor}"
    last = problem.end - minutes
    if _first_tick(session, problem.start) > last:
        text = f"no start on {on_grid} leaves {minutes} minutes before the horizon ends at {problem.end}"
        yield PartError((*path, "grid"), text)
        return
    if due and session.starts is not None:
        spans = (
            Span(max(span.start, problem.start), span.end)
            for span in session.starts
            if span.end > problem.start
        )
        if not any(_first_tick(session, span.start) < min(span.end, last + 1) for span in spans):
            text = f"none of them lies on {on_grid} and leaves {minutes} minutes in the horizon"
            yield PartError((*path, "starts"), text)
    placed = _kept(session)
    if placed is not None:
        yield from _of_placed(problem, session, placed, (*path, "placed"))


def _of_placed(problem: Problem, session: Session, placed: Placed, path: Path) -> Iterator[PartError]:
    """What is booked and may not move is what the session asks for."""
    on_grid = (placed.start - session.anchor) % session.grid == 0
    among = session.starts is None or session.starts.contains_minute(placed.start)
    inside = problem.start <= placed.start <= problem.end - session.minutes
    if not (on_grid and among and inside):
        yield PartError((*path, "start"), f"{placed.start} is no permitted start, and it may not move")
    for seat in session.seats:
        if seat.kind == "required" and seat.key not in placed.people:
            yield PartError((*path, "people"), f"seat {seat.key} is required, and it may not change")
    for person, seats in Counter(placed.people.values()).items():
        if seats > 1:
            yield PartError((*path, "people"), f"{person} sits in {seats} seats, and it may not change")
    if (session.room is None) != (placed.room is None):
        asked = "none is asked for" if session.room is None else "one is needed"
        yield PartError((*path, "room"), f"{placed.room or 'no room'}, where {asked}, and it may not change")


def _of_time(problem: Problem, loop: Loop, path: Path) -> Iterator[PartError]:
    """The sessions of a loop that must be held fit into its days, with their gaps.

    With n sessions on d days, at least n - d gaps lie within a day: sum of minutes + (n - d) * min_gap <= the minutes
    of the d longest days. More days ask for less and hold more, so that the most days are looked at.
    """
    first = max(problem.start, problem.start if loop.earliest is None else loop.earliest)
    last = min(problem.end, problem.end if loop.latest is None else loop.latest)
    days = loop.days or ((problem.start, problem.end),)
    held = sorted((max(0, min(end, last) - max(start, first)) for start, end in days), reverse=True)
    for place, session in enumerate(loop.sessions):
        if session.minutes > held[0]:
            text = f"{session.minutes} minutes are more than any day of the loop has, which is {held[0]}"
            yield PartError((*path, "sessions", place, "minutes"), text)
            return
    most = min(len(held), len(loop.sessions))
    for days_used, name in ((most, "sessions"), (min(most, loop.max_days or most), "max_days")):
        minutes = sum(session.minutes for session in loop.sessions)
        gaps = (len(loop.sessions) - days_used) * loop.min_gap
        has = sum(held[:days_used])
        if minutes + gaps > has:
            text = (
                f"the sessions take {minutes + gaps} minutes with their gaps, and the loop's time holds {has}"
            )
            yield PartError((*path, name), text)
            return


def _first_tick(session: Session, minute: int) -> int:
    """The first start on the session's grid that is not before the minute."""
    return minute + (session.anchor - minute) % session.grid
