"""The objective, term by term."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers.check import Judgement
from solvers.problem import TERMS

LEAD = {"key": "lead", "pool": ["ann", "bob"]}
EXTRA = {"key": "extra", "pool": ["ann", "bob"], "kind": "optional"}
TRAINEE = {"key": "new", "pool": ["ann", "bob"], "kind": "trainee", "beside": "lead"}


def _loop(
    key: str = "a", sessions: str = "x", session: dict[str, Any] | None = None, **rules: Any
) -> dict[str, Any]:
    each = [{"key": name, "minutes": 60, **(session or {})} for name in sessions]
    return {"key": key, "sessions": each, "order": "free", "meets_once": False, **rules}


def _room(key: str, **room: Any) -> dict[str, Any]:
    return {"key": key, "open": [[0, 1440]], **room}


@pytest.fixture
def units(judged: Callable[..., Judgement]) -> Callable[..., int]:
    """Units of one term."""

    def units(term: str, *held: tuple[Any, ...], **problem: Any) -> int:
        found = judged(*held, **problem).objective.units
        assert list(TERMS) == list(found)
        return found[term]

    return units


def test_unscheduled(units: Callable[..., int]) -> None:
    """The priorities of loops left out are added up; a loop in part is left out."""
    loops = [_loop("a", "xy", priority=3), _loop("b", priority=4), _loop("c", priority=5)]
    assert 12 == units("unscheduled", loops=loops)
    assert 8 == units("unscheduled", ("b/x", 0), loops=loops)
    assert 8 == units("unscheduled", ("b/x", 0), ("a/x", 60), loops=loops)
    assert 5 == units("unscheduled", ("b/x", 0), ("a/x", 60), ("a/y", 120), loops=loops)


@pytest.mark.parametrize(("start", "hours"), [(100, 1), (101, 2), (160, 2), (161, 3)])
def test_earliness_in_started_hours(units: Callable[..., int], start: int, hours: int) -> None:
    """Hours run from the horizon's start to the end of the loop, and a started one counts."""
    for term in ("earliness", "worst_off"):
        assert hours == units(term, ("a/x", start), loops=[_loop()], start=100)


def test_earliness_of_all_loops(units: Callable[..., int]) -> None:
    """Each scheduled loop counts with its last session; the worst off counts alone in `worst_off`."""
    loops = [_loop("a", "xy"), _loop("b"), _loop("c")]
    held = ("a/x", 540), ("a/y", 0), ("b/x", 240)
    assert 15 == units("earliness", *held, loops=loops)
    assert 10 == units("worst_off", *held, loops=loops)
    assert 0 == units("worst_off", loops=loops)
    assert 0 == units("earliness", ("a/x", 0), loops=loops)


def test_tentative(units: Callable[..., int]) -> None:
    """Soft minutes of everybody there and of the room are added up, those of other minutes and people are not."""
    people = [
        {"key": "ann", "open": [[0, 1440]], "soft": [[0, 10], [50, 70]], "buffer_after": 30},
        {"key": "bob", "open": [[0, 1440]], "soft": [[0, 5]]},
    ]
    loops = [_loop(session={"seats": [LEAD, EXTRA], "room": {}})]
    rooms = [_room("r", soft=[[30, 1440]]), _room("s")]
    assert 20 == units("tentative", ("a/x", 0, {"lead": "ann"}, "s"), loops=loops, people=people, rooms=rooms)
    both = {"lead": "ann", "extra": "bob"}
    assert 55 == units("tentative", ("a/x", 0, both, "r"), loops=loops, people=people, rooms=rooms)
    assert 0 == units("tentative", loops=loops, people=people, rooms=rooms)


def test_empty_seats(units: Callable[..., int]) -> None:
    """Optional and trainee seats that stay empty are counted in scheduled sessions; required ones are not."""
    loops = [_loop(session={"seats": [LEAD, EXTRA, TRAINEE]}), _loop("b", session={"seats": [EXTRA]})]
    assert 2 == units("empty_seats", ("a/x", 0), loops=loops)
    assert 2 == units("empty_seats", ("a/x", 0, {"lead": "ann"}), loops=loops)
    assert 1 == units("empty_seats", ("a/x", 0, {"lead": "ann", "new": "bob"}), loops=loops)
    assert 0 == units("empty_seats", loops=loops)


def test_load_spread(units: Callable[..., int]) -> None:
    """The spread is over people of any pool, with what they have already, whether they are used or not."""
    people = [
        {"key": "ann", "open": [[0, 1440]], "load": 30},
        {"key": "bob", "open": [[0, 1440]], "load": 100},
        {"key": "zoe", "open": [[0, 1440]], "load": 9000},
    ]
    loops = [_loop(session={"seats": [LEAD]}), _loop("b", session={"seats": [LEAD]})]
    assert 70 == units("load_spread", loops=loops, people=people)
    assert 10 == units("load_spread", ("a/x", 0, {"lead": "ann"}), loops=loops, people=people)
    assert 130 == units("load_spread", ("a/x", 0, {"lead": "bob"}), loops=loops, people=people)
    assert 0 == units("load_spread", loops=[_loop()], people=people)


