"""The search against the oracle on random small questions, and the laws it keeps on them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers import (
    Attendee,
    Bits,
    Calendar,
    Query,
    RoomOption,
    Span,
    SpanSet,
    Weights,
    blockers,
    find_starts,
    oracle,
    rank,
    score,
)
from solvers.totals import total_costs

USUAL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CAMPAIGN = settings(USUAL, max_examples=3000)
LAW = settings(USUAL, max_examples=25)

# Calendars reach beyond the window on both sides: buffers, and careless callers, do so too.
FIRST, LAST = 985, 1090
ALL_DAY = SpanSet.of([(FIRST - 60, LAST + 60)])


def some_spans(longest: int, least: int, most: int) -> st.SearchStrategy[SpanSet]:
    """So many spans of up to so many minutes."""
    pairs = st.tuples(st.integers(FIRST, LAST), st.integers(1, longest))
    pairs = pairs.map(lambda pair: (pair[0], sum(pair)))
    return st.lists(pairs, min_size=least, max_size=most).map(SpanSet.of)


def calendars(key: str) -> st.SearchStrategy[Calendar]:
    """One resource's time, mostly open, so that a good part of the questions have an answer."""
    hours = (
        st.just(ALL_DAY) | some_spans(12, 1, 2).map(lambda closed: ALL_DAY - closed) | some_spans(90, 2, 4)
    )
    soft, blocked, unknown = some_spans(30, 0, 3), some_spans(15, 0, 3), some_spans(10, 0, 2)
    return st.builds(Calendar, st.just(key), hours, soft, blocked, unknown)


def attendees(key: str) -> st.SearchStrategy[Attendee]:
    """One person, required as often as not."""
    preferred = st.none() | some_spans(60, 0, 2)
    return st.builds(Attendee, calendars(key), st.booleans(), preferred, some_spans(40, 0, 2))


# Made once: building a strategy takes longer than drawing from it.
PEOPLE = [attendees(f"p{number}") for number in range(4)]
ROOMS = [st.builds(RoomOption, calendars(name), st.integers(0, 3)) for name in ("aula", "baie", "cove")]
OFFERED = st.none() | some_spans(60, 1, 3)
WEIGHTS = st.builds(Weights, *[st.integers(0, 3)] * 2, st.integers(0, 60), *[st.integers(0, 3)] * 3)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Any small question that may be asked."""
    begin = draw(st.integers(995, 1005))
    window = Span(begin, begin + draw(st.integers(15, 75)))
    rooms = draw(st.none() | st.integers(0, len(ROOMS)))
    people = draw(st.integers(0 if rooms else 1, len(PEOPLE)))
    return Query(
        minutes=draw(st.integers(1, 16)),
        window=window,
        starts=Bits.grid(window, draw(st.sampled_from([1, 1, 5, 15])), draw(st.integers(0, 15))),
        earliest=begin + draw(st.integers(-15, 15)),
        attendees=tuple(draw(person) for person in PEOPLE[:people]),
        rooms=None if rooms is None else tuple(draw(room) for room in ROOMS[:rooms]),
        candidate=draw(OFFERED),
        buffer_before=draw(st.integers(0, 6)),
        buffer_after=draw(st.integers(0, 6)),
        weights=draw(WEIGHTS),
    )


def check_against_oracle(query: Query, limit: int, apart: int) -> None:
    """Every answer of the search equals the oracle's."""
    starts = oracle.feasible_starts(query)
    slots = oracle.all_slots(query)
    assert starts == tuple(find_starts(query))
    assert slots == tuple(score(query, start) for start in starts)
    costs = total_costs(query)
    assert [slot.total for slot in slots] == [costs[start - query.window.start] for start in starts]
    assert oracle.ranking(query, limit, apart) == rank(query, limit, apart)
    assert oracle.blocker_list(query) == blockers(query)


