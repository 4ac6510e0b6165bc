"""Which problems can be stated, and how they are written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from solvers.plan import Assignment, Objective, Plan
from solvers.problem import DEFAULT_LEVELS, TERMS, Level, Loop, Placed, Problem, RoomNeed
from solvers.timeline import SpanSet

DAY = [[0, 1440]]
SESSION = {
    "key": "x",
    "minutes": 60,
    "seats": [{"key": "lead", "pool": ["ann"]}, {"key": "extra", "pool": ["ann", "bob"], "kind": "optional"}],
    "room": {"among": ["r"]},
}
LOOP = {"key": "a", "sessions": [SESSION, {"key": "y", "minutes": 30}]}
SOUND: dict[str, Any] = {
    "start": 0,
    "end": 1440,
    "people": [{"key": "ann", "open": DAY}, {"key": "bob", "open": DAY}],
    "rooms": [{"key": "r", "open": DAY}],
    "loops": [LOOP],
}
PLACED = {"start": 0, "people": {"lead": "ann"}, "room": "r"}


def _session(**changes: Any) -> dict[str, Any]:
    return {"loops": [{**LOOP, "sessions": [{**SESSION, **changes}, LOOP["sessions"][1]]}]}


def _seat(**changes: Any) -> dict[str, Any]:
    return _session(seats=[{"key": "lead", "pool": ["ann"], **changes}])


def _loop(**changes: Any) -> dict[str, Any]:
    return {"loops": [{**LOOP, **changes}]}


def _person(**changes: Any) -> dict[str, Any]:
    return {"people": [{"key": "ann", "open": DAY, **changes}, SOUND["people"][1]]}


def test_sound_problem() -> None:
    """The problem that the tests below spoil is accepted."""
    problem = Problem.model_validate(SOUND)
    assert ["a/x", "a/y"] == [f"{loop.key}/{session.key}" for loop, session in problem.sessions()]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start": 10, "end": 10}, "the horizon ends after it starts, not 10..10"),
        ({"people": [SOUND["people"][0]] * 2}, "people.1.key: ann stands there twice"),
        ({"rooms": SOUND["rooms"] * 2}, "rooms.1.key: r stands there twice"),
        ({"loops": [LOOP, LOOP]}, "loops.1.key: a stands there twice"),
        (
            {
                "loops": [
                    {"key": "a/b", "sessions": [{"key": "c", "minutes": 1}]},
                    {"key": "a", "sessions": [{"key": "b/c", "minutes": 1}]},
                ]
            },
            "loops.1.sessions.0.key: two sessions are called a/b/c",
        ),
        (_loop(sessions=[SESSION, SESSION]), "loop a: two sessions have one key"),
        (_session(seats=[SESSION["seats"][0]] * 2), "session x: two seats have one key"),
        (_seat(pool=["ann", "ann"]), "seat lead: the pool names somebody twice"),
        (_seat(pool=["zoe"]), "loops.0.sessions.0.seats.0.pool.0: zoe is none of the people"),
        (_session(room={"among": ["r", "s"]}), "loops.0.sessions.0.room.among.1: s is none of the rooms"),
        (_session(room_costs=[["s", 1]]), "loops.0.sessions.0.room_costs.0.0: s is none of the rooms"),
        (_session(room_costs=[["r", 1], ["r", 2]]), "session x: a room has two prices"),
        (
            _session(start_costs=[[5, 5, 1]]),
            "session x: a price on starts ends after it starts, not 5..5",
        ),
        (_seat(kind="trainee"), "seat lead: a trainee seat, and no other, names the seat it is beside"),
        (_seat(beside="x"), "seat lead: a trainee seat, and no other, names the seat it is beside"),
        (_seat(kind="trainee", beside="lead"), "seat lead: a seat is not beside itself"),
        (_seat(kind="trainee", beside="new"), "session x: seat lead is beside new, which is no seat"),
        (
            _session(placed={**PLACED, "people": {"lead": "bob"}}),
            "loops.0.sessions.0.placed.people.lead: bob is not in the pool of that seat",
        ),
        (
            _session(placed={**PLACED, "people": {"new": "ann"}}),
            "loops.0.sessions.0.placed.people.new: session x has no such seat",
        ),
        (_session(placed={**PLACED, "room": "s"}), "loops.0.sessions.0.placed.room: s is none of the rooms"),
        (_loop(before=[["x", "z"]]), "loop a: `before` names z, which is no session"),
        (
            _loop(before=[["y", "x"]]),
            "loop a: the order goes in a circle: x before y before x",
        ),
        (
            _loop(order="free", before=[["x", "y"], ["y", "x"]]),
            "loop a: the order goes in a circle: x before y before x",
        ),
        (_loop(order="free", before=[["x", "x"]]), "loop a: the order goes in a circle: x before x"),
        (_loop(min_gap=10, max_gap=9), "loop a: max_gap 9 is below min_gap 10"),
        (_loop(max_days=1), "loop a: max_days needs days"),
        (_loop(days=[[0, 10], [20, 20]]), "loop a: a day ends after it starts, not 20..20"),
        (_loop(days=[[5, 20], [0, 10]]), "loop a: two days overlap"),
        (_person(open=[[5, 5]]), "a span ends after it starts, not 5..5"),
        (_person(blocked=[[6, 5]]), "a span ends after it starts, not 6..5"),
        (_person(limits=[{"start": 5, "end": 5}]), "a limit ends after it starts, not 5..5"),
        ({"pair_costs": [{"one": "a/x", "other": "a/z"}]}, "pair_costs.0.other: a/z is no loop/session"),
        ({"pair_costs": [{"one": "a/x", "other": "a/x"}]}, "pair_costs.0: a/x is paired with itself"),
        (
            {"walks": [{"one": "e", "other": "e", "minutes": 1}]},
            "walks.0: e is one building, not two",
        ),
        (
            {
                "walks": [
                    {"one": "e", "other": "w", "minutes": 1},
                    {"one": "w", "other": "e", "minutes": 2},
                ]
            },
            "walks.1: w and e stand there twice",
        ),
    ],
)
def test_contradictions(changes: dict[str, Any], sentence: str) -> None:
    """Each contradiction is refused in one sentence that names the part."""
    with pytest.raises(ValidationError) as raised:
        Problem.model_validate({**SOUND, **changes})
    assert f"Value error, {sentence}" == raised.value.errors()[0]["msg"]


@pytest.mark.parametrize("value", ["7", True, 7.0, None, [7]])
def test_every_number_is_a_number(value: Any) -> None:
    """No field that counts takes a text, a yes or a fraction for a number, in a problem as little as in a plan."""
    for start in (Placed, Assignment):
        rest = {"loop": "a", "session": "x"} if start is Assignment else {}
        with pytest.raises(ValidationError):
            start.model_validate({**rest, "start": value})
        with pytest.raises(ValidationError):
            start.model_validate_json(json.dumps({**rest, "start": value}))


@pytest.mark.parametrize(
    ("changes", "path", "kind"),
    [
        ({"colour": 1}, ("colour",), "extra_forbidden"),
        (_person(colour=1), ("people", 0, "colour"), "extra_forbidden"),
        (_session(room={"chairs": 1}), ("loops", 0, "sessions", 0, "room", "chairs"), "extra_forbidden"),
        ({"loops": []}, ("loops",), "too_short"),
        (_loop(sessions=[]), ("loops", 0, "sessions"), "too_short"),
        (_seat(pool=[]), ("loops", 0, "sessions", 0, "seats", 0, "pool"), "too_short"),
        ({"levels": [{"weights": {"moved": -1}}]}, ("levels", 0, "weights", "moved"), "greater_than_equal"),
        (
            {"levels": [{"weights": {"comfort": 1}}]},
            ("levels", 0, "weights", "comfort", "[key]"),
            "literal_error",
        ),
        (_loop(priority=0), ("loops", 0, "priority"), "greater_than_equal"),
        (_session(minutes=0), ("loops", 0, "sessions", 0, "minutes"), "greater_than_equal"),
        (_session(grid=0), ("loops", 0, "sessions", 0, "grid"), "greater_than_equal"),
        (_person(buffer_after=-1), ("people", 0, "buffer_after"), "greater_than_equal"),
        (_person(open=[[0, 2**41]]), ("people", 0, "open", 0, 1), "less_than_equal"),
        (_person(open=[[0, 1.5]]), ("people", 0, "open", 0, 1), "int_type"),
        (_person(open=[[0, "9"]]), ("people", 0, "open", 0, 1), "int_type"),
        (_person(load=True), ("people", 0, "load"), "int_type"),
        (_person(buffer_after="7"), ("people", 0, "buffer_after"), "int_type"),
        (
            _person(limits=[{"start": 0, "end": 9, "sessions": "1"}]),
            ("people", 0, "limits", 0, "sessions"),
            "int_type",
        ),
        (_session(minutes=60.0), ("loops", 0, "sessions", 0, "minutes"), "int_type"),
        (_session(grid="15"), ("loops", 0, "sessions", 0, "grid"), "int_type"),
        (_loop(mandatory=1), ("loops", 0, "mandatory"), "bool_type"),
        (_loop(same_room="yes"), ("loops", 0, "same_room"), "bool_type"),
        (_loop(max_days="1"), ("loops", 0, "max_days"), "int_type"),
        (_loop(max_days=0), ("loops", 0, "max_days"), "greater_than_equal"),
        (_loop(days=[[0, "9"]]), ("loops", 0, "days", 0, 1), "int_type"),
        (_session(start_costs=[[0, 9, "1"]]), ("loops", 0, "sessions", 0, "start_costs", 0, 2), "int_type"),
        ({"levels": [{"weights": {"moved": "1"}}]}, ("levels", 0, "weights", "moved"), "int_type"),
        ({"rooms": [{"key": "r", "open": DAY, "seats": "4"}]}, ("rooms", 0, "seats"), "int_type"),
        ({"version": True}, ("version",), "value_error"),
        ({"version": 1.0}, ("version",), "value_error"),
        (_person(open=[[0]]), ("people", 0, "open", 0, 1), "missing"),
        (_person(key=""), ("people", 0, "key"), "string_too_short"),
        ({"version": 2}, ("version",), "literal_error"),
    ],
)
def test_wrong_values(changes: dict[str, Any], path: tuple[Any, ...], kind: str) -> None:
    """A value of the wrong kind, size or name is refused at its path."""
    with pytest.raises(ValidationError) as raised:
        Problem.model_validate({**SOUND, **changes})
    first = raised.value.errors()[0]
    assert (path, kind) == (first["loc"], first["type"])


def test_spans_are_sets() -> None:
    """Spans in any order, overlapping or touching, are the set of their minutes."""
    problem = Problem.model_validate({**SOUND, **_person(open=[[10, 20], [0, 5], [5, 12]])})
    assert SpanSet.of([(0, 20)]) == problem.people[0].open
    assert '"open":[[0,20]]' in problem.model_dump_json()
    assert problem == Problem.model_validate({**SOUND, **_person(open=SpanSet.of([(0, 20)]))})


def test_equal_problems_have_equal_json_and_hash() -> None:
    """The order of a mapping's keys is not part of the value."""
    both = [
        Problem.model_validate({**SOUND, **_session(placed={**PLACED, "people": people}), "levels": levels})
        for people, levels in (
            ({"lead": "ann", "extra": "bob"}, [{"weights": {"moved": 1, "earliness": 2}}]),
            ({"extra": "bob", "lead": "ann"}, [{"weights": {"earliness": 2, "moved": 1}}]),
        )
    ]
    assert both[0] == both[1]
    assert hash(both[0]) == hash(both[1])
    assert both[0].model_dump_json() == both[1].model_dump_json()
    assert Problem.model_validate_json(both[0].model_dump_json()) == both[1]