def test_room_fit(units: Callable[..., int]) -> None:
    """Every seat beyond those asked counts."""
    loops = [_loop("a", "xy", session={"room": {"seats": 3}})]
    rooms = [_room("r", seats=8), _room("s", seats=3)]
    assert 5 == units("room_fit", ("a/x", 0, {}, "r"), ("a/y", 60, {}, "s"), loops=loops, rooms=rooms)
    assert 10 == units("room_fit", ("a/x", 0, {}, "r"), ("a/y", 60, {}, "r"), loops=loops, rooms=rooms)


def test_room_fit_of_unlawful_rooms(units: Callable[..., int]) -> None:
    """A room that is too small is not paid for, nor is one that nobody asked for."""
    loops = [_loop(session={"room": {"seats": 3}}), _loop("b")]
    rooms = [_room("r", seats=2)]
    assert 0 == units("room_fit", ("a/x", 0, {}, "r"), ("b/x", 60, {}, "r"), loops=loops, rooms=rooms)


def test_room_changes(units: Callable[..., int]) -> None:
    """Each loop pays for different rooms beyond the first; going back to one costs nothing."""
    loops = [_loop("a", "wxyz", session={"room": {}}), _loop("b", session={"room": {}}), _loop("c")]
    rooms = [_room("r"), _room("s")]
    there_and_back = [
        (f"a/{key}", 60 * at, {}, room) for at, (key, room) in enumerate(zip("wxyz", "rsrs", strict=True))
    ]
    assert 1 == units(
        "room_changes", *there_and_back, ("b/x", 900, {}, "r"), ("c/x", 0), loops=loops, rooms=rooms
    )
    one = [(f"a/{key}", 60 * at, {}, "r") for at, key in enumerate("wxyz")]
    assert 0 == units("room_changes", *one, ("b/x", 900, {}, "s"), loops=loops, rooms=rooms)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ((("a/x", 0, {"lead": "ann"}, "r"),), 0),
        ((("a/x", 1, {"lead": "ann"}, "r"),), 7),
        ((("a/x", 0, {"lead": "bob"}, "r"),), 7),
        ((("a/x", 0, {"lead": "ann", "extra": "bob"}, "r"),), 7),
        ((("a/x", 0, {"lead": "ann"}, "s"),), 7),
        ((("a/x", 1, {"lead": "bob"}, "s"),), 7),
        ((), 7),
    ],
    ids=["same", "start", "person", "another person", "room", "all", "left out"],
)
def test_moved(units: Callable[..., int], held: tuple[Any, ...], expected: Any) -> None:
    """A booked session that changes in anything costs its price once, also when it is given up."""
    placed = {"start": 0, "people": {"lead": "ann"}, "room": "r", "movable": True, "price": 7}
    loops = [_loop(session={"seats": [LEAD, EXTRA], "room": {}, "placed": placed})]
    assert expected == units("moved", *held, loops=loops, rooms=[_room("r"), _room("s")])


@pytest.mark.parametrize(("start", "expected"), [(99, 0), (100, 3), (110, 8), (119, 8), (120, 5), (130, 0)])
def test_start_cost(units: Callable[..., int], start: int, expected: Any) -> None:
    """Prices of starts are added up where their half-open spans overlap."""
    loops = [_loop(session={"start_costs": [[100, 120, 3], [110, 130, 5]]})]
    assert expected == units("start_cost", ("a/x", start), loops=loops)


def test_room_cost(units: Callable[..., int]) -> None:
    """A room costs its price in this session, and nothing if it has none."""
    loops = [_loop("a", "xy", session={"room": {}, "room_costs": [["r", 4]]})]
    rooms = [_room("r"), _room("s")]
    assert 4 == units("room_cost", ("a/x", 0, {}, "r"), ("a/y", 60, {}, "s"), loops=loops, rooms=rooms)
    assert 8 == units("room_cost", ("a/x", 0, {}, "r"), ("a/y", 60, {}, "r"), loops=loops, rooms=rooms)


@pytest.mark.parametrize(
    ("starts", "expected"),
    [((0, 30), 300), ((30, 0), 300), ((0, 0), 600), ((0, 60), 3), ((60, 0), 3), ((0, 61), 0), ((0,), 0)],
)
def test_pair_cost(units: Callable[..., int], starts: tuple[int, ...], expected: Any) -> None:
    """Two sessions pay for each minute they share, or once for touching, in either order."""
    costs = [{"one": "a/x", "other": "b/x", "overlap": 10, "touching": 3}]
    held = zip(("a/x", "b/x"), starts, strict=False)
    assert expected == units("pair_cost", *held, loops=[_loop("a"), _loop("b")], pair_costs=costs)


def test_pair_costs_add_up(units: Callable[..., int]) -> None:
    """Two prices on the same two sessions are both paid."""
    costs = [{"one": "a/x", "other": "b/x", "touching": 3}, {"one": "b/x", "other": "a/x", "touching": 4}]
    held = ("a/x", 0), ("b/x", 60)
    assert 7 == units("pair_cost", *held, loops=[_loop("a"), _loop("b")], pair_costs=costs)


def test_levels(judged: Callable[..., Judgement]) -> None:
    """Each level is its own weighted sum, in the order given."""
    levels = [
        {"weights": {"earliness": 2, "unscheduled": 10}},
        {"weights": {}},
        {"weights": {"worst_off": 3}},
    ]
    loops = [_loop("a"), _loop("b", priority=5)]
    assert (56, 0, 9) == judged(("a/x", 120), loops=loops, levels=levels).objective.levels
