"""Requests for loops as people write them: what may be left out, and one sentence with the path for each mistake."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduler.errors import InputError
from scheduler.planning.loops.request import everybody, make_loop_request, read_loop_request

ANA, BEN = "ana@x.example", "ben@x.example"
TALK: dict[str, Any] = {"name": "Talk", "minutes": 60, "seats": [ANA]}
TASK: dict[str, Any] = {"name": "Task", "minutes": 90, "seats": [[ANA, BEN]]}
WINDOW = {"between": "2026-11-23", "and": "2026-11-27", "zone": "Europe/Amsterdam"}


def request(**changes: Any) -> Any:
    """A request for a talk and a task, changed."""
    return make_loop_request({"sessions": [TALK, TASK], **WINDOW, **changes})


def test_a_seat_is_an_address_a_list_or_an_object() -> None:
    """Short forms mean required seats with plain names."""
    seats = [
        "ANA@x.example",
        [ANA, BEN],
        {"name": "watching", "pool": BEN, "kind": "trainee", "beside": "seat 1"},
    ]
    found = request(sessions=[{**TALK, "seats": seats}]).sessions[0].seats
    assert [("seat 1", (ANA,)), ("seat 2", (ANA, BEN)), ("watching", (BEN,))] == [
        (seat.name, seat.pool) for seat in found
    ]
    assert "interviewer" == request().sessions[0].seats[0].name


def test_a_room_is_the_loops_unless_a_session_says_otherwise() -> None:
    """A session that says nothing has the loop's need; null is no room."""
    asked = request(room={"seats": 4}, sessions=[TALK, {**TASK, "room": None}])
    needs = [asked.room_of(session) for session in asked.sessions]
    assert (4, None) == (needs[0].seats if needs[0] else None, needs[1])


def test_everybody_is_named_where_they_are_first() -> None:
    """The calendar of each member of a pool is read once; who is described but in no pool is not read."""
    asked = request(people=["carl@x.example", {"address": BEN, "name": "Ben"}])
    named = [(person.address, person.name, path) for person, path in everybody(asked, [("", asked)])]
    assert [(ANA, "", "sessions.0.seats.0.pool.0"), (BEN, "Ben", "people.1")] == named


LEAD = {"name": "lead", "pool": [ANA]}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"sessions": []}, "sessions: "),
    ({"sessions": [{**TALK, "seats": []}]}, "sessions.0.seats: "),
    ({"sessions": [{**TALK, "seats": [[]]}]}, "sessions.0.seats.0.pool: "),
    ({"sessions": [{**TALK, "seats": [[ANA, ANA]]}]}, f"sessions.0.seats.0.pool: {ANA} is named twice"),
    (
        {"sessions": [{**TALK, "seats": ["ana"]}]},
        "sessions.0.seats.0.pool.0: 'ana' is neither an e-mail address nor a tag such as tag:backend",
    ),
    ({"sessions": [TALK, TALK]}, "sessions: two sessions are called Talk"),
    ({"sessions": [{**TALK, "seats": [LEAD, LEAD]}]}, "sessions.0.seats: two seats are called lead"),
    (
        {"sessions": [{**TALK, "seats": [{**LEAD, "kind": "trainee"}]}]},
        "sessions.0.seats.0: lead: a trainee seat, and no other, names the seat it is beside",
    ),
    (
        {
            "sessions": [
                {**TALK, "seats": [LEAD, {"name": "new", "pool": BEN, "kind": "trainee", "beside": "chief"}]}
            ]
        },
        "sessions.0.seats: new is beside chief, which is no other seat of the session",
    ),
    ({"sessions": [{**TALK, "minutes": 0}]}, "sessions.0.minutes: 0 cannot be used"),
    ({"before": [["Talk", "Lunch"]]}, "before: Lunch is no session"),
    ({"before": [["Task", "Talk"]]}, "before: the order goes in a circle: "),
    (
        {"order": "free", "before": [["Talk", "Task"], ["Task", "Talk"]]},
        "before: the order goes in a circle: ",
    ),
    ({"before": [["Talk", "Talk"]]}, "before: the order goes in a circle: Talk before Talk"),
    ({"grid": 7}, "grid: 7 minutes do not divide a day evenly"),
    ({"min_gap": 30, "max_gap": 15}, "max_gap: 15 is below the least gap, which is 30"),
    ({"earliest": "17:00", "latest": "09:00"}, "latest: 09:00 is not after 17:00"),
    (
        {"breaks": [{"minutes": 90, "from": "12:00", "to": "13:00"}]},
        "breaks.0: 90 minutes do not fit between",
    ),
    ({"people": [ANA, ANA]}, f"people: {ANA} is named twice"),
    ({"max_days": 0}, "max_days: 0 cannot be used"),
    ({"weights": {"earliness": -1}}, "weights.earliness: -1 cannot be used"),
    ({"apart": 0}, "apart: 0 cannot be used"),
    ({"minutes": 60}, "minutes: is not a known key"),
    ({"walks": [{"between": ["A"], "minutes": 5}]}, "walks.0.between"),
    ({"walks": [{"between": ["A", "a"], "minutes": 5}]}, "walks: A is one building, not two"),
    (
        {"walks": [{"between": ["A", "B"], "minutes": 5}, {"between": ["b", "a"], "minutes": 6}]},
        "walks: a and b stand there twice",
    ),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_mistakes(changes: dict[str, Any], said: str) -> None:
    """One sentence that begins with the path."""
    with pytest.raises(InputError) as caught:
        request(**changes)
    told = str(caught.value)
    assert told.startswith(said)
    assert (".", 1) == (told[-1], len(told.splitlines()))


def test_json() -> None:
    """A request read from text is the one made from its values; text that is no object is refused."""
    values = {"sessions": [TALK], **WINDOW}
    assert make_loop_request(values) == read_loop_request(json.dumps(values))
    for text in ("[]", "{"):
        with pytest.raises(InputError, match=r"^request: is not"):
            read_loop_request(text)