def test_values_are_hashable() -> None:
    """Parts that hold mappings are hashable, and differ when the mapping does."""
    assert hash(Placed(start=0, people={"lead": "ann"})) != hash(Placed(start=0, people={"lead": "bob"}))
    assert hash(Level(weights={"moved": 1})) != hash(Level(weights={"moved": 2}))
    one, other = (Assignment(loop="a", session="x", start=0, people={"lead": who}) for who in ("ann", "bob"))
    assert len({Plan(assignments=(one,)), Plan(assignments=(other,)), Plan(assignments=(one,))}) == 2
    assert hash(Objective(units={"moved": 1}, levels=(1,))) != hash(
        Objective(units={"moved": 2}, levels=(1,))
    )


def test_schema() -> None:
    """The JSON Schema states spans as pairs of minutes, and knows no further keys."""
    schema = Problem.model_json_schema()
    spans = schema["$defs"]["Person"]["properties"]["open"]
    assert ("array", 2, 2) == (spans["type"], spans["items"]["minItems"], spans["items"]["maxItems"])
    assert schema["additionalProperties"] is False


def test_default_levels_weigh_terms_once() -> None:
    """By default no term is forgotten or weighed at two levels; how fragile a plan is must be asked for."""
    weighed = [term for level in DEFAULT_LEVELS for term in level.weights]
    assert sorted({*TERMS} - {"fragile"}) == sorted(weighed)


