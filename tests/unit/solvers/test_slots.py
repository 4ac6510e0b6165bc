"""Which starts are feasible at the edges, and who stands in the way."""

from __future__ import annotations

from collections.abc import Callable

from solvers import (
    Attendee,
    Bits,
    Blocker,
    Query,
    RoomOption,
    Source,
    Span,
    SpanSet,
    blockers,
    find_starts,
    permitted_starts,
)
from solvers.slots import free_starts

Person = Callable[..., Attendee]
Room = Callable[..., RoomOption]
Ask = Callable[..., Query]


def runs(bits: Bits) -> list[tuple[int, int]]:
    """The starts as half-open pairs."""
    return [(run.start, run.end) for run in bits.to_spans()]


def test_a_meeting_may_end_exactly_at_the_end_of_the_window(person: Person, ask: Ask) -> None:
    """The last start is the window's end less the length; one minute later the meeting would stick out."""
    assert runs(find_starts(ask(person("ann")))) == [(0, 61)]


def test_a_meeting_as_long_as_the_window_has_one_start(person: Person, ask: Ask) -> None:
    """It starts with the window; a longer one fits nowhere."""
    assert runs(find_starts(ask(person("ann"), minutes=120))) == [(0, 1)]
    assert runs(find_starts(ask(person("ann"), minutes=121))) == []


def test_earliest_cuts_starts_not_meetings(person: Person, ask: Ask) -> None:
    """No start before earliest, which may lie before, inside or beyond the window."""
    assert runs(find_starts(ask(person("ann"), earliest=30))) == [(30, 61)]
    assert runs(find_starts(ask(person("ann"), earliest=60))) == [(60, 61)]
    assert runs(find_starts(ask(person("ann"), earliest=61))) == []
    assert runs(find_starts(ask(person("ann"), earliest=1000))) == []


def test_only_permitted_starts_are_found(person: Person, ask: Ask) -> None:
    """A grid leaves its own minutes only."""
    grid = Bits.grid(Span(0, 120), 25, 5)
    assert list(find_starts(ask(person("ann"), starts=grid))) == [5, 30, 55]


def test_meetings_may_touch_busy_time_when_buffers_are_zero(person: Person, ask: Ask) -> None:
    """A meeting may begin the minute another engagement ends, and end the minute the next one begins."""
    ann = person("ann", blocked=[(0, 20), (80, 90)])
    assert runs(find_starts(ask(ann))) == [(20, 21)]


def test_buffers_keep_their_distance_on_their_own_side(person: Person, ask: Ask) -> None:
    """Time needed before the meeting counts from what ends earlier, time after it from what begins later."""
    ann = person("ann", blocked=[(0, 20), (100, 110)])
    assert runs(find_starts(ask(ann))) == [(20, 41)]
    assert runs(find_starts(ask(ann, buffer_before=5))) == [(25, 41)]
    assert runs(find_starts(ask(ann, buffer_after=8))) == [(20, 33)]
    assert runs(find_starts(ask(ann, buffer_before=5, buffer_after=8))) == [(25, 33)]


def test_buffers_reach_across_the_edges_of_the_window(person: Person, ask: Ask) -> None:
    """What is busy just outside the window still needs its distance."""
    ann = person("ann", blocked=[(-10, 0), (120, 130)])
    assert runs(find_starts(ask(ann))) == [(0, 61)]
    assert runs(find_starts(ask(ann, buffer_before=15))) == [(15, 61)]
    assert runs(find_starts(ask(ann, buffer_after=15))) == [(0, 46)]


def test_open_hours_need_not_cover_buffers(person: Person, ask: Ask) -> None:
    """The first meeting of the day may start with the day, whatever the buffers."""
    ann = person("ann", open=[(30, 90)])
    assert runs(find_starts(ask(ann, buffer_before=15, buffer_after=15))) == [(30, 31)]


def test_rooms_need_no_buffers(room: Room, ask: Ask) -> None:
    """Buffers are for people: a room is free from the minute the last meeting ends."""
    aula = room("aula", blocked=[(0, 20), (80, 90)])
    assert runs(find_starts(ask(rooms=(aula,), buffer_before=15, buffer_after=15))) == [(20, 21)]


def test_adjacent_open_hours_are_one(person: Person, ask: Ask) -> None:
    """A meeting may run across the seam of two open spans that touch."""
    ann = person("ann", open=[(0, 50), (50, 100)])
    assert runs(find_starts(ask(ann))) == [(0, 41)]


def test_unknown_forbids_like_blocked_and_soft_does_not(person: Person, ask: Ask) -> None:
    """What nobody could say is never offered; what is tentative is."""
    assert runs(find_starts(ask(person("ann", unknown=[(30, 40)])))) == [(40, 61)]
    assert runs(find_starts(ask(person("ann", soft=[(30, 40)])))) == [(0, 61)]


