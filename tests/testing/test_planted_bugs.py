"""The laws bite: every wrong search here is caught by the law that names its mistake, and the right ones by none.

`Search` is a small scheduler of its own, right as it stands. Each mistake changes one method of it, or the reader of
Graph's JSON in a copy of Slotwright's pipeline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta
from itertools import islice

import pytest
from hypothesis import strategies as st

from scheduler.testing.clocks import EPOCH, clock, offset, reading
from scheduler.testing.laws import LawBroken, check_laws
from scheduler.testing.strategies import cases
from scheduler.testing.vocabulary import Block, Busy, Case, Person, Request, Room, Slot

EXAMPLES = 400
ANY = cases(max_people=2, grids=[5, 1])
ALONE = cases(max_people=1, max_rooms=0, grids=[5, 1], statuses=["busy"], unreadable=False)
TO_THE_MINUTE = cases(max_people=1, max_rooms=0, grids=[1], uniform_hours=True, statuses=["busy"])
STATUSES = cases(max_people=1, max_rooms=0, grids=[5, 1], statuses=["busy", "tentative", "workingElsewhere"])
FAR_AWAY = cases(max_people=1, max_rooms=0, max_busy=0, zones=["Pacific/Kiritimati", "Etc/GMT+12"])
UNBOOKED = cases(max_people=1, max_rooms=0, max_busy=0, unreadable=False)
IN_ROOMS = cases(max_people=1, grids=[5, 1], statuses=["busy"], unreadable=False)
UNIFORM = cases(uniform_hours=True)
RULED = cases(max_people=2, max_rooms=0, uniform_hours=True, zones=["Europe/Amsterdam", "America/New_York"])


class Search:
    """Every start against every calendar; right."""

    def find(self, people: Sequence[Person], rooms: Sequence[Room], request: Request) -> Iterator[Slot]:
        """The search under test."""
        keys = tuple(person.key for person in people)
        looked_at = range(request.window[0], request.window[1] + request.minutes)
        worked = [{at for at in looked_at if self.works(person, at, request)} for person in people]
        for start in self.starts(request):
            meeting = range(start, start + request.minutes)
            at_work = all(hours.issuperset(meeting) for hours in worked)
            if at_work and all(self.unbooked(person, meeting, request) for person in people):
                yield from (
                    Slot(start, meeting.stop, keys, room) for room in self.rooms(rooms, meeting, request)
                )

    def starts(self, request: Request) -> Iterator[int]:
        """Where the meeting may start."""
        first, end = request.window
        return (minute for minute in range(first, end - request.minutes + 1) if minute % request.grid == 0)

    def unbooked(self, person: Person, meeting: range, request: Request) -> bool:
        """Whether somebody is free for the meeting and the buffers around it."""
        guarded = range(meeting.start - request.buffer_before, meeting.stop + request.buffer_after)
        return self.free(person, guarded, request)

    def works(self, person: Person, minute: int, request: Request) -> bool:  # noqa: ARG002 - some mistakes use it
        """Whether a minute is inside somebody's hours."""
        return self.inside(person.hours, *reading(person.zone, minute))

    def inside(self, hours: Sequence[Block], weekday: int, minute: int) -> bool:
        """Whether a reading is inside weekly blocks."""
        return any(
            (block.weekday == weekday and block.start <= minute < block.end)
            or ((block.weekday + 1) % 7 == weekday and minute + 1440 < block.end)
            for block in hours
        )

    def rooms(self, rooms: Sequence[Room], meeting: range, request: Request) -> Sequence[str | None]:
        """The rooms to offer, or nothing to name where none is needed."""
        if not request.needs_room:
            return [None]
        return [room.key for room in rooms if self.free(room, meeting, request)]

    def free(self, mailbox: Person | Room, time: range, request: Request) -> bool:
        """Whether a calendar is known to be free."""
        entries = self.read(mailbox)
        return entries is not None and not any(
            self.overlaps(entry, time) for entry in entries if self.blocks(entry, request)
        )

    def read(self, mailbox: Person | Room) -> Sequence[Busy] | None:
        """What a calendar holds."""
        return mailbox.busy

    def blocks(self, entry: Busy, request: Request) -> bool:
        """Whether an entry takes time."""
        return request.blocks(entry.status)

    def overlaps(self, entry: Busy, time: range) -> bool:
        """Whether an entry lies over a time."""
        return entry.start < time.stop and time.start < entry.end


class EndOfDayIncluded(Search):
    """Off by one at a day's end: the minute at which work stops is worked."""

    def inside(self, hours: Sequence[Block], weekday: int, minute: int) -> bool:
        return any(
            block.weekday == weekday and block.start <= minute <= block.end for block in hours
        ) or super().inside(hours, weekday, minute)


class EndsTouch(Search):
    """Inclusive ends: what ends at ten is in the way of what starts at ten."""

    def overlaps(self, entry: Busy, time: range) -> bool:
        return entry.start <= time.stop and time.start <= entry.end