@pytest.mark.parametrize(
    ("order", "before", "pairs"),
    [
        ("free", [], ()),
        ("fixed", [], (("w", "x"), ("x", "y"))),
        ("free", [["w", "y"]], (("w", "y"),)),
        ("fixed", [["w", "x"]], (("w", "x"), ("x", "y"))),
    ],
)
def test_precedences(order: str, before: list[list[str]], pairs: tuple[tuple[str, str], ...]) -> None:
    """A fixed order is its neighbouring pairs, `before` adds its own, and none is said twice."""
    sessions = [{"key": key, "minutes": 1} for key in "wxy"]
    loop = Loop.model_validate({"key": "a", "sessions": sessions, "order": order, "before": before})
    assert pairs == loop.precedences()


def test_long_order_without_a_circle() -> None:
    """Many ways through an order are no circle, and are looked through once."""
    keys = [str(number) for number in range(60)]
    sessions = [{"key": key, "minutes": 1} for key in keys]
    before = [(one, other) for one, other in zip(keys, keys[2:], strict=False)]
    loop = Loop.model_validate({"key": "a", "sessions": sessions, "before": before})
    assert len(keys) - 1 + len(before) == len(loop.precedences())


def test_room_need_of_nothing_suits_every_room() -> None:
    """A need that asks for nothing in particular is met by any room."""
    assert RoomNeed().suits(Problem.model_validate(SOUND).rooms[0])