def test_optional_people_forbid_nothing(person: Person, ask: Ask) -> None:
    """When all are optional, every permitted start is feasible."""
    query = ask(person("ann", required=False, blocked=[(0, 120)]), person("bo", required=False, open=[]))
    assert permitted_starts(query) == find_starts(query)


def test_the_candidate_must_have_offered_the_whole_meeting(person: Person, ask: Ask) -> None:
    """A candidate's minutes need no buffer, but must cover the meeting; offering none leaves nothing."""
    offered = ask(person("ann"), candidate=SpanSet.of([(10, 80)]), buffer_before=30)
    assert runs(find_starts(offered)) == [(10, 21)]
    assert runs(find_starts(ask(person("ann"), candidate=SpanSet.EMPTY))) == []


def test_one_room_must_be_free_all_the_time(room: Room, ask: Ask) -> None:
    """Two rooms that are each free for half a meeting do not make a room."""
    halves = (room("aula", blocked=[(0, 60)]), room("baie", blocked=[(60, 120)]))
    assert runs(find_starts(ask(rooms=halves))) == [(0, 1), (60, 61)]


def test_asking_for_a_room_when_there_is_none(person: Person, ask: Ask) -> None:
    """An empty list of rooms leaves no start; no list at all asks for no room."""
    assert runs(find_starts(ask(person("ann"), rooms=()))) == []
    assert runs(find_starts(ask(person("ann"), rooms=None))) == [(0, 61)]


def test_every_one_of_many_rooms_is_tried(room: Room, ask: Ask) -> None:
    """Of hundreds of rooms, each free for one start, every one adds its own."""
    rooms = tuple(room(f"room {at}", open=[(at % 50, at % 50 + 60)]) for at in range(300))
    assert runs(find_starts(ask(rooms=rooms))) == [(0, 50)]
    assert runs(find_starts(ask(rooms=(*rooms, room("last", open=[(55, 115)]))))) == [(0, 50), (55, 56)]


def test_free_starts_of_many_calendars(person: Person) -> None:
    """Each of many calendars keeps its own starts, and what is unknown is not free."""
    kinds = [
        person("ann").calendar,
        person("bo", blocked=[(0, 20)]).calendar,
        person("cy", unknown=[(100, 130)], soft=[(0, 120)]).calendar,
        person("di", open=[(0, 59)]).calendar,
    ]
    table = free_starts(kinds * 40, Span(0, 120), 60)
    assert [[(0, 61)], [(20, 61)], [(0, 41)], []] * 40 == [runs(starts) for starts in table]
    assert 0 == len(free_starts([], Span(0, 120), 60))


def test_blockers_split_by_cause_and_say_who_is_alone(person: Person, room: Room, ask: Ask) -> None:
    """Of 61 starts each source names what it takes by cause, and what it alone stands in the way of."""
    query = ask(
        person("ann", blocked=[(70, 75)]),  # forbids 11 … 60
        person("bo", open=[(0, 110)], unknown=[(100, 105)]),  # unknown 41 … 50, outside 51 … 60
        person("cy", required=False, blocked=[(0, 120)]),
        candidate=SpanSet.of([(5, 120)]),  # forbids 0 … 4
        rooms=(
            room("aula", open=[(0, 66)]),
            room("baie", blocked=[(65, 66)], open=[(0, 67)]),
        ),  # leaves 0 … 6
    )
    expected = (
        Blocker(Source.ROOMS, None, outside=53, blocked=1, unknown=0, alone=4),
        Blocker(Source.ATTENDEE, "ann", outside=0, blocked=50, unknown=0, alone=0),
        Blocker(Source.ATTENDEE, "bo", outside=10, blocked=0, unknown=10, alone=0),
        Blocker(Source.CANDIDATE, None, outside=5, blocked=0, unknown=0, alone=5),
    )
    assert expected == blockers(query)
    assert blockers(query)[0].forbidden == 54


def test_blockers_count_only_starts_that_were_permitted(person: Person, ask: Ask) -> None:
    """Where grid, window and earliest leave nothing, nobody takes anything."""
    query = ask(person("ann", blocked=[(0, 120)]), earliest=100)
    assert (Blocker(Source.ATTENDEE, "ann", 0, 0, 0, 0),) == blockers(query)


def test_blockers_tie_by_key(person: Person, ask: Ask) -> None:
    """Equally restrictive sources come in order of key, whatever the order of the question."""
    query = ask(person("bo", blocked=[(0, 10)]), person("ann", blocked=[(110, 120)]))
    assert [blocker.key for blocker in blockers(query)] == ["ann", "bo"]
