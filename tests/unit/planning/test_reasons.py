"""Why a candidate cannot be scheduled, and what would help, in words."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from scheduler.planning import reasons
from scheduler.planning.reasons import KeysAndUtc, Reasons, listed
from solvers.explain import Ask, Change, ChangeKind, Conflict, Fact, FactKind, NearMiss, Remedy
from solvers.plan import Plan
from solvers.problem import Limit, Problem
from solvers.timeline import Span, SpanSet

MONDAY = 20514 * 1440
"""2026-03-02T00:00Z."""
THURSDAY = MONDAY + 3 * 1440
PROBLEM = Problem.model_validate(
    {
        "start": MONDAY,
        "end": MONDAY + 5 * 1440,
        "people": [{"key": key, "open": []} for key in ("ana", "ben", "cas")],
        "loops": [
            {
                "key": "sam",
                "sessions": [
                    {
                        "key": "design",
                        "minutes": 60,
                        "seats": [{"key": key, "pool": ["ana", "ben"]} for key in ("lead", "second")],
                    }
                ],
            }
        ],
    }
)


def span(start: float, end: float, day: int = THURSDAY) -> SpanSet:
    """Hours of the Thursday."""
    return SpanSet((day + round(start * 60), day + round(end * 60)))


def pool(*seats: str) -> Fact:
    """Seats of the design interview that need ana or ben."""
    return Fact(kind="pool", loop="sam", session="design", seats=seats, people=("ana", "ben"))


def busy(person: str, spans: SpanSet, *, whole: bool) -> Fact:
    """Somebody's blocked time on the Thursday, from 9 to 17 if it is the whole of it."""
    days = ((THURSDAY + 540, THURSDAY + 1020),) if whole else ()
    return Fact(kind="person_blocked", people=(person,), spans=spans, within=span(0, 24), whole=days)


@pytest.mark.parametrize("kind", get_args(FactKind))
def test_every_fact_has_words(kind: FactKind) -> None:
    """No kind of fact is without a sentence."""
    fact = Fact(kind=kind, loop="sam", session="design", people=("ana",), minutes=5, spans=span(9, 10))
    (sentence,) = Reasons(PROBLEM).facts([fact])
    assert sentence.endswith(".")
    assert not set("{}") & set(sentence)


def test_every_change_has_words() -> None:
    """No kind of change is without words."""
    assert set(get_args(ChangeKind)) == set(reasons._CHANGES)
    for kind in get_args(ChangeKind):
        change = Change(
            kind=kind, loop="sam", session="design", person="ana", amount=1, was=2, spans=span(9, 10)
        )
        assert not set("{}") & set(Reasons(PROBLEM).change(change))


def test_a_conflict() -> None:
    """Seats, days that are busy throughout, and people of whom the same is true are told as one would say them."""
    facts = (
        pool("lead", "second"),
        Fact(kind="available", loop="sam", spans=span(8, 18)),
        busy("ana", span(8, 18), whole=True),
        busy("ben", span(0, 24), whole=True),
        busy("cas", span(9, 12), whole=False),
    )
    found = Conflict(outcome="forbidden", facts=facts, minimal=True, loops=("sam",))
    assert (
        "both seats of sam/design need ana or ben.",
        "only Thursday 2026-03-05 08:00–18:00 UTC is inside sam's times.",
        "ana and ben are busy all Thursday 2026-03-05.",
        "cas is busy Thursday 2026-03-05 09:00–12:00 UTC.",
    ) == Reasons(PROBLEM).conflict(found)


