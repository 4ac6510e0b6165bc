"""From requests for loops to the solvers' problem: grids, days, caps, rooms and prices on local clocks."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.calendars.merge import Availability
from scheduler.directory.rooms import Room
from scheduler.planning.localtimes import Window, local, request_window
from scheduler.planning.loops.compile import CompiledLoops, Known, Party, compile_loops, points
from scheduler.planning.loops.request import everybody, make_loop_request
from scheduler.zones import NamedZone, Zone, parse_utc
from solvers.problem import Session
from solvers.timeline import Span, SpanSet

ANA, BEN = "ana@x.example", "ben@x.example"
AMSTERDAM, NEW_YORK = NamedZone("Europe/Amsterdam"), NamedZone("America/New_York")
TALK: dict[str, Any] = {"name": "Talk", "minutes": 60, "seats": [[ANA, BEN]]}


def free(address: str, window: Window, zone: Zone, **sets: SpanSet) -> Availability:
    """Somebody who could at any time."""
    whole = SpanSet.of([window.span])
    values: dict[str, Any] = {"open": whole, "soft": SpanSet(), "blocked": (), "unknown": SpanSet(), **sets}
    return Availability(address, window.span, zone=zone, **values)


def compiled(
    rooms: tuple[Room, ...] = (), booked: dict[str, list[Span]] | None = None, now: int = 0, **changes: Any
) -> CompiledLoops:
    """The problem of a talk by Ana (Amsterdam) or Ben (New York)."""
    values = {"between": "2026-11-23", "and": "2026-11-24", "zone": "Europe/Amsterdam", "sessions": [TALK]}
    request = make_loop_request({**values, **changes})
    window = request_window(request)
    people = {ANA: free(ANA, window, AMSTERDAM), BEN: free(BEN, window, NEW_YORK)}
    offered = {room.address: (room, free(room.address, window, AMSTERDAM)) for room in rooms}
    return compile_loops(
        request,
        window,
        [Party("c", request.candidate, request, "candidate")],
        [person for person, _ in everybody(request, [("", request)])],
        Known(now, people, offered, booked or {}),
        levels=(points(request),),
    )


def permitted(asked: CompiledLoops, session: Session) -> list[str]:
    """The local readings of every permitted start."""
    return [
        local(asked.window.zone, minute)[5:]
        for minute in range(asked.problem.start, asked.problem.end)
        if (minute - session.anchor) % session.grid == 0
        and (session.starts is None or session.starts.contains_minute(minute))
    ]


@pytest.mark.parametrize("grid", [15, 60, 240])
def test_the_grid_is_on_the_local_clock(grid: int) -> None:
    """Across the change of March every start reads a multiple of the step, and none is missing."""
    asked = compiled(grid=grid, **{"between": "2026-03-28", "and": "2026-03-29"})
    found = permitted(asked, asked.problem.loops[0].sessions[0])
    assert all((int(text[6:8]) * 60 + int(text[9:])) % grid == 0 for text in found)
    assert (24 + 23) * 60 // grid + (1 if grid == 240 else 0) == len(found)


def test_days_are_local_days() -> None:
    """The day on which the clock goes forward has 23 hours."""
    asked = compiled(**{"between": "2026-03-28T12:00", "and": "2026-03-30"})
    assert [24, 23, 24] == [(end - start) // 60 for start, end in asked.problem.loops[0].days]


def test_caps_count_what_is_booked_on_their_own_days() -> None:
    """Half past midnight in Amsterdam is the evening before in New York; days and weeks are each person's own."""
    booked = Span(parse_utc("2026-11-23T23:30Z"), parse_utc("2026-11-24T00:00Z"))
    asked = compiled(
        caps={"sessions_per_day": 2, "minutes_per_week": 300}, booked={ANA: [booked], BEN: [booked]}
    )
    told = {
        person.key: [
            (local(zone, limit.start)[5:10], limit.already_sessions, limit.already_minutes)
            for limit in person.limits
        ]
        for person, zone in zip(asked.problem.people, (AMSTERDAM, NEW_YORK), strict=True)
    }
    assert [("11-23", 0, 0), ("11-24", 1, 30), ("11-23", 1, 30)] == told[ANA]
    assert [("11-22", 0, 0), ("11-23", 1, 30), ("11-24", 0, 0), ("11-16", 0, 0), ("11-23", 1, 30)] == told[
        BEN
    ]


