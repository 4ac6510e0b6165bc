"""Claims of several bookings change together, and never overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from scheduler.booking.booking import Booking
from scheduler.store import ledger
from scheduler.store.ledger import Claim, Taken
from scheduler.store.store import Store
from solvers.timeline import Span

ANA, BO, CY = "ana@x.example", "bo@x.example", "cy@x.example"
NAMES = ("b-1", "b-2", "b-3")
Make = Callable[..., Booking]
Held = Mapping[str, set[Claim]]


@pytest.fixture
def three(store: Store, booking: Make) -> Store:
    """Three bookings that hold nothing."""
    for number, name in enumerate(NAMES):
        empty = booking(name, 60 * number, (), None)
        store.reserve(replace(empty, interview=replace(empty.interview, slot_id=name)))
    return store


@contextmanager
def transaction(store: Store) -> Iterator[Connection]:
    """A transaction as the store's methods have it."""
    with store.database.engine.begin() as connection:
        yield connection


def held(store: Store) -> Held:
    """What everybody holds."""
    with transaction(store) as connection:
        rows = connection.exec_driver_sql(
            "SELECT booking_id, resource, start_minute, end_minute FROM claims"
        ).all()
    found: dict[str, set[Claim]] = {name: set() for name in NAMES}
    for name, resource, start, end in rows:
        found[name].add(Claim(resource, Span(start, end)))
    return found


def test_two_bookings_exchange_what_they_hold_in_one_call(three: Store) -> None:
    """Given-up claims make room for new ones of the same call."""
    one, other = Claim(ANA, Span(0, 60)), Claim(BO, Span(0, 60))
    with transaction(three) as connection:
        ledger.hold(connection, {"b-1": [one], "b-2": [other]})
    with transaction(three) as connection:
        ledger.hold(connection, {"b-1": [other], "b-2": [one]})
    assert {"b-1": {other}, "b-2": {one}, "b-3": set()} == held(three)


def test_several_bookings_are_claimed_together_or_not_at_all(three: Store) -> None:
    """One session of a loop that cannot be had stops the others, and the holder is named."""
    with transaction(three) as connection:
        ledger.hold(connection, {"b-3": [Claim(BO, Span(30, 90))]})
    wanted = {"b-1": [Claim(ANA, Span(0, 60))], "b-2": [Claim(BO, Span(60, 120))]}
    with pytest.raises(Taken, match=f"{BO} .* by b-3"), transaction(three) as connection:
        ledger.hold(connection, wanted)
    assert {"b-1": set(), "b-2": set(), "b-3": {Claim(BO, Span(30, 90))}} == held(three)


def test_a_call_that_wants_something_twice_is_refused(three: Store) -> None:
    """Two sessions of the same call at the same time with the same person are a clash like any other."""
    with pytest.raises(Taken, match=ANA), transaction(three) as connection:
        ledger.hold(connection, {"b-1": [Claim(ANA, Span(0, 60))], "b-2": [Claim(ANA, Span(59, 90))]})


def test_a_claim_that_stays_is_not_written_again(three: Store) -> None:
    """Holding the same again changes no row."""
    wanted = {"b-1": [Claim(ANA, Span(0, 60)), Claim(ANA, Span(0, 60)), Claim(BO, Span(0, 60))]}
    rows: list[Any] = []
    for _ in range(2):
        with transaction(three) as connection:
            ledger.hold(connection, wanted)
            rows.append(connection.exec_driver_sql("SELECT claim_id FROM claims ORDER BY claim_id").all())
    assert (rows[0], 2) == (rows[1], len(rows[1]))


CLAIMS = st.builds(
    lambda resource, start, minutes: Claim(resource, Span(start, start + minutes)),
    st.sampled_from([ANA, BO, CY]),
    st.integers(0, 5),
    st.integers(1, 3),
)
CALLS = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.lists(CLAIMS, max_size=3), max_size=2), max_size=6
)


def overlapping(wanted: Held) -> bool:
    """Whether a resource is wanted twice at some minute, by brute force."""
    minutes = [
        (claim.resource, minute)
        for each in wanted.values()
        for claim in each
        for minute in range(claim.span.start, claim.span.end)
    ]
    return len(minutes) != len(set(minutes))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=CALLS)
def test_any_sequence_of_calls_ends_as_a_dull_model_says(
    three: Store, calls: list[dict[str, list[Claim]]]
) -> None:
    """Each call is taken whole when it leaves no overlap, and else changes nothing."""
    with transaction(three) as connection:
        ledger.hold(connection, dict.fromkeys(NAMES, ()))
    model: dict[str, set[Claim]] = {name: set() for name in NAMES}
    for call in calls:
        after = model | {name: set(each) for name, each in call.items()}
        if overlapping(after):
            with pytest.raises(Taken), transaction(three) as connection:
                ledger.hold(connection, call)
        else:
            with transaction(three) as connection:
                ledger.hold(connection, call)
            model = after
        assert model == held(three)