class OneOffset(Search):
    """The offset at the window's start is used for all days."""

    def works(self, person: Person, minute: int, request: Request) -> bool:
        wall = minute + offset(person.zone, request.window[0])
        return self.inside(person.hours, (wall // 1440 + 3) % 7, wall % 1440)


class WeekdayOfUtc(Search):
    """The weekday is Greenwich's, the time of day the person's."""

    def works(self, person: Person, minute: int, request: Request) -> bool:  # noqa: ARG002 - as Search has it
        return self.inside(person.hours, (minute // 1440 + 3) % 7, reading(person.zone, minute).minute)


class HoursOfTheAsker(Search):
    """Everybody's hours are read on the asker's clock."""

    def works(self, person: Person, minute: int, request: Request) -> bool:
        return self.inside(person.hours, *reading(request.zone, minute))


class NightsEndAtMidnight(Search):
    """The part of a night shift after midnight is forgotten."""

    def inside(self, hours: Sequence[Block], weekday: int, minute: int) -> bool:
        return any(block.weekday == weekday and block.start <= minute < block.end for block in hours)


class FoldWalkedTwice(Search):
    """Local readings are walked, and each is turned back into both of its instants: a repeated hour comes twice."""

    def starts(self, request: Request) -> Iterator[int]:
        zone = clock(request.zone)
        for minute in super().starts(request):
            shown = (EPOCH + timedelta(minutes=minute)).astimezone(zone)
            found = {shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
            yield from ((instant - EPOCH) // timedelta(minutes=1) for instant in sorted(found))


class FoldWorkedOnce(Search):
    """Of a repeated hour only the first pass is worked."""

    def works(self, person: Person, minute: int, request: Request) -> bool:
        again = (EPOCH + timedelta(minutes=minute)).astimezone(clock(person.zone)).fold
        return not again and super().works(person, minute, request)


class TentativeIsFree(Search):
    """Tentative time never counts."""

    def blocks(self, entry: Busy, request: Request) -> bool:
        return entry.status != "tentative" and super().blocks(entry, request)


class UnknownIsFree(Search):
    """Only the statuses somebody thought of count."""

    def blocks(self, entry: Busy, request: Request) -> bool:
        return entry.status != "unknown" and super().blocks(entry, request)


class ElsewhereIsBusy(Search):
    """Whatever is listed and not free is taken for busy."""

    def blocks(self, entry: Busy, request: Request) -> bool:
        return entry.status == "workingElsewhere" or super().blocks(entry, request)


class UnreadIsEmpty(Search):
    """A calendar nobody could read looks like an empty one."""

    def read(self, mailbox: Person | Room) -> Sequence[Busy] | None:
        return mailbox.busy or ()


class Unclipped(Search):
    """An entry that began before the window is painted from a negative index, which Python counts from the end."""

    def unbooked(self, person: Person, meeting: range, request: Request) -> bool:
        if person.busy is None:
            return False
        first, end = request.window[0] - request.buffer_before, request.window[1] + request.buffer_after
        day = [False] * (end - first)
        for entry in person.busy:
            if self.blocks(entry, request):
                start, stop = entry.start - first, min(entry.end, end) - first
                day[start:stop] = [True] * len(day[start:stop])
        guarded = slice(
            meeting.start - request.buffer_before - first, meeting.stop + request.buffer_after - first
        )
        return not any(day[guarded])


class LastEndWins(Search):
    """Overlapping entries are merged, and the merged one ends with the entry that began last."""

    def read(self, mailbox: Person | Room) -> Sequence[Busy] | None:
        if mailbox.busy is None:
            return None
        merged: list[Busy] = []
        for entry in sorted(mailbox.busy, key=lambda entry: (entry.status, entry.start)):
            if merged and merged[-1].status == entry.status and entry.start <= merged[-1].end:
                merged[-1] = merged[-1]._replace(end=entry.end)
            else:
                merged.append(entry)
        return merged


class StopsAtTheFirstLater(Search):
    """Entries are believed to be in order."""

    def free(self, mailbox: Person | Room, time: range, request: Request) -> bool:
        for entry in mailbox.busy or ():
            if entry.start >= time.stop:
                break
            if self.blocks(entry, request) and self.overlaps(entry, time):
                return False
        return mailbox.busy is not None


class OnlyTheEdges(Search):
    """Only the first and last minute of a meeting are looked at."""

    def overlaps(self, entry: Busy, time: range) -> bool:
        return any(entry.start <= minute < entry.end for minute in (time[0], time[-1]))


class NoBufferAfter(Search):
    """The buffer after the meeting is forgotten."""

    def unbooked(self, person: Person, meeting: range, request: Request) -> bool:
        return self.free(person, range(meeting.start - request.buffer_before, meeting.stop), request)


class FirstRoomOnly(Search):
    """Only the first room is ever tried."""

    def rooms(self, rooms: Sequence[Room], meeting: range, request: Request) -> Sequence[str | None]:
        return super().rooms(rooms[:1], meeting, request)


class RoomsInTurns(Search):
    """Some room is free at every minute, but not the same one throughout."""

    def rooms(self, rooms: Sequence[Room], meeting: range, request: Request) -> Sequence[str | None]:
        each = [super(RoomsInTurns, self).rooms(rooms, range(at, at + 1), request) for at in meeting]
        return each[0][:1] if all(each) else []


class GridFromTheWindow(Search):
    """The grid is counted from the window's start."""

    def starts(self, request: Request) -> Iterator[int]:
        return iter(range(request.window[0], request.window[1] - request.minutes + 1, request.grid))


class RunsOverTheWindow(Search):
    """Only the start has to lie in the window."""

    def starts(self, request: Request) -> Iterator[int]:
        return (minute for minute in range(*request.window) if minute % request.grid == 0)


class StopsAtFive(Search):
    """The search ends with the fifth slot."""

    def find(self, people: Sequence[Person], rooms: Sequence[Room], request: Request) -> Iterator[Slot]:
        return islice(super().find(people, rooms, request), 5)


class JumpsToTheEnd(Search):
    """After a slot the search goes on at its end, so that slots which overlap it are never seen."""

    def find(self, people: Sequence[Person], rooms: Sequence[Room], request: Request) -> Iterator[Slot]:
        last = None
        for slot in super().find(people, rooms, request):
            if last is None or slot.start >= last.end:
                last = slot
                yield slot


class Remembers(Search):
    """Calendars are read once and remembered by name."""

    def __init__(self) -> None:
        self.seen: dict[str, Sequence[Busy] | None] = {}
        self.last: tuple[int, int] | None = None

    def find(self, people: Sequence[Person], rooms: Sequence[Room], request: Request) -> Iterator[Slot]:
        if request.window != self.last:
            self.last, self.seen = request.window, {}
        return super().find(people, rooms, request)

    def read(self, mailbox: Person | Room) -> Sequence[Busy] | None:
        return self.seen.setdefault(mailbox.key, mailbox.busy)


class AnybodyWillDo(Search):
    """It is enough that one of the people can come."""

    def find(self, people: Sequence[Person], rooms: Sequence[Room], request: Request) -> Iterator[Slot]:
        found = {
            slot.start: slot
            for person in people
            for slot in super(AnybodyWillDo, self).find([person], rooms, request)
        }
        keys = tuple(person.key for person in people)
        return (Slot(slot.start, slot.end, keys, slot.room) for slot in found.values())


SEARCHES: list[tuple[type[Search], str, st.SearchStrategy[Case]]] = [
    (EndOfDayIncluded, "inside_hours", TO_THE_MINUTE),
    (EndsTouch, "complete", ANY),
    (OneOffset, "inside_hours", UNBOOKED),
    (WeekdayOfUtc, "inside_hours", FAR_AWAY),
    (HoursOfTheAsker, "display_zone", ANY),
    (NightsEndAtMidnight, "complete", UNBOOKED),
    (FoldWalkedTwice, "as_asked", UNBOOKED),
    (FoldWorkedOnce, "complete", UNBOOKED),
    (TentativeIsFree, "status_as_asked", STATUSES),
    (UnknownIsFree, "no_overlap", ANY),
    (ElsewhereIsBusy, "status_as_asked", STATUSES),
    (UnreadIsEmpty, "unreadable_not_free", ANY),
    (Unclipped, "wider_window", ALONE),
    (LastEndWins, "split_or_merged", TO_THE_MINUTE),
    (StopsAtTheFirstLater, "order", ANY),
    (OnlyTheEdges, "longer_where_shorter", ALONE),
    (NoBufferAfter, "no_overlap", ALONE),
    (FirstRoomOnly, "order", IN_ROOMS),
    (RoomsInTurns, "no_overlap", IN_ROOMS),
    (GridFromTheWindow, "as_asked", ANY),
    (RunsOverTheWindow, "as_asked", ANY),
    (StopsAtFive, "wider_window", ANY),
    (JumpsToTheEnd, "longer_where_shorter", ANY),
    (Remembers, "not_double_booked", ANY),
    (AnybodyWillDo, "company", ANY),
]


EVERY_TIME = {
    EndOfDayIncluded,
    EndsTouch,
    FoldWalkedTwice,
    FoldWorkedOnce,
    OneOffset,
    TentativeIsFree,
    Unclipped,
    UnknownIsFree,
    UnreadIsEmpty,
}
"""The mistakes that are tried on every run; the campaign tries the others as well."""


@pytest.mark.parametrize(
    ("search", "law", "drawn"),
    [
        pytest.param(*row, id=row[0].__name__, marks=[] if row[0] in EVERY_TIME else pytest.mark.campaign)
        for row in SEARCHES
    ],
)
def test_a_wrong_search_is_caught_by_its_law(
    search: type[Search], law: str, drawn: st.SearchStrategy[Case]
) -> None:
    """The law that names the mistake finds it."""
    with pytest.raises(LawBroken) as caught:
        check_laws(search().find, laws=[law], cases=drawn, max_examples=EXAMPLES, shrink=False)
    assert law == caught.value.law


def test_the_search_is_right_before_it_is_spoilt() -> None:
    """No law finds anything in the search all mistakes are planted in."""
    check_laws(Search().find, max_examples=2)