def test_one_seat_of_two() -> None:
    """A seat that is not the only one of its session is named."""
    assert ("1 seat of sam/design (lead) needs ana or ben.",) == Reasons(PROBLEM).facts([pool("lead")])


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({"outcome": "solvable"}, "sam can be scheduled."),
        ({"outcome": "unknown"}, "was not decided in time."),
        (
            {"outcome": "forbidden", "facts": (pool("lead"),)},
            "before it was proved that each of these is needed.",
        ),
        ({"outcome": "forbidden", "minimal": True}, "the time itself is too short."),
    ],
)
def test_what_is_not_known(values: dict[str, Any], end: str) -> None:
    """What was not proved is said, and that nothing can be lifted as well."""
    assert Reasons(PROBLEM).conflict(Conflict(loops=("sam",), **values))[-1].endswith(end)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(kind="order", loop="sam", keys=("a", "b")), "sam need not have sam/a before sam/b"),
        (
            Change(kind="longer_gap", loop="sam", was=60),
            "sam waits for any time between interviews, not only up to 60 minutes",
        ),
        (
            Change(kind="room_hour", room="m", spans=span(9, 10)),
            "m is freed Thursday 2026-03-05 09:00–10:00 UTC",
        ),
        (
            Change(kind="candidate_day", loop="sam", spans=span(0, 24)),
            "sam offers Thursday 2026-03-05 as well",
        ),
        (
            Change(kind="room_named", loop="sam", session="design", keys=("m", "n")),
            "hold sam/design in any room, not only m and n",
        ),
    ],
)
def test_changes(change: Change, words: str) -> None:
    """Changes are told with what they change."""
    assert words == Reasons(PROBLEM).change(change)


def test_a_remedy_of_two_changes() -> None:
    """Both changes are told, and how many starts they open."""
    changes = (
        Change(kind="hour", person="ana", spans=span(9, 10)),
        Change(kind="other_person", loop="sam", session="design", person="cas"),
    )
    remedy = Remedy(changes=changes, price=13, opens=20, at_least=True, plan=Plan())
    assert (
        "ana frees Thursday 2026-03-05 09:00–10:00 UTC, and cas joins the pool of sam/design: "
        "opens at least 20 starts"
    ) == Reasons(PROBLEM).remedy(remedy)


def test_an_ask() -> None:
    """An ask names who, when, and whom it would let in."""
    ask = Ask(person="ana", spans=span(9, 10), loops=("sam", "kim"), opens=3)
    assert (
        "if ana frees Thursday 2026-03-05 09:00–10:00 UTC, sam and kim would fit, with 3 starts"
        == Reasons(PROBLEM).ask(ask)
    )
    more = Ask(person="ana", spans=span(9, 10), loops=(), opens=1)
    assert Reasons(PROBLEM).ask(more).endswith(", 1 start more")


def test_a_near_miss() -> None:
    """What is in the way, how much must give, and the legal starts on both sides."""
    facts = (pool("lead", "second"), busy("ana", span(9, 12), whole=False))
    miss = NearMiss(
        loop="sam",
        start=THURSDAY + 600,
        outcome="forbidden",
        facts=facts,
        lift=facts[:1],
        before=60,
        after=120,
    )
    assert (
        "sam may not begin at Thursday 2026-03-05 10:00 UTC:",
        "both seats of sam/design need ana or ben.",
        "ana is busy Thursday 2026-03-05 09:00–12:00 UTC.",
        "at least 1 of these would have to give.",
        (
            "legal starts are 1 hour earlier (Thursday 2026-03-05 09:00 UTC) and "
            "2 hours later (Thursday 2026-03-05 12:00 UTC)."
        ),
    ) == Reasons(PROBLEM).near_miss(miss)


@pytest.mark.parametrize(
    ("miss", "words"),
    [
        (NearMiss(loop="sam", start=THURSDAY, outcome="legal"), "sam may begin at"),
        (NearMiss(loop="sam", start=THURSDAY, outcome="unknown", complete=False), "not decided in time"),
        (NearMiss(loop="sam", start=THURSDAY, outcome="forbidden"), "no other start is legal either"),
        (
            NearMiss(loop="sam", start=THURSDAY, outcome="forbidden", complete=False),
            "not all of this was decided",
        ),
    ],
)
def test_other_near_misses(miss: NearMiss, words: str) -> None:
    """Legal starts, unknown ones, and ones without any legal neighbour."""
    assert words in Reasons(PROBLEM).near_miss(miss)[-1]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (0, 30, "Thursday 2026-03-05 00:00–00:30 UTC"),
        (540, 1440, "Thursday 2026-03-05 09:00–24:00 UTC"),
        (1380, 1500, "Thursday 2026-03-05 23:00 – Friday 2026-03-06 01:00 UTC"),
    ],
)
def test_spans(start: int, end: int, words: str) -> None:
    """A span inside one day names it once; midnight is the end of its day."""
    assert words == KeysAndUtc().span(Span(THURSDAY + start, THURSDAY + end))