@USUAL
@given(queries(), st.integers(1, 8), st.integers(0, 30))
def test_agrees_with_the_oracle(query: Query, limit: int, apart: int) -> None:
    """Starts, slots, ranking and blockers are what counting minute by minute gives."""
    check_against_oracle(query, limit, apart)


@pytest.mark.campaign
@CAMPAIGN
@given(queries(), st.integers(1, 8), st.integers(0, 30))
def test_agrees_with_the_oracle_at_length(query: Query, limit: int, apart: int) -> None:
    """The same over ten times as many questions."""
    check_against_oracle(query, limit, apart)


@given(queries())
@LAW
def test_only_feasible_starts_have_a_score(query: Query) -> None:
    """Every minute around the window that is not a feasible start is refused."""
    feasible = set(find_starts(query))
    for start in range(query.window.start - 3, query.window.end + 3):
        if start not in feasible:
            with pytest.raises(ValueError, match=f"minute {start}"):
                score(query, start)


@given(queries(), st.integers(0, 3), some_spans(40, 1, 3), st.booleans())
@LAW
def test_more_blocked_time_never_adds_a_start(query: Query, place: int, more: SpanSet, room: bool) -> None:  # noqa: FBT001 (Hypothesis draws it by position)
    """Whoever gets busier, person or room, no start appears that was not there before."""
    if room and query.rooms:
        busier = query.rooms[place % len(query.rooms)]
        calendar = replace(busier.calendar, blocked=busier.calendar.blocked | more)
        rooms = tuple(replace(each, calendar=calendar) if each is busier else each for each in query.rooms)
        changed = replace(query, rooms=rooms)
    else:
        calendar = Calendar("late joiner", ALL_DAY, blocked=more)
        changed = replace(query, attendees=(*query.attendees, Attendee(calendar)))
    assert set(find_starts(changed)) <= set(find_starts(query))


@given(queries(), st.integers(1, 15))
@LAW
def test_a_longer_meeting_fits_only_where_a_shorter_does(query: Query, longer: int) -> None:
    """Every start of the longer meeting is a start of the shorter one."""
    assert set(find_starts(replace(query, minutes=query.minutes + longer))) <= set(find_starts(query))


@given(queries(), st.data())
@LAW
def test_order_of_rooms_changes_nothing(query: Query, data: st.DataObject) -> None:
    """Rooms tie by key, not by the order they come in."""
    if query.rooms is not None:
        shuffled = replace(query, rooms=tuple(data.draw(st.permutations(query.rooms))))
        assert rank(query, 5) == rank(shuffled, 5)
        assert blockers(query) == blockers(shuffled)


@given(queries(), st.data())
@LAW
def test_order_of_people_changes_only_the_order_of_names(query: Query, data: st.DataObject) -> None:
    """Who is named first does not change which slots are best, or what they cost."""
    shuffled = replace(query, attendees=tuple(data.draw(st.permutations(query.attendees))))
    ranked, again = rank(query, 5), rank(shuffled, 5)
    assert [(slot.start, slot.costs) for slot in ranked.slots] == [
        (slot.start, slot.costs) for slot in again.slots
    ]
    assert blockers(query) == blockers(shuffled)


@given(queries())
@LAW
def test_ignoring_a_blocker_gives_the_starts_it_alone_took(query: Query) -> None:
    """Leaving out a person, the candidate's minutes or the rooms adds exactly `alone` starts."""
    spare = Attendee(Calendar("spare", ALL_DAY), required=False)
    before = find_starts(query).count()
    for blocker in blockers(query):
        match blocker.source.value:
            case "attendee":
                left = tuple(each for each in query.attendees if each.calendar.key != blocker.key)
                without = replace(query, attendees=(*left, spare))
            case "candidate":
                without = replace(query, candidate=None)
            case _:
                without = replace(query, rooms=None, attendees=(*query.attendees, spare))
        assert before + blocker.alone == find_starts(without).count()
