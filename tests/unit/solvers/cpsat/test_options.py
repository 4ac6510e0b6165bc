"""What each session could be, before solving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers.cpsat.options import Grid, at_least, options
from solvers.problem import Problem
from solvers.timeline import Span, SpanSet

Make = Callable[..., Problem]


@given(st.integers(-50, 50), st.integers(1, 20), st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30))))
def test_ticks_are_the_grid_minutes_of_a_set(origin: int, step: int, pairs: list[tuple[int, int]]) -> None:
    """A tick is in the answer exactly when its minute is in the set, and is found again from it."""
    grid = Grid(origin, step)
    minutes = SpanSet.of((start, start + length) for start, length in pairs)
    expected = [tick for tick in range(-120, 160) if minutes.contains_minute(grid.minute(tick))]
    ticks = grid.ticks(minutes)
    assert expected == [tick for span in ticks for tick in range(span.start, span.end)]
    assert expected == [grid.tick(grid.minute(tick)) for tick in expected]


@given(
    st.integers(0, 4),
    st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=3), max_size=4),
)
def test_at_least_counts_sets(count: int, families: list[list[tuple[int, int]]]) -> None:
    """A minute is in the answer exactly when so many of the sets hold it."""
    sets = [SpanSet.of((start, start + length) for start, length in pairs) for pairs in families]
    found = at_least(count, sets)
    for minute in range(-1, 45):
        assert (sum(each.contains_minute(minute) for each in sets) >= count) == found.contains_minute(minute)


def test_required_seats_and_rooms_decide_the_starts(problem: Make) -> None:
    """Only starts remain at which both seats of a shared pool can be filled and a suitable room is free."""
    seats = [{"key": "one", "pool": ["p", "q", "r"]}, {"key": "two", "pool": ["p", "q", "r"]}]
    session = {"key": "s", "minutes": 60, "grid": 30, "seats": seats, "room": {"seats": 4}}
    small = problem(
        {"key": "a", "sessions": [session]},
        people=[
            {"key": "p", "open": [(0, 240)]},
            {"key": "q", "open": [(120, 400)]},
            {"key": "r", "open": [(330, 400)]},
        ],
        rooms=[{"key": "m", "seats": 4, "blocked": [(0, 150)]}, {"key": "n", "seats": 2}],
    )
    choice = options(small).choices["a", "s"]
    starts = [choice.grid.minute(tick) for span in choice.ticks for tick in range(span.start, span.end)]
    assert [150, 180, 330] == starts
    assert (150, 390) == (choice.first_start, choice.last_end)
    assert {"p", "q", "r"} == set(choice.seats["one"])
    assert ["m"] == list(choice.rooms or ())


def test_days_hold_whole_sessions(problem: Make) -> None:
    """No start remains from which the session would run over the edge of two days that touch."""
    session = {"key": "s", "minutes": 60, "grid": 30}
    small = problem({"key": "a", "sessions": [session], "days": [(0, 120), (120, 210)]})
    choice = options(small).choices["a", "s"]
    assert {0: SpanSet.of([(0, 3)]), 1: SpanSet.of([(4, 6)])} == choice.days


@pytest.mark.parametrize(
    ("session", "reason"),
    [
        ({"starts": []}, "no permitted start"),
        ({"seats": [{"key": "one", "pool": ["p"]}, {"key": "two", "pool": ["p"]}]}, "enough people"),
        ({"room": {"features": ["piano"]}}, "no room is what is asked for"),
        ({"room": {"among": ["busy"]}}, "a room free"),
        ({"placed": {"start": 0, "room": "m"}}, "needs no room"),
        ({"placed": {"start": 7}, "grid": 15}, "no permitted start"),
        (
            {
                "seats": [{"key": "one", "pool": ["gone"], "kind": "optional"}],
                "placed": {"start": 0, "people": {"one": "gone"}},
            },
            "enough people",
        ),
    ],
)
def test_impossible_session_has_a_reason(problem: Make, session: dict[str, Any], reason: str) -> None:
    """A loop with a session that cannot be held is left out, with a sentence that names the session."""
    small = problem(
        {"key": "a", "sessions": [{"key": "s", "minutes": 30, **session}]},
        people=[{"key": "p"}, {"key": "gone", "open": []}],
        rooms=[{"key": "m"}, {"key": "busy", "blocked": [(-1440, 2880)]}],
    )
    found = options(small)
    assert not found.choices
    assert "a/s: " == found.impossible["a"][:5]
    assert reason in found.impossible["a"]


def test_horizon_and_candidate_bound_the_starts(problem: Make) -> None:
    """Sessions lie in the horizon, in the candidate's time, after the earliest and before the latest minute."""
    loop = {"key": "a", "sessions": [{"key": "s", "minutes": 30}]}
    for bounds, expected in (
        ({}, Span(0, 1411)),
        ({"available": [(60, 200)]}, Span(60, 171)),
        ({"earliest": 100}, Span(100, 1411)),
        ({"latest": 100}, Span(0, 71)),
    ):
        choice = options(problem({**loop, **bounds})).choices["a", "s"]
        assert [expected] == list(choice.ticks)
