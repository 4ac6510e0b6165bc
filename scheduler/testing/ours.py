"""Slotwright's own pipeline as a `find`, and so an example of mapping the vocabulary to a scheduler.

`find` goes from what mailboxes said to ranked slots; `find_in_payloads` starts one step earlier, at Graph's JSON.

    >>> from scheduler.testing.vocabulary import Block, Busy, Person, Request
    >>> monday = 29_671_200  # 2026-06-01T00:00Z
    >>> ana = Person("ana", "UTC", (Block(0, 540, 720),), (Busy(monday + 600, monday + 630, "oof"),))
    >>> sorted(slot.start - monday for slot in find([ana], [], Request(60, (monday, monday + 1440), grid=30)))
    [540, 630, 660]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from zlib import crc32

from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, availability
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status
from scheduler.directory.rooms import Room as RoomRecord
from scheduler.graph.pieces import Piece, read_piece
from scheduler.planning.compile import compile_request
from scheduler.planning.localtimes import Window
from scheduler.planning.request import FindRequest, make_request
from scheduler.testing.clocks import utc
from scheduler.testing.payloads import Style, schedule_information
from scheduler.testing.vocabulary import Person, Request, Room, Slot
from scheduler.zones import DayBlock, NamedZone, WeeklyHours
from solvers import rank
from solvers.timeline import Span, SpanSet

Read: TypeAlias = Callable[[Person | Room, Span], MailboxSchedule]
ReadPiece: TypeAlias = Callable[[Sequence[Any], int], Piece]

_INTERVAL = 15  # minutes of one digit of a view
_STYLES = (
    Style("rules", pascal=False, seconds=59),
    Style("windows", pascal=True, seconds=1),
    Style("iana", pascal=False, seconds=30),
    Style("rules", pascal=True, seconds=0),
    Style("windows", pascal=False, seconds=59),
)


def find(people: Sequence[Person], rooms: Sequence[Room], request: Request) -> Iterator[Slot]:
    """Every slot Slotwright finds, the best first, once with each free room where one is needed.

    Raises:
        InputError: what Slotwright does not do, such as a meeting of less than 5 minutes.
    """
    return find_in(_said, people, rooms, request)


def find_in_payloads(
    people: Sequence[Person], rooms: Sequence[Room], request: Request, *, read: ReadPiece = read_piece
) -> Iterator[Slot]:
    """The same, from the JSON that Graph would send about everybody; spelling differs from person to person.

    Args:
        people: with hours that `workingHours` can say; `strategies.cases(uniform_hours=True)` makes such people.
        rooms: as for `find`.
        request: as for `find`.
        read: reads an answer, given as a list of one, beside the length its view must have.

    Raises:
        InputError: as for `find`.
        ValueError: hours that `workingHours` cannot say.
    """

    def said(mailbox: Person | Room, span: Span) -> MailboxSchedule:
        style = _STYLES[crc32(mailbox.key.encode()) % len(_STYLES)]
        answer = schedule_information(mailbox, (span.start, span.end), interval=_INTERVAL, style=style)
        piece = read([answer], -(-span.minutes // _INTERVAL))
        return MailboxSchedule(
            mailbox.key,
            span,
            items=piece.items,
            view=piece.view,
            view_minutes=_INTERVAL,
            hours=piece.hours,
            problem="Its calendar has too many entries." if piece.too_many else piece.problem,
        )

    return find_in(said, people, rooms, request)


def find_in(read: Read, people: Sequence[Person], rooms: Sequence[Room], request: Request) -> Iterator[Slot]:
    """The pipeline from mailbox schedules on: availability, compilation, search.

    Args:
        read: what a mailbox said about a span.
        people: as for `find`.
        rooms: as for `find`.
        request: as for `find`.
    """
    # Slotwright's grid lies on the request's clock; beyond a quarter of an hour clocks disagree, and UTC decides.
    zone = NamedZone(request.zone if 15 % request.grid == 0 else "UTC")
    asked = _request(people, request, zone)
    window = Window(zone, Span(*request.window))
    horizon = Span(window.span.start - request.buffer_before, window.span.end + request.buffer_after)
    policy = BusyPolicy(asked.tentative, asked.elsewhere)

    def available(mailbox: Person | Room) -> Availability:
        return availability(
            read(mailbox, horizon),
            policy=policy,
            default_hours=None,
            ledger=SpanSet.EMPTY,
            constrain_hours=isinstance(mailbox, Person),
        )

    free: Mapping[str, Availability] = {_address(person.key): available(person) for person in people}
    free_rooms = {room.key: (RoomRecord(room.key, room.key), available(room)) for room in rooms}
    compiled = compile_request(
        asked, window, free, free_rooms if request.needs_room else None, window.span.start
    )
    for slot in rank(compiled.query, limit=window.span.minutes).slots:
        attending = tuple(person.key for person in people if person.key in slot.attending)
        for room in [slot.room, *slot.alternatives]:
            yield Slot(slot.start, slot.end, attending, room)


def _said(mailbox: Person | Room, span: Span) -> MailboxSchedule:
    if mailbox.busy is None:
        return MailboxSchedule(mailbox.key, span, problem="Nobody could read it.")
    return MailboxSchedule(
        mailbox.key,
        span,
        items=tuple(BusyItem(Span(entry.start, entry.end), Status(entry.status)) for entry in mailbox.busy),
        hours=_hours(mailbox) if isinstance(mailbox, Person) else None,
    )


def _hours(person: Person) -> WeeklyHours:
    blocks = tuple(DayBlock(block.weekday, block.start, block.end) for block in person.hours)
    return WeeklyHours(blocks, NamedZone(person.zone))


def _request(people: Sequence[Person], request: Request, zone: NamedZone) -> FindRequest:
    return make_request(
        {
            "people": [_address(person.key) for person in people],
            "minutes": request.minutes,
            "between": utc(request.window[0])[:-1],
            "and": utc(request.window[1])[:-1],
            "zone": zone.key,
            "grid": request.grid,
            "buffer_before": request.buffer_before,
            "buffer_after": request.buffer_after,
            "notice": 0,
            "tentative": "blocked" if request.tentative_blocks else "soft",
            "elsewhere": "blocked" if request.elsewhere_blocks else "free",
        }
    )


def _address(key: str) -> str:
    return f"{key.lower()}@contoso.example"
