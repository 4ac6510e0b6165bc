"""One start on the emulated tenant: what forbids it, how far it is from legal, what it costs if it is not forbidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduler.app.find_loop import find_loop
from scheduler.app.why_not import why_not
from scheduler.errors import InputError
from scheduler.planning.loops.near_miss import StartAnswer
from scheduler.planning.loops.request import make_loop_request
from scheduler.planning.request import make_request
from scheduler.testing.tenants import ANA, BEN, CHITRA, OPEN_ROOM, RECRUITER
from scheduler.zones import parse_utc
from solvers.timeline import Span

WEEK = {"between": "2026-03-02", "and": "2026-03-06", "zone": "Europe/Amsterdam"}
INTERVIEW = {"people": [ANA, CHITRA], "minutes": 60, **WEEK}
LOOP = {
    "sessions": [
        {"name": "Talk", "minutes": 60, "seats": [ANA]},
        {"name": "Task", "minutes": 90, "seats": [[ANA, BEN]]},
    ],
    **WEEK,
}
Ask = Callable[..., StartAnswer]


@pytest.fixture
def ask(desk: Any) -> Ask:
    """Asks about one start of an interview, or of a loop if it has sessions."""

    def ask(start: str, values: dict[str, Any], **changes: Any) -> StartAnswer:
        asked = {**values, **changes}
        request = make_loop_request(asked) if "sessions" in asked else make_request(asked)
        with desk.open() as slotwright:
            return why_not(
                start,
                request,
                slotwright.graph,
                slotwright.store,
                organizer=RECRUITER,
                rules=slotwright.rules,
            )

    return ask


def occupy(desk: Any, mailbox: str, start: str, end: str) -> None:
    """Somebody is busy in the tenant's first week, in UTC."""
    desk.occupy(mailbox, Span(*(parse_utc(f"2026-03-0{text}Z") for text in (start, end))))


def test_everything_in_the_way_of_an_interview(desk: Any, ask: Ask) -> None:
    """Each person and every room that stands in the way is told, and the nearest legal starts on both sides."""
    occupy(desk, ANA, "3T09:30", "3T10:15")
    occupy(desk, CHITRA, "3T09:15", "3T10:30")
    found = ask("2026-03-03T10:00", INTERVIEW)
    assert ("forbidden", "2026-03-03T09:15", "2026-03-03T11:30", 2) == (
        found.outcome,
        found.before,
        found.after,
        found.lift,
    )
    assert ("ana is busy Tue 03 Mar 10:30–11:15.",) == tuple(each for each in found.blockers if "ana" in each)
    assert found.complete


def test_a_legal_start_tells_its_price(ask: Ask) -> None:
    """A start that is legal but not the best is told with its points and those of the best one."""
    best = ask("2026-03-02T09:00", INTERVIEW)
    later = ask("2026-03-04T10:00", INTERVIEW)
    assert ("legal", best.best) == (best.outcome, best.points)
    assert later.points is not None
    assert later.best is not None
    assert later.points > later.best
    assert (
        f"it costs {later.points} points, {later.points - later.best} more than the best start." in later.text
    )


def test_points_are_those_of_find(desk: Any, ask: Ask) -> None:
    """What a legal start of a loop costs is what the option that begins then costs in `find`."""
    with desk.open() as slotwright:
        answer = find_loop(
            make_loop_request(LOOP),
            slotwright.graph,
            slotwright.store,
            organizer=RECRUITER,
            rules=slotwright.rules,
        )
    option = answer.options[0]
    found = ask(option.start, LOOP)
    assert ("legal", option.score.total, option.score.total) == (found.outcome, found.points, found.best)


def test_a_loop_is_forbidden_by_few_facts(desk: Any, ask: Ask) -> None:
    """Of a loop a smallest set of facts is told: who is busy for the only seat that nobody else can take."""
    occupy(desk, ANA, "3T09:00", "3T12:00")
    found = ask("2026-03-03T10:30", LOOP)
    assert "forbidden" == found.outcome
    assert any("ana is busy Tue 03 Mar 10:00–13:00" in each for each in found.blockers)
    assert not any("ben" in each for each in found.blockers)


def test_a_room_may_be_all_that_is_missing(desk: Any, ask: Ask) -> None:
    """When everybody is free and the room is not, only the room is told."""
    occupy(desk, OPEN_ROOM, "3T09:00", "3T11:00")
    found = ask("2026-03-03T10:30", INTERVIEW, room={"among": [OPEN_ROOM]})
    assert "forbidden" == found.outcome
    assert not any(name in each for each in found.blockers for name in ("ana", "chitra"))
    assert any("Open is taken Tue 03 Mar 10:00–12:00" in each for each in found.blockers)


def test_a_start_off_the_grid(ask: Ask) -> None:
    """A start between two grid minutes is forbidden by the grid alone, with the legal starts beside it."""
    found = ask("2026-03-03T10:05", INTERVIEW)
    assert (("interview may start only every 15 minutes.",), "2026-03-03T10:00", "2026-03-03T10:15") == (
        found.blockers,
        found.before,
        found.after,
    )


def test_a_start_outside_the_window(ask: Ask) -> None:
    """A start after the window is forbidden by the window, and there is only an earlier legal one."""
    found = ask("2026-03-20T10:00", INTERVIEW)
    assert ("forbidden", None) == (found.outcome, found.after)
    assert any("is planned" in each for each in found.blockers)
    assert found.before is not None


@pytest.mark.parametrize(
    ("start", "message"),
    [
        pytest.param("soon", "start", id="no time"),
        pytest.param("2026-03-29T02:30", "start", id="skipped by the clock"),
        pytest.param("2026-03-03T10:00Z", "start", id="with an offset"),
    ],
)
def test_starts_that_cannot_be_used(start: str, message: str, ask: Ask) -> None:
    """What is no local time, or one that the clock skips, is refused in one sentence that names the start."""
    with pytest.raises(InputError, match=message):
        ask(start, INTERVIEW)
