"""What is said of every violation: when it is, and in which order they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from solvers.check import RULES
from solvers.timeline import Span

SESSIONS = [{"key": key, "minutes": 60, "seats": [{"key": "lead", "pool": ["ann"]}]} for key in "xy"]
LOOP = {"key": "a", "sessions": SESSIONS, "meets_once": False}
ANN = {"lead": "ann"}


@pytest.mark.parametrize(
    ("starts", "problem", "rule", "when"),
    [
        ((100, 300), {"loop": {"earliest": 200}}, "earliest", Span(100, 160)),
        ((300, 100), {}, "order", Span(300, 360)),
        ((100, 150), {"loop": {"order": "free"}}, "overlap", Span(150, 210)),
        ((150, 100), {"loop": {"order": "free"}}, "overlap", Span(150, 210)),
        ((150, 100), {"loop": {"order": "free"}}, "person_apart", Span(150, 210)),
        ((100, 170), {"loop": {"min_gap": 20}}, "min_gap", Span(170, 230)),
        ((100, 170), {"ann": {"blocked": [[110, 111]]}}, "person_blocked", Span(100, 160)),
        (
            (100, 170),
            {"ann": {"limits": [{"start": 0, "end": 999, "sessions": 1}]}},
            "person_limit",
            Span(0, 999),
        ),
        (
            (100, 300),
            {"loop": {"days": [[0, 200], [200, 250], [250, 400]], "max_days": 1}},
            "max_days",
            Span(0, 400),
        ),
        (
            (100, 170),
            {"loop": {"breaks": [{"key": "tea", "minutes": 99, "window": [[90, 120], [130, 200]]}]}},
            "break",
            Span(90, 200),
        ),
        ((100,), {}, "partial", None),
        ((), {"loop": {"mandatory": True}}, "mandatory", None),
        ((100, 170), {"loop": {"meets_once": True}}, "meets_once", None),
    ],
)
def test_when(
    judged: Callable[..., Any], starts: tuple[int, ...], problem: dict[str, Any], rule: str, when: Span | None
) -> None:
    """A violation is at its session, at the later of two, or at the stretch that its rule is about."""
    held = [(f"a/{key}", start, ANN) for key, start in zip("xy", starts, strict=False)]
    people = [{"key": "ann", "open": [[0, 1440]], **problem.get("ann", {})}]
    judgement = judged(*held, people=people, loops=[{**LOOP, **problem.get("loop", {})}])
    assert [when] == [each.when for each in judgement.violations if each.rule == rule]


@pytest.mark.parametrize(("start", "when"), [(5, Span(5, 65)), (None, None)])
def test_when_of_a_booked_session(judged: Callable[..., Any], start: int | None, when: Span | None) -> None:
    """A booked session that moved is where it would be, and nowhere if it is not held."""
    loops = [{"key": "a", "sessions": [{"key": "x", "minutes": 60, "placed": {"start": 0}}]}]
    violations = judged(*([] if start is None else [("a/x", start)]), loops=loops).violations
    assert [("placed", when)] == [(each.rule, each.when) for each in violations]
    assert ("would not be held" in violations[0].text) == (start is None)


def test_order_of_rules(judged: Callable[..., Any]) -> None:
    """Violations come in the order of the rules, whichever session they are of."""
    judgement = judged(("a/y", 2000), ("a/x", 1990), ("b/x", 0), loops=[LOOP])
    rules = [each.rule for each in judgement.violations]
    assert sorted(rules, key=RULES.index) == rules
    assert ["reference", "horizon", "horizon", "seat_empty", "seat_empty", "overlap", "order"] == rules
    assert not judgement.lawful


def test_lawful(judged: Callable[..., Any]) -> None:
    """A plan that breaks nothing is lawful."""
    assert judged(loops=[LOOP]).lawful
