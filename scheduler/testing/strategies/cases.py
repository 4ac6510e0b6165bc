"""Requests of the vocabulary, and whole cases whose parts have to do with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from scheduler.testing.clocks import FIRST, LAST, changes
from scheduler.testing.hypothesis_door import st
from scheduler.testing.strategies.arguments import check_bounds, check_choice, check_whole
from scheduler.testing.strategies.people import MONDAY, Draft, calendars, drafts, later
from scheduler.testing.strategies.spans import minutes
from scheduler.testing.strategies.zones import NASTY_ZONES, check_zones
from scheduler.testing.vocabulary import STATUSES, Busy, Case, Request, Room, Status

PEOPLE = ("ana", "ben", "chitra", "dev", "eva", "finn", "gita", "hugo")
ROOMS = ("singel", "keizer", "prinsen", "heren", "amstel", "vondel")
GRIDS = (15, 5, 1)
"""Minutes between starts on which local midnights and UTC agree, so that both ways of counting are right."""

_ALL_GRIDS = tuple(step for step in range(1, 61) if 60 % step == 0)
_DAY = 1440
_MOST_STARTS = 160  # in one window: under three hours on a grid of a minute, forty on a quarter of an hour


def requests(
    min_minute: int = FIRST,
    max_minute: int = LAST,
    *,
    min_length: int = 5,
    max_length: int = 120,
    grids: Iterable[int] = GRIDS,
    zones: Iterable[str] = NASTY_ZONES,
) -> st.SearchStrategy[Request]:
    """Requests whose window lies between two UTC minutes; a coarser grid allows a longer window.

    Args:
        min_minute: no window starts earlier.
        max_minute: no window ends later.
        min_length: of the meeting, in minutes.
        max_length: of the meeting, in minutes.
        grids: minutes between starts to choose from, the simplest first.
        zones: IANA ids in which the answer may be read, the simplest first.

    Raises:
        InvalidArgument: an argument out of range.
    """
    check_bounds("min_minute", min_minute, "max_minute", max_minute, apart=1)
    return _requests(
        lambda _: minutes(min_minute, max_minute - 1),
        max_minute,
        lengths=_lengths(min_length, max_length),
        grids=check_choice("grids", grids, _ALL_GRIDS),
        zones=check_zones("zones", zones),
    )


def cases(
    *,
    max_people: int = 3,
    max_rooms: int = 2,
    max_busy: int = 4,
    min_length: int = 5,
    max_length: int = 120,
    grids: Iterable[int] = GRIDS,
    zones: Iterable[str] = NASTY_ZONES,
    statuses: Iterable[Status] = STATUSES,
    uniform_hours: bool = False,
    unreadable: bool = True,
) -> st.SearchStrategy[Case]:
    """People, rooms and a request that have to do with each other, in 2026 to 2028.

    Windows tend to lie over a change of somebody's clock; hours begin and end, and entries lie, in and around the
    window. Narrow the arguments to what a scheduler under test supports.

    Args:
        max_people: 1 to 8.
        max_rooms: 0 to 6; without any, no request needs one.
        max_busy: entries of each calendar at most.
        min_length: of the meeting, in minutes.
        max_length: of the meeting, in minutes.
        grids: minutes between starts, the simplest first.
        zones: IANA ids, the simplest first.
        statuses: of entries.
        uniform_hours: as `uniform` of `weekly_blocks`.
        unreadable: whether a calendar may be one that nobody could read.

    Raises:
        InvalidArgument: an argument out of range.
    """
    _check_count("max_people", max_people, 1, len(PEOPLE))
    _check_count("max_rooms", max_rooms, 0, len(ROOMS))
    named = check_zones("zones", zones)
    steps = check_choice("grids", grids, _ALL_GRIDS)
    lengths = _lengths(min_length, max_length)
    usual = tuple(check_choice("statuses", statuses, STATUSES))
    check_whole("max_busy", max_busy, least=0)
    places = st.sampled_from(named)
    # Everything but the moment is drawn relative to it, so that these few strategies serve every draw.
    asked = _requests(_reaching_zero, _DAY * 60, lengths=lengths, grids=steps, zones=named)

    @cache
    def anchors(zone: str) -> st.SearchStrategy[int]:
        return st.sampled_from((MONDAY, *(change.minute for change in changes(zone))))

    @cache
    def company(length: int) -> st.SearchStrategy[tuple[list[Draft], list[tuple[Busy, ...] | None]]]:
        somebody = drafts(
            length,
            zones=2,
            statuses=usual,
            max_busy=max_busy,
            uniform_hours=uniform_hours,
            unreadable=unreadable,
        )
        somewhere = calendars(length, statuses=usual, max_busy=max_busy, unreadable=unreadable)
        return st.tuples(
            st.lists(somebody, min_size=1, max_size=max_people), st.lists(somewhere, max_size=max_rooms)
        )

    @st.composite
    def drawn(draw: st.DrawFn) -> Case:
        clocks = (draw(places), draw(places))
        anchor = draw(anchors(clocks[0]))
        request = draw(asked)
        first, end = (anchor + edge for edge in request.window)
        panel, calendar_of_rooms = draw(company(end - first))
        return Case(
            tuple(draft.at(first, key, clocks) for draft, key in zip(panel, PEOPLE, strict=False)),
            tuple(Room(key, later(busy, first)) for busy, key in zip(calendar_of_rooms, ROOMS, strict=False)),
            # Several rooms of which none is needed would show nothing.
            replace(
                request,
                window=(first, end),
                needs_room=len(calendar_of_rooms) > 1 or (request.needs_room and bool(calendar_of_rooms)),
            ),
        )

    return drawn()


def _requests(
    starts: Callable[[int], st.SearchStrategy[int]],
    max_minute: int,
    *,
    lengths: st.SearchStrategy[int],
    grids: Sequence[int],
    zones: Sequence[str],
) -> st.SearchStrategy[Request]:
    """Requests on any of the grids; `starts` gives the starts of windows of so many minutes."""

    def on_grid(grid: int) -> st.SearchStrategy[Request]:
        parts = tuple(grid * _MOST_STARTS * part // 16 for part in range(1, 17))
        windows = st.sampled_from(parts).flatmap(
            lambda length: starts(length).map(lambda start: (start, min(max_minute, start + length)))
        )
        return st.builds(
            Request,
            lengths,
            windows,
            st.just(grid),
            st.sampled_from(zones),
            buffer_before=st.sampled_from((0, 0, 10, 15)),
            buffer_after=st.sampled_from((0, 0, 5, 30)),
            tentative_blocks=st.booleans(),
            elsewhere_blocks=st.booleans(),
            needs_room=st.booleans(),
        )

    return st.sampled_from(grids).flatmap(on_grid)


@lru_cache(maxsize=1024)
def _reaching_zero(length: int) -> st.SearchStrategy[int]:
    return minutes(-length, 0)


def _lengths(shortest: int, longest: int) -> st.SearchStrategy[int]:
    check_whole("min_length", shortest, least=1)
    check_bounds("min_length", shortest, "max_length", longest)
    usual = [length for length in (30, 60, 45, 90) if shortest <= length <= longest]
    anything = st.integers(shortest, longest)
    return st.sampled_from(usual) | anything if usual else anything


def _check_count(name: str, value: int, least: int, most: int) -> None:
    check_whole(name, value, least=least)
    check_bounds(name, value, "the number of names", most)
