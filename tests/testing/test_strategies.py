"""The strategies draw what they promise, and the nasty part of it often enough."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.tenant import Tenant
from scheduler.graph.hours import weekly_hours as read_hours
from scheduler.graph.pieces import read_piece
from scheduler.testing import oracle, strategies
from scheduler.testing.clocks import FIRST, LAST, changes
from scheduler.testing.payloads import RULES
from scheduler.testing.strategies import NASTY_ZONES, LocalTime
from scheduler.testing.strategies.people import MONDAY
from scheduler.testing.vocabulary import Case
from scheduler.zones import (
    Exact,
    Fold,
    Gap,
    NamedZone,
    RuleZone,
    UnknownZone,
    WeeklyHours,
    expand,
    find_zone,
    parse_wall,
    resolve,
)
from solvers import Query, Span, SpanSet, find_starts
from solvers.oracle import feasible_starts

FEW = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
MANY = settings(FEW, max_examples=80)


@FEW
@given(strategies.spans(0, 100, min_minutes=5, max_minutes=20), strategies.span_sets(0, 100, max_spans=3))
def test_spans_keep_their_bounds(span: Span, spans: SpanSet) -> None:
    """Bounds and lengths hold."""
    assert Span(0, 100).contains(span)
    assert 5 <= span.minutes <= 20
    assert spans.clip(Span(0, 100)) == spans


def test_local_times_are_of_their_kind() -> None:
    """Every kind comes up, and Slotwright's clock agrees on what each is."""
    seen: Counter[str] = Counter()

    @MANY
    @given(strategies.local_times())
    def agrees(local: LocalTime) -> None:
        seen[local.kind] += 1
        if local.kind == "invalid":
            with pytest.raises(ValueError, match=r"no calendar has|no clock shows"):
                parse_wall(local.text)
            return
        found = resolve(NamedZone(local.zone), parse_wall(local.text))
        assert {"exact": Exact, "repeated": Fold, "skipped": Gap}[local.kind] is type(found)

    agrees()
    assert {"exact", "repeated", "skipped", "invalid"} == set(seen)
    assert min(seen.values()) >= 1


@FEW
@given(strategies.minutes_near_changes("Europe/Amsterdam", reach=90))
def test_nasty_minutes_are_near_a_change(minute: int) -> None:
    """Within reach of a gap or a fold."""
    assert any(abs(minute - change.minute) <= 90 for change in changes("Europe/Amsterdam"))


@FEW
@given(strategies.rule_zones(), strategies.windows_zones(), strategies.iana_zones())
def test_zones_are_zones(rules: RuleZone, windows: str, iana: str) -> None:
    """Each can be used: its offset can be asked for."""
    for zone in (rules, find_zone(windows), find_zone(iana)):
        assert not isinstance(zone, UnknownZone)
        assert abs(zone.offset_at(MONDAY)) < 1440


@FEW
@given(strategies.weekly_hours())
def test_weekly_hours_can_be_expanded(hours: WeeklyHours) -> None:
    """They are hours on a clock."""
    assert expand(hours, Span(MONDAY, MONDAY + 60)).minutes <= 60


@pytest.mark.campaign
def test_cases_are_worth_putting() -> None:
    """Enough cases have slots, have clocks that change inside the window, and need a room out of two."""
    seen: Counter[str] = Counter()

    @MANY
    @given(strategies.cases())
    def count(case: Case) -> None:
        first, end = case.request.window
        inside = [
            change
            for person in case.people
            for change in changes(person.zone)
            if first <= change.minute < end
        ]
        seen["cases"] += 1
        seen["with slots"] += bool(oracle.find(*case))
        seen["with a change"] += bool(inside)
        seen["with a choice of rooms"] += len(case.rooms) > 1 and case.request.needs_room
        assert FIRST - 3 * 1440 < first < end < LAST + 3 * 1440

    count()
    assert seen["with slots"] >= 0.35 * seen["cases"]
    assert seen["with a change"] >= 0.2 * seen["cases"]
    assert seen["with a choice of rooms"] >= 0.1 * seen["cases"]


