"""Questions for the solvers."""

from __future__ import annotations

from scheduler.testing.hypothesis_door import st
from scheduler.testing.strategies.arguments import check_bounds, check_whole
from scheduler.testing.strategies.spans import span_sets, spans
from solvers import Attendee, Bits, Calendar, Query, RoomOption, Span, SpanSet, Weights

_REACH = 60  # minutes by which calendars reach beyond a window, as buffers and careless callers do


def queries(
    min_start: int = 0,
    max_end: int = 240,
    *,
    max_attendees: int = 3,
    max_rooms: int = 2,
) -> st.SearchStrategy[Query]:
    """Whole questions over a window between two minutes, mostly open enough to have an answer.

    Small by default, because oracles count minute by minute.

    Args:
        min_start: no window starts earlier.
        max_end: no window ends later; at least 10 minutes after `min_start`.
        max_attendees: 1 or more.
        max_rooms: 0 or more; without rooms no question asks for one.

    Raises:
        InvalidArgument: an argument out of range.
    """
    check_bounds("min_start", min_start, "max_end", max_end, apart=10)
    check_whole("max_attendees", max_attendees, least=1)
    check_whole("max_rooms", max_rooms, least=0)

    def over(window: Span) -> st.SearchStrategy[Query]:
        first, end = window.start - _REACH, window.end + _REACH
        always = SpanSet.of([(first, end)])
        few = span_sets(first, end, max_spans=2, max_minutes=window.minutes // 3 + 1)
        calendars = st.builds(
            Calendar,
            st.just("somebody"),
            st.just(always) | few.map(lambda closed: always - closed) | span_sets(first, end, max_spans=3),
            soft=few,
            blocked=few,
            unknown=st.just(SpanSet.EMPTY) | few,
        )
        attendees = st.builds(Attendee, calendars, st.booleans(), preferred=st.none() | few, dislikes=few)
        rooms = st.builds(RoomOption, calendars, st.integers(0, 5))
        grids = st.builds(
            lambda step, anchor: Bits.grid(window, step, anchor),
            st.sampled_from((1, 5, 15)),
            st.integers(0, 14),
        )
        return st.builds(
            Query,
            st.integers(1, max(1, window.minutes // 2)),
            st.just(window),
            grids,
            st.just(window.start) | st.integers(first, end),
            st.lists(attendees, min_size=1, max_size=max_attendees).map(_different_people),
            rooms=st.none() | st.lists(rooms, max_size=max_rooms).map(_different_rooms)
            if max_rooms
            else st.none(),
            candidate=st.none() | span_sets(first, end, max_spans=2),
            buffer_before=st.integers(0, 15),
            buffer_after=st.integers(0, 15),
            weights=st.just(Weights()) | st.builds(Weights, *[st.integers(0, 9)] * 6),
        )

    return spans(min_start, max_end, min_minutes=10).flatmap(over)


def _different_people(drawn: list[Attendee]) -> tuple[Attendee, ...]:
    return tuple(
        Attendee(_named(each.calendar, f"person {place}"), each.required, each.preferred, each.dislikes)
        for place, each in enumerate(drawn)
    )


def _different_rooms(drawn: list[RoomOption]) -> tuple[RoomOption, ...]:
    return tuple(
        RoomOption(_named(each.calendar, f"room {place}"), each.cost) for place, each in enumerate(drawn)
    )


def _named(calendar: Calendar, key: str) -> Calendar:
    return Calendar(key, calendar.open, calendar.soft, calendar.blocked, calendar.unknown)
