"""What a candidate's day looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LEAD = {"key": "lead", "pool": ["ann", "bob"]}
ROOMS = [
    {"key": "e1", "open": [[0, 2880]], "building": "east"},
    {"key": "w1", "open": [[0, 2880]], "building": "west"},
]
WALKS = [{"one": "east", "other": "west", "minutes": 20}]
TWO_DAYS = [[0, 1440], [1440, 2880]]


def _loops(sessions: str = "xy", session: dict[str, Any] | None = None, **rules: Any) -> list[dict[str, Any]]:
    """One loop of sessions of an hour each."""
    each = [{"key": key, "minutes": 60, **(session or {})} for key in sessions]
    return [{"key": "a", "sessions": each, **rules}]


def test_overlap(broken: Callable[..., Any]) -> None:
    """Two sessions of a loop may touch, and do not share a minute."""
    loops = _loops(order="free")
    assert [] == broken(("a/x", 60), ("a/y", 0), loops=loops)
    assert [("overlap", ("a/y", "a/x"), 1)] == broken(("a/x", 59), ("a/y", 0), loops=loops)


def test_overlap_hides_gaps(broken: Callable[..., Any]) -> None:
    """Of two sessions that overlap neither a gap nor a walk is told as well."""
    loops = _loops(session={"room": {}}, order="free", min_gap=30)
    held = ("a/x", 0, {}, "e1"), ("a/y", 30, {}, "w1")
    assert [("overlap", ("a/x", "a/y"), 30)] == broken(*held, loops=loops, rooms=ROOMS, walks=WALKS)


def test_fixed_order(broken: Callable[..., Any]) -> None:
    """Sessions of a fixed order are held as they are listed; those of a free order are not."""
    held = ("a/y", 0), ("a/x", 60)
    assert [] == broken(*held, loops=_loops(order="free"))
    assert [("order", ("a/x", "a/y"), 120)] == broken(*held, loops=_loops(order="fixed"))
    assert [] == broken(("a/x", 0), ("a/y", 60), loops=_loops(order="fixed"))


def test_order_by_a_minute(broken: Callable[..., Any]) -> None:
    """The later session of an order does not start a minute before the earlier one ends."""
    expected = [("overlap", ("a/x", "a/y"), 1), ("order", ("a/x", "a/y"), 1)]
    assert expected == broken(("a/x", 0), ("a/y", 59), loops=_loops())


def test_before(broken: Callable[..., Any]) -> None:
    """A pair of `before` is held in that order, and the other sessions are free."""
    loops = _loops("xyz", order="free", before=[["z", "x"]])
    assert [] == broken(("a/x", 60), ("a/y", 120), ("a/z", 0), loops=loops)
    assert [("order", ("a/z", "a/x"), 180)] == broken(("a/x", 0), ("a/y", 60), ("a/z", 120), loops=loops)


def test_min_gap(broken: Callable[..., Any]) -> None:
    """Sessions of one day keep the smallest gap."""
    loops = _loops(min_gap=15)
    assert [] == broken(("a/x", 0), ("a/y", 75), loops=loops)
    assert [("min_gap", ("a/x", "a/y"), 1)] == broken(("a/x", 0), ("a/y", 74), loops=loops)
    assert [("min_gap", ("a/x", "a/y"), 15)] == broken(("a/x", 0), ("a/y", 60), loops=loops)


def test_gaps_end_with_the_day(broken: Callable[..., Any]) -> None:
    """Neither the smallest nor the largest gap is asked of sessions on two days."""
    loops = _loops(min_gap=15, max_gap=30, days=TWO_DAYS)
    assert [] == broken(("a/x", 1380), ("a/y", 1440), loops=loops, end=2880)
    assert [] == broken(("a/x", 0), ("a/y", 2000), loops=loops, end=2880)


def test_max_gap(broken: Callable[..., Any]) -> None:
    """Each session of a day is followed by the next within the largest gap, whatever lies between the others."""
    loops = _loops("xyz", max_gap=30)
    assert [] == broken(("a/x", 0), ("a/y", 90), ("a/z", 180), loops=loops)
    assert [("max_gap", ("a/y", "a/z"), 1)] == broken(("a/x", 0), ("a/y", 90), ("a/z", 181), loops=loops)


@pytest.mark.parametrize(("start", "by"), [(80, 0), (79, 1), (60, 20)])
def test_walk(broken: Callable[..., Any], start: int, by: int) -> None:
    """A candidate who changes buildings has time to walk."""
    loops = _loops(session={"room": {}})
    held = ("a/x", 0, {}, "w1"), ("a/y", start, {}, "e1")
    expected = [("walk", ("a/x", "a/y"), by)] if by else []
    assert expected == broken(*held, loops=loops, rooms=ROOMS, walks=WALKS)


def test_shorter_walk(broken: Callable[..., Any]) -> None:
    """A walk that is not the longest asks for its own minutes only."""
    loops = _loops(session={"room": {}})
    walks = [*WALKS, {"one": "west", "other": "south", "minutes": 90}]
    held = ("a/x", 0, {}, "w1"), ("a/y", 80, {}, "e1")
    assert [] == broken(*held, loops=loops, rooms=ROOMS, walks=walks)


def test_walk_across_midnight(broken: Callable[..., Any]) -> None:
    """A walk is due between two days too, unlike the smallest gap."""
    loops = _loops(session={"room": {}}, days=TWO_DAYS)
    held = ("a/x", 1380, {}, "w1"), ("a/y", 1440, {}, "e1")
    assert [("walk", ("a/x", "a/y"), 20)] == broken(*held, loops=loops, rooms=ROOMS, walks=WALKS, end=2880)


def test_walk_and_gap(broken: Callable[..., Any]) -> None:
    """The larger of the smallest gap and the walk is kept; each is told by itself."""
    loops = _loops(session={"room": {}}, min_gap=25)
    held = ("a/x", 0, {}, "w1"), ("a/y", 75, {}, "e1")
    assert [("min_gap", ("a/x", "a/y"), 10), ("walk", ("a/x", "a/y"), 5)] == broken(
        *held, loops=loops, rooms=ROOMS, walks=WALKS
    )
    held = ("a/x", 0, {}, "w1"), ("a/y", 80, {}, "e1")
    assert [("min_gap", ("a/x", "a/y"), 5)] == broken(*held, loops=loops, rooms=ROOMS, walks=WALKS)


def test_available(broken: Callable[..., Any]) -> None:
    """A session lies in what the candidate offers, in one piece."""
    loops = _loops("x", available=[[100, 160], [170, 230]])
    assert [] == broken(("a/x", 100), loops=loops)
    assert [("available", ("a/x",), 10)] == broken(("a/x", 110), loops=loops)
    assert [("available", ("a/x",), 60)] == broken(("a/x", 0), loops=_loops("x", available=[]))


def test_earliest_and_latest(broken: Callable[..., Any]) -> None:
    """No session starts before the earliest or ends after the latest minute."""
    loops = _loops("x", earliest=100, latest=170)
    assert [] == broken(("a/x", 100), loops=loops)
    assert [] == broken(("a/x", 110), loops=loops)
    assert [("earliest", ("a/x",), 1)] == broken(("a/x", 99), loops=loops)
    assert [("latest", ("a/x",), 1)] == broken(("a/x", 111), loops=loops)


def test_day(broken: Callable[..., Any]) -> None:
    """A session lies inside one day, even where two days touch."""
    loops = _loops("x", days=TWO_DAYS)
    assert [] == broken(("a/x", 1380), loops=loops, end=2880)
    assert [("day", ("a/x",), 20)] == broken(("a/x", 1400), loops=loops, end=2880)
    assert [("day", ("a/x",), 60)] == broken(("a/x", 0), loops=_loops("x", days=[[100, 200]]))


def test_max_days(broken: Callable[..., Any]) -> None:
    """Days with sessions are counted, not the days between the first and the last."""
    days = [[0, 500], [500, 1000], [1000, 1440]]
    held = ("a/x", 0), ("a/y", 1000)
    assert [] == broken(*held, loops=_loops(days=days, max_days=2))
    assert [("max_days", ("a",), 1)] == broken(*held, loops=_loops(days=days, max_days=1))
    assert [] == broken(("a/x", 0), ("a/y", 60), loops=_loops(days=days, max_days=1))


def _lunch(window: list[list[int]], minutes: int = 30) -> dict[str, Any]:
    return {"breaks": [{"key": "lunch", "minutes": minutes, "window": window}]}


@pytest.mark.parametrize(
    ("starts", "by"),
    [
        ((0, 60), 0),
        ((40, 130), 0),
        ((70, 160), 0),
        ((40, 129), 1),
        ((71, 160), 1),
        ((100, 160), 30),
        ((190, 250), 0),
    ],
    ids=["before", "starts late", "between", "too short late", "too short between", "none", "after"],
)
def test_break(broken: Callable[..., Any], starts: tuple[int, ...], by: int) -> None:
    """A break fits into its window in one piece, unless all sessions lie before it or all after it."""
    expected = [("break", ("a", "lunch"), by)] if by else []
    held = zip(("a/x", "a/y"), starts, strict=True)
    assert expected == broken(*held, loops=_loops(**_lunch([[100, 190]])))


def test_break_after_a_session_inside(broken: Callable[..., Any]) -> None:
    """One session that reaches into the window makes the break due, and it is held where the window is left."""
    assert [] == broken(("a/x", 100), loops=_loops("x", **_lunch([[100, 190]])))
    assert [("break", ("a", "lunch"), 1)] == broken(("a/x", 100), loops=_loops("x", **_lunch([[100, 189]])))


@pytest.mark.parametrize(("start", "by"), [(40, 0), (41, 21), (109, 21), (110, 0)])
def test_impossible_break(broken: Callable[..., Any], start: int, by: int) -> None:
    """A window that is too short for its break is lawful only for sessions that do not reach into it."""
    expected = [("break", ("a", "lunch"), by)] if by else []
    assert expected == broken(("a/x", start), loops=_loops("x", **_lunch([[100, 110]])))


def test_no_break_without_window(broken: Callable[..., Any]) -> None:
    """A day in which no minute of the window lies needs no break."""
    loops = _loops("x", days=TWO_DAYS, **_lunch([[1540, 1600]]))
    assert [] == broken(("a/x", 100), loops=loops, end=2880)


def test_break_in_one_span(broken: Callable[..., Any]) -> None:
    """Two spans of the window do not make up one break, and lie in one part of the day."""
    loops = _loops(**_lunch([[100, 120], [200, 220]], minutes=21))
    assert [("break", ("a", "lunch"), 1)] == broken(("a/x", 0), ("a/y", 300), loops=loops)
    assert [("break", ("a", "lunch"), 1)] == broken(("a/x", 125), ("a/y", 300), loops=loops)
    assert [] == broken(("a/x", 40), loops=_loops("x", **_lunch([[100, 120], [200, 220]], minutes=21)))


def test_break_of_each_day(broken: Callable[..., Any]) -> None:
    """A window of two days asks for a break on each on which the candidate is there around it, and inside the day."""
    loops = _loops("wxyz", days=TWO_DAYS, **_lunch([[100, 130], [1430, 1460], [1540, 1570]]))
    fine = ("a/w", 0), ("a/x", 140), ("a/y", 1470), ("a/z", 1600)
    assert [("break", ("a", "lunch"), 10)] == broken(
        ("a/w", 0), ("a/x", 120), ("a/y", 1600), ("a/z", 1660), loops=loops, end=2880
    )
    assert [] == broken(*fine, loops=loops, end=2880)
    assert [("break", ("a", "lunch"), 10), ("break", ("a", "lunch"), 10)] == broken(
        ("a/w", 0), ("a/x", 120), ("a/y", 1460), ("a/z", 1550), loops=loops, end=2880
    )


def test_two_breaks_share_minutes(broken: Callable[..., Any]) -> None:
    """Two breaks are each fitted in as if there were no other."""
    breaks = [{"key": key, "minutes": 30, "window": [[60, 90]]} for key in ("lunch", "tea")]
    assert [] == broken(("a/x", 0), ("a/y", 90), loops=_loops(breaks=breaks))


def test_same_room(broken: Callable[..., Any]) -> None:
    """One room serves every session that needs one; the others have none."""
    loops = _loops(session={"room": {}}, same_room=True)
    loops[0]["sessions"].append({"key": "z", "minutes": 60})
    rest = ("a/z", 300)
    assert [] == broken(("a/x", 0, {}, "e1"), ("a/y", 100, {}, "e1"), rest, loops=loops, rooms=ROOMS)
    assert [("same_room", ("a", "e1", "w1"), 1)] == broken(
        ("a/x", 0, {}, "w1"), ("a/y", 100, {}, "e1"), rest, loops=loops, rooms=ROOMS
    )
    unasked = ("a/z", 300, {}, "w1")
    assert [("room_unasked", ("a/z", "w1"), 1)] == broken(
        ("a/x", 0, {}, "e1"), ("a/y", 100, {}, "e1"), unasked, loops=loops, rooms=ROOMS
    )
    free = [{**loops[0], "same_room": False}]
    assert [] == broken(("a/x", 0, {}, "w1"), ("a/y", 100, {}, "e1"), rest, loops=free, rooms=ROOMS)


def test_meets_once(broken: Callable[..., Any]) -> None:
    """A candidate meets nobody twice, unless the loop allows it."""
    held = ("a/x", 0, {"lead": "ann"}), ("a/y", 60, {"lead": "ann"})
    assert [("meets_once", ("a", "ann"), 1)] == broken(*held, loops=_loops(session={"seats": [LEAD]}))
    assert [] == broken(*held, loops=_loops(session={"seats": [LEAD]}, meets_once=False))
    assert [] == broken(held[0], ("a/y", 60, {"lead": "bob"}), loops=_loops(session={"seats": [LEAD]}))


def test_begins(broken: Callable[..., Any]) -> None:
    """The first session in time starts when the loop may begin; the minutes to the nearest such minute are counted."""
    loops = _loops(order="free", begins=[[60, 90]])
    assert [] == broken(("a/y", 60), ("a/x", 200), loops=loops)
    assert [("begins", ("a/x",), 10)] == broken(("a/y", 200), ("a/x", 50), loops=loops)
    assert [("begins", ("a/x",), 1)] == broken(("a/y", 200), ("a/x", 90), loops=loops)
    assert [("begins", ("a/x",), 1)] == broken(("a/x", 0), ("a/y", 60), loops=_loops(begins=[]))