@FEW
@given(strategies.cases(max_people=1, max_rooms=0, zones=["UTC"], statuses=["oof"], unreadable=False))
def test_cases_can_be_narrowed(case: Case) -> None:
    """Nothing is drawn that a search does not support."""
    (person,) = case.people
    assert ("UTC", (), False) == (person.zone, case.rooms, case.request.needs_room)
    assert {"oof"} >= {entry.status for entry in person.busy or ()}
    assert person.busy is not None


def test_payloads_are_read_and_vary() -> None:
    """Every answer is understood as something, and errors, gaps and PascalCase all come up."""
    seen: Counter[str] = Counter()

    @MANY
    @given(strategies.schedule_informations())
    def understood(answer: dict[str, Any]) -> None:
        piece = read_piece([answer], 96)
        known = piece.items is not None or piece.view is not None
        assert known != bool(piece.problem or piece.too_many)
        seen["failed"] += piece.problem is not None
        seen["PascalCase"] += "ScheduleId" in answer
        seen["no entries"] += piece.items is None and piece.view is not None

    understood()
    assert min(seen[kind] for kind in ("failed", "PascalCase", "no entries")) >= 1


@pytest.mark.parametrize("zone", RULES)
def test_custom_zones_show_the_same_time(zone: str) -> None:
    """The rules written down for a zone are read as that zone's own clock, every six hours of three years."""
    days = {"daysOfWeek": [], "startTime": "08:00:00", "endTime": "17:00:00", "timeZone": RULES[zone]}
    hours = read_hours(days)
    assert isinstance(hours, WeeklyHours)
    named = NamedZone(zone)
    differ = [at for at in range(FIRST, LAST, 360) if named.offset_at(at) != hours.zone.offset_at(at)]
    assert [] == differ


@FEW
@given(strategies.tenants())
def test_tenants_can_be_emulated(tenant: Tenant) -> None:
    """An emulator starts with each."""
    assert tenant.clock is not None
    assert tenant == Emulator(tenant, clock=Clock(tenant.clock)).tenant


@FEW
@given(strategies.queries(max_end=60))
def test_queries_have_the_oracles_answer(query: Query) -> None:
    """The solvers answer each as their own oracle does."""
    assert feasible_starts(query) == tuple(find_starts(query))


@pytest.mark.parametrize(
    "make",
    [
        lambda: strategies.spans(10, 5),
        lambda: strategies.spans(0, 10, min_minutes=11),
        lambda: strategies.spans(0.5, 10),  # type: ignore[arg-type]
        lambda: strategies.span_sets(0, 10, max_spans=-1),
        lambda: strategies.local_times("UTC"),
        lambda: strategies.local_times("Mars/Olympus", kinds=["exact"]),
        lambda: strategies.local_times(kinds=[]),
        lambda: strategies.minutes_near_changes("UTC", reach=-1),
        lambda: strategies.people(zones="UTC"),
        lambda: strategies.people(zones=["Mars/Olympus"]),
        lambda: strategies.people(statuses=["Busy"]),  # type: ignore[list-item]
        lambda: strategies.cases(max_people=0),
        lambda: strategies.cases(max_people=9),
        lambda: strategies.cases(grids=[7]),
        lambda: strategies.cases(min_length=60, max_length=30),
        lambda: strategies.requests(10, 10),
        lambda: strategies.queries(0, 5),
        lambda: strategies.tenants(days=0),
        lambda: strategies.tenants("2026-03-29"),  # type: ignore[arg-type]
        lambda: strategies.schedule_informations(5, 5),
    ],
)
def test_wrong_arguments_are_refused_at_once(make: Any) -> None:
    """When the strategy is made, with a sentence that names the argument."""
    with pytest.raises(InvalidArgument, match=r"\w+=|is not"):
        make()


def test_everything_public_is_documented() -> None:
    """Each name of the package is listed, has a docstring, and is on the page."""
    for name in strategies.__all__:
        value = getattr(strategies, name)
        assert isinstance(value, tuple) or value.__doc__, name
    assert "UTC" == NASTY_ZONES[0]
    assert isinstance(strategies.cases(), st.SearchStrategy)
