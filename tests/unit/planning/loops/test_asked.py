"""An interview that names a tag is a loop of one session."""

from __future__ import annotations

from typing import Any

from scheduler.planning.loops.asked import make_asked
from scheduler.planning.loops.request import LoopRequest
from scheduler.planning.request import FindRequest

ANA, BEN = "ana@x.example", "ben@x.example"
INTERVIEW: dict[str, Any] = {"minutes": 45, "between": "2026-03-02", "and": "2026-03-06", "zone": "UTC"}


def test_addresses_stay_an_interview() -> None:
    """Without a tag nothing changes."""
    assert isinstance(make_asked({**INTERVIEW, "people": [ANA]}), FindRequest)


def test_a_tag_makes_it_a_loop() -> None:
    """Each person and each tag gets a seat, with its weight; what is said of people is kept."""
    people = [
        ANA,
        "tag:backend",
        {"tag": "backend", "required": False},
        {"address": BEN, "zone": "Asia/Kolkata"},
    ]
    asked = make_asked({**INTERVIEW, "people": people, "subject": "Talk", "weights": {"earliness": 3}})
    assert isinstance(asked, LoopRequest)
    (session,) = asked.sessions
    assert (45, "Talk") == (session.minutes, session.subject)
    assert [
        (ANA, (ANA,), "required"),
        ("backend", ("tag:backend",), "required"),
        ("backend 2", ("tag:backend",), "optional"),
        (BEN, (BEN,), "required"),
    ] == [(seat.name, seat.pool, seat.kind) for seat in session.seats]
    assert [(BEN, "Asia/Kolkata")] == [(person.address, person.zone) for person in asked.people]
    assert (3, 0) == (asked.weights.earliness, asked.weights.load_spread)