def test_years_without_four_digits() -> None:
    """Minutes that no ISO date has are told as they are."""
    assert "minute 1099511627776" == KeysAndUtc().instant(2**40)


def test_lists() -> None:
    """A few names are told, and of many the first few."""
    assert ["", "a", "a or b", "a, b and c"] == [
        listed([]),
        listed(["a"]),
        listed(["a", "b"], "or"),
        listed(["a", "b", "c"]),
    ]
    assert "a, b, c, d and 3 more" == listed(list("abcdefg"))


def _loop_with(*sessions: str) -> Problem:
    pool = [f"p{number}" for number in range(8)]
    seats = [{"key": "lead", "pool": pool}]
    return Problem.model_validate(
        {
            "start": MONDAY,
            "end": MONDAY + 5 * 1440,
            "people": [{"key": key, "open": []} for key in pool],
            "loops": [
                {
                    "key": "sam",
                    "sessions": [{"key": key, "minutes": 60, "seats": seats, "room": {}} for key in sessions],
                }
            ],
        }
    )


def test_interviews_of_which_the_same_is_true_share_a_sentence() -> None:
    """Rooms and large pools are asked for once for all interviews that need them."""
    problem = _loop_with("x", "y")
    pool = tuple(f"p{number}" for number in range(8))
    facts = [
        *(Fact(kind="pool", loop="sam", session=key, seats=("lead",), people=pool) for key in "xy"),
        *(Fact(kind="room", loop="sam", session=key) for key in "xy"),
        Fact(kind="room_seats", loop="sam", session="x", minutes=4),
    ]
    assert (
        "sam/x and sam/y each need 1 person out of 8.",
        "sam/x and sam/y each need a room.",
        "sam/x needs a room for 4.",
    ) == Reasons(problem).facts(facts)


def test_many_who_are_busy_share_a_sentence() -> None:
    """Of many people with different times it is told what they share, or else on which days they are busy."""
    problem = _loop_with("x")
    shared = [busy(f"p{number}", span(9, 12 + number), whole=False) for number in range(4)]
    apart = [busy(f"p{number}", span(9 + number, 10 + number), whole=False) for number in range(4)]
    assert ("p0, p1, p2 and p3 are busy Thursday 2026-03-05 09:00–12:00 UTC at least.",) == Reasons(
        problem
    ).facts(shared)
    assert ("p0, p1, p2 and p3 are busy at times of their own on Thursday 2026-03-05.",) == Reasons(
        problem
    ).facts(apart)
    assert 3 == len(Reasons(problem).facts(apart[:3]))


def test_hours_are_told_by_what_holds_all_of_them() -> None:
    """People with different hours work only inside what these are together."""
    hours = [
        Fact(kind="person_hours", people=(f"p{number}",), spans=span(9 + number / 2, 12), within=span(0, 24))
        for number in range(4)
    ]
    assert ("p0, p1, p2 and p3 work only inside Thursday 2026-03-05 09:00–12:00 UTC.",) == Reasons(
        _loop_with("x")
    ).facts(hours)


def test_equal_limits_share_a_sentence() -> None:
    """People with one limit are told together."""
    limit = Limit(start=THURSDAY, end=THURSDAY + 1440, sessions=2)
    facts = [Fact(kind="person_limit", people=(key,), limit=limit, spans=span(0, 24)) for key in ("p0", "p1")]
    assert ("p0 and p1 may each do at most 2 interviews, Thursday 2026-03-05 00:00–24:00 UTC.",) == Reasons(
        _loop_with("x")
    ).facts(facts)


class _OnlyRealSessions(KeysAndUtc):
    def session(self, loop: str, key: str) -> str:
        """Fails for what is no session."""
        assert loop
        assert key
        return super().session(loop, key)


def test_facts_about_no_interview_ask_for_no_name() -> None:
    """Somebody's time is told without asking what an interview is called."""
    assert 1 == len(Reasons(PROBLEM, _OnlyRealSessions()).facts([busy("ana", span(9, 10), whole=False)]))
