"""The time of people and rooms; walks and limits of people. Every rule that both keep is shown for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LEAD = {"key": "lead", "pool": ["ann"]}


@pytest.fixture(params=["person", "room"])
def kind(request: pytest.FixtureRequest) -> str:
    """Whose time it is."""
    return str(request.param)


@pytest.fixture
def used(broken: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """The rules broken by two sessions that use one person or room at these starts, as (rule without its kind, by)."""

    def used(*starts: int, **time: Any) -> list[tuple[str, int]]:
        who = {"key": "ann", "open": [[0, 1440]], **time}
        session = {"key": "x", "minutes": 60}
        session |= {"seats": [LEAD]} if kind == "person" else {"room": {}}
        loops = [{"key": key, "sessions": [session]} for key in ("a", "b")]
        people, room = ({"lead": "ann"}, None) if kind == "person" else ({}, "ann")
        held = [(f"{key}/x", start, people, room) for key, start in zip("ab", starts, strict=False)]
        found = broken(*held, loops=loops, **{"people" if kind == "person" else "rooms": [who]})
        assert all(rule.startswith(f"{kind}_") and who[-1] == "ann" for rule, who, _ in found)
        return [(rule.removeprefix(f"{kind}_"), by) for rule, _, by in found]

    return used


def test_open(used: Callable[..., Any]) -> None:
    """All minutes of the session are open; buffers need not be."""
    assert [] == used(100, open=[[100, 160]], buffer_before=30, buffer_after=30)
    assert [("open", 1)] == used(99, open=[[100, 160]])
    assert [("open", 60)] == used(99, open=[])


@pytest.mark.parametrize("part", ["blocked", "unknown"])
def test_taken(used: Callable[..., Any], part: str) -> None:
    """No minute of the session is blocked or unknown, and a span beside it is not in its way."""
    assert [] == used(100, **{part: [[90, 100], [160, 170]]})
    assert [(part, 1)] == used(99, **{part: [[90, 100], [160, 170]]})
    assert [(part, 1)] == used(101, **{part: [[90, 100], [160, 170]]})


@pytest.mark.parametrize("part", ["blocked", "unknown"])
def test_taken_with_buffers(used: Callable[..., Any], part: str) -> None:
    """The minutes of the buffers are free as well, before and after, each with its own length."""
    time = {part: [[90, 100], [200, 210]], "buffer_before": 20, "buffer_after": 10}
    assert [] == used(120, **time)
    assert [] == used(130, **time)
    assert [(part, 1)] == used(119, **time)
    assert [(part, 1)] == used(131, **time)


def test_blocked_and_unknown(used: Callable[..., Any]) -> None:
    """Blocked and unknown minutes are two violations."""
    assert [("blocked", 10), ("unknown", 50)] == used(100, blocked=[[100, 110]], unknown=[[110, 160]])


def test_soft(used: Callable[..., Any]) -> None:
    """Soft minutes forbid nothing."""
    assert [] == used(100, soft=[[0, 1440]])


def test_apart(used: Callable[..., Any]) -> None:
    """Two sessions may touch, and do not share a minute."""
    assert [] == used(100, 160)
    assert [("apart", 1)] == used(100, 159)
    assert [("apart", 60)] == used(100, 100)


@pytest.mark.parametrize("buffers", [(15, 10), (10, 15), (0, 15), (15, 0)])
def test_apart_with_buffers(used: Callable[..., Any], buffers: tuple[int, int]) -> None:
    """Between two sessions the larger of the two buffers is kept, whichever is first in the plan."""
    time = {"buffer_before": buffers[0], "buffer_after": buffers[1]}
    assert [] == used(100, 175, **time)
    assert [("apart", 1)] == used(100, 174, **time)
    assert [("apart", 1)] == used(174, 100, **time)


def _visits(*loops: str) -> dict[str, Any]:
    """Loops of one hour with Ann, anywhere; rooms east and west, 20 minutes apart, and one that is nowhere."""
    session = {"key": "x", "minutes": 60, "seats": [LEAD], "room": {}}
    return {
        "loops": [{"key": key, "sessions": [session]} for key in loops],
        "rooms": [
            {"key": "e1", "open": [[0, 1440]], "building": "east"},
            {"key": "e2", "open": [[0, 1440]], "building": "east"},
            {"key": "w1", "open": [[0, 1440]], "building": "west"},
            {"key": "n1", "open": [[0, 1440]]},
        ],
        "walks": [{"one": "west", "other": "east", "minutes": 20}],
    }


@pytest.mark.parametrize(("start", "by"), [(180, 0), (179, 1), (160, 20)])
def test_person_walk(broken: Callable[..., Any], start: int, by: int) -> None:
    """Somebody who changes buildings has time to walk, in either direction."""
    for rooms in (("e1", "w1"), ("w1", "e1")):
        held = [
            (f"{loop}/x", at, {"lead": "ann"}, room)
            for loop, at, room in zip("ab", (100, start), rooms, strict=True)
        ]
        expected = [("person_walk", ("a/x", "b/x", "ann"), by)] if by else []
        assert expected == broken(*held, **_visits("a", "b"))


@pytest.mark.parametrize("rooms", [("e1", "e2"), ("e1", "n1"), ("n1", "w1")])
def test_no_walk(broken: Callable[..., Any], rooms: tuple[str, str]) -> None:
    """Nobody walks within a building, or from or to a room that is nowhere."""
    held = [
        (f"{loop}/x", at, {"lead": "ann"}, room)
        for loop, at, room in zip("ab", (100, 160), rooms, strict=True)
    ]
    assert [] == broken(*held, **_visits("a", "b"))


def test_walk_past_another_session(broken: Callable[..., Any]) -> None:
    """A walk is due between any two sessions, also with a short one between them that is nowhere."""
    problem = _visits("a", "b", "c")
    problem["loops"][1]["sessions"] = [{"key": "x", "minutes": 15, "seats": [LEAD]}]
    held = [
        ("a/x", 100, {"lead": "ann"}, "e1"),
        ("b/x", 160, {"lead": "ann"}),
        ("c/x", 175, {"lead": "ann"}, "w1"),
    ]
    assert [("person_walk", ("a/x", "c/x", "ann"), 5)] == broken(*held, **problem)


def test_walks_of_different_lengths(broken: Callable[..., Any]) -> None:
    """Each walk asks for its own minutes, whatever the longest and the shortest are."""
    problem = _visits("a", "b", "c")
    problem["rooms"].append({"key": "s1", "open": [[0, 1440]], "building": "south"})
    problem["walks"].append({"one": "west", "other": "south", "minutes": 40})
    held = [
        ("a/x", 100, {"lead": "ann"}, "e1"),
        ("b/x", 180, {"lead": "ann"}, "w1"),
        ("c/x", 279, {"lead": "ann"}, "s1"),
    ]
    assert [("person_walk", ("b/x", "c/x", "ann"), 1)] == broken(*held, **problem)
    assert [] == broken(*held[:2], ("c/x", 280, {"lead": "ann"}, "s1"), **problem)


def test_overlap_is_no_walk(broken: Callable[..., Any]) -> None:
    """Two sessions at once in two buildings are told once."""
    held = [(f"{loop}/x", 100, {"lead": "ann"}, room) for loop, room in zip("ab", ("e1", "w1"), strict=True)]
    assert [("person_apart", ("a/x", "b/x", "ann"), 60)] == broken(*held, **_visits("a", "b"))


def _limited(**limit: Any) -> dict[str, Any]:
    ann = {"key": "ann", "open": [[0, 2880]], "limits": [{"start": 0, "end": 1440, **limit}]}
    session = {"key": "x", "minutes": 60, "seats": [LEAD]}
    return {"end": 2880, "people": [ann], "loops": [{"key": key, "sessions": [session]} for key in "abc"]}


def _with_ann(*starts: int) -> list[tuple[str, int, dict[str, str]]]:
    return [(f"{loop}/x", start, {"lead": "ann"}) for loop, start in zip("abc", starts, strict=False)]


@pytest.mark.parametrize(
    ("limit", "starts", "by"),
    [
        ({"sessions": 2}, (0, 60), 0),
        ({"sessions": 2}, (0, 60, 120), 1),
        ({"sessions": 2}, (0, 60, 1440), 0),
        ({"sessions": 2, "already_sessions": 1}, (0,), 0),
        ({"sessions": 2, "already_sessions": 1}, (0, 60), 1),
        ({"sessions": 0}, (1439,), 1),
        ({"sessions": 0}, (1440,), 0),
        ({"minutes": 120}, (0, 60), 0),
        ({"minutes": 119}, (0, 60), 1),
        ({"minutes": 119}, (0, 1439), 1),
        ({"minutes": 120, "already_minutes": 30}, (0, 60), 30),
        ({"sessions": 1, "already_sessions": 5, "minutes": 10, "already_minutes": 20}, (), 0),
    ],
)
def test_limit(broken: Callable[..., Any], limit: dict[str, int], starts: tuple[int, ...], by: int) -> None:
    """Sessions that start in the stretch count with what is booked already; with none of them nothing is asked."""
    expected = [("person_limit", ("ann",), by)] if by else []
    assert expected == broken(*_with_ann(*starts), **_limited(**limit))


def test_limit_of_both(broken: Callable[..., Any]) -> None:
    """Sessions and minutes are two caps, and each is told."""
    problem = _limited(sessions=1, minutes=100)
    assert [("person_limit", ("ann",), 1), ("person_limit", ("ann",), 20)] == broken(
        *_with_ann(0, 60), **problem
    )


@pytest.mark.parametrize(
    ("starts", "ann", "text"),
    [
        ((0, 50), {"buffer_after": 5}, "ann is in a/x and b/x, which overlap by 10 minutes."),
        ((0, 60), {"buffer_after": 5}, "ann has 0 minutes between a/x and b/x, but needs 5."),
        ((0,), {"open": [[10, 99]]}, "ann is not open in 10 minutes of a/x."),
        ((0,), {"open": [[10, 99]], "buffer_after": 5}, "ann is not open in 10 minutes of a/x."),
        ((0,), {"blocked": [[0, 5]]}, "ann is blocked in 5 minutes of a/x."),
        (
            (0,),
            {"unknown": [[60, 70]], "buffer_after": 5},
            "ann is not known to be free in 5 minutes of a/x and the buffers around it.",
        ),
        (
            (0, 60),
            {"limits": [{"start": 0, "end": 99, "minutes": 125, "already_minutes": 10}]},
            "ann would have 130 minutes where 125 are allowed.",
        ),
    ],
)
def test_sentences(
    judged: Callable[..., Any], starts: tuple[int, ...], ann: dict[str, Any], text: str
) -> None:
    """The sentence of a violation says how it is."""
    values = {"key": "ann", "open": [[0, 1440]], **ann}
    judgement = judged(*_with_ann(*starts), **{**_limited(), "people": [values]})
    assert [text] == [each.text for each in judgement.violations]
