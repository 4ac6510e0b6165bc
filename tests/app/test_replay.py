"""What was solved is solved again: the same over the same calendars, and with who moved and why over others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scheduler.app.find_loop import find_loop
from scheduler.app.plan import plan
from scheduler.app.replay import replay_now, replay_record, solution
from scheduler.errors import InputError
from scheduler.planning.loops.differences import Replay, headline
from scheduler.planning.loops.plan_request import make_plan_request
from scheduler.planning.loops.request import make_loop_request
from scheduler.testing.tenants import ANA, BEN, CHITRA, RECRUITER
from scheduler.zones import parse_utc
from solvers.timeline import Span

WEEK = {"between": "2026-03-02", "and": "2026-03-04", "zone": "Europe/Amsterdam"}
LOOP = {
    "candidate": {"name": "Sam"},
    "sessions": [
        {"name": "Talk", "minutes": 60, "seats": [ANA]},
        {"name": "Task", "minutes": 60, "seats": [[BEN, CHITRA]]},
    ],
    "limit": 3,
    **WEEK,
}
DAY = {
    "templates": {"loop": {"sessions": [{"name": "Talk", "minutes": 60, "seats": [[ANA, CHITRA]]}]}},
    "candidates": [{"name": "Sam"}, {"name": "Lee"}],
    **WEEK,
}
Solve = Callable[[dict[str, Any]], str]
Again = Callable[[str], Replay]


@pytest.fixture
def solve(desk: Any) -> Solve:
    """Solves a request and gives the id under which it is kept."""

    def solve(values: dict[str, Any]) -> str:
        with desk.open() as slotwright:
            world = slotwright.graph, slotwright.store
            known = {"organizer": RECRUITER, "rules": slotwright.rules}
            if "candidates" in values:
                return plan(make_plan_request(values), *world, **known).solution
            return find_loop(make_loop_request(values), *world, **known).solution

    return solve


@pytest.fixture
def again(desk: Any) -> Again:
    """Asks again over the calendars as they are."""

    def again(solution_id: str) -> Replay:
        with desk.open() as slotwright:
            return replay_now(
                solution(solution_id, slotwright.store),
                slotwright.graph,
                slotwright.store,
                organizer=RECRUITER,
                rules=slotwright.rules,
            )

    return again


@pytest.mark.parametrize("values", [LOOP, DAY], ids=["loop", "plan"])
def test_nothing_changed(values: dict[str, Any], desk: Any, solve: Solve, again: Again) -> None:
    """Over the same calendars, recorded or read again, the same plan comes out, at the same cost."""
    solved = solve(values)
    with desk.open() as slotwright:
        recorded = replay_record(solution(solved, slotwright.store))
    for answer in (recorded, again(solved)):
        assert (True, ()) == (answer.same, answer.differences)
        assert answer.then_costs is not None
        assert answer.now_costs == answer.then_costs
    assert "The same plan over the same calendars." == headline(recorded)


def test_somebody_got_busy(desk: Any, solve: Solve, again: Again) -> None:
    """When the interviewer of a session gets a meeting, it moves, and the reason names them."""
    solved = solve(LOOP)
    with desk.open() as slotwright:
        first = solution(solved, slotwright.store).plans[0].assignments[0]
    desk.occupy(ANA, Span(first.start, first.start + 30))
    answer = again(solved)
    assert not answer.same
    assert answer.then_costs is None
    (talk,) = [each for each in answer.differences if each.session == "Talk"]
    assert ("Sam", "impossible", "ana is busy then") == (talk.who, talk.cause, talk.why)
    assert talk.then is not None
    assert talk.now is not None
    assert talk.now.start != talk.then.start


def test_the_recorded_calendars_do_not_change(desk: Any, solve: Solve) -> None:
    """Solving the record needs no calendar, so a meeting since then makes no difference."""
    solved = solve(LOOP)
    desk.occupy(ANA, Span(parse_utc("2026-03-02T06:00Z"), parse_utc("2026-03-05T06:00Z")))
    with desk.open() as slotwright:
        assert replay_record(solution(solved, slotwright.store)).same


def test_nothing_is_left(desk: Any, solve: Solve, again: Again) -> None:
    """When no plan is lawful any more, every session is told as dropped."""
    solved = solve(LOOP)
    desk.occupy(ANA, Span(parse_utc("2026-03-02T00:00Z"), parse_utc("2026-03-06T00:00Z")))
    answer = again(solved)
    assert (False, None, [None, None]) == (
        answer.same,
        answer.now_costs,
        [each.now for each in answer.differences],
    )
    assert "No plan was found over the calendars as they are now." == headline(answer)


def test_a_better_place_became_free(desk: Any, solve: Solve, again: Again) -> None:
    """When a meeting goes away, a session that could stay moves to what got free, and both costs are told."""
    busy = desk.occupy(CHITRA, Span(parse_utc("2026-03-02T00:00Z"), parse_utc("2026-03-05T00:00Z")))
    solved = solve({**LOOP, "sessions": [{"name": "Talk", "minutes": 60, "seats": [[BEN, CHITRA]]}]})
    desk.outsider("DELETE", f"/users/{CHITRA}/events/{busy}")
    answer = again(solved)
    (talk,) = answer.differences
    assert "better" == talk.cause
    assert answer.then_costs is not None
    assert answer.now_costs is not None
    assert answer.now_costs < answer.then_costs


def test_an_unknown_solution(desk: Any) -> None:
    """An id that nothing was solved under is refused with what to do."""
    with desk.open() as slotwright, pytest.raises(InputError, match="run `slotwright replay` to see all"):
        solution("r-none", slotwright.store)


def test_a_record_of_another_form(desk: Any) -> None:
    """A record that this version cannot read is refused, not guessed at."""
    with desk.open() as slotwright:
        slotwright.store.remember_solution("r-odd", json.dumps({"version": 99}))
        with pytest.raises(InputError, match="cannot be read"):
            solution("r-odd", slotwright.store)