def test_own_caps_win() -> None:
    """Somebody with caps of their own has none of the others."""
    asked = compiled(
        caps={"sessions_per_day": 2}, people=[{"address": BEN, "caps": {"minutes_per_week": 60}}]
    )
    ana, ben = asked.problem.people
    assert ({2}, {None}) == (
        {limit.sessions for limit in ana.limits},
        {limit.sessions for limit in ben.limits},
    )


def test_rooms_are_told_by_what_is_asked_of_them() -> None:
    """Buildings and equipment are compared without case; a room of unknown size is named and never open."""
    big = Room("big@x.example", "Big", 8, "Herengracht", equipment=frozenset({"video"}))
    odd = Room("odd@x.example", "Odd", None, "Herengracht")
    asked = compiled((big, odd), room={"seats": 4, "building": "HERENGRACHT ", "equipment": [" Video"]})
    need = asked.problem.loops[0].sessions[0].room
    assert need is not None
    assert [(True, True), (False, False)] == [
        (need.suits(room), bool(room.open)) for room in asked.problem.rooms
    ]


def test_as_many_chairs_as_people() -> None:
    """Without a number the room has a chair for everybody in a seat and for the candidate."""
    need = compiled(room={}, candidate={"name": "Sam"}).problem.loops[0].sessions[0].room
    assert need is not None
    assert 2 == need.seats


def test_nothing_starts_before_the_notice_is_over() -> None:
    """The horizon begins when the notice ends, and is never empty."""
    now = parse_utc("2026-11-23T08:00Z")
    assert now + 60 == compiled(now=now).problem.start
    assert 1 == compiled(now=now + 7 * 1440).problem.horizon.minutes


def price(asked: CompiledLoops, start: str) -> tuple[int, int, int]:
    """What a start of the talk costs."""
    return asked.prices["c", "Talk"][parse_utc(start)]


def test_a_start_costs_what_the_best_placed_pays() -> None:
    """13:30 to 14:30 in Amsterdam suits Ana, and is before nine for Ben; alone he pays for it."""
    start = "2026-11-23T12:30Z"
    assert (0, 0, 0) == price(compiled(), start)
    assert (60, 0, 60) == price(compiled(sessions=[{**TALK, "seats": [BEN]}]), start)
    both = compiled(sessions=[{**TALK, "seats": [ANA, BEN]}], weights={"day_part": 3})
    assert (180, 0, 60) == price(both, start)


def test_who_is_needed_elsewhere_does_not_count() -> None:
    """If Ana gives another session and nobody is met twice, Ben gives this one and his clock decides."""
    other = {"name": "Other", "minutes": 60, "seats": [ANA]}
    assert (60, 0, 60) == price(compiled(sessions=[TALK, other]), "2026-11-23T12:30Z")
    assert (0, 0, 0) == price(compiled(sessions=[TALK, other], meets_once=False), "2026-11-23T12:30Z")


def test_preferred_hours_of_people_and_sessions() -> None:
    """Minutes outside the hours that somebody, or the session, likes best."""
    morning = [{"from": "09:00", "to": "13:00"}]
    alone = {**TALK, "seats": [ANA]}
    liked = compiled(sessions=[alone], people=[{"address": ANA, "preferred": morning}])
    assert (0, 0, 0) == price(liked, "2026-11-23T09:00Z")
    assert (60, 60, 0) == price(liked, "2026-11-23T13:00Z")
    suited = compiled(sessions=[{**alone, "preferred": morning}])
    assert (60, 60, 0) == price(suited, "2026-11-23T13:00Z")
