"""What tags stand for, and what the catalogue says of people where a request is silent."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.errors import InputError
from scheduler.planning.loops.plan_request import make_plan_request
from scheduler.planning.loops.pools import opened_loop, opened_plan, with_catalogue
from scheduler.planning.loops.request import LoopRequest, Panelist, make_loop_request
from scheduler.planning.members import Member
from scheduler.planning.request import Caps, DayRange

ANA, BEN, CHITRA, DEV = (f"{name}@x.example" for name in ("ana", "ben", "chitra", "dev"))
KNOWN = (
    Member(address=ANA, tags={"backend": "CSV", "design": "CSV"}),
    Member(address=BEN, tags={"backend": "CSV"}, training="shadow"),
    Member(address=CHITRA, tags={"backend": "panel@x.example"}),
    Member(address=DEV, tags={"design": "CSV"}, training="reverse shadow"),
)
WHEN = {"between": "2026-03-02", "and": "2026-03-06", "zone": "UTC"}


def loop(seats: list[Any], **more: Any) -> LoopRequest:
    """A request for one session with these seats."""
    return make_loop_request({**WHEN, "sessions": [{"name": "talk", "minutes": 60, "seats": seats}], **more})


def pools(request: LoopRequest) -> list[tuple[str, ...]]:
    """Who may sit in each seat of the session."""
    return [seat.pool for seat in request.sessions[0].seats]


@pytest.mark.parametrize(
    "seat",
    [
        "tag:backend",
        " TAG: Backend ",
        ["tag:backend"],
        [{"tag": "Báckend"}],
        {"name": "lead", "pool": "tag:backend"},
        {"name": "lead", "pool": {"tag": "backend"}},
        {"name": "lead", "pool": [{"tag": "backend"}, ANA]},
    ],
)
def test_every_spelling_of_a_tag(seat: Any) -> None:
    """A tag stands for everybody trained who has it, in the order of their addresses, nobody twice."""
    opened, _ = opened_loop(loop([seat]), KNOWN)
    assert [(ANA, CHITRA)] == pools(opened)


def test_tags_and_addresses_together() -> None:
    """A pool may have both, in the order in which they are named."""
    opened, _ = opened_loop(loop([[DEV, "tag:backend"]]), KNOWN)
    assert [(DEV, ANA, CHITRA)] == pools(opened)


def test_those_in_training_sit_beside() -> None:
    """Shadows and reverse shadows are in seats of trainees only, and the answer says who was left out where."""
    seats = [
        {"name": "lead", "pool": ["tag:backend", "tag:design"]},
        {"name": "new", "kind": "trainee", "beside": "lead", "pool": ["tag:backend", "tag:design"]},
    ]
    opened, pooled = opened_loop(loop(seats), KNOWN)
    assert [(ANA, CHITRA), (BEN, DEV)] == pools(opened)
    assert [
        ("backend", "interviewers", (ANA, CHITRA), {BEN: "shadow"}),
        ("design", "interviewers", (ANA,), {DEV: "reverse shadow"}),
        ("backend", "trainees", (BEN,), {ANA: "trained", CHITRA: "trained"}),
        ("design", "trainees", (DEV,), {ANA: "trained"}),
    ] == [(each.tag, each.seats, each.people, each.left_out) for each in pooled.pools]


def test_a_request_knows_better() -> None:
    """What it says of somebody's training wins over the catalogue, in both directions."""
    said = [{"address": BEN, "training": "trained"}, {"address": ANA, "training": "shadow"}]
    opened, _ = opened_loop(loop(["tag:backend"], people=said), KNOWN)
    assert [(BEN, CHITRA)] == pools(opened)


def test_somebody_in_training_by_address() -> None:
    """Whoever is named by address may interview all the same, but it is told."""
    opened, pooled = opened_loop(loop([BEN]), KNOWN)
    assert [(BEN,)] == pools(opened)
    assert (
        "ben@x.example is in training (shadow) and may interview only because the request names them.",
    ) == pooled.notes


@pytest.mark.parametrize(
    ("seat", "known", "said"),
    [
        ("tag:bakend", KNOWN, "nobody has the tag 'bakend'; the nearest is backend."),
        ("tag:rust", KNOWN, "nobody has the tag 'rust'; use one of the tags backend, design."),
        ("tag:rust", (), "nobody has the tag 'rust'; import people first with `slotwright people import`."),
        (
            "tag:backend",
            KNOWN[1:2],
            (
                "nobody with the tag 'backend' is trained; "
                "name somebody by address, or correct their training with `slotwright people import`."
            ),
        ),
    ],
)
def test_tags_that_stand_for_nobody(seat: str, known: tuple[Member, ...], said: str) -> None:
    """One sentence says where the tag is and which one may have been meant."""
    with pytest.raises(InputError) as refused:
        opened_loop(loop([[ANA, seat]]), known)
    assert f"sessions.0.seats.0.pool.1: {said}" == str(refused.value)


def test_plans() -> None:
    """Templates and the loops of single candidates are opened alike, each mistake under its own path."""
    shape = {"sessions": [{"name": "talk", "minutes": 60, "seats": ["tag:design"]}]}
    request = {
        **WHEN,
        "templates": {"usual": shape},
        "candidates": [{"name": "Sam"}, {"name": "Kim", "loop": shape}],
    }
    opened, pooled = opened_plan(make_plan_request(request), KNOWN)
    assert [(ANA,), (ANA,)] == [each.sessions[0].seats[0].pool for _, each, _, _ in opened.loops()]
    assert 1 == len(pooled.pools)
    request["candidates"][1]["loop"] = {"sessions": [{"name": "talk", "minutes": 60, "seats": ["tag:x"]}]}
    with pytest.raises(InputError, match=r"candidates\.1\.loop\.sessions\.0\.seats\.0\.pool\.0: "):
        opened_plan(make_plan_request(request), KNOWN)


MORNING = DayRange.model_validate({"from": "09:00", "to": "12:00"})
MEMBER = Member(
    address=ANA,
    name="Ana",
    preferred=(MORNING,),
    zone="Asia/Kolkata",
    caps=Caps(sessions_per_day=2, sessions_per_week=5),
)


def test_the_catalogue_fills_silence() -> None:
    """Name, preferred hours, clock and caps are the catalogue's where the request says nothing."""
    filled = with_catalogue(Panelist(address=ANA), {ANA: MEMBER})
    assert ("Ana", (MORNING,), "Asia/Kolkata", MEMBER.caps) == (
        filled.name,
        filled.preferred,
        filled.zone,
        filled.caps,
    )


def test_a_request_overrides_the_catalogue() -> None:
    """Whatever it says wins, an empty list of preferred hours too, and of caps each one by itself."""
    said = Panelist(address=ANA, name="A.", preferred=(), zone="UTC", caps=Caps(sessions_per_day=9))
    kept = with_catalogue(said, {ANA: MEMBER})
    assert ("A.", (), "UTC", Caps(sessions_per_day=9, sessions_per_week=5)) == (
        kept.name,
        kept.preferred,
        kept.zone,
        kept.caps,
    )


def test_strangers_stay_as_they_are() -> None:
    """Somebody whom the catalogue does not know is not touched."""
    stranger = Panelist(address=BEN)
    assert stranger is with_catalogue(stranger, {ANA: MEMBER})
